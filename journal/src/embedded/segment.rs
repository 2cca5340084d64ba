//! A segment: one file of the log, with a header that ties it to its ledger and to the segment before it.
//!
//! - the sum of `next` is `first_lsn`: every record takes one lsn and one position
//! - `SEGMENT_HEADER_BYTES <= end of the groups <= bytes`, and zeros from there on
//! - the name is the first lsn, so that names in order are segments in order
//!
//! This module does not know what lies behind the header.

use talon_domain::ids::LedgerId;
use talon_domain::time::Instant;

use super::Chain;
use super::keeper::needed_bytes;
use crate::layout::{put, take};
use crate::partition::{PARTITIONS, Positions};

/// Bytes of a segment's header: one page.
pub(crate) const SEGMENT_HEADER_BYTES: usize = 4096;
/// The segment format that this release writes and reads.
pub(crate) const SEGMENT_FORMAT: u16 = 1;

const MAGIC: [u8; 8] = *b"TALONSEG";
const CRC_AT: usize = SEGMENT_HEADER_BYTES - 4;
const NEXT_AT: usize = 76;
const ZEROS_AT: usize = NEXT_AT + 8 * PARTITIONS as usize;
const NAME_DIGITS: usize = 20;
const SUFFIX: &str = ".seg";

const _: () = assert!(ZEROS_AT == 588 && ZEROS_AT < CRC_AT);

/// What a segment says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) ledger_id: LedgerId,
    pub(crate) segment_no: u64,
    pub(crate) first_lsn: u64,
    /// Random: binds every checksum to this file.
    pub(crate) salt: u64,
    pub(crate) prev_salt: u64,
    pub(crate) prev_group_crc: u32,
    pub(crate) created_at: Instant,
    pub(crate) bytes: u32,
    pub(crate) next: Positions,
}

/// Why a header cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderFlaw {
    Damaged,
    Unsupported { format: u16, partitions: u16 },
}

/// Positions, and with them the numbers of records, stay below 2^53: sums of them cannot overflow.
const LSN_END: u64 = 1 << 53;

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut to = [0; SEGMENT_HEADER_BYTES];
        put::<0, 8, _>(&mut to, MAGIC);
        put::<8, 2, _>(&mut to, SEGMENT_FORMAT.to_le_bytes());
        put::<10, 2, _>(&mut to, PARTITIONS.to_le_bytes());
        put::<12, 16, _>(&mut to, self.ledger_id.0);
        put::<28, 8, _>(&mut to, self.segment_no.to_le_bytes());
        put::<36, 8, _>(&mut to, self.first_lsn.to_le_bytes());
        put::<44, 8, _>(&mut to, self.salt.to_le_bytes());
        put::<52, 8, _>(&mut to, self.prev_salt.to_le_bytes());
        put::<60, 4, _>(&mut to, self.prev_group_crc.to_le_bytes());
        put::<64, 8, _>(&mut to, self.created_at.0.to_le_bytes());
        put::<72, 4, _>(&mut to, self.bytes.to_le_bytes());
        let next = self.next.as_array().iter().flat_map(|next| next.to_le_bytes());
        to.iter_mut().skip(NEXT_AT).zip(next).for_each(|(slot, byte)| *slot = byte);
        let crc = crc32c::crc32c(to.split_at(CRC_AT).0);
        put::<CRC_AT, 4, _>(&mut to, crc.to_le_bytes());
        to
    }

    pub(crate) fn parse(from: &[u8; SEGMENT_HEADER_BYTES]) -> Result<Self, HeaderFlaw> {
        let (body, _) = from.split_at(CRC_AT);
        if take::<0, 8, _>(from) != MAGIC || crc32c::crc32c(body) != u32::from_le_bytes(take::<CRC_AT, 4, _>(from)) {
            return Err(HeaderFlaw::Damaged);
        }
        let format = u16::from_le_bytes(take::<8, 2, _>(from));
        let partitions = u16::from_le_bytes(take::<10, 2, _>(from));
        if (format, partitions) != (SEGMENT_FORMAT, PARTITIONS) {
            return Err(HeaderFlaw::Unsupported { format, partitions });
        }
        let header = Self::fields(from);
        let zeros = body.get(ZEROS_AT..).is_some_and(|rest| rest.iter().all(|byte| *byte == 0));
        let fits = (SegmentSizes::MIN_BYTES..=SegmentSizes::MAX_BYTES).contains(&header.bytes)
            && header.bytes.is_multiple_of(4096)
            && header.first_lsn < LSN_END;
        if header.next.total() != header.first_lsn || !zeros || !fits {
            return Err(HeaderFlaw::Damaged);
        }
        Ok(header)
    }

    /// The fields of a header, whether its checksum holds or not.
    pub(crate) fn fields(from: &[u8; SEGMENT_HEADER_BYTES]) -> Self {
        let mut next = Positions::beginning();
        let (stored, _) = from.split_at(NEXT_AT).1.as_chunks::<8>();
        next.as_array_mut().iter_mut().zip(stored).for_each(|(slot, bytes)| *slot = u64::from_le_bytes(*bytes));
        Self {
            ledger_id: LedgerId(take::<12, 16, _>(from)),
            segment_no: u64::from_le_bytes(take::<28, 8, _>(from)),
            first_lsn: u64::from_le_bytes(take::<36, 8, _>(from)),
            salt: u64::from_le_bytes(take::<44, 8, _>(from)),
            prev_salt: u64::from_le_bytes(take::<52, 8, _>(from)),
            prev_group_crc: u32::from_le_bytes(take::<60, 4, _>(from)),
            created_at: Instant(i64::from_le_bytes(take::<64, 8, _>(from))),
            bytes: u32::from_le_bytes(take::<72, 4, _>(from)),
            next,
        }
    }

    /// The state of the log at this segment's first group.
    pub(crate) fn chain(&self) -> Chain {
        Chain { lsn: self.first_lsn, group_crc: self.prev_group_crc, next: self.next.clone() }
    }

    /// Whether this segment can come after `before`, as far as headers tell.
    pub(crate) fn may_follow(&self, before: &Self) -> bool {
        self.ledger_id == before.ledger_id
            && Some(self.segment_no) == before.segment_no.checked_add(1)
            && self.prev_salt == before.salt
            && self.first_lsn > before.first_lsn
            && !before.next.is_beyond(&self.next)
    }

    /// Whether this is the first segment of a log.
    pub(crate) const fn is_first(&self) -> bool {
        self.segment_no == 0 && self.first_lsn == 0 && self.prev_salt == 0 && self.prev_group_crc == 0
    }

    /// The file's length.
    pub(crate) fn size(&self) -> u64 {
        self.bytes.into()
    }

    /// The file's name.
    pub(crate) fn name(&self) -> String {
        segment_name(self.first_lsn)
    }
}

