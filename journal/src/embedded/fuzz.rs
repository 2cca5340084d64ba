//! Ways in for the fuzzers: readers of single structures that nobody else outside this room needs, in plain numbers.
//!
//! This module is built with the feature `fuzzing` alone, and is no part of what this crate promises.
#![allow(missing_docs, reason = "each function does what its name says")]

use talon_domain::ids::{PartitionId, Position};

use super::frame::{FRAME_HEADER_BYTES, Frame};
use super::group::{GROUP_HEADER_BYTES, GroupBuffer, GroupHeader};
use super::keeper::Cancel;
use super::mark::{MARK_BYTES, Mark};
use super::segment::SegmentHeader;
use super::summary::Summary;
use super::survey::read_header;
use crate::storage::Storage;

pub fn frame_again(header: &[u8; FRAME_HEADER_BYTES]) -> [u8; FRAME_HEADER_BYTES] {
    Frame::parse(header).encode()
}

pub fn frame_of(salt: u64, partition: u16, position: u64, record: &[u8]) -> Option<[u8; FRAME_HEADER_BYTES]> {
    Frame::of(salt, PartitionId(partition), Position(position), record).map(|frame| frame.encode())
}

pub fn frame_is_of(header: &[u8; FRAME_HEADER_BYTES], salt: u64, record: &[u8]) -> bool {
    Frame::parse(header).is_of(salt, record)
}

/// Length, first lsn, count, checksum of the group before, checksum.
pub fn group_fields(salt: u64, header: &[u8; GROUP_HEADER_BYTES]) -> Option<[u64; 5]> {
    let read = GroupHeader::parse(salt, header)?;
    Some([read.bytes.into(), read.first_lsn, read.count.into(), read.prev_crc.into(), read.crc.into()])
}

pub fn group_of(salt: u64, first_lsn: u64, prev_crc: u32, records: &[(u16, u64, &[u8])]) -> Vec<u8> {
    let mut group = GroupBuffer::new();
    for (partition, position, record) in records {
        group.push(salt, PartitionId(*partition), Position(*position), record);
    }
    group.finish(salt, first_lsn, prev_crc);
    group.bytes().to_vec()
}

pub fn mark_again(mark: &[u8; MARK_BYTES]) -> Option<[u8; MARK_BYTES]> {
    Mark::parse(mark).map(|mark| mark.encode())
}

/// Stores the summary of a closed segment.
pub fn store_summary(storage: &dyn Storage, segment: &str) -> Option<()> {
    let header = SegmentHeader::parse(&read_header(storage, segment).ok()?.0?).ok()?;
    Summary::store(storage, &header, &Cancel::default()).ok()
}
