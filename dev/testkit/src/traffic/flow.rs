//! The facts of a payment's flow, drawn by chance.

use talon_domain::fact::{
    CancellationReason, CardReplaced, DebitFailed, DebitFailureReason, Debited, EmailSent, EmailTemplate, End, Ended,
    FactReversed, Kind, LinkOpened, Ordinal, Payload, PaymentAccepted, PaymentInitiated, PaymentReplaces,
    PhoneVerified, PlanChange, PrintedTicket, RefusalReason, ReplacementReason, ScheduleChosen, SmsDelivery, SmsSent,
    SmsStatus, TicketKind, TicketsPrinted, UnknownReason,
};
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::plan::{Instalment, Plan};

use super::Dice;
use super::cast::{Cast, currency, maybe_money, moment, money, named, provider, revision};

/// Mostly not stated, so that repetitions arise.
pub(super) fn number(dice: &mut Dice) -> Ordinal {
    Ordinal::new(dice.one_of(&[0, 0, 0, 1, 2, 3]))
}

pub(super) fn instalment(dice: &mut Dice) -> u32 {
    dice.one_of(&[1, 1, 1, 2, 2, 3])
}

pub(super) fn payload(dice: &mut Dice, cast: &Cast, kind: Kind) -> Payload {
    let (number, revision) = (number(dice), revision(dice));
    match kind {
        Kind::PAYMENT_INITIATED => Payload::PaymentInitiated(initiated(dice, revision)),
        Kind::PHONE_VERIFIED => Payload::PhoneVerified(PhoneVerified { number, revision }),
        Kind::SMS_SENT => Payload::SmsSent(SmsSent { number, message_id: named(dice, 30, &["m1", "m2"]), revision }),
        Kind::SCHEDULE_CHOSEN => Payload::ScheduleChosen(Box::new(ScheduleChosen {
            version: Ordinal::new(dice.one_of(&[0, 1, 1, 2, 3])),
            plan: plan(dice),
            change: dice.maybe(20, PlanChange::ALL),
            provider: provider(dice),
            revision,
        })),
        Kind::PAYMENT_ACCEPTED => Payload::PaymentAccepted(PaymentAccepted {
            payment_id: named(dice, 70, &["P1", "P1", "P2", "P3"]),
            amount: maybe_money(dice, 50),
            attempt: number,
            deferred_capture: dice.percent(20),
            provider: provider(dice),
            revision,
        }),
        Kind::CARD_DEBITED | Kind::INSTALMENT_DEBITED => Payload::Debited(Debited {
            instalment: if kind == Kind::CARD_DEBITED { 1 } else { instalment(dice) },
            amount: money(dice),
            debit_id: named(dice, 60, &["D1", "D2", "D3"]),
            payment_id: named(dice, 35, &["P1", "P2", "P3"]),
            provider: provider(dice),
            revision,
        }),
        Kind::TICKETS_PRINTED | Kind::RECEIPT_REPRINTED => Payload::TicketsPrinted(TicketsPrinted {
            tickets: if kind == Kind::TICKETS_PRINTED { tickets(dice) } else { vec![duplicata(dice)] },
            revision,
        }),
        Kind::DEBIT_FAILED => Payload::DebitFailed(DebitFailed {
            instalment: instalment(dice),
            attempt: number,
            amount: maybe_money(dice, 50),
            reason: dice.maybe(40, &DebitFailureReason::ALL[..2]),
            provider: provider(dice),
            revision,
        }),
        _ => further(dice, cast, kind, number, revision),
    }
}

fn further(dice: &mut Dice, cast: &Cast, kind: Kind, number: Ordinal, revision: u64) -> Payload {
    let ended =
        |dice: &mut Dice, end| Payload::Ended(Ended { end, attempt: number, provider: provider(dice), revision });
    match kind {
        Kind::PAYMENT_REFUSED => {
            let reason = dice.maybe(40, &RefusalReason::ALL[..2]);
            ended(dice, End::Refused(reason))
        }
        Kind::PAYMENT_EXPIRED => ended(dice, End::Expired),
        Kind::PAYMENT_CANCELLED => {
            let reason = dice.maybe(40, CancellationReason::ALL);
            ended(dice, End::Cancelled(reason))
        }
        Kind::OUTCOME_UNKNOWN => {
            let reason = dice.maybe(40, UnknownReason::ALL);
            ended(dice, End::Unknown(reason))
        }
        Kind::SHOP_TIMED_OUT => ended(dice, End::TimedOut),
        Kind::SMS_DELIVERY => Payload::SmsDelivery(SmsDelivery {
            number,
            status: dice.one_of(&[SmsStatus::Sent, SmsStatus::Failed, SmsStatus::Delivered]),
            message_id: named(dice, 30, &["m1", "m2"]),
            revision,
        }),
        Kind::LINK_OPENED => Payload::LinkOpened(LinkOpened { number, revision }),
        Kind::PAYMENT_REPLACES => Payload::PaymentReplaces(PaymentReplaces {
            replaced: cast.any_stream(dice),
            reason: dice.maybe(50, &ReplacementReason::ALL[..2]),
            revision,
        }),
        Kind::EMAIL_SENT => {
            Payload::EmailSent(EmailSent { template: dice.one_of(&EmailTemplate::ALL[..2]), number, revision })
        }
        Kind::CARD_REPLACED => Payload::CardReplaced(CardReplaced { number, provider: provider(dice), revision }),
        _ => Payload::FactReversed(FactReversed {
            reversed: cast.some_event(dice),
            reason: named(dice, 30, &["typed twice"]),
            revision,
        }),
    }
}

