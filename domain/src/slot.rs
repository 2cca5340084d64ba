//! Slots: what a fact claims, named by its content. Two mouths that tell one thing claim one slot, so that it counts
//! once. Invariants:
//! - a slot's name depends on one fact alone, never on what came before
//! - families are numbered for ever; their order is the order of a stream's row

use crate::fact::{CancellationReason, End, Fact, Ordinal, Payload, PrintedTicket, Source, Text, TicketKind};

/// What a fact claims to tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The payment began.
    Initiation,
    /// The n-th phone number.
    Phone(u32),
    /// The n-th SMS.
    Sms(u32),
    /// A version of the plan.
    Plan(u32),
    /// An acceptance, by the provider's payment id; empty where none was stated.
    Acceptance(Text),
    /// How an attempt ended, by who can know.
    Outcome(EndKind, u32),
    /// What a shop asked or believed of an attempt.
    CancelAsked(EndKind, u32),
    /// A debit, by the provider's debit id.
    Debit(Text),
    /// A debit told without an id, by its instalment.
    DebitWithoutId(u32),
    /// The n-th failed debit of an instalment: (instalment, attempt).
    DebitFailure(u32, u32),
    /// A printed paper: (original's kind, what it is about, copy).
    Print(TicketKind, Text, u32),
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
}

impl End {
    /// Which slot it claims. An authorisation that ran out is a cancellation.
    pub const fn kind(&self) -> EndKind {
        match self {
            Self::Refused(_) => EndKind::Refused,
            Self::Expired => EndKind::Expired,
            Self::Cancelled(_) => EndKind::Cancelled,
            Self::Unknown(_) => EndKind::Unknown,
        }
    }

    /// Whether it says that a manual capture was not made in time.
    pub const fn is_authorization_expired(&self) -> bool {
        matches!(self, Self::Cancelled(Some(CancellationReason::AuthorizationExpired)))
    }
}

impl Slot {
    /// The family's number, for ever.
    pub const fn family(&self) -> u8 {
        match self {
            Self::Initiation => 1,
            Self::Phone(_) => 2,
            Self::Sms(_) => 3,
            Self::Plan(_) => 6,
            Self::Acceptance(_) => 7,
            Self::Outcome(..) => 8,
            Self::CancelAsked(..) => 9,
            Self::Debit(_) => 10,
            Self::DebitWithoutId(_) => 11,
            Self::DebitFailure(..) => 12,
            Self::Print(..) => 20,
        }
    }

    /// Its name in listings: `debit(D7)`, `sms(2)`.
    pub fn label(&self) -> String {
        match self {
            Self::Initiation => "initiation".into(),
            Self::Phone(n) => format!("phone({n})"),
            Self::Sms(n) => format!("sms({n})"),
            Self::Plan(version) => format!("plan({version})"),
            Self::Acceptance(id) => format!("acceptance({id})"),
            Self::Outcome(kind, attempt) => format!("outcome({}, {attempt})", kind.name()),
            Self::CancelAsked(kind, attempt) => format!("cancel_asked({}, {attempt})", kind.name()),
            Self::Debit(id) => format!("debit({id})"),
            Self::DebitWithoutId(instalment) => format!("debit_without_id({instalment})"),
            Self::DebitFailure(instalment, attempt) => format!("debit_failure({instalment}, {attempt})"),
            Self::Print(kind, about, copy) => format!("print(T{}, {about}, {copy})", *kind as u8),
        }
    }

    /// The last slot that differs from this one in a number above 1; `None` for what is not numbered, or not the first.
    pub(crate) fn last_sibling(&self) -> Option<Self> {
        match self {
            Self::Phone(1) => Some(Self::Phone(u32::MAX)),
            Self::Sms(1) => Some(Self::Sms(u32::MAX)),
            Self::Outcome(kind, 1) => Some(Self::Outcome(*kind, u32::MAX)),
            Self::CancelAsked(kind, 1) => Some(Self::CancelAsked(*kind, u32::MAX)),
            Self::DebitFailure(instalment, 1) => Some(Self::DebitFailure(*instalment, u32::MAX)),
            Self::Print(kind, about, 1) => Some(Self::Print(*kind, about.clone(), u32::MAX)),
            Self::Phone(_)
            | Self::Sms(_)
            | Self::Outcome(..)
            | Self::CancelAsked(..)
            | Self::DebitFailure(..)
            | Self::Print(..)
            | Self::Initiation
            | Self::Plan(_)
            | Self::Acceptance(_)
            | Self::Debit(_)
            | Self::DebitWithoutId(_) => None,
        }
    }

    /// Whether prints are judged here: the printer's own word weighs most.
    pub(crate) const fn is_print(&self) -> bool {
        matches!(self, Self::Print(..))
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
        }
    }
}

/// A slot that a fact claims, and whether it stated the number that names it.
pub(crate) struct Claim {
    pub(crate) slot: Slot,
    pub(crate) is_numbered: bool,
}

/// What a fact claims, in the order of its own content. One fact may tell of several papers.
pub(crate) fn claims(fact: &Fact) -> Vec<Claim> {
    let numbered = |slot, number: Ordinal| vec![Claim { slot, is_numbered: number.stated().is_some() }];
    let unique = |slot| vec![Claim { slot, is_numbered: true }];
    match &fact.payload {
        Payload::PaymentInitiated(_) => unique(Slot::Initiation),
        Payload::PhoneVerified(p) => numbered(Slot::Phone(p.number.get()), p.number),
        Payload::SmsSent(p) => numbered(Slot::Sms(p.number.get()), p.number),
        Payload::ScheduleChosen(p) => unique(Slot::Plan(p.version.get())),
        Payload::PaymentAccepted(p) => unique(Slot::Acceptance(p.payment_id.clone().unwrap_or_default())),
        Payload::Debited(p) => unique(match &p.debit_id {
            Some(id) => Slot::Debit(id.clone()),
            None => Slot::DebitWithoutId(p.instalment),
        }),
        Payload::TicketsPrinted(p) => p.tickets.iter().map(printed).collect(),
        Payload::Ended(p) => numbered(end_slot(p.end, p.attempt.get(), fact.header.source), p.attempt),
        Payload::DebitFailed(p) => numbered(Slot::DebitFailure(p.instalment, p.attempt.get()), p.attempt),
        Payload::Parked(_) => Vec::new(),
    }
}

fn printed(ticket: &PrintedTicket) -> Claim {
    let about = ticket.about.clone().unwrap_or_default();
    Claim { slot: Slot::Print(ticket.kind, about, ticket.copy.get()), is_numbered: ticket.copy.stated().is_some() }
}

/// A shop may ask for an end, or believe in one; only who can know decides it.
fn end_slot(end: End, attempt: u32, source: Source) -> Slot {
    let only_asks = matches!(source, Source::Terminal | Source::Person | Source::Ledger);
    match end.kind() {
        kind @ (EndKind::Cancelled | EndKind::Expired) if only_asks => Slot::CancelAsked(kind, attempt),
        kind => Slot::Outcome(kind, attempt),
    }
}
