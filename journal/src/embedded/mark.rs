//! The mark: how far the log is durable, overwritten after each sync. Readers in other processes go up to it, and
//! recovery knows by it what may not be missing. It is a witness, not evidence: an unreadable mark is an absent one.

use std::io;

use crate::layout::{put, take};
use crate::storage::{Access, Storage};

/// The mark's file.
pub(crate) const MARK_NAME: &str = "durable";
/// Bytes of the mark.
pub(crate) const MARK_BYTES: usize = 32;
/// A reader may meet the writer in the middle of the 32 bytes; it looks again.
const READ_TRIES: u32 = 8;

/// Where the durable log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) next_lsn: u64,
    pub(crate) segment_no: u64,
    /// Where the last durable group ends in that segment, padding included.
    pub(crate) offset: u64,
    pub(crate) group_crc: u32,
}

impl Mark {
    pub(crate) fn encode(&self) -> [u8; MARK_BYTES] {
        let mut to = [0; MARK_BYTES];
        put::<0, 8, _>(&mut to, self.next_lsn.to_le_bytes());
        put::<8, 8, _>(&mut to, self.segment_no.to_le_bytes());
        put::<16, 8, _>(&mut to, self.offset.to_le_bytes());
        put::<24, 4, _>(&mut to, self.group_crc.to_le_bytes());
        let crc = crc32c::crc32c(&take::<0, 28, _>(&to));
        put::<28, 4, _>(&mut to, crc.to_le_bytes());
        to
    }

    pub(crate) fn parse(from: &[u8; MARK_BYTES]) -> Option<Self> {
        let crc = u32::from_le_bytes(take::<28, 4, _>(from));
        (crc == crc32c::crc32c(&take::<0, 28, _>(from))).then(|| Self {
            next_lsn: u64::from_le_bytes(take::<0, 8, _>(from)),
            segment_no: u64::from_le_bytes(take::<8, 8, _>(from)),
            offset: u64::from_le_bytes(take::<16, 8, _>(from)),
            group_crc: u32::from_le_bytes(take::<24, 4, _>(from)),
        })
    }
}

/// What the mark's file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkFound {
    Absent,
    Unreadable,
    Mark(Mark),
}

impl MarkFound {
    pub(crate) fn read(storage: &dyn Storage) -> io::Result<Self> {
        let file = match storage.open(MARK_NAME, Access::Read) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Absent),
            file => file?,
        };
        for _ in 0..READ_TRIES {
            let mut bytes = [0; MARK_BYTES];
            match file.read_at(&mut bytes, 0) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Self::Unreadable),
                read => read?,
            }
            if let Some(mark) = Mark::parse(&bytes) {
                return Ok(Self::Mark(mark));
            }
        }
        Ok(Self::Unreadable)
    }

    pub(crate) const fn mark(self) -> Option<Mark> {
        match self {
            Self::Mark(mark) => Some(mark),
            Self::Absent | Self::Unreadable => None,
        }
    }
}
