//! What every journal engine must do, as checks that know only the `Journal` trait.
//!
//! An engine passes with one line, `talon_testkit::journal_conformance!(subject)`, where the subject makes journals
//! that hold a genesis and nothing else. No check assumes how records of different partitions interleave, how an engine
//! groups what it writes, or that it has files; position 0 of every partition is taken by whatever genesis it made.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{
    Appended, BATCH_RECORDS_MAX, Batch, ErrorKind, HEADER_BYTES, IdIndex, IdKey, Journal, PARTITIONS, Positions,
    RECORD_BYTES_MAX, ReadError, Reader, Record, partition_of,
};

use crate::ledger::{batch_of, record};

/// Merchants of six partitions.
const MERCHANTS: [MerchantId; 6] = [
    MerchantId(1),
    MerchantId(839_100_575),
    MerchantId(552_100_554),
    MerchantId(732_829_320),
    MerchantId(542_065_479),
    MerchantId(775_670_417),
];
/// Longer than any engine needs; a check that waits so long has failed.
const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(20);

/// Makes the journals that are checked.
pub trait Subject {
    /// A new journal that holds its genesis.
    fn fresh(&mut self) -> Box<dyn Journal>;

    /// Closes a journal and opens it again; `None` if the engine does not outlive its value.
    fn reopen(&mut self, journal: Box<dyn Journal>) -> Option<Box<dyn Journal>> {
        drop(journal);
        None
    }
}

impl<F: FnMut() -> Box<dyn Journal>> Subject for F {
    fn fresh(&mut self) -> Box<dyn Journal> {
        self()
    }
}

/// Makes one test of each check for an engine; of one that needs a server, where there is one.
#[macro_export]
macro_rules! journal_conformance {
    ($subject:expr) => {
        $crate::journal_conformance!($subject, when true);
    };
    ($subject:expr, when $is_there:expr) => {
        $crate::journal_conformance!($subject, $is_there;
            genesis_is_record_zero_of_every_partition
            positions_are_dense_and_in_the_order_given
            what_was_appended_reads_back_byte_for_byte
            the_longest_and_the_shortest_record_are_kept
            bytes_that_are_no_record_of_ours_are_kept
            a_partition_reads_from_any_position
            a_scan_shows_each_partition_in_its_order
            a_reader_goes_on_with_what_is_appended_later
            nothing_is_read_beyond_the_durable_end
            waiting_ends_with_news_or_with_the_time
            many_threads_append_without_mixing_their_order
            a_full_batch_is_acknowledged_whole
            an_empty_batch_is_acknowledged_and_changes_nothing
            a_batch_comes_back_to_be_used_again
            completions_may_be_awaited_in_any_order
            every_id_is_found_where_it_was_put
            reopening_changes_nothing
        );
    };
    ($subject:expr, $is_there:expr; $($check:ident)*) => {
        $(#[test]
        fn $check() {
            if $is_there {
                $crate::journal_conformance::$check(&mut $subject);
            }
        })*
    };
}

/// Everything that a reader has, as owned values.
fn all(reader: &mut dyn Reader) -> Vec<(PartitionId, Position, Vec<u8>)> {
    let mut found = Vec::new();
    while let Some(stored) = reader.next().expect("a sound journal is readable") {
        found.push((stored.partition, stored.position, stored.bytes.to_vec()));
    }
    found
}

fn read(journal: &dyn Journal, partition: PartitionId, from: u64) -> Vec<(PartitionId, Position, Vec<u8>)> {
    all(journal.read(partition, Position(from)).expect("a partition is readable").as_mut())
}

fn append(journal: &dyn Journal, batch: Batch) -> Appended {
    journal.append(batch).wait().expect("an append to a healthy journal succeeds")
}

/// `count` records over all merchants in turn, numbered from `first`.
fn mixed(first: u64, count: u64) -> Vec<(MerchantId, Vec<u8>)> {
    let merchant = |n: u64| MERCHANTS[usize::try_from(n % 6).expect("below six")];
    (first..first + count).map(|n| (merchant(n), record(merchant(n), n, usize::try_from(n % 50).unwrap()))).collect()
}

