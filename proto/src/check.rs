//! The skim: a payload held against its table where it lies, before anything of it is kept. Invariants:
//! - the good path allocates nothing and copies nothing
//! - whatever passes can be decoded, and nothing of it would be lost on the way
//! - I3: a line of a plan is the sum of its parts, in one currency for the whole plan
//! - the amounts of one refund are in one currency
//!
//! This module does not decide what facts mean together: a plan that does not add up to its purchase passes.

use talon_domain::fact::Kind;
use talon_domain::ids::{LedgerId, StreamId};
use talon_domain::money::Currency;

use crate::fault::{Fault, Rule, Step};
use crate::fields::{Fields, Value};
use crate::forms;
use crate::limits::{ENTRIES_MAX, TEXT_BYTES_MAX};
use crate::personal;
use crate::schema::{Field, Form, Message, Part, Schema, Shape};
use crate::timestamp;

/// Holds a payload against the schema of its kind. `texts` is shown every free text of it, in the order of the bytes,
/// and answers whether it may be kept; a card number may not.
///
/// # Errors
/// A [`Fault`] that names the first rule that is broken, and where.
pub fn check_payload(
    kind: Kind,
    schema: u16,
    payload: &[u8],
    texts: &mut dyn FnMut(&str) -> bool,
) -> Result<(), Fault> {
    let Some((field, message)) = Schema::of_talon().payload(kind) else { return Err(Fault::new(Rule::KindKnown)) };
    if !Schema::knows_version(schema) {
        return Err(Fault::at(Rule::SchemaKnown, "schema"));
    }
    check_message(field, message, payload, texts)
}

/// Holds one message against its table.
pub(crate) fn check_message(
    field: &'static Field,
    message: &'static Message,
    bytes: &[u8],
    texts: &mut dyn FnMut(&str) -> bool,
) -> Result<(), Fault> {
    match (Skim { texts }).message(message, bytes) {
        Ok(_) => Ok(()),
        Err(fault) => Err(fault.within(Step::Field(field.json))),
    }
}

struct Skim<'t> {
    texts: &'t mut dyn FnMut(&str) -> bool,
}

/// What a message's amounts come to: its own figure, the sum of the parts of that figure, and their one currency.
#[derive(Clone, Copy, Default)]
struct Sum {
    whole: u64,
    addends: u64,
    currency: Option<Currency>,
}

impl Sum {
    #[inline]
    fn take(&mut self, part: Part, other: Self) -> Result<(), Rule> {
        match part {
            Part::Apart => return Ok(()),
            Part::Addend => self.addends = self.addends.saturating_add(other.whole),
            Part::Whole => self.whole = other.whole,
            Part::Alike => {}
        }
        match (self.currency, other.currency) {
            (Some(mine), Some(its)) if mine != its => Err(Rule::OneCurrency),
            (None, its) => {
                self.currency = its;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Skim<'_> {
    fn message(&mut self, message: &'static Message, bytes: &[u8]) -> Result<Sum, Fault> {
        let (mut seen, mut entries, mut sum) = (0u64, 0usize, Sum::default());
        for field in Fields::new(bytes) {
            let (number, value) = field.map_err(|_| Fault::new(Rule::Protobuf))?;
            let Some((at, field)) = message.field(number) else {
                return Err(Fault::new(Rule::FieldKnown).within(Step::Number(number)));
            };
            let bit = 1u64 << at;
            if field.list {
                entries += 1;
            } else if seen & bit != 0 {
                return Err(Fault::at(Rule::FieldOnce, field.json));
            }
            seen |= bit;
            if entries > ENTRIES_MAX {
                return Err(Fault::at(Rule::Count, field.json));
            }
            if let Err(fault) = self.field(field, value, &mut sum) {
                return Err(located(fault, field, entries));
            }
        }
        finish(message, seen, sum)
    }

    #[inline]
    fn field(&mut self, field: &'static Field, value: Value<'_>, sum: &mut Sum) -> Result<(), Fault> {
        match (&field.shape, value) {
            (Shape::Truth | Shape::Number | Shape::Long, Value::Number(number)) => {
                in_range(field, number)?;
                sum.take(field.part, Sum { whole: number, ..Sum::default() })
            }
            (Shape::Choice(choice), Value::Number(number)) => {
                in_range(field, number)?;
                choice.name_of(number).map(drop).ok_or(Rule::Choice)
            }
            (Shape::Text(form), Value::Bytes(bytes)) => self.text(*form, field, bytes, sum),
            (Shape::Bytes, Value::Bytes(bytes)) => in_range(field, bytes.len() as u64),
            (Shape::Time, Value::Bytes(bytes)) => timestamp::read(bytes).map(drop),
            (Shape::Message(message), Value::Bytes(bytes)) => {
                let inner = self.message(message, bytes)?;
                sum.take(field.part, inner)
            }
            _ => Err(Rule::FieldType),
        }
        .map_err(Fault::new)
    }

    fn text(&mut self, form: Form, field: &'static Field, bytes: &[u8], sum: &mut Sum) -> Result<(), Rule> {
        if bytes.len() > TEXT_BYTES_MAX {
            return Err(Rule::TextLength);
        }
        if bytes.is_empty() {
            return if field.least > 0 { Err(Rule::FieldStated) } else { Ok(()) };
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Rule::Utf8)?;
        let holds = |good: bool, rule| if good { Ok(()) } else { Err(rule) };
        match form {
            Form::Free => holds((self.texts)(text), Rule::CardNumber),
            Form::Currency => {
                let currency = Some(Currency::parse(text).ok_or(Rule::Currency)?);
                sum.take(field.part, Sum { currency, ..Sum::default() })
            }
            Form::Country => holds(forms::is_country(text), Rule::Country),
            Form::Uuid => holds(LedgerId::parse(text).is_some(), Rule::Id),
            Form::Day => holds(forms::day(text).is_some(), Rule::Day),
            Form::Stream => holds(StreamId::parse_any(text).is_some(), Rule::Stream),
            Form::Hash => holds(forms::hash(text).is_some(), Rule::Hash),
            Form::Phone => holds(personal::is_e164(text), Rule::Phone),
            Form::Email => holds(personal::is_address(text), Rule::Email),
        }
    }
}

#[inline]
fn in_range(field: &Field, number: u64) -> Result<(), Rule> {
    match number {
        0 if field.least > 0 => Err(Rule::FieldStated),
        number if number < field.least || number > field.most => Err(Rule::Range),
        _ => Ok(()),
    }
}

/// What can be said only once all fields have gone by.
#[inline]
fn finish(message: &'static Message, seen: u64, sum: Sum) -> Result<Sum, Fault> {
    let missing = message.required & !seen;
    if missing != 0 {
        let field = message.fields().get(missing.trailing_zeros() as usize);
        return Err(field.map_or(Fault::new(Rule::FieldStated), |field| Fault::at(Rule::FieldStated, field.json)));
    }
    match message.sum {
        Some(name) if sum.whole != sum.addends => Err(Fault::at(Rule::LineSum, name)),
        _ => Ok(sum),
    }
}

#[cold]
fn located(fault: Fault, field: &'static Field, entries: usize) -> Fault {
    let fault = if field.list { fault.within(Step::Entry(entries.saturating_sub(1))) } else { fault };
    fault.within(Step::Field(field.json))
}
