//! A group: what one sync makes durable, whatever partitions it touches.
//!
//! - `GROUP_HEADER_BYTES + frames == bytes <= half a segment`
//! - `prev_crc` is the `crc` of the group before, so groups form a chain over all segments
//! - frames lie one behind the other; the next group starts at the next multiple of 32
//!
//! This module does not write; it fills a buffer.

use talon_domain::ids::{PartitionId, Position};

use super::frame::{FRAME_BYTES_MAX, Frame};
use crate::layout::{put, take};

/// Bytes of a group's header.
pub(crate) const GROUP_HEADER_BYTES: usize = 32;
/// Groups start at multiples of this.
pub(crate) const GROUP_ALIGNMENT: u64 = 32;
/// The writer closes a segment when less than this is left, which is room for any record: 65,583 bytes.
pub(crate) const GROUP_BYTES_MIN: u64 = (GROUP_HEADER_BYTES + FRAME_BYTES_MAX) as u64;
/// The writer's largest group, where segments allow it: 8 MiB are some 45,000 records, and two such buffers are held.
pub(crate) const GROUP_BYTES_MAX: u64 = 8 << 20;

const MAGIC: [u8; 4] = *b"TGRP";
const CRC_AT: usize = 28;

/// The largest group in a segment of `segment_bytes`.
pub(crate) const fn group_bytes_max(segment_bytes: u64) -> u64 {
    segment_bytes / 2
}

/// Where a group that would start at `offset` starts.
pub(crate) const fn group_start(offset: u64) -> u64 {
    offset.next_multiple_of(GROUP_ALIGNMENT)
}

/// A group's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupHeader {
    pub(crate) bytes: u32,
    pub(crate) first_lsn: u64,
    pub(crate) count: u32,
    pub(crate) prev_crc: u32,
    pub(crate) crc: u32,
}

impl GroupHeader {
    /// Reads a header whose own checksum holds; `None` for anything else.
    pub(crate) fn parse(salt: u64, from: &[u8; GROUP_HEADER_BYTES]) -> Option<Self> {
        let header_crc = u32::from_le_bytes(take::<24, 4, _>(from));
        if take::<0, 4, _>(from) != MAGIC || header_crc != salted(salt, &take::<0, 24, _>(from)) {
            return None;
        }
        Some(Self {
            bytes: u32::from_le_bytes(take::<4, 4, _>(from)),
            first_lsn: u64::from_le_bytes(take::<8, 8, _>(from)),
            count: u32::from_le_bytes(take::<16, 4, _>(from)),
            prev_crc: u32::from_le_bytes(take::<20, 4, _>(from)),
            crc: u32::from_le_bytes(take::<28, 4, _>(from)),
        })
    }

    /// The header's bytes, for frames with these checksums; sets `crc`.
    fn encode(&mut self, salt: u64, frame_crcs: &[u8]) -> [u8; GROUP_HEADER_BYTES] {
        let mut to = self.without_crc(salt);
        self.crc = crc32c::crc32c_append(salted(salt, &take::<0, CRC_AT, _>(&to)), frame_crcs);
        put::<CRC_AT, 4, _>(&mut to, self.crc.to_le_bytes());
        to
    }

    fn without_crc(&self, salt: u64) -> [u8; GROUP_HEADER_BYTES] {
        let mut to = [0; GROUP_HEADER_BYTES];
        put::<0, 4, _>(&mut to, MAGIC);
        put::<4, 4, _>(&mut to, self.bytes.to_le_bytes());
        put::<8, 8, _>(&mut to, self.first_lsn.to_le_bytes());
        put::<16, 4, _>(&mut to, self.count.to_le_bytes());
        put::<20, 4, _>(&mut to, self.prev_crc.to_le_bytes());
        let header_crc = salted(salt, &take::<0, 24, _>(&to));
        put::<24, 4, _>(&mut to, header_crc.to_le_bytes());
        to
    }

    /// Starts the checksum over the group; the crc field of every frame is added in order.
    pub(crate) fn checksum(&self, salt: u64) -> GroupChecksum {
        GroupChecksum(salted(salt, &take::<0, CRC_AT, _>(&self.without_crc(salt))))
    }
}

/// The checksum over a group, as its frames pass by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupChecksum(u32);

impl GroupChecksum {
    pub(crate) fn add(&mut self, frame: &Frame) {
        self.0 = crc32c::crc32c_append(self.0, &frame.crc.to_le_bytes());
    }

    pub(crate) const fn value(self) -> u32 {
        self.0
    }
}

fn salted(salt: u64, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&salt.to_le_bytes()), bytes)
}

/// A group being filled. Warm, it allocates nothing.
#[derive(Debug)]
pub(crate) struct GroupBuffer {
    bytes: Vec<u8>,
    frame_crcs: Vec<u8>,
    count: u32,
}

impl GroupBuffer {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; GROUP_HEADER_BYTES], frame_crcs: Vec::new(), count: 0 }
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.truncate(GROUP_HEADER_BYTES);
        self.frame_crcs.clear();
        self.count = 0;
    }

    /// Adds a record and says where in the group its frame begins.
    pub(crate) fn push(&mut self, salt: u64, partition: PartitionId, position: Position, record: &[u8]) -> u64 {
        let at = self.size();
        let frame = Frame::of(salt, partition, position, record);
        assert!(frame.is_some(), "a batch holds no record longer than a record may be");
        if let Some(frame) = frame {
            self.bytes.extend_from_slice(&frame.encode());
            self.bytes.extend_from_slice(record);
            self.frame_crcs.extend_from_slice(&frame.crc.to_le_bytes());
            self.count = self.count.saturating_add(1);
        }
        at
    }

    /// Writes the header, and returns it.
    pub(crate) fn finish(&mut self, salt: u64, first_lsn: u64, prev_crc: u32) -> GroupHeader {
        let bytes = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let mut header = GroupHeader { bytes, first_lsn, count: self.count, prev_crc, crc: 0 };
        let encoded = header.encode(salt, &self.frame_crcs);
        if let Some(front) = self.bytes.first_chunk_mut() {
            *front = encoded;
        }
        header
    }

    /// Bytes so far, header included.
    pub(crate) fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
