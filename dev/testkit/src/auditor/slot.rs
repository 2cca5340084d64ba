//! Slots: what a fact claims to tell, named by its content (record.md 2 B; the table "slots" of docs/format.md 10).
//!
//! A slot is its family's number and the parts of its key. Slots are ordered by family, then by the parts of the key,
//! one after the other; that is the order of a row.

use sha2::{Digest as _, Sha256};
use talon_domain::fact::{DefaultStage, End, Fact, Ordinal, Payload, SettlementLine, Source};
use talon_domain::ids::StreamId;
use talon_domain::money::Money;
use talon_domain::time::Day;

use crate::hex;

use super::content;

/// The name of a slot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub(super) family: u8,
    pub(super) key: Vec<Part>,
}

/// One part of a slot's key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// A choice, by its number, with the word that people read.
    Choice(u8, &'static str),
    /// Which of two forms of a key follows; people see it without.
    Form(u8),
    Number(u32),
    Text(String),
    Id([u8; 16]),
    Hash([u8; 32]),
    Day(Day),
    Money(Money),
}

pub(super) const INITIATION: u8 = 1;
pub(super) const PHONE: u8 = 2;
pub(super) const SMS: u8 = 3;
pub(super) const SMS_DELIVERY: u8 = 4;
pub(super) const LINK_OPENED: u8 = 5;
pub(super) const PLAN: u8 = 6;
pub(super) const ACCEPTANCE: u8 = 7;
pub(super) const OUTCOME: u8 = 8;
pub(super) const CANCEL_ASKED: u8 = 9;
pub(super) const DEBIT: u8 = 10;
pub(super) const DEBIT_WITHOUT_ID: u8 = 11;
pub(super) const DEBIT_FAILURE: u8 = 12;
pub(super) const COVERED: u8 = 13;
pub(super) const CLAIMED: u8 = 14;
pub(super) const CARD_REPLACED: u8 = 15;
pub(super) const REFUND_REQUEST: u8 = 16;
pub(super) const REFUND: u8 = 17;
pub(super) const REFUND_WITHOUT_ID: u8 = 18;
pub(super) const WITHDRAWAL: u8 = 19;
pub(super) const PRINT: u8 = 20;
pub(super) const EMAIL: u8 = 21;
pub(super) const REPLACES: u8 = 22;
pub(super) const CHARGEBACK: u8 = 23;
pub(super) const REVERSAL: u8 = 24;

/// The ends of an attempt, as slots number them.
pub(super) const REFUSED: Part = Part::Choice(1, "refused");
pub(super) const EXPIRED: Part = Part::Choice(2, "expired");
pub(super) const CANCELLED: Part = Part::Choice(3, "cancelled");
pub(super) const UNKNOWN: Part = Part::Choice(4, "unknown");
pub(super) const TIMED_OUT: Part = Part::Choice(5, "timed_out");

impl Slot {
    pub(super) const fn new(family: u8, key: Vec<Part>) -> Self {
        Self { family, key }
    }

    /// A slot whose key is one text.
    pub(super) fn of_text(family: u8, text: &str) -> Self {
        Self::new(family, vec![Part::Text(text.to_owned())])
    }

    /// A slot whose key is one number.
    pub(super) fn of_number(family: u8, number: u32) -> Self {
        Self::new(family, vec![Part::Number(number)])
    }

