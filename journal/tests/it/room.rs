//! A disk that runs full: the journal says so before it is harmed, keeps what it has, and goes on by itself.

use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use talon_domain::ids::MerchantId;
use talon_journal::{
    AppendError, EmbeddedJournal, ErrorKind, Journal, OpenError, Positions, Record, SegmentSizes, WriterSettings,
    partition_of, verify, verify_in,
};
use talon_testkit::{Disk, Fault, Survivors, batch_of, genesis, ledger_id, record, seeds};

/// Room for the first segment, the mark and summaries, and for no second segment.
const LITTLE: u64 = 400 << 10;
const PLENTY: u64 = 64 << 20;
const MERCHANT: MerchantId = MerchantId(1);

fn settings() -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(3)) }
}

fn create(disk: &Disk) -> EmbeddedJournal {
    let created = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()));
    created.expect("a journal")
}

fn full(tells_free_bytes: bool) -> (Disk, EmbeddedJournal) {
    let disk = Disk::new();
    disk.limit(LITTLE, tells_free_bytes);
    let journal = create(&disk);
    (disk, journal)
}

fn append(journal: &EmbeddedJournal, merchant: MerchantId, first: u64, count: u64) -> Result<usize, AppendError> {
    let records: Vec<_> = (first..first + count).map(|n| record(merchant, n, 9_000)).collect();
    let batch = batch_of(records.iter().map(|bytes| (merchant, bytes.as_slice())));
    journal.append(batch).wait().map(|appended| appended.len())
}

/// The records of a merchant, in order.
fn stored(journal: &EmbeddedJournal, merchant: MerchantId) -> Vec<Vec<u8>> {
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let mut found = Vec::new();
    while let Some(stored) = reader.next().expect("a record") {
        let is_of = Record::parse(stored.bytes).is_ok_and(|record| record.merchant() == merchant);
        found.extend(is_of.then(|| stored.bytes.to_vec()));
    }
    found
}

/// The first append that is refused: its number, and why.
fn until_refused(journal: &EmbeddedJournal) -> (u64, AppendError) {
    (0..1_000).find_map(|n| append(journal, MERCHANT, n, 1).err().map(|error| (n, error))).expect("it runs full")
}

#[test]
fn a_full_disk_is_named_and_harms_nothing() {
    for tells_free_bytes in [true, false] {
        let (disk, journal) = full(tells_free_bytes);
        let (held, refused) = until_refused(&journal);
        assert_eq!(refused.kind(), ErrorKind::Unavailable);
        let said = refused.to_string();
        assert!(said.contains("no room in a disk in memory") && said.contains("278528 bytes are needed"), "{said}");
        assert_eq!(said.contains(&format!("{} are free", LITTLE - disk.used())), tells_free_bytes, "{said}");
        assert!(journal.stopped().is_none(), "it is no reason to stop");
        assert!(matches!(append(&journal, MERCHANT, held, 1), Err(AppendError::Unavailable { durable: 0, .. })));
        assert_eq!(stored(&journal, MERCHANT).len() as u64, held);

        disk.limit(PLENTY, tells_free_bytes);
        for n in held..held + 60 {
            assert_eq!(append(&journal, MERCHANT, n, 1).expect("there is room again"), 1);
        }
        let given: Vec<_> = (0..held + 60).map(|n| record(MERCHANT, n, 9_000)).collect();
        assert_eq!(stored(&journal, MERCHANT), given);
        drop(journal);
        let found = verify_in(&disk, &mut |_| ()).expect("a journal");
        assert_eq!((found.damages, found.torn), (Vec::new(), None));
    }
}

/// A storage that tells how much is free is not even asked to write what does not fit.
#[test]
fn nothing_is_written_where_there_is_no_room() {
    let (disk, journal) = full(true);
    let (held, _) = until_refused(&journal);
    let before = disk.files();
    for n in 0..20 {
        append(&journal, MERCHANT, held + n, 1).expect_err("no room");
    }
    assert_eq!(disk.files(), before);
    drop(journal);
    let ahead = disk.files().into_keys().find(|name| name.starts_with("ahead"));
    assert_eq!(ahead, None, "nothing half made takes the little room that is left");
}

