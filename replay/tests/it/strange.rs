//! History with things in it that are no facts: each is told apart, counted, and named, and changes no state.

use proptest::prelude::*;
use talon_domain::fact::{FactHeader, Kind, Payload, Source};
use talon_domain::ids::{
    LedgerId, MerchantId, PartitionId, Position, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_journal::{Batch, Journal, MemoryJournal, Positions, partition_of};
use talon_proto::{event_from_json, walk};
use talon_replay::{Dumped, Entry, Filter, Foreign, History, Identities, Oddity, classify, event_json, find};

use crate::ledgers::{LEDGER, MERCHANT, NOW, genesis_header, genesis_payload, header, id, ledger, push};

fn sms() -> Vec<u8> {
    let line = r#"{"eventId":"019ab9f4-d580-7aaa-8bbb-000000000001","merchant":"1","transactionId":"019ab9f4-d580-7aaa-8bbb-000000000001","occurredAt":"2026-11-25T09:00:00Z","source":"gateway","smsSent":{"number":2}}"#;
    let mut event = Vec::new();
    event_from_json(line.as_bytes(), &mut event).expect("an event");
    walk(&event).expect("an envelope").payload.to_vec()
}

/// A ledger with one fact, and one record of each kind that is none.
fn strange() -> MemoryJournal {
    let journal = ledger(None);
    let home = partition_of(MERCHANT);
    let mut batch = Batch::new();
    push(&mut batch, home, &header(Kind::SMS_SENT, 1), &sms());
    push(&mut batch, PartitionId(home.0 + 1), &header(Kind::SMS_SENT, 2), &sms());
    push(&mut batch, home, &genesis_header(3), &genesis_payload(LEDGER, home));
    push(&mut batch, home, &header(Kind::FOREIGN_STUB, 4), &[0; 40]);
    push(&mut batch, home, &header(Kind(6_001), 5), &[]);
    push(&mut batch, home, &header(Kind(999), 6), &[8, 1]);
    push(&mut batch, home, &FactHeader { schema: 9, ..header(Kind::SMS_SENT, 7) }, &sms());
    batch.push(home, &[&[0x54], &[0xff; 150]]).expect("room");
    journal.append(batch).wait().expect("durable");
    journal
}

#[test]
fn what_is_no_fact_is_told_apart() {
    let journal = strange();
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let mut told = Vec::new();
    while let Some(stored) = reader.next().expect("a record") {
        told.push(match classify(&stored) {
            Entry::Foreign(foreign) => format!("{foreign:?}"),
            Entry::Control => "control".into(),
            Entry::Fact(fact) if matches!(fact.payload, Payload::Parked(_)) => "parked".into(),
            Entry::Fact(_) => "fact".into(),
        });
    }
    told.retain(|word| word != "control");
    told.sort();
    let expected = ["LateGenesis", "NoRecord", "NotTheLedger", "OtherPartition", "Stub", "fact", "parked", "parked"];
    assert_eq!(told, expected);
}

#[test]
fn what_is_no_fact_changes_no_state() {
    let strange = History::of(&strange(), &mut |_| {}).expect("a history");
    let plain = ledger(None);
    let mut batch = Batch::new();
    push(&mut batch, partition_of(MERCHANT), &header(Kind::SMS_SENT, 1), &sms());
    plain.append(batch).wait().expect("durable");
    let plain = History::of(&plain, &mut |_| {}).expect("a history");
    assert_eq!(strange.digest(), plain.digest());
    assert_eq!((strange.foreign(), strange.control()), (5, 64));
    let counts = strange.fold().counts();
    assert_eq!((counts.facts, counts.parked, counts.duplicates, counts.conflicts), (1, 2, 0, 0));
    assert_eq!(strange.positions().total(), 64 + 8);
}

#[test]
fn identities_name_what_stands_wrong() {
    let journal = strange();
    let mut batch = Batch::new();
    let home = partition_of(MERCHANT);
    let mut wrong_day = header(Kind::SMS_SENT, 20);
    wrong_day.day.0 += 1;
    let mut wrong_id = header(Kind::SMS_SENT, 21);
    wrong_id.event_id.0[6] = 0x40;
    push(&mut batch, home, &wrong_day, &sms());
    push(&mut batch, home, &wrong_id, &sms());
    journal.append(batch).wait().expect("durable");
    let found = Identities::check(&journal, &mut |_| {}).expect("a walk");
    let mut oddities: Vec<_> = found.findings.iter().map(|finding| format!("{:?}", finding.oddity)).collect();
    oddities.sort();
    let expected = [
        "Day",
        "EventId",
        "Foreign(LateGenesis)",
        "Foreign(NoRecord)",
        "Foreign(NotTheLedger)",
        "Foreign(OtherPartition)",
        "Foreign(Stub)",
        "Parked",
        "Parked",
    ];
    assert_eq!(oddities, expected);
    assert!(!Oddity::Parked.is_damage() && Oddity::Foreign(Foreign::Stub).is_damage());
}

#[test]
fn a_partition_of_another_ledger_is_found() {
    let other = LedgerId(id(77));
    let found = Identities::check(&ledger(Some(other)), &mut |_| {}).expect("a walk");
    let [finding] = found.findings[..] else { panic!("{:?}", found.findings) };
    assert_eq!((finding.partition, finding.position, finding.oddity), (PartitionId(63), Position(0), Oddity::Genesis));
}

#[test]
fn only_facts_are_dumped_and_the_parked_ones_are_said() {
    let journal = strange();
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let (mut lines, mut parked) = (Vec::new(), 0);
    while let Some(stored) = reader.next().expect("a record") {
        match event_json(&stored, &mut |_| None) {
            Some(Dumped::Event(line)) => lines.push(line),
            Some(Dumped::Unreadable(_)) => parked += 1,
            Some(Dumped::LedgersOwn) | None => {}
        }
    }
    assert_eq!((lines.len(), parked), (1, 2));
    assert!(lines[0].contains(r#""smsSent":{"number":2}"#), "{}", lines[0]);
}

#[test]
fn what_only_the_ledger_states_is_no_line_and_not_parked() {
    let journal = ledger(None);
    let mut batch = Batch::new();
    // version 1 of the fold; a calendar "A" that is closed on 2026-01-01
    for (number, kind, payload) in [
        (1, Kind::FOLD_ACTIVATED, &b"\x08\x01"[..]),
        (2, Kind::CALENDAR_REGISTERED, b"\x0a\x01A\x1a\x0c\x0a\x0a2026-01-01"),
    ] {
        let header = FactHeader { merchant: MerchantId(0), source: Source::Ledger, ..header(kind, number) };
        assert_eq!(talon_proto::check_payload(kind, 1, payload, &mut |_| true), Ok(()));
        push(&mut batch, PartitionId(0), &header, payload);
    }
    journal.append(batch).wait().expect("durable");
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let mut facts = 0;
    while let Some(stored) = reader.next().expect("a record") {
        facts += usize::from(matches!(classify(&stored), Entry::Fact(_)));
        let dumped = event_json(&stored, &mut |_| None);
        assert!(matches!(dumped, None | Some(Dumped::LedgersOwn)), "{:?}", stored.position);
    }
    assert_eq!(facts, 2);
}

#[test]
fn a_filter_narrows() {
    let history = History::of(&strange(), &mut |_| {}).expect("a history");
    let count = |filter: Filter| find(history.fold(), &filter).len();
    assert_eq!(count(Filter::default()), 1);
    assert_eq!(count(Filter { merchant: Some(MerchantId(1)), ..Filter::default() }), 0);
    assert_eq!(
        count(Filter { shop: Some(ShopId(17)), days: NOW.paris_day().map(|day| day..=day), ..Filter::default() }),
        1
    );
    assert_eq!(count(Filter { terminal: Some(TerminalId(5)), ..Filter::default() }), 0);
    assert_eq!(count(Filter { open_only: true, anomalies_only: true, ..Filter::default() }), 1);
}

/// A payment of another stream, beside which nonsense stands.
fn healthy(batch: &mut Batch) {
    let line = br#"{"sourceKey": "x", "merchant": 732829320, "source": "gateway", "occurredAt": "2026-11-25T09:00:00Z",
        "transactionId": "019ab9f4-d1a0-7c3e-9a51-33c0ffee0001",
        "paymentInitiated": {"amount": {"currency": "EUR", "minorUnits": 10000}}}"#;
    let mut event = Vec::new();
    event_from_json(line, &mut event).expect("an event");
    let envelope = walk(&event).expect("an envelope");
    let header = FactHeader { stream: StreamId(id(9)), ..header(Kind::PAYMENT_INITIATED, 99) };
    push(batch, partition_of(MERCHANT), &header, envelope.payload);
}

fn row_of_the_healthy_one(history: &History) -> Option<Vec<u8>> {
    let key = header(Kind::PAYMENT_INITIATED, 99).stream_key();
    let key = talon_domain::ids::StreamKey { stream: StreamId(id(9)), ..key };
    history.fold().stream(key).map(|stream| talon_domain::digest::row(key, stream))
}

fn folded(batch: Batch) -> History {
    let journal = ledger(None);
    journal.append(batch).wait().expect("appended");
    History::of(&journal, &mut |_| {}).expect("readable")
}

/// A number that some kind has, or any.
fn any_kind() -> impl Strategy<Value = u16> {
    prop_oneof![proptest::sample::select(Kind::KNOWN).prop_map(|kind| kind.0), any::<u16>()]
}

/// Bytes that look like protobuf as often as not: small field numbers, small lengths, and whatever else.
fn any_payload() -> impl Strategy<Value = Vec<u8>> {
    let field =
        (1u8..16, prop_oneof![Just(0u8), Just(2u8)], any::<u8>(), proptest::collection::vec(any::<u8>(), 0..12));
    let fields = proptest::collection::vec(field, 0..8).prop_map(|fields| {
        let write = |(number, wire, value, bytes): (u8, u8, u8, Vec<u8>)| match wire {
            0 => vec![number << 3, value & 0x7f],
            _ => [vec![number << 3 | 2, u8::try_from(bytes.len()).expect("short")], bytes].concat(),
        };
        fields.into_iter().flat_map(write).collect()
    });
    prop_oneof![fields, proptest::collection::vec(any::<u8>(), 0..80)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_nonsense_stops_no_fold_and_changes_no_other_payment(
        records in proptest::collection::vec((any_kind(), any_payload(), any::<(u8, u8, u32, u32, u16, bool)>()), 1..8),
    ) {
        let mut alone = Batch::new();
        healthy(&mut alone);
        let expected = row_of_the_healthy_one(&folded(alone));
        prop_assert!(expected.is_some());

        let mut among = Batch::new();
        for (number, (kind, payload, (source, stream, terminal, seq, epoch, training))) in (0u8..).zip(records) {
            let source = Source::from_number(u32::from(source % 8)).unwrap_or(Source::Gateway);
            let header = FactHeader {
                source,
                stream: StreamId(id(100 + stream % 3)),
                terminal: TerminalId(terminal),
                terminal_seq: TerminalSeq(seq),
                terminal_epoch: TerminalEpoch(epoch),
                training,
                ..header(Kind(kind), number)
            };
            push(&mut among, partition_of(MERCHANT), &header, &payload);
        }
        healthy(&mut among);
        let history = folded(among);
        for (key, stream) in history.fold().payments() {
            let state = stream.state(key);
            talon_domain::open::open_reasons(&state);
            talon_domain::contribution::contributions(&state);
            stream.notes();
        }
        history.digest();
        prop_assert_eq!(row_of_the_healthy_one(&history), expected);
    }
}

/// A number that its field cannot hold would be a line that nobody can read again.
#[test]
fn a_payload_that_cannot_be_read_is_no_line() {
    let journal = ledger(None);
    let mut batch = Batch::new();
    let attempt_of_2_to_the_35th = [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
    push(&mut batch, partition_of(MERCHANT), &header(Kind::PAYMENT_CANCELLED, 1), &attempt_of_2_to_the_35th);
    journal.append(batch).wait().expect("durable");
    let mut reader = journal.read(partition_of(MERCHANT), Position(1)).expect("a reader");
    let stored = reader.next().expect("a record").expect("a record");
    let dumped = event_json(&stored, &mut |_| None);
    assert!(matches!(dumped, Some(Dumped::Unreadable(_))), "{dumped:?}");
}
