//! Payloads: what facts say, by kind. Every payload has a revision, which orders what one source says of the same thing.

use super::{Ordinal, Text};
use crate::money::Money;
use crate::plan::Plan;

/// What a fact says, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// Kind 1.
    PaymentInitiated(PaymentInitiated),
    /// Kind 2.
    PhoneVerified(PhoneVerified),
    /// Kind 3.
    SmsSent(SmsSent),
    /// Kind 4.
    ScheduleChosen(ScheduleChosen),
    /// Kind 5.
    PaymentAccepted(PaymentAccepted),
    /// Kinds 6 and 7: a debit on the card is the debit of instalment 1.
    Debited(Debited),
    /// Kind 8.
    TicketsPrinted(TicketsPrinted),
    /// Kinds 9, 10, 11 and 13: how an attempt ended, short of acceptance.
    Ended(Ended),
    /// Kind 12.
    DebitFailed(DebitFailed),
    /// A kind or schema that this release cannot read: the bytes, kept for a release that can.
    Parked(Box<[u8]>),
}

impl Payload {
    /// Orders what one source says of the same thing: higher replaces lower, absent is 0.
    pub const fn revision(&self) -> u64 {
        match self {
            Self::PaymentInitiated(p) => p.revision,
            Self::PhoneVerified(p) => p.revision,
            Self::SmsSent(p) => p.revision,
            Self::ScheduleChosen(p) => p.revision,
            Self::PaymentAccepted(p) => p.revision,
            Self::Debited(p) => p.revision,
            Self::TicketsPrinted(p) => p.revision,
            Self::Ended(p) => p.revision,
            Self::DebitFailed(p) => p.revision,
            Self::Parked(_) => 0,
        }
    }
}

/// The seller typed an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentInitiated {
    /// What is bought, in all.
    pub amount: Money,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// The till's id.
    pub till_id: Option<Text>,
    /// The till's ticket number.
    pub till_ticket: Option<Text>,
    /// The cashier's code.
    pub cashier_code: Option<Text>,
    /// What the terminal's own clock showed; never interpreted.
    pub terminal_clock: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// The phone number was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneVerified {
    /// Which phone, from 1.
    pub number: Ordinal,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// The SMS left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsSent {
    /// Which SMS, from 1.
    pub number: Ordinal,
    /// The carrier's id.
    pub message_id: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// A plan was agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleChosen {
    /// Which version of the plan, from 1.
    pub version: Ordinal,
    /// The plan.
    pub plan: Plan,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// The provider accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentAccepted {
    /// The provider's id of the payment.
    pub payment_id: Option<Text>,
    /// What was accepted.
    pub amount: Option<Money>,
    /// Which attempt, from 1.
    pub attempt: Ordinal,
    /// The provider captures later, by hand.
    pub deferred_capture: bool,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// An instalment was debited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debited {
    /// Its number in the provider's plan.
    pub instalment: u32,
    /// How much was taken.
    pub amount: Money,
    /// The provider's id of the debit.
    pub debit_id: Option<Text>,
    /// The provider's id of the payment.
    pub payment_id: Option<Text>,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// Tickets left the printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketsPrinted {
    /// Which ones; at least one.
    pub tickets: Vec<PrintedTicket>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// One printed paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedTicket {
    /// Which ticket.
    pub kind: TicketKind,
    /// A refund id, a plan version, or nothing.
    pub about: Option<Text>,
    /// 1 is the original.
    pub copy: Ordinal,
}

/// The tickets of the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TicketKind {
    /// "Transaction en cours".
    InProgress = 1,
    /// The customer's schedule.
    Customer = 2,
    /// The till's copy.
    Till = 3,
    /// Refused, expired, cancelled.
    Ended = 4,
}

impl TicketKind {
    /// The ticket with this number, 1 to 4.
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::InProgress),
            2 => Some(Self::Customer),
            3 => Some(Self::Till),
            4 => Some(Self::Ended),
            _ => None,
        }
    }
}

/// How an attempt ended, short of acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which end.
    pub end: End,
    /// Which attempt, from 1.
    pub attempt: Ordinal,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// The ends of an attempt, each with the class of its reason where one was stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Refused.
    Refused(Option<RefusalReason>),
    /// The link ran out.
    Expired,
    /// Cancelled.
    Cancelled(Option<CancellationReason>),
    /// Nobody can tell.
    Unknown(Option<UnknownReason>),
}

/// The class of a refusal; never printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RefusalReason {
    /// The provider's own decision.
    ByProvider = 1,
    /// The card was declined.
    CardDeclined = 2,
    /// Strong authentication failed.
    StrongAuthenticationFailed = 3,
    /// The payment may not be paid this way.
    NotEligible = 4,
}

/// Why a payment was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CancellationReason {
    /// The merchant asked.
    RequestedByMerchant = 1,
    /// The customer asked.
    RequestedByCustomer = 2,
    /// A manual capture was not made in time.
    AuthorizationExpired = 3,
}

/// Why an outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum UnknownReason {
    /// Nobody answered.
    NoAnswer = 1,
    /// The provider asks the customer for more; not final.
    MoreInformationNeeded = 2,
}

/// The debit of an instalment failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebitFailed {
    /// Its number in the provider's plan.
    pub instalment: u32,
    /// Which attempt, from 1.
    pub attempt: Ordinal,
    /// How much was asked.
    pub amount: Option<Money>,
    /// Why.
    pub reason: Option<DebitFailureReason>,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// Why a debit failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DebitFailureReason {
    /// Declined.
    CardDeclined = 1,
    /// The card ran out.
    CardExpired = 2,
    /// The card was stopped.
    Opposition = 3,
    /// Above its ceiling.
    CeilingReached = 4,
}
