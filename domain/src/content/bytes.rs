//! Content as bytes: what rows of the state digest hold, each field's number and value, in the order of fields; and what
//! names a line that has no id of its own (docs/format.md 10).

use sha2::{Digest as _, Sha256};

use super::{Statement, Terms, Value};
use crate::fact::{Direction, SettlementLine};
use crate::money::{Amount, Money};
use crate::plan::Instalment;
use crate::time::Day;

/// What names a line without an id: the first 16 bytes of SHA-256 over what its statement says of money and time. What
/// an importer makes of that - kinds, ids, fees, who finances it - is not in it: a later one may read more.
pub(crate) fn line_name(line: &SettlementLine) -> [u8; 16] {
    let mut bytes = Bytes(b"talon.line".to_vec());
    bytes.directed(line.amount, line.direction);
    bytes.u8(u8::from(line.net.is_some()));
    if let Some(net) = line.net {
        bytes.directed(net, line.net_direction);
    }
    for day in [line.booking_day, line.value_day] {
        bytes.u16(day.map_or(0, |Day(day)| day));
    }
    for text in [&line.reference, &line.native_type] {
        bytes.text(text.as_deref().unwrap_or_default());
    }
    let mut name = [0; 16];
    name.iter_mut().zip(Sha256::digest(bytes.0)).for_each(|(byte, hashed)| *byte = hashed);
    name
}

/// What is shown of a slot.
pub(crate) fn encode_shown<'a>(content: impl Iterator<Item = Statement<'a>>) -> Vec<u8> {
    let mut bytes = Bytes::default();
    content.for_each(|statement| bytes.statement(statement));
    bytes.0
}

#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn statement(&mut self, (field, value): Statement<'_>) {
        self.0.push(field as u8);
        match value {
            Value::Text(text) => self.text(text),
            Value::Money(money) => self.money(money),
            Value::Number(number) => self.u64(number),
            Value::Plan(terms) => self.plan(terms),
            Value::Applications(lines) => self.each(lines, |bytes, line| {
                bytes.text(&line.application);
                bytes.u32(line.count);
                bytes.money(line.amount);
                bytes.u8(line.direction as u8);
            }),
            Value::Establishments(all) => self.each(all, |bytes, establishment| {
                bytes.u32(establishment.nic.0);
                bytes.u16(establishment.from_day.map_or(0, |day| day.0));
            }),
            Value::ClosedDays(days) => self.each(days, |bytes, (day, label)| {
                bytes.u16(day.0);
                bytes.text(label.as_deref().unwrap_or_default());
            }),
            Value::Scopes(scopes) => self.each(scopes, |bytes, (merchant, source)| {
                bytes.u64(merchant.0);
                bytes.u8(*source as u8);
            }),
        }
    }

    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u16(&mut self, value: u16) {
        self.0.extend(value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend(text.as_bytes());
    }

    fn money(&mut self, money: Money) {
        self.0.extend(money.currency.code().as_bytes());
        self.u64(money.amount.minor_units());
    }

    fn directed(&mut self, money: Money, direction: Direction) {
        self.money(money);
        self.u8(direction as u8);
    }

    fn each<T>(&mut self, all: &[T], write: impl Fn(&mut Self, &T)) {
        self.count(all.len());
        all.iter().for_each(|item| write(self, item));
    }

    fn plan(&mut self, terms: Terms<'_>) {
        for number in [terms.installments_count, terms.deferred_days, terms.deferred_months] {
            self.u32(number);
        }
        self.each(terms.instalments, Self::instalment);
    }

    fn instalment(&mut self, entry: &Instalment) {
        self.u32(entry.number);
        self.0.extend(entry.due_date.0.to_le_bytes());
        self.0.extend(entry.currency.code().as_bytes());
        let amounts = [
            entry.purchase_amount,
            entry.customer_fee,
            entry.customer_interest,
            entry.total_amount,
            entry.original_purchase_amount,
        ];
        amounts.map(Amount::minor_units).into_iter().for_each(|amount| self.u64(amount));
    }
}
