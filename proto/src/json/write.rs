//! A message's bytes into canonical JSON: keys in the order of the schema, defaults left out, 64-bit numbers as text.

use super::base64;
use super::rfc3339;
use crate::fault::{Fault, Rule, Step};
use crate::fields::{Fields, Value};
use crate::schema::{Field, Message, Shape};
use crate::timestamp::Timestamp;

/// Appends a message as one object.
pub(super) fn message(message: &'static Message, bytes: &[u8], line: &mut String) -> Result<(), Fault> {
    let values = sort(message, bytes)?;
    line.push('{');
    let mut first = true;
    for group in values.chunk_by(|a, b| a.0 == b.0) {
        let Some(field) = group.first().and_then(|(at, _)| message.fields().get(*at)) else { continue };
        if !field.list && group.iter().all(|(_, value)| is_default(field, *value)) {
            continue;
        }
        if !std::mem::take(&mut first) {
            line.push(',');
        }
        key(field, line);
        member(field, group, line).map_err(|fault| fault.within(Step::Field(field.json)))?;
    }
    line.push('}');
    Ok(())
}

type Placed<'a> = (usize, Value<'a>);

/// The fields with their places in the table, in its order; entries of a list keep theirs.
fn sort<'a>(message: &'static Message, bytes: &'a [u8]) -> Result<Vec<Placed<'a>>, Fault> {
    let mut values = Vec::new();
    for field in Fields::new(bytes) {
        let (number, value) = field.map_err(|_| Rule::Protobuf)?;
        let Some((at, _)) = message.field(number) else {
            return Err(Fault::new(Rule::FieldKnown).within(Step::Number(number)));
        };
        values.push((at, value));
    }
    values.sort_by_key(|(at, _)| *at);
    Ok(values)
}

fn is_default(field: &Field, value: Value<'_>) -> bool {
    !field.explicit
        && match (&field.shape, value) {
            (Shape::Text(_) | Shape::Bytes, Value::Bytes(bytes)) => bytes.is_empty(),
            (_, Value::Number(number)) => number == 0,
            _ => false,
        }
}

fn key(field: &Field, line: &mut String) {
    line.push('"');
    line.push_str(field.json);
    line.push_str("\":");
}

fn member(field: &'static Field, group: &[Placed<'_>], line: &mut String) -> Result<(), Fault> {
    match group {
        [(_, one)] if !field.list => value(field, *one, line),
        _ if !field.list => Err(Fault::new(Rule::FieldOnce)),
        entries => {
            for (index, (_, entry)) in entries.iter().enumerate() {
                line.push(if index == 0 { '[' } else { ',' });
                value(field, *entry, line).map_err(|fault| fault.within(Step::Entry(index)))?;
            }
            line.push(']');
            Ok(())
        }
    }
}

fn value(field: &'static Field, value: Value<'_>, line: &mut String) -> Result<(), Fault> {
    match (&field.shape, value) {
        (Shape::Truth, Value::Number(number)) => line.push_str(if number == 0 { "false" } else { "true" }),
        (Shape::Number, Value::Number(number)) => line.push_str(&number.to_string()),
        (Shape::Long, Value::Number(number)) => quoted(&number.to_string(), line),
        (Shape::Choice(choice), Value::Number(number)) => match choice.name_of(number) {
            Some(name) => quoted(name, line),
            None => return Err(Rule::Choice.into()),
        },
        (Shape::Text(_), Value::Bytes(bytes)) => text(std::str::from_utf8(bytes).map_err(|_| Rule::Utf8)?, line)?,
        (Shape::Bytes, Value::Bytes(bytes)) => quoted(&base64::write(bytes), line),
        (Shape::Time, Value::Bytes(bytes)) => {
            quoted(&rfc3339::write(Timestamp::parse(bytes)?).ok_or(Rule::Time)?, line);
        }
        (Shape::Message(inner), Value::Bytes(bytes)) => message(inner, bytes, line)?,
        _ => return Err(Rule::FieldType.into()),
    }
    Ok(())
}

/// A text that needs no escapes.
fn quoted(text: &str, line: &mut String) {
    line.push('"');
    line.push_str(text);
    line.push('"');
}

fn text(text: &str, line: &mut String) -> Result<(), Fault> {
    line.push_str(&serde_json::to_string(text).map_err(|_| Rule::Utf8)?);
    Ok(())
}
