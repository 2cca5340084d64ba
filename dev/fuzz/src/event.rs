//! Events as protobuf: whatever the door accepts keeps every promise that the door makes of it.

use prost::Message as _;
use talon_domain::fact::Payload;
use talon_domain::ids::EventId;
use talon_journal::Record;
use talon_proto::{
    Envelope, check_payload, decode, event_from_json, event_to_json, personal_phone, restate_event, same_payload, walk,
    wire,
};

use crate::admitted::{Entrance, record_of};
use crate::reflected;

/// Any bytes as a `talon.v1.Event`.
pub fn event(bytes: &[u8]) {
    let Some(stored) = record_of(bytes) else { return };
    let envelope = walk(bytes).expect("what was accepted has an envelope");
    let record = Record::parse(&stored).expect("what was accepted is a record");
    is_kept_whole(&envelope, &record);
    holds_nothing_forbidden(bytes, &envelope);
    goes_through_json(bytes, &envelope, &record);
}

/// The record says what the event said, in the payload's own bytes.
fn is_kept_whole(envelope: &Envelope<'_>, record: &Record<'_>) {
    let header = record.fact_header();
    assert_eq!(record.payload(), envelope.payload);
    assert_eq!((header.kind, header.schema, header.source), (envelope.kind, envelope.schema, envelope.source));
    assert_eq!((header.merchant, header.shop, header.terminal), (envelope.merchant, envelope.shop, envelope.terminal));
    assert_eq!((header.terminal_epoch, header.terminal_seq), (envelope.terminal_epoch, envelope.terminal_seq));
    assert_eq!((header.occurred_at, header.training), (envelope.occurred_at, envelope.training));
    assert_eq!(Ok(header.event_id), envelope.identity());
    assert_eq!(Ok(header.stream), envelope.stream());
    assert_ne!(header.event_id, EventId::default());
    assert_eq!(header.sealed, record.sealed().is_some());
    assert!(check_payload(header.kind, header.schema, record.payload(), &mut |_| true).is_ok());
    assert!(!matches!(decode(header.kind, header.schema, record.payload()), Payload::Parked(_)));
}

/// Neither a field that nobody knows nor a card number in clear, and a phone that can be sealed.
fn holds_nothing_forbidden(bytes: &[u8], envelope: &Envelope<'_>) {
    wire::Event::decode(bytes).expect("the generated code reads it too");
    reflected::texts(&reflected::decode(bytes), &mut |name, text| {
        assert!(name == "phone" || !is_plainly_a_card(text), "a card number in {name}");
    });
    if let Some(phone) = envelope.personal.and_then(personal_phone) {
        assert!(talon_vault::is_e164(phone), "the vault would not seal it");
    }
}

/// Sixteen digits and nothing else, of the two large brands, under the Luhn sum.
fn is_plainly_a_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let is_number = text.len() == 16 && digits.len() == 16;
    let brand = text.starts_with('4') || ["51", "52", "53", "54", "55"].iter().any(|two| text.starts_with(two));
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits.chunks(2).map(|pair| doubled(pair[0]) + pair.get(1).unwrap_or(&0)).sum();
    is_number && brand && sum.is_multiple_of(10)
}

/// JSON loses nothing: a second reader sees the same event in it, and the door takes it for the same fact.
fn goes_through_json(bytes: &[u8], envelope: &Envelope<'_>, record: &Record<'_>) {
    let header = record.fact_header();
    let line = event_to_json(&header, record.payload(), envelope.personal).expect("what was accepted has a line");
    assert!(!line.contains('\n'));
    let mut restated = Vec::new();
    restate_event(&header, record.payload(), envelope.personal, &mut restated);
    let theirs = reflected::from_json(&line).encode_to_vec();
    assert_eq!(theirs, reflected::decode(&restated).encode_to_vec(), "{line}");
    let mut again = Vec::new();
    event_from_json(line.as_bytes(), &mut again).expect("our own line");
    assert_eq!(again, theirs, "{line}");
    let said = walk(&again).expect("our own event");
    assert!(same_payload(header.kind, header.schema, said.payload, record.payload()), "{line}");
    let line_again = event_to_json(&header, said.payload, said.personal).expect("a known kind");
    assert_eq!(line_again, line);
    told_twice_is_one_fact(&[bytes, &restated, &again]);
}

fn told_twice_is_one_fact(events: &[&[u8]]) {
    let mut entrance = Entrance::new();
    let group = entrance.check(events);
    assert_eq!((group.batch().len(), group.duplicates()), (1, events.len() - 1), "one fact in three encodings");
}
