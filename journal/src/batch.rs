//! A batch: what one caller appends, in order, each record with its partition.
//!
//! The bytes lie in one buffer that goes to the engine and comes back with the acknowledgement, so that a warm batch
//! allocates nothing. A batch takes what a journal can hold, records or not: a copy must be able to carry what another
//! ledger holds. This module does not judge what a record says.

use talon_domain::ids::{PartitionId, Position};

use crate::partition::PARTITIONS;
use crate::record::{HEADER_BYTES, MAGIC, RECORD_BYTES_MAX};

/// Records in the largest batch.
pub const BATCH_RECORDS_MAX: usize = 10_000;
/// Bytes of the records of the largest batch: 4 MiB of published events, with room for their headers and seals.
pub const BATCH_BYTES_MAX: usize = 8 << 20;

/// Why a batch does not take a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Too short or too long for a record.
    #[error("{0} bytes are not a record, which has 104 to 65535")]
    Length(usize),
    /// The first byte is not a record's.
    #[error("a record begins with 0x54")]
    Magic,
    /// No such partition.
    #[error("there is no partition {0}, only 0 to 63")]
    Partition(PartitionId),
    /// The batch is full: append it, then go on with the next.
    #[error("the batch is full: 10000 records or 8 MiB")]
    Full,
}

/// Records in the order in which they are to be appended.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    start: usize,
    end: usize,
    partition: PartitionId,
    position: Position,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    /// Takes one record, given in parts that follow one another. A refused record leaves the batch as it was.
    pub fn push(&mut self, partition: PartitionId, parts: &[&[u8]]) -> Result<(), BatchError> {
        let length = parts.iter().fold(0usize, |sum, part| sum.saturating_add(part.len()));
        self.check(partition, length, parts)?;
        let start = self.bytes.len();
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        let end = self.bytes.len();
        self.entries.push(Entry { start, end, partition, position: Position(0) });
        Ok(())
    }

    fn check(&self, partition: PartitionId, length: usize, parts: &[&[u8]]) -> Result<(), BatchError> {
        if !(HEADER_BYTES..=RECORD_BYTES_MAX).contains(&length) {
            return Err(BatchError::Length(length));
        }
        if partition.0 >= PARTITIONS {
            return Err(BatchError::Partition(partition));
        }
        if parts.iter().find_map(|part| part.first()) != Some(&MAGIC) {
            return Err(BatchError::Magic);
        }
        if self.entries.len() >= BATCH_RECORDS_MAX || self.bytes.len() > BATCH_BYTES_MAX - length {
            return Err(BatchError::Full);
        }
        Ok(())
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The record at an index, with its partition.
    pub fn record(&self, index: usize) -> Option<(PartitionId, &[u8])> {
        self.entries.get(index).map(|entry| self.of(entry))
    }

    /// Every record with its partition, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (PartitionId, &[u8])> + '_ {
        self.entries.iter().map(|entry| self.of(entry))
    }

    fn of(&self, entry: &Entry) -> (PartitionId, &[u8]) {
        (entry.partition, self.bytes.get(entry.start..entry.end).unwrap_or_default())
    }

    /// Notes where a record was put: what an engine does before it acknowledges.
    pub fn set_position(&mut self, index: usize, position: Position) {
        if let Some(entry) = self.entries.get_mut(index) {
            entry.position = position;
        }
    }

    pub(crate) fn position(&self, index: usize) -> Option<Position> {
        self.entries.get(index).map(|entry| entry.position)
    }
}
