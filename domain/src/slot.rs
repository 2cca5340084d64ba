//! Slots: what a fact claims, named by its content. Two mouths that tell one thing claim one slot, so that it counts
//! once. Invariants:
//! - a slot's name depends on one fact alone, never on what came before
//! - families are numbered for ever; their order is the order of a stream's row
//! - a name that borrows its texts and one that owns them are equal, and order alike
//!
//! This module does not say which fact claims which slot (`claim`), nor whose word wins it (`witness`).

use crate::fact::{CancellationReason, EmailTemplate, End, SmsStatus, Text, TicketKind};
use crate::ids::{EventId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq};
use crate::money::Money;
use crate::time::Day;

mod owned;
mod words;

/// What a fact claims to tell. `T` is how its texts are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot<T = Text> {
    /// The payment began.
    Initiation,
    /// The n-th phone number.
    Phone(u32),
    /// The n-th SMS.
    Sms(u32),
    /// A report on the n-th SMS.
    SmsDelivery(u32, SmsStatus),
    /// The n-th link was opened.
    LinkOpened(u32),
    /// A version of the plan.
    Plan(u32),
    /// An acceptance, by the provider's payment id; empty where none was stated.
    Acceptance(T),
    /// How an attempt ended, by who can know.
    Outcome(EndKind, u32),
    /// What a shop asked or believed of an attempt.
    CancelAsked(EndKind, u32),
    /// A debit, by the provider's debit id.
    Debit(T),
    /// A debit told without an id, by its instalment.
    DebitWithoutId(u32),
    /// The n-th failed debit of an instalment: (instalment, attempt).
    DebitFailure(u32, u32),
    /// An instalment that the provider bears.
    Covered(u32),
    /// An instalment that was handed to collection.
    Claimed(u32),
    /// The n-th new card.
    CardReplaced(u32),
    /// A request for a refund, by its name.
    RefundRequest(T),
    /// A refund, by the provider's refund id.
    Refund(T),
    /// A refund told without an id: by its request, else, where that is empty, by its amount.
    RefundWithoutId(T, Option<Money>),
    /// The customer withdrew.
    Withdrawal,
    /// A printed paper: (original's kind, what it is about, copy).
    Print(TicketKind, T, u32),
    /// An e-mail: (template, number).
    Email(EmailTemplate, u32),
    /// The payment that this one stands in for.
    Replaces(StreamId),
    /// A round of a dispute.
    Chargeback(T, u32),
    /// A fact that was told in error.
    Reversal(EventId),
    /// A statement: (account, file's hash).
    Statement(T, [u8; 32]),
    /// A line of an account.
    Line(T, LineKey<T>),
    /// A payout: (account, its name there).
    Payout(T, T),
    /// A terminal's own totals of a day.
    TerminalTotals(TerminalId, TerminalEpoch, Day),
    /// A till's count: (shop, till, day, tender).
    TillTotals(ShopId, T, Day, T),
    /// Numbers that name nothing: (terminal, epoch, from, to).
    SequenceVoided(TerminalId, TerminalEpoch, TerminalSeq, TerminalSeq),
    /// An event that was refused.
    EventRefused(EventId),
    /// The merchant.
    Merchant,
    /// A shop, by the chain's own code.
    Shop(T),
    /// A device behind a terminal's number.
    Assignment(TerminalId, TerminalEpoch),
    /// A version of a fee plan.
    FeePlan(T, u32),
    /// A version of a calendar.
    Calendar(T, u32),
    /// A version of rules for plans.
    PlanRules(T, u32),
    /// Who may publish.
    Principal(PrincipalId),
}

/// What names a line of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKey<T = Text> {
    /// The provider's own id.
    Id(T),
    /// What it says of money and time, and which of the lines that say so: a hash's first 16 bytes, occurrence.
    Content([u8; 16], u32),
}

/// The ends of an attempt as slots tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EndKind {
    /// Refused.
    Refused = 1,
    /// Expired.
    Expired = 2,
    /// Cancelled.
    Cancelled = 3,
    /// Nobody can tell.
    Unknown = 4,
    /// The shop stopped waiting.
    TimedOut = 5,
}

