//! A payment as it is told: facts, one after the other, folded into a state. No state is built by hand.

use talon_domain::fact::{
    ChargebackStage, Debited, DefaultStage, End, Ended, Fact, FactHeader, Kind, Ordinal, Payload, PaymentAccepted,
    PaymentInitiated, PlanChange, ScheduleChosen, SmsSent, Source,
};
use talon_domain::fold::Fold;
use talon_domain::ids::{
    EventId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, StreamKey, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::plan::{Instalment, Offer, Plan, quote};
use talon_domain::state::State;
use talon_domain::time::Instant;

mod later;

pub(crate) const MERCHANT: MerchantId = MerchantId(732_829_320);
pub(crate) const PAYMENT_ID: &str = "payment_11uPRjP8cGDFUaPcLBEX3xk3D3p6jkVEw0";
/// 24 November 2025, 14:05:09 in Paris.
pub(crate) const AFTERNOON: i64 = 1_763_989_509;

/// The facts of one payment; each is told a minute after the one before.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    start: Instant,
    source: Source,
    training: bool,
    facts: Vec<Fact>,
}

impl Story {
    /// Begins at so many seconds since the epoch; the gateway tells it.
    pub(crate) fn at(seconds: i64) -> Self {
        Self { start: instant(seconds), source: Source::Gateway, training: false, facts: Vec::new() }
    }

    pub(crate) fn for_practice(self) -> Self {
        Self { training: true, ..self }
    }

    /// Who tells what follows.
    pub(crate) fn by(self, source: Source) -> Self {
        Self { source, ..self }
    }

    /// What follows is told from this second on.
    pub(crate) fn on(self, seconds: i64) -> Self {
        let told = i64::try_from(self.facts.len()).expect("few facts");
        Self { start: Instant(instant(seconds).0 - told * 60_000_000), ..self }
    }

    pub(crate) fn tells(mut self, payload: Payload) -> Self {
        let number = u8::try_from(self.facts.len()).expect("few facts");
        let occurred_at = Instant(self.start.0 + i64::from(number) * 60_000_000);
        let header = FactHeader {
            kind: kind(&payload),
            schema: 1,
            recorded_at: occurred_at,
            occurred_at,
            merchant: MERCHANT,
            shop: ShopId(74),
            terminal: TerminalId(3),
            terminal_seq: TerminalSeq(0),
            terminal_epoch: TerminalEpoch(1),
            day: occurred_at.paris_day().expect("in range"),
            principal: PrincipalId(2),
            source: self.source,
            event_id: EventId([1, 154, 185, 244, 213, 128, 122, 170, 139, 187, 0, 0, 0, 0, 1, number]),
            stream: stream(),
            sealed: false,
            training: self.training,
            imported: false,
            clock_doubtful: false,
        };
        self.facts.push(Fact { header, payload });
        self
    }

    /// What the facts add up to.
    pub(crate) fn state(&self) -> State {
        let mut fold = Fold::new();
        for fact in &self.facts {
            fold.apply(PartitionId(0), fact.clone());
        }
        let key = StreamKey { merchant: MERCHANT, stream: stream(), training: self.training };
        fold.stream(key).expect("at least one fact").state(key)
    }

    pub(crate) fn initiated(self, cents: u64) -> Self {
        self.tells(Payload::PaymentInitiated(PaymentInitiated {
            amount: eur(cents),
            provider: Some("alma".into()),
            till_id: Some("CAISSE-2".into()),
            till_ticket: Some("T-004812".into()),
            cashier_code: Some("17".into()),
            terminal_clock: None,
            revision: 0,
        }))
    }

    pub(crate) fn sms_sent(self) -> Self {
        self.tells(Payload::SmsSent(SmsSent { number: Ordinal::new(1), message_id: None, revision: 0 }))
    }

    pub(crate) fn chosen(self, plan: &Plan) -> Self {
        self.states(1, plan, None)
    }

