//! Payload bytes into the domain's types. Invariants:
//! - total: what this release cannot read is parked with its bytes, never dropped, and nothing panics
//! - whatever [`check_payload`] accepts is read, and never parked
//!
//! This module does not judge, and knows no header: a kind's number and its payload are all it needs.

use prost::Message;
use talon_domain::fact::{
    self, CancellationReason, DebitFailureReason, End, Kind, Ordinal, Payload, RefusalReason, Text, TicketKind,
    UnknownReason,
};
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::plan::{Instalment, Plan};
use talon_domain::regime::LegalRegime;
use talon_domain::time::Instant;

use crate::check_payload;
use crate::timestamp::Timestamp;
use crate::wire;

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
    a == b || decode(kind, schema, a) == decode(kind, schema, b)
}

fn read(kind: Kind, payload: &[u8]) -> Option<Payload> {
    match kind {
        Kind::PAYMENT_INITIATED => message(payload).and_then(initiated),
        Kind::PHONE_VERIFIED => message(payload).map(phone_verified),
        Kind::SMS_SENT => message(payload).map(sms_sent),
        Kind::SCHEDULE_CHOSEN => message(payload).and_then(schedule_chosen),
        Kind::PAYMENT_ACCEPTED => message(payload).and_then(accepted),
        Kind::CARD_DEBITED => message(payload).and_then(card_debited),
        Kind::INSTALMENT_DEBITED => message(payload).and_then(instalment_debited),
        Kind::TICKETS_PRINTED => message(payload).and_then(tickets_printed),
        Kind::PAYMENT_REFUSED => message(payload).and_then(refused),
        Kind::PAYMENT_EXPIRED => message(payload).map(expired),
        Kind::PAYMENT_CANCELLED => message(payload).and_then(cancelled),
        Kind::DEBIT_FAILED => message(payload).and_then(debit_failed),
        Kind::OUTCOME_UNKNOWN => message(payload).and_then(unknown),
        _ => None,
    }
}

fn message<M: Message + Default>(payload: &[u8]) -> Option<M> {
    M::decode(payload).ok()
}

fn initiated(m: wire::PaymentInitiated) -> Option<Payload> {
    Some(Payload::PaymentInitiated(fact::PaymentInitiated {
        amount: money(&m.amount?)?,
        provider: text(m.provider),
        till_id: text(m.till_id),
        till_ticket: text(m.till_ticket),
        cashier_code: text(m.cashier_code),
        terminal_clock: text(m.terminal_clock),
        revision: m.revision,
    }))
}

fn phone_verified(m: wire::PhoneVerified) -> Payload {
    Payload::PhoneVerified(fact::PhoneVerified { number: Ordinal::new(m.number), revision: m.revision })
}

fn sms_sent(m: wire::SmsSent) -> Payload {
    Payload::SmsSent(fact::SmsSent {
        number: Ordinal::new(m.number),
        message_id: text(m.message_id),
        revision: m.revision,
    })
}

fn schedule_chosen(m: wire::ScheduleChosen) -> Option<Payload> {
    let plan = Plan {
        installments_count: m.installments_count,
        deferred_days: m.deferred_days,
        deferred_months: m.deferred_months,
        instalments: m.instalments.iter().map(instalment).collect::<Option<_>>()?,
        customer_total_cost: stated(m.customer_total_cost.as_ref(), money)?,
        annual_interest_rate_bps: m.annual_interest_rate_bps,
        legal_regime: choice(m.legal_regime, |name| match name {
            wire::LegalRegime::OutsideConsumerCredit => Some(LegalRegime::OutsideConsumerCredit),
            wire::LegalRegime::ConsumerCredit => Some(LegalRegime::ConsumerCredit),
            wire::LegalRegime::Unspecified => None,
        })?,
    };
    Some(Payload::ScheduleChosen(fact::ScheduleChosen {
        version: Ordinal::new(m.version),
        plan,
        provider: text(m.provider),
        revision: m.revision,
    }))
}

fn instalment(m: &wire::Instalment) -> Option<Instalment> {
    let purchase = money(m.purchase_amount.as_ref()?)?;
    let amount = |part: Option<&wire::Money>| part.map_or(Some(Amount::ZERO), |part| Amount::new(part.minor_units));
    Some(Instalment {
        number: m.number,
        due_date: instant(m.due_date?)?,
        currency: purchase.currency,
        purchase_amount: purchase.amount,
        customer_fee: amount(m.customer_fee.as_ref())?,
        customer_interest: amount(m.customer_interest.as_ref())?,
        total_amount: amount(m.total_amount.as_ref())?,
        original_purchase_amount: match &m.original_purchase_amount {
            Some(original) => Amount::new(original.minor_units)?,
            None => purchase.amount,
        },
    })
}

fn accepted(m: wire::PaymentAccepted) -> Option<Payload> {
    Some(Payload::PaymentAccepted(fact::PaymentAccepted {
        payment_id: text(m.payment_id),
        amount: stated(m.amount.as_ref(), money)?,
        attempt: Ordinal::new(m.attempt),
        deferred_capture: m.deferred_capture,
        provider: text(m.provider),
        revision: m.revision,
    }))
}

