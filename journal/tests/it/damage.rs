//! Damage: one flipped bit anywhere is found and named; what looks like damage is never cut; what is torn is.

use std::sync::Arc;
use std::time::Duration;

use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{
    Damage, EmbeddedJournal, ErrorKind, Flaw, Journal, OpenError, Positions, ReadError, Record, SegmentSizes, Span,
    Storage, Verified, WriterSettings, repair_cut_after_in, verify_in,
};
use talon_testkit::{Disk, batch_of, genesis, ledger_id, record, seeds};

const FIRST: &str = "00000000000000000000.seg";
const SUMMARY: &str = "00000000000000000000.seg.sum";
const HEADER_BYTES: usize = 4096;

fn settings(seed: u64) -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(seed)) }
}

fn create(disk: &Disk, seed: u64) -> EmbeddedJournal {
    EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(seed), &genesis(ledger_id())).unwrap()
}

fn open(disk: &Disk) -> Result<EmbeddedJournal, OpenError> {
    EmbeddedJournal::open_in(Arc::new(disk.clone()), settings(8))
}

fn append(journal: &EmbeddedJournal, n: u64, text_bytes: usize) {
    let merchant = MerchantId([1, 839_100_575, 732_829_320][usize::try_from(n % 3).unwrap()]);
    let bytes = record(merchant, n, text_bytes);
    journal.append(batch_of([(merchant, bytes.as_slice())])).wait().unwrap();
}

fn verify(disk: &Disk) -> Verified {
    verify_in(disk, &mut |_| ()).unwrap()
}

fn segments(disk: &Disk) -> Vec<String> {
    let mut names = disk.list().unwrap();
    names.retain(|name| name.split_once('.').is_some_and(|(_, suffix)| suffix == "seg"));
    names
}

/// A small closed ledger of two segments, and where its groups end in the second.
fn two_segments() -> (Disk, usize) {
    two_segments_of(7)
}

fn two_segments_of(seed: u64) -> (Disk, usize) {
    let disk = Disk::new();
    let journal = create(&disk, seed);
    (0..20).for_each(|n| append(&journal, n, 12_000));
    (20..26).for_each(|n| append(&journal, n, 40));
    close_summed_up(&disk, journal);
    let mark = disk.bytes("durable").unwrap();
    let end = u64::from_le_bytes(mark[16..24].try_into().unwrap());
    assert_eq!(segments(&disk).len(), 2);
    (disk, usize::try_from(end).unwrap())
}

/// Closes a journal once its closed segment has been summed up, which no close waits for.
fn close_summed_up(disk: &Disk, journal: EmbeddedJournal) {
    let is_summed_up = || disk.bytes(SUMMARY).is_some_and(|bytes| bytes.starts_with(b"TALONSUM"));
    assert!((0..5_000).any(|_| is_summed_up() || (std::thread::sleep(Duration::from_millis(2)), false).1));
    drop(journal);
}

fn flip(disk: &Disk, name: &str, at: usize, bit: u8) {
    let mut bytes = disk.bytes(name).unwrap();
    bytes[at] ^= 1 << bit;
    disk.replace(name, bytes);
}

fn names_it(damages: &[Damage], name: &str, at: u64) -> bool {
    damages.iter().any(|damage| damage.file == name && (damage.offset..damage.offset + damage.bytes).contains(&at))
}

#[test]
fn a_sound_journal_verifies_and_is_counted() {
    let (disk, _) = two_segments();
    let found = verify(&disk);
    assert_eq!(found.damages, []);
    assert_eq!((found.segments, found.records, found.torn), (2, 64 + 26, None));
    assert_eq!(found.ends.total(), 64 + 26);
}

