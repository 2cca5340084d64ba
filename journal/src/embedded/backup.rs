//! The log up to a fixed end, as files that can be copied while it grows on. Invariants:
//! - the files hold every record below the end and none behind it: the last segment is its groups, then zeros
//! - together they open as a healthy journal whose mark names the end
//! - nothing below a durable end is written again, so a copy that takes long is still the log of one moment
//!
//! Summaries are derived and no part of it. This module does not know where copies go.

use std::io::{self, Read};
use std::sync::Arc;

use talon_domain::time::Instant;

use super::EmbeddedJournal;
use super::catalog::End;
use super::mark::{MARK_BYTES, MARK_NAME};
use super::segment::SegmentHeader;
use crate::contract::Journal as _;
use crate::error::ReadError;
use crate::partition::Positions;
use crate::record::Record;
use crate::storage::{Access, Storage, StorageFile};

/// The log up to a fixed end.
#[derive(Debug)]
pub struct Prefix {
    storage: Arc<dyn Storage>,
    headers: Vec<SegmentHeader>,
    end: End,
}

/// One file of a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixFile {
    /// Its name in the journal's folder.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// The number of its first record, if it is a segment.
    pub first_lsn: Option<u64>,
}

impl EmbeddedJournal {
    /// The log as far as it is known to be durable now.
    pub fn prefix(&self) -> Prefix {
        let end = self.catalog.end();
        let segments = (0..=end.segment_no).filter_map(|number| self.catalog.segment(number));
        let headers = segments.map(|segment| segment.header.clone()).collect();
        Prefix { storage: Arc::clone(self.catalog.storage()), headers, end }
    }

    /// How many records of the log, from its first, come before the first one that was recorded later than `at`.
    pub fn records_until(&self, at: Instant) -> Result<u64, ReadError> {
        let mut reader = self.scan(&Positions::beginning())?;
        let mut records = 0;
        while let Some(stored) = reader.next()? {
            if Record::parse(stored.bytes).is_ok_and(|record| record.recorded_at() > at) {
                break;
            }
            records += 1;
        }
        Ok(records)
    }
}

impl Prefix {
    /// How many records it holds: the number that the next one has.
    pub const fn records(&self) -> u64 {
        self.end.chain.lsn
    }

    /// The next position of each partition.
    pub const fn ends(&self) -> &Positions {
        &self.end.chain.next
    }

    /// Its files: segments in the order of the log, then the mark.
    pub fn files(&self) -> Vec<PrefixFile> {
        let segment = |header: &SegmentHeader| PrefixFile {
            name: header.name(),
            bytes: header.size(),
            first_lsn: Some(header.first_lsn),
        };
        let mark = PrefixFile { name: MARK_NAME.to_owned(), bytes: MARK_BYTES as u64, first_lsn: None };
        self.headers.iter().map(segment).chain([mark]).collect()
    }

    /// Opens one of its files, to be read from its beginning to its end.
    pub fn open(&self, file: &PrefixFile) -> io::Result<Box<dyn Read + '_>> {
        let Some(header) = self.headers.iter().find(|header| Some(header.first_lsn) == file.first_lsn) else {
            return Ok(Box::new(io::Cursor::new(self.end.mark().encode())));
        };
        let is_last = header.segment_no == self.end.segment_no;
        let used = if is_last { self.end.offset } else { header.size() };
        let groups = Stretch { file: self.storage.open(&header.name(), Access::Read)?, at: 0, end: used };
        Ok(Box::new(groups.chain(io::repeat(0).take(header.size() - used))))
    }
}

/// Bytes of a file, up to an offset.
#[derive(Debug)]
struct Stretch {
    file: Arc<dyn StorageFile>,
    at: u64,
    end: u64,
}

impl Read for Stretch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let Some(buffer) = buffer.get_mut(..left.min(buffer.len())) else { return Ok(0) };
        self.file.read_at(buffer, self.at)?;
        self.at += buffer.len() as u64;
        Ok(buffer.len())
    }
}
