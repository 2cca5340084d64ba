//! How large tables are, and tables as a whole: which there are, dropping one, putting one in another's place.
//!
//! Invariant: what is dropped or replaced is so for readers at once, and in the store with the next commit.
//!
//! This module does not delete anything: what is dropped is loose.

use super::super::StoreError;
use super::{Content, Table, Tables};

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

impl Content {
    fn size(&self) -> TableSize {
        let facts = || self.runs.iter().map(|run| run.facts());
        TableSize {
            rows: facts().map(|facts| facts.rows).fold(0, u64::saturating_add),
            bytes: facts().map(|facts| facts.bytes).fold(0, u64::saturating_add),
            runs: self.runs.len(),
            changes: self.memory.len(),
        }
    }

    pub(super) fn has_loaded(&self, run: u64) -> bool {
        self.loaded.iter().any(|loaded| loaded.facts().run == run)
    }

    /// The numbers of all its runs.
    fn run_numbers(&self) -> impl Iterator<Item = u64> {
        self.runs.iter().chain(&self.loaded).map(|run| run.facts().run)
    }
}

impl Tables {
    /// The tables that have runs or changes, with their sizes.
    pub fn tables(&self) -> impl Iterator<Item = (Table, TableSize)> {
        let sizes = self.content.iter().map(|(table, content)| (*table, content.size()));
        sizes.filter(|(_, size)| size.runs > 0 || size.changes > 0)
    }

    /// How large a table is.
    pub fn size(&self, table: Table) -> TableSize {
        self.content.get(&table).map(Content::size).unwrap_or_default()
    }

    /// Bytes that the whole store takes, with what is of no use any more.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        self.store.bytes()
    }

    /// Takes a table away, with all that is in memory of it.
    pub fn drop_table(&mut self, table: Table) {
        self.stop_merging(table);
        if let Some(content) = self.content.remove(&table) {
            self.loose.extend(content.run_numbers());
            self.rearranged = true;
        }
        self.count_memory();
    }

    /// Puts a table in the place of another one, whose rows are gone; afterwards the first one has no rows.
    pub fn replace(&mut self, live: Table, by: Table) {
        if live == by {
            return;
        }
        self.drop_table(live);
        self.stop_merging(by);
        if let Some(content) = self.content.remove(&by) {
            self.content.insert(live, content);
            self.rearranged = true;
        }
    }
}
