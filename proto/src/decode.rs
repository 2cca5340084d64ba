//! Payload bytes into the domain's types. Invariants:
//! - total: what this release cannot read is parked with its bytes, never dropped, and nothing panics
//! - whatever [`check_payload`] accepts is read, and never parked
//!
//! Facts that tell one thing in several ways become one payload: a debit on the card is that of instalment 1, a reprint
//! is a print of a later copy. This module does not judge, and knows no header: a kind's number and its payload are all
//! it needs.

mod control;
mod decision;
mod flow;
mod money_back;
mod registry;
mod settlement;

use prost::Message;
use talon_domain::fact::{Direction, Family, Kind, Payload, Text};
use talon_domain::ids::TerminalEpoch;
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::time::{Day, Instant};

use crate::timestamp::Timestamp;
use crate::{check_payload, forms, payload_to_json, wire};

/// A payload as the fold reads it. A kind or schema that this release does not know, and bytes that
/// [`check_payload`] would refuse, are [`Payload::Parked`].
pub fn decode(kind: Kind, schema: u16, payload: &[u8]) -> Payload {
    let fit = check_payload(kind, schema, payload, &mut |_| true).is_ok();
    let read = if fit { read(kind, payload) } else { None };
    read.unwrap_or_else(|| Payload::Parked(payload.into()))
}

/// Whether two payloads of one kind and schema say the same: the same bytes, or the same once decoded (one fact that
/// was sent as JSON and as protobuf).
pub fn same_payload(kind: Kind, schema: u16, a: &[u8], b: &[u8]) -> bool {
    a == b
        || match (decode(kind, schema, a), decode(kind, schema, b)) {
            // What no fold reads has nothing but its words.
            (Payload::Inert, Payload::Inert) => payload_to_json(kind, schema, a) == payload_to_json(kind, schema, b),
            (a, b) => a == b,
        }
}

fn read(kind: Kind, payload: &[u8]) -> Option<Payload> {
    match kind.family() {
        Family::Transaction => flow::read(kind, payload).or_else(|| money_back::read(kind, payload)),
        Family::Settlement => settlement::read(kind, payload),
        Family::Registry => registry::read(kind, payload).or_else(|| control::read(kind, payload)),
        Family::Privacy | Family::Technical | Family::Control => control::read(kind, payload),
        Family::Decision => decision::read(kind, payload),
        Family::Closing => None,
    }
}

fn message<M: Message + Default>(payload: &[u8]) -> Option<M> {
    M::decode(payload).ok()
}

/// A text that may be absent.
fn text(text: String) -> Option<Text> {
    if text.is_empty() { None } else { Some(text.into()) }
}

/// What may be absent: `None` only if it is there and cannot be read.
#[expect(clippy::option_option, reason = "the outer one is failure, the inner one absence")]
fn stated<W, D>(wire: Option<&W>, read: impl Fn(&W) -> Option<D>) -> Option<Option<D>> {
    match wire {
        None => Some(None),
        Some(wire) => read(wire).map(Some),
    }
}

/// A form of text that may be absent.
#[expect(clippy::option_option, reason = "the outer one is failure, the inner one absence")]
fn stated_text<D>(text: &str, read: impl Fn(&str) -> Option<D>) -> Option<Option<D>> {
    if text.is_empty() { Some(None) } else { read(text).map(Some) }
}

#[expect(clippy::option_option, reason = "the outer one is failure, the inner one absence")]
fn stated_day(text: &str) -> Option<Option<Day>> {
    stated_text(text, forms::day)
}

/// A choice by its number; an unspecified one is absent.
#[expect(clippy::option_option, reason = "the outer one is failure, the inner one absence")]
fn choice<D>(number: i32, read: impl Fn(u32) -> Option<D>) -> Option<Option<D>> {
    match u32::try_from(number).ok()? {
        0 => Some(None),
        number => read(number).map(Some),
    }
}

/// Which way money goes; absent is `otherwise`.
fn direction(number: i32, otherwise: Direction) -> Option<Direction> {
    choice(number, Direction::from_number).map(|stated| stated.unwrap_or(otherwise))
}

fn money(m: &wire::Money) -> Option<Money> {
    Some(Money { currency: Currency::parse(&m.currency)?, amount: amount(m)? })
}

/// An amount whose currency is another field's.
fn amount(m: &wire::Money) -> Option<Amount> {
    Amount::new(m.minor_units)
}

fn instant(m: prost_types::Timestamp) -> Option<Instant> {
    Timestamp { seconds: m.seconds, nanos: u32::try_from(m.nanos).ok()? }.instant()
}

/// Which device behind a terminal's number; 0 and absent are 1.
fn epoch(number: u32) -> Option<TerminalEpoch> {
    u16::try_from(number.max(1)).ok().map(TerminalEpoch)
}
