//! A prefix of the log is copied while the log grows: the copy is a healthy journal of exactly the records below its end.

use std::io::Read as _;
use std::sync::Arc;

use talon_domain::ids::MerchantId;
use talon_domain::time::Instant;
use talon_journal::{
    Access, EmbeddedJournal, Journal as _, Positions, Prefix, Record, SegmentSizes, Storage, WriterSettings, verify_in,
};
use talon_testkit::{Disk, batch_of, genesis, ledger_id, record, seeds};

const MERCHANTS: [MerchantId; 3] = [MerchantId(1), MerchantId(2), MerchantId(0)];

fn settings(seed: u64) -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(seed)) }
}

fn create(disk: &Disk) -> EmbeddedJournal {
    EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(3), &genesis(ledger_id())).expect("made")
}

fn storage(disk: &Disk) -> Arc<dyn Storage> {
    Arc::new(disk.clone())
}

/// Two records of one merchant; the clock that stamps them goes back now and then.
fn add(journal: &EmbeddedJournal, n: u64) {
    let merchant = MERCHANTS[usize::try_from(n).expect("small") % 3];
    let stamped = |number: u64| {
        let mut record = record(merchant, number, 9_000);
        let morning = i64::from_le_bytes(*record[8..].first_chunk().expect("a header"));
        let at = morning + i64::try_from(number * 7 % 31).expect("small");
        record[8..16].copy_from_slice(&at.to_le_bytes());
        record
    };
    let records = [stamped(2 * n), stamped(2 * n + 1)];
    journal.append(batch_of(records.iter().map(|record| (merchant, &record[..])))).wait().expect("durable");
}

fn records(journal: &EmbeddedJournal) -> Vec<Vec<u8>> {
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let mut all = Vec::new();
    while let Some(stored) = reader.next().expect("a record") {
        all.push(stored.bytes.to_vec());
    }
    all
}

fn copy(prefix: &Prefix) -> Disk {
    let copy = Disk::new();
    for file in prefix.files() {
        let mut bytes = Vec::new();
        prefix.open(&file).expect("a file").read_to_end(&mut bytes).expect("its bytes");
        assert_eq!(bytes.len() as u64, file.bytes, "{}", file.name);
        copy.open(&file.name, Access::Create).expect("a file").write_at(&bytes, 0).expect("room");
    }
    copy
}

#[test]
fn a_prefix_fixed_at_any_moment_is_a_healthy_journal_of_its_records() {
    let disk = Disk::new();
    let journal = create(&disk);
    let mut fixed = vec![journal.prefix()];
    for n in 0..60 {
        add(&journal, n);
        let beside = EmbeddedJournal::open_read_only_in(&storage(&disk)).expect("a reader beside the writer");
        fixed.push(beside.prefix());
    }
    let all = records(&journal);
    assert!(fixed.last().is_some_and(|last| last.files().len() > 5), "several segments, and the mark");
    for prefix in fixed {
        let copy = copy(&prefix);
        let verified = verify_in(&copy, &mut |_| ()).expect("a journal");
        assert_eq!((verified.damages.as_slice(), verified.torn), (&[][..], None));
        assert_eq!((verified.records, &verified.ends), (prefix.records(), prefix.ends()));
        let opened = EmbeddedJournal::open_in(storage(&copy), settings(7)).expect("it can be written");
        let kept = records(&opened);
        assert_eq!(kept, all[..kept.len()], "the first records of the log");
        assert_eq!(kept.len() as u64, prefix.records());
        add(&opened, 99);
        assert_eq!(records(&opened).len(), kept.len() + 2);
    }
}

#[test]
fn a_journal_at_rest_is_copied_without_its_torn_end() {
    let disk = Disk::new();
    let journal = create(&disk);
    (0..4).for_each(|n| add(&journal, n));
    drop(journal);
    let before = EmbeddedJournal::open_read_only_in(&storage(&disk)).expect("a reader").prefix();
    // A group of which only the second sector arrived.
    let segment = before.files().first().expect("a segment").clone();
    let file = disk.open(&segment.name, Access::Write).expect("the segment");
    let mut bytes = vec![0; usize::try_from(segment.bytes).expect("small")];
    file.read_at(&mut bytes, 0).expect("its bytes");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("records") as u64;
    file.write_at(&[7], end.next_multiple_of(512) + 600).expect("room");
    let torn = EmbeddedJournal::open_read_only_in(&storage(&disk)).expect("a reader");
    assert!(torn.torn_tail().is_some());
    let copy = copy(&torn.prefix());
    let verified = verify_in(&copy, &mut |_| ()).expect("a journal");
    assert_eq!((verified.damages.as_slice(), verified.torn, verified.records), (&[][..], None, before.records()));
}

#[test]
fn a_moment_is_a_prefix_in_the_order_of_the_log() {
    let disk = Disk::new();
    let journal = create(&disk);
    (0..20).for_each(|n| add(&journal, n));
    let times: Vec<i64> =
        records(&journal).iter().map(|bytes| Record::parse(bytes).expect("a record").recorded_at().0).collect();
    for at in times.iter().flat_map(|at| [at - 1, *at, at + 1]) {
        let expected = times.iter().position(|recorded| *recorded > at).unwrap_or(times.len()) as u64;
        assert_eq!(journal.records_until(Instant(at)).expect("records"), expected, "at {at}");
    }
}
