//! The canonical workload: a day of payments in three instalments, nine facts each, as a gateway, its terminals and a
//! provider tell them.
//!
//! Invariants:
//! - one number of payments gives one day, on every machine
//! - a few hundred payments are open at a time, and their facts are interleaved by chance, each payment's own in order
//! - each fact holds its own texts, as one that was decoded does
//! - a terminal counts what it tells of a payment without a hole

use talon_domain::fact::{
    Debited, EmailSent, EmailTemplate, Fact, FactHeader, Kind, Ordinal, Payload, PaymentAccepted, PaymentInitiated,
    PhoneVerified, PrintedTicket, ScheduleChosen, SmsDelivery, SmsSent, SmsStatus, Source, Text, TicketKind,
    TicketsPrinted,
};
use talon_domain::ids::{
    EventId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::money::{Amount, Money};
use talon_domain::plan::{Offer, Plan, quote};
use talon_domain::time::Instant;

use crate::chance::Chance;

/// Facts of one payment.
pub(crate) const FACTS_A_PAYMENT: u32 = 9;

/// Partitions of a ledger, and merchants in each.
const PARTITIONS: u16 = 64;
const MERCHANTS_A_PARTITION: u64 = 8;

/// Payments that are open at a time.
const OPEN: usize = 300;

/// 2026-11-24T08:00:00Z, when shops open.
const MORNING_MS: i64 = 1_795_507_200_000;
/// Ten hours.
const DAY_MS: i64 = 36_000_000;
/// From one fact of a payment to the next.
const STEP_MS: i64 = 20_000;

/// One payment, and how far it has been told.
struct Payment {
    merchant: MerchantId,
    partition: PartitionId,
    stream: StreamId,
    began_ms: i64,
    purchase: Money,
    plan: Plan,
    number: u32,
    told: u32,
    /// How many of its facts a terminal has counted.
    counted: u32,
}

/// The facts of a day in the order in which they come, each with its partition.
pub(crate) fn facts(payments: u32) -> Vec<(PartitionId, Fact)> {
    let mut chance = Chance::of(u64::from(payments));
    let mut coming = 0..payments;
    let mut open: Vec<Payment> = Vec::with_capacity(OPEN);
    let mut facts = Vec::with_capacity(payments as usize * FACTS_A_PAYMENT as usize);
    loop {
        while open.len() < OPEN
            && let Some(number) = coming.next()
        {
            open.push(Payment::begun(&mut chance, number, payments));
        }
        if open.is_empty() {
            return facts;
        }
        let at = usize::try_from(chance.below(open.len() as u64)).unwrap_or(0);
        let Some(payment) = open.get_mut(at) else { continue };
        facts.push((payment.partition, payment.next_fact(&mut chance)));
        if payment.told == FACTS_A_PAYMENT {
            open.swap_remove(at);
        }
    }
}

impl Payment {
    fn begun(chance: &mut Chance, number: u32, payments: u32) -> Self {
        let merchant = chance.below(u64::from(PARTITIONS) * MERCHANTS_A_PARTITION);
        let partition = PartitionId(u16::try_from(merchant % u64::from(PARTITIONS)).unwrap_or(0));
        let began_ms = MORNING_MS + DAY_MS / i64::from(payments) * i64::from(number);
        let purchase = cents(5_000 + chance.below(100_000));
        Self {
            merchant: MerchantId(100_000_000 + merchant),
            partition,
            stream: StreamId(chance.uuid(began_ms)),
            began_ms,
            purchase,
            plan: plan(purchase, Instant(began_ms * 1_000)),
            number,
            told: 0,
            counted: 0,
        }
    }

    fn next_fact(&mut self, chance: &mut Chance) -> Fact {
        let (kind, source, payload) = self.payload();
        let at_ms = self.began_ms + STEP_MS * i64::from(self.told);
        let is_counted = source != Source::Provider;
        self.counted += u32::from(is_counted);
        let terminal_seq = if is_counted { self.number * FACTS_A_PAYMENT + self.counted } else { 0 };
        self.told += 1;
        let occurred_at = Instant(at_ms * 1_000);
        let header = FactHeader {
            kind,
            schema: 1,
            recorded_at: Instant(occurred_at.0 + 80_000),
            occurred_at,
            merchant: self.merchant,
            shop: ShopId(17 + self.number % 3),
            terminal: TerminalId(400 + self.number % 7),
            terminal_seq: TerminalSeq(terminal_seq),
            terminal_epoch: TerminalEpoch(1),
            day: occurred_at.paris_day().unwrap_or_default(),
            principal: PrincipalId(1),
            source,
            event_id: EventId(chance.uuid(at_ms)),
            stream: self.stream,
            sealed: kind == Kind::PHONE_VERIFIED,
            training: false,
            imported: false,
            clock_doubtful: false,
        };
        Fact { header, payload }
    }

    fn payload(&self) -> (Kind, Source, Payload) {
        let (revision, number) = (0, Ordinal::new(1));
        let (gateway, provider) = (Source::Gateway, Source::Provider);
        match self.told {
            0 => (Kind::PAYMENT_INITIATED, gateway, self.initiated()),
            1 => (Kind::PHONE_VERIFIED, gateway, Payload::PhoneVerified(PhoneVerified { number, revision })),
            2 => {
                let message_id = Some(self.text("sms"));
                (Kind::SMS_SENT, gateway, Payload::SmsSent(SmsSent { number, message_id, revision }))
            }
            3 => (Kind::TICKETS_PRINTED, Source::Terminal, printed(&[TicketKind::InProgress])),
            4 => (Kind::SCHEDULE_CHOSEN, provider, self.chosen()),
            5 => (Kind::PAYMENT_ACCEPTED, provider, self.accepted()),
            6 => (Kind::CARD_DEBITED, provider, self.debited()),
            7 => (Kind::TICKETS_PRINTED, Source::Terminal, printed(&[TicketKind::Customer, TicketKind::Till])),
            _ if self.number.is_multiple_of(2) => {
                let template = EmailTemplate::Confirmation;
                (Kind::EMAIL_SENT, provider, Payload::EmailSent(EmailSent { template, number, revision }))
            }
            _ => (Kind::SMS_DELIVERY, gateway, self.delivered()),
        }
    }

    /// An id as a provider makes them.
    fn text(&self, what: &str) -> Text {
        format!("{what}_11xv8x8t{:06}", self.number).into()
    }

    fn initiated(&self) -> Payload {
        Payload::PaymentInitiated(PaymentInitiated {
            amount: self.purchase,
            provider: Some("alma".into()),
            till_id: Some("C1".into()),
            till_ticket: Some(format!("C1-{}", self.number).into()),
            cashier_code: Some("14".into()),
            terminal_clock: None,
            revision: 0,
        })
    }

    fn chosen(&self) -> Payload {
        Payload::ScheduleChosen(Box::new(ScheduleChosen {
            version: Ordinal::new(1),
            plan: self.plan.clone(),
            change: None,
            provider: Some("alma".into()),
            revision: 0,
        }))
    }

    fn accepted(&self) -> Payload {
        Payload::PaymentAccepted(PaymentAccepted {
            payment_id: Some(self.text("payment")),
            amount: Some(self.purchase),
            attempt: Ordinal::new(1),
            deferred_capture: false,
            provider: Some("alma".into()),
            revision: 0,
        })
    }

    fn debited(&self) -> Payload {
        let amount = self.plan.instalments.first().map_or(self.purchase.amount, |entry| entry.total_amount);
        Payload::Debited(Debited {
            instalment: 1,
            amount: Money { amount, ..self.purchase },
            debit_id: Some(self.text("installment")),
            payment_id: Some(self.text("payment")),
            provider: Some("alma".into()),
            revision: 0,
        })
    }

    fn delivered(&self) -> Payload {
        Payload::SmsDelivery(SmsDelivery {
            number: Ordinal::new(1),
            status: SmsStatus::Delivered,
            message_id: Some(self.text("sms")),
            revision: 0,
        })
    }
}

fn printed(kinds: &[TicketKind]) -> Payload {
    let ticket = |kind: &TicketKind| PrintedTicket { kind: *kind, about: None, copy: Ordinal::new(1) };
    Payload::TicketsPrinted(TicketsPrinted { tickets: kinds.iter().map(ticket).collect(), revision: 0 })
}

/// Three instalments with a fee of 155 basis points, as the provider states them.
fn plan(purchase: Money, start: Instant) -> Plan {
    let fee = cents(purchase.amount.minor_units() * 155 / 10_000).amount;
    let Ok(plan) = quote(purchase, Offer::Split(3), start, fee) else {
        unreachable!("a small purchase in three parts")
    };
    plan
}

fn cents(cents: u64) -> Money {
    let Some(money) = Money::eur(cents.min(Amount::MAX.minor_units())) else { unreachable!("it is in range") };
    money
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use talon_domain::fold::Fold;
    use talon_domain::state::Status;

    use super::*;

    #[test]
    fn every_payment_is_told_in_nine_facts_and_contradicts_nobody() {
        let mut fold = Fold::new();
        for (partition, fact) in facts(1_000) {
            fold.apply(partition, fact);
        }
        assert_eq!((fold.counts().facts, fold.counts().conflicts), (9_000, 0));
        for (key, stream) in fold.payments() {
            let state = stream.state(key);
            assert_eq!((state.status, state.anomalies.len()), (Status::Collected, 0), "{:?}", state.anomalies);
            assert_eq!((stream.facts().count(), state.debits.len(), state.prints.len()), (9, 1, 3));
            let mut counted: Vec<_> =
                stream.facts().map(|fact| fact.header.terminal_seq.0).filter(|seq| *seq != 0).collect();
            counted.sort_unstable();
            assert!(counted.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{counted:?} has no hole");
        }
        assert_eq!(fold.payments().count(), 1_000);
    }

    #[test]
    fn payments_are_interleaved_over_all_partitions() {
        let facts = facts(1_000);
        let mut partitions = BTreeMap::new();
        for (partition, _) in &facts {
            *partitions.entry(*partition).or_insert(0) += 1;
        }
        assert_eq!(partitions.len(), usize::from(PARTITIONS));
        let neighbours = facts.windows(2).filter(|pair| pair[0].1.header.stream == pair[1].1.header.stream);
        assert!(neighbours.count() < facts.len() / 50, "a payment's facts do not follow each other");
    }
}
