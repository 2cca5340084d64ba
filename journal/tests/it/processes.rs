//! Several processes on one ledger: one writes, others are refused or read, and one that shares no code reads all.
//!
//! Children are this test binary itself, run again with a role in an environment variable.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{
    Claim, EmbeddedJournal, ErrorKind, Folder, Journal, OpenError, Positions, Reader, SegmentSizes, Storage,
    WriterSettings, verify,
};
use talon_testkit::{batch_of, genesis, ledger_id, record, seeds};

const ROLE: &str = "TALON_TEST_LEDGER";
const MERCHANT: MerchantId = MerchantId(1);
const PARTITION: PartitionId = PartitionId(15);
const LONG: Duration = Duration::from_secs(30);

fn settings(program: &str) -> WriterSettings {
    WriterSettings {
        sizes: SegmentSizes::new(0, 0),
        ..WriterSettings::new(program, seeds(u64::from(std::process::id())))
    }
}

fn ledger() -> (tempfile::TempDir, EmbeddedJournal) {
    let folder = tempfile::tempdir().unwrap();
    let journal = EmbeddedJournal::create(folder.path(), ledger_id(), settings("talon serve"), &genesis(ledger_id()));
    (folder, journal.unwrap())
}

fn append(journal: &EmbeddedJournal, first: u64, count: u64) {
    let records: Vec<_> = (first..first + count).map(|n| record(MERCHANT, n, 700)).collect();
    journal.append(batch_of(records.iter().map(|bytes| (MERCHANT, bytes.as_slice())))).wait().unwrap();
}

/// Runs the child test below on a ledger.
fn writer_on(ledger: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::child_that_appends_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(ROLE, ledger)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    (child, said)
}

/// Not a test by itself: appends, and says after each acknowledgement how many of its records are in.
#[test]
fn child_that_appends_until_it_is_killed() {
    let Some(ledger) = std::env::var_os(ROLE).map(PathBuf::from) else { return };
    let journal = EmbeddedJournal::open(&ledger, settings("talon serve")).unwrap();
    let mut out = std::io::stdout();
    loop {
        append(&journal, journal.ends().next(PARTITION).0, 3);
        let acknowledged = journal.ends().next(PARTITION).0;
        writeln!(out, "\nacknowledged {acknowledged}").and_then(|()| out.flush()).unwrap();
    }
}

/// The next number that the child says; `None` when it has ended.
fn next_acknowledged(said: &mut BufReader<ChildStdout>) -> Option<u64> {
    loop {
        let mut line = String::new();
        if said.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        if let Some(number) = line.strip_suffix('\n').and_then(|line| line.strip_prefix("acknowledged ")) {
            return number.parse().ok();
        }
    }
}

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    let (folder, journal) = ledger();
    drop(journal);
    for round in 1..=12u64 {
        let (mut child, mut said) = writer_on(folder.path());
        let mut acknowledged = 0;
        for _ in 0..round * 9 {
            acknowledged = next_acknowledged(&mut said).expect("the child appends");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        while let Some(number) = next_acknowledged(&mut said) {
            acknowledged = number;
        }
        let found = verify(folder.path(), &mut |_| ()).unwrap();
        assert_eq!(found.damages, [], "round {round}");
        let journal = EmbeddedJournal::open(folder.path(), settings("talon verify")).unwrap();
        let end = journal.ends().next(PARTITION).0;
        assert!(end >= acknowledged, "round {round}: {acknowledged} acknowledged, {end} found");
        assert_holds_in_order(&journal, end);
    }
}

fn assert_holds_in_order(journal: &EmbeddedJournal, end: u64) {
    let mut reader = journal.read(PARTITION, Position(1)).unwrap();
    for n in 1..end {
        let stored = reader.next().unwrap().unwrap();
        assert_eq!(stored.bytes, record(MERCHANT, n, 700), "position {n}");
    }
    assert!(reader.next().unwrap().is_none());
}

