//! Ordered tables over a store of blocks. What changes is gathered in memory; a commit writes it as runs and names them
//! in one last batch, together with the state that it was given.
//!
//! ```text
//! a table = memory, over runs, newest first           commit: memory --> a new run
//!                                                     merge:  neighbours in age --> one run in their place
//! ```
//!
//! Invariants:
//! - a store is opened at its last commit, whenever the process before was killed: what is not in the list that a
//!   commit writes last is not there, and is deleted
//! - a reader sees memory over runs: what was put is read at once
//! - merging changes where rows lie, and no row
//! - after an error of [`Tables::commit`] memory is as it was: the same commit may be tried again
//!
//! This module does not decide when to commit, and does not know what a row means.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::cache::Cache;
use super::entry::{Found, Said, cells_of};
use super::filter;
use super::run::{Cursor, Run, RunWriter, Source};
use super::{MemoryStore, Store, StoreError};
use crate::cells::Cells;
use join::Join;
use memory::Memory;
use merging::Merging;

mod commit;
mod join;
mod load;
mod memory;
mod merging;
mod opening;
mod size;
mod sweep;

pub use commit::Bulk;
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

/// The rows of one table: what is in memory, and runs, oldest first.
#[derive(Debug, Default)]
struct Content {
    memory: Memory,
    runs: Vec<Arc<Run>>,
    /// Runs that become part of the table with the next commit.
    loaded: Vec<Arc<Run>>,
}

/// Ordered tables over a store.
pub struct Tables {
    store: Box<dyn Store>,
    cache: Cache,
    merge: fn(Table) -> Merge,
    content: BTreeMap<Table, Content>,
    state: Vec<u8>,
    memory_bytes: usize,
    next_run: u64,
    /// Runs of which something may lie in the store, and that belong to no table.
    loose: BTreeSet<u64>,
    /// Blocks of the list in the store.
    manifest_parts: u16,
    /// Tables were dropped or replaced, or a list may not have been written: before the next commit has written one,
    /// nothing is merged and nothing is swept.
    rearranged: bool,
    merging: Option<Merging>,
}

impl Tables {
    /// Tables in memory, which nothing survives.
    pub fn in_memory(merge: fn(Table) -> Merge) -> Self {
        Self::over(Box::new(MemoryStore::new()), merge)
    }

    fn over(store: Box<dyn Store>, merge: fn(Table) -> Merge) -> Self {
        Self {
            store,
            cache: Cache::new(CACHE_BYTES),
            merge,
            content: BTreeMap::new(),
            state: Vec::new(),
            memory_bytes: 0,
            next_run: 1,
            loose: BTreeSet::new(),
            manifest_parts: 0,
            rearranged: false,
            merging: None,
        }
    }

    /// What the last commit was given beside the rows; empty if there was none.
    pub fn state(&self) -> &[u8] {
        &self.state
    }

    fn source(&self) -> Source<'_> {
        Source { store: &*self.store, cache: &self.cache }
    }

    /// The row under a key.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(content) = self.content.get(&table) else { return Ok(None) };
        let mut found = Found::default();
        for said in content.memory.find(key) {
            match said {
                Said::Gone => return found.end(None),
                Said::Set(value) => return found.end(Some(value)),
                Said::Add(cells) => found.add(cells_of(cells)?),
            }
        }
        let hash = filter::hash(key);
        for run in content.runs.iter().rev() {
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
        let Some(content) = self.content.get(&table) else { return Ok(()) };
        let cursors = content.runs.iter().map(|run| Cursor::new(Arc::clone(run), true)).collect();
        let mut join = Join::new(Some(&content.memory), cursors, self.source(), from)?;
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
        self.scan(table, prefix, behind(prefix).as_deref(), each)
    }

    /// A number that no run has had.
    fn new_run(&mut self) -> u64 {
        let run = self.next_run;
        self.next_run = run.saturating_add(1);
        self.loose.insert(run);
        run
    }
}

/// The first key behind all that begin with a prefix; `None` if there is none.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut key = prefix.get(..=kept)?.to_vec();
    let last = key.last_mut()?;
    *last = last.saturating_add(1);
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_behind_a_prefix() {
        let behind = |prefix: &[u8]| behind(prefix);
        assert_eq!(behind(b""), None);
        assert_eq!(behind(&[255, 255]), None);
        assert_eq!(behind(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(behind(&[7, 255]), Some(vec![8]));
    }

    #[test]
    fn tables_are_shared_by_readers_and_handed_to_another_thread() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&Tables::in_memory(|_| Merge::Latest));
    }

    #[test]
    fn rows_that_do_not_rise_are_refused_and_leave_nothing() {
        let mut tables = Tables::in_memory(|_| Merge::Latest);
        let row = |key: &[u8]| (key.to_vec(), b"value".to_vec());
        for rows in [vec![row(b"b"), row(b"a")], vec![row(b"a"), row(b"a")]] {
            let error = tables.commit(vec![(Table(4), rows)], b"state").expect_err("they do not rise");
            assert!(matches!(error, StoreError::Unordered { table: 4 }), "{error}");
        }
        assert_eq!((tables.tables().count(), tables.state()), (0, &b""[..]));
        tables.put(Table(4), b"c", b"value");
        tables.commit(vec![(Table(4), vec![row(b"a"), row(b"b")])], b"state").expect("they rise");
        assert_eq!((tables.size(Table(4)).rows, tables.state()), (3, &b"state"[..]));
    }

    #[test]
    fn a_load_that_is_not_finished_was_never_there() {
        let mut tables = Tables::in_memory(|_| Merge::Latest);
        let mut load = tables.load(Table(1));
        // What does not compress, and so fills more than one batch.
        for number in 0u32..60_000 {
            let words = (1..6).map(|word| filter::hash(&[number, word].map(u32::to_be_bytes).concat()).to_be_bytes());
            load.push(&number.to_be_bytes(), &words.collect::<Vec<_>>().concat()).expect("it rises");
        }
        drop(load);
        let before = tables.bytes().expect("memory");
        tables.commit(Vec::new(), b"").expect("nothing to commit");
        assert!(before > 1_000_000 && tables.merge_due());
        while tables.merge_step().expect("a step") {}
        assert!(tables.bytes().expect("memory") < 100, "what was written ahead is deleted");
        assert_eq!(tables.get(Table(1), &[0; 4]).expect("a read"), None);
    }
}