/// Every byte of a sample that covers both headers, group and frame headers, records, padding and the zeros between.
#[test]
fn one_flipped_bit_is_found_and_named_wherever_it_is() {
    let (disk, end) = two_segments();
    let names = segments(&disk);
    let whole = [(names[0].as_str(), disk.bytes(&names[0]).unwrap().len()), (names[1].as_str(), end)];
    let files = whole.into_iter().chain([("durable", 32), (SUMMARY, 0)]);
    for (name, used) in files {
        let used = if used == 0 { disk.bytes(name).unwrap().len() } else { used };
        let step = if used > HEADER_BYTES { 97 } else { 1 };
        let dense = [0..200, HEADER_BYTES - 20..HEADER_BYTES + 400];
        let sample: Vec<usize> = dense.into_iter().flatten().chain((0..used).step_by(step)).collect();
        for at in sample.into_iter().filter(|at| *at < used) {
            let bit = u8::try_from(at % 8).unwrap();
            flip(&disk, name, at, bit);
            let found = verify(&disk);
            assert!(names_it(&found.damages, name, at as u64), "{name} {at}: {:?}", found.damages);
            assert_eq!(found.torn, None, "{name} {at}");
            flip(&disk, name, at, bit);
        }
    }
    assert_eq!(verify(&disk).damages, []);
}

/// Each byte of the last group's frames, one after the other: the record is named, and only that one.
#[test]
fn a_damaged_record_is_named_by_partition_and_position() {
    let (disk, end) = two_segments();
    let name = segments(&disk)[1].clone();
    let bytes = disk.bytes(&name).unwrap();
    let start = (0..end).rfind(|at| bytes[*at..].starts_with(b"TGRP")).unwrap();
    let frame = start + 32;
    let partition = PartitionId(u16::from_le_bytes(bytes[frame + 2..frame + 4].try_into().unwrap()));
    let position = Position(u64::from_le_bytes(bytes[frame + 8..frame + 16].try_into().unwrap()));
    let len = usize::from(u16::from_le_bytes(bytes[frame..frame + 2].try_into().unwrap()));
    for at in (frame..frame + 16 + len).filter(|at| !(2..4).contains(&(at - frame)) && !(8..16).contains(&(at - frame)))
    {
        flip(&disk, &name, at, 5);
        let [damage] = verify(&disk).damages.try_into().unwrap();
        assert_eq!(damage.records, [Span { partition, first: position, last: position }], "{at}");
        assert_eq!((damage.offset, damage.flaw), (frame as u64, Flaw::Record));
        flip(&disk, &name, at, 5);
    }
}

#[test]
fn damage_in_many_places_is_reported_in_one_go() {
    let (disk, end) = two_segments();
    let names = segments(&disk);
    let places = [(0, 5_000), (0, 60_000), (0, 120_000), (1, 100), (1, end - 40)];
    for (segment, at) in places {
        flip(&disk, &names[segment], at, 3);
    }
    let found = verify(&disk);
    for (segment, at) in places {
        assert!(names_it(&found.damages, &names[segment], at as u64), "{segment} {at}: {:?}", found.damages);
    }
    assert!(found.records >= 64 + 26 - 4, "{} records still verify", found.records);
}

/// A segment of small records, every other one damaged: the first thousand are named, and the others counted.
#[test]
fn damage_everywhere_is_counted_and_takes_little_memory() {
    let disk = Disk::new();
    let settings = WriterSettings { sizes: SegmentSizes::new(1 << 20, 1 << 20), ..settings(7) };
    let created = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings, &genesis(ledger_id()));
    let journal = created.unwrap();
    let records: Vec<_> = (0..3_000).map(|n| record(MerchantId(1), n, 0)).collect();
    journal.append(batch_of(records.iter().map(|bytes| (MerchantId(1), bytes.as_slice())))).wait().unwrap();
    drop(journal);
    let mut bytes = disk.bytes(FIRST).unwrap();
    let merchant = 1u64.to_le_bytes();
    let is_frame = |at: usize| bytes[at + 16] == 0x54 && bytes[at + 40..].starts_with(&merchant);
    let frames: Vec<_> = (HEADER_BYTES..bytes.len() - 120).filter(|at| is_frame(*at)).collect();
    assert_eq!(frames.len(), 3_000);
    frames.iter().step_by(2).for_each(|frame| bytes[frame + 120] ^= 1);
    disk.replace(FIRST, bytes);
    let found = verify(&disk);
    assert_eq!((found.damages.len(), found.damages_beyond, found.records), (1_000, 500, 64 + 1_500));
    assert!(found.damages.iter().all(|damage| damage.flaw == Flaw::Record && damage.records.len() == 1));
    assert_eq!(found.damages[999].records[0].first, Position(1 + 2 * 999));
}

