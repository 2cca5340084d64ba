//! What a stream's facts add up to: one payment, as the fold judges it. A state is computed, never stored as truth;
//! it can be thrown away and computed again from the same facts.

use crate::anomaly::{Anomaly, Language};
use crate::fact::{End, Source, Text, TicketKind};
use crate::ids::{EventId, ShopId, StreamKey, TerminalId};
use crate::money::{Currency, Money, Totals};
use crate::plan::{Instalment, Plan};
use crate::regime::LegalRegime;
use crate::slot::Slot;
use crate::time::{Day, Instant};

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Which payment.
    pub key: StreamKey,
    /// Where it was made: the initiation's shop, else the first winning witness that names one; 0 is none.
    pub shop: ShopId,
    /// On which terminal, by the same rule.
    pub terminal: TerminalId,
    /// Who finances it, by the same rule.
    pub provider: Option<Text>,
    /// How far it came.
    pub status: Status,
    /// How it began.
    pub initiation: Option<Initiation>,
    /// That it was accepted.
    pub acceptance: Option<Acceptance>,
    /// The plan in force.
    pub plan: Option<AgreedPlan>,
    /// What was sold.
    pub sale: Option<Sale>,
    /// Each debit once, in the order of their slots.
    pub debits: Vec<Debit>,
    /// Ends of attempts, and what shops asked, in the order of their slots.
    pub ends: Vec<AttemptEnd>,
    /// Messages with a link, in the order of their numbers.
    pub sms: Vec<Sms>,
    /// Papers that left the printer, in the order of their slots.
    pub prints: Vec<Print>,
    /// Each slot's winning witness, by its own clock.
    pub timeline: Vec<Moment>,
    /// Rules that are not kept, in the order of codes and slots.
    pub anomalies: Vec<Anomaly>,
    /// Every slot with its witnesses, in the order of slots.
    pub slots: Vec<FilledSlot>,
}

/// How far a payment came: the first of these that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// Money was taken.
    Collected = 1,
    /// Cancelled by who can decide it.
    Cancelled = 2,
    /// Accepted; nothing taken.
    Accepted = 3,
    /// Refused.
    Refused = 4,
    /// Its link ran out.
    Expired = 5,
    /// Nobody can tell.
    Unknown = 7,
    /// None of these.
    InProgress = 8,
}

impl Status {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collected => "collected",
            Self::Cancelled => "cancelled",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
            Self::InProgress => "in_progress",
        }
    }

    /// Its name for people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Collected, Language::French) => "prélevé",
            (Self::Cancelled, Language::French) => "annulé",
            (Self::Accepted, Language::French) => "accepté",
            (Self::Refused, Language::French) => "refusé",
            (Self::Expired, Language::French) => "expiré",
            (Self::Unknown, Language::French) => "issue inconnue",
            (Self::InProgress, Language::French) => "en cours",
            (Self::InProgress, Language::English) => "in progress",
            (other, Language::English) => other.name(),
        }
    }
}

/// How a payment began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initiation {
    /// The amount typed.
    pub amount: Money,
    /// When.
    pub occurred_at: Instant,
    /// The till's id.
    pub till_id: Option<Text>,
    /// The till's ticket number.
    pub till_ticket: Option<Text>,
    /// The cashier's code.
    pub cashier_code: Option<Text>,
}

/// That a payment was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The provider's id of it.
    pub payment_id: Option<Text>,
    /// What was accepted, where it was stated.
    pub amount: Option<Money>,
    /// Which attempt.
    pub attempt: u32,
    /// The provider captures by hand.
    pub deferred_capture: bool,
    /// When.
    pub occurred_at: Instant,
    /// In Paris.
    pub day: Day,
}

/// The plan in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreedPlan {
    /// Which version.
    pub version: u32,
    /// The provider's dated amounts.
    pub plan: Plan,
    /// Who stated it.
    pub source: Source,
    /// When it was agreed.
    pub occurred_at: Instant,
    /// Under which law, by that day.
    pub regime: LegalRegime,
    /// Each entry's state, in the order of numbers.
    pub instalments: Vec<InstalmentState>,
}

/// One entry of the plan in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalmentState {
    /// The provider's dated amount.
    pub entry: Instalment,
    /// How far it came.
    pub progress: Progress,
}

/// How far an instalment came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Progress {
    /// Taken.
    Collected = 1,
    /// A debit failed.
    Failed = 4,
    /// Neither.
    Due = 5,
}

/// What was sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Its currency.
    pub currency: Currency,
    /// Minor units: the plan's sum, else what was accepted, else what was typed.
    pub minor_units: u128,
    /// The day on which it counts; `None` while neither an acceptance nor a counting debit exists.
    pub day: Option<Day>,
}

/// One debit, told by one or several mouths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debit {
    /// The provider's id of it.
    pub debit_id: Option<Text>,
    /// Which instalment.
    pub instalment: u32,
    /// How much was taken.
    pub money: Money,
    /// When.
    pub occurred_at: Instant,
    /// In Paris.
    pub day: Day,
    /// Whether it counts.
    pub standing: Standing,
}

/// Whether money counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Standing {
    /// It counts.
    Collected = 1,
    /// It is held until it is explained.
    Suspense = 2,
}

/// How an attempt ended, or what a shop asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptEnd {
    /// Which end, with the class of its reason.
    pub end: End,
    /// Which attempt.
    pub attempt: u32,
    /// A shop's wish or belief, not a decision.
    pub only_asked: bool,
    /// When.
    pub occurred_at: Instant,
}

/// One message with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sms {
    /// Which, from 1.
    pub number: u32,
    /// When it left.
    pub occurred_at: Instant,
}

/// One paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// Which ticket.
    pub kind: TicketKind,
    /// What it is about; empty for the payment itself.
    pub about: Text,
    /// 1 is the original.
    pub copy: u32,
    /// When.
    pub occurred_at: Instant,
}

/// A slot's winning witness in the payment's story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// By the witness's own clock: for reading only, it orders nothing.
    pub occurred_at: Instant,
    /// What it tells.
    pub slot: Slot,
    /// Whose mouth.
    pub source: Source,
    /// How many witnesses tell it.
    pub witnesses: usize,
    /// The winning witness.
    pub event_id: EventId,
}

/// A slot and who claims it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledSlot {
    /// The slot.
    pub slot: Slot,
    /// Whose word is shown.
    pub winner: EventId,
    /// The day of that witness.
    pub day: Day,
    /// What is shown, field by field, as rows of the digest hold it.
    pub content: Vec<u8>,
    /// Everybody, smallest id first.
    pub witnesses: Vec<EventId>,
}

impl State {
    /// What was taken and counts.
    pub fn collected(&self) -> Totals {
        self.debited(Standing::Collected)
    }

    /// What was taken and is held.
    pub fn suspense(&self) -> Totals {
        self.debited(Standing::Suspense)
    }

    fn debited(&self, standing: Standing) -> Totals {
        self.debits.iter().filter(|debit| debit.standing == standing).map(|debit| debit.money).collect()
    }

    /// Whether an original of this ticket left the printer.
    pub fn printed(&self, kind: TicketKind) -> bool {
        self.prints.iter().any(|print| print.kind == kind)
    }
}
