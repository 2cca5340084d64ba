//! Where rows lie: in memory, in what a commit was given, in runs, each over the next one; and a snapshot of all that,
//! which stays as it is whatever is put, committed and merged afterwards.
//!
//! Invariants:
//! - of one key the newest layer decides, unless it adds
//! - a snapshot costs the places of what was put lately, not the rows; it keeps the store open, and its runs from being
//!   deleted, until it is dropped
//!
//! This module does not change rows.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::super::cache::Cache;
use super::super::entry::{Found, Said, cells_of};
use super::super::filter;
use super::super::run::{Cursor, Run, Source};
use super::super::{Store, StoreError};
use super::join::Join;
use super::memory::Memory;
use super::{EachRow, Frozen, Runs, Table, Tables};

/// Everything that rows are read from.
pub(super) struct Layers {
    pub(super) store: Arc<dyn Store>,
    pub(super) cache: Arc<Cache>,
    /// What no commit has been given.
    pub(super) memory: BTreeMap<Table, Memory>,
    /// What a commit was given that is not done yet.
    pub(super) frozen: Option<Arc<Frozen>>,
    /// What the last commit or merge that is done has left.
    pub(super) runs: Runs,
}

impl Layers {
    fn source(&self) -> Source<'_> {
        Source { store: &*self.store, cache: &self.cache }
    }

    /// What is in memory of a table, newest first: what no commit was given, and what one was given.
    pub(super) fn memories(&self, table: Table) -> impl Iterator<Item = &Memory> {
        let frozen = self.frozen.as_deref().and_then(|frozen| frozen.memory.get(&table));
        self.memory.get(&table).into_iter().chain(frozen)
    }

    pub(super) fn runs_of(&self, table: Table) -> &[Arc<Run>] {
        self.runs.get(&table).map_or(&[], Vec::as_slice)
    }

    pub(super) fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
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

    pub(super) fn scan(
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
            if each(join.key(), row) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}

/// The rows of tables as they were at one moment.
pub struct Snapshot(Layers);

impl Snapshot {
    /// The row under a key.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(table, key)
    }

    /// Shows the rows from `from` on, and below `below` if that is given, in the order of their keys, until told to stop.
    pub fn scan(
        &self,
        table: Table,
        from: &[u8],
        below: Option<&[u8]>,
        each: &mut EachRow<'_>,
    ) -> Result<(), StoreError> {
        self.0.scan(table, from, below, each)
    }
}

impl Tables {
    /// The rows as they are now, to be read by another thread while these tables go on.
    pub fn snapshot(&mut self) -> Snapshot {
        let layers = &mut self.layers;
        Snapshot(Layers {
            store: Arc::clone(&layers.store),
            cache: Arc::clone(&layers.cache),
            memory: layers.memory.iter_mut().map(|(table, memory)| (*table, memory.share())).collect(),
            frozen: layers.frozen.clone(),
            runs: layers.runs.clone(),
        })
    }
}