#[test]
fn a_second_writer_is_refused_and_told_who_writes() {
    let (folder, journal) = ledger();
    drop(journal);
    let (mut child, mut said) = writer_on(folder.path());
    next_acknowledged(&mut said).unwrap();
    let refused = EmbeddedJournal::open(folder.path(), settings("talon publish")).map(|_| ()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    let OpenError::Held { holder, .. } = refused else { panic!("{refused}") };
    assert_eq!(holder, format!("talon serve (process {})", child.id()));
    child.kill().unwrap();
    child.wait().unwrap();
    EmbeddedJournal::open(folder.path(), settings("talon publish")).expect("the place is free");
}

/// Whoever tidies up deletes the file `lock`, or puts another in its place: the place stays taken.
#[test]
fn a_lock_file_that_was_deleted_lets_no_second_writer_in() {
    let (folder, journal) = ledger();
    let lock = folder.path().join("lock");
    for replaced in [false, true] {
        std::fs::remove_file(&lock).unwrap();
        if replaced {
            std::fs::write(&lock, "nobody").unwrap();
        }
        let second = EmbeddedJournal::open(folder.path(), settings("talon publish")).map(|_| ()).unwrap_err();
        assert_eq!(second.kind(), ErrorKind::Conflict, "{second}");
        assert!(Folder::new(folder.path()).holder().unwrap().is_some(), "readers see that somebody writes");
    }
    drop(journal);
    EmbeddedJournal::open(folder.path(), settings("talon publish")).expect("the place is free");
}

/// Somebody restores a copy under a writer that is still at work: it stops, and writes nothing into the copy.
#[test]
fn a_folder_that_was_put_in_the_place_of_ours_is_left_alone() {
    let (folder, journal) = ledger();
    append(&journal, 0, 20);
    let (ours, theirs) = (folder.path().join("journal"), folder.path().join("journal.before"));
    std::fs::rename(&ours, &theirs).unwrap();
    std::fs::create_dir(&ours).unwrap();
    for entry in std::fs::read_dir(&theirs).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), ours.join(entry.file_name())).unwrap();
    }
    let restored = files(folder.path());
    let refused = (20..2_000).find_map(|n| {
        let bytes = record(MERCHANT, n, 9_000);
        journal.append(batch_of([(MERCHANT, bytes.as_slice())])).wait().err()
    });
    let refused = refused.expect("the next segment cannot be made").to_string();
    assert!(refused.contains("another folder was put in the place of"), "{refused}");
    drop(journal);
    assert_eq!(files(folder.path()), restored, "the restored copy is as it was");
    let journal = EmbeddedJournal::open(folder.path(), settings("talon publish")).expect("the restored copy opens");
    assert_eq!(journal.ends().total(), 64 + 20);
}

/// Many claim the place while the file is deleted again and again: one at a time has it.
#[test]
fn one_at_a_time_has_the_writers_place_whatever_becomes_of_the_file() {
    let (folder, journal) = ledger();
    drop(journal);
    let (inside, claimed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let storage = Folder::new(folder.path());
                while claimed.load(Ordering::Relaxed) < 200 {
                    let Claim::Ours(lock) = storage.claim("a test").unwrap() else { continue };
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two have the place");
                    std::thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                    claimed.fetch_add(1, Ordering::Relaxed);
                    drop(lock);
                }
            });
        }
        while claimed.load(Ordering::Relaxed) < 200 {
            let _ = std::fs::remove_file(folder.path().join("lock")); // it may be gone already
            std::thread::yield_now();
        }
    });
}

