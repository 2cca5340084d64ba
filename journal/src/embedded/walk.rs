//! Walking the log: one group after the other, each held against its checksums and against what must come next.
//!
//! Recovery, summaries and readers in other processes all take these steps; there is no second way to believe a group.
//! A step that finds a flaw leaves the chain as it was. This module does not decide what a flaw means.

use super::frame::{FRAME_HEADER_BYTES, Frame};
use super::group::{GROUP_HEADER_BYTES, GroupHeader, group_bytes_max, group_start};
use super::view::{FrameAt, GroupAt, SegmentView};
use super::{Chain, Spot};
use crate::error::{Damage, Flaw, ReadError, Span};
use crate::partition::PARTITIONS;
use crate::record::HEADER_BYTES;

/// A frame that was passed, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed {
    pub(crate) frame: Frame,
    pub(crate) spot: Spot,
}

/// What one step came upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A sound group; the next one would begin at `next`.
    Group { next: u64 },
    /// No room, or a header of zeros.
    Nothing,
    /// Something that is not a sound group.
    Flawed(Damage),
}

/// Takes one step. `seen` is shown every frame as it is verified, before the group as a whole is.
pub(crate) fn step(
    view: &mut SegmentView,
    at: u64,
    chain: &mut Chain,
    seen: &mut dyn FnMut(Passed, &[u8]),
) -> Result<Step, ReadError> {
    let group = match view.group_at(at)? {
        GroupAt::Nothing => return Ok(Step::Nothing),
        GroupAt::Unreadable => {
            return Ok(Step::Flawed(view.damage(at, GROUP_HEADER_BYTES as u64, Flaw::GroupHeader)));
        }
        GroupAt::Header(group) => group,
    };
    if !follows(view, at, &group, chain) {
        return Ok(Step::Flawed(view.damage(at, GROUP_HEADER_BYTES as u64, Flaw::GroupOrder)));
    }
    let mut after = chain.clone();
    if let Some(damage) = pass_frames(view, at, &group, &mut after, seen)? {
        return Ok(Step::Flawed(damage));
    }
    *chain = after;
    Ok(Step::Group { next: group_start(at + u64::from(group.bytes)) })
}

/// Whether a group with this header may stand here.
pub(crate) fn follows(view: &SegmentView, at: u64, group: &GroupHeader, chain: &Chain) -> bool {
    (group.first_lsn, group.prev_crc) == (chain.lsn, chain.group_crc) && fits(view, at, group)
}

/// Whether a group with this header has a size that a group here may have.
pub(crate) fn fits(view: &SegmentView, at: u64, group: &GroupHeader) -> bool {
    let bytes = u64::from(group.bytes);
    let least = GROUP_HEADER_BYTES as u64 + u64::from(group.count) * (FRAME_HEADER_BYTES + HEADER_BYTES) as u64;
    let size = view.header().size();
    group.count > 0 && bytes >= least && bytes <= group_bytes_max(size) && at + bytes <= size
}

fn pass_frames(
    view: &mut SegmentView,
    group_at: u64,
    group: &GroupHeader,
    chain: &mut Chain,
    seen: &mut dyn FnMut(Passed, &[u8]),
) -> Result<Option<Damage>, ReadError> {
    let end = group_at + u64::from(group.bytes);
    let mut at = group_at + GROUP_HEADER_BYTES as u64;
    let mut checksum = group.checksum(view.header().salt);
    for _ in 0..group.count {
        let frame = match view.frame_at(at, end)? {
            FrameAt::Intact(frame) => frame,
            FrameAt::Broken(frame) => return Ok(Some(record_damage(view, at, &frame, Flaw::Record))),
            FrameAt::TooLong => return Ok(Some(view.damage(at, end - at, Flaw::Record))),
        };
        if frame.partition.0 >= PARTITIONS || frame.position != chain.next.take(frame.partition) {
            return Ok(Some(record_damage(view, at, &frame, Flaw::RecordOrder)));
        }
        checksum.add(&frame);
        if let Some(record) = view.record(at, &frame)? {
            seen(Passed { frame, spot: Spot::new(group_at, at) }, record);
        }
        at += frame.size();
    }
    if at != end || checksum.value() != group.crc {
        return Ok(Some(view.damage(group_at, end - group_at, Flaw::GroupChecksum)));
    }
    (chain.lsn, chain.group_crc) = (chain.lsn + u64::from(group.count), group.crc);
    Ok(None)
}

/// Damage to one record, named by what its frame says.
pub(crate) fn record_damage(view: &SegmentView, at: u64, frame: &Frame, flaw: Flaw) -> Damage {
    let span = Span { partition: frame.partition, first: frame.position, last: frame.position };
    Damage { records: vec![span], ..view.damage(at, frame.size(), flaw) }
}
