//! Money that does not stay with the merchant, as the fold judges it: refunds, disputes, a withdrawal, and what was told
//! in error.

use super::Standing;
use crate::fact::{ChargebackReason, ChargebackStage, RefundReason, Text};
use crate::ids::EventId;
use crate::money::{Amount, Money};
use crate::slot::Slot;
use crate::time::{Day, Instant};

/// A request for a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// Its name.
    pub request_id: Text,
    /// How much was asked; all of it where absent.
    pub amount: Option<Money>,
    /// Why.
    pub reason: Option<RefundReason>,
    /// When.
    pub occurred_at: Instant,
    /// A refund that was made, or failed, answers it.
    pub is_answered: bool,
}

/// A refund: money that was given back, in cash or off what was still due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The provider's id of it.
    pub refund_id: Option<Text>,
    /// The request that it answers.
    pub request_id: Option<Text>,
    /// Cash and rebate together.
    pub money: Money,
    /// Returned to the customer's card, and taken off what was still due; `None` where nobody divided it.
    pub split: Option<Split>,
    /// It is a cancellation after success.
    pub from_cancellation: bool,
    /// When.
    pub occurred_at: Instant,
    /// In Paris.
    pub day: Day,
    /// Whether it counts; `None` of one that failed.
    pub standing: Option<Standing>,
}

/// The two movements of a refund. Together they are its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Money returned to the customer's card.
    pub cash: Amount,
    /// Taken off instalments that were not yet due.
    pub rebate: Amount,
}

/// A dispute, at its highest round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Its name.
    pub dispute_id: Text,
    /// Which round, from 1.
    pub round: u32,
    /// How far it came.
    pub stage: ChargebackStage,
    /// How much is at stake, where anybody said so.
    pub money: Option<Money>,
    /// Why.
    pub reason: Option<ChargebackReason>,
    /// When.
    pub occurred_at: Instant,
    /// In Paris.
    pub day: Day,
    /// Whether the money is gone; `None` of a round that was won.
    pub standing: Option<Standing>,
}

/// That the customer withdrew from the credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// When.
    pub occurred_at: Instant,
    /// In Paris.
    pub day: Day,
}

/// A fact that somebody took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversal {
    /// The fact.
    pub event_id: EventId,
    /// Whether it no longer counts.
    pub is_effective: bool,
}

impl Refund {
    /// The slot that it claims.
    pub fn slot(&self) -> Slot {
        match (&self.refund_id, &self.request_id) {
            (Some(id), _) => Slot::Refund(id.clone()),
            (None, Some(request)) => Slot::RefundWithoutId(request.clone(), None),
            (None, None) => Slot::RefundWithoutId(Text::default(), Some(self.money)),
        }
    }
}

impl Dispute {
    /// The slot that it claims.
    pub fn slot(&self) -> Slot {
        Slot::Chargeback(self.dispute_id.clone(), self.round)
    }
}
