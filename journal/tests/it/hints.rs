//! Summaries are hints: they make reading quick, and whatever they say, what is read is what the segments hold.

use std::sync::Arc;
use std::time::Duration;

use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{
    EmbeddedJournal, Flaw, Journal, Positions, Reader, SegmentSizes, WriterSettings, partition_of, verify_in,
};
use talon_testkit::{Disk, batch_of, genesis, ledger_id, record, seeds};

/// A merchant whose records come first in each segment, and one whose records come last.
const EARLY: MerchantId = MerchantId(1);
const LATE: MerchantId = MerchantId(839_100_575);
const QUIET: MerchantId = MerchantId(732_829_320);
/// Where a summary's entries begin: magic, version, salt and hash are before them.
const ENTRIES_AT: usize = 8 + 2 + 8 + 32;

fn settings() -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(3)) }
}

fn append(journal: &EmbeddedJournal, merchant: MerchantId, first: u64, count: u64, bytes: usize) {
    let records: Vec<_> = (first..first + count).map(|n| record(merchant, n, bytes)).collect();
    journal.append(batch_of(records.iter().map(|bytes| (merchant, bytes.as_slice())))).wait().expect("durable");
}

/// Waits until so many closed segments are summed up, then closes.
fn close_summed_up(disk: &Disk, journal: EmbeddedJournal, summaries: usize) {
    let are_there = || disk.files().keys().filter(|name| name.strip_suffix(".sum").is_some()).count() == summaries;
    assert!((0..5_000).any(|_| are_there() || (std::thread::sleep(Duration::from_millis(2)), false).1));
    drop(journal);
}

/// Two closed segments and one in use. In each the early merchant's records lie before the late one's.
fn three_segments() -> Disk {
    let disk = Disk::new();
    let created = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()));
    let journal = created.expect("a journal");
    for segment in 0..3 {
        append(&journal, EARLY, segment * 1_000, 600, 10);
        append(&journal, LATE, segment * 1_000, 600, 10);
        (0..if segment < 2 { 3 } else { 0 }).for_each(|n| append(&journal, LATE, segment * 1_000 + 700 + n, 1, 20_000));
    }
    let segments = disk.files().keys().filter(|name| name.strip_suffix(".seg").is_some()).count();
    close_summed_up(&disk, journal, segments - 1);
    disk
}

fn open(disk: &Disk) -> EmbeddedJournal {
    EmbeddedJournal::open_in(Arc::new(disk.clone()), settings()).expect("a journal")
}

fn all(reader: &mut dyn Reader) -> Vec<(PartitionId, Position, Vec<u8>)> {
    let mut found = Vec::new();
    while let Some(stored) = reader.next().unwrap_or_else(|error| panic!("{error}")) {
        found.push((stored.partition, stored.position, stored.bytes.to_vec()));
    }
    found
}

/// What the whole ledger holds, read in one scan, from the middle, and partition by partition. How partitions interleave
/// in a scan is the engine's.
fn read_in_all_ways(journal: &EmbeddedJournal) -> Vec<Vec<(PartitionId, Position, Vec<u8>)>> {
    let mut middle = Positions::beginning();
    for (partition, end) in journal.ends().iter() {
        middle.set(partition, Position(if end.0 > 1 { end.0 / 2 } else { end.0 }));
    }
    let scan = |from| all(&mut *journal.scan(from).expect("a reader"));
    let mut ways = vec![scan(&Positions::beginning()), scan(&middle)];
    ways.iter_mut().for_each(|way| way.sort_by_key(|(partition, ..)| *partition));
    for merchant in [EARLY, LATE] {
        let partition = partition_of(merchant);
        let end = journal.ends().next(partition).0;
        let starts = [1, 257, 300, end / 2, end - 1].map(Position);
        ways.extend(starts.map(|from| all(&mut *journal.read(partition, from).expect("a reader"))));
    }
    ways
}

/// A summary's entries, one for each partition: first, next, and its spots.
struct Entries(Vec<(u64, u64, Vec<[u64; 2]>)>, Vec<u8>, Vec<u8>);

impl Entries {
    fn of(summary: &[u8]) -> Self {
        let mut at = ENTRIES_AT;
        let mut number = || {
            at += 8;
            u64::from_le_bytes(summary[at - 8..at].try_into().expect("eight bytes"))
        };
        let entries = (0..64).map(|_| {
            let (first, next, count) = (number(), number(), number());
            (first, next, (0..count).map(|_| [number(), number()]).collect())
        });
        let entries = entries.collect();
        Self(entries, summary[..ENTRIES_AT].to_vec(), summary[at..summary.len() - 4].to_vec())
    }

    /// The summary with these entries, and the checksum that such a summary has.
    fn encode(&self) -> Vec<u8> {
        let Self(entries, before, behind) = self;
        let spots = |spots: &[[u64; 2]]| [vec![spots.len() as u64], spots.as_flattened().to_vec()].concat();
        let numbers = entries.iter().flat_map(|(first, next, list)| [vec![*first, *next], spots(list)].concat());
        let mut bytes = before.clone();
        bytes.extend(numbers.flat_map(u64::to_le_bytes));
        bytes.extend(behind);
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        bytes
    }
}