/// A batch of more than the segment holds: what is in is counted, and nothing is in doubt.
#[test]
fn a_batch_that_finds_no_room_halfway_knows_how_much_of_it_is_in() {
    let (disk, journal) = full(true);
    let Err(AppendError::Unavailable { durable, .. }) = append(&journal, MERCHANT, 0, 100) else {
        panic!("a hundred records of 9,000 bytes fit no segment");
    };
    assert!(durable > 0);
    assert_eq!(stored(&journal, MERCHANT).len(), durable);
    disk.limit(PLENTY, true);
    append(&journal, MERCHANT, 100, 3).expect("there is room again");
    assert_eq!(stored(&journal, MERCHANT).len(), durable + 3);
}

/// Room comes and goes under many appenders: each knows exactly which of its records are in.
#[test]
fn room_comes_and_goes_under_many_appenders() {
    let (disk, journal) = full(true);
    let is_over = AtomicBool::new(false);
    let said: Vec<(MerchantId, Vec<Vec<u8>>, usize)> = std::thread::scope(|scope| {
        let (journal, is_over) = (&journal, &is_over);
        let appenders: Vec<_> =
            (1..=4).map(|n| scope.spawn(move || append_through_refusals(journal, MerchantId(n), is_over))).collect();
        for step in 0..40 {
            std::thread::sleep(std::time::Duration::from_millis(3));
            disk.limit(if step % 2 == 0 { disk.used() + (600 << 10) } else { disk.used() }, step % 3 > 0);
        }
        is_over.store(true, Ordering::Relaxed);
        appenders.into_iter().map(|appender| appender.join().expect("an appender")).collect()
    });
    assert!(said.iter().any(|(.., refused)| *refused > 0), "nobody was refused");
    for (merchant, acknowledged, _) in &said {
        assert_eq!(&stored(&journal, *merchant), acknowledged);
    }
    drop(journal);
    assert_eq!(verify_in(&disk, &mut |_| ()).expect("a journal").damages, []);
}

fn append_through_refusals(
    journal: &EmbeddedJournal,
    merchant: MerchantId,
    is_over: &AtomicBool,
) -> (MerchantId, Vec<Vec<u8>>, usize) {
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for batch in 0.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let (first, count) = (batch * 50, 1 + (batch * 7 + merchant.0) % 45);
        let durable = match append(journal, merchant, first, count) {
            Ok(records) => records,
            Err(AppendError::Unavailable { durable, .. }) => {
                refused += 1;
                durable
            }
            Err(other) => panic!("{other}"),
        };
        acknowledged.extend((first..first + durable as u64).map(|n| record(merchant, n, 9_000)));
    }
    (merchant, acknowledged, refused)
}

#[test]
fn where_there_is_no_room_no_journal_is_made_and_later_there_is() {
    let disk = Disk::new();
    disk.limit(100 << 10, true);
    let made = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()));
    let refused = made.map(drop).expect_err("no room");
    assert!(matches!(&refused, OpenError::Unavailable { source, .. } if source.kind() == IoErrorKind::StorageFull));
    assert_eq!(disk.used(), 0);
    disk.limit(PLENTY, true);
    drop(create(&disk));
}

