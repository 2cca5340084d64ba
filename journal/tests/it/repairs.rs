//! Repairs that fail half-way: a journal has everything it had, or stays closed and names the repair, or is cut as it was
//! asked; and the same repair again ends it.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind as IoErrorKind};
use std::sync::Arc;

use talon_domain::ids::MerchantId;
use talon_journal::{
    EmbeddedJournal, ErrorKind, Journal, OpenError, Positions, SegmentSizes, Storage, TornTail, WriterSettings,
    repair_cut_after_in, verify_in,
};
use talon_testkit::{Disk, Fault, Survivors, batch_of, genesis, ledger_id, record, seeds};

const MERCHANT: MerchantId = MerchantId(1);
const ALL: u64 = 64 + 25 * 3;
/// Between two groups, and inside one.
const CUTS: [u64; 2] = [64 + 8, 64 + 9];

fn settings() -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(3)) }
}

fn open(disk: &Disk) -> Result<EmbeddedJournal, OpenError> {
    EmbeddedJournal::open_in(Arc::new(disk.clone()), settings())
}

fn open_read_only(disk: &Disk) -> Result<EmbeddedJournal, OpenError> {
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    EmbeddedJournal::open_read_only_in(&storage)
}

fn count(journal: &EmbeddedJournal) -> u64 {
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let mut count = 0;
    while reader.next().expect("a record").is_some() {
        count += 1;
    }
    count
}

/// 25 groups of 3 records of 9,000 bytes, in several segments.
fn filled() -> Disk {
    let disk = Disk::new();
    let journal = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()));
    let journal = journal.expect("a journal");
    for group in 0..25 {
        let records: Vec<_> = (0..3).map(|n| record(MERCHANT, group * 3 + n, 9_000)).collect();
        let batch = batch_of(records.iter().map(|record| (MERCHANT, record.as_slice())));
        journal.append(batch).wait().expect("durable");
    }
    drop(journal);
    disk.after_power_cut(Survivors::Everything)
}

fn segments(files: &BTreeMap<String, Vec<u8>>) -> impl Iterator<Item = (&String, &Vec<u8>)> {
    files.iter().filter(|(name, _)| name.strip_suffix(".seg").is_some())
}

/// A repair, and whether it came as far as to say that it cuts. Until then nothing is changed.
fn repair(disk: &Disk, lsn: u64) -> (Result<TornTail, OpenError>, bool) {
    let before = disk.files();
    let mut is_told = false;
    let cut = repair_cut_after_in(disk, lsn, "a test", &mut || {
        assert!(disk.files() == before, "it is told before anything is changed");
        is_told = true;
        Ok(())
    });
    (cut, is_told)
}

/// What a repair cut is all there: the segments behind it, and the rest of the segment in which it cut.
fn assert_kept(before: &BTreeMap<String, Vec<u8>>, after: &Disk, first_lsn: u64, at: &str) {
    let files = after.files();
    let is_there = |bytes: &[u8]| files.iter().any(|(name, kept)| name.contains(".torn-") && kept == bytes);
    let mut names: Vec<_> = segments(before).collect();
    while let Some((name, bytes)) = names.pop() {
        let first: u64 = name.trim_end_matches(".seg").parse().expect("a number");
        if first < first_lsn {
            let (now, end) = (&files[name], bytes.iter().rposition(|byte| *byte != 0).expect("records") + 1);
            let offset = now.iter().rposition(|byte| *byte != 0).expect("records") + 1;
            let copies = files.iter().filter(|(copy, _)| copy.starts_with(&format!("{name}.torn-{first_lsn}")));
            let mut whole = copies.filter(|(_, copy)| bytes[..end].ends_with(copy) && copy.len() + 32 >= end - offset);
            assert!(whole.next().is_some(), "{at}: what was cut off {name} is gone");
            return;
        }
        assert!(is_there(bytes), "{at}: {name} is gone");
    }
}

/// The only three things that may be found, and then the same repair ends it.
fn check(before: &BTreeMap<String, Vec<u8>>, after: &Disk, lsn: u64, is_told: bool, at: &str) -> &'static str {
    let found = match (open_read_only(after), open(&after.after_kill())) {
        (Ok(reader), Ok(writer)) => {
            assert_eq!(count(&reader), count(&writer), "{at}");
            match count(&reader) {
                ALL => "whole",
                cut => {
                    assert!(cut == lsn + 1 && is_told, "{at}: {cut} records, and nobody was told: {is_told}");
                    "cut"
                }
            }
        }
        (Err(OpenError::RepairBegun { cut_after: a, .. }), Err(OpenError::RepairBegun { cut_after: b, .. })) => {
            assert!((a, b, is_told) == (lsn, lsn, true), "{at}: {a} {b} {is_told}");
            let verified = verify_in(after, &mut |_| ()).expect_err("it is not verified");
            assert_eq!(verified.kind(), ErrorKind::Corrupt);
            let other = repair_cut_after_in(after, lsn - 1, "a test", &mut || panic!("{at}: another cut"));
            assert!(matches!(other, Err(OpenError::RepairBegun { .. })), "{at}: {other:?}");
            "begun"
        }
        (reader, writer) => panic!("{at}: {:?} {:?}", reader.err(), writer.err()),
    };
    repair(after, lsn).0.unwrap_or_else(|error| panic!("{at}: the same repair: {error}"));
    let after = after.after_power_cut(Survivors::Nothing);
    let verified = verify_in(&after, &mut |_| ()).expect("a journal");
    assert_eq!((verified.damages, verified.records, verified.torn), (Vec::new(), lsn + 1, None), "{at}");
    assert_eq!(count(&open(&after).expect("a journal")), lsn + 1, "{at}");
    assert_kept(before, &after, lsn + 1, at);
    found
}

