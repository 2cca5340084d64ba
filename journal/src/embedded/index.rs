//! Where records are in a segment: for each partition the place of its first record there and of every 256th after it.
//!
//! A hint, made from the segment and no evidence: whoever follows it checks what it finds.

use talon_domain::ids::{PartitionId, Position};

use super::walk::Passed;
use crate::partition::{PARTITIONS, Positions};

/// A place is noted for every so many records of a partition.
pub(crate) const INDEX_STRIDE: u64 = 256;

/// A frame's place in its segment, and its group's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    group_at: u32,
    frame_at: u32,
}

impl Spot {
    /// A spot in a segment, which is at most 1 GiB.
    pub(crate) fn new(group_at: u64, frame_at: u64) -> Self {
        let small = |offset: u64| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { group_at: small(group_at), frame_at: small(frame_at) }
    }

    pub(crate) fn group_at(self) -> u64 {
        self.group_at.into()
    }

    pub(crate) fn frame_at(self) -> u64 {
        self.frame_at.into()
    }
}

/// The spots of one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    first: Positions,
    spots: Vec<Vec<Spot>>,
}

impl Index {
    /// The index of a segment in which partitions begin at these positions.
    pub(crate) fn new(first: Positions) -> Self {
        Self { first, spots: (0..PARTITIONS).map(|_| Vec::new()).collect() }
    }

    /// Whether the record at this position gets a spot, in a segment in which its partition begins at `first`.
    pub(crate) const fn is_noted(first: Position, position: Position) -> bool {
        position.0 >= first.0 && (position.0 - first.0).is_multiple_of(INDEX_STRIDE)
    }

    /// Takes note of a frame, in the order of the log.
    pub(crate) fn pass(&mut self, passed: Passed) {
        let Passed { frame, spot } = passed;
        if Self::is_noted(self.first.next(frame.partition), frame.position) {
            self.push(frame.partition, spot);
        }
    }

    /// Adds the next spot of a partition.
    pub(crate) fn push(&mut self, partition: PartitionId, spot: Spot) {
        if let Some(spots) = self.spots.get_mut(usize::from(partition.0)) {
            spots.push(spot);
        }
    }

    /// Forgets what lies at or behind these positions.
    pub(crate) fn cut_to(&mut self, next: &Positions) {
        for (spots, ((_, first), (_, next))) in self.spots.iter_mut().zip(self.first.iter().zip(next.iter())) {
            let kept = next.0.saturating_sub(first.0).div_ceil(INDEX_STRIDE);
            spots.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
        }
    }

    /// The last noted spot at or before a position, and the position that it is of.
    pub(crate) fn find(&self, partition: PartitionId, position: Position) -> Option<(Position, Spot)> {
        let first = self.first.next(partition).0;
        let stride = position.0.checked_sub(first)? / INDEX_STRIDE;
        let spots = self.spots.get(usize::from(partition.0))?;
        let spot = spots.get(usize::try_from(stride).ok()?)?;
        Some((Position(first + stride * INDEX_STRIDE), *spot))
    }

    pub(crate) const fn first(&self) -> &Positions {
        &self.first
    }

    pub(crate) fn spots(&self) -> &[Vec<Spot>] {
        &self.spots
    }
}
