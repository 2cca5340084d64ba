//! Canonical proto3 JSON of `talon.v1`, both ways, along the same tables as everything else. Invariants:
//! - a line becomes the canonical bytes of its event: fields in ascending order of number, defaults left out; so the
//!   same event always gives the same bytes, however its keys were ordered
//! - what is written is taken again, and gives the same payload bytes if they were canonical
//! - nothing is guessed: unknown and doubled keys, fractions and numbers that do not fit are refused, never rounded
//!
//! What is taken beyond the canonical form, because people write it: `snake_case` names, 64-bit numbers as numbers, the
//! numbers of choices, and their names without the prefix in any case (`provider` for `SOURCE_PROVIDER`).
//!
//! This module does not hold values against the rules of facts; [`crate::check_payload`] does, on the bytes.

mod base64;
mod fault;
mod read;
mod rfc3339;
mod spelling;
mod tree;
mod write;

use talon_domain::fact::{FactHeader, Kind};
use talon_domain::time::Instant;

pub use fault::{JsonFault, Place};

use crate::check_payload;
use crate::fault::{Fault, Rule};
use crate::limits::LINE_BYTES_MAX;
use crate::restate::restate_event;
use crate::schema::{Message, Schema};
use tree::Json;

/// Appends the protobuf bytes of an event that is written as one JSON object.
///
/// # Errors
/// A [`JsonFault`]; then nothing was appended.
pub fn event_from_json(line: &[u8], out: &mut Vec<u8>) -> Result<(), JsonFault> {
    let tree = tree(line)?;
    let before = out.len();
    read::event(&tree, out).inspect_err(|_| out.truncate(before))
}

/// The protobuf bytes of a payload that is written as one JSON object, for what only the ledger states.
///
/// # Errors
/// A [`JsonFault`] if the text is no payload of this kind.
pub fn payload_from_json(kind: Kind, line: &[u8]) -> Result<Vec<u8>, JsonFault> {
    let (_, message) = Schema::of_talon().payload(kind).ok_or_else(|| Fault::new(Rule::KindKnown))?;
    let mut payload = Vec::new();
    read::message(message, &tree(line)?, &mut payload)?;
    Ok(payload)
}

/// A time as an event has it.
pub(crate) fn moment(text: &str) -> Option<Instant> {
    rfc3339::parse(text)?.instant()
}

fn tree(line: &[u8]) -> Result<Json, JsonFault> {
    if line.len() > LINE_BYTES_MAX {
        return Err(Fault::new(Rule::Size).into());
    }
    let text = std::str::from_utf8(line).map_err(|error| JsonFault::not_utf8(line, error.valid_up_to()))?;
    Json::parse(text)
}

/// The event that a record was, as one line of JSON. `personal` is what was sealed beside it, opened; without it the
/// line says nothing of the person.
///
/// # Errors
/// A [`Fault`] if this release cannot read the kind, its schema or the payload, or if no publisher may state the kind.
pub fn event_to_json(header: &FactHeader, payload: &[u8], personal: Option<&[u8]>) -> Result<String, Fault> {
    known(header.kind, header.schema)?;
    if Schema::of_talon().is_ledgers_own(header.kind) {
        return Err(Fault::new(Rule::PublisherKind));
    }
    check_payload(header.kind, header.schema, payload, &mut |_| true)?;
    let mut event = Vec::with_capacity(payload.len() + 128);
    restate_event(header, payload, personal, &mut event);
    written(&Schema::of_talon().event, &event)
}

/// A payload alone, as one line of JSON, for listings.
///
/// # Errors
/// A [`Fault`] if this release cannot read the kind, its schema or the payload.
pub fn payload_to_json(kind: Kind, schema: u16, payload: &[u8]) -> Result<String, Fault> {
    written(known(kind, schema)?, payload)
}

fn known(kind: Kind, schema: u16) -> Result<&'static Message, Fault> {
    let (_, message) = Schema::of_talon().payload(kind).ok_or_else(|| Fault::new(Rule::KindKnown))?;
    if Schema::knows_version(schema) { Ok(message) } else { Err(Fault::at(Rule::SchemaKnown, "schema")) }
}

fn written(message: &'static Message, bytes: &[u8]) -> Result<String, Fault> {
    let mut line = String::with_capacity(bytes.len() * 3);
    write::message(message, bytes, &mut line)?;
    Ok(line)
}