fn operations_of_a_repair(whole: &Disk, lsn: u64) -> u64 {
    let disk = whole.after_kill();
    repair(&disk, lsn).0.expect("a cut");
    disk.operations()
}

#[test]
fn a_repair_that_loses_power_anywhere_opens_whole_or_not_at_all_or_cut() {
    let whole = filled();
    assert!(segments(&whole.files()).count() > 3);
    let mut found = BTreeMap::<_, u32>::new();
    for lsn in CUTS {
        for operation in 0..operations_of_a_repair(&whole, lsn) {
            for survivors in
                [Survivors::Nothing, Survivors::Everything, Survivors::Some(operation), Survivors::Reordered(operation)]
            {
                let disk = whole.after_kill();
                disk.arm(operation, Fault::PowerCut);
                let (cut, is_told) = repair(&disk, lsn);
                assert!(cut.is_err(), "operation {operation}");
                let at = format!("cut after {lsn}, power at {operation}, {survivors:?}");
                *found
                    .entry(check(&whole.files(), &disk.after_power_cut(survivors), lsn, is_told, &at))
                    .or_default() += 1;
            }
        }
    }
    assert!(["whole", "begun", "cut"].iter().all(|found_once| found.get(found_once) > Some(&1)), "{found:?}");
}

#[test]
fn a_repair_that_meets_an_error_anywhere_is_ended_by_the_next() {
    let whole = filled();
    let mut found = BTreeMap::<_, u32>::new();
    for lsn in CUTS {
        for operation in 0..operations_of_a_repair(&whole, lsn) {
            for error in [IoErrorKind::Other, IoErrorKind::StorageFull] {
                let disk = whole.after_kill();
                disk.arm(operation, Fault::Error(error));
                let (_, is_told) = repair(&disk, lsn);
                let at = format!("cut after {lsn}, {error} at {operation}");
                *found.entry(check(&whole.files(), &disk.after_kill(), lsn, is_told, &at)).or_default() += 1;
            }
        }
    }
    assert!(["whole", "begun"].iter().all(|found_once| found.get(found_once) > Some(&1)), "{found:?}");
}

/// Errors, one after the other, each in the repair that was to end the one before.
#[test]
fn repairs_that_fail_one_after_the_other_are_ended_by_the_last() {
    let whole = filled();
    for lsn in CUTS {
        for step in 1..6 {
            let mut disk = whole.after_kill();
            let mut is_told = false;
            for operation in (0..24).step_by(step) {
                disk.arm(operation, Fault::Error(IoErrorKind::Other));
                is_told |= repair(&disk, lsn).1;
                disk = disk.after_kill();
            }
            check(&whole.files(), &disk, lsn, is_told, &format!("cut after {lsn}, every {step}"));
        }
    }
}

#[test]
fn a_repair_on_a_full_disk_changes_nothing() {
    let whole = filled();
    for (lsn, room) in CUTS.into_iter().flat_map(|lsn| [0, 10, 20_000].map(|room| (lsn, room))) {
        let disk = whole.after_kill();
        disk.limit(disk.used() + room, true);
        let (cut, is_told) = repair(&disk, lsn);
        assert!(
            matches!(&cut, Err(OpenError::Unavailable { source, .. }) if source.kind() == IoErrorKind::StorageFull)
        );
        assert!(is_told && disk.files() == whole.files(), "a copy that found no room leaves nothing");
        assert_eq!(check(&whole.files(), &disk.after_kill(), lsn, is_told, "full"), "whole");
    }
}

/// Whoever asks for a cut may refuse it still, when it is known that it can be made.
#[test]
fn a_repair_that_cannot_be_told_is_not_made() {
    let whole = filled();
    let disk = whole.after_kill();
    let refused = repair_cut_after_in(&disk, CUTS[0], "a test", &mut || Err(io::Error::other("no room for a number")));
    assert_eq!(refused.expect_err("refused").kind(), ErrorKind::Unavailable);
    assert!(disk.files() == whole.files());
    for lsn in [62, ALL] {
        let nowhere = repair_cut_after_in(&disk, lsn, "a test", &mut || panic!("no cut can be made after {lsn}"));
        assert_eq!(nowhere.expect_err("refused").kind(), ErrorKind::Rejected);
    }
}

/// The note of a repair that has ended does not come back behind what was acknowledged since.
#[test]
fn what_is_acknowledged_behind_a_repair_is_there_after_a_power_cut() {
    let whole = filled();
    let last = operations_of_a_repair(&whole, CUTS[0]) - 1;
    for operation in [last, last + 1] {
        let disk = whole.after_kill();
        disk.arm(operation, Fault::PowerCut);
        assert_eq!(repair(&disk, CUTS[0]).0.is_err(), operation == last);
        let killed = disk.after_kill();
        let journal = open(&killed).expect("it is cut");
        let record = record(MERCHANT, 1_000, 100);
        journal.append(batch_of([(MERCHANT, record.as_slice())])).wait().expect("durable");
        drop(journal);
        let after = killed.after_power_cut(Survivors::Nothing);
        assert_eq!(count(&open(&after).expect("the repair has ended")), CUTS[0] + 2);
    }
}
