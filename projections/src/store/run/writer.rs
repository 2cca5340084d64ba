//! Writes a run: rows come in the order of their keys, pages go into the store ahead of the list that will name them.
//!
//! Invariants:
//! - at most one page, one section's hashes and one batch are in memory, whatever the run's length
//! - nothing that is written replaces anything: the run's number is new
//!
//! This module does not make a run part of a table.

use super::super::blob::Shelf;
use super::super::entry::Said;
use super::super::filter::{self, Filter};
use super::super::manifest::RunFacts;
use super::super::page::{PageBuilder, ROW_BYTES_MAX};
use super::super::{Batch, Store, StoreError};
use super::Run;
use super::index::{Keys, Section};

/// A batch is written when it is so long.
const BATCH_BYTES: usize = 1 << 20;
/// A section ends with the page that brings it to so many rows: its filter then fits into one block.
const SECTION_ROWS: usize = 40_000;

/// A run that is being written.
#[derive(Debug)]
pub(in crate::store) struct RunWriter {
    facts: RunFacts,
    page: PageBuilder,
    stored: Vec<u8>,
    batch: Batch,
    last_key: Vec<u8>,
    section_page: u32,
    first_keys: Keys,
    hashes: Vec<u64>,
    sections: Vec<Section>,
}

impl RunWriter {
    pub(in crate::store) fn new(table: u16, run: u64) -> Self {
        Self {
            facts: RunFacts { run, made_for: table, ..RunFacts::default() },
            page: PageBuilder::default(),
            stored: Vec::new(),
            batch: Batch::new(),
            last_key: Vec::new(),
            section_page: 0,
            first_keys: Keys::default(),
            hashes: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// Appends a row, whose key must lie behind the last one.
    pub(in crate::store) fn push(&mut self, store: &dyn Store, key: &[u8], said: Said<'_>) -> Result<(), StoreError> {
        let value = match said {
            Said::Gone => &[][..],
            Said::Set(value) | Said::Add(value) => value,
        };
        let bytes = key.len().saturating_add(value.len());
        if bytes > ROW_BYTES_MAX {
            return Err(StoreError::TooLong { bytes, bytes_max: ROW_BYTES_MAX });
        }
        if self.facts.rows > 0 && self.last_key.as_slice() >= key {
            return Err(StoreError::Unordered { table: self.facts.made_for });
        }
        if !self.page.takes(bytes) {
            self.end_page(store)?;
        }
        if self.page.is_empty() {
            self.first_keys.push(key);
        }
        self.page.push(key, said);
        self.hashes.push(filter::hash(key));
        self.facts.rows = self.facts.rows.saturating_add(1);
        self.last_key.clear();
        self.last_key.extend_from_slice(key);
        Ok(())
    }

    /// Writes what is left; `None` if there was no row.
    pub(in crate::store) fn finish(mut self, store: &dyn Store) -> Result<Option<Run>, StoreError> {
        if !self.page.is_empty() {
            self.end_page(store)?;
        }
        if self.first_keys.len() > 0 {
            self.end_section(store)?;
        }
        if !self.batch.is_empty() {
            store.write(self.batch)?;
        }
        let Self { facts, sections, .. } = self;
        Ok((facts.rows > 0).then_some(Run { facts, sections }))
    }

    fn end_page(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        self.page.take(&mut self.stored);
        let full = || StoreError::TooLong { bytes: usize::MAX, bytes_max: ROW_BYTES_MAX };
        self.facts.name(Shelf::Page, self.facts.pages).put(&mut self.batch, &self.stored)?;
        self.facts.bytes = self.facts.bytes.saturating_add(self.stored.len() as u64);
        self.facts.pages = self.facts.pages.checked_add(1).ok_or_else(full)?;
        if self.hashes.len() >= SECTION_ROWS {
            self.end_section(store)?;
        }
        self.write_if_long(store)
    }

    fn end_section(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let filter = Filter::of(&mut self.hashes);
        self.hashes.clear();
        let filter_bytes = filter.as_ref().map(Filter::encode).unwrap_or_default();
        let section = Section::new(self.section_page, std::mem::take(&mut self.first_keys));
        let index_bytes = section.encode();
        let number = self.facts.sections;
        self.facts.name(Shelf::Index, number).put(&mut self.batch, &index_bytes)?;
        self.facts.name(Shelf::Filter, number).put(&mut self.batch, &filter_bytes)?;
        let bytes = index_bytes.len().saturating_add(filter_bytes.len()) as u64;
        self.facts.bytes = self.facts.bytes.saturating_add(bytes);
        self.facts.sections = number.saturating_add(1);
        self.section_page = self.facts.pages;
        self.sections.push(section);
        self.write_if_long(store)
    }

    fn write_if_long(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        if self.batch.bytes() < BATCH_BYTES { Ok(()) } else { store.write(std::mem::take(&mut self.batch)) }
    }
}
