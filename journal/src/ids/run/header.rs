//! The first 4,096 bytes of a run, and the table of its sections at its end.
//!
//! ```text
//! header | section: blocks, filter, zeros to a block | section | ... | table
//! ```
//!
//! - the header binds the run to its ledger, its number and its table; the manifest binds the header
//! - every byte of the file is under a checksum, zeros included
//!
//! This module reads no file.

use talon_domain::ids::LedgerId;

use super::block::{BLOCK_BYTES, BLOCK_ENTRIES};
use crate::layout::{put, take};

/// The first eight bytes of a run.
const MAGIC: [u8; 8] = *b"TALONRUN";
/// The layout that this release writes and reads.
const VERSION: u16 = 1;
const CRC_AT: usize = BLOCK_BYTES - 4;
/// Bytes of a section in the table.
pub(crate) const SECTION_BYTES: usize = 40;

/// Which ids a run holds. An id whose time is not near the time of its record is asked for in few, merged runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RunKind {
    /// From an hour behind the record to five minutes ahead of it.
    Timely,
    /// Older than that.
    Behind,
    /// Of a time that had not come.
    Ahead,
}

impl RunKind {
    /// Every kind, in the order of their numbers.
    pub(crate) const ALL: [Self; 3] = [Self::Timely, Self::Behind, Self::Ahead];

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// The first and the last millisecond of some ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl Times {
    /// Of no id.
    pub(crate) const NONE: Self = Self { first: u64::MAX, last: 0 };

    pub(crate) fn and(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }

    pub(crate) const fn hold(self, ms: u64) -> bool {
        self.first <= ms && ms <= self.last
    }
}

/// What is said of a run before it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) ledger_id: LedgerId,
    pub(crate) no: u64,
    pub(crate) salt: u64,
    pub(crate) kind: RunKind,
    pub(crate) times: Times,
    /// Blocks of a full section.
    pub(crate) section_blocks: u32,
}

/// What is said of a run that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) draft: Draft,
    /// Entries.
    pub(crate) count: u64,
    pub(crate) sections: u32,
    pub(crate) table_at: u64,
    pub(crate) table_crc: u32,
}

impl Header {
    /// Bytes of the whole file.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.table_at.saturating_add(u64::from(self.sections).saturating_mul(SECTION_BYTES as u64))
    }

    pub(crate) fn encode(&self) -> [u8; BLOCK_BYTES] {
        let mut to = [0; BLOCK_BYTES];
        put::<0, 8, _>(&mut to, MAGIC);
        put::<8, 2, _>(&mut to, VERSION.to_le_bytes());
        put::<10, 1, _>(&mut to, [self.draft.kind as u8]);
        put::<12, 16, _>(&mut to, self.draft.ledger_id.0);
        put::<28, 8, _>(&mut to, self.draft.no.to_le_bytes());
        put::<36, 8, _>(&mut to, self.draft.salt.to_le_bytes());
        put::<44, 8, _>(&mut to, self.count.to_le_bytes());
        put::<52, 8, _>(&mut to, self.draft.times.first.to_le_bytes());
        put::<60, 8, _>(&mut to, self.draft.times.last.to_le_bytes());
        put::<68, 4, _>(&mut to, self.draft.section_blocks.to_le_bytes());
        put::<72, 4, _>(&mut to, self.sections.to_le_bytes());
        put::<76, 8, _>(&mut to, self.table_at.to_le_bytes());
        put::<84, 4, _>(&mut to, self.table_crc.to_le_bytes());
        let (covered, _) = to.split_at(CRC_AT);
        let crc = crc32c::crc32c(covered);
        put::<CRC_AT, 4, _>(&mut to, crc.to_le_bytes());
        to
    }

    /// Reads a header; `None` if it is not one of this release.
    pub(crate) fn decode(from: &[u8; BLOCK_BYTES]) -> Option<Self> {
        let (covered, _) = from.split_at(CRC_AT);
        let is_ours = take::<0, 8, _>(from) == MAGIC
            && u16::from_le_bytes(take::<8, _, _>(from)) == VERSION
            && crc32c::crc32c(covered) == header_crc(from);
        let [kind] = take::<10, 1, _>(from);
        let draft = Draft {
            ledger_id: LedgerId(take::<12, _, _>(from)),
            no: u64::from_le_bytes(take::<28, _, _>(from)),
            salt: u64::from_le_bytes(take::<36, _, _>(from)),
            kind: RunKind::from_number(kind)?,
            times: Times {
                first: u64::from_le_bytes(take::<52, _, _>(from)),
                last: u64::from_le_bytes(take::<60, _, _>(from)),
            },
            section_blocks: u32::from_le_bytes(take::<68, _, _>(from)),
        };
        let header = Self {
            draft,
            count: u64::from_le_bytes(take::<44, _, _>(from)),
            sections: u32::from_le_bytes(take::<72, _, _>(from)),
            table_at: u64::from_le_bytes(take::<76, _, _>(from)),
            table_crc: u32::from_le_bytes(take::<84, _, _>(from)),
        };
        is_ours.then_some(header)
    }
}

/// The checksum in a header's last bytes.
pub(crate) fn header_crc(header: &[u8; BLOCK_BYTES]) -> u32 {
    u32::from_le_bytes(take::<CRC_AT, _, _>(header))
}

/// Consecutive blocks with a filter of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) at: u64,
    pub(crate) entries: u32,
    /// Bytes of the filter, 0 if there is none.
    pub(crate) filter_bytes: u32,
    /// Of the filter and the zeros behind it.
    pub(crate) filter_crc: u32,
}

impl Section {
    pub(crate) fn blocks(&self) -> u64 {
        u64::from(self.entries).div_ceil(BLOCK_ENTRIES as u64)
    }

    pub(crate) fn filter_at(&self) -> u64 {
        self.at.saturating_add(self.blocks().saturating_mul(BLOCK_BYTES as u64))
    }

    /// Bytes of the filter and the zeros behind it.
    pub(crate) fn padded_filter_bytes(&self) -> usize {
        usize::try_from(self.filter_bytes).unwrap_or_default().next_multiple_of(BLOCK_BYTES)
    }

    /// Where the next section begins.
    pub(crate) fn end(&self) -> u64 {
        self.filter_at().saturating_add(self.padded_filter_bytes() as u64)
    }

    pub(crate) fn encode(&self) -> [u8; SECTION_BYTES] {
        let mut to = [0; SECTION_BYTES];
        put::<0, 8, _>(&mut to, self.first.to_le_bytes());
        put::<8, 8, _>(&mut to, self.last.to_le_bytes());
        put::<16, 8, _>(&mut to, self.at.to_le_bytes());
        put::<24, 4, _>(&mut to, self.entries.to_le_bytes());
        put::<28, 4, _>(&mut to, self.filter_bytes.to_le_bytes());
        put::<32, 4, _>(&mut to, self.filter_crc.to_le_bytes());
        to
    }

    pub(crate) fn decode(from: &[u8; SECTION_BYTES]) -> Self {
        Self {
            first: u64::from_le_bytes(take::<0, _, _>(from)),
            last: u64::from_le_bytes(take::<8, _, _>(from)),
            at: u64::from_le_bytes(take::<16, _, _>(from)),
            entries: u32::from_le_bytes(take::<24, _, _>(from)),
            filter_bytes: u32::from_le_bytes(take::<28, _, _>(from)),
            filter_crc: u32::from_le_bytes(take::<32, _, _>(from)),
        }
    }
}
