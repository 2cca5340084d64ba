//! Runs in a folder: what is found, what is read for it, and what damage comes to.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::storage::{Claim, Folder, WriterLock};

const LEDGER: LedgerId = LedgerId([7; 16]);

/// A ledger's folder, and the guard of its index.
struct Place {
    ledger: TempDir,
    storage: Folder,
    _lock: WriterLock,
}

impl Place {
    fn new() -> Self {
        let ledger = tempfile::tempdir().expect("a folder");
        let storage = Folder::index(ledger.path());
        let Ok(Claim::Ours(lock)) = storage.claim("a test") else { panic!("nobody else has it") };
        Self { ledger, storage, _lock: lock }
    }

    fn write(&self, no: u64, section_blocks: u32, entries: &[Entry]) -> Run {
        let times = Times { first: 1, last: 9 };
        let draft = Draft { ledger_id: LEDGER, no, salt: 77 + no, kind: RunKind::Timely, times, section_blocks };
        let mut writer = RunWriter::create(&self.storage, &run_name(no), draft).expect("a run");
        entries.iter().for_each(|entry| writer.push(*entry).expect("written"));
        let (header, crc) = writer.finish().expect("written");
        let run = Run::open(&self.storage, LEDGER, no, crc).expect("what was written");
        assert_eq!((run.header, run.crc()), (header, crc));
        run
    }

    fn file(&self, no: u64) -> std::path::PathBuf {
        self.ledger.path().join("index").join(run_name(no))
    }
}