/// A lie: what it is, and how it is told.
type Lie = (&'static str, fn(&mut Entries));

const LIES: &[Lie] = &[
    ("the early records lie where the late ones do", |lie| lie.0[15].2 = lie.0[22].2.clone()),
    ("the early records lie behind the late ones", |lie| {
        let behind = lie.0[22].2[lie.0[22].2.len() - 1];
        lie.0[15].2.iter_mut().for_each(|spot| *spot = behind);
    }),
    ("all records lie at one place", |lie| {
        let spot = lie.0[22].2[1];
        lie.0.iter_mut().for_each(|entry| entry.2.iter_mut().for_each(|known| *known = spot));
    }),
    ("the first is the second", |lie| lie.0[15].2.rotate_left(1)),
    ("nothing is known", |lie| lie.0.iter_mut().for_each(|entry| entry.2.clear())),
    ("more is known than there is", |lie| {
        let spot = lie.0[15].2[0];
        lie.0.iter_mut().for_each(|entry| entry.2.extend([spot; 9]));
    }),
    ("groups begin elsewhere", |lie| {
        lie.0.iter_mut().for_each(|entry| entry.2.iter_mut().for_each(|spot| spot[0] += 32));
    }),
    ("groups are those before", |lie| {
        let first = lie.0[22].2[0][0];
        lie.0.iter_mut().for_each(|entry| entry.2.iter_mut().for_each(|spot| spot[0] = spot[0].min(first)));
    }),
    ("records begin a little later", |lie| {
        lie.0.iter_mut().for_each(|entry| entry.2.iter_mut().for_each(|spot| spot[1] += 1));
    }),
    ("everything lies behind the end", |lie| {
        lie.0.iter_mut().for_each(|entry| entry.2.iter_mut().for_each(|spot| *spot = [u64::MAX; 2]));
    }),
    ("partitions end elsewhere", |lie| lie.0.iter_mut().for_each(|entry| entry.1 += 7)),
];

#[test]
fn whatever_a_summary_says_the_same_is_read_and_the_summary_is_named() {
    let sound = three_segments();
    let expected = read_in_all_ways(&open(&sound));
    let summaries: Vec<_> = sound.files().into_keys().filter(|name| name.strip_suffix(".sum").is_some()).collect();
    assert!(summaries.len() > 1);
    for (what, tell) in LIES {
        for lying in &summaries {
            let mut files = sound.files();
            let mut entries = Entries::of(&files[lying]);
            assert_eq!(entries.encode(), files[lying]);
            if entries.0[15].2.len() < 2 || entries.0[22].2.len() < 2 {
                continue;
            }
            tell(&mut entries);
            files.insert(lying.clone(), entries.encode());
            let disk = Disk::of(&files);
            let found = verify_in(&disk, &mut |_| ()).expect("a journal");
            let damages: Vec<_> = found.damages.iter().map(|damage| (damage.file.as_str(), damage.flaw)).collect();
            assert_eq!(damages, [(lying.as_str(), Flaw::Summary)], "{what}");
            let journal = open(&disk);
            assert!(read_in_all_ways(&journal) == expected, "{what}, in {lying}: something else was read");
        }
    }
}

/// One record in the first segment and one in the last: what lies between is not read to find out that it is not there.
#[test]
fn a_quiet_partition_is_read_without_walking_what_lies_between() {
    let disk = Disk::new();
    let created = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()));
    let journal = created.expect("a journal");
    append(&journal, QUIET, 0, 1, 10);
    (0..300).for_each(|n| append(&journal, EARLY, n, 1, 15_000));
    append(&journal, QUIET, 1, 1, 10);
    let segments = disk.files().keys().filter(|name| name.strip_suffix(".seg").is_some()).count();
    close_summed_up(&disk, journal, segments - 1);
    let journal = open(&disk);
    let before = disk.bytes_read();
    let found = all(&mut *journal.read(partition_of(QUIET), Position(1)).expect("a reader"));
    assert_eq!(found.len(), 2);
    let read = disk.bytes_read() - before;
    assert!(segments > 15 && read < 4 * (256 << 10), "{read} bytes were read in {segments} segments");
}

/// Records of a quiet partition, looked up one after the other as a file that is published again does: each goes on where
/// the one before was found.
#[test]
fn looking_up_one_record_after_the_other_walks_the_way_once() {
    let disk = Disk::new();
    let sizes = SegmentSizes::new(8 << 20, 8 << 20);
    let settings = WriterSettings { sizes, ..WriterSettings::new("a test", seeds(3)) };
    let created = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings, &genesis(ledger_id()));
    let journal = created.expect("a journal");
    for n in 0..30 {
        append(&journal, EARLY, n * 10, 10, 22_000);
        append(&journal, QUIET, n, 1, 10);
    }
    let before = disk.bytes_read();
    for position in 1..31 {
        let mut reader = journal.read(partition_of(QUIET), Position(position)).expect("a reader");
        let found = reader.next().expect("a record").expect("a record");
        assert_eq!((found.position, found.bytes), (Position(position), &record(QUIET, position - 1, 10)[..]));
    }
    let read = (disk.bytes_read() - before) >> 20;
    assert!(read < 40, "{read} MiB were read to find 30 records in 7 MiB");
}
