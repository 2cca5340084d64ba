//! What a journal holds, in numbers: the same from summaries, without them, and beside a writer.

use std::sync::Arc;

use talon_domain::ids::MerchantId;
use talon_journal::{
    Access, Contents, EmbeddedJournal, Journal as _, Positions, Record, SegmentSizes, Storage, SummaryState,
    WriterSettings,
};
use talon_testkit::{Disk, batch_of, genesis, ledger_id, record, seeds};

fn settings() -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(3)) }
}

/// A ledger of several segments, of two merchants, that a writer has just closed.
fn filled() -> Disk {
    let disk = Disk::new();
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    let journal = EmbeddedJournal::create_in(storage, ledger_id(), settings(), &genesis(ledger_id())).expect("made");
    for n in 0..60 {
        let merchant = MerchantId(n % 3);
        journal.append(batch_of([(merchant, &record(merchant, n, 12_000)[..])])).wait().expect("durable");
    }
    disk
}

fn reader(disk: &Disk) -> EmbeddedJournal {
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    EmbeddedJournal::open_read_only_in(&storage).expect("a reader")
}

fn states(journal: &EmbeddedJournal) -> Vec<SummaryState> {
    journal.segments().iter().map(|segment| segment.summary).collect()
}

/// What the records are, counted one by one.
fn counted(journal: &EmbeddedJournal) -> Contents {
    let mut contents = Contents::default();
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    while let Some(stored) = reader.next().expect("a record") {
        let record = Record::parse(stored.bytes).expect("a record");
        let at = record.recorded_at();
        let (first, last) = contents.recorded.unwrap_or((at, at));
        contents.recorded = Some((first.min(at), last.max(at)));
        *contents.kinds.entry(record.kind()).or_default() += 1;
        *contents.days.entry(record.day()).or_default() += 1;
        *contents.merchants.entry(record.merchant()).or_default() += 1;
    }
    contents
}

/// Contents, and how many bytes had to be read for them.
fn contents(journal: &EmbeddedJournal) -> (Contents, u64) {
    let mut read = 0;
    let contents = journal.contents(&mut |bytes| read += bytes).expect("contents");
    (contents, read)
}

#[test]
fn numbers_are_the_same_with_summaries_and_without() {
    let disk = filled();
    let names = |suffix: &str| {
        let names = disk.list().expect("names").into_iter();
        let mut named: Vec<String> = names.filter(|name| name.ends_with(suffix)).collect();
        named.sort_unstable();
        named
    };
    names(".sum").iter().for_each(|name| disk.remove(name).expect("a summary"));
    let bare = reader(&disk);
    let expected = counted(&bare);
    assert_eq!(expected.merchants.get(&MerchantId(0)), Some(&84), "64 that begin the ledger, and 20");
    let (found, read_all) = contents(&bare);
    assert_eq!(found, expected);
    let closed = names(".seg").len() - 1;
    assert!(closed > 2, "several segments");
    assert_eq!(states(&bare), [vec![SummaryState::Missing; closed], vec![SummaryState::InUse]].concat());

    // A writer that has the time makes them; then the closed segments are not read.
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    let writer = EmbeddedJournal::open_in(storage, settings()).expect("a writer");
    let made = || states(&writer).iter().filter(|state| **state == SummaryState::Present).count();
    assert!((0..5_000).any(|_| made() == closed || (std::thread::sleep(std::time::Duration::from_millis(2)), false).1));
    let (beside, read_few) = contents(&reader(&disk));
    assert_eq!((beside, contents(&writer).0), (expected.clone(), expected.clone()));
    assert!(read_few < read_all / 2, "{read_few} of {read_all} bytes");
    drop(writer);

    // One that lies is noticed, and its segment is read.
    let summary = names(".sum").remove(1);
    disk.open(&summary, Access::Write).expect("a summary").write_at(&[0xff; 9], 40).expect("room");
    let spoilt = reader(&disk);
    assert_eq!(states(&spoilt)[..3], [SummaryState::Present, SummaryState::Wrong, SummaryState::Present]);
    assert_eq!(contents(&spoilt).0, expected);
}

#[test]
fn segments_lie_one_behind_the_other() {
    let disk = filled();
    let journal = reader(&disk);
    let segments = journal.segments();
    let mut next = 0;
    for segment in &segments {
        assert_eq!(segment.first_lsn, next);
        assert!(segment.used_bytes <= segment.bytes && segment.records > 0);
        next += segment.records;
    }
    assert_eq!(next, journal.ends().total());
    let last = segments.last().expect("a segment");
    assert!(last.used_bytes < last.bytes, "the one in use has room");
}
