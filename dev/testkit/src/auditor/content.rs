//! Content: what a payload states, field by field (the table "fields" of docs/format.md 10).
//!
//! "Content = the decoded payload fields that the fold reads; header fields and revision are never content." A field
//! that is absent says nothing. Each field is its number and the bytes that a row holds of its value; two values are
//! equal exactly if their bytes are.

use talon_domain::fact::{End, Payload, RefundEnd, Refunded, Text};
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::plan::Plan;
use talon_domain::time::Day;

mod beside;

/// One stated field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stated {
    pub(super) field: u8,
    pub(super) value: Vec<u8>,
}

pub(super) const AMOUNT: u8 = 1;
pub(super) const PROVIDER: u8 = 2;
pub(super) const PLAN: u8 = 6;
pub(super) const TOTAL_COST: u8 = 7;
pub(super) const REGIME: u8 = 9;
pub(super) const ATTEMPT: u8 = 10;
pub(super) const PAYMENT_ID: u8 = 13;
pub(super) const CASH: u8 = 20;
pub(super) const REBATE: u8 = 21;
pub(super) const CHANGE: u8 = 15;
pub(super) const STAGE: u8 = 23;
pub(super) const REQUEST_ID: u8 = 25;

/// What a payload states, collected one field after the other.
#[derive(Default)]
struct Says(Vec<Stated>);

impl Says {
    fn say(&mut self, field: u8, value: Vec<u8>) {
        self.0.push(Stated { field, value });
    }

    fn text(&mut self, field: u8, text: Option<&Text>) {
        if let Some(text) = text {
            self.say(field, text_bytes(text));
        }
    }

    fn number(&mut self, field: u8, number: Option<impl Into<u64>>) {
        if let Some(number) = number {
            self.say(field, number.into().to_le_bytes().to_vec());
        }
    }

    /// A number of which 0 means that it was not stated.
    fn unless_zero(&mut self, field: u8, number: impl Into<u64>) {
        let number = number.into();
        if number != 0 {
            self.number(field, Some(number));
        }
    }

    fn money(&mut self, field: u8, money: Option<Money>) {
        if let Some(money) = money {
            self.say(field, money_bytes(money));
        }
    }

    fn day(&mut self, field: u8, day: Option<Day>) {
        self.number(field, day.map(|day| day.0));
    }
}

/// Everything that a payload states, in the order of the fields' numbers.
pub(super) fn stated_by(payload: &Payload) -> Vec<Stated> {
    let mut says = Says::default();
    match payload {
        Payload::PaymentInitiated(p) => {
            says.money(AMOUNT, Some(p.amount));
            says.text(PROVIDER, p.provider.as_ref());
            says.text(3, p.till_id.as_ref());
            says.text(4, p.till_ticket.as_ref());
            says.text(5, p.cashier_code.as_ref());
        }
        Payload::ScheduleChosen(p) => {
            says.text(PROVIDER, p.provider.as_ref());
            says.say(PLAN, plan_bytes(&p.plan));
            says.money(TOTAL_COST, p.plan.customer_total_cost);
            says.number(8, p.plan.annual_interest_rate_bps);
            says.number(REGIME, p.plan.legal_regime.map(|regime| regime as u8));
            says.number(CHANGE, p.change.map(|change| change as u8));
        }
        Payload::PaymentAccepted(p) => {
            says.money(AMOUNT, p.amount);
            says.text(PROVIDER, p.provider.as_ref());
            says.number(ATTEMPT, p.attempt.stated());
            says.unless_zero(11, u8::from(p.deferred_capture));
        }
        Payload::Debited(p) => {
            says.money(AMOUNT, Some(p.amount));
            says.text(PROVIDER, p.provider.as_ref());
            says.number(12, Some(p.instalment));
            says.text(PAYMENT_ID, p.payment_id.as_ref());
        }
        Payload::Ended(p) => {
            says.text(PROVIDER, p.provider.as_ref());
            says.number(14, end_reason(p.end));
        }
        Payload::DebitFailed(p) => {
            says.money(AMOUNT, p.amount);
            says.text(PROVIDER, p.provider.as_ref());
            says.number(14, p.reason.map(|reason| reason as u8));
        }
        Payload::InstalmentDefault(p) => {
            says.money(AMOUNT, p.amount);
            says.text(PROVIDER, p.provider.as_ref());
        }
        Payload::CardReplaced(p) => says.text(PROVIDER, p.provider.as_ref()),
        Payload::WithdrawalExercised(p) => says.text(PROVIDER, p.provider.as_ref()),
        Payload::PaymentReplaces(p) => says.number(14, p.reason.map(|reason| reason as u8)),
        Payload::RefundRequested(p) => {
            says.money(AMOUNT, p.amount);
            says.text(PROVIDER, p.provider.as_ref());
            says.number(14, p.reason.map(|reason| reason as u8));
            says.text(24, p.refund_id.as_ref());
        }
        Payload::Refunded(p) => refunded(p, &mut says),
        Payload::Chargeback(p) => {
            says.money(AMOUNT, p.amount);
            says.text(PROVIDER, p.provider.as_ref());
            says.text(PAYMENT_ID, p.payment_id.as_ref());
            says.number(14, p.reason.map(|reason| reason as u8));
            says.number(STAGE, Some(p.stage as u8));
        }
        other => beside::stated_by(other, &mut says),
    }
    let mut stated = says.0;
    stated.sort();
    stated
}