fn initiated(dice: &mut Dice, revision: u64) -> PaymentInitiated {
    PaymentInitiated {
        amount: money(dice),
        provider: provider(dice),
        till_id: named(dice, 30, &["A", "B"]),
        till_ticket: named(dice, 30, &["0041", "0042"]),
        cashier_code: named(dice, 20, &["c1", "c2"]),
        terminal_clock: named(dice, 20, &["09:00", "10:00"]),
        revision,
    }
}

/// A plan of 100.00, or of something else, in up to six parts; right, or wrong in one way.
pub(super) fn plan(dice: &mut Dice) -> Plan {
    let count = dice.one_of(&[1, 2, 2, 2, 3, 5, 6]);
    // 100.00 mostly; else other than what was typed, or around the limits of the law.
    let whole = match dice.below(10) {
        0 => dice.one_of(&[19_999, 20_000, 7_500_000, 7_500_001, 10_000_000, 10_000_001]),
        1 | 2 => dice.one_of(&[10_310, 5_000]),
        _ => 10_000,
    };
    let (currency, start) = (currency(dice), moment(dice));
    let fee = dice.one_of(&[0, 0, 200, 310]);
    let mut instalments = Vec::new();
    for k in 0..count {
        let share = whole / u64::from(count) + if k == 0 { whole % u64::from(count) } else { 0 };
        let fee = if k == 0 { fee } else { 0 };
        let interest = if count > 4 && k > 0 && dice.percent(30) { 100 } else { 0 };
        let number = if dice.percent(4) { 1 } else { k + 1 };
        let months = if dice.percent(4) { 1 } else { k };
        let left = if dice.percent(4) { 0 } else { share };
        instalments.push(entry(
            number,
            start.plus_months(months).expect("in range"),
            currency,
            [left, fee, interest, share],
        ));
    }
    if dice.percent(10) {
        instalments.reverse();
    }
    let sum = instalments.iter().map(|entry| entry.customer_fee.minor_units() + entry.customer_interest.minor_units());
    let cost = Amount::new(sum.sum::<u64>() + u64::from(dice.percent(10))).expect("small");
    let stated = dice.percent(40);
    Plan {
        installments_count: if dice.percent(10) { dice.one_of(&[1, 4, 5]) } else { count },
        deferred_days: dice.one_of(&[0, 0, 0, 0, 30, 94]),
        deferred_months: dice.one_of(&[0, 0, 0, 0, 1, 4]),
        instalments,
        customer_total_cost: stated.then_some(Money { currency, amount: cost }),
        annual_interest_rate_bps: dice.maybe(10, &[1_719, 1_800]),
        legal_regime: regime(dice),
    }
}

/// Whatever regime a plan can state: the names are the plan's own business.
fn regime(dice: &mut Dice) -> Option<talon_domain::regime::LegalRegime> {
    use talon_domain::regime::LegalRegime::{ConsumerCredit, OutsideConsumerCredit};
    dice.maybe(15, &[OutsideConsumerCredit, ConsumerCredit])
}

fn entry(
    number: u32,
    due_date: talon_domain::time::Instant,
    currency: Currency,
    [left, fee, interest, share]: [u64; 4],
) -> Instalment {
    let amount = |minor| Amount::new(minor).expect("small");
    Instalment {
        number,
        due_date,
        currency,
        purchase_amount: amount(left),
        customer_fee: amount(fee),
        customer_interest: amount(interest),
        total_amount: amount(left + fee + interest),
        original_purchase_amount: amount(share),
    }
}

fn tickets(dice: &mut Dice) -> Vec<PrintedTicket> {
    let count = dice.between(1, 3);
    (0..count)
        .map(|_| PrintedTicket { kind: ticket_kind(dice), about: named(dice, 20, &["F1", "2"]), copy: number(dice) })
        .collect()
}

fn duplicata(dice: &mut Dice) -> PrintedTicket {
    let kind = ticket_kind(dice);
    PrintedTicket { kind, about: named(dice, 20, &["F1"]), copy: Ordinal::new(dice.between(2, 3)) }
}

/// Mostly the two that prove a payment.
fn ticket_kind(dice: &mut Dice) -> TicketKind {
    use TicketKind::{Customer, Ended, InProgress, Plan, Refund, Till};
    dice.one_of(&[InProgress, Customer, Customer, Till, Till, Ended, Refund, Plan])
}
