//! Walks the rows of a run in the order of their keys, one page in memory.
//!
//! Invariant: a walk takes pages out of the cache where they are there, and puts its first few in: a list of one shop's
//! rows is asked for again, a walk through everything is not.
//!
//! This module does not join runs.

use std::sync::Arc;

use super::super::StoreError;
use super::super::cache::Rows;
use super::super::entry::Said;
use super::super::page::RowReader;
use super::{Run, Source};

/// Pages of a walk that are kept for the next one.
const PAGES_KEPT: u32 = 4;

/// A place in a run: a row, or the end.
#[derive(Debug)]
pub(in crate::store) struct Cursor {
    run: Arc<Run>,
    next_page: u32,
    pages_read: u32,
    /// Whether pages are kept for others at all.
    keeps: bool,
    shared: Option<Rows>,
    own: Vec<u8>,
    reader: RowReader,
    at_row: bool,
}

impl Cursor {
    /// A cursor before the first row with this key or a larger one; it stands nowhere until it is advanced.
    pub(in crate::store) fn new(run: Arc<Run>, keeps: bool) -> Self {
        Self {
            run,
            next_page: 0,
            pages_read: 0,
            keeps,
            shared: None,
            own: Vec::new(),
            reader: RowReader::default(),
            at_row: false,
        }
    }

    /// Goes to the first row with this key or a larger one.
    pub(in crate::store) fn seek(&mut self, source: Source<'_>, from: &[u8]) -> Result<(), StoreError> {
        self.next_page = self.run.page_of(from).map_or(0, |(_, page)| page);
        self.shared = None;
        self.own.clear();
        self.reader.rewind();
        self.advance(source)?;
        while self.at_row && self.key() < from {
            self.advance(source)?;
        }
        Ok(())
    }

    /// Goes to the next row.
    #[inline]
    pub(in crate::store) fn advance(&mut self, source: Source<'_>) -> Result<(), StoreError> {
        loop {
            let rows = self.shared.as_deref().unwrap_or(&self.own);
            self.at_row = self.reader.advance(rows)?;
            if self.at_row || self.next_page >= self.run.facts.pages {
                return Ok(());
            }
            self.turn_page(source)?;
        }
    }

    fn turn_page(&mut self, source: Source<'_>) -> Result<(), StoreError> {
        let page = self.next_page;
        self.shared = source.cache.find((self.run.facts.run, page));
        if self.shared.is_none() {
            if self.keeps && self.pages_read < PAGES_KEPT {
                self.shared = Some(self.run.rows_of(source, page)?);
            } else {
                self.run.read_page(source.store, page, &mut self.own)?;
            }
        }
        self.next_page = page.saturating_add(1);
        self.pages_read = self.pages_read.saturating_add(1);
        self.reader.rewind();
        Ok(())
    }

    /// Whether it stands at a row.
    pub(in crate::store) const fn at_row(&self) -> bool {
        self.at_row
    }

    pub(in crate::store) fn key(&self) -> &[u8] {
        self.reader.key()
    }

    pub(in crate::store) fn said(&self) -> Said<'_> {
        self.reader.said(self.shared.as_deref().unwrap_or(&self.own))
    }
}
