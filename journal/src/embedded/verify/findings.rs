//! What a verification knows so far: where the chain stands, and what is wrong.
//!
//! Behind damage the chain is not known (`None`) until something vouches for it again. Records that damage took are
//! named when the next record of their partition, or the next segment's header, shows which are missing.

use talon_domain::ids::Position;

use crate::embedded::Chain;
use crate::embedded::frame::Frame;
use crate::embedded::mark::Mark;
use crate::embedded::recovery::TornTail;
use crate::embedded::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};
use crate::error::{Damage, Span};
use crate::partition::Positions;

/// So many damages are named, and so many runs of records of one damage; of more, the number is told.
const DAMAGES_MAX: usize = 1_000;
const SPANS_MAX: usize = 1_000;

/// The state of a verification.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) damages: Vec<Damage>,
    /// Damages, and runs of records, that are not among `damages`.
    pub(super) beyond: u64,
    pub(super) torn: Option<TornTail>,
    pub(super) groups: u64,
    pub(super) records: u64,
    /// The next position of each partition.
    pub(super) next: Positions,
    pub(super) lsn: Option<u64>,
    pub(super) group_crc: Option<u32>,
    /// Where the groups of the segment in hand end.
    pub(super) groups_end: u64,
    pub(super) holds_mark: bool,
    mark: Option<Mark>,
    /// The last damage that took records which are not named yet.
    unnamed: Option<usize>,
}

impl Findings {
    pub(super) fn new(mark: Option<Mark>) -> Self {
        Self {
            damages: Vec::new(),
            beyond: 0,
            torn: None,
            groups: 0,
            records: 0,
            next: Positions::beginning(),
            lsn: Some(0),
            group_crc: Some(0),
            groups_end: 0,
            holds_mark: false,
            mark,
            unnamed: None,
        }
    }

    /// Begins a segment whose header is believed.
    pub(super) fn begin(&mut self, header: &SegmentHeader) {
        let Chain { lsn, group_crc, next } = header.chain();
        (self.lsn, self.group_crc, self.next) = (Some(lsn), Some(group_crc), next);
        self.groups_end = SEGMENT_HEADER_BYTES as u64;
        self.unnamed = None;
    }

    /// The chain, where it is known.
    pub(super) fn chain(&self) -> Option<Chain> {
        Some(Chain { lsn: self.lsn?, group_crc: self.group_crc?, next: self.next.clone() })
    }

    /// Whether the mark vouches for something behind this place.
    pub(super) fn is_acknowledged(&self, segment_no: u64, offset: u64) -> bool {
        self.mark.is_some_and(|mark| (mark.segment_no, mark.offset) > (segment_no, offset))
    }

    /// Whether a segment takes up the chain where it stands.
    pub(super) fn is_continued_by(&self, header: &SegmentHeader) -> bool {
        self.lsn.is_none_or(|lsn| lsn == header.first_lsn)
            && self.group_crc.is_none_or(|crc| crc == header.prev_group_crc)
    }

    /// How much was found so far.
    pub(super) fn count(&self) -> u64 {
        self.damages.len() as u64 + self.beyond
    }

    /// Keeps a damage, while there are few; says where.
    fn keep(&mut self, damage: Damage) -> Option<usize> {
        if self.damages.len() < DAMAGES_MAX {
            self.damages.push(damage);
            return self.damages.len().checked_sub(1);
        }
        self.beyond += 1;
        None
    }

    /// Damage that takes no record.
    pub(super) fn note(&mut self, damage: Damage) {
        self.keep(damage);
    }

    /// Damage behind which the chain is not known; which records it took will be seen. Says where it is kept.
    pub(super) fn lose(&mut self, damage: Damage) -> Option<usize> {
        (self.lsn, self.group_crc) = (None, None);
        let is_unnamed = damage.records.is_empty();
        let kept = self.keep(damage);
        if is_unnamed {
            self.unnamed = kept;
        }
        kept
    }

    /// Records are missing: they belong to the last damage that took some, or this damage is news.
    pub(super) fn lost(&mut self, damage: Damage) {
        match self.unnamed.and_then(|index| self.damages.get_mut(index)) {
            Some(known) if known.records.len() < SPANS_MAX => known.records.extend(damage.records),
            Some(_) => self.beyond += 1,
            None => self.note(damage),
        }
    }

    /// A record that cannot be verified. It is named if its frame says what was expected.
    pub(super) fn broken(&mut self, mut damage: Damage, frame: Option<Frame>) {
        damage.records.clear();
        if let Some(frame) = frame.filter(|frame| frame.position == self.next.next(frame.partition)) {
            self.next.take(frame.partition);
            damage.records.push(span_of(&frame));
            self.note(damage);
        } else {
            self.unnamed = self.keep(damage);
        }
    }

    /// A record whose checksum holds. `damage` is what it is if it stands in the wrong place.
    pub(super) fn pass(&mut self, frame: &Frame, damage: impl FnOnce() -> Damage) {
        let expected = self.next.next(frame.partition);
        self.records += 1;
        if let Some(span) = Span::between(frame.partition, expected, frame.position) {
            self.lost(Damage { records: vec![span], ..damage() });
        } else if frame.position < expected {
            self.note(damage());
            return;
        }
        self.next.set(frame.partition, Position(frame.position.0.saturating_add(1)));
    }

    /// The end of a group, which may be the one that the mark names.
    pub(super) fn end_group(&mut self, segment_no: u64, offset: u64) {
        self.groups_end = offset;
        let here = self.lsn.zip(self.group_crc);
        self.holds_mark |= here
            .is_some_and(|(next_lsn, group_crc)| self.mark == Some(Mark { next_lsn, segment_no, offset, group_crc }));
    }
}

fn span_of(frame: &Frame) -> Span {
    Span { partition: frame.partition, first: frame.position, last: frame.position }
}
