//! The files of the embedded engine, read at the offsets of docs/format.md, with a checksum written here.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use talon_domain::ids::MerchantId;
use talon_journal::{EmbeddedJournal, Journal, OpenError, SegmentSizes, Storage, WriterSettings};
use talon_testkit::{Disk, batch_of, format_table, genesis, ledger_id, record, seeds, unhex};

/// A table of the format page over the bytes that it describes.
pub(crate) struct Fields<'a> {
    rows: Vec<Vec<String>>,
    bytes: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The table must cover its bytes from the first to `size`, but for reserved gaps that are zero.
    pub(crate) fn of(table: &str, bytes: &'a [u8], size: usize) -> Self {
        let rows = format_table(table);
        let (mut end, number) = (0, |text: &String| text.parse::<usize>().unwrap());
        for row in rows.iter().filter(|row| row[1] != "n") {
            assert!(bytes[end..number(&row[0])].iter().all(|byte| *byte == 0), "{} leaves a gap", row[2]);
            end = number(&row[0]) + number(&row[1]);
        }
        assert_eq!(end, size, "{table}");
        Self { rows, bytes }
    }

    pub(crate) fn bytes(&self, name: &str) -> &'a [u8] {
        let row = self.rows.iter().find(|row| row[2] == name).unwrap();
        let offset: usize = row[0].parse().unwrap();
        &self.bytes[offset..offset + row[1].parse::<usize>().unwrap()]
    }

    pub(crate) fn number(&self, name: &str) -> u64 {
        let mut wide = [0; 8];
        let bytes = self.bytes(name);
        wide[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(wide)
    }
}

/// CRC-32C, bit by bit.
pub(crate) fn crc(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().copied().flatten();
    let crc = bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
    });
    u64::from(!crc)
}

fn ledger() -> (Disk, Vec<Vec<u8>>) {
    let disk = Disk::new();
    let settings = WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(5)) };
    let journal = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings, &genesis(ledger_id()));
    let journal = journal.unwrap();
    for n in 0..30 {
        let bytes = record(MerchantId(1), n, 9_000);
        journal.append(batch_of([(MerchantId(1), bytes.as_slice())])).wait().unwrap();
    }
    drop(journal);
    let names: Vec<_> = disk.list().unwrap().into_iter().filter(|name| name.len() == 24).collect();
    let files = names.iter().map(|name| disk.bytes(name).unwrap()).collect();
    (disk, files)
}

/// The same ledger is the same files, for ever: names and SHA-256 of its segments.
#[test]
fn segments_are_the_golden_files() {
    let (disk, files) = ledger();
    let names = disk.list().unwrap().into_iter().filter(|name| name.len() == 24);
    let made: Vec<_> = names.zip(&files).map(|(name, bytes)| (Sha256::digest(bytes).to_vec(), name)).collect();
    let golden = include_str!("../golden/segments.txt").lines().filter_map(|line| line.split_once(' '));
    assert_eq!(made, golden.map(|(hash, name)| (unhex(hash), name.to_owned())).collect::<Vec<_>>());
}

/// A ledger of the draft is whole, and refused: this release would read its records as none.
#[test]
fn a_ledger_of_the_draft_is_refused_by_its_format() {
    let (disk, files) = ledger();
    let name = disk.list().unwrap().into_iter().find(|name| name.len() == 24).unwrap();
    let mut draft = files[0].clone();
    draft[8] = 0;
    let checksum = u32::try_from(crc(&[&draft[..4092]])).unwrap();
    draft[4092..4096].copy_from_slice(&checksum.to_le_bytes());
    disk.replace(&name, draft);
    let settings = WriterSettings::new("a test", seeds(5));
    let refused = EmbeddedJournal::open_in(Arc::new(disk), settings).map(drop).unwrap_err();
    assert!(matches!(&refused, OpenError::Unsupported { format: 0, partitions: 64, .. }), "{refused}");
    assert!(refused.to_string().contains("publish its events again"), "{refused}");
}