#[test]
fn a_missing_segment_is_named_with_its_records() {
    let (disk, _) = two_segments();
    disk.remove(FIRST).unwrap();
    let found = verify(&disk);
    assert_eq!(found.damages[0].flaw, Flaw::SegmentMissing);
    assert!(found.damages[0].records.iter().any(|span| span.partition == PartitionId(63)));
    let refused = open(&disk).map(|_| ()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Corrupt, "{refused}");
}

/// Zeros where the last groups of a closed segment were: the next segment's header knows what is missing.
#[test]
fn a_zeroed_tail_of_a_closed_segment_is_named_with_its_records() {
    let (disk, _) = two_segments();
    let mut bytes = disk.bytes(FIRST).unwrap();
    let last = (0..bytes.len()).rfind(|at| bytes[*at..].starts_with(b"TGRP")).unwrap();
    bytes[last..].fill(0);
    disk.replace(FIRST, bytes);
    let found = verify(&disk);
    let named = found.damages.iter().find(|damage| damage.flaw == Flaw::GroupOrder).unwrap();
    assert_eq!((named.file.as_str(), named.offset, named.records.len()), (FIRST, last as u64, 1));
}

#[test]
fn segments_of_another_ledger_or_another_time_are_refused() {
    let (disk, _) = two_segments();
    let other = two_segments_of(99).0;
    let second = segments(&disk)[1].clone();
    disk.replace(&second, other.bytes(&second).unwrap());
    assert_eq!(open(&disk).map(|_| ()).unwrap_err().kind(), ErrorKind::Corrupt);
    assert!(verify(&disk).damages.iter().any(|damage| damage.flaw == Flaw::SegmentOrder));
}

/// Opening a damaged journal names the file, the offset and the position, and changes nothing.
#[test]
fn a_flipped_bit_in_the_last_segment_keeps_the_journal_closed() {
    let (disk, end) = two_segments();
    let name = segments(&disk)[1].clone();
    for at in (HEADER_BYTES..end).step_by(11) {
        let sound = disk.bytes(&name).unwrap();
        flip(&disk, &name, at, 1);
        let damaged = disk.bytes(&name).unwrap();
        let is_padding = verify(&disk).damages.iter().all(|damage| damage.flaw == Flaw::NotZero);
        match open(&disk) {
            Err(OpenError::Corrupt(damage)) => assert_eq!(damage.file, name, "{at}"),
            opened => assert!(is_padding && opened.is_ok(), "{at}"),
        }
        assert_eq!(disk.bytes(&name).unwrap(), damaged);
        disk.replace(&name, sound);
    }
}

/// One bit anywhere in what must be zero behind the end: no torn group, and nothing is cut.
#[test]
fn a_flipped_bit_behind_the_end_is_no_torn_group() {
    let (disk, end) = two_segments();
    let name = segments(&disk)[1].clone();
    let size = disk.bytes(&name).unwrap().len();
    let near = [end, end + 31, end + 32, end + 511, end + 512, end + 513, end + 4_096, size - 1];
    for (nth, at) in near.into_iter().chain((end..size).step_by(4_999)).enumerate() {
        flip(&disk, &name, at, u8::try_from(nth % 8).unwrap());
        let found = verify(&disk);
        assert!(names_it(&found.damages, &name, at as u64) && found.torn.is_none(), "{at}: {found:?}");
        let refused = open(&disk).map(|_| ()).unwrap_err();
        let named = matches!(&refused, OpenError::Corrupt(damage) if damage.file == name
            && (damage.offset..damage.offset + damage.bytes).contains(&(at as u64)));
        assert!(named, "{at}: {refused}");
        flip(&disk, &name, at, u8::try_from(nth % 8).unwrap());
    }
    assert_eq!(verify(&disk).damages, []);
}

