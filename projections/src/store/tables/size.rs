//! How large tables are, and tables as a whole: which there are, dropping one, putting one in another's place.
//!
//! Invariant: what is dropped or replaced is so for readers at once, and in the store with the next commit.
//!
//! This module does not delete anything: what is dropped is loose.

use std::collections::BTreeSet;

use super::super::StoreError;
use super::{Memory, Table, Tables};

/// How large a table is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableSize {
    /// Rows in its runs; a key that several of them have counts as often.
    pub rows: u64,
    /// Bytes of its runs in the store.
    pub bytes: u64,
    /// Its runs.
    pub runs: usize,
    /// Changes in memory.
    pub changes: usize,
}

impl Tables {
    /// The tables that have runs or changes, with their sizes.
    pub fn tables(&self) -> impl Iterator<Item = (Table, TableSize)> {
        let frozen = self.layers.frozen.iter().flat_map(|frozen| frozen.memory.keys());
        let all: BTreeSet<_> =
            self.layers.runs.keys().chain(self.layers.memory.keys()).chain(frozen).copied().collect();
        let sizes = all.into_iter().map(|table| (table, self.size(table)));
        sizes.filter(|(_, size)| size.runs > 0 || size.changes > 0)
    }

    /// How large a table is.
    pub fn size(&self, table: Table) -> TableSize {
        let facts = || self.layers.runs_of(table).iter().map(|run| run.facts());
        TableSize {
            rows: facts().map(|facts| facts.rows).fold(0, u64::saturating_add),
            bytes: facts().map(|facts| facts.bytes).fold(0, u64::saturating_add),
            runs: self.layers.runs_of(table).len(),
            changes: self.layers.memories(table).map(Memory::len).fold(0, usize::saturating_add),
        }
    }

    /// Bytes that the whole store takes, with what is of no use any more.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        self.layers.store.bytes()
    }

    /// Takes a table away, with all that is in memory of it.
    pub fn drop_table(&mut self, table: Table) -> Result<(), StoreError> {
        let kept = self.kept()?;
        kept.drop_table(table);
        self.layers.memory.remove(&table);
        self.layers.runs.remove(&table);
        self.count_memory();
        Ok(())
    }

    /// Puts a table in the place of another one, whose rows are gone; afterwards the first one has no rows.
    pub fn replace(&mut self, live: Table, by: Table) -> Result<(), StoreError> {
        if live == by {
            return Ok(());
        }
        self.drop_table(live)?;
        self.kept()?.replace(live, by);
        let (memory, runs) = (self.layers.memory.remove(&by), self.layers.runs.remove(&by));
        self.layers.memory.extend(memory.map(|memory| (live, memory)));
        self.layers.runs.extend(runs.map(|runs| (live, runs)));
        Ok(())
    }
}
