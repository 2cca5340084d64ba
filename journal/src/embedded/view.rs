//! A segment as it lies in its file: headers, groups and frames read through a buffer, up to a limit.
//!
//! - nothing behind `limit` is read, so the buffer never holds bytes that a writer may still change
//! - what is handed out as intact has been held against its checksum
//!
//! This module does not know what comes next in the log; `walk` does.

use std::io;
use std::sync::Arc;

use super::frame::{FRAME_HEADER_BYTES, Frame};
use super::group::{GROUP_ALIGNMENT, GROUP_HEADER_BYTES, GroupHeader};
use super::segment::SegmentHeader;
use crate::error::{Damage, Flaw, ReadError};
use crate::storage::{Access, Storage, StorageFile};

/// What one read asks of the storage: enough that a scan is not slowed, little enough for many readers.
const CHUNK_BYTES: u64 = 256 << 10;

/// A segment's bytes.
#[derive(Debug)]
pub(crate) struct SegmentView {
    header: SegmentHeader,
    name: String,
    file: Arc<dyn StorageFile>,
    limit: u64,
    buffer: Vec<u8>,
    start: u64,
}

/// What lies where a group may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupAt {
    /// No room, or zeros.
    Nothing,
    /// A header whose own checksum holds.
    Header(GroupHeader),
    /// Neither.
    Unreadable,
}

/// What lies where a frame must begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameAt {
    /// Its checksum holds.
    Intact(Frame),
    /// It contradicts its checksum.
    Broken(Frame),
    /// It does not end where its group ends, or before.
    TooLong,
}

impl SegmentView {
    /// Opens a segment's file, to be read up to its end.
    pub(crate) fn open(storage: &dyn Storage, header: &SegmentHeader) -> Result<Self, ReadError> {
        let name = header.name();
        let file = storage.open(&name, Access::Read).map_err(|source| unreadable(&name, source))?;
        Ok(Self { limit: header.size(), header: header.clone(), name, file, buffer: Vec::new(), start: 0 })
    }

