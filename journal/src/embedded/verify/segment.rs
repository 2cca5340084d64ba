//! Verifying one segment, and going on behind damage: at the next frame that holds in a damaged group, at the next
//! group that holds behind a damaged header.
//!
//! Checksums are bound to the segment's salt, which nobody outside can know, so what holds by chance or by intent of a
//! publisher is not mistaken for a frame.

use super::findings::Findings;
use crate::embedded::frame::Frame;
use crate::embedded::group::{GROUP_HEADER_BYTES, GroupHeader, group_start};
use crate::embedded::recovery::TornTail;
use crate::embedded::segment::SEGMENT_HEADER_BYTES;
use crate::embedded::torn::{Verdict, judge};
use crate::embedded::view::{FrameAt, GroupAt, SegmentView};
use crate::embedded::walk::{fits, record_damage};
use crate::error::{Flaw, ReadError};
use crate::genesis::is_genesis;
use crate::partition::PARTITIONS;
use crate::record::HEADER_BYTES;

/// A segment under verification.
pub(super) struct SegmentCheck<'v> {
    view: &'v mut SegmentView,
    findings: &'v mut Findings,
    at: u64,
    /// Whether the last group may be one that was never durable.
    may_be_torn: bool,
}

impl<'v> SegmentCheck<'v> {
    pub(super) fn new(view: &'v mut SegmentView, findings: &'v mut Findings, may_be_torn: bool) -> Self {
        Self { view, findings, at: SEGMENT_HEADER_BYTES as u64, may_be_torn }
    }

    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    pub(super) const fn records(&self) -> u64 {
        self.findings.records
    }

    /// Verifies what comes next; `false` when there is nothing more.
    pub(super) fn step(&mut self) -> Result<bool, ReadError> {
        if self.may_be_torn && self.is_torn()? {
            return Ok(false);
        }
        match self.view.group_at(self.at)? {
            GroupAt::Nothing => self.rest(),
            GroupAt::Header(group) if fits(self.view, self.at, &group) => {
                self.group(&group)?;
                Ok(true)
            }
            GroupAt::Header(_) | GroupAt::Unreadable => {
                self.unreadable_group()?;
                Ok(true)
            }
        }
    }

    /// Whether the last group was never durable. Asked only of groups that do not hold, since it reads on to the end.
    fn is_torn(&mut self) -> Result<bool, ReadError> {
        let Some(chain) = self.findings.chain() else { return Ok(false) };
        let segment_no = self.view.header().segment_no;
        if self.findings.is_acknowledged(segment_no, self.at) || self.holds_at_first_sight()? {
            return Ok(false);
        }
        let Verdict::Torn { extent } = judge(self.view, self.at, &chain)? else { return Ok(false) };
        let file = self.view.name().to_owned();
        self.findings.torn = Some(TornTail { file, offset: self.at, bytes: extent - self.at, first_lsn: chain.lsn });
        Ok(true)
    }

    /// Whether a group begins here with something behind it: then it is not the last.
    fn holds_at_first_sight(&mut self) -> Result<bool, ReadError> {
        let GroupAt::Header(group) = self.view.group_at(self.at)? else { return Ok(false) };
        let end = group_start(self.at + u64::from(group.bytes));
        Ok(!matches!(self.view.group_at(end)?, GroupAt::Nothing) || self.is_sound(&group)?)
    }

    fn is_sound(&mut self, group: &GroupHeader) -> Result<bool, ReadError> {
        let end = self.at + u64::from(group.bytes);
        let mut at = self.at + GROUP_HEADER_BYTES as u64;
        while at < end {
            let FrameAt::Intact(frame) = self.view.frame_at(at, end)? else { return Ok(false) };
            at += frame.size();
        }
        Ok(true)
    }

    /// A group whose header holds.
    fn group(&mut self, group: &GroupHeader) -> Result<(), ReadError> {
        let follows = self.findings.lsn.is_none_or(|lsn| lsn == group.first_lsn)
            && self.findings.group_crc.is_none_or(|crc| crc == group.prev_crc);
        if !follows {
            self.note(self.at, GROUP_HEADER_BYTES as u64, Flaw::GroupOrder);
        }
        let crc = self.frames(group)?;
        self.findings.groups += 1;
        self.findings.lsn = Some(group.first_lsn + u64::from(group.count));
        self.findings.group_crc = Some(crc);
        self.end_group(self.at + u64::from(group.bytes))
    }

    /// Verifies the frames of a group; returns the checksum that the group has, or should have.
    fn frames(&mut self, group: &GroupHeader) -> Result<u32, ReadError> {
        let end = self.at + u64::from(group.bytes);
        let mut at = self.at + GROUP_HEADER_BYTES as u64;
        let mut checksum = group.checksum(self.view.header().salt);
        let (mut count, mut is_whole) = (0, true);
        while at < end {
            if let FrameAt::Intact(frame) = self.view.frame_at(at, end)? {
                self.pass(at, &frame)?;
                checksum.add(&frame);
                at += frame.size();
                count += 1;
            } else {
                is_whole = false;
                at = self.broken_frame(at, end, group.count)?;
            }
        }
        if !is_whole {
            return Ok(group.crc);
        }
        if count != group.count || checksum.value() != group.crc {
            self.note(self.at, GROUP_HEADER_BYTES as u64, Flaw::GroupChecksum);
        }
        Ok(checksum.value())
    }