/// On a disk without room for one byte more a sound ledger opens, and one with a torn end is refused and left as it is.
#[test]
fn a_full_disk_is_opened_unless_something_must_be_kept_first() {
    let disk = Disk::new();
    let journal = create(&disk);
    append(&journal, MERCHANT, 0, 2).expect("durable");
    let mark = disk.files()["durable"].clone();
    append(&journal, MERCHANT, 2, 2).expect("durable");
    drop(journal);
    disk.limit(disk.used(), true);
    let open = |disk: &Disk| EmbeddedJournal::open_in(Arc::new(disk.clone()), settings());
    let journal = open(&disk).expect("nothing new is written to open it");
    append(&journal, MERCHANT, 4, 1).expect("there is room in the segment");
    drop(journal);

    let mut files = disk.files();
    let first = "00000000000000000000.seg";
    let bytes = files.get_mut(first).expect("a segment");
    let third =
        (4_096..bytes.len()).step_by(32).filter(|at| bytes[*at..].starts_with(b"TGRP")).nth(2).expect("a group");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("a record") + 1;
    bytes[third..third + 4_096].fill(0);
    bytes[third + 9_000..end].fill(0);
    files.insert("durable".to_owned(), mark);
    let torn = Disk::of(&files);
    torn.limit(torn.used() + 1_000, true);
    let refused = open(&torn).map(drop).expect_err("what is cut is kept first");
    assert!(matches!(&refused, OpenError::Unavailable { what, .. } if what.contains("copying")), "{refused}");
    assert_eq!(torn.files(), files);
    torn.limit(PLENTY, true);
    let journal = open(&torn).expect("there is room again");
    assert!(journal.torn_tail().is_some());
    assert_eq!(stored(&journal, MERCHANT).len(), 2);
}

/// The power is cut at every step of running full and of going on.
#[test]
fn power_is_cut_while_there_is_no_room() {
    let run = |disk: &Disk| {
        disk.limit(LITTLE, false);
        let mut acknowledged = Vec::new();
        let created =
            EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()));
        let Ok(journal) = created else { return acknowledged };
        for n in 0..60 {
            if n == 45 {
                disk.limit(PLENTY, false);
            }
            if append(&journal, MERCHANT, n, 1).is_ok() {
                acknowledged.push(record(MERCHANT, n, 9_000));
            }
        }
        acknowledged
    };
    let whole = Disk::new();
    assert!(run(&whole).len() > 30);
    for operation in (15..whole.operations()).step_by(7) {
        let disk = Disk::new();
        disk.arm(operation, Fault::PowerCut);
        let acknowledged = run(&disk);
        let found = disk.after_power_cut(Survivors::Reordered(operation));
        let journal = EmbeddedJournal::open_in(Arc::new(found), settings()).expect("a journal");
        let stored = stored(&journal, MERCHANT);
        assert!(stored.starts_with(&acknowledged) && stored.len() <= acknowledged.len() + 1, "operation {operation}");
    }
}

const ROLE: &str = "TALON_TEST_FULL_LEDGER";

/// Not a test by itself: fills the ledger's file system, then waits until there is room, which it makes itself.
#[test]
fn child_that_meets_the_limit_of_a_file() {
    let Some(ledger) = std::env::var_os(ROLE).map(PathBuf::from) else { return };
    let sizes = SegmentSizes::new(0, 1 << 20);
    let settings = WriterSettings { sizes, ..WriterSettings::new("a test", seeds(3)) };
    let journal = EmbeddedJournal::create(&ledger, ledger_id(), settings, &genesis(ledger_id())).expect("a journal");
    set_file_limit(Some(400 << 10));
    let (held, refused) = until_refused(&journal);
    let said = refused.to_string();
    assert!(said.contains("no room in") && said.contains(&ledger.display().to_string()), "{said}");
    assert!(append(&journal, MERCHANT, held, 1).is_err() && journal.stopped().is_none());
    set_file_limit(None);
    (held..held + 60).for_each(|n| assert_eq!(append(&journal, MERCHANT, n, 1).expect("there is room again"), 1));
    assert_eq!(stored(&journal, MERCHANT).len() as u64, held + 60);
}

fn set_file_limit(bytes: Option<u64>) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum }).expect("the limit is ours");
}

/// The kernel itself refuses: no file may grow beyond a limit, until the limit is lifted.
#[test]
fn a_real_file_system_that_refuses_is_gone_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = folder.path().join("ledger");
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().expect("this test"))
        .args(["--exact", "room::child_that_meets_the_limit_of_a_file", "--nocapture", "--test-threads=1"])
        .env(ROLE, &ledger)
        .output()
        .expect("a shell");
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    assert_sound(&ledger);
}

fn assert_sound(ledger: &Path) {
    let found = verify(ledger, &mut |_| ()).expect("a journal");
    assert_eq!(found.damages, []);
    assert!(found.segments > 1 && found.ends.next(partition_of(MERCHANT)).0 > 60);
}
