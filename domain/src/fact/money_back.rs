//! Money that does not stay: instalments that were not paid, refunds, withdrawal, chargebacks. What a provider says of one
//! thing comes in stages; where no revision is stated, the stage is the revision.

use super::choice::{ChargebackReason, ChargebackStage, DefaultStage, RefundFailureReason, RefundReason};
use super::{Ordinal, Text};
use crate::money::{Amount, Money};

/// What the provider did about an instalment that the customer did not pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalmentDefault {
    /// Its number in the provider's plan.
    pub instalment: u32,
    /// What was done.
    pub stage: DefaultStage,
    /// How much.
    pub amount: Option<Money>,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// Somebody asked for a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequested {
    /// The request's name.
    pub request_id: Text,
    /// How much; all of it where absent.
    pub amount: Option<Money>,
    /// The provider's id of the refund, if the answer gave one.
    pub refund_id: Option<Text>,
    /// Why.
    pub reason: Option<RefundReason>,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// What became of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refunded {
    /// The provider's id of the refund.
    pub refund_id: Option<Text>,
    /// The request that it answers.
    pub request_id: Option<Text>,
    /// Cash and rebate together; always stated where it was made.
    pub amount: Option<Money>,
    /// How it ended.
    pub end: RefundEnd,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// How a refund ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundEnd {
    /// It was made.
    Completed {
        /// Money returned to the customer's card.
        cash: Option<Amount>,
        /// Taken off instalments that are not yet due.
        rebate: Option<Amount>,
        /// It is a cancellation after success.
        from_cancellation: bool,
        /// The provider's id of the payment.
        payment_id: Option<Text>,
    },
    /// It was not made, or came back.
    Failed(Option<RefundFailureReason>),
}

impl RefundEnd {
    /// Where it stands among the stages of a refund: made, then failed.
    pub const fn stage(&self) -> u64 {
        match self {
            Self::Completed { .. } => 1,
            Self::Failed(_) => 2,
        }
    }
}

/// The customer withdrew from the credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalExercised {
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// A round of a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chargeback {
    /// The dispute's name.
    pub dispute_id: Text,
    /// Which round, from 1.
    pub round: Ordinal,
    /// How far it came.
    pub stage: ChargebackStage,
    /// The provider's id of the payment.
    pub payment_id: Option<Text>,
    /// How much; always stated where it was opened.
    pub amount: Option<Money>,
    /// Why, where it was opened.
    pub reason: Option<ChargebackReason>,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}