fn card_debited(m: wire::CardDebited) -> Option<Payload> {
    Some(Payload::Debited(fact::Debited {
        instalment: 1,
        amount: money(&m.amount?)?,
        debit_id: text(m.debit_id),
        payment_id: text(m.payment_id),
        provider: text(m.provider),
        revision: m.revision,
    }))
}

fn instalment_debited(m: wire::InstalmentDebited) -> Option<Payload> {
    Some(Payload::Debited(fact::Debited {
        instalment: m.instalment,
        amount: money(&m.amount?)?,
        debit_id: text(m.debit_id),
        payment_id: text(m.payment_id),
        provider: text(m.provider),
        revision: m.revision,
    }))
}

fn tickets_printed(m: wire::TicketsPrinted) -> Option<Payload> {
    let ticket = |m: wire::PrintedTicket| {
        Some(fact::PrintedTicket {
            kind: TicketKind::from_number(u32::try_from(m.kind).ok()?)?,
            about: text(m.about),
            copy: Ordinal::new(m.copy),
        })
    };
    let tickets = m.tickets.into_iter().map(ticket).collect::<Option<_>>()?;
    Some(Payload::TicketsPrinted(fact::TicketsPrinted { tickets, revision: m.revision }))
}

fn refused(m: wire::PaymentRefused) -> Option<Payload> {
    let reason = choice(m.reason, |name| match name {
        wire::RefusalReason::ByProvider => Some(RefusalReason::ByProvider),
        wire::RefusalReason::CardDeclined => Some(RefusalReason::CardDeclined),
        wire::RefusalReason::StrongAuthenticationFailed => Some(RefusalReason::StrongAuthenticationFailed),
        wire::RefusalReason::NotEligible => Some(RefusalReason::NotEligible),
        wire::RefusalReason::Unspecified => None,
    })?;
    Some(ended(End::Refused(reason), m.attempt, m.provider, m.revision))
}

fn expired(m: wire::PaymentExpired) -> Payload {
    ended(End::Expired, m.attempt, m.provider, m.revision)
}

fn cancelled(m: wire::PaymentCancelled) -> Option<Payload> {
    let reason = choice(m.reason, |name| match name {
        wire::CancellationReason::RequestedByMerchant => Some(CancellationReason::RequestedByMerchant),
        wire::CancellationReason::RequestedByCustomer => Some(CancellationReason::RequestedByCustomer),
        wire::CancellationReason::AuthorizationExpired => Some(CancellationReason::AuthorizationExpired),
        wire::CancellationReason::Unspecified => None,
    })?;
    Some(ended(End::Cancelled(reason), m.attempt, m.provider, m.revision))
}

fn unknown(m: wire::OutcomeUnknown) -> Option<Payload> {
    let reason = choice(m.reason, |name| match name {
        wire::UnknownReason::NoAnswer => Some(UnknownReason::NoAnswer),
        wire::UnknownReason::MoreInformationNeeded => Some(UnknownReason::MoreInformationNeeded),
        wire::UnknownReason::Unspecified => None,
    })?;
    Some(ended(End::Unknown(reason), m.attempt, m.provider, m.revision))
}

fn ended(end: End, attempt: u32, provider: String, revision: u64) -> Payload {
    Payload::Ended(fact::Ended { end, attempt: Ordinal::new(attempt), provider: text(provider), revision })
}

fn debit_failed(m: wire::DebitFailed) -> Option<Payload> {
    let reason = choice(m.reason, |name| match name {
        wire::DebitFailureReason::CardDeclined => Some(DebitFailureReason::CardDeclined),
        wire::DebitFailureReason::CardExpired => Some(DebitFailureReason::CardExpired),
        wire::DebitFailureReason::Opposition => Some(DebitFailureReason::Opposition),
        wire::DebitFailureReason::CeilingReached => Some(DebitFailureReason::CeilingReached),
        wire::DebitFailureReason::Unspecified => None,
    })?;
    Some(Payload::DebitFailed(fact::DebitFailed {
        instalment: m.instalment,
        attempt: Ordinal::new(m.attempt),
        amount: stated(m.amount.as_ref(), money)?,
        reason,
        provider: text(m.provider),
        revision: m.revision,
    }))
}

fn text(text: String) -> Option<Text> {
    if text.is_empty() { None } else { Some(text.into_boxed_str()) }
}

fn money(m: &wire::Money) -> Option<Money> {
    Some(Money { currency: Currency::parse(&m.currency)?, amount: Amount::new(m.minor_units)? })
}

fn instant(m: prost_types::Timestamp) -> Option<Instant> {
    Timestamp { seconds: m.seconds, nanos: u32::try_from(m.nanos).ok()? }.instant()
}

/// What may be absent: `None` only if it is there and cannot be read.
#[expect(clippy::option_option, reason = "the outer one is failure, the inner one absence")]
fn stated<W, D>(wire: Option<&W>, read: impl Fn(&W) -> Option<D>) -> Option<Option<D>> {
    match wire {
        None => Some(None),
        Some(wire) => read(wire).map(Some),
    }
}

/// A choice by its name; an unspecified one is absent.
#[expect(clippy::option_option, reason = "the outer one is failure, the inner one absence")]
fn choice<W: TryFrom<i32>, D>(number: i32, name: impl Fn(W) -> Option<D>) -> Option<Option<D>> {
    W::try_from(number).ok().map(name)
}
