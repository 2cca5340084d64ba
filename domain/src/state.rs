//! What a stream's facts add up to: one payment, as the fold judges it. A state is computed, never stored as truth;
//! it can be thrown away and computed again from the same facts.

use crate::anomaly::{Anomaly, Language};
use crate::fact::{EmailTemplate, End, PlanChange, SmsStatus, Source, Text, TicketKind};
use crate::ids::{ShopId, StreamId, StreamKey, TerminalId};
use crate::money::{Currency, Money, Totals};
use crate::plan::{Instalment, Plan};
use crate::regime::LegalRegime;
use crate::time::{Day, Instant};

mod money_back;
mod sums;
mod told;
mod words;

pub use money_back::{Dispute, Refund, RefundRequest, Reversal, Split, Withdrawal};
pub use told::{FilledSlot, Moment, Told};

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
    /// Refunds have given back the whole sale: nothing is open, whatever the status.
    pub is_closed: bool,
    /// The earliest moment of its story, by the clocks of the winning witnesses; orders nothing.
    pub began_at: Option<Instant>,
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
    /// E-mails that left, in the order of their slots.
    pub emails: Vec<(EmailTemplate, u32)>,
    /// Papers that left the printer, in the order of their slots.
    pub prints: Vec<Print>,
    /// How often the customer gave another card.
    pub cards_replaced: u32,
    /// The payments that this one stands in for.
    pub replaces: Vec<StreamId>,
    /// Requests for refunds, in the order of their names.
    pub refund_requests: Vec<RefundRequest>,
    /// Each refund once, in the order of their slots.
    pub refunds: Vec<Refund>,
    /// Each dispute once, at its highest round.
    pub disputes: Vec<Dispute>,
    /// That the customer withdrew from the credit.
    pub withdrawal: Option<Withdrawal>,
    /// Facts that somebody took back, in the order of their ids.
    pub reversals: Vec<Reversal>,
    /// Rules that are not kept, in the order of codes and slots.
    pub anomalies: Vec<Anomaly>,
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
    /// The shop stopped waiting; nobody who can know has said more.
    TimedOut = 6,
    /// Nobody can tell.
    Unknown = 7,
    /// None of these.
    InProgress = 8,
}

impl Status {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Collected,
        Self::Cancelled,
        Self::Accepted,
        Self::Refused,
        Self::Expired,
        Self::TimedOut,
        Self::Unknown,
        Self::InProgress,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collected => "collected",
            Self::Cancelled => "cancelled",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::TimedOut => "shop_timed_out",
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
            (Self::TimedOut, Language::French) => "délai dépassé",
            (Self::Unknown, Language::French) => "issue inconnue",
            (Self::TimedOut, Language::English) => "shop timed out",
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
    /// Whose word it is.
    pub source: Source,
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
    /// Why it is not the first version.
    pub change: Option<PlanChange>,
    /// The first version's number; the same as `version` if it was never changed.
    pub first_version: u32,
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
    /// It was taken on a day before it was due.
    pub paid_early: bool,
}

/// How far an instalment came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Progress {
    /// Taken.
    Collected = 1,
    /// Borne by the provider.
    Covered = 2,
    /// Handed to collection.
    Claimed = 3,
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
    /// The day on which it counts; `None` while neither an acceptance nor a counting debit exists, and once the payment
    /// was cancelled before anything was taken.
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
    Counts = 1,
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
    /// Whose word it is.
    pub source: Source,
    /// When.
    pub occurred_at: Instant,
}

/// One message with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sms {
    /// Which, from 1.
    pub number: u32,
    /// When it left, if anybody said so.
    pub sent_at: Option<Instant>,
    /// The furthest report on it.
    pub delivery: Option<SmsStatus>,
    /// Its link was opened.
    pub is_opened: bool,
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

impl State {
    /// What was taken and counts.
    pub fn collected(&self) -> Totals {
        self.debited(Standing::Counts)
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

    /// What refunds gave back: cash, rebates, and what nobody divided.
    pub fn refunded(&self) -> Totals {
        let counting = self.refunds.iter().filter(|refund| refund.standing == Some(Standing::Counts));
        counting.map(|refund| refund.money).collect()
    }
}
