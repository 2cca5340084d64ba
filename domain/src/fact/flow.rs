//! The facts of a payment's flow: from the amount on the terminal to the last debit and the last paper.

use super::choice::{
    CancellationReason, DebitFailureReason, EmailTemplate, PlanChange, RefusalReason, ReplacementReason, SmsStatus,
    TicketKind, UnknownReason,
};
use super::{Ordinal, Text};
use crate::ids::{EventId, StreamId};
use crate::money::Money;
use crate::plan::Plan;

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
    /// Why there is a version after the first.
    pub change: Option<PlanChange>,
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
    /// The shop stopped waiting.
    TimedOut,
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

/// What became of an SMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsDelivery {
    /// Which SMS, as it was numbered when it left.
    pub number: Ordinal,
    /// How far it came.
    pub status: SmsStatus,
    /// The carrier's id.
    pub message_id: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// The customer opened the payment link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkOpened {
    /// Which link, as its SMS was numbered.
    pub number: Ordinal,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// This payment stands in for another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentReplaces {
    /// The payment that is replaced.
    pub replaced: StreamId,
    /// Why.
    pub reason: Option<ReplacementReason>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// An e-mail left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailSent {
    /// What it is about.
    pub template: EmailTemplate,
    /// Which one of its template, from 1.
    pub number: Ordinal,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// A fact of this payment was told in error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactReversed {
    /// The fact.
    pub reversed: EventId,
    /// Why.
    pub reason: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// The customer gave another card for what is still due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardReplaced {
    /// Which replacement, from 1.
    pub number: Ordinal,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}
