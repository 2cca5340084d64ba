//! Content as bytes: what rows of the state digest hold, and what names a line that has no id of its own. Each field's
//! number and value, in the order of fields (docs/format.md 8).

use super::{Statement, Terms, Value, each_statement};
use crate::fact::Payload;
use crate::money::{Amount, Money};
use crate::plan::Instalment;

/// Everything that a payload states.
pub(crate) fn encode(payload: &Payload) -> Vec<u8> {
    let mut bytes = Bytes::default();
    each_statement(payload, &mut |statement| bytes.statement(statement));
    bytes.0
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
