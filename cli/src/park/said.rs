//! A statement as it is said: the event's JSON, and the same body for listings.

use serde_json::{Value, json};
use talon_domain::fact::{
    Assignment, Calendar, Connectivity, Decided, Establishment, FeePlan, Merchant, PayoutRule, Rounding, RoundingScope,
    Shop, TerminalRange, Text,
};
use talon_domain::ids::EventId;
use talon_domain::money::Money;
use talon_domain::time::{Day, Instant};
use talon_projections::registry::epoch;

use super::entry::Entry;

/// The event that says it, typed by a person now.
pub(crate) fn event(entry: &Entry, event_id: EventId, now: Instant) -> Value {
    let (name, body) = (event_name(entry), body(entry));
    json!({
        "eventId": event_id.to_string(),
        "merchant": entry.merchant().to_string(),
        "occurredAt": now.rfc3339(),
        "source": "person",
        name: body,
    })
}

const fn event_name(entry: &Entry) -> &'static str {
    match entry {
        Entry::Merchant(..) => "merchantRegistered",
        Entry::Shop(..) => "shopRegistered",
        Entry::Terminal(..) => "terminalAssigned",
        Entry::FeePlan(..) => "feePlanRegistered",
    }
}

/// What it says, field by field; what it leaves out is null.
pub(crate) fn body(entry: &Entry) -> Value {
    match entry {
        Entry::Merchant(_, merchant) => merchant_body(merchant),
        Entry::Shop(_, shop) => shop_body(shop),
        Entry::Terminal(_, assignment) => assignment_body(assignment),
        Entry::FeePlan(_, plan) => fee_plan_body(plan),
    }
}

fn merchant_body(merchant: &Merchant) -> Value {
    let Merchant { label, country, closed_from, decided, revision } = merchant;
    with_decided(
        json!({ "label": &**label, "country": country.as_deref(), "closedFrom": day(*closed_from) }),
        decided,
        *revision,
    )
}

fn shop_body(shop: &Shop) -> Value {
    let Shop { code, label, town, establishments, closed_from, decided, revision } = shop;
    let establishment = |one: &Establishment| json!({ "nic": one.nic.0, "fromDay": day(one.from_day) });
    let body = json!({
        "code": &**code,
        "label": label.as_deref(),
        "town": town.as_deref(),
        "establishments": establishments.iter().map(establishment).collect::<Vec<_>>(),
        "closedFrom": day(*closed_from),
    });
    with_decided(body, decided, *revision)
}

fn assignment_body(one: &Assignment) -> Value {
    let body = json!({
        "terminal": one.terminal.0,
        "epoch": epoch(one.epoch).0,
        "shopCode": one.shop_code.as_deref(),
        "serial": one.serial.as_deref(),
        "logicalId": one.logical_id.as_deref(),
        "range": one.range.map(TerminalRange::name),
        "model": one.model.as_deref(),
        "connectivity": one.connectivity.map(Connectivity::name),
        "firstSeq": one.first_seq.0.max(1),
        "fromDay": day(one.from_day),
        "untilDay": day(one.until_day),
    });
    with_decided(body, &one.decided, one.revision)
}

fn fee_plan_body(plan: &FeePlan) -> Value {
    let body = json!({
        "id": &*plan.id,
        "version": plan.version.get(),
        "provider": &*plan.provider,
        "installmentsCount": plan.installments_count,
        "deferredDays": plan.deferred_days,
        "deferredMonths": plan.deferred_months,
        "fromDay": day(plan.from_day),
        "untilDay": day(plan.until_day),
        "merchantFeeBps": plan.merchant_fee_bps,
        "merchantFeeFixed": money(plan.merchant_fee_fixed),
        "taxBps": plan.tax_bps,
        "customerFeeBps": plan.customer_fee_bps,
        "purchaseLeast": money(plan.purchase_least),
        "purchaseMost": money(plan.purchase_most),
        "rounding": plan.rounding.map(Rounding::name),
        "roundingScope": plan.rounding_scope.map(RoundingScope::name),
        "payoutRule": plan.payout_rule.map(PayoutRule::name),
        "payoutDay": plan.payout_day,
    });
    with_decided(body, &plan.decided, plan.revision)
}

/// A calendar, which names no merchant.
pub(crate) fn calendar_body(calendar: &Calendar) -> Value {
    let closed = |(at, label): &(Day, Option<Text>)| json!({ "day": at.to_string(), "label": label.as_deref() });
    let body = json!({
        "id": &*calendar.id,
        "version": calendar.version.get(),
        "closedDays": calendar.closed_days.iter().map(closed).collect::<Vec<_>>(),
    });
    with_decided(body, &calendar.decided, calendar.revision)
}

fn with_decided(mut body: Value, decided: &Decided, revision: u64) -> Value {
    if let Some(fields) = body.as_object_mut() {
        fields.insert("authorCode".into(), json!(decided.author_code.as_deref()));
        fields.insert("reason".into(), json!(decided.reason.as_deref()));
        fields.insert("revision".into(), json!(revision));
    }
    body
}

fn day(day: Option<Day>) -> Option<String> {
    day.map(|day| day.to_string())
}

fn money(money: Option<Money>) -> Value {
    // Amounts are text, as on the wire: numbers beyond 2^53 are no numbers to every reader.
    let said = |money: Money| json!({ "currency": money.currency.code(), "minorUnits": money.amount.minor_units().to_string() });
    money.map_or(Value::Null, said)
}