/// Fingerprints as evenly spread as those of ids, in order.
fn entries(count: u64) -> Vec<Entry> {
    let spread =
        |n: u64| (n ^ n >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let mut entries: Vec<_> = (1..=count).map(|place| Entry { fingerprint: spread(place), place }).collect();
    entries.sort_unstable();
    entries
}

fn found(run: &Run, fingerprint: u64, buffer: &mut BlockBuffer) -> Result<Vec<u64>, IndexError> {
    let mut places = Vec::new();
    let Some(section) = run.section_of(fingerprint) else { return Ok(places) };
    if run.filter(section)?.is_none_or(|filter| filter.passes(fingerprint)) {
        run.find(section, fingerprint, buffer, &mut |place| places.push(place))?;
    }
    Ok(places)
}

fn all(run: Run) -> Result<Vec<Entry>, IndexError> {
    let mut cursor = Cursor::new(Arc::new(run));
    std::iter::from_fn(|| cursor.next().transpose()).collect()
}

#[test]
fn every_entry_is_found_and_nothing_else_whatever_the_number() {
    let place = Place::new();
    let mut buffer = BlockBuffer::new();
    for (no, count) in (0..).zip([1, 2, 254, 255, 256, 509, 510, 511, 765, 766, 3_000]) {
        let written = entries(count);
        let run = place.write(no, 2, &written);
        assert_eq!((run.count(), run.sections().len() as u64), (count, count.div_ceil(510)));
        for entry in &written {
            assert_eq!(found(&run, entry.fingerprint, &mut buffer).expect("sound"), [entry.place], "{count}");
            assert_eq!(found(&run, entry.fingerprint ^ 1, &mut buffer).expect("sound"), [], "{count}");
        }
        assert_eq!(all(run).expect("sound"), written);
    }
}

/// Ids that are not the same may have one fingerprint, so many that they fill blocks and sections.
#[test]
fn every_place_under_one_fingerprint_is_found() {
    let place = Place::new();
    let mut buffer = BlockBuffer::new();
    for (no, same) in (0..).zip([2, 255, 300, 1_021, 2_000]) {
        let mut written = entries(600);
        let doubled = written[299].fingerprint;
        written.extend((1..same).map(|n| Entry { fingerprint: doubled, place: 10_000 + n }));
        written.sort_unstable();
        let run = place.write(no, 2, &written);
        for entry in written.chunk_by(|a, b| a.fingerprint == b.fingerprint) {
            let places: Vec<_> = entry.iter().map(|entry| entry.place).collect();
            assert_eq!(found(&run, entry[0].fingerprint, &mut buffer).expect("sound"), places, "{same}");
        }
    }
}

#[test]
fn an_entry_that_comes_twice_is_kept_once() {
    let written = entries(400);
    let twice: Vec<_> = written.iter().flat_map(|entry| [*entry, *entry]).collect();
    assert_eq!(all(Place::new().write(0, 1, &twice)).expect("sound"), written);
}

#[test]
fn a_look_up_reads_about_two_blocks_and_in_order_fewer() {
    let place = Place::new();
    let written = entries(200_000);
    let run = place.write(0, 4_113, &written);
    let mut buffer = BlockBuffer::new();
    let step = written.iter().step_by(997).count() as u64;
    for entry in written.iter().step_by(997) {
        let section = run.section_of(entry.fingerprint).expect("a section");
        run.find(section, entry.fingerprint, &mut buffer, &mut |_| ()).expect("sound");
    }
    assert!(buffer.reads() < step * 5 / 2, "{} blocks for {step}", buffer.reads());
    let before = buffer.reads();
    for entry in &written {
        let section = run.section_of(entry.fingerprint).expect("a section");
        run.find(section, entry.fingerprint, &mut buffer, &mut |_| ()).expect("sound");
    }
    assert!(buffer.reads() - before < 200_000 / 50, "{}", buffer.reads() - before);
}

/// Fingerprints that are not evenly spread at all cost some more blocks, and end.
#[test]
fn no_spread_of_fingerprints_makes_a_look_up_long() {
    let place = Place::new();
    let squares = (1..=20_000u64).map(|n| Entry { fingerprint: n * n * n * n, place: n });
    let written: Vec<_> = squares.chain([Entry { fingerprint: u64::MAX, place: 0 }]).collect();
    let run = place.write(0, 100, &written);
    let mut buffer = BlockBuffer::new();
    for entry in written.iter().step_by(7) {
        let before = buffer.reads();
        assert_eq!(found(&run, entry.fingerprint, &mut buffer).expect("sound"), [entry.place]);
        assert!(buffer.reads() - before <= 14, "{}", buffer.reads() - before);
    }
}

/// Whatever byte is wrong, an answer is right or there is none.
#[test]
fn a_flipped_byte_is_met_before_a_wrong_answer() {
    let place = Place::new();
    let written = entries(600);
    let sound = place.write(0, 1, &written);
    let crc = sound.crc();
    let bytes = fs::read(place.file(0)).expect("a file");
    let file = place.storage.open(&run_name(0), Access::Write).expect("a file");
    for (at, byte) in bytes.iter().enumerate() {
        file.write_at(&[byte ^ 1 << (at % 8)], at as u64).expect("written");
        let mut met = false;
        if let Ok(run) = Run::open(&place.storage, LEDGER, 0, crc) {
            let mut buffer = BlockBuffer::new();
            for entry in written.iter().step_by(41) {
                match found(&run, entry.fingerprint, &mut buffer) {
                    Ok(places) => assert_eq!(places, [entry.place], "byte {at}"),
                    Err(IndexError::Damaged { .. }) => met = true,
                    Err(other) => panic!("byte {at}: {other}"),
                }
            }
            met |= (0..run.sections().len()).any(|section| run.filter(section).is_err());
            met |= all(run).is_err();
        } else {
            met = true;
        }
        assert!(met, "byte {at} is under no checksum");
        file.write_at(&[*byte], at as u64).expect("written");
    }
}

#[test]
fn a_run_is_opened_only_whole_and_under_its_own_name() {
    let place = Place::new();
    let crc = place.write(0, 1, &entries(300)).crc();
    let other = place.write(1, 1, &entries(301)).crc();
    let is_damaged =
        |ledger, no, crc| matches!(Run::open(&place.storage, ledger, no, crc), Err(IndexError::Damaged { .. }));
    assert!(is_damaged(LedgerId([8; 16]), 0, crc));
    assert!(is_damaged(LEDGER, 0, other));
    assert!(is_damaged(LEDGER, 2, crc));
    fs::copy(place.file(1), place.file(0)).expect("copied");
    assert!(is_damaged(LEDGER, 0, other), "a run under another's name");
    let bytes = fs::read(place.file(1)).expect("a file");
    for bytes in [&bytes[..bytes.len() - 1], &[&bytes[..], &[0]].concat(), &bytes[..4_000], &[]] {
        fs::write(place.file(1), bytes).expect("written");
        assert!(is_damaged(LEDGER, 1, other), "{} bytes", bytes.len());
    }
}

/// A table that a checksum agrees with still has to fit its file, before anything of that size is read.
#[test]
fn sections_fill_the_file_in_order_or_the_run_is_damaged() {
    let run = Place::new().write(0, 1, &entries(600));
    assert!(are_whole(&run.sections, &run.header));
    let changes: [fn(&mut [Section]); 6] = [
        |sections| sections[1].at += BLOCK_BYTES as u64,
        |sections| sections[0].entries = 0,
        |sections| sections[2].entries += 1,
        |sections| sections[2].filter_bytes = u32::MAX,
        |sections| sections.swap(0, 1),
        |sections| sections[1].last = sections[1].first - 1,
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut sections = run.sections.clone();
        change(&mut sections);
        assert!(!are_whole(&sections, &run.header), "change {number}");
    }
    assert!(!are_whole(&run.sections[..2], &run.header));
}
