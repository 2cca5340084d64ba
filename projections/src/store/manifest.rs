//! The list of what there is: which runs make which table, what else may lie in the store, and the state that the last
//! commit was given. It is what a commit writes last.
//!
//! ```text
//! version u8, then varints: next run, count of loose runs and each, count of tables and for each its number, count of
//! runs, oldest first, and for each run its number, table made for, sections, pages, rows, bytes; then the state
//! ```
//!
//! Invariants:
//! - what is not listed is not read; a loose run is listed to be deleted
//! - a version that is not known is refused: the store is made anew
//!
//! This module does not know pages.

use std::collections::{BTreeMap, BTreeSet};

use super::blob::{Name, Shelf};
use super::{Batch, Store, StoreError};
use crate::varint;

const VERSION: u8 = 1;
const NAME: Name = Name { table: 0, run: 0, shelf: Shelf::Manifest, number: 0 };

/// What is told of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RunFacts {
    pub(super) run: u64,
    /// The table that it was made for: its blobs are bound to it, whichever table has it now.
    pub(super) made_for: u16,
    pub(super) sections: u32,
    pub(super) pages: u32,
    pub(super) rows: u64,
    /// Bytes of its pages in the store.
    pub(super) bytes: u64,
}

/// The list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Manifest {
    /// The number of the next run that is made.
    pub(super) next_run: u64,
    /// Runs of which something may lie in the store, and that belong to no table.
    pub(super) loose: BTreeSet<u64>,
    pub(super) tables: BTreeMap<u16, Vec<RunFacts>>,
    pub(super) state: Vec<u8>,
}

impl Default for Manifest {
    fn default() -> Self {
        // Run 0 is the manifest's own.
        Self { next_run: 1, loose: BTreeSet::new(), tables: BTreeMap::new(), state: Vec::new() }
    }
}

impl Manifest {
    /// Reads the list and how many blocks it takes; `None` if nothing was ever committed.
    pub(super) fn read(store: &dyn Store) -> Result<Option<(Self, u16)>, StoreError> {
        let Some(blob) = NAME.read_if_any(store)? else { return Ok(None) };
        let mut bytes = blob.content();
        match varint::take_bytes(&mut bytes, 1) {
            Some([VERSION]) => {}
            Some([other]) => return Err(StoreError::broken(format!("its list has version {other}"))),
            _ => return Err(StoreError::broken("its list is empty")),
        }
        let manifest = Self::take(bytes).ok_or_else(|| StoreError::broken("its list does not decode"))?;
        Ok(Some((manifest, blob.parts)))
    }

    /// Says in a batch that this is the list; `held` blocks are there. Answers how many there will be.
    pub(super) fn put(&self, batch: &mut Batch, held: u16) -> Result<u16, StoreError> {
        let mut bytes = vec![VERSION];
        varint::put(&mut bytes, u128::from(self.next_run));
        varint::put_len(&mut bytes, self.loose.len());
        self.loose.iter().for_each(|run| varint::put(&mut bytes, u128::from(*run)));
        varint::put_len(&mut bytes, self.tables.len());
        for (table, runs) in &self.tables {
            varint::put(&mut bytes, u128::from(*table));
            varint::put_len(&mut bytes, runs.len());
            runs.iter().for_each(|facts| facts.encode_into(&mut bytes));
        }
        bytes.extend_from_slice(&self.state);
        let parts = NAME.put(batch, &bytes)?;
        NAME.delete_parts(batch, parts, held);
        Ok(parts)
    }

    fn take(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let next_run = number(bytes)?;
        let loose = (0..varint::take_len(bytes)?).map(|_| number(bytes)).collect::<Option<_>>()?;
        let mut tables = BTreeMap::new();
        for _ in 0..varint::take_len(bytes)? {
            let table = number(bytes)?;
            let runs = (0..varint::take_len(bytes)?).map(|_| RunFacts::take(bytes)).collect::<Option<_>>()?;
            tables.insert(table, runs);
        }
        Some(Self { next_run, loose, tables, state: bytes.to_vec() })
    }
}

impl RunFacts {
    fn encode_into(&self, bytes: &mut Vec<u8>) {
        let Self { run, made_for, sections, pages, rows, bytes: stored } = *self;
        for number in [run, u64::from(made_for), u64::from(sections), u64::from(pages), rows, stored] {
            varint::put(bytes, u128::from(number));
        }
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            run: number(bytes)?,
            made_for: number(bytes)?,
            sections: number(bytes)?,
            pages: number(bytes)?,
            rows: number(bytes)?,
            bytes: number(bytes)?,
        })
    }
}

fn number<T: TryFrom<u128>>(bytes: &mut &[u8]) -> Option<T> {
    varint::take(bytes).and_then(|number| T::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    fn manifest(state: usize) -> Manifest {
        let facts = RunFacts { run: 7, made_for: 3, sections: 2, pages: 900, rows: 1 << 40, bytes: 12_345 };
        Manifest {
            next_run: 9,
            loose: [2, 8].into(),
            tables: [(3, vec![facts, RunFacts { run: 8, ..facts }]), (9, Vec::new())].into(),
            state: vec![5; state],
        }
    }

    #[test]
    fn a_list_comes_back_whatever_its_length() {
        let (store, mut held) = (MemoryStore::new(), 0);
        for state in [0, 10, 200_000, 100_000, 1] {
            let mut batch = Batch::new();
            held = manifest(state).put(&mut batch, held).expect("it fits");
            store.write(batch).expect("memory");
            assert_eq!(Manifest::read(&store).expect("a list"), Some((manifest(state), held)));
            let mut blocks = 0u16;
            let (from, below) = super::super::blob::keys_of(0);
            let count = &mut |_: &[u8]| {
                blocks += 1;
                std::ops::ControlFlow::Continue(())
            };
            store.keys(&from, &below, count).expect("memory");
            assert_eq!(blocks, held, "no block of a longer list is left");
        }
    }

    #[test]
    fn an_unknown_version_is_refused() {
        let store = MemoryStore::new();
        let mut batch = Batch::new();
        NAME.put(&mut batch, &[VERSION + 1, 1, 0, 0]).expect("it fits");
        store.write(batch).expect("memory");
        assert!(matches!(Manifest::read(&store), Err(StoreError::Broken(_))));
        assert_eq!(Manifest::read(&MemoryStore::new()).expect("nothing"), None);
    }
}
