//! The story of a payment in both languages, record by record, and the law that it ends where the payment stands.
//! `TALON_BLESS=1` writes the two stories anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use talon_domain::anomaly::Language;
use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{EventId, PartitionId, PrincipalId, StreamId, StreamKey};
use talon_domain::time::Day;
use talon_journal::{Batch, Journal, MemoryJournal, partition_of};
use talon_replay::{AsOf, Change, Fate, Filter, History, Stories, Telling, Value, What, find};

use crate::ledgers::{MERCHANT, at, header, id, ledger, on, push, tell};

const PAYMENT: u8 = 200;

/// A fact of the payment: told by whom, on which day at which hour; recorded a minute later.
fn fact(kind: Kind, number: u8, source: Source, day: u32, hour: u32) -> FactHeader {
    let recorded_at = at(day, hour, 1);
    on(&FactHeader { source, recorded_at, ..header(kind, number) }, at(day, hour, 0))
}

fn euro(cents: u32) -> String {
    format!(r#"{{"currency": "EUR", "minorUnits": {cents}}}"#)
}

fn plan(entries: &[(&str, u32)]) -> String {
    let entry = |(number, (due, cents)): (usize, &(&str, u32))| {
        let amount = euro(*cents);
        let number = number + 1;
        format!(
            r#"{{"number": {number}, "dueDate": "{due}T09:00:00Z", "purchaseAmount": {amount}, "totalAmount": {amount}}}"#
        )
    };
    let count = entries.len();
    let entries: Vec<_> = entries.iter().enumerate().map(entry).collect();
    format!(r#"{{"version": 1, "installmentsCount": {count}, "instalments": [{}]}}"#, entries.join(","))
}

/// What can be read of the payment.
fn flow(batch: &mut Batch) {
    let mut told = |header: FactHeader, payload: &str| tell(batch, &header, payload);
    let initiated = format!(r#"{{"amount": {}, "provider": "alma", "tillTicket": "0042"}}"#, euro(21_000));
    told(fact(Kind::PAYMENT_INITIATED, 1, Source::Gateway, 5, 9), &initiated);
    told(fact(Kind::SMS_SENT, 2, Source::Gateway, 5, 9), r#"{"number": 1}"#);
    let three = plan(&[("2026-11-05", 7_000), ("2026-12-05", 7_000), ("2027-01-05", 7_000)]);
    told(fact(Kind::SCHEDULE_CHOSEN, 3, Source::Provider, 5, 10), &three);
    told(fact(Kind::PAYMENT_ACCEPTED, 4, Source::Provider, 5, 10), r#"{"paymentId": "payment_1"}"#);
    let gateways = format!(r#"{{"amount": {}}}"#, euro(6_978));
    told(fact(Kind::CARD_DEBITED, 5, Source::Gateway, 5, 10), &gateways);
    let providers = format!(r#"{{"instalment": 1, "debitId": "D7", "amount": {}}}"#, euro(7_000));
    told(fact(Kind::INSTALMENT_DEBITED, 6, Source::Provider, 5, 11), &providers);
    told(fact(Kind::INSTALMENT_DEBITED, 6, Source::Provider, 5, 11), &providers);
    told(fact(Kind::PAYMENT_ACCEPTED, 7, Source::Gateway, 5, 10), r#"{"paymentId": "payment_1"}"#);
    let other_words = format!(r#"{{"instalment": 1, "debitId": "D7", "amount": {}}}"#, euro(700));
    told(fact(Kind::INSTALMENT_DEBITED, 6, Source::Provider, 5, 11), &other_words);
    let papers = r#"{"tickets": [{"kind": "t2_customer"}, {"kind": "t3_till", "copy": 2}]}"#;
    told(FactHeader { principal: PrincipalId(7), ..fact(Kind::TICKETS_PRINTED, 8, Source::Terminal, 5, 12) }, papers);
    told(fact(Kind::DEBIT_FAILED, 9, Source::Provider, 6, 9), r#"{"instalment": 2, "reason": "card_expired"}"#);
    let asked = format!(r#"{{"requestId": "R-1", "amount": {}, "reason": "goods_returned"}}"#, euro(4_000));
    told(fact(Kind::REFUND_REQUESTED, 10, Source::Person, 7, 9), &asked);
    let refund = format!(
        r#"{{"refundId": "refund_1", "requestId": "R-1", "amount": {}, "cash": {}, "rebate": {}}}"#,
        euro(4_000),
        euro(1_000),
        euro(3_000)
    );
    told(fact(Kind::REFUND_COMPLETED, 11, Source::Provider, 7, 10), &refund);
    let failed = r#"{"refundId": "refund_1", "requestId": "R-1", "reason": "card_closed"}"#;
    told(fact(Kind::REFUND_FAILED, 12, Source::Provider, 8, 10), failed);
    let dispute = format!(r#"{{"disputeId": "C-1", "amount": {}, "reason": "fraud"}}"#, euro(7_000));
    told(fact(Kind::CHARGEBACK_OPENED, 13, Source::Bank, 9, 10), &dispute);
    let reversal = format!(r#"{{"eventId": "{}", "reason": "typed twice"}}"#, EventId(id(9)));
    told(fact(Kind::FACT_REVERSED, 14, Source::Provider, 9, 11), &reversal);
}

/// What cannot: parked, foreign, and another payment that takes an event's id.
fn oddities(batch: &mut Batch) {
    let home = partition_of(MERCHANT);
    push(batch, home, &fact(Kind(999), 20, Source::Gateway, 9, 12), &[8, 1]);
    let abroad = fact(Kind::SMS_SENT, 21, Source::Gateway, 9, 12);
    push(batch, PartitionId(home.0 + 1), &abroad, &[8, 1]);
    let elsewhere = FactHeader { stream: StreamId(id(201)), ..fact(Kind::SMS_SENT, 2, Source::Gateway, 9, 13) };
    tell(batch, &elsewhere, r#"{"number": 1}"#);
    tell(batch, &FactHeader { event_id: EventId(id(30)), ..elsewhere.clone() }, r#"{"number": 3}"#);
    tell(
        batch,
        &FactHeader { stream: StreamId(id(PAYMENT)), event_id: EventId(id(30)), ..elsewhere },
        r#"{"number": 3}"#,
    );
}

fn journal() -> MemoryJournal {
    let journal = ledger(None);
    let mut batch = Batch::new();
    flow(&mut batch);
    oddities(&mut batch);
    journal.append(batch).wait().expect("durable");
    journal
}

fn key() -> StreamKey {
    StreamKey { merchant: MERCHANT, stream: StreamId(id(PAYMENT)), training: false }
}

fn tellings(journal: &MemoryJournal, as_of: &AsOf) -> Vec<Telling> {
    let told = Stories::of(journal, as_of, key().stream, &mut |_| {}).expect("a walk");
    let [story] = <[_; 1]>::try_from(told.stories).expect("one payment");
    assert_eq!(story.key, key());
    story.tellings
}

fn text(language: Language) -> String {
    let mut text = String::new();
    for telling in tellings(&journal(), &AsOf::EVERYTHING) {
        let [happened, recorded] = telling.when(language);
        let (place, who) = (telling.place, telling.who(language));
        let _ = writeln!(text, "p{}/{} {who}, {happened}, {recorded}", place.partition, place.position);
        let _ = writeln!(text, "  {}", telling.says(language));
        for line in telling.outcome(language) {
            let _ = writeln!(text, "    {line}");
        }
    }
    text
}

#[test]
fn each_record_is_told_in_both_languages() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/story"));
    for (file, language) in [("french.txt", Language::French), ("english.txt", Language::English)] {
        let (path, told) = (folder.join(file), text(language));
        if std::env::var_os("TALON_BLESS").is_some() {
            fs::write(&path, &told).expect("the story");
        }
        assert_eq!(told, fs::read_to_string(&path).expect("the story"), "{file}");
    }
}

#[test]
fn every_fate_is_told() {
    let tellings = tellings(&journal(), &AsOf::EVERYTHING);
    let count = |fate: &str| tellings.iter().filter(|telling| telling.fate.name() == fate).count();
    assert_eq!(["fact", "duplicate", "conflict", "parked", "foreign"].map(count), [14, 1, 3, 1, 1]);
    assert_eq!(tellings.iter().filter(|telling| telling.is_elsewhere).count(), 1);
    let quiet = tellings.iter().filter(|telling| matches!(telling.fate, Fate::Duplicate | Fate::Foreign(_)));
    assert!(quiet.clone().all(|telling| telling.changes.is_empty()) && quiet.count() == 2);
}

#[test]
fn a_story_as_of_then_is_told_up_to_then() {
    let journal = journal();
    let all = tellings(&journal, &AsOf::EVERYTHING).len();
    let by_day = AsOf::EVERYTHING.effective_at(Day::of(2026, 11, 5).expect("a day"));
    let told = tellings(&journal, &by_day);
    assert!(
        told.len() < all
            && told.iter().all(|telling| telling.header.day.to_string() == "2026-11-05" || telling.fate != Fate::Fact)
    );
    // The genesis is of the 25th: a moment before it has no ledger, and so no story.
    let before = Stories::of(&journal, &AsOf::at(at(24, 0, 0)), key().stream, &mut |_| {}).expect("a walk");
    assert!(before.stories.is_empty() && before.positions.total() == 0);
    let unknown = Stories::of(&journal, &AsOf::EVERYTHING, StreamId(id(77)), &mut |_| {}).expect("a walk");
    assert!(unknown.stories.is_empty() && unknown.positions == journal.ends());
}

/// What a payment shows once every change was made, each from where the one before left it.
fn replayed(tellings: &[Telling]) -> BTreeMap<What, Value> {
    let mut shown: BTreeMap<What, Value> = BTreeMap::new();
    for Change { what, was, is } in tellings.iter().flat_map(|telling| &telling.changes) {
        assert_ne!(was, is, "{what:?}");
        assert_eq!(shown.get(what), was.as_ref(), "{what:?}");
        match is {
            Some(is) => shown.insert(what.clone(), is.clone()),
            None => shown.remove(what),
        };
    }
    shown
}

/// The end of a story is the payment as a history shows it.
fn ends_where_the_payment_stands(journal: &MemoryJournal) {
    let told = Stories::of(journal, &AsOf::EVERYTHING, key().stream, &mut |_| {}).expect("a walk");
    let history = History::of(journal, &mut |_| {}).expect("a history");
    for story in &told.stories {
        let shown = replayed(&story.tellings);
        let found = find(history.fold(), &Filter::default());
        let Some((_, stream, state)) = found.into_iter().find(|(key, ..)| *key == story.key) else {
            assert!(shown.is_empty(), "{shown:?}");
            continue;
        };
        assert_eq!(shown.get(&What::Status), Some(&Value::Status(state.status)));
        let amount = |what| match shown.get(&what) {
            Some(Value::Amount(totals)) => totals.clone(),
            _ => talon_domain::money::Totals::default(),
        };
        assert_eq!((amount(What::Collected), amount(What::Suspense)), (state.collected(), state.suspense()));
        assert_eq!(amount(What::Refunded), state.refunded());
        let anomalies = shown.keys().filter_map(|what| match what {
            What::Anomaly(anomaly) => Some(anomaly.clone()),
            _ => None,
        });
        let mut expected: Vec<_> = state.anomalies.iter().cloned().chain(stream.notes()).collect();
        expected.sort();
        expected.dedup();
        assert_eq!(anomalies.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn the_story_ends_where_the_payment_stands() {
    ends_where_the_payment_stands(&journal());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any records of the story, in any order, however often.
    #[test]
    fn a_story_in_any_order_ends_where_the_payment_stands(order in proptest::collection::vec(0usize..21, 0..40)) {
        let mut batch = Batch::new();
        flow(&mut batch);
        oddities(&mut batch);
        let mut shuffled = Batch::new();
        for index in order {
            if let Some((partition, bytes)) = batch.record(index) {
                shuffled.push(partition, &[bytes]).expect("room");
            }
        }
        let journal = ledger(None);
        journal.append(shuffled).wait().expect("durable");
        ends_where_the_payment_stands(&journal);
    }
}

#[test]
fn what_changed_has_stable_names() {
    let tellings = tellings(&journal(), &AsOf::EVERYTHING);
    let names = |telling: &Telling| {
        let name = |change: &Change| {
            let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".into(), Value::name);
            let which = change.what.which().map(|which| format!("({which})")).unwrap_or_default();
            format!("{}{which} {} {}", change.what.name(), value(&change.was), value(&change.is))
        };
        telling.changes.iter().map(name).collect::<Vec<_>>()
    };
    let of = |number: u8| {
        let is_it = |telling: &&Telling| telling.header.event_id == EventId(id(number)) && telling.fate == Fate::Fact;
        names(tellings.iter().find(is_it).expect("a fact"))
    };
    assert_eq!(of(5)[..3], ["status accepted collected", "collected - 6978 EUR", "instalment(1) due collected"]);
    assert_eq!(of(6)[..1], ["collected 6978 EUR 7000 EUR"]);
    assert_eq!(of(8), ["ticket(print(t2, , 1)) - true", "ticket(print(t3, , 2)) - true"]);
    assert_eq!(of(11)[..2], ["refunded - 4000 EUR", "refund_request(R-1) asked answered"]);
    assert_eq!(of(13)[..1], ["dispute(C-1) - 1 opened"]);
}
