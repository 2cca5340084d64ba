//! `tests/tables/`, executed: what is refused of each fact, and what is accepted although it contradicts.

use std::collections::BTreeSet;

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind as Type, ReflectMessage as _};
use serde_json::{Map, Value, json};
use talon_domain::fact::{Kind, Payload};
use talon_proto::{DESCRIPTOR_SET, Rule, check_payload, decode, event_from_json, rules_of, terms_of, walk};

use crate::checked;
use crate::golden::goldens;
use crate::invented::is_required;

const REFUSED: &str = include_str!("../tables/refused.txt");
const ACCEPTED: &str = include_str!("../tables/accepted.txt");

/// The rows of a table, cell by cell.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let rows = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|row| row.split('|').map(str::trim).collect())
}

/// The field of a payload by its JSON name: (kind, field, whether a publisher may state it).
fn payload_field(json: &str) -> (Kind, FieldDescriptor, bool) {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).expect("the embedded set");
    let find = |list: &str| {
        let message = pool.get_message_by_name(list).expect("a message");
        message.fields().find(|field| field.json_name() == json)
    };
    let (field, is_publishers) = match find("talon.v1.Event") {
        Some(field) => (field, true),
        None => (find("talon.v1.LedgerFact").unwrap_or_else(|| panic!("{json} is no kind")), false),
    };
    (Kind(u16::try_from(field.number() - 100).expect("a kind")), field, is_publishers)
}

/// What a kind's payload is called in JSON.
fn member(kind: &Kind) -> String {
    let (first, rest) = kind.name().split_at(1);
    first.to_lowercase() + rest
}

fn head(kind: Kind) -> Map<String, Value> {
    let mut head = json!({
        "eventId": "019ab9f4-d580-7aaa-8bbb-0102030405aa", "merchant": 732_829_320,
        "occurredAt": "2025-11-25T07:00:00Z", "source": "gateway"
    });
    if !(1_000..5_000).contains(&kind.0) {
        head["transactionId"] = "019ab9f4-d1a0-7c3e-9a51-33c0ffee0001".into();
    }
    head.as_object().expect("an object").clone()
}

/// How an event that carries this payload is taken: "rule at path", or "fine".
fn verdict_of_event(json: &str, payload: &Value) -> String {
    let mut event = head(payload_field(json).0);
    event.insert(json.to_owned(), payload.clone());
    let mut bytes = Vec::new();
    if let Err(fault) = event_from_json(Value::Object(event).to_string().as_bytes(), &mut bytes) {
        return format!("{} at {}", fault.rule(), fault.path());
    }
    let result = walk(&bytes).and_then(|envelope| {
        envelope.identity()?;
        envelope.stream()?;
        checked(&envelope)
    });
    result.map_or_else(|fault| format!("{} at {}", fault.rule, fault.path), |()| "fine".to_owned())
}

/// How a payload's bytes are taken, made by another reader of JSON. What passes is read.
fn verdict_of_payload(json: &str, payload: &Value) -> String {
    let (kind, field, _) = payload_field(json);
    let message = field.kind().as_message().expect("a message").clone();
    let bytes = DynamicMessage::deserialize(message, payload).expect("a payload").encode_to_vec();
    match check_payload(kind, 1, &bytes, &mut |_| true) {
        Ok(()) => {
            assert!(!matches!(decode(kind, 1, &bytes), Payload::Parked(_)), "{json}: accepted, and not read");
            "fine".to_owned()
        }
        Err(fault) => {
            assert!(matches!(decode(kind, 1, &bytes), Payload::Parked(_)), "{json}: refused, and read");
            format!("{} at {}", fault.rule, fault.path)
        }
    }
}

/// The golden payload of a kind that states every field.
fn full(json: &str) -> Value {
    let kind = payload_field(json).0;
    let golden = goldens().into_iter().filter(|golden| golden.kind == kind).max_by_key(|golden| golden.payload.len());
    let told: Value = serde_json::from_str(&golden.expect("a golden").json).expect("JSON");
    told.get(json).cloned().unwrap_or(told)
}

/// A value with one place of it replaced, or, where there is nothing in its stead, taken out.
fn changed(mut whole: Value, path: &str, value: Option<Value>) -> Value {
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    let pointer = parents.split(['.', '[']).filter(|part| !part.is_empty()).map(|part| part.trim_end_matches(']'));
    let parent = pointer.fold(&mut whole, |at, part| match part.parse::<usize>() {
        Ok(index) => &mut at[index],
        Err(_) => &mut at[part],
    });
    let parent = parent.as_object_mut().unwrap_or_else(|| panic!("{path}"));
    match value {
        Some(value) => drop(parent.insert(name.to_owned(), value)),
        None => assert!(parent.remove(name).is_some(), "the golden example does not state {path}"),
    }
    whole
}

