//! A line of a table is a fact: `InstalmentDebited provider 69.78 i=2 id=D7 e=4 at=10:02`.
//!
//! The kind comes first; then, in any order, a source, an amount, `t2` for another payment, `training`, and `key=value`
//! for everything else. What a line leaves out is absent from the fact. Events are numbered by their line (`e=`).

use talon_domain::fact::{
    CancellationReason, DebitFailed, DebitFailureReason, Debited, End, Ended, Fact, FactHeader, Kind, Ordinal, Payload,
    PaymentAccepted, PaymentInitiated, PhoneVerified, PrintedTicket, RefusalReason, ScheduleChosen, SmsSent, Source,
    Text, TicketKind, TicketsPrinted, UnknownReason,
};
use talon_domain::ids::{EventId, MerchantId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::plan::{Instalment, Plan};
use talon_domain::time::Instant;

/// 2026-11-25T09:00:00Z.
pub(crate) const MORNING: Instant = Instant(1_795_597_200_000_000);
pub(crate) const MINUTE: i64 = 60_000_000;
pub(crate) const MERCHANT: MerchantId = MerchantId(732_829_320);

pub(crate) fn event_id(number: u32) -> EventId {
    EventId(uuid(0xe, number))
}

pub(crate) fn stream_id(number: u32) -> StreamId {
    StreamId(uuid(0xa, number))
}

fn uuid(family: u8, number: u32) -> [u8; 16] {
    let mut id = [0; 16];
    id[6] = 0x70;
    id[8] = 0x80 | family;
    id[12..].copy_from_slice(&number.to_be_bytes());
    id
}

/// The facts in another order, one for each seed.
pub(crate) fn shuffled(facts: &[Fact], seed: u64) -> Vec<Fact> {
    let mut random = seed;
    let mut order = facts.to_vec();
    for at in (1..order.len()).rev() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(at, usize::try_from(random >> 33).expect("31 bits") % (at + 1));
    }
    order
}

/// The words of one line.
struct Words<'a> {
    line: &'a str,
    number: u32,
}

impl<'a> Words<'a> {
    fn all(&self) -> impl Iterator<Item = &'a str> {
        self.line.split_whitespace()
    }

    fn value(&self, key: &str) -> Option<&'a str> {
        self.all().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    fn has(&self, word: &str) -> bool {
        self.all().any(|other| other == word)
    }

    fn text(&self, key: &str) -> Option<Text> {
        self.value(key).map(Into::into)
    }

    fn count(&self, key: &str) -> u32 {
        self.value(key).map_or(0, |text| text.parse().unwrap_or_else(|_| panic!("{key} in: {}", self.line)))
    }

    fn ordinal(&self, key: &str) -> Ordinal {
        Ordinal::new(self.count(key))
    }

    fn source(&self) -> Source {
        let named = |word| Source::ALL.into_iter().find(|source| source.name() == word);
        self.all().find_map(named).unwrap_or(Source::Gateway)
    }

    fn amount(&self) -> Option<Money> {
        self.all().skip(1).find_map(|word| (!word.contains('=')).then(|| cents(word))?).map(|amount| Money {
            currency: self.value("currency").map_or(Currency::EUR, |code| Currency::parse(code).expect("a code")),
            amount,
        })
    }

    fn stream(&self) -> u32 {
        self.all().find_map(|word| word.strip_prefix('t')?.parse().ok()).unwrap_or(1)
    }

    fn occurred_at(&self) -> Instant {
        self.value("at").map_or(Instant(MORNING.0 + i64::from(self.number) * MINUTE), |at| self.instant(at))
    }

    /// `10:05`, of the day that most tables play on, or a whole time.
    fn instant(&self, at: &str) -> Instant {
        let text = if at.len() == 5 { format!("2026-11-25T{at}:00Z") } else { at.to_owned() };
        let time = chrono::DateTime::parse_from_rfc3339(&text).unwrap_or_else(|_| panic!("a time in: {}", self.line));
        Instant(time.timestamp_micros())
    }
}

fn cents(word: &str) -> Option<Amount> {
    let (whole, part) = word.split_once('.')?;
    let minor = whole.parse::<u64>().ok()? * 100 + part.parse::<u64>().ok().filter(|_| part.len() == 2)?;
    Amount::new(minor)
}

/// The fact that a line tells; `number` is the line's, and the event's where it states none.
pub(crate) fn fact(line: &str, number: u32) -> Fact {
    let words = Words { line, number };
    let (kind, payload) = payload(&words);
    let occurred_at = words.occurred_at();
    let header = FactHeader {
        kind,
        schema: 1,
        recorded_at: words.value("rec").map_or(MORNING, |rec| words.instant(rec)),
        occurred_at,
        merchant: MERCHANT,
        shop: ShopId(words.count("shop")),
        terminal: TerminalId(words.count("terminal")),
        terminal_seq: TerminalSeq(words.count("seq")),
        terminal_epoch: TerminalEpoch(words.value("epoch").map_or(1, |epoch| epoch.parse().expect("an epoch"))),
        day: occurred_at.paris_day().expect("in range"),
        principal: PrincipalId(1),
        source: words.source(),
        event_id: event_id(words.value("e").map_or(number, |_| words.count("e"))),
        stream: stream_id(words.stream()),
        sealed: kind == Kind::PHONE_VERIFIED,
        training: words.has("training"),
        imported: false,
        clock_doubtful: words.has("doubtful"),
    };
    Fact { header, payload }
}

