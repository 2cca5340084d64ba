//! Content: what a fact states, field by field, as far as the fold reads it. Invariants:
//! - header fields, numbers that name the slot, and revisions are never content
//! - a field that is absent says nothing, so that it contradicts nobody
//!
//! Statements are compared and shown field by field: a mouth that says less takes nothing away from one that says more.

use std::cmp::Ordering;

use crate::fact::{End, Payload, Text};
use crate::money::Money;
use crate::plan::{Instalment, Plan};

/// A field that the fold reads; its number stands in rows of the state digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Field {
    Amount = 1,
    Provider = 2,
    TillId = 3,
    TillTicket = 4,
    CashierCode = 5,
    Plan = 6,
    TotalCost = 7,
    InterestRate = 8,
    Regime = 9,
    Attempt = 10,
    DeferredCapture = 11,
    Instalment = 12,
    PaymentId = 13,
    Reason = 14,
}

/// What is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Money(Money),
    Number(u64),
    Plan(Terms<'a>),
}

/// What everybody states who states a plan: its count, its deferral and its entries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a>(&'a Plan);

impl<'a> Terms<'a> {
    fn key(&self) -> (u32, u32, u32, &'a [Instalment]) {
        let plan = self.0;
        (plan.installments_count, plan.deferred_days, plan.deferred_months, &plan.instalments)
    }
}

impl PartialEq for Terms<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Terms<'_> {}

impl PartialOrd for Terms<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Terms<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// A field and what is stated of it.
pub(crate) type Statement<'a> = (Field, Value<'a>);

/// Everything that a payload states, in the order of fields.
pub(crate) fn statements(payload: &Payload) -> Vec<Statement<'_>> {
    let number = |field, number: Option<u64>| number.map(|number| (field, Value::Number(number)));
    let money = |money: Option<Money>| money.map(|money| (Field::Amount, Value::Money(money)));
    let stated: Vec<Option<Statement<'_>>> = match payload {
        Payload::PaymentInitiated(p) => vec![
            money(Some(p.amount)),
            text(Field::Provider, p.provider.as_ref()),
            text(Field::TillId, p.till_id.as_ref()),
            text(Field::TillTicket, p.till_ticket.as_ref()),
            text(Field::CashierCode, p.cashier_code.as_ref()),
        ],
        Payload::PhoneVerified(_) | Payload::SmsSent(_) | Payload::TicketsPrinted(_) | Payload::Parked(_) => vec![],
        Payload::ScheduleChosen(p) => vec![
            text(Field::Provider, p.provider.as_ref()),
            Some((Field::Plan, Value::Plan(Terms(&p.plan)))),
            p.plan.customer_total_cost.map(|cost| (Field::TotalCost, Value::Money(cost))),
            number(Field::InterestRate, p.plan.annual_interest_rate_bps.map(Into::into)),
            number(Field::Regime, p.plan.legal_regime.map(|regime| regime as u64)),
        ],
        Payload::PaymentAccepted(p) => vec![
            money(p.amount),
            text(Field::Provider, p.provider.as_ref()),
            number(Field::Attempt, p.attempt.stated().map(Into::into)),
            number(Field::DeferredCapture, p.deferred_capture.then_some(1)),
        ],
        Payload::Debited(p) => vec![
            money(Some(p.amount)),
            text(Field::Provider, p.provider.as_ref()),
            number(Field::Instalment, Some(p.instalment.into())),
            text(Field::PaymentId, p.payment_id.as_ref()),
        ],
        Payload::Ended(p) => vec![text(Field::Provider, p.provider.as_ref()), number(Field::Reason, reason(p.end))],
        Payload::DebitFailed(p) => vec![
            money(p.amount),
            text(Field::Provider, p.provider.as_ref()),
            number(Field::Reason, p.reason.map(|reason| reason as u64)),
        ],
    };
    stated.into_iter().flatten().collect()
}

fn text(field: Field, text: Option<&Text>) -> Option<Statement<'_>> {
    text.map(|text| (field, Value::Text(text)))
}

fn reason(end: End) -> Option<u64> {
    match end {
        End::Refused(reason) => reason.map(|reason| reason as u64),
        End::Cancelled(reason) => reason.map(|reason| reason as u64),
        End::Unknown(reason) => reason.map(|reason| reason as u64),
        End::Expired => None,
    }
}

/// What is shown of a slot, as rows of the digest hold it: each field's number and value, in the order of fields.
pub(crate) fn encode<'a>(content: impl Iterator<Item = Statement<'a>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (field, value) in content {
        bytes.push(field as u8);
        match value {
            Value::Text(text) => {
                bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
                bytes.extend(text.as_bytes());
            }
            Value::Money(money) => encode_money(money, &mut bytes),
            Value::Number(number) => bytes.extend(number.to_le_bytes()),
            Value::Plan(terms) => encode_plan(terms.0, &mut bytes),
        }
    }
    bytes
}

fn encode_money(money: Money, bytes: &mut Vec<u8>) {
    bytes.extend(money.currency.code().as_bytes());
    bytes.extend(money.amount.minor_units().to_le_bytes());
}

fn encode_plan(plan: &Plan, bytes: &mut Vec<u8>) {
    let entries = u32::try_from(plan.instalments.len()).unwrap_or(u32::MAX);
    for number in [plan.installments_count, plan.deferred_days, plan.deferred_months, entries] {
        bytes.extend(number.to_le_bytes());
    }
    for entry in &plan.instalments {
        bytes.extend(entry.number.to_le_bytes());
        bytes.extend(entry.due_date.0.to_le_bytes());
        bytes.extend(entry.currency.code().as_bytes());
        let amounts = [
            entry.purchase_amount,
            entry.customer_fee,
            entry.customer_interest,
            entry.total_amount,
            entry.original_purchase_amount,
        ];
        amounts.into_iter().for_each(|amount| bytes.extend(amount.minor_units().to_le_bytes()));
    }
}
