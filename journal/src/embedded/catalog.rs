//! What is known of the log while it is open: its segments, and how far it is durable. The writer, or the follower of
//! another process, publishes here; readers look here, and never go further.
//!
//! - `end` only grows, and everything below it is durable
//! - `segments[i].header.segment_no == i`
//!
//! This module reads no record.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use talon_domain::ids::{PartitionId, Position};

use super::Chain;
use super::index::{Index, Spot};
use super::mark::Mark;
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};
use super::summary::Summary;
use crate::error::ReadError;
use crate::partition::Positions;
use crate::storage::Storage;

/// A segment of the open log.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) header: SegmentHeader,
    /// Read or made when it is first asked for, unless the segment is the one in use.
    index: Mutex<Option<Index>>,
    /// Where the last reader of one partition was: the next one often goes on behind it.
    last_read: Mutex<BTreeMap<PartitionId, (Position, Spot)>>,
}

impl Segment {
    /// A segment that is closed.
    pub(crate) const fn closed(header: SegmentHeader) -> Self {
        Self { header, index: Mutex::new(None), last_read: Mutex::new(BTreeMap::new()) }
    }

    /// A segment in use, with the index of what it holds so far.
    pub(crate) const fn active(header: SegmentHeader, index: Index) -> Self {
        Self { header, index: Mutex::new(Some(index)), last_read: Mutex::new(BTreeMap::new()) }
    }

    fn index(&self) -> MutexGuard<'_, Option<Index>> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where to begin to look for a record of this segment.
    fn find(
        &self,
        storage: &dyn Storage,
        partition: PartitionId,
        position: Position,
    ) -> Result<Option<(Position, Spot)>, ReadError> {
        let mut index = self.index();
        if index.is_none() {
            match Summary::of(storage, &self.header) {
                Ok(summary) => *index = Some(summary.into_index()),
                // A damaged segment has no summary. Whoever walks to the record meets the damage, or stops before it.
                Err(ReadError::Corrupt(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let noted = index.as_ref().and_then(|index| index.find(partition, position));
        let read = self.last_read().get(&partition).copied().filter(|(read, _)| *read <= position);
        Ok(noted.into_iter().chain(read).max_by_key(|(known, _)| *known))
    }

    fn last_read(&self) -> MutexGuard<'_, BTreeMap<PartitionId, (Position, Spot)>> {
        self.last_read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of where a reader of one partition was.
    pub(crate) fn was_read(&self, partition: PartitionId, position: Position, spot: Spot) {
        self.last_read().insert(partition, (position, spot));
    }
}

/// Where the durable log ends.
#[derive(Clone, Debug)]
pub(crate) struct End {
    /// The segment in use.
    pub(crate) segment_no: u64,
    /// Where its next group begins.
    pub(crate) offset: u64,
    pub(crate) chain: Chain,
    /// Segment and end of the last group, which lies in the segment before if the one in use is empty.
    pub(crate) last_group: (u64, u64),
}

impl End {
    pub(crate) const fn mark(&self) -> Mark {
        let (segment_no, offset) = self.last_group;
        Mark { next_lsn: self.chain.lsn, segment_no, offset, group_crc: self.chain.group_crc }
    }
}

/// A place in the log: a segment and an offset in it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) segment: Arc<Segment>,
    pub(crate) partition: PartitionId,
    /// Where to begin, if a spot is known; else at the segment's first group.
    pub(crate) spot: Option<(Position, Spot)>,
}

impl Place {
    pub(crate) fn order(&self) -> (u64, u64) {
        let offset = self.spot.map_or(SEGMENT_HEADER_BYTES as u64, |(_, spot)| spot.frame_at());
        (self.segment.header.segment_no, offset)
    }
}

/// What became durable.
#[derive(Debug)]
pub(crate) struct News<'a> {
    /// A segment that was taken into use, if so.
    pub(crate) opened: Option<Arc<Segment>>,
    pub(crate) end: End,
    pub(crate) spots: &'a [(PartitionId, Spot)],
}

/// The open log.
#[derive(Debug)]
pub(crate) struct Catalog {
    storage: Arc<dyn Storage>,
    log: Mutex<Log>,
    grown: Condvar,
}

#[derive(Debug)]
struct Log {
    segments: Vec<Arc<Segment>>,
    end: End,
}

impl Catalog {
    pub(crate) fn new(storage: Arc<dyn Storage>, segments: Vec<Arc<Segment>>, end: End) -> Self {
        Self { storage, log: Mutex::new(Log { segments, end }), grown: Condvar::new() }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    pub(crate) fn end(&self) -> End {
        self.log().end.clone()
    }

    pub(crate) fn ends(&self) -> Positions {
        self.log().end.chain.next.clone()
    }

    pub(crate) fn segment(&self, segment_no: u64) -> Option<Arc<Segment>> {
        let index = usize::try_from(segment_no).ok()?;
        self.log().segments.get(index).cloned()
    }

    /// The segments that are no longer in use.
    pub(crate) fn closed(&self) -> Vec<Arc<Segment>> {
        let log = self.log();
        log.segments.iter().filter(|segment| segment.header.segment_no < log.end.segment_no).cloned().collect()
    }

    /// Takes in what became durable, and wakes whoever waits for it.
    pub(crate) fn publish(&self, news: News<'_>) {
        let mut log = self.log();
        assert!(news.end.chain.lsn >= log.end.chain.lsn, "the durable end only grows");
        log.segments.extend(news.opened);
        if let Some(active) = log.segments.last()
            && let Some(index) = active.index().as_mut()
        {
            news.spots.iter().for_each(|(partition, spot)| index.push(*partition, *spot));
        }
        log.end = news.end;
        drop(log);
        self.grown.notify_all();
    }

    /// Waits until some partition's end is beyond these positions.
    pub(crate) fn wait(&self, beyond: &Positions, timeout: Duration) -> bool {
        let waits = |log: &mut Log| !log.end.chain.next.is_beyond(beyond);
        let (log, _) =
            self.grown.wait_timeout_while(self.log(), timeout, waits).unwrap_or_else(PoisonError::into_inner);
        log.end.chain.next.is_beyond(beyond)
    }

    /// Where to begin to look for a record below the end: in which segment, as the headers tell, and where in it, as a
    /// summary tells to whoever believes it.
    pub(crate) fn locate(
        &self,
        partition: PartitionId,
        position: Position,
        believes_summaries: bool,
    ) -> Result<Option<Place>, ReadError> {
        let Some(segment) = self.segment_of(partition, position) else { return Ok(None) };
        let find = || segment.find(self.storage.as_ref(), partition, position);
        let spot = if believes_summaries { find()? } else { None };
        Ok(Some(Place { segment, partition, spot }))
    }

    /// Where a partition ends in a segment, as the header of the next one tells.
    pub(crate) fn end_in(&self, segment_no: u64, partition: PartitionId) -> Option<Position> {
        self.segment(segment_no + 1).map(|next| next.header.next.next(partition))
    }

    fn segment_of(&self, partition: PartitionId, position: Position) -> Option<Arc<Segment>> {
        let log = self.log();
        let after = log.segments.partition_point(|segment| segment.header.next.next(partition) <= position);
        after.checked_sub(1).and_then(|index| log.segments.get(index)).cloned()
    }
}
