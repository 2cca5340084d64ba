//! Frames, groups and marks: what parses is written again byte for byte, and one changed bit is seen.

use talon_journal::{RECORD_BYTES_MAX, fuzz};

use crate::bytes::Bytes;
use crate::naive;

/// A frame's header and a record.
pub fn frame(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let header: [u8; 16] = bytes.array();
    assert_eq!(fuzz::frame_again(&header), header);
    let (salt, partition, position, flipped) = (bytes.u64(), bytes.u16(), bytes.u64(), bytes.u16());
    let record = bytes.0;
    let Some(header) = fuzz::frame_of(salt, partition, position, record) else {
        return assert!(record.len() > RECORD_BYTES_MAX);
    };
    assert_eq!(header, naive::frame_header(salt, partition, position, record));
    assert!(fuzz::frame_is_of(&header, salt, record));
    let mut frame = [&header, record].concat();
    let bit = usize::from(flipped) % (8 * frame.len());
    frame[bit / 8] ^= 1 << (bit % 8);
    let (header, record) = frame.split_first_chunk().expect("16 bytes");
    let lies_in_len = bit / 8 < 2; // another length is another record, which no reader gets to see
    assert!(lies_in_len || !fuzz::frame_is_of(header, salt, record), "bit {bit} is flipped and not seen");
}

/// A group of records, and a group's header on its own.
pub fn group(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    header(bytes.u64(), bytes.array());
    let (salt, first_lsn, prev_crc) = (bytes.u64(), bytes.u64(), bytes.u32());
    let mut records = Vec::new();
    while !bytes.is_empty() && records.len() < 100 {
        let (partition, position, length) = (bytes.u16(), bytes.u64(), bytes.u8());
        records.push((partition, position, bytes.take(length.into())));
    }
    let group = fuzz::group_of(salt, first_lsn, prev_crc, &records);
    let (header, _) = group.split_first_chunk().expect("a header");
    let [bytes, lsn, count, prev, crc] = fuzz::group_fields(salt, header).expect("our own header");
    let counts = (bytes, count) == (group.len() as u64, records.len() as u64);
    assert!(counts && (lsn, prev) == (first_lsn, prev_crc.into()), "{header:02x?}");
    let read = naive::group(&group, salt).expect("the naive reader reads it too");
    assert_eq!(u64::from(read.crc), crc);
    let given: Vec<_> = records.iter().map(|(partition, position, bytes)| (*partition, *position, *bytes)).collect();
    assert_eq!(read.records, given);
}

/// Any 24 bytes behind the right magic and under a checksum that holds are a header, and nothing of it is lost.
fn header(salt: u64, mut bytes: [u8; 32]) {
    assert!(bytes[..4] == naive::GROUP_MAGIC[..] || fuzz::group_fields(salt, &bytes).is_none());
    bytes[..4].copy_from_slice(&naive::GROUP_MAGIC);
    let crc = naive::salted(salt, &bytes[..24]);
    assert!(bytes[24..28] == crc.to_le_bytes() || fuzz::group_fields(salt, &bytes).is_none());
    bytes[24..28].copy_from_slice(&crc.to_le_bytes());
    let [length, lsn, count, prev, crc] = fuzz::group_fields(salt, &bytes).expect("a header whose checksum holds");
    let number = |at: usize, len: usize| bytes[at..at + len].iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
    let read = [number(4, 4), number(8, 8), number(16, 4), number(20, 4), number(28, 4)];
    assert_eq!([length, lsn, count, prev, crc], read);
}

/// A mark: one whose checksum holds is written again as it was, every other is none.
pub fn mark(bytes: &[u8]) {
    let mut mark: [u8; 32] = Bytes(bytes).array();
    let crc = crc32c::crc32c(&mark[..28]).to_le_bytes();
    assert!(mark[28..] == crc || fuzz::mark_again(&mark).is_none());
    mark[28..].copy_from_slice(&crc);
    assert_eq!(fuzz::mark_again(&mark), Some(mark));
}