    /// A plan is stated again, and nobody says why.
    pub(crate) fn restated(self, version: u32, plan: &Plan) -> Self {
        self.states(version, plan, None)
    }

    /// The provider states its plan again.
    pub(crate) fn changed(self, version: u32, plan: &Plan, change: PlanChange) -> Self {
        self.states(version, plan, Some(change))
    }

    fn states(self, version: u32, plan: &Plan, change: Option<PlanChange>) -> Self {
        let (version, plan) = (Ordinal::new(version), plan.clone());
        let chosen = ScheduleChosen { version, plan, change, provider: None, revision: 0 };
        self.by(Source::Provider).tells(Payload::ScheduleChosen(Box::new(chosen)))
    }

    pub(crate) fn accepted(self) -> Self {
        self.accepted_as(PAYMENT_ID)
    }

    pub(crate) fn accepted_as(self, payment_id: &str) -> Self {
        self.tells(Payload::PaymentAccepted(PaymentAccepted {
            payment_id: Some(payment_id.into()),
            amount: None,
            attempt: Ordinal::new(1),
            deferred_capture: false,
            provider: None,
            revision: 0,
        }))
    }

    pub(crate) fn debited(self, debit_id: &str, cents: u64, payment_id: &str) -> Self {
        self.debited_of(1, debit_id, cents, payment_id)
    }

    pub(crate) fn debited_of(self, instalment: u32, debit_id: &str, cents: u64, payment_id: &str) -> Self {
        self.tells(Payload::Debited(Debited {
            instalment,
            amount: eur(cents),
            debit_id: Some(debit_id.into()),
            payment_id: Some(payment_id.into()),
            provider: None,
            revision: 0,
        }))
    }

    pub(crate) fn ended(self, end: End) -> Self {
        self.ended_at(end, 1)
    }

    pub(crate) fn ended_at(self, end: End, attempt: u32) -> Self {
        let attempt = Ordinal::new(attempt);
        self.tells(Payload::Ended(Ended { end, attempt, provider: None, revision: 0 }))
    }

    /// The whole of an ordinary purchase: typed, sent, chosen, accepted, and the first instalment taken.
    pub(crate) fn sold(start: i64, cents: u64, plan: &Plan) -> Self {
        let first = plan.instalments[0].total_amount.minor_units();
        Self::at(start).initiated(cents).sms_sent().chosen(plan).accepted().debited("debit_1", first, PAYMENT_ID)
    }
}

fn kind(payload: &Payload) -> Kind {
    match payload {
        Payload::PaymentInitiated(_) => Kind::PAYMENT_INITIATED,
        Payload::PhoneVerified(_) => Kind::PHONE_VERIFIED,
        Payload::SmsSent(_) => Kind::SMS_SENT,
        Payload::ScheduleChosen(_) => Kind::SCHEDULE_CHOSEN,
        Payload::PaymentAccepted(_) => Kind::PAYMENT_ACCEPTED,
        Payload::Debited(debited) if debited.instalment > 1 => Kind::INSTALMENT_DEBITED,
        Payload::Debited(_) => Kind::CARD_DEBITED,
        Payload::TicketsPrinted(_) => Kind::TICKETS_PRINTED,
        Payload::DebitFailed(_) => Kind::DEBIT_FAILED,
        Payload::RefundRequested(_) => Kind::REFUND_REQUESTED,
        Payload::Refunded(refunded) if refunded.end.stage() == 1 => Kind::REFUND_COMPLETED,
        Payload::Refunded(_) => Kind::REFUND_FAILED,
        Payload::WithdrawalExercised(_) => Kind::WITHDRAWAL_EXERCISED,
        Payload::InstalmentDefault(default) => match default.stage {
            DefaultStage::Covered => Kind::INSTALMENT_COVERED,
            DefaultStage::Claimed => Kind::INSTALMENT_CLAIMED,
        },
        Payload::Chargeback(chargeback) => match chargeback.stage {
            ChargebackStage::Opened => Kind::CHARGEBACK_OPENED,
            ChargebackStage::Won => Kind::CHARGEBACK_WON,
            ChargebackStage::Lost => Kind::CHARGEBACK_LOST,
        },
        Payload::Ended(ended) => match ended.end {
            End::Refused(_) => Kind::PAYMENT_REFUSED,
            End::Expired => Kind::PAYMENT_EXPIRED,
            End::Cancelled(_) => Kind::PAYMENT_CANCELLED,
            End::Unknown(_) => Kind::OUTCOME_UNKNOWN,
            End::TimedOut => Kind::SHOP_TIMED_OUT,
        },
        other => panic!("{other:?} has no place in a story"),
    }
}

