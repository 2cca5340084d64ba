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

use super::cache::Cache;
use super::entry::{Found, Said, cells_of};
use super::filter;
use super::run::{Cursor, Run, RunWriter, Source};
use super::{MemoryStore, Store, StoreError};
use crate::cells::Cells;
use crate::key;
use behind::Behind;
use join::Join;
use kept::Kept;
use memory::Memory;

mod behind;
mod commit;
mod join;
mod kept;
mod load;
mod memory;
mod merging;
mod opening;
mod size;
mod sweep;

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
#[derive(Debug, Default)]
struct Frozen {
    memory: BTreeMap<Table, Memory>,
    state: Vec<u8>,
}

/// Ordered tables over a store.
pub struct Tables {
    store: Arc<dyn Store>,
    cache: Arc<Cache>,
    merge: fn(Table) -> Merge,
    /// What no commit has been given.
    memory: BTreeMap<Table, Memory>,
    memory_bytes: usize,
    /// Bytes of the longest change in memory.
    longest: usize,
    /// What a commit was given that is not done yet.
    frozen: Option<Arc<Frozen>>,
    /// What the last commit or merge that is done has left.
    runs: Runs,
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
        Self {
            store: kept.store(),
            cache: kept.cache(),
            merge,
            memory: BTreeMap::new(),
            memory_bytes: 0,
            longest: 0,
            frozen: None,
            runs: kept.runs().clone(),
            state: kept.state().to_vec(),
            behind: Behind::new(kept),
            emptied: BTreeMap::new(),
        }
    }

    /// What the last commit was given beside the rows, if it is done or not; empty if there was none.
    pub fn state(&self) -> &[u8] {
        self.frozen.as_deref().map_or(&self.state, |frozen| &frozen.state)
    }

    fn source(&self) -> Source<'_> {
        Source { store: &*self.store, cache: &self.cache }
    }

    /// What is in memory of a table, newest first: what no commit was given, and what one was given.
    fn memories(&self, table: Table) -> impl Iterator<Item = &Memory> {
        let frozen = self.frozen.as_deref().and_then(|frozen| frozen.memory.get(&table));
        self.memory.get(&table).into_iter().chain(frozen)
    }

    fn runs_of(&self, table: Table) -> &[Arc<Run>] {
        self.runs.get(&table).map_or(&[], Vec::as_slice)
    }

    /// The row under a key.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut found = Found::default();
        for said in self.memories(table).flat_map(|memory| memory.find(key)) {
            match said {
                Said::Gone => return found.end(None),
                Said::Set(value) => return found.end(Some(value)),
                Said::Add(cells) => found.add(cells_of(cells)?),
            }
        }
        let hash = filter::hash(key);
        for run in self.runs_of(table).iter().rev() {
            let ended = run.find(self.source(), key, hash, |said| match said {
                Said::Gone => std::mem::take(&mut found).end(None).map(Some),
                Said::Set(value) => std::mem::take(&mut found).end(Some(value)).map(Some),
                Said::Add(cells) => {
                    found.add(cells_of(cells)?);
                    Ok(None)
                }
            })?;
            if let Some(Some(row)) = ended {
                return Ok(row);
            }
        }
        found.end(None)
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
        let cursors = self.runs_of(table).iter().map(|run| Cursor::new(Arc::clone(run), true)).collect();
        let looks = self.memories(table).flat_map(Memory::looks);
        let mut join = Join::new(looks, cursors, self.source(), from)?;
        while join.advance(self.source())? {
            if below.is_some_and(|below| join.key() >= below) {
                break;
            }
            let (Said::Set(row) | Said::Add(row)) = join.said() else { continue };
            // Cells of nothing are no row; in other tables a row may be empty.
            if matches!(join.said(), Said::Add([])) {
                continue;
            }
            if each(join.key(), row).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Shows the rows whose keys begin with `prefix`, in the order of their keys, until told to stop.
    pub fn prefix(&self, table: Table, prefix: &[u8], each: &mut EachRow<'_>) -> Result<(), StoreError> {
        self.scan(table, prefix, key::behind(prefix).as_deref(), each)
    }
}

#[cfg(test)]
mod tests {
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
        tables.put(Table(4), &[b'k'; 65_536], b"value");
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