/// A reader beside a writer: over segment borders, never further than what was acknowledged or is about to be.
#[test]
fn a_reader_in_another_process_follows_the_mark() {
    let (folder, journal) = ledger();
    append(&journal, 1, 5);
    drop(journal);
    let (mut child, mut said) = writer_on(folder.path());
    next_acknowledged(&mut said).unwrap();
    let follower = EmbeddedJournal::open_read_only(folder.path()).unwrap();
    let mut reader = follower.read(PARTITION, Position(1)).unwrap();
    let mut seen = 1;
    while seen < 2_000 {
        let mut beyond = follower.ends();
        beyond.set(PARTITION, Position(seen));
        assert!(follower.wait(&beyond, LONG).unwrap());
        seen = read_on(reader.as_mut(), seen);
        assert_eq!(Position(seen), follower.ends().next(PARTITION));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut acknowledged = 0;
    while let Some(number) = next_acknowledged(&mut said) {
        acknowledged = number;
    }
    let left = EmbeddedJournal::open(folder.path(), settings("talon verify")).unwrap();
    assert!(left.ends().next(PARTITION).0 >= acknowledged.max(seen), "what a reader has shown stays");
    assert!(verify(folder.path(), &mut |_| ()).unwrap().segments > 3);
}

fn read_on(reader: &mut dyn Reader, mut seen: u64) -> u64 {
    while let Some(stored) = reader.next().unwrap() {
        assert_eq!(stored.position, Position(seen));
        assert_eq!(stored.bytes, record(MERCHANT, seen, 700));
        seen += 1;
    }
    seen
}

#[test]
fn a_reader_takes_no_place_and_appends_nothing() {
    let (folder, journal) = ledger();
    append(&journal, 1, 3);
    let beside = EmbeddedJournal::open_read_only(folder.path()).unwrap();
    assert_eq!(beside.ends(), journal.ends());
    let bytes = record(MERCHANT, 9, 1);
    let refused = beside.append(batch_of([(MERCHANT, bytes.as_slice())])).wait().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    drop(journal);
    let before = files(folder.path());
    let alone = EmbeddedJournal::open_read_only(folder.path()).unwrap();
    assert_eq!(alone.ends().total(), 64 + 3);
    let writer = EmbeddedJournal::open(folder.path(), settings("talon serve")).expect("readers hold nothing");
    drop((writer, alone));
    assert_eq!(files(folder.path()), before);
    let nothing = tempfile::tempdir().unwrap();
    let refused = EmbeddedJournal::open_read_only(nothing.path()).map(|_| ()).unwrap_err();
    assert!(matches!(refused, OpenError::NoJournal { .. }));
    assert_eq!(std::fs::read_dir(nothing.path()).unwrap().count(), 0);
    let exists = EmbeddedJournal::create(folder.path(), ledger_id(), settings("talon init"), &genesis(ledger_id()));
    assert_eq!(exists.map(|_| ()).unwrap_err().kind(), ErrorKind::Conflict);
}

/// Names and bytes of the journal's files; the mark is rewritten with the same bytes.
fn files(ledger: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(ledger.join("journal")).unwrap().map(Result::unwrap);
    let mut files: Vec<_> =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect();
    files.sort();
    files
}

/// The reader in Python was written from docs/format.md alone. It must agree in every record.
#[test]
fn a_reader_that_shares_no_code_reads_the_same_records() {
    let (folder, journal) = ledger();
    (0..60).for_each(|n| append(&journal, n * 10, 10));
    let mut reader = journal.scan(&Positions::beginning()).unwrap();
    let mut expected = Vec::new();
    while let Some(stored) = reader.next().unwrap() {
        expected.push((stored.partition.0, stored.position.0, stored.bytes.len()));
    }
    drop(reader);
    drop(journal);
    let listed = python(&[folder.path().as_os_str()]);
    assert_eq!(listed.lines().count(), expected.len());
    for (line, (partition, position, bytes)) in listed.lines().zip(&expected) {
        let start = format!("\"partition\": {partition}, \"position\": {position}, \"magic\": 84");
        assert!(line.contains(&start), "{line} has not {start}");
        assert!(line.contains(&format!("\"payload_len\": {}", bytes - 104)), "{line}");
    }
    let summary = python(&[folder.path().as_os_str(), "--summary".as_ref()]);
    assert!(summary.contains("\"records\": 664") && summary.contains("\"Genesis\": 64"), "{summary}");
}

fn python(args: &[&std::ffi::OsStr]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dev/reader/talon_reader.py");
    let output = Command::new("python3").arg(script).args(args).output().expect("python3 is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