fn stream() -> StreamId {
    StreamId::parse("019ab9f4-d580-7aaa-8bbb-0102030405aa").expect("an id")
}

pub(crate) fn instant(seconds: i64) -> Instant {
    Instant::from_seconds(seconds).expect("in range")
}

pub(crate) fn eur(cents: u64) -> Money {
    Money::eur(cents).expect("small")
}

fn amount(cents: u64) -> Amount {
    Amount::new(cents).expect("small")
}

/// A plan by the published rules.
pub(crate) fn quoted(cents: u64, offer: Offer, fee: u64, start: i64) -> Plan {
    quote(eur(cents), offer, instant(start), amount(fee)).expect("quotable")
}

/// A plan as a provider states one: (share, fee, interest) of each instalment, a calendar month apart.
pub(crate) fn stated(parts: &[(u64, u64, u64)], taeg_bps: Option<u32>, start: i64) -> Plan {
    let entry = |(k, (share, fee, interest)): (u32, &(u64, u64, u64))| Instalment {
        number: k + 1,
        due_date: instant(start).plus_months(k).expect("in range"),
        currency: Currency::EUR,
        purchase_amount: amount(*share),
        customer_fee: amount(*fee),
        customer_interest: amount(*interest),
        total_amount: amount(share + fee + interest),
        original_purchase_amount: amount(*share),
    };
    Plan {
        installments_count: u32::try_from(parts.len()).expect("few"),
        deferred_days: 0,
        deferred_months: 0,
        instalments: (0..).zip(parts).map(entry).collect(),
        customer_total_cost: None,
        annual_interest_rate_bps: taeg_bps,
        legal_regime: None,
    }
}

/// The published credit of ten: 450,00 EUR, TAEG 17,19 %, cost 26,67 EUR.
pub(crate) fn credit_of_ten() -> Plan {
    let parts = [
        (4_773, 0, 0),
        (4_274, 0, 492),
        (4_294, 0, 472),
        (4_337, 0, 429),
        (4_395, 0, 371),
        (4_485, 0, 281),
        (4_516, 0, 250),
        (4_583, 0, 183),
        (4_639, 0, 127),
        (4_704, 0, 62),
    ];
    stated(&parts, Some(1_719), 1_634_819_600)
}

/// The plan after a refund took so many cents off these instalments: (number, cents).
pub(crate) fn less(plan: &Plan, taken: &[(u32, u64)]) -> Plan {
    let mut plan = plan.clone();
    for entry in &mut plan.instalments {
        let off = taken.iter().find(|(number, _)| *number == entry.number).map_or(0, |(_, cents)| *cents);
        entry.purchase_amount = amount(entry.purchase_amount.minor_units() - off);
        entry.total_amount = amount(entry.total_amount.minor_units() - off);
    }
    plan
}

/// The plan with one instalment so many days later.
pub(crate) fn postponed(plan: &Plan, number: u32, days: u32) -> Plan {
    let mut plan = plan.clone();
    for entry in plan.instalments.iter_mut().filter(|entry| entry.number == number) {
        entry.due_date = entry.due_date.plus_days(days).expect("in range");
    }
    plan
}