/// Without the mark, damage in the last group still is not taken for a torn write.
#[test]
fn a_flipped_bit_in_the_last_group_is_never_cut_even_without_a_mark() {
    let (disk, end) = two_segments();
    let name = segments(&disk)[1].clone();
    disk.remove("durable").unwrap();
    let bytes = disk.bytes(&name).unwrap();
    let start = (0..end).rfind(|at| bytes[*at..].starts_with(b"TGRP")).unwrap();
    for at in start..end - 32 {
        flip(&disk, &name, at, 6);
        let opened = open(&disk).map(|_| ());
        assert!(matches!(opened, Err(OpenError::Corrupt(_))), "{at}");
        flip(&disk, &name, at, 6);
    }
}

/// The last group with sectors missing, as a power cut leaves it: cut whole, copied, reported; below the mark: damage.
#[test]
fn lost_sectors_are_cut_above_the_mark_and_damage_below_it() {
    let disk = Disk::new();
    let journal = create(&disk, 7);
    append(&journal, 0, 10);
    let mark = disk.bytes("durable").unwrap();
    append(&journal, 1, 3_000);
    drop(journal);
    let end_of_first = usize::try_from(u64::from_le_bytes(mark[16..24].try_into().unwrap())).unwrap();
    let whole = disk.bytes(FIRST).unwrap();
    let first_sector = end_of_first.next_multiple_of(512);
    for lost in [vec![0], vec![1], vec![5], vec![1, 3], vec![0, 1, 2, 3, 4, 5, 6, 7]] {
        let mut torn = whole.clone();
        for sector in &lost {
            let at = (first_sector - 512 + sector * 512).max(end_of_first);
            torn[at..first_sector + sector * 512].fill(0);
        }
        disk.replace(FIRST, torn.clone());
        let refused = open(&disk).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Corrupt, "the mark vouches for it: {lost:?}");
        let newest = disk.bytes("durable").unwrap();
        disk.replace("durable", mark.clone());
        let opened = open(&disk).unwrap();
        assert_eq!(opened.ends().total(), 65, "{lost:?}");
        if lost.len() < 8 {
            let tail = opened.torn_tail().unwrap();
            assert_eq!((tail.offset, tail.first_lsn), (end_of_first as u64, 65));
            let copies: Vec<_> = disk.list().unwrap().into_iter().filter(|n| n.contains(".seg.torn-65")).collect();
            let copy = disk.bytes(copies.last().unwrap()).unwrap();
            assert_eq!(copy.len() as u64, tail.bytes);
            copies.iter().for_each(|copy| disk.remove(copy).unwrap());
        }
        drop(opened);
        assert_eq!(verify(&disk).damages, []);
        disk.replace(FIRST, whole.clone());
        disk.replace("durable", newest);
    }
}

/// A journal without its mark, a summary that lies, a summary that is missing: no evidence is lost.
#[test]
fn what_is_derived_is_made_again() {
    let (disk, _) = two_segments();
    let made = disk.bytes(SUMMARY).unwrap();
    disk.remove("durable").unwrap();
    disk.replace(SUMMARY, vec![1; 400]);
    let journal = open(&disk).unwrap();
    let partition = PartitionId(15);
    let mut reader = journal.read(partition, Position(3)).unwrap();
    assert_eq!(reader.next().unwrap().unwrap().position, Position(3));
    drop(reader);
    close_summed_up(&disk, journal);
    assert_eq!(disk.bytes(SUMMARY).unwrap(), made);
    assert_eq!(verify(&disk).damages, []);
}

/// A mark that is further than the segments: an acknowledgement was lost, and nothing is opened over it.
#[test]
fn a_mark_beyond_the_end_keeps_the_journal_closed() {
    let disk = Disk::new();
    let journal = create(&disk, 7);
    append(&journal, 0, 10);
    drop(journal);
    let before = disk.bytes(FIRST).unwrap();
    let journal = open(&disk).unwrap();
    append(&journal, 1, 10);
    drop(journal);
    disk.replace(FIRST, before);
    assert!(matches!(open(&disk).map(|_| ()), Err(OpenError::Corrupt(damage)) if damage.flaw == Flaw::MarkDisagrees));
    assert_eq!(verify(&disk).damages[0].flaw, Flaw::MarkDisagrees);
    let follower = Arc::new(disk.clone()) as Arc<dyn Storage>;
    assert!(matches!(EmbeddedJournal::open_read_only_in(&follower), Err(OpenError::Corrupt(_))));
}

