//! What was known then: X6 and X11 of the contract, and the law that a prefix is a ledger of its own.

use proptest::prelude::*;
use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{EventId, MerchantId, PartitionId, Position, StreamId, StreamKey};
use talon_domain::time::{Day, Instant};
use talon_journal::{Batch, Journal, MemoryJournal, Positions, partition_of};
use talon_replay::{AsOf, AsOfError, Filter, History, Scope, find, parse_vector, vector_text, walk, walk_within};

use crate::ledgers::{LEDGER, MERCHANT, at, genesis_header, genesis_payload, header, id, ledger, on, push, tell};

/// A fact of the one payment of these tests.
fn fact(kind: Kind, number: u8, occurred_at: Instant) -> FactHeader {
    on(&FactHeader { source: Source::Provider, ..header(kind, number) }, occurred_at)
}

fn key() -> StreamKey {
    StreamKey { merchant: MERCHANT, stream: StreamId(id(200)), training: false }
}

fn history(journal: &MemoryJournal, as_of: &AsOf) -> History {
    History::as_of(journal, as_of, &mut |_| {}).expect("a history")
}

/// A vector that ends the tests' partition there, and no other.
fn before(journal: &MemoryJournal, position: u64) -> AsOf {
    let mut positions = journal.ends();
    positions.set(partition_of(MERCHANT), Position(position));
    AsOf::before(positions)
}

fn home(history: &History) -> u64 {
    history.positions().next(partition_of(MERCHANT)).0
}

/// X6: the genesis at 10:00 is p0; p1 10:05, p2 10:02, p3 10:06.
#[test]
fn as_of_a_moment_is_what_comes_before_the_first_later_record() {
    let mut batch = Batch::new();
    let home_partition = partition_of(MERCHANT);
    for partition in (0..64).map(PartitionId) {
        let header = FactHeader { recorded_at: at(25, 10, 0), ..genesis_header(100) };
        push(&mut batch, partition, &header, &genesis_payload(LEDGER, partition));
    }
    let journal = MemoryJournal::create(LEDGER, batch).expect("a journal");
    let mut batch = Batch::new();
    for (number, minute) in [(1, 5), (2, 2), (3, 6)] {
        let header = FactHeader { recorded_at: at(25, 10, minute), ..header(Kind::SMS_SENT, number) };
        tell(&mut batch, &header, &format!(r#"{{"number": {number}}}"#));
    }
    journal.append(batch).wait().expect("durable");
    for (hour, minute, prefix, facts) in
        [(9, 59, 0, 0), (10, 0, 1, 0), (10, 3, 1, 0), (10, 4, 1, 0), (10, 5, 3, 2), (10, 6, 4, 3), (11, 0, 4, 3)]
    {
        let then = history(&journal, &AsOf::at(at(25, hour, minute)));
        assert_eq!((home(&then), then.fold().counts().facts), (prefix, facts), "{hour}:{minute}");
        let again = history(&journal, &AsOf::before(then.positions().clone()));
        assert_eq!((again.digest(), again.positions()), (then.digest(), then.positions()), "{hour}:{minute}");
    }
    let others = history(&journal, &AsOf::at(at(25, 10, 3))).positions().total() - 1;
    assert_eq!((others, home_partition), (63, PartitionId(0)), "no other partition ends because this one does");
}

/// X11: a sale of 100 on day 5 (p1), a refund of 40 on day 7 (p2), a fact of day 5 that adds a fee of 2 (p3).
fn bi_temporal() -> MemoryJournal {
    let journal = ledger(None);
    let mut batch = Batch::new();
    let euro = |cents: u32| format!(r#"{{"currency": "EUR", "minorUnits": {cents}}}"#);
    let sale = format!(r#"{{"paymentId": "p", "amount": {}}}"#, euro(10_000));
    let refund = format!(r#"{{"refundId": "r", "amount": {}}}"#, euro(4_000));
    let plan = format!(
        r#"{{"version": 1, "installmentsCount": 1, "instalments": [{{"number": 1, "dueDate": "2026-11-05T09:00:00Z",
            "purchaseAmount": {}, "customerFee": {}, "totalAmount": {}}}]}}"#,
        euro(10_000),
        euro(200),
        euro(10_200),
    );
    tell(&mut batch, &fact(Kind::PAYMENT_ACCEPTED, 1, at(5, 9, 0)), &sale);
    tell(&mut batch, &fact(Kind::REFUND_COMPLETED, 2, at(7, 9, 0)), &refund);
    tell(&mut batch, &fact(Kind::SCHEDULE_CHOSEN, 3, at(5, 9, 0)), &plan);
    journal.append(batch).wait().expect("durable");
    journal
}