    fn pass(&mut self, at: u64, frame: &Frame) -> Result<(), ReadError> {
        let view = &mut *self.view;
        if frame.partition.0 >= PARTITIONS {
            self.findings.note(record_damage(view, at, frame, Flaw::RecordOrder));
            return Ok(());
        }
        let ledger_id = view.header().ledger_id;
        if frame.position.0 == 0 && !view.record(at, frame)?.is_some_and(|record| is_genesis(ledger_id, record)) {
            self.findings.note(record_damage(view, at, frame, Flaw::Genesis));
        }
        self.findings.pass(frame, || record_damage(view, at, frame, Flaw::RecordOrder));
        Ok(())
    }

    /// Names a frame that does not hold, and finds the next one that does.
    fn broken_frame(&mut self, at: u64, end: u64, frames_in_group: u32) -> Result<u64, ReadError> {
        let frame = self.view.frame_header(at, end)?;
        let next = self.next_frame(at, end, frame.as_ref(), frames_in_group)?;
        let damage = self.view.damage(at, next - at, Flaw::Record);
        self.findings.broken(damage, frame.filter(|frame| frame.partition.0 < PARTITIONS));
        Ok(next)
    }

    /// Where the next frame that holds begins, or the group ends.
    fn next_frame(
        &mut self,
        at: u64,
        end: u64,
        broken: Option<&Frame>,
        frames_in_group: u32,
    ) -> Result<u64, ReadError> {
        if let Some(after) = broken.map(|frame| at + frame.size())
            && (after == end || (after < end && matches!(self.view.frame_at(after, end)?, FrameAt::Intact(_))))
        {
            return Ok(after);
        }
        for after in at + 1..end {
            if self.may_be_frame(after, end, frames_in_group)?
                && matches!(self.view.frame_at(after, end)?, FrameAt::Intact(_))
            {
                return Ok(after);
            }
        }
        Ok(end)
    }

    /// Whether it is worth a checksum to ask if a frame begins here.
    fn may_be_frame(&mut self, at: u64, end: u64, frames_in_group: u32) -> Result<bool, ReadError> {
        let Some(frame) = self.view.frame_header(at, end)? else { return Ok(false) };
        let from = self.findings.next.next(frame.partition).0;
        let until = from.saturating_add(frames_in_group.into());
        let in_place = frame.partition.0 < PARTITIONS && (from..until).contains(&frame.position.0);
        Ok(in_place && usize::from(frame.len) >= HEADER_BYTES && at + frame.size() <= end)
    }

    /// Padding is zero up to the place where the next group may begin.
    fn end_group(&mut self, end: u64) -> Result<(), ReadError> {
        let next = group_start(end);
        if let Some(first) = self.view.first_non_zero(end, next)? {
            self.note(first, next - first, Flaw::NotZero);
        }
        self.at = next;
        self.findings.end_group(self.view.header().segment_no, next);
        Ok(())
    }

    /// A group whose header does not hold: its frames are followed as far as they do.
    fn unreadable_group(&mut self) -> Result<(), ReadError> {
        let header = self.view.damage(self.at, GROUP_HEADER_BYTES as u64, Flaw::GroupHeader);
        let kept = self.findings.lose(header);
        let limit = self.view.limit();
        let mut at = self.at + GROUP_HEADER_BYTES as u64;
        while let FrameAt::Intact(frame) = self.view.frame_at(at, limit)? {
            self.pass(at, &frame)?;
            at += frame.size();
        }
        let next = group_start(at);
        let is_whole = match self.view.group_at(next)? {
            GroupAt::Header(_) => true,
            GroupAt::Nothing => self.view.first_non_zero(at, limit)?.is_none(),
            GroupAt::Unreadable => false,
        };
        let next = if is_whole { next } else { self.next_group(at)? };
        if !is_whole && let Some(damage) = kept.and_then(|kept| self.findings.damages.get_mut(kept)) {
            damage.bytes = next - damage.offset;
        }
        self.at = next;
        Ok(())
    }

    /// Where the next group that holds begins, or the last byte that is not zero ends.
    fn next_group(&mut self, from: u64) -> Result<u64, ReadError> {
        let limit = self.view.limit();
        if let Some(next) = self.view.find_group(from, limit)? {
            return Ok(next);
        }
        let last = self.view.last_non_zero(from, limit)?.unwrap_or(from);
        Ok(group_start(last + 1).min(limit))
    }

    /// What no group covers is zero; if it is not, there may be another group behind it.
    fn rest(&mut self) -> Result<bool, ReadError> {
        let limit = self.view.limit();
        let Some(first) = self.view.first_non_zero(self.at, limit)? else { return Ok(false) };
        if let Some(next) = self.view.find_group(self.at, limit)? {
            let damage = self.view.damage(self.at, next - self.at, Flaw::GroupHeader);
            self.findings.lose(damage);
            self.at = next;
            return Ok(true);
        }
        let last = self.view.last_non_zero(first, limit)?.unwrap_or(first);
        self.note(first, last + 1 - first, Flaw::NotZero);
        Ok(false)
    }

    fn note(&mut self, at: u64, bytes: u64, flaw: Flaw) {
        let damage = self.view.damage(at, bytes, flaw);
        self.findings.note(damage);
    }
}
