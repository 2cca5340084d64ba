//! Reading the log: from a place on, group after group, segment after segment, up to the durable end.
//!
//! A record is handed out when its frame's checksum holds and its position is the one that its partition needs next.
//! Together they make it impossible to skip a record unseen: a frame that misleads leads to a wrong position, or to an
//! end that comes too early. Where a summary led there, the way is walked again without it before anything is called
//! damaged: a summary is no evidence.

use std::sync::Arc;

use talon_domain::ids::{PartitionId, Position};

use super::catalog::{Catalog, End, Place, Segment};
use super::frame::Frame;
use super::group::{GROUP_HEADER_BYTES, group_start};
use super::index::Spot;
use super::segment::SEGMENT_HEADER_BYTES;
use super::view::{FrameAt, GroupAt, SegmentView};
use super::walk::{fits, record_damage};
use crate::contract::{Reader, Stored};
use crate::error::{Flaw, ReadError};
use crate::partition::{PARTITIONS, Positions};

/// What a reader hands out.
#[derive(Clone, Debug)]
pub(crate) enum Want {
    /// One partition from a position on.
    One(PartitionId, Position),
    /// All partitions from these positions on.
    All(Box<Positions>),
}

impl Want {
    /// What is wanted next of a partition, if it is wanted.
    fn next(&self, partition: PartitionId) -> Option<Position> {
        match self {
            Self::One(only, next) => (*only == partition).then_some(*next),
            Self::All(next) => Some(next.next(partition)),
        }
    }

    fn advance(&mut self, partition: PartitionId) {
        match self {
            Self::One(_, next) => next.0 += 1,
            Self::All(next) => {
                next.take(partition);
            }
        }
    }

    /// How many wanted records lie before these ends.
    fn missing(&self, ends: &Positions) -> u64 {
        match self {
            Self::One(partition, next) => ends.next(*partition).0.saturating_sub(next.0),
            Self::All(next) => ends.iter().map(|(partition, end)| end.0.saturating_sub(next.next(partition).0)).sum(),
        }
    }

    /// Where the first wanted record is, or close before it.
    fn place(&self, catalog: &Catalog, ends: &Positions, believes: bool) -> Result<Option<Place>, ReadError> {
        let mut first: Option<Place> = None;
        for partition in (0..PARTITIONS).map(PartitionId) {
            let Some(next) = self.next(partition).filter(|next| *next < ends.next(partition)) else { continue };
            let place = catalog.locate(partition, next, believes)?;
            let earlier = |place: &Place| first.as_ref().is_none_or(|first| place.order() < first.order());
            if let Some(place) = place.filter(earlier) {
                first = Some(place);
            }
        }
        Ok(first)
    }
}

/// Reads an open log.
pub(crate) struct LogReader<'j> {
    catalog: &'j Catalog,
    want: Want,
    end: End,
    /// Wanted records that are known to be there.
    missing: u64,
    cursor: Option<Cursor>,
    /// Whether summaries tell where to begin; no longer, once one may have misled.
    believes_summaries: bool,
}

impl<'j> LogReader<'j> {
    pub(crate) fn new(catalog: &'j Catalog, want: Want) -> Self {
        let end = catalog.end();
        let missing = want.missing(&end.chain.next);
        Self { catalog, want, end, missing, cursor: None, believes_summaries: true }
    }

    /// Looks how far the log has come.
    fn refresh(&mut self) {
        self.end = self.catalog.end();
        self.missing = self.want.missing(&self.end.chain.next);
        if let Some(cursor) = &mut self.cursor {
            cursor.look_up_to(&self.end);
        }
    }

    /// The next wanted frame, which lies in the cursor's view.
    fn find(&mut self) -> Result<Option<(u64, Frame)>, ReadError> {
        loop {
            if self.missing == 0 {
                self.refresh();
            }
            if self.missing == 0 {
                return Ok(None);
            }
            match self.advance() {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                Err(ReadError::Corrupt(_)) if self.was_led() => (self.believes_summaries, self.cursor) = (false, None),
                Err(error) => return Err(error),
            }
        }
    }

