//! A line of a table is a fact: `TerminalTotals t417 e1 day=2026-11-25 last=120 alma=2/100.00`.
//!
//! The kind comes first; then, in any order, a source, an amount, `t417` for a terminal, `e1` for its epoch, `p2` for
//! another payment, `training`, and `key=value` for everything else. `at=26T10:00` is a moment of November 2026 in UTC,
//! and so is `recorded=`, which is the same moment where it is not said.

use talon_domain::fact::{
    ApplicationTotal, Assignment, Calendar, Connectivity, Decided, Direction, Establishment, EventRefused, Fact,
    FactHeader, FeePlan, Kind, Merchant, Ordinal, Payload, PaymentAccepted, PaymentInitiated, PayoutRule,
    PrintedTicket, RefundEnd, RefundRequested, Refunded, Rounding, RoundingScope, SequenceVoided, Shop, SmsSent,
    Source, TerminalRange, TerminalTotals, Text, TicketKind, TicketsPrinted, TillTotals,
};
use talon_domain::ids::{
    EventId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::money::Money;
use talon_domain::time::{Day, Instant};

mod flow;

pub(crate) const MERCHANT: MerchantId = MerchantId(732_829_320);

/// The words of one line.
pub(crate) struct Words<'a>(pub(crate) &'a str);

impl<'a> Words<'a> {
    pub(crate) fn all(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.split_whitespace()
    }

    pub(crate) fn values<'w>(&self, key: &'w str) -> impl Iterator<Item = &'a str> + use<'a, 'w> {
        self.all().filter_map(move |word| word.strip_prefix(key)?.strip_prefix('='))
    }

    pub(crate) fn text(&self, key: &str) -> Option<Text> {
        self.values(key).next().map(Into::into)
    }

    pub(crate) fn number<N: std::str::FromStr + Default>(&self, key: &str) -> N {
        let parsed = |text: &str| text.parse().unwrap_or_else(|_| panic!("{key} in: {}", self.0));
        self.values(key).next().map_or_else(N::default, parsed)
    }

    pub(crate) fn day(&self, key: &str) -> Option<Day> {
        self.values(key).next().map(day)
    }

    /// The first number behind a letter: 417 of `t417`.
    pub(crate) fn lettered<N: std::str::FromStr>(&self, letter: char) -> Option<N> {
        self.all().find_map(|word| word.strip_prefix(letter)?.parse().ok())
    }

    pub(crate) fn amount(&self) -> Money {
        euros(self.all().find(|word| word.contains('.') && !word.contains('=')).expect("an amount"))
    }

    pub(crate) fn source(&self) -> Option<Source> {
        let named = |word| Source::ALL.into_iter().find(|source| source.name() == word);
        self.all().find_map(named)
    }

    pub(crate) fn named<T: Copy>(&self, key: &str, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let text = self.values(key).next()?;
        Some(all.iter().copied().find(|choice| name(*choice) == text).unwrap_or_else(|| panic!("{key} in: {}", self.0)))
    }
}

/// `2026-11-25`.
pub(crate) fn day(text: &str) -> Day {
    let parts: Vec<u32> = text.split('-').map(|part| part.parse().expect("a number")).collect();
    let [year, month, day] = parts[..] else { panic!("a day: {text}") };
    Day::of(year.try_into().expect("a year"), month, day).expect("a day")
}

/// `26T10:00`, of November 2026, or `2026-04-02T10:00`.
pub(crate) fn moment(text: &str) -> Instant {
    let (date, time) = text.split_once('T').expect("a moment");
    let (hour, minute) = time.split_once(':').expect("a time");
    let number = |text: &str| text.parse::<i64>().expect("a number");
    let is_date = date.contains('-');
    let days = if is_date { day(date).0.into() } else { i64::from(day("2026-11-01").0) + number(date) - 1 };
    Instant(((days * 24 + number(hour)) * 60 + number(minute)) * 60_000_000)
}

pub(crate) fn euros(text: &str) -> Money {
    let (whole, cents) = text.split_once('.').expect("an amount");
    Money::eur(whole.parse::<u64>().expect("a number") * 100 + cents.parse::<u64>().expect("cents")).expect("small")
}