fn append_all(journal: &dyn Journal, records: &[(MerchantId, Vec<u8>)]) -> Appended {
    append(journal, batch_of(records.iter().map(|(merchant, bytes)| (*merchant, bytes.as_slice()))))
}

/// Bytes in each partition, in order, as they were appended.
fn by_partition(records: &[(MerchantId, Vec<u8>)]) -> BTreeMap<PartitionId, Vec<Vec<u8>>> {
    let mut expected: BTreeMap<PartitionId, Vec<Vec<u8>>> = BTreeMap::new();
    for (merchant, bytes) in records {
        expected.entry(partition_of(*merchant)).or_default().push(bytes.clone());
    }
    expected
}

/// Every partition holds what is expected behind its genesis, and nothing else.
fn assert_holds(journal: &dyn Journal, records: &[(MerchantId, Vec<u8>)]) {
    let expected = by_partition(records);
    for partition in (0..PARTITIONS).map(PartitionId) {
        let expected = expected.get(&partition).cloned().unwrap_or_default();
        let found = read(journal, partition, 1);
        assert_eq!(found.len(), expected.len(), "records in partition {partition}");
        for (n, ((at, position, bytes), expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!((*at, *position), (partition, Position(n as u64 + 1)));
            assert_eq!(bytes, expected, "p{partition}/{position}");
        }
        assert_eq!(journal.ends().next(partition), Position(expected.len() as u64 + 1), "end of {partition}");
    }
}

/// A new journal has one record in each partition, and says which ledger it is.
pub fn genesis_is_record_zero_of_every_partition(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    assert_eq!(journal.identity().partitions, PARTITIONS);
    for partition in (0..PARTITIONS).map(PartitionId) {
        assert_eq!(journal.ends().next(partition), Position(1));
        let found = read(journal.as_ref(), partition, 0);
        let [(at, position, bytes)] = found.as_slice() else { panic!("one record in partition {partition}") };
        assert_eq!((*at, *position), (partition, Position(0)));
        let genesis = Record::parse(bytes).expect("a genesis is a record");
        assert_eq!(genesis.stream_id().0, journal.identity().ledger_id.0);
    }
}

/// Each partition counts from 1 behind its genesis, whatever the other partitions do.
pub fn positions_are_dense_and_in_the_order_given(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let mut next: BTreeMap<PartitionId, u64> = BTreeMap::new();
    for first in [0, 25, 50] {
        let records = mixed(first, 25);
        let appended = append_all(journal.as_ref(), &records);
        assert_eq!(appended.len(), 25);
        for ((merchant, _), (partition, position)) in records.iter().zip(appended.places()) {
            assert_eq!(partition, partition_of(*merchant));
            let expected = next.entry(partition).or_insert(1);
            assert_eq!(position, Position(*expected));
            *expected += 1;
        }
    }
}

/// No byte changes on its way.
pub fn what_was_appended_reads_back_byte_for_byte(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let records = mixed(0, 300);
    records.chunks(70).for_each(|chunk| drop(append_all(journal.as_ref(), chunk)));
    assert_holds(journal.as_ref(), &records);
}

/// The limits of a record's length are inside.
pub fn the_longest_and_the_shortest_record_are_kept(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let merchant = MERCHANTS[0];
    let mut longest = record(merchant, 1, 59_000);
    longest.resize(RECORD_BYTES_MAX, 7);
    let shortest = record(merchant, 2, 0)[..HEADER_BYTES].to_vec();
    let records: Vec<_> =
        [longest.clone(), shortest.clone(), longest, shortest].into_iter().map(|bytes| (merchant, bytes)).collect();
    append_all(journal.as_ref(), &records);
    assert_holds(journal.as_ref(), &records);
}

/// A copy must be able to carry what another ledger holds, readable or not.
pub fn bytes_that_are_no_record_of_ours_are_kept(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let foreign = vec![0x54; 200];
    assert!(Record::parse(&foreign).is_err());
    let records = [(MERCHANTS[2], foreign)];
    append_all(journal.as_ref(), &records);
    assert_holds(journal.as_ref(), &records);
}

/// Reading starts at the position asked for, at the end too.
pub fn a_partition_reads_from_any_position(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let merchant = MERCHANTS[1];
    let records: Vec<_> = (0..700).map(|n| (merchant, record(merchant, n, 10))).collect();
    let others = mixed(10_000, 60);
    for chunk in records.chunks(90) {
        append_all(journal.as_ref(), chunk);
        append_all(journal.as_ref(), &others);
    }
    let mine = partition_of(merchant);
    let whole = read(journal.as_ref(), mine, 0);
    for from in [0, 1, 2, 255, 256, 257, 511, 512, 513, 700, whole.len() as u64 - 1, whole.len() as u64] {
        let rest = read(journal.as_ref(), mine, from);
        assert_eq!(rest, whole[usize::try_from(from).unwrap()..], "from {from}");
    }
}

/// A scan has every record once, each partition in its own order, from the places asked for.
pub fn a_scan_shows_each_partition_in_its_order(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let records = mixed(0, 500);
    records.chunks(33).for_each(|chunk| drop(append_all(journal.as_ref(), chunk)));
    let mut from = Positions::beginning();
    for partition in (0..PARTITIONS).map(PartitionId) {
        from.set(partition, Position(u64::from(partition.0 % 2)));
    }
    from.set(partition_of(MERCHANTS[0]), Position(40));
    from.set(partition_of(MERCHANTS[3]), journal.ends().next(partition_of(MERCHANTS[3])));
    let mut next = from.clone();
    for (partition, position, _) in all(journal.scan(&from).expect("a scan starts").as_mut()) {
        assert_eq!(position, next.next(partition), "partition {partition}");
        next.set(partition, Position(position.0 + 1));
    }
    assert_eq!(next, journal.ends());
}

/// A reader that came to the end is asked again.
pub fn a_reader_goes_on_with_what_is_appended_later(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let mut scan = journal.scan(&journal.ends()).expect("a scan starts at the end");
    let mut one = journal.read(partition_of(MERCHANTS[0]), Position(1)).expect("a partition starts at its end");
    assert!(scan.next().expect("readable").is_none() && one.next().expect("readable").is_none());
    for round in 0..20 {
        let records = mixed(round * 6, 6);
        let before = journal.ends();
        append_all(journal.as_ref(), &records);
        assert!(journal.wait(&before, LONG).expect("a journal can be waited for"));
        let seen = all(scan.as_mut());
        assert_eq!(seen.len(), 6, "round {round}");
        let mine = all(one.as_mut());
        assert_eq!(mine, [(partition_of(MERCHANTS[0]), Position(round + 1), records[0].1.clone())]);
    }
}

/// Beyond the end there is nothing, and asking for it says that an acknowledgement was lost.
pub fn nothing_is_read_beyond_the_durable_end(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    append_all(journal.as_ref(), &mixed(0, 12));
    let partition = partition_of(MERCHANTS[0]);
    let end = journal.ends().next(partition);
    assert!(read(journal.as_ref(), partition, end.0).is_empty());
    let beyond = journal.read(partition, Position(end.0 + 1)).map(|_| ());
    assert!(matches!(beyond, Err(ReadError::Beyond { .. })), "{beyond:?}");
    let mut ends = journal.ends();
    ends.set(partition, Position(end.0 + 1));
    assert!(matches!(journal.scan(&ends).map(|_| ()), Err(ReadError::Beyond { .. })));
    let nowhere = journal.read(PartitionId(PARTITIONS), Position(0)).map(|_| ());
    assert_eq!(nowhere.map_err(|error| error.kind()), Err(ErrorKind::Rejected));
}

/// Waiting ends when something is appended, and when the time is over.
pub fn waiting_ends_with_news_or_with_the_time(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let ends = journal.ends();
    assert!(!journal.wait(&ends, SHORT).expect("a journal can be waited for"));
    assert!(journal.wait(&Positions::beginning(), LONG).expect("the genesis is news to a beginner"));
    thread::scope(|scope| {
        let waiter = scope.spawn(|| journal.wait(&ends, LONG).expect("a journal can be waited for"));
        append_all(journal.as_ref(), &mixed(0, 1));
        assert!(waiter.join().expect("the waiter returns"));
    });
}

/// Appenders in many threads: nobody's records are lost, doubled or put in another order than given.
pub fn many_threads_append_without_mixing_their_order(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let journal = journal.as_ref();
    let merchant = MERCHANTS[4];
    let places: Vec<Vec<(u64, Position)>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..6u64)
            .map(|thread| {
                scope.spawn(move || {
                    let mut places = Vec::new();
                    for round in 0..30u64 {
                        let numbers: Vec<u64> = (0..10).map(|n| thread * 1_000 + round * 10 + n).collect();
                        let records: Vec<_> = numbers.iter().map(|n| (merchant, record(merchant, *n, 5))).collect();
                        let appended = append_all(journal, &records);
                        places.extend(numbers.into_iter().zip(appended.places().map(|(_, position)| position)));
                    }
                    places
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("an appender returns")).collect()
    });
    let stored = read(journal, partition_of(merchant), 1);
    assert_eq!(stored.len(), 6 * 300);
    for places in places {
        assert!(places.is_sorted_by_key(|(_, position)| *position));
        for (n, position) in places {
            let (_, at, bytes) = &stored[usize::try_from(position.0 - 1).unwrap()];
            assert_eq!((*at, bytes), (position, &record(merchant, n, 5)));
        }
    }
}

/// The largest batch goes in, however many writes that takes.
pub fn a_full_batch_is_acknowledged_whole(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let records = mixed(0, BATCH_RECORDS_MAX as u64);
    assert_eq!(append_all(journal.as_ref(), &records).len(), BATCH_RECORDS_MAX);
    assert_holds(journal.as_ref(), &records);
}

/// Nothing in, nothing changed.
pub fn an_empty_batch_is_acknowledged_and_changes_nothing(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let before = journal.ends();
    assert!(append(journal.as_ref(), Batch::new()).is_empty());
    assert_eq!(journal.ends(), before);
}

/// The acknowledgement carries the batch back with its records.
pub fn a_batch_comes_back_to_be_used_again(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let mut batch = Batch::new();
    let mut expected = Vec::new();
    for round in 0..3 {
        let records = mixed(round * 4, 4);
        batch.clear();
        records.iter().for_each(|(merchant, bytes)| batch.push(partition_of(*merchant), &[bytes]).expect("room"));
        batch = append(journal.as_ref(), batch).into_batch();
        assert!(batch.iter().zip(&records).all(|((_, found), (_, given))| found == given.as_slice()));
        expected.extend(records);
    }
    assert_holds(journal.as_ref(), &expected);
}

/// Many appends may be under way; the last one's answer says nothing less about the first.
pub fn completions_may_be_awaited_in_any_order(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let records = mixed(0, 40);
    let batches = records.chunks(5).map(|chunk| batch_of(chunk.iter().map(|(m, bytes)| (*m, bytes.as_slice()))));
    let completions: Vec<_> = batches.map(|batch| journal.append(batch)).collect();
    for completion in completions.into_iter().rev() {
        assert_eq!(completion.wait().expect("acknowledged").len(), 5);
    }
    assert_holds(journal.as_ref(), &records);
}

/// An index read from the journal leads back to each record, and no merchant sees another's ids.
pub fn every_id_is_found_where_it_was_put(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let records = mixed(0, 60);
    let appended = append_all(journal.as_ref(), &records);
    let mut index = IdIndex::of(journal.as_ref()).expect("a sound journal is readable");
    for ((merchant, bytes), place) in records.iter().zip(appended.places()) {
        let id = Record::parse(bytes).expect("a record").event_id();
        let mut places = |merchant| index.places(IdKey { merchant, id }).expect("an index in memory answers");
        assert_eq!(places(*merchant), [place]);
        assert_eq!(places(MerchantId(merchant.0 + 1)), []);
    }
}

/// What was acknowledged is there for the next process.
pub fn reopening_changes_nothing(subject: &mut dyn Subject) {
    let journal = subject.fresh();
    let mut records = mixed(0, 200);
    append_all(journal.as_ref(), &records);
    let identity = journal.identity();
    let Some(journal) = subject.reopen(journal) else { return };
    assert_eq!(journal.identity(), identity);
    assert_holds(journal.as_ref(), &records);
    records.extend(mixed(200, 200));
    append_all(journal.as_ref(), &records[200..]);
    let Some(journal) = subject.reopen(journal) else { return };
    assert_holds(journal.as_ref(), &records);
}