/// A reader that meets damage says which record, and hands out nothing that does not verify.
#[test]
fn a_reader_stops_at_damage_and_names_it() {
    let (disk, _) = two_segments();
    let sound: Vec<u64> = read_all(&open(&disk).unwrap()).unwrap();
    for at in [5_000, 40_000, 130_001] {
        flip(&disk, FIRST, at, 2);
        let journal = open_or_read(&disk);
        if let Some(journal) = journal {
            let error = read_all(&journal).unwrap_err();
            assert!(matches!(&error, ReadError::Corrupt(damage) if damage.file == FIRST), "{at}: {error}");
        }
        flip(&disk, FIRST, at, 2);
    }
    assert_eq!(read_all(&open(&disk).unwrap()).unwrap(), sound);
}

/// Opened if its genesis and last segment hold.
fn open_or_read(disk: &Disk) -> Option<EmbeddedJournal> {
    open(disk).ok()
}

fn read_all(journal: &EmbeddedJournal) -> Result<Vec<u64>, ReadError> {
    let mut reader = journal.scan(&Positions::beginning())?;
    let mut positions = Vec::new();
    while let Some(stored) = reader.next()? {
        assert!(Record::parse(stored.bytes).is_ok());
        positions.push(stored.position.0);
    }
    Ok(positions)
}

/// A person names the last record to keep; everything behind it leaves the log and is kept beside it.
#[test]
fn repair_cuts_behind_the_record_that_was_named() {
    for keep in [64, 70, 71, 82, 84, 89] {
        let (disk, end) = two_segments();
        let name = segments(&disk)[1].clone();
        flip(&disk, &name, end - 100, 1);
        assert!(open(&disk).is_err());
        if keep == 89 {
            let refused = repair_cut_after_in(&disk, keep, "a test", &mut || Ok(())).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Corrupt, "the record to keep is itself damaged");
            continue;
        }
        let cut = repair_cut_after_in(&disk, keep, "a test", &mut || Ok(())).unwrap();
        assert_eq!(cut.first_lsn, keep + 1);
        assert_eq!(verify(&disk).damages, [], "{keep}");
        let journal = open(&disk).unwrap();
        assert_eq!(journal.ends().total(), keep + 1);
        (0..30).for_each(|n| append(&journal, 1_000 + n, 9_000));
        drop(journal);
        assert_eq!(verify(&disk).records, keep + 31);
        assert_eq!(verify(&disk).damages, [], "{keep}");
    }
}

/// The cut may lie inside a group: the group becomes shorter, and its records stay where they are.
#[test]
fn repair_cuts_inside_a_group_and_never_into_the_genesis() {
    let disk = Disk::new();
    let journal = create(&disk, 7);
    let records: Vec<_> = (0..6).map(|n| (MerchantId(1), record(MerchantId(1), n, 20))).collect();
    journal.append(batch_of(records.iter().map(|(merchant, bytes)| (*merchant, bytes.as_slice())))).wait().unwrap();
    drop(journal);
    assert!(matches!(
        repair_cut_after_in(&disk, 70, "a test", &mut || Ok(())),
        Err(OpenError::NoSuchRecord { lsn: 70, end: 70 })
    ));
    for keep in [68, 64, 63] {
        let cut = repair_cut_after_in(&disk, keep, "a test", &mut || Ok(())).unwrap();
        assert!(cut.bytes > 0 && disk.bytes(&format!("{FIRST}.torn-{}", keep + 1)).is_some());
        let found = verify(&disk);
        assert_eq!((found.damages.as_slice(), found.records), ([].as_slice(), keep + 1));
        let journal = open(&disk).unwrap();
        let mut kept = journal.read(PartitionId(15), Position(1)).unwrap();
        for (_, bytes) in &records[..usize::try_from(keep - 63).unwrap()] {
            assert_eq!(kept.next().unwrap().unwrap().bytes, bytes);
        }
        assert_eq!(kept.next().unwrap(), None);
    }
    assert_eq!(repair_cut_after_in(&disk, 62, "a test", &mut || Ok(())).unwrap_err().kind(), ErrorKind::Rejected);
}