/// The fact that a line tells, and the partition that it is told to; `number` is the line's.
pub(crate) fn fact(line: &str, number: u32) -> (PartitionId, Fact) {
    let words = Words(line);
    let (kind, payload) = payload(&words);
    let is_registry = kind.0 >= 4000;
    let source = words.source().unwrap_or(if is_registry { Source::Person } else { Source::Gateway });
    let occurred_at = words.values("at").next().map_or_else(|| moment("25T09:00"), moment);
    let merchant = if kind.is_broadcast() { MerchantId(0) } else { MerchantId(words.number::<u64>("m")) };
    let merchant = if merchant.0 == 0 && !kind.is_broadcast() { MERCHANT } else { merchant };
    let names_terminal = !is_registry && kind.0 < 1000;
    let header = FactHeader {
        kind,
        schema: 1,
        recorded_at: words.values("recorded").next().map_or(occurred_at, moment),
        occurred_at,
        merchant,
        shop: ShopId(words.number("shop")),
        terminal: TerminalId(words.lettered('t').filter(|_| names_terminal).unwrap_or(0)),
        terminal_seq: TerminalSeq(words.number("seq")),
        terminal_epoch: TerminalEpoch(words.lettered('e').filter(|_| names_terminal).unwrap_or(0)),
        day: occurred_at.paris_day().expect("a day"),
        principal: PrincipalId(1),
        source,
        event_id: EventId(uuid(0xe, number)),
        stream: talon_domain::claim::natural_stream(&payload)
            .unwrap_or_else(|| StreamId(uuid(0xa, words.lettered('p').unwrap_or(1)))),
        sealed: false,
        training: words.all().any(|word| word == "training"),
        imported: false,
        clock_doubtful: false,
    };
    (PartitionId(0), Fact { header, payload })
}

fn uuid(family: u8, number: u32) -> [u8; 16] {
    let mut id = [0; 16];
    id[6] = 0x70;
    id[8] = 0x80 | family;
    id[12..].copy_from_slice(&number.to_be_bytes());
    id
}

fn payload(words: &Words<'_>) -> (Kind, Payload) {
    let terminal = TerminalId(words.lettered('t').unwrap_or(0));
    let epoch = TerminalEpoch(words.lettered('e').unwrap_or(0));
    let revision = words.number("rev");
    match words.all().next().expect("a kind") {
        "MerchantRegistered" => (Kind::MERCHANT_REGISTERED, Payload::Merchant(merchant(words))),
        "ShopRegistered" => (Kind::SHOP_REGISTERED, Payload::Shop(Box::new(shop(words)))),
        "TerminalAssigned" => (Kind::TERMINAL_ASSIGNED, Payload::Assignment(Box::new(assignment(words)))),
        "FeePlanRegistered" => (Kind::FEE_PLAN_REGISTERED, Payload::FeePlan(Box::new(fee_plan(words)))),
        "CalendarRegistered" => (Kind::CALENDAR_REGISTERED, Payload::Calendar(calendar(words))),
        "SmsSent" => {
            let number = Ordinal::new(words.number("n"));
            (Kind::SMS_SENT, Payload::SmsSent(SmsSent { number, message_id: None, revision }))
        }
        "TerminalTotals" => {
            let (day, last_seq) = (words.day("day").expect("a day"), TerminalSeq(words.number("last")));
            let lines = words.all().filter_map(application).collect();
            let totals = TerminalTotals { terminal, epoch, day, last_seq, lines, revision };
            (Kind::TERMINAL_TOTALS, Payload::TerminalTotals(totals))
        }
        "TillTotals" => (Kind::TILL_TOTALS, Payload::TillTotals(till_totals(words))),
        "TicketsPrinted" => {
            let paper = |kind| PrintedTicket { kind, about: None, copy: Ordinal::default() };
            let tickets = [TicketKind::Customer, TicketKind::Till].map(paper).to_vec();
            (Kind::TICKETS_PRINTED, Payload::TicketsPrinted(TicketsPrinted { tickets, revision }))
        }
        "SequenceVoided" => {
            let (from, to) = (TerminalSeq(words.number("from")), TerminalSeq(words.number("to")));
            let voided = SequenceVoided { terminal, epoch, from, to, reason: None, revision };
            (Kind::SEQUENCE_VOIDED, Payload::SequenceVoided(voided))
        }
        "EventRefused" => {
            let seq = words.number("number");
            let refused =
                EventRefused { code: 20, event_id: EventId(uuid(0xf, seq)), terminal, epoch, seq: TerminalSeq(seq) };
            (Kind::EVENT_REFUSED, Payload::EventRefused(refused))
        }
        "Unreadable" => (Kind(799), Payload::Parked(Box::default())),
        other => flow::payload(other, words, revision)
            .or_else(|| crate::told::payload(other, words, revision))
            .unwrap_or_else(|| payment(other, words, revision)),
    }
}