#[test]
fn each_row_is_refused_by_its_rule_at_its_place() {
    for row in rows(REFUSED) {
        let [path, value, rule, rest @ ..] = &row[..] else { panic!("{row:?}") };
        let place = rest.first().filter(|place| !place.is_empty()).unwrap_or(path);
        let (kind, within) = path.split_once('.').expect("a kind and a field");
        let value = (*value != "-").then(|| serde_json::from_str(value).unwrap_or_else(|_| panic!("{row:?}")));
        let payload = changed(full(kind), within, value);
        let expected = format!("{rule} at {place}");
        assert_eq!(verdict_of_payload(kind, &payload), expected, "{row:?}");
        if payload_field(kind).2 {
            assert_eq!(verdict_of_event(kind, &payload), expected, "{row:?}");
        }
    }
}

/// The page lists below each kind which rules its fields can break.
#[test]
fn a_rule_that_refuses_a_row_is_among_those_of_its_kind() {
    for row in rows(REFUSED) {
        let kind = payload_field(row[0].split('.').next().expect("a kind")).0;
        let names: Vec<_> = rules_of(kind).iter().map(|rule| rule.name()).collect();
        assert!(names.contains(&row[2]), "{row:?}: {names:?}");
    }
    for kind in Kind::KNOWN {
        let json = member(kind);
        let told: BTreeSet<_> =
            rows(REFUSED).filter(|row| row[0].split('.').next() == Some(&json)).map(|row| row[2]).collect();
        let general = [Rule::TextLength, Rule::CardNumber, Rule::Count, Rule::Range, Rule::Currency, Rule::FieldStated];
        for rule in rules_of(*kind).into_iter().filter(|rule| !general.contains(rule)) {
            assert!(told.contains(rule.name()), "{json} has no row for {rule}");
        }
    }
}

/// What counts from 1 and is not stated reads as 1; no other number does.
#[test]
fn a_count_that_is_not_stated_is_one() {
    let mut counts = 0;
    for kind in Kind::KNOWN {
        let json = member(kind);
        let read = |payload: &Value| {
            let message = payload_field(&json).1.kind().as_message().expect("a message").clone();
            let bytes = DynamicMessage::deserialize(message, payload).expect("a payload").encode_to_vec();
            // An ordinal knows whether it was stated; what it counts is the same.
            format!("{:?}", decode(*kind, 1, &bytes)).replace("Ordinal(0)", "Ordinal(1)")
        };
        let terms = terms_of(kind.name()).expect("a message");
        let is_number =
            |range: &str| range.starts_with("from ") || range.starts_with("0 to ") || range.starts_with("1 to ");
        for field in terms.iter().filter(|field| !field.required && field.message.is_none() && is_number(&field.range))
        {
            let mut absent = full(&json);
            absent.as_object_mut().expect("an object").remove(field.json);
            let one = changed(absent.clone(), field.json, Some(json!(1)));
            let is_inert = read(&one) == "Inert";
            assert!(is_inert || (read(&one) == read(&absent)) == field.counts, "{json}.{}", field.json);
            counts += usize::from(field.counts);
        }
    }
    assert!(counts > 25, "{counts}");
}

#[test]
fn what_contradicts_is_accepted_for_the_fold_to_judge() {
    let mut seen = 0;
    for row in rows(ACCEPTED) {
        let [words, fact] = &row[..] else { panic!("{row:?}") };
        let told: Value = serde_json::from_str(&format!("{{{fact}}}")).expect("JSON");
        let (kind, payload) = told.as_object().and_then(|told| told.iter().next()).expect("a fact");
        assert_eq!(verdict_of_event(kind, payload), "fine", "{words}");
        seen += 1;
    }
    assert!(seen > 40);
}

/// Every field that a message cannot do without has its row; and what has no row, it can do without.
#[test]
fn each_field_of_each_kind_may_be_missed_unless_a_row_says_no() {
    for json in Kind::KNOWN.iter().map(member) {
        let message = payload_field(&json).1.kind().as_message().expect("a message").clone();
        let payload = full(&json);
        for field in message.fields() {
            let name = field.json_name();
            let path = format!("{json}.{name}");
            let has_row = rows(REFUSED).any(|row| row[0] == path && row[1] == "-");
            assert_eq!(has_row, is_required(message.name(), field.name()), "{path}");
            let zero_is_left_out = payload.get(name).is_none();
            if !has_row && !zero_is_left_out {
                assert_eq!(verdict_of_payload(&json, &changed(payload.clone(), name, None)), "fine", "{path}");
            }
        }
    }
}

/// Puts a value into every field of one type, wherever it stands, and tells each time what becomes of the payload.
fn with_each(
    message: &DynamicMessage,
    put: &dyn Fn(&FieldDescriptor) -> Option<prost_reflect::Value>,
) -> Vec<(String, DynamicMessage)> {
    let mut all = Vec::new();
    for field in message.descriptor().fields() {
        if let Some(value) = put(&field) {
            let mut other = message.clone();
            let value = if field.is_list() { prost_reflect::Value::List(vec![value]) } else { value };
            other.set_field(&field, value);
            all.push((field.json_name().to_owned(), other));
        } else if let (Type::Message(_), true) = (field.kind(), message.has_field(&field)) {
            all.extend(within_each(message, &field, put));
        }
    }
    all
}