/// The name of the segment that begins with this lsn.
pub(crate) fn segment_name(first_lsn: u64) -> String {
    format!("{first_lsn:0NAME_DIGITS$}{SUFFIX}")
}

/// The first lsn in a segment's name; `None` for every other file.
pub(crate) fn first_lsn_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    let all_digits = digits.len() == NAME_DIGITS && digits.bytes().all(|c| c.is_ascii_digit());
    all_digits.then(|| digits.parse().ok())?
}

/// How large segments are: the first, then doubling up to the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentSizes {
    first: u32,
    max: u32,
}

impl SegmentSizes {
    /// The smallest segment: half of it holds a group of one record of the greatest length.
    pub const MIN_BYTES: u32 = 256 << 10;
    /// The largest segment of the usual sizes.
    const USUAL_MAX_BYTES: u32 = 256 << 20;
    /// What is left free for it by whatever can wait: 272 MiB.
    pub(crate) const USUAL_ROOM: u64 = needed_bytes(Self::USUAL_MAX_BYTES);
    /// The largest segment; summaries hold offsets in it as u32.
    pub const MAX_BYTES: u32 = 1 << 30;

    /// Sizes in bytes; each is brought into `MIN_BYTES..=MAX_BYTES` and up to a multiple of 4096.
    pub fn new(first: u32, max: u32) -> Self {
        let fit = |bytes: u32| bytes.clamp(Self::MIN_BYTES, Self::MAX_BYTES).next_multiple_of(4096);
        Self { first: fit(first), max: fit(max.max(first)) }
    }

    pub(crate) const fn first(self) -> u32 {
        self.first
    }

    /// The size of the segment after one of `bytes`.
    pub(crate) fn after(self, bytes: u32) -> u32 {
        bytes.saturating_mul(2).clamp(self.first, self.max)
    }
}

impl Default for SegmentSizes {
    /// From 16 to 256 MiB.
    fn default() -> Self {
        Self::new(16 << 20, Self::USUAL_MAX_BYTES)
    }
}
