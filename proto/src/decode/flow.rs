//! Kinds 1 to 20 and 23: the flow of a payment, from the amount on the terminal to the last debit and the last paper.

use talon_domain::fact::{
    self, CancellationReason, DebitFailureReason, EmailTemplate, End, Kind, Ordinal, Payload, PlanChange,
    RefusalReason, ReplacementReason, SmsStatus, TicketKind, UnknownReason,
};
use talon_domain::ids::{EventId, StreamId};
use talon_domain::money::Amount;
use talon_domain::plan::{Instalment, Plan};
use talon_domain::regime::LegalRegime;

use super::{amount, choice, instant, message, money, stated, text};
use crate::wire;

pub(super) fn read(kind: Kind, payload: &[u8]) -> Option<Payload> {
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
        Kind::SMS_DELIVERY => message(payload).and_then(sms_delivery),
        Kind::LINK_OPENED => message(payload).map(link_opened),
        Kind::SHOP_TIMED_OUT => message(payload).map(timed_out),
        Kind::PAYMENT_REPLACES => message(payload).as_ref().and_then(replaces),
        Kind::EMAIL_SENT => message(payload).and_then(email_sent),
        Kind::RECEIPT_REPRINTED => message(payload).and_then(reprinted),
        Kind::FACT_REVERSED => message(payload).and_then(reversed),
        Kind::CARD_REPLACED => message(payload).map(card_replaced),
        _ => None,
    }
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

fn sms_delivery(m: wire::SmsDelivery) -> Option<Payload> {
    Some(Payload::SmsDelivery(fact::SmsDelivery {
        number: Ordinal::new(m.number),
        status: choice(m.status, SmsStatus::from_number)??,
        message_id: text(m.message_id),
        revision: m.revision,
    }))
}

fn link_opened(m: wire::LinkOpened) -> Payload {
    Payload::LinkOpened(fact::LinkOpened { number: Ordinal::new(m.number), revision: m.revision })
}

fn schedule_chosen(m: wire::ScheduleChosen) -> Option<Payload> {
    let plan = Plan {
        installments_count: m.installments_count,
        deferred_days: m.deferred_days,
        deferred_months: m.deferred_months,
        instalments: m.instalments.iter().map(instalment).collect::<Option<_>>()?,
        customer_total_cost: stated(m.customer_total_cost.as_ref(), money)?,
        annual_interest_rate_bps: m.annual_interest_rate_bps,
        legal_regime: choice(m.legal_regime, regime)?,
    };
    Some(Payload::ScheduleChosen(Box::new(fact::ScheduleChosen {
        version: Ordinal::new(m.version),
        plan,
        change: choice(m.change, PlanChange::from_number)?,
        provider: text(m.provider),
        revision: m.revision,
    })))
}

fn regime(number: u32) -> Option<LegalRegime> {
    let all = [LegalRegime::OutsideConsumerCredit, LegalRegime::ConsumerCredit];
    all.into_iter().find(|regime| *regime as u32 == number)
}

fn instalment(m: &wire::Instalment) -> Option<Instalment> {
    let purchase = money(m.purchase_amount.as_ref()?)?;
    let part = |part: Option<&wire::Money>, otherwise| part.map_or(Some(otherwise), amount);
    Some(Instalment {
        number: m.number,
        due_date: instant(m.due_date?)?,
        currency: purchase.currency,
        purchase_amount: purchase.amount,
        customer_fee: part(m.customer_fee.as_ref(), Amount::ZERO)?,
        customer_interest: part(m.customer_interest.as_ref(), Amount::ZERO)?,
        total_amount: part(m.total_amount.as_ref(), Amount::ZERO)?,
        original_purchase_amount: part(m.original_purchase_amount.as_ref(), purchase.amount)?,
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
    let wire::CardDebited { amount, debit_id, payment_id, provider, revision } = m;
    let instalment = 1;
    instalment_debited(wire::InstalmentDebited { instalment, amount, debit_id, payment_id, provider, revision })
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

fn debit_failed(m: wire::DebitFailed) -> Option<Payload> {
    Some(Payload::DebitFailed(fact::DebitFailed {
        instalment: m.instalment,
        attempt: Ordinal::new(m.attempt),
        amount: stated(m.amount.as_ref(), money)?,
        reason: choice(m.reason, DebitFailureReason::from_number)?,
        provider: text(m.provider),
        revision: m.revision,
    }))
}

fn tickets_printed(m: wire::TicketsPrinted) -> Option<Payload> {
    let tickets = m.tickets.into_iter().map(ticket).collect::<Option<_>>()?;
    Some(Payload::TicketsPrinted(fact::TicketsPrinted { tickets, revision: m.revision }))
}

fn reprinted(m: wire::ReceiptReprinted) -> Option<Payload> {
    let wire::ReceiptReprinted { kind, about, copy, revision } = m;
    tickets_printed(wire::TicketsPrinted { tickets: vec![wire::PrintedTicket { kind, about, copy }], revision })
}

fn ticket(m: wire::PrintedTicket) -> Option<fact::PrintedTicket> {
    let kind = choice(m.kind, TicketKind::from_number)??;
    Some(fact::PrintedTicket { kind, about: text(m.about), copy: Ordinal::new(m.copy) })
}

fn refused(m: wire::PaymentRefused) -> Option<Payload> {
    let reason = choice(m.reason, RefusalReason::from_number)?;
    Some(ended(End::Refused(reason), m.attempt, m.provider, m.revision))
}

fn expired(m: wire::PaymentExpired) -> Payload {
    ended(End::Expired, m.attempt, m.provider, m.revision)
}

fn timed_out(m: wire::ShopTimedOut) -> Payload {
    ended(End::TimedOut, m.attempt, m.provider, m.revision)
}

fn cancelled(m: wire::PaymentCancelled) -> Option<Payload> {
    let reason = choice(m.reason, CancellationReason::from_number)?;
    Some(ended(End::Cancelled(reason), m.attempt, m.provider, m.revision))
}

fn unknown(m: wire::OutcomeUnknown) -> Option<Payload> {
    let reason = choice(m.reason, UnknownReason::from_number)?;
    Some(ended(End::Unknown(reason), m.attempt, m.provider, m.revision))
}

fn ended(end: End, attempt: u32, provider: String, revision: u64) -> Payload {
    Payload::Ended(fact::Ended { end, attempt: Ordinal::new(attempt), provider: text(provider), revision })
}

fn replaces(m: &wire::PaymentReplaces) -> Option<Payload> {
    Some(Payload::PaymentReplaces(fact::PaymentReplaces {
        replaced: StreamId::parse(&m.transaction_id)?,
        reason: choice(m.reason, ReplacementReason::from_number)?,
        revision: m.revision,
    }))
}

fn email_sent(m: wire::EmailSent) -> Option<Payload> {
    Some(Payload::EmailSent(fact::EmailSent {
        template: choice(m.template, EmailTemplate::from_number)??,
        number: Ordinal::new(m.number),
        revision: m.revision,
    }))
}

fn reversed(m: wire::FactReversed) -> Option<Payload> {
    Some(Payload::FactReversed(fact::FactReversed {
        reversed: EventId::parse(&m.event_id)?,
        reason: text(m.reason),
        revision: m.revision,
    }))
}

fn card_replaced(m: wire::CardReplaced) -> Payload {
    Payload::CardReplaced(fact::CardReplaced {
        number: Ordinal::new(m.number),
        provider: text(m.provider),
        revision: m.revision,
    })
}