fn payload(words: &Words<'_>) -> (Kind, Payload) {
    let kind_name = words.all().next().expect("a kind");
    let kind = *Kind::KNOWN.iter().find(|kind| kind.name() == kind_name).unwrap_or_else(|| panic!("{kind_name}"));
    let (revision, provider, attempt) = (words.count("rev").into(), words.text("provider"), words.ordinal("attempt"));
    let ended = |end| Payload::Ended(Ended { end, attempt, provider: provider.clone(), revision });
    let amount = || words.amount().unwrap_or_else(|| panic!("an amount in: {}", words.line));
    let payload = match kind {
        Kind::PAYMENT_INITIATED => Payload::PaymentInitiated(PaymentInitiated {
            amount: amount(),
            provider,
            till_id: words.text("till"),
            till_ticket: words.text("ticket"),
            cashier_code: words.text("cashier"),
            terminal_clock: None,
            revision,
        }),
        Kind::PHONE_VERIFIED => Payload::PhoneVerified(PhoneVerified { number: words.ordinal("n"), revision }),
        Kind::SMS_SENT => {
            Payload::SmsSent(SmsSent { number: words.ordinal("n"), message_id: words.text("id"), revision })
        }
        Kind::SCHEDULE_CHOSEN => Payload::ScheduleChosen(ScheduleChosen {
            version: words.ordinal("v"),
            plan: plan(words),
            provider,
            revision,
        }),
        Kind::PAYMENT_ACCEPTED => Payload::PaymentAccepted(PaymentAccepted {
            payment_id: words.text("id"),
            amount: words.amount(),
            attempt,
            deferred_capture: words.has("manual"),
            provider,
            revision,
        }),
        Kind::CARD_DEBITED | Kind::INSTALMENT_DEBITED => Payload::Debited(Debited {
            instalment: if kind == Kind::CARD_DEBITED { 1 } else { words.count("i") },
            amount: amount(),
            debit_id: words.text("id"),
            payment_id: words.text("payment"),
            provider,
            revision,
        }),
        Kind::TICKETS_PRINTED => Payload::TicketsPrinted(TicketsPrinted { tickets: tickets(words), revision }),
        Kind::PAYMENT_REFUSED => ended(End::Refused(match words.value("reason") {
            Some("card") => Some(RefusalReason::CardDeclined),
            Some("provider") => Some(RefusalReason::ByProvider),
            _ => None,
        })),
        Kind::PAYMENT_EXPIRED => ended(End::Expired),
        Kind::PAYMENT_CANCELLED => ended(End::Cancelled(match words.value("reason") {
            Some("customer") => Some(CancellationReason::RequestedByCustomer),
            Some("authorization_expired") => Some(CancellationReason::AuthorizationExpired),
            _ => None,
        })),
        Kind::OUTCOME_UNKNOWN => {
            ended(End::Unknown(words.has("maybe").then_some(UnknownReason::MoreInformationNeeded)))
        }
        Kind::DEBIT_FAILED => Payload::DebitFailed(DebitFailed {
            instalment: words.count("i"),
            attempt,
            amount: words.amount(),
            reason: words.has("opposition").then_some(DebitFailureReason::Opposition),
            provider,
            revision,
        }),
        other => panic!("{other:?} cannot stand in a table"),
    };
    (kind, payload)
}

fn tickets(words: &Words<'_>) -> Vec<PrintedTicket> {
    let kinds = words.all().filter_map(|word| TicketKind::from_number(word.strip_prefix('T')?.parse().ok()?));
    kinds.map(|kind| PrintedTicket { kind, about: words.text("about"), copy: words.ordinal("copy") }).collect()
}

/// `lines=100.00,100.00` with `fee=` on the first, due monthly from 2026-11-25; `due=` and `numbers=` override.
fn plan(words: &Words<'_>) -> Plan {
    let list = |key| words.value(key).map(|text| text.split(',').collect::<Vec<_>>());
    let lines = list("lines").unwrap_or_else(|| panic!("lines in: {}", words.line));
    let (due, numbers, interest) = (list("due"), list("numbers"), list("interest"));
    let currency = words.value("currency").map_or(Currency::EUR, |code| Currency::parse(code).expect("a code"));
    let zero = Amount::ZERO;
    let entry = |(k, line): (u32, &&str)| {
        let at = k as usize;
        let purchase_amount = cents(line).expect("an amount");
        let customer_fee = if k == 0 { words.value("fee").and_then(cents).unwrap_or(zero) } else { zero };
        let customer_interest = interest.as_ref().map_or(zero, |all| cents(all[at]).expect("an amount"));
        let months = due.as_ref().map_or(k, |all| all[at].parse().expect("months"));
        let whole = purchase_amount.checked_add(customer_fee).expect("small");
        Instalment {
            number: numbers.as_ref().map_or(k + 1, |all| all[at].parse().expect("a number")),
            due_date: MORNING.plus_months(months).expect("in range"),
            currency,
            purchase_amount,
            customer_fee,
            customer_interest,
            total_amount: whole.checked_add(customer_interest).expect("small"),
            original_purchase_amount: purchase_amount,
        }
    };
    Plan {
        installments_count: words
            .value("count")
            .map_or(u32::try_from(lines.len()).expect("few"), |_| words.count("count")),
        deferred_days: words.count("days"),
        deferred_months: words.count("months"),
        instalments: (0..).zip(&lines).map(entry).collect(),
        customer_total_cost: words
            .value("cost")
            .map(|text| Money { currency, amount: cents(text).expect("an amount") }),
        annual_interest_rate_bps: None,
        legal_regime: None,
    }
}