    pub(crate) const fn header(&self) -> &SegmentHeader {
        &self.header
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn limit(&self) -> u64 {
        self.limit
    }

    /// Says how far the file may be read.
    pub(crate) fn set_limit(&mut self, limit: u64) {
        self.limit = limit.min(self.header.size());
    }

    /// Forgets what was read: what a writer may have changed since is read again.
    pub(crate) fn forget(&mut self) {
        self.buffer.clear();
    }

    /// Makes the file's bytes durable, whoever wrote them.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    /// Bytes within the limit, or `None` if they reach beyond it.
    pub(crate) fn bytes(&mut self, at: u64, len: u64) -> Result<Option<&[u8]>, ReadError> {
        if at.checked_add(len).is_none_or(|end| end > self.limit) {
            return Ok(None);
        }
        if at < self.start || at + len > self.start + self.buffer.len() as u64 {
            self.fill(at, len)?;
        }
        let from = usize::try_from(at - self.start).ok();
        let rest = from.and_then(|from| self.buffer.get(from..));
        Ok(rest.zip(usize::try_from(len).ok()).and_then(|(rest, len)| rest.get(..len)))
    }

    fn fill(&mut self, at: u64, len: u64) -> Result<(), ReadError> {
        let size = len.max(CHUNK_BYTES).min(self.limit - at);
        self.start = at;
        self.buffer.resize(usize::try_from(size).unwrap_or(usize::MAX), 0);
        let read = self.file.read_at(&mut self.buffer, at);
        if read.is_err() {
            self.buffer.clear();
        }
        read.map_err(|source| unreadable(&self.name, source))
    }

    /// What lies where a group may begin.
    pub(crate) fn group_at(&mut self, at: u64) -> Result<GroupAt, ReadError> {
        let salt = self.header.salt;
        let bytes = self.bytes(at, GROUP_HEADER_BYTES as u64)?;
        Ok(match bytes.and_then(|bytes| bytes.first_chunk()) {
            None => GroupAt::Nothing,
            Some(bytes) if bytes == &[0; GROUP_HEADER_BYTES] => GroupAt::Nothing,
            Some(bytes) => GroupHeader::parse(salt, bytes).map_or(GroupAt::Unreadable, GroupAt::Header),
        })
    }

    /// What lies where a frame of a group that ends at `end` must begin.
    pub(crate) fn frame_at(&mut self, at: u64, end: u64) -> Result<FrameAt, ReadError> {
        let salt = self.header.salt;
        let Some(frame) = self.frame_header(at, end)? else { return Ok(FrameAt::TooLong) };
        if at + frame.size() > end {
            return Ok(FrameAt::TooLong);
        }
        Ok(match self.record(at, &frame)? {
            Some(record) if frame.is_of(salt, record) => FrameAt::Intact(frame),
            Some(_) => FrameAt::Broken(frame),
            None => FrameAt::TooLong,
        })
    }

    /// A frame's header, unverified.
    pub(crate) fn frame_header(&mut self, at: u64, end: u64) -> Result<Option<Frame>, ReadError> {
        if at + FRAME_HEADER_BYTES as u64 > end {
            return Ok(None);
        }
        let bytes = self.bytes(at, FRAME_HEADER_BYTES as u64)?;
        Ok(bytes.and_then(|bytes| bytes.first_chunk()).map(Frame::parse))
    }

    /// The record of a frame at this place.
    pub(crate) fn record(&mut self, at: u64, frame: &Frame) -> Result<Option<&[u8]>, ReadError> {
        let whole = self.bytes(at, frame.size())?;
        Ok(whole.and_then(|whole| whole.get(FRAME_HEADER_BYTES..)))
    }

    /// The first byte in a range that is not zero.
    pub(crate) fn first_non_zero(&mut self, from: u64, to: u64) -> Result<Option<u64>, ReadError> {
        let (mut at, to) = (from, to.min(self.limit));
        while at < to {
            let len = CHUNK_BYTES.min(to - at);
            let bytes = self.bytes(at, len)?.unwrap_or_default();
            if let Some(inside) = first_non_zero(bytes) {
                return Ok(Some(at + inside as u64));
            }
            at += len;
        }
        Ok(None)
    }

    /// The last byte in a range that is not zero.
    pub(crate) fn last_non_zero(&mut self, from: u64, to: u64) -> Result<Option<u64>, ReadError> {
        let mut last = None;
        let mut at = from;
        while let Some(first) = self.first_non_zero(at, to)? {
            let len = CHUNK_BYTES.min(to.min(self.limit) - first);
            let bytes = self.bytes(first, len)?.unwrap_or_default();
            last = last_non_zero(bytes).map(|inside| first + inside as u64);
            at = first + len;
        }
        Ok(last)
    }

    /// The first group header that holds in a range, at the places where groups may begin.
    pub(crate) fn find_group(&mut self, from: u64, to: u64) -> Result<Option<u64>, ReadError> {
        let mut at = from.next_multiple_of(GROUP_ALIGNMENT);
        while at < to.min(self.limit) {
            if matches!(self.group_at(at)?, GroupAt::Header(_)) {
                return Ok(Some(at));
            }
            at += GROUP_ALIGNMENT;
        }
        Ok(None)
    }

    /// Damage in this segment.
    pub(crate) fn damage(&self, offset: u64, bytes: u64, flaw: Flaw) -> Damage {
        Damage { file: self.name.clone(), offset, bytes, records: Vec::new(), flaw }
    }
}

/// Zeros to compare with: whole strides compare faster than bytes.
const ZEROS: [u8; 4096] = [0; 4096];

pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    first_non_zero(bytes).is_none()
}

fn first_non_zero(bytes: &[u8]) -> Option<usize> {
    let (index, stride) = bytes.chunks(ZEROS.len()).enumerate().find(|(_, stride)| !ZEROS.starts_with(stride))?;
    Some(index * ZEROS.len() + stride.iter().position(|byte| *byte != 0)?)
}

fn last_non_zero(bytes: &[u8]) -> Option<usize> {
    let (index, stride) = bytes.rchunks(ZEROS.len()).enumerate().find(|(_, stride)| !ZEROS.starts_with(stride))?;
    let behind = index * ZEROS.len() + stride.iter().rev().position(|byte| *byte != 0)?;
    Some(bytes.len() - 1 - behind)
}

pub(crate) fn unreadable(name: &str, source: io::Error) -> ReadError {
    ReadError::Unavailable { what: name.to_owned(), source }
}
