//! Laws over invented events, and over what becomes of them when bytes are changed on the way. A second implementation
//! of JSON, which shares no code with ours, has to agree.

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use prost_types::Timestamp;
use talon_domain::fact::{Kind, Payload};
use talon_proto::wire::event::Payload as Said;
use talon_proto::wire::{Event, Personal, PrintedTicket, TicketsPrinted};
use talon_proto::{
    DESCRIPTOR_SET, ENTRIES_MAX, Envelope, LINE_BYTES_MAX, TEXT_BYTES_MAX, check_payload, check_personal, decode,
    event_from_json, event_to_json, payload_to_json, personal_email, personal_is_empty, personal_name, personal_phone,
    restate_event, same_payload, walk,
};

use crate::invented::{MARK, PHONE_MARK, event, own_payload};
use crate::{checked, header_of};

fn reflected(json: &str) -> Vec<u8> {
    let mut parser = serde_json::Deserializer::from_str(json);
    DynamicMessage::deserialize(descriptor(), &mut parser).expect("canonical JSON").encode_to_vec()
}

fn descriptor() -> prost_reflect::MessageDescriptor {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).expect("the embedded set");
    pool.get_message_by_name("talon.v1.Event").expect("the event")
}

/// The payload of a kind that only the ledger writes.
fn own(kind: Kind) -> prost_reflect::MessageDescriptor {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).expect("the embedded set");
    let list = pool.get_message_by_name("talon.v1.LedgerFact").expect("the list");
    let field = list.get_field(u32::from(kind.0) + 100).expect("a payload");
    field.kind().as_message().expect("a message").clone()
}

/// The number of a field that holds a number and is not stated; `None` if there is none.
fn absent_number(kind: Kind, payload: &[u8]) -> Option<u8> {
    let field = descriptor().get_field(u32::from(kind.0) + 100)?;
    let message = field.kind().as_message()?.clone();
    let told = DynamicMessage::decode(message.clone(), payload).expect("a payload");
    let absent = message.fields().find(|field| {
        let is_number = matches!(field.kind(), prost_reflect::Kind::Uint32 | prost_reflect::Kind::Uint64);
        is_number && !field.supports_presence() && !told.has_field(field)
    });
    absent.and_then(|field| u8::try_from(field.number()).ok())
}

/// Everything that looks at bytes from outside, on bytes that may be anything.
fn look_at(bytes: &[u8]) -> Vec<String> {
    let mut said = Vec::new();
    for kind in Kind::KNOWN.iter().copied().chain([Kind::DECISION_PROPOSED, Kind::FOREIGN_STUB]) {
        let fit = check_payload(kind, 1, bytes, &mut |text| !text.starts_with('4'));
        said.extend(fit.err().map(|fault| fault.to_string()));
        decode(kind, 1, bytes);
        said.extend(payload_to_json(kind, 1, bytes).err().map(|fault| fault.to_string()));
    }
    said.extend(check_personal(bytes).err().map(|fault| fault.to_string()));
    let _ = (personal_phone(bytes), personal_email(bytes), personal_name(bytes), personal_is_empty(bytes));
    match walk(bytes) {
        Ok(envelope) => {
            said.extend(envelope.identity().err().map(|fault| fault.to_string()));
            said.extend(envelope.stream().err().map(|fault| fault.to_string()));
            said.extend(checked(&envelope).err().map(|fault| fault.to_string()));
            said.extend(envelope.personal.and_then(|personal| check_personal(personal).err()).map(|f| f.to_string()));
        }
        Err(fault) => said.push(fault.to_string()),
    }
    said.extend(event_from_json(bytes, &mut Vec::new()).err().map(|fault| format!("{fault} {fault:?}")));
    said
}