/// Numbers of the families that judges walk through.
pub(crate) mod family {
    pub(crate) const SMS: u8 = 3;
    pub(crate) const LINK_OPENED: u8 = 5;
    pub(crate) const PLAN: u8 = 6;
    pub(crate) const ACCEPTANCE: u8 = 7;
    pub(crate) const OUTCOME: u8 = 8;
    pub(crate) const CANCEL_ASKED: u8 = 9;
    pub(crate) const DEBIT: u8 = 10;
    pub(crate) const DEBIT_WITHOUT_ID: u8 = 11;
    pub(crate) const DEBIT_FAILURE: u8 = 12;
    pub(crate) const CARD_REPLACED: u8 = 15;
    pub(crate) const REFUND_REQUEST: u8 = 16;
    pub(crate) const REFUND: u8 = 17;
    pub(crate) const REFUND_WITHOUT_ID: u8 = 18;
    pub(crate) const PRINT: u8 = 20;
    pub(crate) const EMAIL: u8 = 21;
    pub(crate) const REPLACES: u8 = 22;
    pub(crate) const CHARGEBACK: u8 = 23;
    pub(crate) const REVERSAL: u8 = 24;
    pub(crate) const REGISTRY_FIRST: u8 = 201;
}

/// One part of a slot's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Choice(u8, &'static str),
    /// Which form follows; only bytes need it.
    Tag(u8),
    Number(u32),
    Text(&'a str),
    Id([u8; 16]),
    Hash([u8; 32]),
    Day(Day),
    Money(Money),
}

impl End {
    /// Which slot it claims. An authorisation that ran out is a cancellation.
    pub const fn kind(&self) -> EndKind {
        match self {
            Self::Refused(_) => EndKind::Refused,
            Self::Expired => EndKind::Expired,
            Self::Cancelled(_) => EndKind::Cancelled,
            Self::Unknown(_) => EndKind::Unknown,
            Self::TimedOut => EndKind::TimedOut,
        }
    }

    /// Whether it says that a manual capture was not made in time.
    pub const fn is_authorization_expired(&self) -> bool {
        matches!(self, Self::Cancelled(Some(CancellationReason::AuthorizationExpired)))
    }
}

impl EndKind {
    /// Its name in listings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
            Self::TimedOut => "timed_out",
        }
    }
}

impl<T> Slot<T> {
    /// The family's number and name, for ever.
    const fn family_and_name(&self) -> (u8, &'static str) {
        match self {
            Self::Initiation => (1, "initiation"),
            Self::Phone(_) => (2, "phone"),
            Self::Sms(_) => (family::SMS, "sms"),
            Self::SmsDelivery(..) => (4, "sms_delivery"),
            Self::LinkOpened(_) => (family::LINK_OPENED, "link_opened"),
            Self::Plan(_) => (family::PLAN, "plan"),
            Self::Acceptance(_) => (family::ACCEPTANCE, "acceptance"),
            Self::Outcome(..) => (family::OUTCOME, "outcome"),
            Self::CancelAsked(..) => (family::CANCEL_ASKED, "cancel_asked"),
            Self::Debit(_) => (family::DEBIT, "debit"),
            Self::DebitWithoutId(_) => (family::DEBIT_WITHOUT_ID, "debit_without_id"),
            Self::DebitFailure(..) => (family::DEBIT_FAILURE, "debit_failure"),
            Self::Covered(_) => (13, "covered"),
            Self::Claimed(_) => (14, "claimed"),
            Self::CardReplaced(_) => (family::CARD_REPLACED, "card_replaced"),
            Self::RefundRequest(_) => (family::REFUND_REQUEST, "refund_request"),
            Self::Refund(_) => (family::REFUND, "refund"),
            Self::RefundWithoutId(..) => (family::REFUND_WITHOUT_ID, "refund_without_id"),
            Self::Withdrawal => (19, "withdrawal"),
            Self::Print(..) => (family::PRINT, "print"),
            Self::Email(..) => (family::EMAIL, "email"),
            Self::Replaces(_) => (family::REPLACES, "replaces"),
            Self::Chargeback(..) => (family::CHARGEBACK, "chargeback"),
            Self::Reversal(_) => (family::REVERSAL, "reversal"),
            Self::Statement(..) => (101, "statement"),
            Self::Line(..) => (102, "line"),
            Self::Payout(..) => (103, "payout"),
            Self::TerminalTotals(..) => (111, "terminal_totals"),
            Self::TillTotals(..) => (112, "till_totals"),
            Self::SequenceVoided(..) => (113, "sequence_voided"),
            Self::EventRefused(_) => (114, "event_refused"),
            Self::Merchant => (201, "merchant"),
            Self::Shop(_) => (202, "shop"),
            Self::Assignment(..) => (203, "assignment"),
            Self::FeePlan(..) => (204, "fee_plan"),
            Self::Calendar(..) => (211, "calendar"),
            Self::PlanRules(..) => (212, "plan_rules"),
            Self::Principal(_) => (213, "principal"),
        }
    }

    /// The family's number, for ever.
    pub const fn family(&self) -> u8 {
        self.family_and_name().0
    }

    /// The family's name, for ever.
    pub const fn name(&self) -> &'static str {
        self.family_and_name().1
    }

    /// Whether it belongs to a payment; else its stream is made of its own name.
    pub const fn is_of_payment(&self) -> bool {
        self.family() < 100
    }
}