fn within_each(
    message: &DynamicMessage,
    field: &FieldDescriptor,
    put: &dyn Fn(&FieldDescriptor) -> Option<prost_reflect::Value>,
) -> Vec<(String, DynamicMessage)> {
    let inner = message.get_field(field);
    let (first, place) = match inner.as_list() {
        Some(list) => (list[0].clone(), format!("{}[0]", field.json_name())),
        None => (inner.as_ref().clone(), field.json_name().to_owned()),
    };
    let inner = first.as_message().expect("a message");
    if inner.descriptor().package_name() != "talon.v1" {
        return Vec::new();
    }
    let put_back = |(path, inner): (String, DynamicMessage)| {
        let value = prost_reflect::Value::Message(inner);
        let value = if field.is_list() { prost_reflect::Value::List(vec![value]) } else { value };
        let mut other = message.clone();
        other.set_field(field, value);
        (format!("{place}.{path}"), other)
    };
    with_each(inner, put).into_iter().map(put_back).collect()
}

/// How many fields of all kinds were refused so, each by this rule at its own place.
fn refused_everywhere(rule: &str, put: &dyn Fn(&FieldDescriptor) -> Option<prost_reflect::Value>) -> usize {
    let mut count = 0;
    for kind in Kind::KNOWN {
        let golden = goldens().into_iter().filter(|golden| golden.kind == *kind);
        let golden = golden.max_by_key(|golden| golden.payload.len()).expect("a golden");
        let name = member(kind);
        let message = payload_field(&name).1.kind().as_message().expect("a message").clone();
        let message = DynamicMessage::decode(message, &golden.payload[..]).expect("a payload");
        for (path, other) in with_each(&message, put) {
            let fault = check_payload(*kind, 1, &other.encode_to_vec(), &mut |_| true).expect_err(&path);
            assert_eq!(format!("{} at {}", fault.rule, fault.path), format!("{rule} at {name}.{path}"));
            count += 1;
        }
    }
    count
}

#[test]
fn no_text_is_longer_than_256_bytes() {
    let long = refused_everywhere("text_must_be_at_most_256_bytes", &|field| {
        matches!(field.kind(), Type::String).then(|| prost_reflect::Value::String("x".repeat(257)))
    });
    assert!(long > 150, "{long}");
}

#[test]
fn no_choice_is_one_that_nobody_knows() {
    let unknown = refused_everywhere("choice_must_be_known", &|field| {
        matches!(field.kind(), Type::Enum(_)).then_some(prost_reflect::Value::EnumNumber(99))
    });
    assert!(unknown > 20, "{unknown}");
}

#[test]
fn no_amount_is_above_the_largest() {
    let above = refused_everywhere("value_must_be_in_range", &|field| {
        (field.name() == "minor_units").then_some(prost_reflect::Value::U64(1_000_000_000_001))
    });
    assert!(above > 30, "{above}");
}

#[test]
fn no_currency_is_small() {
    let small = refused_everywhere("currency_must_be_three_capitals", &|field| {
        (field.name() == "currency").then(|| prost_reflect::Value::String("eur".into()))
    });
    assert!(small > 30, "{small}");
}

/// A list of 65 entries, of every kind that has one.
#[test]
fn no_list_has_more_than_64_entries() {
    let mut lists = 0;
    for kind in Kind::KNOWN {
        let name = member(kind);
        let Value::Object(members) = full(&name) else { panic!("an object") };
        for (key, value) in members.iter().filter(|(_, value)| value.is_array()) {
            let many = changed(Value::Object(members.clone()), key, Some(Value::Array(vec![value[0].clone(); 65])));
            let expected = format!("list_must_have_at_most_64_entries at {name}.{key}");
            assert_eq!(verdict_of_payload(&name, &many), expected);
            lists += 1;
        }
    }
    assert_eq!(lists, 6);
}

#[test]
fn a_chunk_has_at_most_59000_bytes() {
    let wire = |length| talon_proto::wire::Chunk {
        bulk_id: "019ab9f4-d580-8aaa-8bbb-0102030405ab".into(),
        index: 1,
        content: vec![7; length],
    };
    let check = |length| {
        let fault = check_payload(Kind::CHUNK, 1, &wire(length).encode_to_vec(), &mut |_| true).err();
        fault.map(|fault| format!("{} at {}", fault.rule, fault.path))
    };
    assert_eq!(check(59_000), None);
    assert_eq!(check(59_001).as_deref(), Some("value_must_be_in_range at chunk.content"));
    assert_eq!(check(0).as_deref(), Some("field_must_be_stated at chunk.content"));
}