fn refunded(p: &Refunded, says: &mut Says) {
    says.money(AMOUNT, p.amount);
    says.text(PROVIDER, p.provider.as_ref());
    says.text(REQUEST_ID, p.request_id.as_ref());
    match &p.end {
        RefundEnd::Completed { cash, rebate, from_cancellation, payment_id } => {
            says.text(PAYMENT_ID, payment_id.as_ref());
            says.number(CASH, cash.map(Amount::minor_units));
            says.number(REBATE, rebate.map(Amount::minor_units));
            says.unless_zero(22, u8::from(*from_cancellation));
            says.number(STAGE, Some(1u8));
        }
        RefundEnd::Failed(reason) => {
            says.number(14, reason.map(|reason| reason as u8));
            says.number(STAGE, Some(2u8));
        }
    }
}

fn end_reason(end: End) -> Option<u8> {
    match end {
        End::Refused(reason) => reason.map(|reason| reason as u8),
        End::Cancelled(reason) => reason.map(|reason| reason as u8),
        End::Unknown(reason) => reason.map(|reason| reason as u8),
        End::Expired | End::TimedOut => None,
    }
}

/// The bytes of stated fields as a row holds them: each field's number and its value.
pub(super) fn encoded(stated: &[Stated]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Stated { field, value } in stated {
        bytes.push(*field);
        bytes.extend(value);
    }
    bytes
}

/// "text is a u32 length and the bytes".
pub(super) fn text_bytes(text: &str) -> Vec<u8> {
    let mut bytes = count_bytes(text.len());
    bytes.extend(text.as_bytes());
    bytes
}

/// "list is a u32 count and the items"; this is the count.
pub(super) fn count_bytes(count: usize) -> Vec<u8> {
    u32::try_from(count).expect("fewer than 2^32").to_le_bytes().to_vec()
}

/// In content "a money is three letters of currency and a u64".
pub(super) fn money_bytes(money: Money) -> Vec<u8> {
    let mut bytes = money.currency.code().as_bytes().to_vec();
    bytes.extend(money.amount.minor_units().to_le_bytes());
    bytes
}

/// "A plan is u32 `installments_count`, `deferred_days`, `deferred_months`, u32 count of entries, and for each: u32
/// number, i64 due date, currency, u64 purchase, fee, interest, total, original purchase amount."
fn plan_bytes(plan: &Plan) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in [plan.installments_count, plan.deferred_days, plan.deferred_months] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(count_bytes(plan.instalments.len()));
    for entry in &plan.instalments {
        bytes.extend(entry.number.to_le_bytes());
        bytes.extend(entry.due_date.0.to_le_bytes());
        bytes.extend(entry.currency.code().as_bytes());
        let (purchase, fee, interest) = (entry.purchase_amount, entry.customer_fee, entry.customer_interest);
        for amount in [purchase, fee, interest, entry.total_amount, entry.original_purchase_amount] {
            bytes.extend(amount.minor_units().to_le_bytes());
        }
    }
    bytes
}

/// Reads a text field's value.
pub(super) fn as_text(value: &[u8]) -> String {
    String::from_utf8(value[4..].to_vec()).expect("it was a text")
}

/// Reads a number's value.
pub(super) fn as_number(value: &[u8]) -> u64 {
    u64::from_le_bytes(value.try_into().expect("it was a number"))
}

/// Reads a money's value.
pub(super) fn as_money(value: &[u8]) -> Money {
    let code = std::str::from_utf8(&value[..3]).expect("three letters");
    let currency = Currency::parse(code).expect("it was a currency");
    Money { currency, amount: Amount::new(as_number(&value[3..])).expect("it was an amount") }
}
