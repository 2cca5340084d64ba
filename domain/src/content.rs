//! Content: what a fact states, field by field, as far as the fold reads it. Invariants:
//! - header fields, numbers that name the slot, and revisions are never content; nor are who decided and why
//! - a field that is absent says nothing, so that it contradicts nobody
//! - fields are numbered for ever, and a payload states them in ascending order
//!
//! Statements are compared and shown field by field: a mouth that says less takes nothing away from one that says more.
//! This module does not say whose word is shown.

use crate::fact::{ApplicationTotal, End, Establishment, Payload, RefundEnd, Refunded, Source, Text};
use crate::ids::MerchantId;
use crate::money::{Amount, Money};
use crate::plan::{Instalment, Plan};
use crate::time::Day;

mod beside;
mod bytes;

pub(crate) use bytes::{encode_shown, line_name};

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
    Change = 15,
    Cash = 20,
    Rebate = 21,
    FromCancellation = 22,
    Stage = 23,
    RefundId = 24,
    RequestId = 25,
    Format = 30,
    Lines = 31,
    FirstDay = 32,
    LastDay = 33,
    LineKind = 34,
    Direction = 35,
    MerchantFee = 36,
    Tax = 37,
    Net = 38,
    NetDirection = 39,
    PayoutId = 40,
    IncludedIn = 41,
    Reference = 42,
    ValueDay = 43,
    Day = 45,
    LastSeq = 46,
    Applications = 47,
    Count = 48,
    BookingDay = 49,
    NativeType = 50,
    EndToEndId = 51,
    BankReference = 52,
    DisputeId = 53,
    MerchantFeeDirection = 54,
    TaxDirection = 55,
    Label = 60,
    Country = 61,
    ClosedFrom = 62,
    Town = 63,
    Establishments = 64,
    ShopCode = 65,
    Serial = 66,
    LogicalId = 67,
    Range = 68,
    Model = 69,
    Connectivity = 70,
    FirstSeq = 71,
    FromDay = 72,
    UntilDay = 73,
    InstallmentsCount = 74,
    DeferredDays = 75,
    DeferredMonths = 76,
    MerchantFeeBps = 77,
    MerchantFeeFixed = 78,
    TaxBps = 79,
    CustomerFeeBps = 80,
    PurchaseLeast = 81,
    PurchaseMost = 82,
    Rounding = 83,
    RoundingScope = 84,
    PayoutRule = 85,
    PayoutDay = 86,
    ClosedDays = 87,
    Remainder = 88,
    Scopes = 89,
    Revoked = 90,
}

/// What is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Money(Money),
    Number(u64),
    Plan(Terms<'a>),
    Applications(&'a [ApplicationTotal]),
    Establishments(&'a [Establishment]),
    ClosedDays(&'a [(Day, Option<Text>)]),
    Scopes(&'a [(MerchantId, Source)]),
}

/// What everybody states who states a plan: its count, its deferral and its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Terms<'a> {
    pub(crate) installments_count: u32,
    pub(crate) deferred_days: u32,
    pub(crate) deferred_months: u32,
    pub(crate) instalments: &'a [Instalment],
}

impl<'a> Terms<'a> {
    fn of(plan: &'a Plan) -> Self {
        Self {
            installments_count: plan.installments_count,
            deferred_days: plan.deferred_days,
            deferred_months: plan.deferred_months,
            instalments: &plan.instalments,
        }
    }
}

/// A field and what is stated of it.
pub(crate) type Statement<'a> = (Field, Value<'a>);

/// Collects what a payload states, in the order of fields.
pub(crate) struct Says<'a, 'p>(&'p mut dyn FnMut(Statement<'a>));

impl<'a> Says<'a, '_> {
    fn say(&mut self, field: Field, value: Value<'a>) {
        (self.0)((field, value));
    }

    fn text(&mut self, field: Field, text: Option<&'a Text>) {
        if let Some(text) = text {
            self.say(field, Value::Text(text));
        }
    }

    fn number(&mut self, field: Field, number: Option<impl Into<u64>>) {
        if let Some(number) = number {
            self.say(field, Value::Number(number.into()));
        }
    }

    /// A number of which 0 is not stated.
    fn count(&mut self, field: Field, number: impl Into<u64>) {
        self.number(field, Some(number.into()).filter(|number| *number != 0));
    }

    fn flag(&mut self, field: Field, holds: bool) {
        self.count(field, u64::from(holds));
    }

    fn money(&mut self, field: Field, money: Option<Money>) {
        if let Some(money) = money {
            self.say(field, Value::Money(money));
        }
    }

    fn day(&mut self, field: Field, day: Option<Day>) {
        self.number(field, day.map(|day| day.0));
    }
}