    fn was_led(&self) -> bool {
        self.cursor.as_ref().is_some_and(|cursor| cursor.was_led)
    }

    /// Whether the cursor's segment holds nothing more that is wanted: what comes next is looked up.
    fn is_done_here(&mut self) -> bool {
        match (&self.want, &mut self.cursor) {
            (Want::One(partition, next), Some(cursor)) => cursor.is_past(self.catalog, *partition, *next),
            _ => false,
        }
    }

    /// One step of the cursor; a frame if it is wanted.
    fn advance(&mut self) -> Result<Option<(u64, Frame)>, ReadError> {
        if self.is_done_here() {
            self.cursor = None;
        }
        let Some(cursor) = &mut self.cursor else {
            let place = self.want.place(self.catalog, &self.end.chain.next, self.believes_summaries)?;
            self.cursor = place.map(|place| Cursor::start(self.catalog, &place, &self.end)).transpose()?;
            return Ok(None);
        };
        let Some((at, frame)) = cursor.next_frame(self.catalog, &self.end)? else { return Ok(None) };
        match self.want.next(frame.partition) {
            Some(wanted) if frame.position > wanted => {
                let damage = record_damage(&cursor.view, at, &frame, Flaw::RecordOrder);
                Err(ReadError::Corrupt(Box::new(damage)))
            }
            Some(wanted) if frame.position == wanted => {
                if matches!(self.want, Want::One(..)) {
                    cursor.handed_out = Some((frame.partition, frame.position, Spot::new(cursor.group_at, at)));
                }
                self.want.advance(frame.partition);
                self.missing -= 1;
                Ok(Some((at, frame)))
            }
            _ => Ok(None),
        }
    }
}

impl Reader for LogReader<'_> {
    fn next(&mut self) -> Result<Option<Stored<'_>>, ReadError> {
        let Some((at, frame)) = self.find()? else { return Ok(None) };
        let Some(cursor) = &mut self.cursor else { return Ok(None) };
        let bytes = cursor.view.record(at, &frame)?;
        Ok(bytes.map(|bytes| Stored { partition: frame.partition, position: frame.position, bytes }))
    }
}

/// A place between two frames.
struct Cursor {
    segment: Arc<Segment>,
    view: SegmentView,
    at: u64,
    /// Where the group begins in which `at` lies.
    group_at: u64,
    /// Where the group ends in which `at` lies; `at` between groups.
    group_end: u64,
    /// The lsn of the group that comes next.
    next_lsn: u64,
    /// Whether a summary led here.
    was_led: bool,
    /// Where the one partition that is wanted ends in this segment, once that is known.
    ends_at: Option<Position>,
    /// The last record of the one partition that is wanted.
    handed_out: Option<(PartitionId, Position, Spot)>,
}

impl Drop for Cursor {
    /// Whoever reads this partition next may go on here: a place like any other hint, held against what it points at.
    fn drop(&mut self) {
        if let Some((partition, position, spot)) = self.handed_out {
            self.segment.was_read(partition, position, spot);
        }
    }
}

impl Cursor {
    fn start(catalog: &Catalog, place: &Place, end: &End) -> Result<Self, ReadError> {
        let mut cursor = Self::at_first_group(catalog, &place.segment, end)?;
        cursor.jump(place)?;
        Ok(cursor)
    }

    fn at_first_group(catalog: &Catalog, segment: &Arc<Segment>, end: &End) -> Result<Self, ReadError> {
        let view = SegmentView::open(catalog.storage().as_ref(), &segment.header)?;
        let at = SEGMENT_HEADER_BYTES as u64;
        let next_lsn = segment.header.first_lsn;
        let segment = Arc::clone(segment);
        let (was_led, ends_at, handed_out) = (false, None, None);
        let mut cursor =
            Self { segment, view, at, group_at: at, group_end: at, next_lsn, was_led, ends_at, handed_out };
        cursor.look_up_to(end);
        Ok(cursor)
    }

