//! Whoever can write a ledger's folder, and knows docs/format.md: changes an amount and mends every checksum behind it.
//! Nothing of the journal's own code is used for it; only the honest ledger in small segments is made with its help.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use talon_domain::time::Instant;
use talon_journal::{
    BATCH_RECORDS_MAX, Batch, EmbeddedJournal, Journal as _, PARTITIONS, Positions, SegmentSeed, SegmentSizes,
    WriterSettings,
};

const SEGMENT_HEADER: usize = 4_096;
const GROUP_HEADER: usize = 32;
const FRAME_HEADER: usize = 16;
const RECORD_HEADER: usize = 104;
const CARD_DEBITED: u64 = 6;
/// A payload's amount and, in it, the currency: the minor units follow.
const EUROS: &[u8] = b"\x0a\x03EUR\x10";

/// Copies the records of a ledger, byte for byte, into one whose segments are as small as they may be.
pub(super) fn in_small_segments(from: &Path, to: &Path) {
    let source = EmbeddedJournal::open_read_only(from).expect("a journal");
    fs::create_dir_all(to.join("journal")).expect("a folder");
    let mut salt = 7;
    let seeds = move || {
        salt += 1;
        SegmentSeed { salt, created_at: Instant(1_795_597_200_000_000) }
    };
    let sizes = SegmentSizes::new(0, SegmentSizes::MIN_BYTES);
    let settings = WriterSettings { sizes, ..WriterSettings::new("test", Box::new(seeds)) };
    let mut reader = source.scan(&Positions::beginning()).expect("a reader");
    let mut next = |count: usize| {
        let mut batch = Batch::new();
        while batch.len() < count
            && let Some(stored) = reader.next().expect("a record")
        {
            batch.push(stored.partition, &[stored.bytes]).expect("room");
        }
        batch
    };
    let genesis = next(usize::from(PARTITIONS));
    let target = EmbeddedJournal::create(to, source.identity().ledger_id, settings, &genesis).expect("a journal");
    loop {
        let batch = next(BATCH_RECORDS_MAX.min(100));
        if batch.is_empty() {
            break;
        }
        target.append(batch).wait().expect("durable");
    }
}

/// What was forged.
pub(super) struct Forged {
    pub(super) partition: u64,
    pub(super) position: u64,
    pub(super) segments: usize,
}

/// Changes the amount of the first debit by a cent, and mends what vouches for it: its frame, its group and every group
/// behind it, the header of every segment behind it, the mark. Summaries are taken away: they are made again.
pub(super) fn forge_an_amount(journal: &Path) -> Forged {
    let segments = named(journal, ".seg");
    let mut mended = Mender::default();
    for path in &segments {
        let mut bytes = fs::read(path).expect("a segment");
        mended.segment(&mut bytes);
        fs::write(path, bytes).expect("room");
    }
    for summary in named(journal, ".sum") {
        fs::remove_file(summary).expect("a summary");
    }
    let mark = journal.join("durable");
    let mut bytes = fs::read(&mark).expect("the mark");
    put(&mut bytes, 24, mended.group_crc);
    let crc = crc(&[&bytes[..28]]);
    put(&mut bytes, 28, crc);
    fs::write(mark, bytes).expect("room");
    let (partition, position) = mended.forged.expect("a debit in euros");
    Forged { partition, position, segments: segments.len() }
}

fn named(journal: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = crate::talon::files(journal);
    found.retain(|path| path.to_string_lossy().ends_with(end));
    found.sort();
    found
}

/// Goes over the log in its order: what it has changed already, and the checksum that the next group must name.
#[derive(Default)]
struct Mender {
    forged: Option<(u64, u64)>,
    group_crc: u32,
}

impl Mender {
    fn segment(&mut self, bytes: &mut [u8]) {
        put(bytes, 60, self.group_crc);
        let header = crc(&[&bytes[..4_092]]);
        put(bytes, 4_092, header);
        let salt: [u8; 8] = bytes[44..52].try_into().expect("eight bytes");
        let mut at = SEGMENT_HEADER;
        while bytes.get(at..at + 4) == Some(b"TGRP") {
            let length = usize::try_from(number(bytes, at + 4, 4)).expect("small");
            self.group(&mut bytes[at..at + length], salt);
            at = (at + length).next_multiple_of(32);
        }
    }

    fn group(&mut self, group: &mut [u8], salt: [u8; 8]) {
        let (mut at, mut crcs) = (GROUP_HEADER, Vec::new());
        while at < group.len() {
            let length = usize::try_from(number(group, at, 2)).expect("small");
            let frame = &mut group[at..at + FRAME_HEADER + length];
            self.frame(frame, salt);
            crcs.extend_from_slice(&frame[4..8]);
            at += FRAME_HEADER + length;
        }
        put(group, 20, self.group_crc);
        let header = crc(&[&salt, &group[..24]]);
        put(group, 24, header);
        self.group_crc = crc(&[&salt, &group[..28], &crcs]);
        put(group, 28, self.group_crc);
    }

    fn frame(&mut self, frame: &mut [u8], salt: [u8; 8]) {
        let record = &mut frame[FRAME_HEADER..];
        if self.forged.is_none() && number(record, 2, 2) == CARD_DEBITED && add_a_cent(&mut record[RECORD_HEADER..]) {
            self.forged = Some((number(frame, 2, 2), number(frame, 8, 8)));
        }
        let checked = crc(&[&salt, &frame[2..4], &frame[8..16], &frame[..2], &frame[FRAME_HEADER..]]);
        put(frame, 4, checked);
    }
}

/// The lowest bits of a varint are its first byte's: another amount, of the same length.
fn add_a_cent(payload: &mut [u8]) -> bool {
    let Some(at) = payload.windows(EUROS.len()).position(|bytes| bytes == EUROS) else { return false };
    payload[at + EUROS.len()] ^= 1;
    true
}

fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn put(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

/// CRC-32C, bit by bit.
fn crc(parts: &[&[u8]]) -> u32 {
    let bytes = parts.iter().flat_map(|part| part.iter());
    !bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
    })
}

/// Runs the reader in Python on a ledger: its exit code, and what it said.
pub(super) fn python_reader(ledger: &Path, args: &[&str]) -> (i32, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../dev/reader/talon_reader.py");
    let output = Command::new("python3").arg(script).arg(ledger).args(args).output();
    let output = output.expect("python3 is installed: the gate needs it");
    (crate::talon::code(&output), crate::talon::out(&output) + &crate::talon::err(&output))
}
