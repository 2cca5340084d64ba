//! What a message's value is as a record: itself, or a stub that stands for bytes that no record could be, so that every
//! offset holds one (`docs/format.md`).
//!
//! Invariant: a value of 104 to 65,535 bytes that begins with a record's first byte is kept as it is, whatever else is
//! wrong with it.

use sha2::{Digest as _, Sha256};
use talon_journal::{FORMAT, HEADER_BYTES, MAGIC, RECORD_BYTES_MAX};

/// SHA-256, and the length as eight bytes.
const PAYLOAD_BYTES: usize = 32 + 8;
/// The kind of a stub: no fact has it.
const KIND: u16 = u16::MAX;

/// The record that a value is, in a buffer whose content is replaced.
pub(crate) fn take_record(value: Option<&[u8]>, into: &mut Vec<u8>) {
    into.clear();
    match value {
        Some(bytes) if is_kept(bytes) => into.extend_from_slice(bytes),
        other => write_stub(other, into),
    }
}

fn is_kept(bytes: &[u8]) -> bool {
    (HEADER_BYTES..=RECORD_BYTES_MAX).contains(&bytes.len()) && bytes.first() == Some(&MAGIC)
}

fn write_stub(value: Option<&[u8]>, into: &mut Vec<u8>) {
    let length = value.map_or(u64::MAX, |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    into.resize(HEADER_BYTES, 0);
    let payload_len = u16::try_from(PAYLOAD_BYTES).unwrap_or(u16::MAX);
    put(into, 0, &[MAGIC, FORMAT]);
    put(into, KIND_AT, &KIND.to_le_bytes());
    put(into, PAYLOAD_LEN_AT, &payload_len.to_le_bytes());
    into.extend_from_slice(&Sha256::digest(value.unwrap_or_default()));
    into.extend_from_slice(&length.to_le_bytes());
}

/// Where a header has its kind, and the length of its payload.
const KIND_AT: usize = 2;
const PAYLOAD_LEN_AT: usize = 54;

fn put(into: &mut [u8], at: usize, bytes: &[u8]) {
    let end = at.saturating_add(bytes.len());
    if let Some(place) = into.get_mut(at..end) {
        place.copy_from_slice(bytes);
    }
}
