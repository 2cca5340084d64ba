//! Which slot each kind claims, in the names of its fields: `debit(debitId)`, else `debit_without_id(instalment)`. A
//! table of words, and held against the fold: each form, filled in from a fact, is the slot that the fold fills with it.
//!
//! Natural keys are the same forms: what belongs to no payment has a stream that is made of its slot's name.

use anyhow::{Result, bail};
use serde_json::Value;
use talon_domain::fact::{Family, Kind, Source};
use talon_proto::terms_of;

use crate::example::Example;

/// What a kind claims.
pub(crate) struct Claim {
    /// The first whose texts are all stated.
    pub(crate) forms: &'static [&'static str],
    /// Said by a terminal, a person or the ledger.
    pub(crate) asked: Option<&'static str>,
    /// One for each entry of this list.
    pub(crate) each: Option<&'static str>,
    /// What a fact without its name stands for.
    pub(crate) note: &'static str,
}

const fn of(forms: &'static [&'static str]) -> Claim {
    Claim { forms, asked: None, each: None, note: "" }
}

/// The claim of a kind; `None` for what claims no slot.
pub(crate) fn claim(kind: Kind) -> Option<Claim> {
    Some(match kind {
        Kind::PAYMENT_INITIATED => of(&["initiation"]),
        Kind::PHONE_VERIFIED => of(&["phone(number)"]),
        Kind::SMS_SENT => of(&["sms(number)"]),
        Kind::SCHEDULE_CHOSEN => of(&["plan(version)"]),
        Kind::PAYMENT_ACCEPTED => Claim {
            note: "without an id it is a witness of the smallest id that is known",
            ..of(&["acceptance(paymentId)"])
        },
        Kind::CARD_DEBITED => of(&["debit(debitId)", "debit_without_id(1)"]),
        Kind::INSTALMENT_DEBITED => of(&["debit(debitId)", "debit_without_id(instalment)"]),
        Kind::TICKETS_PRINTED => Claim { each: Some("tickets"), ..of(&["print(kind, about, copy)"]) },
        Kind::PAYMENT_REFUSED => of(&["outcome(refused, attempt)"]),
        Kind::PAYMENT_EXPIRED => {
            Claim { asked: Some("cancel_asked(expired, attempt)"), ..of(&["outcome(expired, attempt)"]) }
        }
        Kind::PAYMENT_CANCELLED => {
            Claim { asked: Some("cancel_asked(cancelled, attempt)"), ..of(&["outcome(cancelled, attempt)"]) }
        }
        Kind::DEBIT_FAILED => of(&["debit_failure(instalment, attempt)"]),
        Kind::OUTCOME_UNKNOWN => of(&["outcome(unknown, attempt)"]),
        Kind::SMS_DELIVERY => of(&["sms_delivery(number, status)"]),
        Kind::LINK_OPENED => of(&["link_opened(number)"]),
        Kind::SHOP_TIMED_OUT => of(&["outcome(timed_out, attempt)"]),
        Kind::PAYMENT_REPLACES => of(&["replaces(transactionId)"]),
        Kind::EMAIL_SENT => of(&["email(template, number)"]),
        Kind::RECEIPT_REPRINTED => of(&["print(kind, about, copy)"]),
        Kind::FACT_REVERSED => of(&["reversal(eventId)"]),
        Kind::INSTALMENT_COVERED => of(&["covered(instalment)"]),
        Kind::INSTALMENT_CLAIMED => of(&["claimed(instalment)"]),
        Kind::CARD_REPLACED => of(&["card_replaced(number)"]),
        Kind::REFUND_REQUESTED => of(&["refund_request(requestId)"]),
        Kind::REFUND_COMPLETED | Kind::REFUND_FAILED => {
            of(&["refund(refundId)", "refund_without_id(requestId)", "refund_without_id(, amount)"])
        }
        Kind::WITHDRAWAL_EXERCISED => of(&["withdrawal"]),
        Kind::CHARGEBACK_OPENED | Kind::CHARGEBACK_WON | Kind::CHARGEBACK_LOST => of(&["chargeback(disputeId, round)"]),
        other => return beside_payments(other),
    })
}

fn beside_payments(kind: Kind) -> Option<Claim> {
    Some(of(match kind {
        Kind::STATEMENT_IMPORTED => &["statement(account, fileHash)"],
        Kind::SETTLEMENT_LINE_RECORDED => &["line(account, lineId)", "line(account, CONTENT, occurrence)"],
        Kind::PAYOUT_SENT | Kind::PAYOUT_RETURNED => &["payout(account, payoutId)"],
        Kind::TERMINAL_TOTALS => &["terminal_totals(terminal, epoch, day)"],
        Kind::TILL_TOTALS => &["till_totals(shop, till, day, tender)"],
        Kind::SEQUENCE_VOIDED => &["sequence_voided(terminal, epoch, from, to)"],
        Kind::EVENT_REFUSED => &["event_refused(eventId)"],
        Kind::MERCHANT_REGISTERED => &["merchant"],
        Kind::SHOP_REGISTERED => &["shop(code)"],
        Kind::TERMINAL_ASSIGNED => &["assignment(terminal, epoch)"],
        Kind::FEE_PLAN_REGISTERED => &["fee_plan(id, version)"],
        Kind::CALENDAR_REGISTERED => &["calendar(id, version)"],
        Kind::PLAN_RULES_REGISTERED => &["plan_rules(id, version)"],
        Kind::PRINCIPAL_REGISTERED => &["principal(number)"],
        _ => return None,
    }))
}

