//! A projection that lets streams go at every commit, and restores one when a fact comes, holds what one fold in memory
//! holds: rows, counts, state digest, and what is judged in the order of the ledger.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{MerchantId, PartitionId, StreamId};
use talon_domain::time::Instant;
use talon_journal::{Batch, Journal, MemoryJournal, PARTITIONS, Positions, partition_of};
use talon_projections::compare::{Making, compare};
use talon_projections::describe::describe;
use talon_projections::digest::digest_of;
use talon_projections::projection::{Projection, ProjectionError};
use talon_projections::store::{self, MemoryStore, SledStore, Store, StoreError};
use talon_projections::streams::{state_digest, stream_of};
use talon_projections::table::STREAMS;
use talon_projections::views::ALL;
use talon_replay::{History, taken};
use talon_testkit::traffic::Dice;

use crate::ledgers::{MERCHANT, at, header, id, ledger, on, push, tell};
use crate::mixture::{self, reordered};

/// A store in memory that outlives who opened it.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<MemoryStore>>);

impl Store for Shared {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.lock().expect("no panic").read(key)
    }

    fn keys(
        &self,
        from: &[u8],
        below: &[u8],
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.0.lock().expect("no panic").keys(from, below, each)
    }

    fn write(&self, batch: store::Batch) -> Result<(), StoreError> {
        self.0.lock().expect("no panic").write(batch)
    }

    fn bytes(&self) -> Result<u64, StoreError> {
        self.0.lock().expect("no panic").bytes()
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Takes every record of a journal that is not taken yet, up to so many; whether there were more.
pub(crate) fn take(projection: &mut Projection, journal: &dyn Journal, most: usize) -> bool {
    let mut from = Positions::beginning();
    projection.positions().for_each(|(partition, next)| from.set(partition, next));
    let mut reader = journal.scan(&from).expect("a reader");
    for _ in 0..most {
        let Some(stored) = reader.next().expect("a record") else { return false };
        projection.take(taken(&stored)).expect("the next one");
    }
    true
}

/// What lets streams go, how often, and what happens in between.
struct Habits {
    /// Records to a commit; 0 is any number.
    every: usize,
    /// Whether a commit is followed by opening the store again, at times after more records that are lost.
    reopens: bool,
}

/// Projects a journal over a store, as the habits say.
fn committed(journal: &dyn Journal, habits: &Habits, seed: u64, open: &dyn Fn() -> Projection) -> Projection {
    let mut dice = Dice::of(seed);
    let mut projection = open();
    loop {
        let most = if habits.every == 0 { 1 + dice.below(40) } else { habits.every };
        let more = take(&mut projection, journal, most);
        projection.commit().expect("room");
        if dice.percent(30) {
            while projection.tables().merge_due() && projection.tables_mut().merge_step().expect("a merge") {}
        }
        if habits.reopens && dice.percent(40) {
            if dice.percent(50) {
                take(&mut projection, journal, dice.below(20));
                projection.settle().expect("settled");
            }
            drop(projection);
            projection = open();
        }
        if !more {
            return projection;
        }
    }
}

/// Projects a journal in memory, at once.
pub(crate) fn at_once(journal: &dyn Journal) -> Projection {
    let mut projection = Projection::in_memory(ALL.to_vec());
    take(&mut projection, journal, usize::MAX);
    projection.settle().expect("in memory");
    projection
}

/// What two projections do not share, in words; empty if they are the same.
pub(crate) fn differences(expected: &Projection, found: &Projection, journal: &dyn Journal) -> String {
    let mut words = String::new();
    for view in ALL {
        let of = |projection: &Projection| digest_of(projection.tables(), *view).expect("rows");
        let mut rows = 0;
        for (table, _) in view.tables() {
            let [first, second] = [expected, found].map(|of| Making { reading: of.tables(), table: *table });
            compare(first, second, &mut |difference| {
                rows += 1;
                let _ = writeln!(words, "{} {}: {}", view.name(), table.0, describe(*table, &difference));
                if rows < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
            .expect("rows");
        }
        assert_eq!(of(expected) == of(found), rows == 0, "a digest of {} and its rows disagree", view.name());
    }
    if expected.counts() != found.counts() {
        let _ = writeln!(words, "counts: {:?}, {:?}", expected.counts(), found.counts());
    }
    if !expected.positions().eq(found.positions()) {
        let _ = writeln!(words, "positions");
    }
    let history = History::of(journal, &mut |_| {}).expect("a history");
    let (digest, streams) = state_digest(found.tables()).expect("streams");
    if (digest, streams) != (history.digest().1, history.fold().streams().count() as u64) {
        let _ = writeln!(words, "state digest of {streams}: {digest}, not {}", history.digest().1);
    }
    let ordered = |projection: &Projection| {
        let judged = projection.fold().partitions().filter(|(_, fold)| !fold.ordered().is_empty());
        judged.map(|(at, fold)| format!("{at:?} {:?} {:?}", fold.rulings(), fold.bulks())).collect::<Vec<_>>()
    };
    if ordered(expected) != ordered(found) {
        let _ = writeln!(words, "what is judged in the order of the ledger");
    }
    words
}

fn check(seed: u64, records: usize, habits: &Habits, open: &dyn Fn() -> Projection) {
    let journal = mixture::journal(seed, records);
    let found = committed(&journal, habits, seed, open);
    let words = differences(&at_once(&journal), &found, &journal);
    assert!(words.is_empty(), "seed {seed}, committed every {}:\n{words}", habits.every);
}

fn in_shared_memory() -> impl Fn() -> Projection {
    let store = Shared::default();
    move || Projection::open(Box::new(store.clone()), ALL.to_vec()).expect("a store")
}

/// So many seeds; more of them, and others, with `TALON_TORTURE_SEED`.
fn seeds(count: u64) -> std::ops::Range<u64> {
    let tortured = std::env::var("TALON_TORTURE_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    tortured.map_or(0..count, |seed| seed * 100_000..seed * 100_000 + count * 20)
}

#[test]
fn letting_go_after_every_record_changes_nothing() {
    for seed in seeds(20) {
        check(seed, 120, &Habits { every: 1, reopens: seed % 2 == 0 }, &in_shared_memory());
    }
}

#[test]
fn letting_go_at_any_time_and_beginning_again_changes_nothing() {
    for seed in seeds(24) {
        check(1_000_000 + seed, 250, &Habits { every: 0, reopens: true }, &in_shared_memory());
    }
}

#[test]
fn letting_go_into_files_and_beginning_again_changes_nothing() {
    for seed in seeds(3) {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || {
            let store = SledStore::open(folder.path()).expect("a store");
            Projection::open(Box::new(store), ALL.to_vec()).expect("views")
        };
        check(2_000_000 + seed, 500, &Habits { every: 0, reopens: true }, &open);
    }
}

/// Appends what was told.
fn append(journal: &MemoryJournal, write: impl FnOnce(&mut Batch)) {
    let mut batch = Batch::new();
    write(&mut batch);
    journal.append(batch).wait().expect("durable");
}

/// Takes what came, commits it, and opens the store again.
fn go_on(journal: &dyn Journal, open: &dyn Fn() -> Projection) -> Projection {
    let mut projection = open();
    take(&mut projection, journal, usize::MAX);
    projection.commit().expect("room");
    drop(projection);
    open()
}

#[test]
fn a_stream_of_thousands_of_facts_comes_back_whole() {
    let (journal, open) = (ledger(None), in_shared_memory());
    let sms = |batch: &mut Batch, number: u32| {
        let mut of = header(Kind::SMS_DELIVERY, 0);
        of.event_id.0[12..].copy_from_slice(&number.to_be_bytes());
        tell(batch, &of, &format!(r#"{{"number":{},"status":"SMS_STATUS_SENT"}}"#, number + 1));
    };
    for part in 0..5 {
        append(&journal, |batch| (part * 600..(part + 1) * 600).for_each(|number| sms(batch, number)));
        go_on(&journal, &open);
    }
    // A duplicate of the first, another content of one in the middle, and a new one.
    append(&journal, |batch| sms(batch, 0));
    append(&journal, |batch| {
        let mut other = header(Kind::SMS_SENT, 0);
        other.event_id.0[12..].copy_from_slice(&1_500u32.to_be_bytes());
        tell(batch, &other, "{}");
    });
    append(&journal, |batch| sms(batch, 3_000));
    let found = go_on(&journal, &open);
    assert_eq!(differences(&at_once(&journal), &found, &journal), "");
    let counts = found.counts();
    assert_eq!((counts.facts, counts.duplicates, counts.conflicts), (3_001, 1, 1));
    let stream = stream_of(found.tables(), header(Kind::SMS_SENT, 0).stream_key()).expect("rows").expect("a stream");
    assert_eq!((stream.facts().count(), stream.conflicts().collect::<Vec<_>>()), (3_001, vec![1_500]));
    let mut rows = 0;
    let mut count = |_: &[u8], _: &[u8]| {
        rows += 1;
        ControlFlow::Continue(())
    };
    found.tables().scan(STREAMS, &[], None, &mut count).expect("rows");
    assert!(rows > 3, "it is kept in {rows} parts");
}

const INITIATED: &str = r#"{"amount":{"currency":"EUR","minorUnits":"30000"}}"#;

/// Months lie between the records, and every one is committed.
#[test]
fn an_event_id_is_known_for_ever_whatever_stream_it_is_told_in() {
    let (journal, open) = (ledger(None), in_shared_memory());
    let moment = |number: i64| Instant(at(1, 10, 0).0 + number * 40 * 86_400_000_000);
    let first = FactHeader { recorded_at: moment(0), ..on(&header(Kind::PAYMENT_INITIATED, 1), moment(0)) };
    let told = |number: i64, of: FactHeader, payload: &str| {
        append(&journal, |batch| tell(batch, &FactHeader { recorded_at: moment(number), ..of }, payload));
        go_on(&journal, &open)
    };
    told(0, first.clone(), INITIATED);
    told(1, first.clone(), INITIATED);
    let other_stream = StreamId(id(201));
    told(2, FactHeader { stream: other_stream, ..first.clone() }, INITIATED);
    told(3, FactHeader { training: true, ..first.clone() }, INITIATED);
    // A fact of its own in the other stream, older than all ids that were committed; then it is told in the first one.
    let mut old = FactHeader { stream: other_stream, ..first.clone() };
    old.event_id.0[..6].fill(0);
    told(4, old.clone(), INITIATED);
    told(5, FactHeader { stream: first.stream, ..old }, INITIATED);
    let found = told(6, first, r#"{"amount":{"currency":"EUR","minorUnits":"30001"}}"#);
    assert_eq!(differences(&at_once(&journal), &found, &journal), "");
    let counts = found.counts();
    assert_eq!((counts.facts, counts.duplicates, counts.conflicts), (2, 1, 4));
}

#[test]
fn what_names_no_merchant_has_ids_of_its_own_in_each_partition() {
    let (journal, open) = (ledger(None), in_shared_memory());
    let rules = |name: &str| format!(r#"{{"id":"{name}"}}"#);
    let told = |partition: u16, name: &str| {
        let of = FactHeader {
            merchant: MerchantId(0),
            source: Source::Ledger,
            stream: StreamId([name.as_bytes()[0]; 16]),
            ..header(Kind::PLAN_RULES_REGISTERED, 1)
        };
        let payload = talon_proto::payload_from_json(of.kind, rules(name).as_bytes()).expect("a payload");
        append(&journal, |batch| push(batch, PartitionId(partition), &of, &payload));
        go_on(&journal, &open)
    };
    told(0, "alma");
    // Another daemon said something else under the same id, to another partition.
    told(1, "oney");
    told(0, "floa");
    let found = told(1, "oney");
    assert_eq!(differences(&at_once(&journal), &found, &journal), "");
    let counts = found.counts();
    assert_eq!((counts.facts, counts.conflicts, counts.duplicates), (2, 1, 1));
}

#[test]
fn a_clock_that_no_calendar_has_books_nothing_on_another_day() {
    let (journal, open) = (ledger(None), in_shared_memory());
    let accepted = |number: u8, recorded_at: Instant| {
        let of =
            FactHeader { recorded_at, stream: StreamId(id(100 + number)), ..header(Kind::PAYMENT_ACCEPTED, number) };
        append(&journal, |batch| tell(batch, &of, INITIATED));
        go_on(&journal, &open)
    };
    accepted(1, at(25, 10, 0));
    accepted(2, Instant(i64::MAX));
    let found = accepted(3, at(27, 10, 0));
    assert_eq!(differences(&at_once(&journal), &found, &journal), "");
}

#[test]
fn the_same_fact_in_other_bytes_is_the_same_fact() {
    let (journal, open) = (ledger(None), in_shared_memory());
    let of = header(Kind::PAYMENT_INITIATED, 1);
    let text = r#"{"amount":{"currency":"EUR","minorUnits":"30000"},"provider":"alma","tillTicket":"T-1"}"#;
    let bytes = talon_proto::payload_from_json(of.kind, text.as_bytes()).expect("a payload");
    assert_ne!(bytes, reordered(&bytes));
    for payload in [&bytes, &reordered(&bytes), &bytes] {
        append(&journal, |batch| push(batch, partition_of(MERCHANT), &of, payload));
        go_on(&journal, &open);
    }
    let found = open();
    assert_eq!(differences(&at_once(&journal), &found, &journal), "");
    assert_eq!((found.counts().facts, found.counts().duplicates), (1, 2));
}

/// A store that contradicts itself is no ground to take a fact for a new one: it would count twice.
#[test]
fn an_id_of_a_stream_that_is_gone_is_a_broken_store() {
    let (journal, open) = (ledger(None), in_shared_memory());
    append(&journal, |batch| tell(batch, &header(Kind::PAYMENT_INITIATED, 1), INITIATED));
    let mut projection = go_on(&journal, &open);
    let mut keys = Vec::new();
    let mut keep = |key: &[u8], _: &[u8]| {
        keys.push(key.to_vec());
        ControlFlow::Continue(())
    };
    projection.tables().scan(STREAMS, &[], None, &mut keep).expect("rows");
    assert_eq!(keys.len(), 1);
    projection.tables_mut().delete(STREAMS, &keys[0]);
    append(&journal, |batch| tell(batch, &header(Kind::PAYMENT_INITIATED, 1), INITIATED));
    assert!(take(&mut projection, &journal, 1));
    let error = projection.commit().expect_err("it counts once");
    assert!(matches!(error, ProjectionError::Store(StoreError::Broken(_))), "{error}");
    assert_eq!(journal.ends().total(), u64::from(PARTITIONS) + 2);
}
