//! A tree of JSON into the canonical bytes of an event: along the table, so that fields come in ascending order.

use super::base64;
use super::fault::JsonFault;
use super::rfc3339;
use super::spelling::nearest;
use super::tree::Json;
use crate::fault::{Fault, Rule, Step};
use crate::fields::{put_bytes, put_number};
use crate::schema::{Choice, Field, Message, PAYLOAD_BASE, Schema, Shape};

/// Appends the bytes of an event.
pub(super) fn event(tree: &Json, out: &mut Vec<u8>) -> Result<(), JsonFault> {
    let table = &Schema::of_talon().event;
    let stated = sort(table, tree)?;
    let payloads = stated.iter().filter(|(field, _)| field.number > PAYLOAD_BASE);
    if let Some((second, _)) = payloads.clone().nth(1) {
        return Err(Fault::at(Rule::OnePayload, second.json).into());
    }
    encode(&stated, out)
}

/// Appends the bytes of a message.
pub(super) fn message(table: &'static Message, tree: &Json, out: &mut Vec<u8>) -> Result<(), JsonFault> {
    encode(&sort(table, tree)?, out)
}

type Stated<'t> = Vec<(&'static Field, &'t Json)>;

/// The fields that an object states, in ascending order of number. A null states nothing.
fn sort<'t>(message: &'static Message, tree: &'t Json) -> Result<Stated<'t>, JsonFault> {
    let Json::Object(entries) = tree else { return Err(JsonFault::expecting(Rule::JsonType, "an object")) };
    let mut slots: Vec<Option<&Json>> = vec![None; message.fields().len()];
    for (nth, (key, value)) in entries.iter().enumerate() {
        let Some((at, field)) = message.field_named(key) else {
            return Err(unknown(message, nth + 1, key, value));
        };
        if slots.get_mut(at).and_then(|slot| slot.replace(value)).is_some() {
            return Err(Fault::at(Rule::FieldOnce, field.json).into());
        }
    }
    let stated = message.fields().iter().zip(slots);
    Ok(stated.filter_map(|(field, slot)| Some((field, slot.filter(|json| !matches!(json, Json::Null))?))).collect())
}

/// An unknown key of an event that holds an object is meant as a payload; it may be one that only the ledger states.
fn unknown(message: &'static Message, nth: usize, key: &str, value: &Json) -> JsonFault {
    let schema = Schema::of_talon();
    let is_event = std::ptr::eq(message, &raw const schema.event);
    let is_kind = is_event && matches!(value, Json::Object(_));
    if let Some((_, field)) = schema.ledger.field_named(key).filter(|_| is_event) {
        return Fault::at(Rule::PublisherKind, field.json).into();
    }
    let fault = Fault::new(if is_kind { Rule::KindKnown } else { Rule::FieldKnown });
    JsonFault { expected: nearest(message, key), ..fault.into() }.within(Step::Key(nth))
}

fn encode(stated: &[(&'static Field, &Json)], out: &mut Vec<u8>) -> Result<(), JsonFault> {
    for &(field, json) in stated {
        let result = if field.list { entries(field, json, out) } else { value(field, json, out) };
        result.map_err(|fault| fault.within(Step::Field(field.json)))?;
    }
    Ok(())
}

fn entries(field: &'static Field, json: &Json, out: &mut Vec<u8>) -> Result<(), JsonFault> {
    let Json::List(list) = json else { return Err(JsonFault::expecting(Rule::JsonType, "a list")) };
    for (index, entry) in list.iter().enumerate() {
        value(field, entry, out).map_err(|fault| fault.within(Step::Entry(index)))?;
    }
    Ok(())
}

fn value(field: &'static Field, json: &Json, out: &mut Vec<u8>) -> Result<(), JsonFault> {
    let number = match &field.shape {
        Shape::Truth => truth(json)?,
        Shape::Number => whole(json, u32::MAX.into(), "a whole number from 0 to 4294967295")?,
        Shape::Long => whole(json, u64::MAX, "a whole number from 0 to 18446744073709551615, or its digits as text")?,
        Shape::Choice(choice) => chosen(choice, json)?,
        Shape::Text(_) => {
            let text = text(json, "a text")?;
            if !text.is_empty() || field.explicit {
                put_bytes(out, field.number, text.as_bytes());
            }
            return Ok(());
        }
        Shape::Bytes => {
            let bytes = bytes(json)?;
            if !bytes.is_empty() || field.explicit {
                put_bytes(out, field.number, &bytes);
            }
            return Ok(());
        }
        Shape::Time => {
            put_bytes(out, field.number, &time(json)?);
            return Ok(());
        }
        Shape::Message(message) => {
            let mut inner = Vec::new();
            self::message(message, json, &mut inner)?;
            put_bytes(out, field.number, &inner);
            return Ok(());
        }
    };
    if number != 0 || field.explicit {
        put_number(out, field.number, number);
    }
    Ok(())
}

fn truth(json: &Json) -> Result<u64, JsonFault> {
    match json {
        Json::Truth(truth) => Ok(u64::from(*truth)),
        _ => Err(JsonFault::expecting(Rule::JsonType, "true or false")),
    }
}

fn whole(json: &Json, most: u64, expected: &'static str) -> Result<u64, JsonFault> {
    let number = match json {
        Json::Whole(number) => Some(*number),
        Json::OtherNumber => None,
        Json::Text(digits) if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            digits.parse().ok()
        }
        _ => return Err(JsonFault::expecting(Rule::JsonType, expected)),
    };
    number.filter(|&number| number <= most).ok_or_else(|| JsonFault::expecting(Rule::Range, expected))
}

fn chosen(choice: &'static Choice, json: &Json) -> Result<u64, JsonFault> {
    let number = match json {
        Json::Text(name) => choice.number_of(name),
        Json::Whole(number) => choice.name_of(*number).map(|_| *number),
        _ => return Err(JsonFault::expecting(Rule::JsonType, choice.listed())),
    };
    number.ok_or_else(|| JsonFault::expecting(Rule::Choice, choice.listed()))
}

fn text<'t>(json: &'t Json, expected: &'static str) -> Result<&'t str, JsonFault> {
    match json {
        Json::Text(text) => Ok(text),
        _ => Err(JsonFault::expecting(Rule::JsonType, expected)),
    }
}

fn bytes(json: &Json) -> Result<Vec<u8>, JsonFault> {
    const EXPECTED: &str = "bytes in base64";
    base64::read(text(json, EXPECTED)?).ok_or_else(|| JsonFault::expecting(Rule::JsonType, EXPECTED))
}

fn time(json: &Json) -> Result<Vec<u8>, JsonFault> {
    const EXPECTED: &str = "a time like 2026-03-31T14:00:00Z";
    let at = rfc3339::parse(text(json, EXPECTED)?).ok_or_else(|| JsonFault::expecting(Rule::Time, EXPECTED))?;
    Ok(at.encoded())
}
