//! Torn or damaged? What lies behind the last sound group is judged here.
//!
//! Space is written full of zeros before it is used and is never used twice, so what a power cut lost reads as zero,
//! in whole sectors. A group whose sync returned has lost none. Therefore a group is torn, and may be cut, only if
//! every checksum that fails is explained by a sector whose share of the group is all zero, and nothing but zeros lies
//! behind the group. Everything else is damage. So is one single bit behind the end: that is what rot looks like, while a
//! sector of a group that survived holds checksums, ids and salts. (A group of which one last byte with one bit survived
//! is taken for damage too. Nothing of it was acknowledged, and the journal stays closed until a person cuts it.)
//!
//! This module cuts nothing, and does not know the mark.

use super::Chain;
use super::frame::FRAME_HEADER_BYTES;
use super::group::{GROUP_HEADER_BYTES, GroupHeader, group_bytes_max};
use super::view::{FrameAt, GroupAt, SegmentView};
use super::walk::follows;
use crate::error::ReadError;

/// What a disk writes whole or not at all.
const SECTOR_BYTES: u64 = 512;

/// What lies behind the last sound group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Zeros.
    Clean,
    /// A group that was never durable; it reaches to `extent`.
    Torn { extent: u64 },
    /// Something that no power cut explains.
    Damaged,
}

/// Judges what lies at `at`, where no sound group follows the chain.
pub(crate) fn judge(view: &mut SegmentView, at: u64, chain: &Chain) -> Result<Verdict, ReadError> {
    let size = view.header().size();
    let Some(last) = view.last_non_zero(at, size)? else { return Ok(Verdict::Clean) };
    let (extent, explained) = match view.group_at(at)? {
        GroupAt::Nothing => {
            let group = Suspect { at, extent: last + 1 };
            (group.extent, group.header_was_lost(view)?)
        }
        GroupAt::Header(header) if follows(view, at, &header, chain) => {
            let group = Suspect { at, extent: at + u64::from(header.bytes) };
            (group.extent, group.frames_were_lost(view, &header, chain)?)
        }
        GroupAt::Unreadable | GroupAt::Header(_) => return Ok(Verdict::Damaged),
    };
    let alone = last < extent && extent - at <= group_bytes_max(size);
    Ok(if alone && explained { Verdict::Torn { extent } } else { Verdict::Damaged })
}

/// A group that cannot be verified: bytes `at..extent`.
#[derive(Clone, Copy, Debug)]
struct Suspect {
    at: u64,
    extent: u64,
}

impl Suspect {
    /// Whether the header went with its sector, and no later group stands in the group's place.
    fn header_was_lost(self, view: &mut SegmentView) -> Result<bool, ReadError> {
        let lost = self.is_lost(view, self.at, self.at + GROUP_HEADER_BYTES as u64)? && !self.is_one_bit(view)?;
        Ok(lost && view.find_group(self.at + 1, self.extent)?.is_none())
    }

    /// Whether one bit is all that is not zero here.
    fn is_one_bit(self, view: &mut SegmentView) -> Result<bool, ReadError> {
        let last = self.extent.saturating_sub(1);
        let is_alone = view.first_non_zero(self.at, self.extent)? == Some(last);
        Ok(is_alone && view.bytes(last, 1)?.is_some_and(|byte| byte.iter().all(|byte| byte.is_power_of_two())))
    }

    /// Whether every frame that fails is explained, and at least one is.
    fn frames_were_lost(self, view: &mut SegmentView, group: &GroupHeader, chain: &Chain) -> Result<bool, ReadError> {
        let mut next = chain.next.clone();
        let mut checksum = group.checksum(view.header().salt);
        let mut some_lost = false;
        let mut at = self.at + GROUP_HEADER_BYTES as u64;
        for _ in 0..group.count {
            let found = view.frame_at(at, self.extent)?;
            if !matches!(found, FrameAt::Intact(_)) && self.is_lost(view, at, at + FRAME_HEADER_BYTES as u64)? {
                // The frame's own header went: what stands behind it can no longer be found.
                return Ok(true);
            }
            let frame = match found {
                FrameAt::Intact(frame) => frame,
                FrameAt::Broken(frame) if self.is_lost(view, at, at + frame.size())? => {
                    some_lost = true;
                    frame
                }
                FrameAt::Broken(_) | FrameAt::TooLong => return Ok(false),
            };
            if frame.position != next.take(frame.partition) {
                return Ok(false);
            }
            checksum.add(&frame);
            at += frame.size();
        }
        Ok(some_lost && at == self.extent && checksum.value() == group.crc)
    }

    /// Whether some sector that touches `from..to` has only zeros in this group.
    fn is_lost(self, view: &mut SegmentView, from: u64, to: u64) -> Result<bool, ReadError> {
        let mut sector = from - from % SECTOR_BYTES;
        while sector < to.min(self.extent) {
            let share = (sector.max(self.at), (sector + SECTOR_BYTES).min(self.extent));
            if view.first_non_zero(share.0, share.1)?.is_none() {
                return Ok(true);
            }
            sector += SECTOR_BYTES;
        }
        Ok(false)
    }
}