/// Everything that a payload states, in the order of fields.
pub(crate) fn each_statement<'a>(payload: &'a Payload, put: &mut dyn FnMut(Statement<'a>)) {
    let says = &mut Says(put);
    match payload {
        Payload::PaymentInitiated(p) => {
            says.money(Field::Amount, Some(p.amount));
            says.text(Field::Provider, p.provider.as_ref());
            says.text(Field::TillId, p.till_id.as_ref());
            says.text(Field::TillTicket, p.till_ticket.as_ref());
            says.text(Field::CashierCode, p.cashier_code.as_ref());
        }
        Payload::ScheduleChosen(p) => {
            says.text(Field::Provider, p.provider.as_ref());
            says.say(Field::Plan, Value::Plan(Terms::of(&p.plan)));
            says.money(Field::TotalCost, p.plan.customer_total_cost);
            says.number(Field::InterestRate, p.plan.annual_interest_rate_bps);
            says.number(Field::Regime, p.plan.legal_regime.map(|regime| regime as u8));
            says.number(Field::Change, p.change.map(|change| change as u8));
        }
        Payload::PaymentAccepted(p) => {
            says.money(Field::Amount, p.amount);
            says.text(Field::Provider, p.provider.as_ref());
            says.number(Field::Attempt, p.attempt.stated());
            says.flag(Field::DeferredCapture, p.deferred_capture);
        }
        Payload::Debited(p) => {
            says.money(Field::Amount, Some(p.amount));
            says.text(Field::Provider, p.provider.as_ref());
            says.number(Field::Instalment, Some(p.instalment));
            says.text(Field::PaymentId, p.payment_id.as_ref());
        }
        Payload::Ended(p) => {
            says.text(Field::Provider, p.provider.as_ref());
            says.number(Field::Reason, reason(p.end));
        }
        Payload::DebitFailed(p) => {
            says.money(Field::Amount, p.amount);
            says.text(Field::Provider, p.provider.as_ref());
            says.number(Field::Reason, p.reason.map(|reason| reason as u8));
        }
        Payload::PaymentReplaces(p) => says.number(Field::Reason, p.reason.map(|reason| reason as u8)),
        Payload::CardReplaced(p) => says.text(Field::Provider, p.provider.as_ref()),
        Payload::WithdrawalExercised(p) => says.text(Field::Provider, p.provider.as_ref()),
        Payload::InstalmentDefault(p) => {
            says.money(Field::Amount, p.amount);
            says.text(Field::Provider, p.provider.as_ref());
        }
        Payload::RefundRequested(p) => {
            says.money(Field::Amount, p.amount);
            says.text(Field::Provider, p.provider.as_ref());
            says.number(Field::Reason, p.reason.map(|reason| reason as u8));
            says.text(Field::RefundId, p.refund_id.as_ref());
        }
        Payload::Refunded(p) => refunded(p, says),
        Payload::Chargeback(p) => {
            says.money(Field::Amount, p.amount);
            says.text(Field::Provider, p.provider.as_ref());
            says.text(Field::PaymentId, p.payment_id.as_ref());
            says.number(Field::Reason, p.reason.map(|reason| reason as u8));
            says.number(Field::Stage, Some(p.stage as u8));
        }
        other => beside::each_statement(other, says),
    }
}

fn refunded<'a>(p: &'a Refunded, says: &mut Says<'a, '_>) {
    says.money(Field::Amount, p.amount);
    says.text(Field::Provider, p.provider.as_ref());
    let failure = match &p.end {
        RefundEnd::Completed { payment_id, .. } => {
            says.text(Field::PaymentId, payment_id.as_ref());
            None
        }
        RefundEnd::Failed(reason) => *reason,
    };
    says.number(Field::Reason, failure.map(|reason| reason as u8));
    if let RefundEnd::Completed { cash, rebate, from_cancellation, .. } = &p.end {
        says.number(Field::Cash, cash.map(Amount::minor_units));
        says.number(Field::Rebate, rebate.map(Amount::minor_units));
        says.flag(Field::FromCancellation, *from_cancellation);
    }
    says.number(Field::Stage, Some(p.end.stage()));
    says.text(Field::RequestId, p.request_id.as_ref());
}

fn reason(end: End) -> Option<u8> {
    match end {
        End::Refused(reason) => reason.map(|reason| reason as u8),
        End::Cancelled(reason) => reason.map(|reason| reason as u8),
        End::Unknown(reason) => reason.map(|reason| reason as u8),
        End::Expired | End::TimedOut => None,
    }
}

/// What a payload states of one field.
pub(crate) fn statement_of(payload: &Payload, field: Field) -> Option<Value<'_>> {
    let mut found = None;
    each_statement(payload, &mut |(stated, value)| {
        if stated == field {
            found = Some(value);
        }
    });
    found
}

/// Everything that a payload states.
pub(crate) fn statements(payload: &Payload) -> Vec<Statement<'_>> {
    let mut all = Vec::with_capacity(8);
    each_statement(payload, &mut |statement| all.push(statement));
    all
}