#[test]
fn segments_lie_as_the_format_page_draws_them() {
    let (_, files) = ledger();
    let headers: Vec<_> = files.iter().map(|file| Fields::of("segment-header", &file[..4096], 4096)).collect();
    assert_eq!(crc(&[b"123456789"]), 0xe306_9283);
    for (number, (header, file)) in headers.iter().zip(&files).enumerate() {
        assert_eq!(header.bytes("magic"), b"TALONSEG");
        assert_eq!((header.number("format"), header.number("partitions")), (1, 64));
        assert_eq!(header.bytes("ledger_id"), ledger_id().0);
        assert_eq!((header.number("segment_no"), header.number("segment_bytes")), (number as u64, file.len() as u64));
        assert!(header.bytes("zeros").iter().all(|byte| *byte == 0));
        assert_eq!(header.number("crc"), crc(&[&file[..4092]]));
        let next: Vec<u64> =
            header.bytes("next_positions").chunks(8).map(|n| u64::from_le_bytes(n.try_into().unwrap())).collect();
        assert_eq!(next.iter().sum::<u64>(), header.number("first_lsn"));
    }
    for pair in headers.windows(2) {
        assert_eq!(pair[1].bytes("prev_segment_salt"), pair[0].bytes("segment_salt"));
    }
    assert_eq!((headers[0].number("prev_segment_salt"), headers[0].number("prev_last_group_crc")), (0, 0));
    assert!(headers.len() > 1);
}

#[test]
fn groups_frames_and_the_mark_lie_as_the_format_page_draws_them() {
    let (disk, files) = ledger();
    let (mut lsn, mut group_crc, mut end) = (0, 0, 0);
    for file in &files {
        let header = Fields::of("segment-header", &file[..4096], 4096);
        assert_eq!((header.number("first_lsn"), header.number("prev_last_group_crc")), (lsn, group_crc));
        let salt = header.bytes("segment_salt");
        let mut at = 4096;
        while file[at..].starts_with(b"TGRP") {
            let group = Fields::of("group-header", &file[at..at + 32], 32);
            assert_eq!((group.number("first_lsn"), group.number("prev_group_crc")), (lsn, group_crc));
            assert_eq!(group.number("header_crc"), crc(&[salt, &file[at..at + 24]]));
            let group_end = at + usize::try_from(group.number("bytes")).unwrap();
            let frame_crcs = frames(salt, &file[at + 32..group_end]);
            assert_eq!(frame_crcs.len() as u64, 4 * group.number("count"));
            assert_eq!(group.number("crc"), crc(&[salt, &file[at..at + 28], &frame_crcs]));
            (lsn, group_crc) = (lsn + group.number("count"), group.number("crc"));
            at = group_end.next_multiple_of(32);
            assert!(file[group_end..at].iter().all(|byte| *byte == 0));
        }
        assert!(file[at..].iter().all(|byte| *byte == 0));
        end = at;
    }
    let bytes = disk.bytes("durable").unwrap();
    let mark = Fields::of("mark", &bytes, 32);
    assert_eq!((mark.number("next_lsn"), mark.number("group_crc")), (lsn, group_crc));
    assert_eq!((mark.number("segment_no"), mark.number("offset")), (files.len() as u64 - 1, end as u64));
    assert_eq!(mark.number("crc"), crc(&[&bytes[..28]]));
}

/// Checks the frames of a group; returns their crc fields.
fn frames(salt: &[u8], mut bytes: &[u8]) -> Vec<u8> {
    let mut crcs = Vec::new();
    while !bytes.is_empty() {
        let frame = Fields::of("frame", &bytes[..16], 16);
        let (whole, rest) = bytes.split_at(16 + usize::try_from(frame.number("len")).unwrap());
        let bound = [salt, frame.bytes("partition"), frame.bytes("position"), frame.bytes("len"), &whole[16..]];
        assert_eq!(frame.number("crc"), crc(&bound));
        crcs.extend_from_slice(frame.bytes("crc"));
        bytes = rest;
    }
    crcs
}