/// A place in some bytes, and what is put there.
fn damage(bytes: &mut Vec<u8>, changes: &[(prop::sample::Index, u8, u8)]) {
    for (at, how, byte) in changes {
        let at = at.index(bytes.len().max(1));
        match how % 4 {
            0 if at < bytes.len() => bytes[at] = *byte,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 => bytes.insert(at, *byte),
            _ => bytes.truncate(at + bytes.len() / 2),
        }
    }
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<u8>()), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_well_formed_is_taken_and_read(event in event()) {
        let bytes = event.encode_to_vec();
        let envelope = walk(&bytes).expect("an envelope");
        prop_assert_eq!(checked(&envelope), Ok(()));
        prop_assert_eq!(envelope.personal.map_or(Ok(()), check_personal), Ok(()));
        let payload = decode(envelope.kind, envelope.schema, envelope.payload);
        prop_assert!(!matches!(payload, Payload::Parked(_)), "{:?}", payload);
        let phone = event.personal.as_ref().map(|personal| personal.phone.as_str());
        prop_assert_eq!(envelope.personal.and_then(personal_phone), phone);
        let mut again = Vec::new();
        restate_event(&header_of(&envelope), envelope.payload, envelope.personal, &mut again);
        prop_assert_eq!(again, bytes);
    }

    #[test]
    fn json_goes_both_ways_and_another_reader_agrees(event in event()) {
        let bytes = event.encode_to_vec();
        let envelope = walk(&bytes).expect("an envelope");
        let line = event_to_json(&header_of(&envelope), envelope.payload, envelope.personal).expect("a known kind");
        prop_assert!(!line.contains('\n'));
        let mut again = Vec::new();
        event_from_json(line.as_bytes(), &mut again).expect("our own line");
        prop_assert_eq!(&again, &bytes);
        prop_assert_eq!(reflected(&line), bytes.clone());
        let theirs = DynamicMessage::decode(descriptor(), &bytes[..]).expect("an event");
        prop_assert_eq!(line, serde_json::to_string(&theirs).expect("JSON"));
    }

    #[test]
    fn the_order_and_spelling_of_keys_change_nothing(event in event()) {
        let bytes = event.encode_to_vec();
        let theirs = DynamicMessage::decode(descriptor(), &bytes[..]).expect("an event");
        let spelt = prost_reflect::SerializeOptions::new().use_proto_field_name(true).use_enum_numbers(true);
        let spelt = spelt.stringify_64_bit_integers(false);
        let mut line = Vec::new();
        theirs.serialize_with_options(&mut serde_json::Serializer::new(&mut line), &spelt).expect("JSON");
        // A map of serde_json holds its keys in alphabetical order.
        let sorted: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
        for line in [line, sorted.to_string().into_bytes()] {
            let mut again = Vec::new();
            event_from_json(&line, &mut again).expect("the same event");
            prop_assert_eq!(&again, &bytes);
        }
    }

    #[test]
    fn one_fact_encoded_in_another_order_is_the_same_payload(event in event()) {
        let bytes = event.encode_to_vec();
        let envelope = walk(&bytes).expect("an envelope");
        // A stated default and a varint with a needless byte: other bytes, the same fact.
        let mut other = absent_number(envelope.kind, envelope.payload).map_or_else(Vec::new, |field| {
            let tag = field << 3;
            if tag < 0x80 { vec![tag, 0x80, 0x00] } else { vec![tag, 0x01, 0x80, 0x00] }
        });
        other.extend_from_slice(envelope.payload);
        prop_assert!(same_payload(envelope.kind, 1, envelope.payload, &other));
        let shorter = envelope.payload.get(1..).unwrap_or(b"\x08");
        prop_assert!(!same_payload(envelope.kind, 1, envelope.payload, shorter));
    }

    #[test]
    fn what_the_ledger_writes_is_read_and_written(told in own_payload()) {
        let (kind, payload) = (Kind(told.0), told.1);
        prop_assert_eq!(check_payload(kind, 1, &payload, &mut |_| true), Ok(()));
        prop_assert!(!matches!(decode(kind, 1, &payload), Payload::Parked(_)));
        let line = payload_to_json(kind, 1, &payload).expect("a known kind");
        let theirs = DynamicMessage::decode(own(kind), &payload[..]).expect("a payload");
        prop_assert_eq!(&line, &serde_json::to_string(&theirs).expect("JSON"));
        let mut parser = serde_json::Deserializer::from_str(&line);
        let again = DynamicMessage::deserialize(own(kind), &mut parser).expect("canonical JSON");
        prop_assert_eq!(again.encode_to_vec(), payload.clone());
        prop_assert!(same_payload(kind, 1, &payload, &payload));
        let shorter = payload.get(1..).unwrap_or(b"\x08");
        prop_assert!(!same_payload(kind, 1, &payload, shorter));
    }

    #[test]
    fn what_the_ledger_wrote_and_is_damaged_never_panics(told in own_payload(), changes in changes()) {
        let mut payload = told.1;
        damage(&mut payload, &changes);
        for said in look_at(&payload) {
            prop_assert!(!said.contains(MARK), "{}", said);
        }
        if check_payload(Kind(told.0), 1, &payload, &mut |_| true).is_ok() {
            prop_assert!(!matches!(decode(Kind(told.0), 1, &payload), Payload::Parked(_)));
            prop_assert!(payload_to_json(Kind(told.0), 1, &payload).is_ok());
        }
    }

    #[test]
    fn damaged_events_never_panic_and_never_speak(event in event(), changes in changes()) {
        let mut bytes = event.encode_to_vec();
        damage(&mut bytes, &changes);
        for said in look_at(&bytes) {
            prop_assert!(!said.contains(MARK) && !said.contains(PHONE_MARK), "{}", said);
        }
        let fit = |envelope: &Envelope<'_>| {
            checked(envelope).is_ok() && envelope.personal.is_none_or(|personal| check_personal(personal).is_ok())
        };
        if let Ok(envelope) = walk(&bytes) && fit(&envelope) {
            prop_assert!(!matches!(decode(envelope.kind, 1, envelope.payload), Payload::Parked(_)));
            prop_assert!(payload_to_json(envelope.kind, 1, envelope.payload).is_ok());
            prop_assert_eq!(Event::decode(&bytes[..]).err(), None, "{:02x?}", bytes);
        }
    }

    #[test]
    fn damaged_json_never_panics_and_never_speaks(event in event(), changes in changes()) {
        let bytes = event.encode_to_vec();
        let envelope = walk(&bytes).expect("an envelope");
        let line = event_to_json(&header_of(&envelope), envelope.payload, envelope.personal).expect("a known kind");
        let mut line = line.into_bytes();
        damage(&mut line, &changes);
        for said in look_at(&line) {
            prop_assert!(!said.contains(MARK) && !said.contains(PHONE_MARK), "{}", said);
        }
    }

    #[test]
    fn any_bytes_at_all_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        look_at(&bytes);
    }
}