impl<T: AsRef<str>> Slot<T> {
    /// The parts of its name, in their order.
    pub(crate) fn parts(&self, put: &mut dyn FnMut(Part<'_>)) {
        match self {
            Self::Initiation | Self::Withdrawal | Self::Merchant => {}
            Self::Phone(n)
            | Self::Sms(n)
            | Self::LinkOpened(n)
            | Self::Plan(n)
            | Self::DebitWithoutId(n)
            | Self::Covered(n)
            | Self::Claimed(n)
            | Self::CardReplaced(n) => put(Part::Number(*n)),
            Self::SmsDelivery(n, status) => both(put, Part::Number(*n), Part::Choice(*status as u8, status.name())),
            Self::Acceptance(id) | Self::Debit(id) | Self::RefundRequest(id) | Self::Refund(id) | Self::Shop(id) => {
                put(Part::Text(id.as_ref()));
            }
            Self::Outcome(kind, n) | Self::CancelAsked(kind, n) => {
                both(put, Part::Choice(*kind as u8, kind.name()), Part::Number(*n));
            }
            Self::DebitFailure(instalment, n) => both(put, Part::Number(*instalment), Part::Number(*n)),
            Self::RefundWithoutId(request, amount) => {
                put(Part::Text(request.as_ref()));
                match amount {
                    Some(money) => put(Part::Money(*money)),
                    None if request.as_ref().is_empty() => put(Part::Choice(0, "no amount")),
                    None => {}
                }
            }
            Self::Print(kind, about, copy) => {
                both(put, Part::Choice(*kind as u8, kind.name()), Part::Text(about.as_ref()));
                put(Part::Number(*copy));
            }
            Self::Email(template, n) => both(put, Part::Choice(*template as u8, template.name()), Part::Number(*n)),
            Self::Replaces(stream) => put(Part::Id(stream.0)),
            Self::Chargeback(id, n) | Self::FeePlan(id, n) | Self::Calendar(id, n) | Self::PlanRules(id, n) => {
                both(put, Part::Text(id.as_ref()), Part::Number(*n));
            }
            Self::Reversal(event) | Self::EventRefused(event) => put(Part::Id(event.0)),
            Self::Payout(account, id) => both(put, Part::Text(account.as_ref()), Part::Text(id.as_ref())),
            Self::Statement(account, hash) => both(put, Part::Text(account.as_ref()), Part::Hash(*hash)),
            Self::Line(account, LineKey::Id(id)) => {
                both(put, Part::Text(account.as_ref()), Part::Tag(1));
                put(Part::Text(id.as_ref()));
            }
            Self::Line(account, LineKey::Content(hash, n)) => {
                both(put, Part::Text(account.as_ref()), Part::Tag(2));
                both(put, Part::Id(*hash), Part::Number(*n));
            }
            Self::TerminalTotals(terminal, epoch, day) => {
                both(put, Part::Number(terminal.0), Part::Number(epoch.0.into()));
                put(Part::Day(*day));
            }
            Self::TillTotals(shop, till, day, tender) => {
                both(put, Part::Number(shop.0), Part::Text(till.as_ref()));
                both(put, Part::Day(*day), Part::Text(tender.as_ref()));
            }
            Self::SequenceVoided(terminal, epoch, from, to) => {
                both(put, Part::Number(terminal.0), Part::Number(epoch.0.into()));
                both(put, Part::Number(from.0), Part::Number(to.0));
            }
            Self::Assignment(terminal, epoch) => both(put, Part::Number(terminal.0), Part::Number(epoch.0.into())),
            Self::Principal(number) => put(Part::Number(number.0)),
        }
    }

    /// The parts of its name as text.
    pub(crate) fn texts(&self, put: &mut dyn FnMut(String)) {
        self.parts(&mut |part| match part {
            Part::Tag(_) => {}
            part => put(part.to_string()),
        });
    }

    /// Its name in listings: `debit(D7)`, `sms(2)`.
    pub fn label(&self) -> String {
        let mut parts = Vec::new();
        self.texts(&mut |part| parts.push(part));
        if parts.is_empty() { self.name().to_owned() } else { format!("{}({})", self.name(), parts.join(", ")) }
    }
}

fn both(put: &mut dyn FnMut(Part<'_>), first: Part<'_>, second: Part<'_>) {
    put(first);
    put(second);
}

impl std::fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Choice(_, name) => f.write_str(name),
            Self::Tag(tag) => tag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Id(id) => EventId(*id).fmt(f),
            Self::Hash(hash) => hash.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::Day(day) => day.fmt(f),
            Self::Money(money) => write!(f, "{} {}", money.amount.minor_units(), money.currency),
        }
    }
}
