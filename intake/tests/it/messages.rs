//! Messages of a broker: in either form, whatever else came with them; and what the ledger says of those it refused.

use talon_domain::fact::{Kind, Payload, Source};
use talon_domain::ids::{EventId, TerminalSeq};
use talon_domain::time::Instant;
use talon_intake::{EventBatch, Message, Outcome, Refused};
use talon_journal::Record;
use talon_proto::{decode, event_from_json};

use crate::bench::{Bench, INITIATED, NOW, line, line_with};

const JSON: &[u8] = b"application/json";
const PROTOBUF: &[u8] = b"application/x-protobuf";

fn take(bench: &mut Bench, messages: &[Message<'_>]) -> Vec<Outcome> {
    let mut batch = EventBatch::new();
    (1..).zip(messages).for_each(|(number, message)| batch.push_message(number, message));
    let (publisher, now, group) = (&bench.publisher, bench.now, &mut bench.group);
    bench.door.publish(&batch, publisher, now, &bench.journal, group).expect("an answer")
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Appended(_) => "appended",
        Outcome::Duplicate(_) => "duplicate",
        Outcome::Refused(refusal) => refusal.name(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_event_is_taken_in_either_form_and_is_the_same_fact() {
    let text = line(1, INITIATED);
    let mut event = Vec::new();
    event_from_json(text.as_bytes(), &mut event).expect("an event");
    let json = |content_type| Message { key: None, content_type: Some(content_type), value: Some(text.as_bytes()) };
    let protobuf = Message { key: Some(b"732829320"), content_type: Some(PROTOBUF), value: Some(&event) };
    let outcomes = take(&mut Bench::new(), &[json(JSON), protobuf, json(b"Application/JSON; charset=utf-8")]);
    assert_eq!(outcomes.iter().map(name).collect::<Vec<_>>(), ["appended", "duplicate", "duplicate"]);
}

#[test]
fn a_message_that_is_none_is_refused_without_the_batch_around_it() {
    let (good, other) = (line(1, INITIATED), line(2, INITIATED));
    let long = vec![b' '; talon_proto::LINE_BYTES_MAX + 1];
    let of = |key, content_type, value| Message { key, content_type, value };
    let rows = [
        (of(None, Some(JSON), Some(good.as_bytes())), "appended"),
        (of(None, None, Some(good.as_bytes())), "content_type_must_be_known"),
        (of(None, Some(b"text/csv"), Some(good.as_bytes())), "content_type_must_be_known"),
        (of(None, Some(b"\xff\xfe"), Some(good.as_bytes())), "content_type_must_be_known"),
        (of(Some(b"732829320"), Some(JSON), None), "message_must_have_a_value"),
        (of(None, Some(JSON), Some(b"")), "message_must_have_a_value"),
        (of(None, Some(JSON), Some(&long)), "line_must_be_short"),
        (of(None, Some(JSON), Some(b"\x00\xff")), "text_must_be_utf8"),
        (of(None, Some(PROTOBUF), Some(b"\xff\xff")), "event_must_be_protobuf"),
        (of(Some(b"552100554"), Some(JSON), Some(good.as_bytes())), "key_must_be_the_merchant"),
        (of(Some(b""), Some(JSON), Some(other.as_bytes())), "appended"),
    ];
    let outcomes = take(&mut Bench::new(), &rows.map(|(message, _)| message));
    let told: Vec<_> = outcomes.iter().map(name).collect();
    assert_eq!(told, rows.map(|(_, expected)| expected));
}

/// A message whose event the door refuses, and which names a place in the count of a terminal.
fn refused_line(number: u32, seq: u32) -> String {
    line_with(number, &format!(r#""terminalEpoch":2,"terminalSeq":{seq},"#), r#""unheardOf":{}"#)
}

fn told_of(line: &str, code: u16) -> Option<Refused> {
    Refused::of(code, Message { key: None, content_type: Some(JSON), value: Some(line.as_bytes()) }.glance())
}

#[test]
fn of_an_event_of_a_terminal_that_is_refused_one_fact_is_told_however_often() {
    let mut bench = Bench::new();
    let told: Vec<_> = [5, 6].into_iter().filter_map(|seq| told_of(&refused_line(seq, seq), 11)).collect();
    let mut tell = |told: &[Refused], now| bench.door.tell_refused(told, now, &bench.journal).expect("an answer");
    assert_eq!(tell(&[told[0], told[1], told[0]], NOW), 2);
    assert_eq!(tell(&told, Instant(NOW.0 + 7_000_000)), 0);
    // The first code stands.
    let again = told_of(&refused_line(5, 5), 12).expect("an event of a terminal");
    assert_eq!(tell(&[again], NOW), 0);

    let records = bench.records();
    let record = Record::parse(&records[0]).expect("a record");
    let header = record.fact_header();
    assert_eq!((records.len(), header.kind, header.source), (2, Kind::EVENT_REFUSED, Source::Ledger));
    assert_eq!((header.terminal_seq, header.shop.0, header.principal.0), (TerminalSeq(0), 17, 0));
    let Payload::EventRefused(fact) = decode(header.kind, header.schema, record.payload()) else {
        panic!("{header:?}")
    };
    let event = EventId::parse("019ab9f4-d580-7aaa-8bbb-000000000005").expect("an id");
    assert_eq!((fact.code, fact.event_id, fact.terminal.0, fact.epoch.0, fact.seq.0), (11, event, 417, 2, 5));
}

#[test]
fn nothing_is_told_of_what_does_not_name_itself_and_its_place() {
    let good = refused_line(1, 9);
    assert!(told_of(&good, 11).is_some());
    for (cut, put) in [
        (r#""terminalSeq":9,"#, ""),
        (r#""terminal":417,"#, ""),
        (r#""merchant":"732829320","#, ""),
        ("d580-7aaa", "d580-4aaa"),
        ("019ab9f4-d580-7aaa", "00000000-0000-7aaa"),
        ("{", "["),
    ] {
        let changed = good.replacen(cut, put, 1);
        assert_ne!(changed, good, "{cut}");
        assert_eq!(told_of(&changed, 11), None, "{cut}");
    }
}