    /// The text at a place of the key; empty where there is none.
    pub(super) fn text(&self, place: usize) -> &str {
        match self.key.get(place) {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The number at a place of the key; 0 where there is none.
    pub(super) fn number(&self, place: usize) -> u32 {
        match self.key.get(place) {
            Some(Part::Number(number)) => *number,
            _ => 0,
        }
    }

    /// The parts of its key as text.
    fn texts(&self) -> Vec<String> {
        let mut parts = Vec::new();
        for part in &self.key {
            parts.push(match part {
                Part::Form(_) => continue,
                Part::Choice(_, name) => (*name).to_owned(),
                Part::Number(number) => number.to_string(),
                Part::Text(text) => text.clone(),
                Part::Id(id) => talon_domain::ids::EventId(*id).to_string(),
                Part::Hash(hash) => hex(hash),
                Part::Day(day) => day.to_string(),
                Part::Money(money) => format!("{} {}", money.amount.minor_units(), money.currency),
            });
        }
        parts
    }

    /// Its name for people: `debit(D7)`.
    pub(super) fn label(&self) -> String {
        let (name, parts) = (family_name(self.family), self.texts());
        if parts.is_empty() { name.to_owned() } else { format!("{name}({})", parts.join(", ")) }
    }
}

/// The stream that a fact beside payments makes for itself: "first 16 bytes of SHA-256("talon.stream" || 0x00 || slot
/// family || 0x00 || natural key), in byte 6, counted from 0, the upper four bits set to 0", the natural key being the
/// parts of the slot's key as text, with 0x00 between them; "inside a field 0x00 is written 0x01 0x01, and 0x01 is
/// written 0x01 0x02" (docs/events.md).
pub fn natural_stream(fact: &Fact) -> Option<StreamId> {
    if let Payload::NoteAdded(note) = &fact.payload {
        return Some(note.stream);
    }
    let (slot, _) = claimed_by(fact).into_iter().find(|(slot, _)| slot.family > 100)?;
    let mut hash = Sha256::new();
    hash.update(b"talon.stream\0");
    hash.update(family_name(slot.family).as_bytes());
    hash.update(b"\0");
    let plain = |text: &String| text.replace('\u{1}', "\u{1}\u{2}").replace('\0', "\u{1}\u{1}");
    hash.update(slot.texts().iter().map(plain).collect::<Vec<_>>().join("\0").as_bytes());
    let mut stream = [0; 16];
    stream.copy_from_slice(&hash.finalize()[..16]);
    stream[6] %= 16;
    Some(StreamId(stream))
}

/// The family's name, by the table of docs/format.md 10.
pub(super) const fn family_name(family: u8) -> &'static str {
    match family {
        INITIATION => "initiation",
        PHONE => "phone",
        SMS => "sms",
        SMS_DELIVERY => "sms_delivery",
        LINK_OPENED => "link_opened",
        PLAN => "plan",
        ACCEPTANCE => "acceptance",
        OUTCOME => "outcome",
        CANCEL_ASKED => "cancel_asked",
        DEBIT => "debit",
        DEBIT_WITHOUT_ID => "debit_without_id",
        DEBIT_FAILURE => "debit_failure",
        COVERED => "covered",
        CLAIMED => "claimed",
        CARD_REPLACED => "card_replaced",
        REFUND_REQUEST => "refund_request",
        REFUND => "refund",
        REFUND_WITHOUT_ID => "refund_without_id",
        WITHDRAWAL => "withdrawal",
        PRINT => "print",
        EMAIL => "email",
        REPLACES => "replaces",
        CHARGEBACK => "chargeback",
        REVERSAL => "reversal",
        101 => "statement",
        102 => "line",
        103 => "payout",
        111 => "terminal_totals",
        112 => "till_totals",
        113 => "sequence_voided",
        114 => "event_refused",
        201 => "merchant",
        202 => "shop",
        203 => "assignment",
        204 => "fee_plan",
        211 => "calendar",
        212 => "plan_rules",
        213 => "principal",
        _ => "unknown",
    }
}

/// The slots that a fact claims, each with whether the fact stated the number in its name. "Numbers (n, attempt, copy,
/// round) are stated from 1, absent = 1." A slot without such a number counts as numbered.
pub(super) fn claimed_by(fact: &Fact) -> Vec<(Slot, bool)> {
    let certain = |family, key| vec![(Slot::new(family, key), true)];
    let text = |text: &str| Part::Text(text.to_owned());
    match &fact.payload {
        Payload::PaymentInitiated(_) => certain(INITIATION, vec![]),
        Payload::PhoneVerified(p) => numbered(PHONE, vec![], p.number),
        Payload::SmsSent(p) => numbered(SMS, vec![], p.number),
        Payload::SmsDelivery(p) => {
            let status = Part::Choice(p.status as u8, p.status.name());
            vec![(Slot::new(SMS_DELIVERY, vec![Part::Number(p.number.get()), status]), p.number.stated().is_some())]
        }
        Payload::LinkOpened(p) => numbered(LINK_OPENED, vec![], p.number),
        Payload::ScheduleChosen(p) => certain(PLAN, vec![Part::Number(p.version.get())]),
        Payload::PaymentAccepted(p) => certain(ACCEPTANCE, vec![text(p.payment_id.as_deref().unwrap_or(""))]),
        Payload::Debited(p) => match &p.debit_id {
            Some(id) => certain(DEBIT, vec![text(id)]),
            None => certain(DEBIT_WITHOUT_ID, vec![Part::Number(p.instalment)]),
        },
        Payload::TicketsPrinted(p) => {
            let mut slots = Vec::new();
            for ticket in &p.tickets {
                let kind = Part::Choice(ticket.kind as u8, ticket.kind.name());
                slots.extend(numbered(PRINT, vec![kind, text(ticket.about.as_deref().unwrap_or(""))], ticket.copy));
            }
            slots
        }
        Payload::Ended(p) => ended(fact.header.source, p.end, p.attempt),
        Payload::DebitFailed(p) => numbered(DEBIT_FAILURE, vec![Part::Number(p.instalment)], p.attempt),
        Payload::InstalmentDefault(p) => {
            let family = if p.stage == DefaultStage::Covered { COVERED } else { CLAIMED };
            certain(family, vec![Part::Number(p.instalment)])
        }
        Payload::CardReplaced(p) => numbered(CARD_REPLACED, vec![], p.number),
        Payload::RefundRequested(p) => certain(REFUND_REQUEST, vec![text(&p.request_id)]),
        Payload::Refunded(p) => match (&p.refund_id, &p.request_id, p.amount) {
            (Some(id), _, _) => certain(REFUND, vec![text(id)]),
            (None, Some(request), _) => certain(REFUND_WITHOUT_ID, vec![text(request)]),
            // Nothing tells it from another one of its amount: it counts as told without a number.
            (None, None, Some(money)) => {
                vec![(Slot::new(REFUND_WITHOUT_ID, vec![text(""), Part::Money(money)]), false)]
            }
            (None, None, None) => {
                vec![(Slot::new(REFUND_WITHOUT_ID, vec![text(""), Part::Choice(0, "no amount")]), false)]
            }
        },
        Payload::WithdrawalExercised(_) => certain(WITHDRAWAL, vec![]),
        Payload::EmailSent(p) => numbered(EMAIL, vec![Part::Choice(p.template as u8, p.template.name())], p.number),
        Payload::PaymentReplaces(p) => certain(REPLACES, vec![Part::Id(p.replaced.0)]),
        Payload::Chargeback(p) => numbered(CHARGEBACK, vec![text(&p.dispute_id)], p.round),
        Payload::FactReversed(p) => certain(REVERSAL, vec![Part::Id(p.reversed.0)]),
        other => beside_payments(other),
    }
}

/// A slot whose key ends with a number that may be left out.
fn numbered(family: u8, mut key: Vec<Part>, number: Ordinal) -> Vec<(Slot, bool)> {
    key.push(Part::Number(number.get()));
    vec![(Slot::new(family, key), number.stated().is_some())]
}

/// "From terminal, person or ledger `PaymentCancelled` and `PaymentExpired` fill `cancel_asked`, from others
/// `outcome`."
fn ended(source: Source, end: End, attempt: Ordinal) -> Vec<(Slot, bool)> {
    let kind = match end {
        End::Refused(_) => REFUSED,
        End::Expired => EXPIRED,
        End::Cancelled(_) => CANCELLED,
        End::Unknown(_) => UNKNOWN,
        End::TimedOut => TIMED_OUT,
    };
    let may_only_ask = matches!(source, Source::Terminal | Source::Person | Source::Ledger);
    let is_cancelled_or_expired = matches!(end, End::Cancelled(_) | End::Expired);
    let family = if may_only_ask && is_cancelled_or_expired { CANCEL_ASKED } else { OUTCOME };
    numbered(family, vec![kind], attempt)
}

/// Settlement, terminals and tills, the registry. Who claims nothing is judged in the order of the ledger, or parked.
fn beside_payments(payload: &Payload) -> Vec<(Slot, bool)> {
    let text = |text: &str| Part::Text(text.to_owned());
    let (family, key) = match payload {
        Payload::StatementImported(p) => (101, vec![text(&p.account), Part::Hash(p.file_hash)]),
        Payload::SettlementLine(p) => (102, line_key(p)),
        Payload::Payout(p) => (103, vec![text(&p.account), text(&p.payout_id)]),
        Payload::TerminalTotals(p) => {
            (111, vec![Part::Number(p.terminal.0), Part::Number(p.epoch.0.into()), Part::Day(p.day)])
        }
        Payload::TillTotals(p) => (112, vec![Part::Number(p.shop.0), text(&p.till), Part::Day(p.day), text(&p.tender)]),
        Payload::SequenceVoided(p) => {
            let numbers = [p.terminal.0, p.epoch.0.into(), p.from.0, p.to.0];
            (113, numbers.map(Part::Number).to_vec())
        }
        Payload::EventRefused(p) => (114, vec![Part::Id(p.event_id.0)]),
        Payload::Merchant(_) => (201, vec![]),
        Payload::Shop(p) => (202, vec![text(&p.code)]),
        Payload::Assignment(p) => (203, vec![Part::Number(p.terminal.0), Part::Number(p.epoch.0.into())]),
        Payload::FeePlan(p) => (204, vec![text(&p.id), Part::Number(p.version.get())]),
        Payload::Calendar(p) => (211, vec![text(&p.id), Part::Number(p.version.get())]),
        Payload::PlanRules(p) => (212, vec![text(&p.id), Part::Number(p.version.get())]),
        Payload::Principal(p) => (213, vec![Part::Number(p.number.0)]),
        _ => return vec![],
    };
    vec![(Slot::new(family, key), true)]
}

/// "line(account, line id, else content and occurrence)": of the content the first 16 bytes of SHA-256 over the table
/// "line-content" of docs/format.md 10.
fn line_key(line: &SettlementLine) -> Vec<Part> {
    let account = Part::Text(line.account.to_string());
    if let Some(id) = &line.line_id {
        return vec![account, Part::Form(1), Part::Text(id.to_string())];
    }
    let day = |day: Option<Day>| day.map_or(0, |day| day.0).to_le_bytes();
    let mut said = b"talon.line".to_vec();
    said.extend(content::money_bytes(line.amount));
    said.push(line.direction as u8);
    match line.net {
        None => said.push(0),
        Some(net) => {
            said.push(1);
            said.extend(content::money_bytes(net));
            said.push(line.net_direction as u8);
        }
    }
    said.extend(day(line.booking_day));
    said.extend(day(line.value_day));
    said.extend(content::text_bytes(line.reference.as_deref().unwrap_or("")));
    said.extend(content::text_bytes(line.native_type.as_deref().unwrap_or("")));
    let mut hash = [0; 16];
    hash.copy_from_slice(&Sha256::digest(said)[..16]);
    vec![account, Part::Form(2), Part::Id(hash), Part::Number(line.occurrence.get())]
}