    /// Goes to a spot, if it holds what it is said to hold.
    fn jump(&mut self, place: &Place) -> Result<(), ReadError> {
        let Some((position, spot)) = place.spot else { return Ok(()) };
        let GroupAt::Header(group) = self.view.group_at(spot.group_at())? else { return Ok(()) };
        let end = spot.group_at() + u64::from(group.bytes);
        let is_inside = (spot.group_at() + GROUP_HEADER_BYTES as u64..end).contains(&spot.frame_at());
        if !is_inside || !fits(&self.view, spot.group_at(), &group) || end > self.view.limit() {
            return Ok(());
        }
        if let FrameAt::Intact(frame) = self.view.frame_at(spot.frame_at(), end)?
            && (frame.partition, frame.position) == (place.partition, position)
        {
            (self.at, self.group_at, self.group_end) = (spot.frame_at(), spot.group_at(), end);
            self.was_led = true;
            self.next_lsn = group.first_lsn + u64::from(group.count);
        }
        Ok(())
    }

    /// Whether a partition's records in this segment lie before `next`, all of them.
    fn is_past(&mut self, catalog: &Catalog, partition: PartitionId, next: Position) -> bool {
        if self.ends_at.is_none() && self.at >= self.group_end {
            self.ends_at = catalog.end_in(self.view.header().segment_no, partition);
        }
        self.ends_at.is_some_and(|end| next >= end)
    }

    /// Nothing behind the durable end is looked at.
    fn look_up_to(&mut self, end: &End) {
        let in_use = self.view.header().segment_no == end.segment_no;
        self.view.set_limit(if in_use { end.offset } else { u64::MAX });
    }

    /// The frame here, and steps behind it; `None` after a step to another group or segment.
    fn next_frame(&mut self, catalog: &Catalog, end: &End) -> Result<Option<(u64, Frame)>, ReadError> {
        if self.at >= self.group_end {
            self.next_group(catalog, end)?;
            return Ok(None);
        }
        match self.view.frame_at(self.at, self.group_end)? {
            FrameAt::Intact(frame) => {
                let at = self.at;
                self.at += frame.size();
                Ok(Some((at, frame)))
            }
            FrameAt::Broken(frame) => {
                Err(ReadError::Corrupt(Box::new(record_damage(&self.view, self.at, &frame, Flaw::Record))))
            }
            FrameAt::TooLong => Err(self.damage(self.group_end - self.at, Flaw::Record)),
        }
    }

    fn next_group(&mut self, catalog: &Catalog, end: &End) -> Result<(), ReadError> {
        self.at = group_start(self.group_end);
        match self.view.group_at(self.at)? {
            GroupAt::Header(group) if group.first_lsn == self.next_lsn && fits(&self.view, self.at, &group) => {
                (self.group_at, self.group_end) = (self.at, self.at + u64::from(group.bytes));
                self.at += GROUP_HEADER_BYTES as u64;
                self.next_lsn += u64::from(group.count);
                Ok(())
            }
            GroupAt::Header(_) => Err(self.damage(GROUP_HEADER_BYTES as u64, Flaw::GroupOrder)),
            GroupAt::Unreadable => Err(self.damage(GROUP_HEADER_BYTES as u64, Flaw::GroupHeader)),
            GroupAt::Nothing => self.next_segment(catalog, end),
        }
    }

    fn next_segment(&mut self, catalog: &Catalog, end: &End) -> Result<(), ReadError> {
        let segment_no = self.view.header().segment_no + 1;
        let segment = if segment_no > end.segment_no { None } else { catalog.segment(segment_no) };
        match segment {
            Some(segment) if segment.header.first_lsn == self.next_lsn => {
                let was_led = self.was_led;
                *self = Self::at_first_group(catalog, &segment, end)?;
                self.was_led = was_led;
                Ok(())
            }
            // Groups are missing that the positions promise.
            _ => Err(self.damage(0, Flaw::GroupOrder)),
        }
    }

    fn damage(&self, bytes: u64, flaw: Flaw) -> ReadError {
        ReadError::Corrupt(Box::new(self.view.damage(self.at, bytes, flaw)))
    }
}