/// What stays of the sale, and the fee, in cents.
fn money(history: &History) -> (u128, u128) {
    let state = history.fold().stream(key()).expect("the payment").state(key());
    let refunded = state.refunded().iter().map(|(_, minor)| minor).sum::<u128>();
    let fee = state.plan.and_then(|agreed| agreed.plan.cost()).map_or(0, |(_, minor)| minor);
    (state.sale.map_or(0, |sale| sale.minor_units) - refunded, fee)
}

#[test]
fn facts_are_filtered_by_day_and_prefixes_by_what_was_known() {
    let journal = bi_temporal();
    // p1 is the record behind the genesis: a prefix up to and with it ends before position 2.
    for (known, day, expected) in
        [(3, 5, (10_000, 0)), (4, 5, (10_000, 200)), (4, 7, (6_000, 200)), (2, 7, (10_000, 0)), (4, 6, (10_000, 200))]
    {
        let as_of = before(&journal, known).effective_at(Day::of(2026, 11, day).expect("a day"));
        let then = history(&journal, &as_of);
        assert_eq!(money(&then), expected, "R={known}, E={day}");
        assert_eq!(home(&then), known, "a day takes no record away");
    }
    let before_all = before(&journal, 4).effective_at(Day::of(2026, 11, 4).expect("a day"));
    let nothing = history(&journal, &before_all);
    assert_eq!((nothing.fold().stream(key()).is_none(), nothing.fold().counts().later), (true, 3));
    assert_eq!(find(nothing.fold(), &Filter::default()).len(), 0);
}

