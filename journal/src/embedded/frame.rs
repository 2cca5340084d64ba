//! A frame: what this engine puts around a record. Its checksum binds the record to its segment and to its position,
//! so that a sector in the wrong place is seen.
//!
//! This module does not know which position comes next.

use talon_domain::ids::{PartitionId, Position};

use crate::layout::{put, take};
use crate::record::RECORD_BYTES_MAX;

/// Bytes of a frame's header.
pub(crate) const FRAME_HEADER_BYTES: usize = 16;
/// Bytes of the longest frame.
pub(crate) const FRAME_BYTES_MAX: usize = FRAME_HEADER_BYTES + RECORD_BYTES_MAX;

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) len: u16,
    pub(crate) partition: PartitionId,
    pub(crate) crc: u32,
    pub(crate) position: Position,
}

impl Frame {
    /// The frame of a record; `None` if the record is longer than a record may be.
    pub(crate) fn of(salt: u64, partition: PartitionId, position: Position, record: &[u8]) -> Option<Self> {
        let len = u16::try_from(record.len()).ok()?;
        let frame = Self { len, partition, crc: 0, position };
        Some(Self { crc: frame.checksum(salt, record), ..frame })
    }

    pub(crate) fn encode(&self) -> [u8; FRAME_HEADER_BYTES] {
        let mut to = [0; FRAME_HEADER_BYTES];
        put::<0, 2, _>(&mut to, self.len.to_le_bytes());
        put::<2, 2, _>(&mut to, self.partition.0.to_le_bytes());
        put::<4, 4, _>(&mut to, self.crc.to_le_bytes());
        put::<8, 8, _>(&mut to, self.position.0.to_le_bytes());
        to
    }

    pub(crate) fn parse(from: &[u8; FRAME_HEADER_BYTES]) -> Self {
        Self {
            len: u16::from_le_bytes(take::<0, 2, _>(from)),
            partition: PartitionId(u16::from_le_bytes(take::<2, 2, _>(from))),
            crc: u32::from_le_bytes(take::<4, 4, _>(from)),
            position: Position(u64::from_le_bytes(take::<8, 8, _>(from))),
        }
    }

    /// Whether this frame's checksum is the one of this record in this segment.
    pub(crate) fn is_of(&self, salt: u64, record: &[u8]) -> bool {
        self.crc == self.checksum(salt, record)
    }

    /// Bytes of the whole frame.
    pub(crate) fn size(&self) -> u64 {
        FRAME_HEADER_BYTES as u64 + u64::from(self.len)
    }

    fn checksum(&self, salt: u64, record: &[u8]) -> u32 {
        let mut bound = [0; 20];
        put::<0, 8, _>(&mut bound, salt.to_le_bytes());
        put::<8, 2, _>(&mut bound, self.partition.0.to_le_bytes());
        put::<10, 8, _>(&mut bound, self.position.0.to_le_bytes());
        put::<18, 2, _>(&mut bound, self.len.to_le_bytes());
        crc32c::crc32c_append(crc32c::crc32c(&bound), record)
    }
}
