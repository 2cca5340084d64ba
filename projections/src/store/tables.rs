//! Ordered tables over a store of blocks. What changes is gathered in memory; a commit writes it as runs and names them
//! in one last batch, together with the state that it was given.
//!
//! ```text
//! a table = memory, over what a commit was given, over runs, newest first
//! commit  = what is in memory --> frozen, and read on --> a new run, by this thread or behind, by one that writes
//! merge   = runs that are neighbours in age --> one run in their place
//! ```
//!
//! Invariants:
//! - a store is opened at its last commit, whenever the process before was killed: what is not in the list that a
//!   commit writes last is not there, and is deleted
//! - a reader sees memory over runs: what was put is read at once
//! - merging changes where rows lie, and no row
//! - after an error of [`Tables::commit`] memory is as it was, and after one of a commit behind what it was given is
//!   readable still: the same commit may be tried again
//!
//! This module does not decide when to commit, and does not know what a row means.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::entry::cells_of;
use super::run::{Run, RunWriter};
use super::{MemoryStore, StoreError};
use crate::cells::Cells;
use crate::key;
use behind::Behind;
use join::Join;
use kept::Kept;
use layers::Layers;
use memory::Memory;

mod behind;
mod commit;
mod join;
mod kept;
mod layers;
mod load;
mod memory;
mod merging;
mod opening;
mod size;
mod sweep;

pub use layers::Snapshot;
pub use load::Load;
pub use size::TableSize;

/// Decoded pages that are kept in memory.
const CACHE_BYTES: usize = 32 << 20;

/// The number of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Table(pub u16);

/// What is shown each row, its key and its value, and says whether to go on.
pub type EachRow<'f> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'f;

/// How two values of one key meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The later one counts.
    Latest,
    /// Both are [`Cells`], which are added.
    Cells,
}

/// The runs of tables, oldest first.
type Runs = BTreeMap<Table, Vec<Arc<Run>>>;

/// Changes that a commit was given, and the state beside them.
#[derive(Clone, Debug, Default)]
struct Frozen {
    memory: BTreeMap<Table, Memory>,
    state: Vec<u8>,
}

/// Ordered tables over a store.
pub struct Tables {
    merge: fn(Table) -> Merge,
    layers: Layers,
    /// Bytes in memory that no commit has been given.
    memory_bytes: usize,
    /// Bytes of the longest change in memory.
    longest: usize,
    state: Vec<u8>,
    behind: Behind,
    /// Memory that a commit has emptied, to be filled again: its room stays.
    emptied: BTreeMap<Table, Memory>,
}

impl Tables {
    /// Tables in memory, which nothing survives.
    pub fn in_memory(merge: fn(Table) -> Merge) -> Self {
        Self::over(Kept::of(Arc::new(MemoryStore::new())), merge)
    }

    fn over(kept: Kept, merge: fn(Table) -> Merge) -> Self {
        let layers = Layers {
            store: kept.store(),
            cache: kept.cache(),
            memory: BTreeMap::new(),
            frozen: None,
            runs: kept.runs().clone(),
        };
        Self {
            merge,
            layers,
            memory_bytes: 0,
            longest: 0,
            state: kept.state().to_vec(),
            behind: Behind::new(kept),
            emptied: BTreeMap::new(),
        }
    }

    /// What the last commit was given beside the rows, if it is done or not; empty if there was none.
    pub fn state(&self) -> &[u8] {
        self.layers.frozen.as_deref().map_or(&self.state, |frozen| &frozen.state)
    }

    /// The row under a key.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.layers.get(table, key)
    }

    /// The row of a table of sums under a key; no row is no cells.
    pub fn cells(&self, table: Table, key: &[u8]) -> Result<Cells, StoreError> {
        self.get(table, key)?.map_or_else(|| Ok(Cells::new()), |row| cells_of(&row))
    }

    /// Shows the rows from `from` on, and below `below` if that is given, in the order of their keys, until told to stop.
    pub fn scan(
        &self,
        table: Table,
        from: &[u8],
        below: Option<&[u8]>,
        each: &mut EachRow<'_>,
    ) -> Result<(), StoreError> {
        self.layers.scan(table, from, below, each)
    }

    /// Shows the rows whose keys begin with `prefix`, in the order of their keys, until told to stop.
    pub fn prefix(&self, table: Table, prefix: &[u8], each: &mut EachRow<'_>) -> Result<(), StoreError> {
        self.scan(table, prefix, key::behind(prefix).as_deref(), each)
    }
}

#[cfg(test)]
mod tests {
    use super::super::filter;
    use super::*;

    #[test]
    fn tables_are_shared_by_readers_and_handed_to_another_thread() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&Tables::in_memory(|_| Merge::Latest));
    }

    #[test]
    fn rows_that_do_not_rise_are_refused_and_leave_nothing() {
        let mut tables = Tables::in_memory(|_| Merge::Latest);
        for keys in [[b"b", b"a"], [b"a", b"a"]] {
            let mut load = tables.load(Table(4)).expect("nothing is being written");
            let pushed = keys.map(|key| load.push(key, b"value"));
            assert!(matches!(pushed, [Ok(()), Err(StoreError::Unordered { table: 4 })]), "{pushed:?}");
        }
        tables.commit(b"").expect("nothing to commit");
        assert_eq!((tables.tables().count(), tables.state()), (0, &b""[..]));
    }

    /// The longest key's length must fit into two bytes, and nothing is cut.
    #[test]
    fn what_is_too_long_is_refused_whole_and_the_rest_stays() {
        let mut tables = Tables::in_memory(|_| Merge::Latest);
        tables.put(Table(4), b"a", b"value");
        tables.put(Table(4), &vec![b'k'; 65_536], b"value");
        let refused = tables.commit(b"state").expect_err("a key that nothing takes");
        assert!(matches!(refused, StoreError::TooLong { .. }), "{refused}");
        assert_eq!(tables.get(Table(4), b"a").expect("a read"), Some(b"value".to_vec()));
    }

    #[test]
    fn a_load_that_is_not_finished_was_never_there() {
        let mut tables = Tables::in_memory(|_| Merge::Latest);
        let mut load = tables.load(Table(1)).expect("nothing is being written");
        // What does not compress, and so fills more than one batch.
        for number in 0u32..60_000 {
            let words = (1..6).map(|word| filter::hash(&[number, word].map(u32::to_be_bytes).concat()).to_be_bytes());
            load.push(&number.to_be_bytes(), &words.collect::<Vec<_>>().concat()).expect("it rises");
        }
        drop(load);
        let before = tables.bytes().expect("memory");
        tables.commit(b"").expect("nothing to commit");
        assert!(before > 1_000_000 && tables.merge_due());
        while tables.merge_step().expect("a step") {}
        assert!(tables.bytes().expect("memory") < 100, "what was written ahead is deleted");
        assert_eq!(tables.get(Table(1), &[0; 4]).expect("a read"), None);
    }
}
