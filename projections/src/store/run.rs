//! A run: rows in the order of their keys, in pages, which are never changed. What is in memory of it says which page a
//! key would be in, and mostly whether it is in any.
//!
//! ```text
//! run      = sections, each of some 40,000 rows
//! section  = pages, the index of their first keys, the filter of its keys
//! ```
//!
//! Invariants:
//! - keys rise strictly through all pages
//! - a filter is read when the first key is looked for in its section: whoever only scans needs none
//!
//! This module does not know which tables there are, nor which of two runs is newer.

use std::sync::OnceLock;

use super::blob::{Name, Shelf};
use super::cache::{Cache, Rows};
use super::entry::Said;
use super::filter::Filter;
use super::manifest::RunFacts;
use super::page::{self, RowReader};
use super::{Store, StoreError};
use index::Section;

mod cursor;
mod index;
mod writer;

pub(super) use cursor::Cursor;
pub(super) use writer::RunWriter;

/// Where pages are read: the store, and the pages that were read lately.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    pub(super) store: &'s dyn Store,
    pub(super) cache: &'s Cache,
}

/// A run, with the first keys of its pages.
#[derive(Debug)]
pub(super) struct Run {
    facts: RunFacts,
    sections: Vec<Section>,
}

impl Run {
    /// Opens a run that a list names.
    pub(super) fn open(store: &dyn Store, facts: RunFacts) -> Result<Self, StoreError> {
        let mut sections = Vec::new();
        let mut pages = 0;
        for number in 0..facts.sections {
            let blob = facts.name(Shelf::Index, number).read(store)?;
            let section = Section::decode(blob.content(), pages);
            let section = section.ok_or_else(|| StoreError::broken("an index does not decode"))?;
            pages = section.end_page();
            sections.push(section);
        }
        if pages == facts.pages {
            Ok(Self { facts, sections })
        } else {
            Err(StoreError::broken(format!("run {} lacks pages", facts.run)))
        }
    }

    pub(super) const fn facts(&self) -> &RunFacts {
        &self.facts
    }

    /// The page that holds this key if any does: the last one that begins with it or with a smaller key.
    fn page_of(&self, key: &[u8]) -> Option<(usize, u32)> {
        let section = self.sections.partition_point(|section| section.first_key() <= key).checked_sub(1)?;
        Some((section, self.sections.get(section)?.page_of(key)?))
    }

    /// Shows what this run says of a key, if it says anything.
    pub(super) fn find<T>(
        &self,
        source: Source<'_>,
        key: &[u8],
        hash: u64,
        show: impl FnOnce(Said<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let Some((section, page)) = self.page_of(key) else { return Ok(None) };
        if !self.passes(source.store, section, hash)? {
            return Ok(None);
        }
        let rows = self.rows_of(source, page)?;
        let mut reader = RowReader::default();
        while reader.advance(&rows)? {
            if reader.key() >= key {
                return if reader.key() == key { show(reader.said(&rows)).map(Some) } else { Ok(None) };
            }
        }
        Ok(None)
    }

    fn passes(&self, store: &dyn Store, number: usize, hash: u64) -> Result<bool, StoreError> {
        let Some(section) = self.sections.get(number) else { return Ok(false) };
        let filter: &OnceLock<Option<Filter>> = section.filter();
        if filter.get().is_none() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let blob = self.facts.name(Shelf::Filter, number).read(store)?;
            let read = if blob.content().is_empty() {
                None
            } else {
                let filter = Filter::decode(blob.content());
                Some(filter.ok_or_else(|| StoreError::broken("a filter does not decode"))?)
            };
            // Whoever comes second has read the same.
            let _ = filter.set(read);
        }
        Ok(filter.get().is_none_or(|filter| filter.as_ref().is_none_or(|filter| filter.passes(hash))))
    }

    fn rows_of(&self, source: Source<'_>, page: u32) -> Result<Rows, StoreError> {
        let name = (self.facts.run, page);
        if let Some(rows) = source.cache.find(name) {
            return Ok(rows);
        }
        let mut rows = Vec::new();
        self.read_page(source.store, page, &mut rows)?;
        let rows = Rows::new(rows);
        source.cache.keep(name, &rows);
        Ok(rows)
    }

    fn read_page(&self, store: &dyn Store, page: u32, rows: &mut Vec<u8>) -> Result<(), StoreError> {
        let blob = self.facts.name(Shelf::Page, page).read(store)?;
        page::decode_into(blob.content(), rows)
    }
}

impl RunFacts {
    const fn name(&self, shelf: Shelf, number: u32) -> Name {
        Name { table: self.made_for, run: self.run, shelf, number }
    }
}