/// What tells a later fact again in other words, of an earlier day, is a conflict of something that is left out: it does
/// not stand in for it.
#[test]
fn a_conflict_of_a_fact_that_is_left_out_is_no_fact() {
    let journal = ledger(None);
    let mut batch = Batch::new();
    tell(&mut batch, &fact(Kind::SMS_SENT, 1, at(7, 9, 0)), r#"{"number": 1}"#);
    tell(&mut batch, &fact(Kind::SMS_SENT, 1, at(5, 9, 0)), r#"{"number": 1}"#);
    tell(&mut batch, &fact(Kind::SMS_SENT, 1, at(7, 9, 0)), r#"{"number": 1}"#);
    tell(&mut batch, &fact(Kind::SMS_SENT, 2, at(5, 9, 0)), r#"{"number": 2}"#);
    tell(&mut batch, &fact(Kind::SMS_SENT, 2, at(7, 9, 0)), r#"{"number": 2}"#);
    journal.append(batch).wait().expect("durable");
    let as_of = AsOf::EVERYTHING.effective_at(Day::of(2026, 11, 5).expect("a day"));
    let then = history(&journal, &as_of);
    let stream = then.fold().stream(key()).expect("the payment");
    let told: Vec<_> = stream.facts().map(|fact| fact.header.event_id).collect();
    assert_eq!(told, [EventId(id(2))]);
    let counts = then.fold().counts();
    assert_eq!((counts.facts, counts.later, counts.duplicates, counts.conflicts), (1, 1, 1, 2));
    assert_eq!(stream.notes().len(), 1, "the fact that counts was contradicted on another day, and that is told");
}

/// What is judged in the order of the ledger is judged whatever its day.
#[test]
fn a_day_takes_no_activation_away() {
    let journal = ledger(None);
    let mut batch = Batch::new();
    let ledgers_own = FactHeader { merchant: MerchantId(0), source: Source::Ledger, ..header(Kind::FOLD_ACTIVATED, 1) };
    push(&mut batch, PartitionId(0), &on(&ledgers_own, at(9, 9, 0)), b"\x08\x01");
    journal.append(batch).wait().expect("durable");
    let then = history(&journal, &AsOf::EVERYTHING.effective_at(Day::of(2026, 11, 5).expect("a day")));
    let rulings = then.fold().partitions().map(|(_, fold)| fold.rulings().all().len()).sum::<usize>();
    assert_eq!((rulings, then.fold().counts().facts), (1, 1));
}

#[test]
fn a_vector_further_than_the_journal_names_the_partition() {
    let journal = bi_temporal();
    for (text, partition, asked, end) in [("0:5", 0, 5, 4), ("0:4,7:2", 7, 2, 1)] {
        let as_of = AsOf::before(parse_vector(text).expect("a vector"));
        let error = History::as_of(&journal, &as_of, &mut |_| {}).expect_err("beyond the end");
        assert!(
            matches!(error, AsOfError::Beyond { partition: p, asked: a, end: e }
                if (p, a, e) == (PartitionId(partition), Position(asked), Position(end))),
            "{text}: {error}"
        );
    }
    let fits = AsOf::before(parse_vector("0:4").expect("a vector"));
    assert_eq!(vector_text(history(&journal, &fits).positions()), "0:4");
    assert_eq!(history(&journal, &fits).positions(), &journal.ends());
}

/// Another merchant of another partition, and one that shares the partition of the first.
fn merchants() -> [MerchantId; 3] {
    let shares = (1..1_000).map(MerchantId).find(|other| partition_of(*other) == partition_of(MERCHANT));
    [MERCHANT, shares.expect("one of many"), MerchantId(839_100_575)]
}

#[test]
fn a_scope_passes_over_other_merchants_and_keeps_the_ledgers_own() {
    let journal = ledger(None);
    let mut batch = Batch::new();
    for (number, merchant) in (1..).zip(merchants()) {
        tell(&mut batch, &FactHeader { merchant, ..header(Kind::SMS_SENT, number) }, r#"{"number": 1}"#);
    }
    journal.append(batch).wait().expect("durable");
    for (scope, records) in [(Scope::All, 67), (Scope::Merchant(MERCHANT), 65), (Scope::Merchant(MerchantId(9)), 64)] {
        let mut seen = 0;
        let reached = walk_within(&journal, &AsOf::EVERYTHING, scope, &mut |_| {}, &mut |_| seen += 1);
        assert_eq!((seen, reached.expect("a walk")), (records, journal.ends()), "{scope:?}");
    }
    let one = History::within(&journal, &AsOf::EVERYTHING, Scope::Merchant(MERCHANT), &mut |_| {}).expect("a history");
    let payments: Vec<_> = one.fold().payments().map(|(key, _)| key.merchant).collect();
    assert_eq!((payments, one.positions().total()), (vec![MERCHANT], 67));
}

/// One of what may arrive: which merchant, which event id, what it says, on which day, and in which minute it is recorded.
type Arrival = (usize, u8, u32, u32, u32);

fn arrive(batch: &mut Batch, (merchant, event, number, day, minute): Arrival) {
    let merchant = merchants()[merchant];
    let recorded_at = at(26, 10, minute);
    let header = FactHeader { merchant, recorded_at, ..fact(Kind::SMS_SENT, event, at(day, 9, 0)) };
    tell(batch, &header, &format!(r#"{{"number": {number}}}"#));
}

fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    proptest::collection::vec((0usize..3, 1u8..6, 1u32..4, 3u32..8, 0u32..6), 0..24)
}

/// The contract, read naively: of each partition what comes before the first record of a later minute; of each event id
/// the first; of these the facts of days up to one.
fn counts_by(arrivals: &[Arrival], minute: u32, day: u32) -> Vec<Arrival> {
    let mut ended: Vec<PartitionId> = Vec::new();
    let mut facts: Vec<Arrival> = Vec::new();
    for arrival in arrivals.iter().copied() {
        let partition = partition_of(merchants()[arrival.0]);
        if arrival.4 > minute {
            ended.push(partition);
        }
        let is_told = facts.iter().any(|told| (told.0, told.1) == (arrival.0, arrival.1));
        if !ended.contains(&partition) && !is_told {
            facts.push(arrival);
        }
    }
    facts.retain(|fact| fact.3 <= day);
    facts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn as_of_a_vector_is_the_history_of_a_journal_that_holds_no_more(
        arrivals in arrivals(), cuts in proptest::collection::vec(0u64..1_000, 64), day in 2u32..9,
    ) {
        let whole = ledger(None);
        let mut batch = Batch::new();
        arrivals.into_iter().for_each(|arrival| arrive(&mut batch, arrival));
        whole.append(batch).wait().expect("durable");
        let mut vector = Positions::beginning();
        for ((partition, end), cut) in whole.ends().iter().zip(cuts) {
            vector.set(partition, Position(1 + cut % end.0));
        }
        let prefix = ledger(None);
        let mut batch = Batch::new();
        walk(&whole, &AsOf::before(vector.clone()), &mut |_| {}, &mut |stored| {
            if stored.position != Position(0) {
                batch.push(stored.partition, &[stored.bytes]).expect("room");
            }
        }).expect("a walk");
        prefix.append(batch).wait().expect("durable");
        prop_assert_eq!(&prefix.ends(), &vector);

        let then = history(&whole, &AsOf::before(vector.clone()));
        let alone = History::of(&prefix, &mut |_| {}).expect("a history");
        prop_assert_eq!(then.digest(), alone.digest());
        prop_assert_eq!(then.positions(), alone.positions());
        prop_assert_eq!(then.fold().counts(), alone.fold().counts());
        prop_assert_eq!(talon_replay::anomalies(then.fold()), talon_replay::anomalies(alone.fold()));

        let typed = AsOf::before(parse_vector(&vector_text(&vector)).expect("what is printed can be typed"));
        prop_assert_eq!(&typed, &AsOf::before(vector));
        let day = Day::of(2026, 11, day).expect("a day");
        let (then, alone) = (history(&whole, &typed.effective_at(day)), history(&prefix, &AsOf::EVERYTHING.effective_at(day)));
        prop_assert_eq!(then.digest(), alone.digest());
    }

    #[test]
    fn as_of_a_moment_and_a_day_is_what_the_contract_says(
        arrivals in arrivals(), minute in 0u32..7, day in 2u32..9,
    ) {
        let journal = ledger(None);
        let mut batch = Batch::new();
        arrivals.iter().for_each(|arrival| arrive(&mut batch, *arrival));
        journal.append(batch).wait().expect("durable");
        let as_of = AsOf::at(at(26, 10, minute)).effective_at(Day::of(2026, 11, day).expect("a day"));
        let then = history(&journal, &as_of);

        let expected = ledger(None);
        let mut batch = Batch::new();
        counts_by(&arrivals, minute, day).into_iter().for_each(|arrival| arrive(&mut batch, arrival));
        expected.append(batch).wait().expect("durable");
        let expected = History::of(&expected, &mut |_| {}).expect("a history");
        prop_assert_eq!(then.digest(), expected.digest());
        prop_assert_eq!(then.fold().counts().facts, expected.fold().counts().facts);
    }
}