fn payment(kind: &str, words: &Words<'_>, revision: u64) -> (Kind, Payload) {
    let (amount, provider) = (words.amount(), words.text("by"));
    match kind {
        "PaymentInitiated" => {
            let initiated = PaymentInitiated {
                amount,
                provider,
                till_id: words.text("till"),
                till_ticket: words.text("ticket"),
                cashier_code: None,
                terminal_clock: None,
                revision,
            };
            (Kind::PAYMENT_INITIATED, Payload::PaymentInitiated(initiated))
        }
        "PaymentAccepted" => {
            let accepted = PaymentAccepted {
                payment_id: words.text("id"),
                amount: Some(amount),
                attempt: Ordinal::default(),
                deferred_capture: false,
                provider,
                revision,
            };
            (Kind::PAYMENT_ACCEPTED, Payload::PaymentAccepted(accepted))
        }
        "RefundRequested" => {
            let request_id = words.text("request").expect("a request");
            let amount = Some(amount);
            let asked = RefundRequested { request_id, amount, refund_id: None, reason: None, provider, revision };
            (Kind::REFUND_REQUESTED, Payload::RefundRequested(asked))
        }
        "RefundCompleted" => {
            let end = RefundEnd::Completed { cash: None, rebate: None, from_cancellation: false, payment_id: None };
            let (refund_id, request_id) = (words.text("id"), words.text("request"));
            let refunded = Refunded { refund_id, request_id, amount: Some(amount), end, provider, revision };
            (Kind::REFUND_COMPLETED, Payload::Refunded(Box::new(refunded)))
        }
        other => panic!("no such fact: {other}"),
    }
}

/// `alma=2/100.00`; a sum below nothing is a debit: `alma=1/-20.00`.
fn application(word: &str) -> Option<ApplicationTotal> {
    let (application, (count, amount)) =
        word.split_once('=').and_then(|(name, rest)| Some((name, rest.split_once('/')?)))?;
    let direction = if amount.starts_with('-') { Direction::Debit } else { Direction::Credit };
    let (count, amount) = (count.parse().expect("a count"), euros(amount.trim_start_matches('-')));
    Some(ApplicationTotal { application: application.into(), count, amount, direction })
}

fn till_totals(words: &Words<'_>) -> TillTotals {
    TillTotals {
        shop: ShopId(words.number("shop")),
        till: words.text("till").expect("a till"),
        day: words.day("day").expect("a day"),
        tender: words.text("tender").expect("a tender"),
        count: words.number("n"),
        amount: words.amount(),
        direction: Direction::Credit,
        revision: words.number("rev"),
    }
}

fn merchant(words: &Words<'_>) -> Merchant {
    let label = words.text("label").unwrap_or_else(|| "Halles_du_Lin".into());
    let (country, closed_from) = (words.text("country"), words.day("closed"));
    Merchant { label, country, closed_from, decided: Decided::default(), revision: words.number("rev") }
}

fn shop(words: &Words<'_>) -> Shop {
    let establishment = |text: &str| {
        let (nic, from) = text.split_once('@').map_or((text, None), |(nic, from)| (nic, Some(day(from))));
        Establishment { nic: ShopId(nic.parse().expect("a NIC")), from_day: from }
    };
    Shop {
        code: words.text("code").expect("a code"),
        label: words.text("label"),
        town: words.text("town"),
        establishments: words.values("nic").map(establishment).collect(),
        closed_from: words.day("closed"),
        decided: Decided::default(),
        revision: words.number("rev"),
    }
}

fn assignment(words: &Words<'_>) -> Assignment {
    Assignment {
        terminal: TerminalId(words.lettered('t').expect("a terminal")),
        epoch: TerminalEpoch(words.lettered('e').unwrap_or(0)),
        shop_code: words.text("in"),
        serial: words.text("serial"),
        logical_id: None,
        range: words.named("range", TerminalRange::ALL, TerminalRange::name),
        model: None,
        connectivity: words.named("net", Connectivity::ALL, Connectivity::name),
        first_seq: TerminalSeq(words.number("first")),
        from_day: words.day("from"),
        until_day: words.day("until"),
        decided: Decided::default(),
        revision: words.number("rev"),
    }
}

fn fee_plan(words: &Words<'_>) -> FeePlan {
    FeePlan {
        id: words.text("id").expect("an id"),
        version: Ordinal::new(words.number("v")),
        provider: words.text("by").expect("a provider"),
        installments_count: words.number("n"),
        deferred_days: words.number("days"),
        deferred_months: words.number("months"),
        from_day: words.day("from"),
        until_day: words.day("until"),
        merchant_fee_bps: words.number("bps"),
        merchant_fee_fixed: words.values("fixed").next().map(euros),
        tax_bps: 2_000,
        customer_fee_bps: 0,
        purchase_least: words.values("least").next().map(euros),
        purchase_most: words.values("most").next().map(euros),
        rounding: words.named("rounding", Rounding::ALL, Rounding::name),
        rounding_scope: words.named("scope", RoundingScope::ALL, RoundingScope::name),
        payout_rule: words.named("pays", PayoutRule::ALL, PayoutRule::name),
        payout_day: words.number("on"),
        decided: Decided::default(),
        revision: words.number("rev"),
    }
}

fn calendar(words: &Words<'_>) -> Calendar {
    Calendar {
        id: words.text("id").expect("an id"),
        version: Ordinal::new(words.number("v")),
        closed_days: words.values("closed").map(|text| (day(text), None)).collect(),
        decided: Decided::default(),
        revision: words.number("rev"),
    }
}
