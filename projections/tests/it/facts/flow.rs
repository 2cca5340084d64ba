//! Lines of a payment's flow, of what comes back, and of what is taken back: `TicketsPrinted p2 t2 t3` prints the
//! customer's and the till's ticket (of terminal `t417`, if that is named first), `ScheduleChosen 90.00 due=30T10:00
//! later=15` a plan of one debit, fifteen days later, `FactReversed fact=3` takes back the third line.

use talon_domain::fact::{
    Chargeback, ChargebackStage, Debited, End, Ended, FactReversed, Kind, Ordinal, Payload, PhoneVerified,
    PrintedTicket, ScheduleChosen, TicketKind, TicketsPrinted, WithdrawalExercised,
};
use talon_domain::ids::EventId;
use talon_domain::money::Amount;
use talon_domain::plan::{Instalment, Plan};

use super::{Words, moment, uuid};

/// What a line tells; `None` of a kind that is not of this module.
pub(super) fn payload(kind: &str, words: &Words<'_>, revision: u64) -> Option<(Kind, Payload)> {
    let ended = |end| Payload::Ended(Ended { end, attempt: attempt(words), provider: words.text("by"), revision });
    Some(match kind {
        "PhoneVerified" => {
            (Kind::PHONE_VERIFIED, Payload::PhoneVerified(PhoneVerified { number: Ordinal::default(), revision }))
        }
        "ScheduleChosen" => (Kind::SCHEDULE_CHOSEN, Payload::ScheduleChosen(Box::new(schedule(words, revision)))),
        "InstalmentDebited" => (Kind::INSTALMENT_DEBITED, Payload::Debited(debited(words, revision))),
        "TicketsPrinted" => {
            let tickets = words.all().filter_map(ticket).collect();
            (Kind::TICKETS_PRINTED, Payload::TicketsPrinted(TicketsPrinted { tickets, revision }))
        }
        "PaymentRefused" => (Kind::PAYMENT_REFUSED, ended(End::Refused(None))),
        "PaymentExpired" => (Kind::PAYMENT_EXPIRED, ended(End::Expired)),
        "PaymentCancelled" => (Kind::PAYMENT_CANCELLED, ended(End::Cancelled(None))),
        "OutcomeUnknown" => (Kind::OUTCOME_UNKNOWN, ended(End::Unknown(None))),
        "ShopTimedOut" => (Kind::SHOP_TIMED_OUT, ended(End::TimedOut)),
        "WithdrawalExercised" => {
            let withdrawal = WithdrawalExercised { provider: words.text("by"), revision };
            (Kind::WITHDRAWAL_EXERCISED, Payload::WithdrawalExercised(withdrawal))
        }
        "ChargebackOpened" => (Kind::CHARGEBACK_OPENED, chargeback(words, ChargebackStage::Opened, revision)),
        "ChargebackWon" => (Kind::CHARGEBACK_WON, chargeback(words, ChargebackStage::Won, revision)),
        "FactReversed" => {
            let reversed = EventId(uuid(0xe, words.number("fact")));
            (Kind::FACT_REVERSED, Payload::FactReversed(FactReversed { reversed, reason: None, revision }))
        }
        _ => return None,
    })
}

fn attempt(words: &Words<'_>) -> Ordinal {
    Ordinal::new(words.number("attempt"))
}

fn ticket(word: &str) -> Option<PrintedTicket> {
    let kind = [TicketKind::Customer, TicketKind::Till].into_iter().find(|kind| kind.name() == word)?;
    Some(PrintedTicket { kind, about: None, copy: Ordinal::default() })
}

fn debited(words: &Words<'_>, revision: u64) -> Debited {
    Debited {
        instalment: words.number::<u32>("i").max(1),
        amount: words.amount(),
        debit_id: words.text("id"),
        payment_id: None,
        provider: words.text("by"),
        revision,
    }
}

fn schedule(words: &Words<'_>, revision: u64) -> ScheduleChosen {
    let money = words.amount();
    let entry = Instalment {
        number: 1,
        due_date: words.values("due").next().map(moment).expect("a due date"),
        currency: money.currency,
        purchase_amount: money.amount,
        customer_fee: Amount::ZERO,
        customer_interest: Amount::ZERO,
        total_amount: money.amount,
        original_purchase_amount: money.amount,
    };
    let plan = Plan {
        installments_count: 1,
        deferred_days: words.number("later"),
        deferred_months: 0,
        instalments: vec![entry],
        customer_total_cost: None,
        annual_interest_rate_bps: None,
        legal_regime: None,
    };
    ScheduleChosen { version: Ordinal::default(), plan, change: None, provider: words.text("by"), revision }
}

fn chargeback(words: &Words<'_>, stage: ChargebackStage, revision: u64) -> Payload {
    Payload::Chargeback(Chargeback {
        dispute_id: words.text("dispute").expect("a dispute"),
        round: Ordinal::default(),
        stage,
        amount: Some(words.amount()),
        reason: None,
        payment_id: None,
        provider: words.text("by"),
        revision,
    })
}