/// What was taken as protobuf can be dumped as JSON and taken again, however it is spelt.
#[test]
fn the_longest_event_fits_into_a_line() {
    let control = "\u{1}".repeat(TEXT_BYTES_MAX);
    let ticket = PrintedTicket { kind: 1, about: control.clone(), copy: u32::MAX };
    let printed = TicketsPrinted { tickets: vec![ticket; ENTRIES_MAX], revision: u64::MAX };
    let event = Event {
        event_id: "019ab9f4-d580-7aaa-8bbb-0102030405aa".into(),
        merchant: u64::MAX,
        transaction_id: "019ab9f4-d1a0-7c3e-9a51-33c0ffee0001".into(),
        occurred_at: Some(Timestamp { seconds: 1_764_054_000, nanos: 1_000 }),
        source: 4,
        personal: Some(Personal { name: control, ..Personal::default() }),
        payload: Some(Said::TicketsPrinted(printed)),
        ..Event::default()
    };
    let bytes = event.encode_to_vec();
    let envelope = walk(&bytes).expect("an envelope");
    assert_eq!(checked(&envelope), Ok(()));
    let line = event_to_json(&header_of(&envelope), envelope.payload, envelope.personal).expect("a known kind");
    assert!((LINE_BYTES_MAX / 4..LINE_BYTES_MAX).contains(&line.len()), "{}", line.len());
    let mut again = Vec::new();
    event_from_json(line.as_bytes(), &mut again).expect("our own line");
    assert_eq!(again, bytes);
}
