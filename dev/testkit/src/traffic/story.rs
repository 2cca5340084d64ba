//! Ordinary payments: what a gateway and a provider tell of one, from the amount to the last debit, in the order in
//! which it happens, disturbed a little.

use talon_domain::fact::{
    Debited, Fact, Kind, Ordinal, Payload, PaymentAccepted, PaymentInitiated, PhoneVerified, PrintedTicket, RefundEnd,
    Refunded, ScheduleChosen, SmsDelivery, SmsSent, SmsStatus, Source, TicketKind, TicketsPrinted,
};
use talon_domain::ids::PartitionId;
use talon_domain::money::{Amount, Money};

use super::cast::{Cast, partition_of};
use super::{Dice, flow, record};

/// The records of a payment, with some left out, some told late, and some strangers among them.
pub(super) fn told(dice: &mut Dice, cast: &mut Cast) -> Vec<(PartitionId, Fact)> {
    let plan = flow::plan(dice);
    let sum = plan.instalments.iter().map(|entry| entry.original_purchase_amount.minor_units()).sum();
    let whole = Money { currency: plan.instalments[0].currency, amount: Amount::new(sum).expect("small") };
    let mut records = Vec::new();
    for (kind, source, payload) in steps(&plan, whole) {
        let mut fact = cast.fact(dice, kind, payload);
        if dice.percent(90) {
            fact.header.source = source;
        }
        if dice.percent(90) {
            records.push((partition_of(fact.header.merchant), fact));
        }
    }
    for _ in 0..dice.between(0, 3) {
        let kind = dice.one_of(&[6, 7, 9, 11, 20, 24, 25, 26, 28, 30]);
        let stranger = record(dice, cast, Kind(kind));
        let place = dice.below(records.len() + 1);
        records.splice(place..place, stranger);
    }
    if dice.percent(40) { dice.shuffled(&records) } else { records }
}

fn steps(plan: &talon_domain::plan::Plan, whole: Money) -> Vec<(Kind, Source, Payload)> {
    let revision = 0;
    let print = |kinds: &[TicketKind]| {
        let ticket = |kind: &TicketKind| PrintedTicket { kind: *kind, about: None, copy: Ordinal::default() };
        Payload::TicketsPrinted(TicketsPrinted { tickets: kinds.iter().map(ticket).collect(), revision })
    };
    let number = Ordinal::default();
    let mut steps = vec![
        (Kind::PAYMENT_INITIATED, Source::Gateway, initiated(whole)),
        (Kind::PHONE_VERIFIED, Source::Gateway, Payload::PhoneVerified(PhoneVerified { number, revision })),
        (Kind::SMS_SENT, Source::Gateway, Payload::SmsSent(SmsSent { number, message_id: None, revision })),
        (Kind::TICKETS_PRINTED, Source::Terminal, print(&[TicketKind::InProgress])),
        (Kind::SMS_DELIVERY, Source::Gateway, delivered()),
        (Kind::SCHEDULE_CHOSEN, Source::Provider, chosen(plan)),
        (Kind::PAYMENT_ACCEPTED, Source::Provider, accepted(whole)),
        (Kind::TICKETS_PRINTED, Source::Terminal, print(&[TicketKind::Customer, TicketKind::Till])),
    ];
    for entry in &plan.instalments {
        let amount = Money { currency: entry.currency, amount: entry.total_amount };
        let id = format!("D{}", entry.number);
        steps.push((Kind::INSTALMENT_DEBITED, Source::Gateway, debited(entry.number, amount, None)));
        steps.push((Kind::INSTALMENT_DEBITED, Source::Provider, debited(entry.number, amount, Some(id.into()))));
    }
    steps.push((Kind::REFUND_COMPLETED, Source::Provider, refunded(whole)));
    steps
}

fn initiated(amount: Money) -> Payload {
    Payload::PaymentInitiated(PaymentInitiated {
        amount,
        provider: Some("alma".into()),
        till_id: Some("A".into()),
        till_ticket: None,
        cashier_code: None,
        terminal_clock: None,
        revision: 0,
    })
}

fn delivered() -> Payload {
    let (number, status) = (Ordinal::new(1), SmsStatus::Delivered);
    Payload::SmsDelivery(SmsDelivery { number, status, message_id: None, revision: 0 })
}

fn chosen(plan: &talon_domain::plan::Plan) -> Payload {
    let version = Ordinal::new(1);
    Payload::ScheduleChosen(Box::new(ScheduleChosen {
        version,
        plan: plan.clone(),
        change: None,
        provider: None,
        revision: 0,
    }))
}

fn accepted(whole: Money) -> Payload {
    Payload::PaymentAccepted(PaymentAccepted {
        payment_id: Some("P1".into()),
        amount: Some(whole),
        attempt: Ordinal::new(1),
        deferred_capture: false,
        provider: None,
        revision: 0,
    })
}

fn debited(instalment: u32, amount: Money, debit_id: Option<talon_domain::fact::Text>) -> Payload {
    let payment_id = debit_id.is_some().then(|| "P1".into());
    Payload::Debited(Debited { instalment, amount, debit_id, payment_id, provider: None, revision: 0 })
}

fn refunded(whole: Money) -> Payload {
    Payload::Refunded(Box::new(Refunded {
        refund_id: Some("F1".into()),
        request_id: None,
        amount: Some(whole),
        end: RefundEnd::Completed {
            cash: Some(whole.amount),
            rebate: None,
            from_cancellation: false,
            payment_id: Some("P1".into()),
        },
        provider: None,
        revision: 0,
    }))
}
