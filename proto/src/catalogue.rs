//! The schema in words: what the door demands of each field, from the tables that it checks with. For the page that
//! lists the facts, and for whoever makes a form.
//!
//! This module does not say what a field means; the comments of the `.proto` files do.

use std::collections::BTreeSet;

use talon_domain::fact::Kind;

use crate::fault::Rule;
use crate::limits::{ENTRIES_MAX, TEXT_BYTES_MAX};
use crate::schema::{Field, Form, Message, Part, Schema, Shape};

/// What is demanded of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldTerms {
    /// Its name in the `.proto` file.
    pub name: &'static str,
    /// Its name in JSON.
    pub json: &'static str,
    /// The message cannot do without it.
    pub required: bool,
    /// It counts from 1, and is 1 where it is not stated.
    pub counts: bool,
    /// What it may hold, in words.
    pub range: String,
    /// The message that it holds, if it holds one of `talon.v1`.
    pub message: Option<&'static str>,
}

/// The fields of a message of `talon.v1` but payloads, in the order of their numbers; `None` if there is no such message.
pub fn terms_of(message: &str) -> Option<Vec<FieldTerms>> {
    let schema = Schema::of_talon();
    let found = [&schema.event, &schema.ledger].into_iter().find_map(|list| named(list, message))?;
    let own = found.fields().iter().filter(|field| field.number < crate::schema::PAYLOAD_BASE);
    Some(own.map(FieldTerms::of).collect())
}

/// Whether only the ledger itself states a kind: no publisher may.
pub fn is_ledgers_own(kind: Kind) -> bool {
    Schema::of_talon().is_ledgers_own(kind)
}

/// The rules that a payload of a kind can break by what it says, in the order of their numbers; those of its encoding
/// hold for every kind alike. Empty for a kind that this release does not know.
pub fn rules_of(kind: Kind) -> Vec<Rule> {
    let mut rules = BTreeSet::new();
    if let Some((_, message)) = Schema::of_talon().payload(kind) {
        gather(message, &mut rules);
    }
    rules.into_iter().collect()
}

fn named(message: &'static Message, name: &str) -> Option<&'static Message> {
    if message.name == name {
        return Some(message);
    }
    message.fields().iter().find_map(|field| match &field.shape {
        Shape::Message(inner) => named(inner, name),
        _ => None,
    })
}

fn gather(message: &Message, rules: &mut BTreeSet<Rule>) {
    for field in message.fields() {
        rules.extend((field.least > 0).then_some(Rule::FieldStated));
        rules.extend(field.list.then_some(Rule::Count));
        rules.extend((field.part == Part::Alike && field.name != "currency").then_some(Rule::OneCurrency));
        match &field.shape {
            Shape::Truth => {}
            Shape::Long => rules.extend((field.most < u64::MAX).then_some(Rule::Range)),
            Shape::Number | Shape::Bytes => rules.extend([Rule::Range]),
            Shape::Choice(_) => rules.extend([Rule::Choice]),
            Shape::Time => rules.extend([Rule::Time]),
            Shape::Text(form) => rules.extend([Rule::TextLength, broken(*form)]),
            Shape::Message(inner) => gather(inner, rules),
        }
    }
    rules.extend(message.sum.map(|_| Rule::LineSum));
}

const fn broken(form: Form) -> Rule {
    match form {
        Form::Free => Rule::CardNumber,
        Form::Currency => Rule::Currency,
        Form::Country => Rule::Country,
        Form::Uuid => Rule::Id,
        Form::Day => Rule::Day,
        Form::Stream => Rule::Stream,
        Form::Hash => Rule::Hash,
        Form::Phone => Rule::Phone,
        Form::Email => Rule::Email,
    }
}

impl FieldTerms {
    fn of(field: &'static Field) -> Self {
        let message = match &field.shape {
            Shape::Message(inner) => Some(inner.name),
            _ => None,
        };
        Self {
            name: field.name,
            json: field.json,
            required: field.least > 0,
            counts: field.absent == 1,
            range: range(field),
            message,
        }
    }
}

fn range(field: &Field) -> String {
    if field.list {
        return format!("{} to {ENTRIES_MAX} entries", field.least);
    }
    match &field.shape {
        Shape::Truth => "true or false".to_owned(),
        Shape::Number | Shape::Long => numbers(field),
        Shape::Choice(choice) => choice.listed().to_owned(),
        Shape::Text(form) => text(*form),
        Shape::Bytes => format!("{} to {} bytes, in base64", field.least, field.most),
        Shape::Time => "days 2000 to 2148 in Paris".to_owned(),
        Shape::Message(inner) if inner.name == "Money" => "amount".to_owned(),
        Shape::Message(_) => "below".to_owned(),
    }
}

fn numbers(field: &Field) -> String {
    let endless = if matches!(field.shape, Shape::Long) { u64::MAX } else { u32::MAX.into() };
    match (field.absent, field.least, field.most) {
        (1, 0, most) if most == endless => "from 1; absent is 1".to_owned(),
        (1, 0, most) => format!("1 to {most}; absent is 1"),
        (_, least, most) if least > 0 && most == endless => format!("from {least}"),
        (_, least, u64::MAX) => format!("{least} to 2^64 - 1"),
        (_, least, 1_000_000_000_000) => format!("{least} to 10^12"),
        (_, least, most) => format!("{least} to {most}"),
    }
}

fn text(form: Form) -> String {
    match form {
        Form::Free => format!("text, at most {TEXT_BYTES_MAX} bytes"),
        Form::Currency => "three capital letters".to_owned(),
        Form::Country => "two capital letters".to_owned(),
        Form::Uuid => "UUID of version 7 or 8, lower case, with hyphens".to_owned(),
        Form::Day => "a date, 2000-01-01 to 2148-12-31".to_owned(),
        Form::Stream => "16 bytes in hexadecimal, lower case, with the hyphens of a UUID".to_owned(),
        Form::Hash => "64 lower-case hexadecimal digits".to_owned(),
        Form::Phone => "`+`, then 8 to 15 digits, the first not 0".to_owned(),
        Form::Email => format!("text, at most {TEXT_BYTES_MAX} bytes, one @"),
    }
}
