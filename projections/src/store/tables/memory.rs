//! What changes in memory: puts, deletes and additions, and how many bytes they take.
//!
//! This module does not read runs: what it is told is put over them unread.

use std::collections::btree_map;

use super::super::entry::Entry;
use super::{Content, Merge, Table, Tables};
use crate::cells::Cells;

/// What the map takes for an entry besides its bytes, roughly.
const ENTRY_BYTES: usize = 80;

impl Tables {
    /// Puts a row under a key, in place of what is there. In a table of sums the row is [`Cells`] as bytes.
    pub fn put(&mut self, table: Table, key: &[u8], value: &[u8]) {
        // Empty cells are no row.
        let is_row = (self.merge)(table) == Merge::Latest || !value.is_empty();
        self.say(table, key, if is_row { Entry::Set(value.to_vec()) } else { Entry::Gone });
    }

    /// Takes the row under a key away, if there is one.
    pub fn delete(&mut self, table: Table, key: &[u8]) {
        self.say(table, key, Entry::Gone);
    }

    /// Adds cells to the row under a key, which begins as no cells.
    pub fn add(&mut self, table: Table, key: &[u8], cells: &Cells) {
        debug_assert_eq!((self.merge)(table), Merge::Cells, "only sums are added to");
        let content = self.content.entry(table).or_default();
        if let Some(entry) = content.memory.get_mut(key) {
            let before = entry.bytes();
            entry.add(cells);
            self.memory_bytes = self.memory_bytes.saturating_sub(before).saturating_add(entry.bytes());
        } else if !cells.is_empty() {
            self.say(table, key, Entry::Add(cells.clone()));
        }
    }

    fn say(&mut self, table: Table, key: &[u8], entry: Entry) {
        let content = self.content.entry(table).or_default();
        let bytes = entry.bytes();
        match content.memory.entry(key.to_vec()) {
            btree_map::Entry::Occupied(mut held) => {
                let before = held.insert(entry).bytes();
                self.memory_bytes = self.memory_bytes.saturating_sub(before).saturating_add(bytes);
            }
            btree_map::Entry::Vacant(free) => {
                free.insert(entry);
                let more = bytes.saturating_add(key.len()).saturating_add(ENTRY_BYTES);
                self.memory_bytes = self.memory_bytes.saturating_add(more);
            }
        }
    }

    /// Bytes that uncommitted changes take in memory, roughly.
    pub const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Counts again what is in memory, after more than one row has changed.
    pub(super) fn count_memory(&mut self) {
        let bytes = |content: &Content| {
            let entries = content
                .memory
                .iter()
                .map(|(key, entry)| key.len().saturating_add(entry.bytes()).saturating_add(ENTRY_BYTES));
            entries.fold(0, usize::saturating_add)
        };
        self.memory_bytes = self.content.values().map(bytes).fold(0, usize::saturating_add);
    }
}

impl Entry {
    /// Adds cells to what is said; what is set stays set.
    fn add(&mut self, cells: &Cells) {
        match self {
            Self::Add(held) => held.merge(cells),
            Self::Gone => *self = Self::Set(cells.encode()),
            Self::Set(row) => {
                // What was put in a table of sums is cells; other bytes count as none, as nothing was put.
                let mut held = Cells::decode(row).unwrap_or_default();
                held.merge(cells);
                *row = held.encode();
            }
        }
        if matches!(self, Self::Set(row) if row.is_empty()) {
            *self = Self::Gone;
        }
    }
}
