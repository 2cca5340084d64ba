//! Facts: something that happened, told by somebody, never edited. A fact is a header that every kind shares and one
//! payload. What is absent says nothing and contradicts nobody.
//!
//! This module says what a fact is; what facts mean together is the fold's.

use arcstr::ArcStr;

use crate::ids::{
    EventId, MerchantId, PrincipalId, ShopId, StreamId, StreamKey, TerminalEpoch, TerminalId, TerminalSeq,
};
use crate::time::{Day, Instant};

mod choice;
mod control;
mod decision;
mod flow;
mod kind;
mod money_back;
mod payload;
mod registry;
mod settlement;

pub use choice::{
    CancellationReason, ChargebackReason, ChargebackStage, Connectivity, DebitFailureReason, DefaultStage, Direction,
    EmailTemplate, LineKind, NoteState, PayoutRule, PayoutStage, PlanChange, RefundFailureReason, RefundReason,
    RefusalReason, Remainder, ReplacementReason, Rounding, RoundingScope, SmsStatus, TerminalRange, TicketKind,
    UnknownReason,
};
pub use control::{BulkId, Chunk, Commit, FoldActivated, SchemaActivated, SubjectErased};
pub use decision::NoteAdded;
pub use flow::{
    CardReplaced, DebitFailed, Debited, EmailSent, End, Ended, FactReversed, LinkOpened, PaymentAccepted,
    PaymentInitiated, PaymentReplaces, PhoneVerified, PrintedTicket, ScheduleChosen, SmsDelivery, SmsSent,
    TicketsPrinted,
};
pub use kind::{Family, Kind};
pub use money_back::{Chargeback, InstalmentDefault, RefundEnd, RefundRequested, Refunded, WithdrawalExercised};
pub use payload::Payload;
pub use registry::{Assignment, Calendar, Decided, Establishment, FeePlan, Merchant, PlanRules, Principal, Shop};
pub use settlement::{
    ApplicationTotal, EventRefused, Payout, SequenceVoided, SettlementLine, StatementImported, TerminalTotals,
    TillTotals,
};

/// A short text that a publisher chose: at most 256 bytes, no card number, nothing personal. Shared, so that a state
/// that shows it copies no bytes, and one word long, because facts hold many.
pub type Text = ArcStr;

/// Whose mouth a fact comes from. Stated by the publisher; a credential lists what it may state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Source {
    /// The instalment provider.
    Provider = 1,
    /// A bank.
    Bank = 2,
    /// The terminal gateway.
    Gateway = 3,
    /// The terminal itself.
    Terminal = 4,
    /// A person who typed it.
    Person = 5,
    /// Talon.
    Ledger = 6,
}

impl Source {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Provider, Self::Bank, Self::Gateway, Self::Terminal, Self::Person, Self::Ledger];

    /// The source with this number.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|source| *source as u32 == number)
    }

    /// Its name in listings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Bank => "bank",
            Self::Gateway => "gateway",
            Self::Terminal => "terminal",
            Self::Person => "person",
            Self::Ledger => "ledger",
        }
    }
}

/// What every fact states beside its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactHeader {
    /// What it is.
    pub kind: Kind,
    /// Version of the payload's schema, from 1.
    pub schema: u16,
    /// The appender's clock.
    pub recorded_at: Instant,
    /// When it happened, by the clock of the server whose mouth it is.
    pub occurred_at: Instant,
    /// Who is paid.
    pub merchant: MerchantId,
    /// Which shop.
    pub shop: ShopId,
    /// Which terminal.
    pub terminal: TerminalId,
    /// The terminal's own count.
    pub terminal_seq: TerminalSeq,
    /// Which device behind the terminal's number.
    pub terminal_epoch: TerminalEpoch,
    /// Date in Paris of `occurred_at`.
    pub day: Day,
    /// Who published.
    pub principal: PrincipalId,
    /// Whose mouth.
    pub source: Source,
    /// The fact's name.
    pub event_id: EventId,
    /// What it belongs to.
    pub stream: StreamId,
    /// A sealed part holds a person's data.
    pub sealed: bool,
    /// For practice.
    pub training: bool,
    /// Came from an import.
    pub imported: bool,
    /// `occurred_at` is far from `recorded_at`.
    pub clock_doubtful: bool,
}

impl FactHeader {
    /// The stream that this fact belongs to.
    pub const fn stream_key(&self) -> StreamKey {
        StreamKey { merchant: self.merchant, stream: self.stream, training: self.training }
    }

    /// Whether two headers agree in everything that a publisher controls; the sealed part counts only as present.
    pub fn same_statement(&self, other: &Self) -> bool {
        let key = |h: &Self| {
            let place = (h.merchant, h.shop, h.terminal, h.terminal_seq, h.terminal_epoch);
            (h.kind, h.schema, h.occurred_at, place, h.source, h.event_id, h.stream, h.training, h.sealed)
        };
        key(self) == key(other)
    }
}

/// A number that counts from 1; what was not stated counts as 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ordinal(u32);

impl Ordinal {
    /// As it came: 0 is not stated.
    pub const fn new(stated: u32) -> Self {
        Self(stated)
    }

    /// The number, from 1.
    pub const fn get(self) -> u32 {
        if self.0 == 0 { 1 } else { self.0 }
    }

    /// The number, if the publisher stated one.
    pub const fn stated(self) -> Option<u32> {
        if self.0 == 0 { None } else { Some(self.0) }
    }
}

/// A fact: what is known of something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What every fact states.
    pub header: FactHeader,
    /// What this one says.
    pub payload: Payload,
}