/// A form without its parentheses: its family, and the parts of its name.
pub(crate) fn taken_apart(form: &str) -> (&str, Vec<&str>) {
    match form.strip_suffix(')').and_then(|form| form.split_once('(')) {
        Some((family, parts)) => (family, parts.split(", ").map(|part| part.trim_end_matches(',')).collect()),
        None => (form, Vec::new()),
    }
}

/// Holds the claim of an example's kind against what the fold says, whoever tells it.
pub(crate) fn check(example: &Example) -> Result<()> {
    let claim = claim(example.kind);
    for source in Source::ALL {
        let filled = example.slots(source);
        let expected = match &claim {
            Some(claim) => expected(claim, example, source),
            None => Vec::new(),
        };
        let agree = filled.len() == expected.len() && filled.iter().zip(&expected).all(|(a, b)| is_like(a, b));
        let is_technical = matches!(example.kind.family(), Family::Technical | Family::Control);
        if !agree && !is_technical {
            bail!("{} told by {}: {filled:?}, and not {expected:?}", example.path, source.name());
        }
    }
    Ok(())
}

fn expected(claim: &Claim, example: &Example, source: Source) -> Vec<String> {
    let only_asks = matches!(source, Source::Terminal | Source::Person | Source::Ledger);
    if let Some(asked) = claim.asked.filter(|_| only_asks) {
        return vec![filled(asked, example.kind.name(), &example.json)];
    }
    let one = |message: &str, json: &Value| {
        let stated = |form: &&&str| taken_apart(form).1.iter().all(|part| is_stated(message, part, json));
        let form = claim.forms.iter().find(stated).or(claim.forms.last()).copied().unwrap_or_default();
        filled(form, message, json)
    };
    let entries = claim.each.and_then(|list| example.json.get(list)).and_then(Value::as_array);
    let mut slots: Vec<_> = match entries {
        Some(entries) => entries.iter().map(|entry| one("PrintedTicket", entry)).collect(),
        None => vec![one(example.kind.name(), &example.json)],
    };
    slots.sort();
    slots
}

/// Whether a part has its value: a count always has one, a text only where it is stated.
fn is_stated(message: &str, part: &str, json: &Value) -> bool {
    let field = terms_of(message).and_then(|fields| fields.into_iter().find(|field| field.json == part));
    field.is_none_or(|field| field.counts || json.get(part).is_some())
}

/// A form with a fact's values in it.
fn filled(form: &str, message: &str, json: &Value) -> String {
    let (family, parts) = taken_apart(form);
    if parts.is_empty() {
        return family.to_owned();
    }
    let values: Vec<_> = parts.iter().map(|part| value(message, part, json)).collect();
    format!("{family}({})", values.join(", "))
}

/// A part's value.
fn value(message: &str, part: &str, json: &Value) -> String {
    let Some(field) = terms_of(message).and_then(|fields| fields.into_iter().find(|field| field.json == part)) else {
        return part.to_owned();
    };
    match json.get(part) {
        None if field.counts => "1".to_owned(),
        None if field.message.is_some() => "no amount".to_owned(),
        None => String::new(),
        Some(Value::String(text)) => spoken(&field.range, text),
        Some(Value::Object(money)) => {
            let text = |key: &str| money.get(key).and_then(Value::as_str);
            format!("{} {}", text("minorUnits").unwrap_or("0"), text("currency").unwrap_or_default())
        }
        Some(other) => other.to_string(),
    }
}

/// A choice by the name that the fold has for it; any other text as it is. Tickets are known by their number.
fn spoken(range: &str, text: &str) -> String {
    let lower = text.to_lowercase();
    let chosen = range.split(", ").find(|choice| lower.ends_with(&format!("_{choice}")));
    let is_ticket = lower.starts_with("ticket_kind_");
    let short = chosen.map(|choice| choice.split('_').next().filter(|_| is_ticket).unwrap_or(choice));
    short.unwrap_or(text).to_owned()
}

/// Whether a slot's name is that of a form; what stands for the content can be anything.
fn is_like(slot: &str, form: &str) -> bool {
    match form.split_once("CONTENT") {
        Some((before, after)) => slot.starts_with(before) && slot.ends_with(after),
        None => slot == form,
    }
}
