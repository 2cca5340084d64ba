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

#[cfg(test)]
mod tests {
    use talon_testkit::{format_table, unhex};

    use super::*;

    /// Name, value, and the stub that stands for it.
    type Golden = (&'static str, Option<Vec<u8>>, Vec<u8>);

    fn golden() -> Vec<Golden> {
        let lines = include_str!("../tests/golden/stubs.txt").lines().filter(|line| !line.starts_with('#'));
        let value = |text: &str| (text != "null").then(|| if text == "-" { Vec::new() } else { unhex(text) });
        let golden = |line: &'static str| {
            let words: Vec<_> = line.split(' ').collect();
            (words[0], value(words[1]), unhex(words[2]))
        };
        lines.map(golden).collect()
    }

    #[test]
    fn what_could_be_no_record_has_the_golden_stub() {
        let golden = golden();
        assert_eq!(golden.len(), 5);
        for (name, value, stub) in golden {
            let mut made = vec![7; 3];
            take_record(value.as_deref(), &mut made);
            assert_eq!(made, stub, "{name}");
            let mut again = Vec::new();
            take_record(Some(&stub), &mut again);
            assert_eq!(again, stub, "a copy writes it as it is");
        }
    }

    #[test]
    fn a_stub_lies_as_the_format_page_draws_it() {
        let (_, _, stub) = golden().remove(2);
        let mut end = 0;
        for row in format_table("stub") {
            let [offset, size] = [0, 1].map(|at| row[at].parse::<usize>().expect("a number"));
            assert_eq!(offset, end, "{}", row[2]);
            end += size;
            let bytes = &stub[offset..end];
            match row[2].as_str() {
                "magic" => assert_eq!(bytes, [MAGIC]),
                "format" => assert_eq!(bytes, [FORMAT]),
                "kind" => assert_eq!(bytes, [0xff; 2]),
                "payload_len" => assert_eq!(bytes, [40, 0]),
                "zeros" => assert!(bytes.iter().all(|byte| *byte == 0)),
                "hash" => assert_eq!(bytes, &Sha256::digest(b"not a record")[..]),
                "length" => assert_eq!(bytes, 12u64.to_le_bytes()),
                other => panic!("no such field: {other}"),
            }
        }
        assert_eq!(end, stub.len());
    }

    #[test]
    fn what_begins_like_a_record_is_kept_as_it_is() {
        for bytes in [vec![MAGIC; HEADER_BYTES], vec![MAGIC; RECORD_BYTES_MAX]] {
            let mut kept = Vec::new();
            take_record(Some(&bytes), &mut kept);
            assert_eq!(kept, bytes);
        }
        let mut stub = Vec::new();
        take_record(Some(&vec![MAGIC; RECORD_BYTES_MAX + 1]), &mut stub);
        assert_eq!(stub.len(), HEADER_BYTES + PAYLOAD_BYTES);
    }
}
