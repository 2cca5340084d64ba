//! How a payment ended: acceptance, and the ends short of it.
//!
//! Acceptance is not a debit. Of several acceptances the one of highest authority, then of the smallest payment id,
//! is the sale's. A cancellation counts if neither its attempt nor its authority is lower than the acceptance's; else
//! it only asks. The provider decides; a shop's belief never cancels.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::Findings;
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::fact::{Payload, Text};
use crate::slot::{EndKind, Slot};
use crate::state::{Acceptance, AttemptEnd, Debit, Standing, Status};
use crate::witness::Witness;

/// The acceptance that gives the sale, and what the judgement of others needs of it.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) state: Acceptance,
    authority: usize,
    others: BTreeSet<Text>,
}

impl Accepted {
    /// The payment id, if it is one of another acceptance.
    pub(super) fn other<'a>(&self, payment_id: Option<&'a str>) -> Option<&'a str> {
        payment_id.filter(|id| self.others.contains(*id))
    }
}

pub(super) fn acceptance(joined: &Claims<'_>, found: &mut Findings) -> Option<Accepted> {
    let all: Vec<_> = joined
        .winners()
        .filter_map(|(slot, shown)| match slot {
            Slot::Acceptance(id) => Some((id.clone(), shown)),
            _ => None,
        })
        .collect();
    let (id, shown) = all.iter().max_by_key(|(id, shown)| (shown.authority(), Reverse(id.clone())))?;
    let others: BTreeSet<_> = all.iter().map(|(other, _)| other.clone()).filter(|other| other != id).collect();
    for other in &others {
        found.add(Code::PaymentMustBeAcceptedOnce, Slot::Acceptance(other.clone()));
    }
    let state = accepted_state(id, *shown)?;
    Some(Accepted { state, authority: shown.authority(), others })
}

fn accepted_state(id: &Text, shown: Witness<'_>) -> Option<Acceptance> {
    let Payload::PaymentAccepted(payload) = &shown.fact.payload else { return None };
    Some(Acceptance {
        payment_id: Some(id.clone()).filter(|id| !id.is_empty()),
        amount: payload.amount,
        attempt: payload.attempt.get(),
        deferred_capture: payload.deferred_capture,
        occurred_at: shown.fact.header.occurred_at,
        day: shown.fact.header.day,
    })
}

/// Every end that was told, decided or asked.
pub(super) fn ends(claims: &Claims<'_>) -> Vec<AttemptEnd> {
    let told = |(slot, shown): (&Slot, Witness<'_>)| {
        let Payload::Ended(payload) = &shown.fact.payload else { return None };
        Some(AttemptEnd {
            end: payload.end,
            attempt: payload.attempt.get(),
            only_asked: matches!(slot, Slot::CancelAsked(..)),
            occurred_at: shown.fact.header.occurred_at,
        })
    };
    claims.winners().filter_map(told).collect()
}

pub(super) fn status(
    accepted: Option<&Accepted>,
    debits: &[Debit],
    claims: &Claims<'_>,
    found: &mut Findings,
) -> Status {
    let is_collected = debits.iter().any(|debit| debit.standing == Standing::Collected);
    let is_cancelled = cancellations(accepted, is_collected, claims, found);
    let highest = highest_attempt(accepted, claims);
    let ended = |kind| claims.winner(&Slot::Outcome(kind, highest)).is_some();
    one_outcome(accepted, is_collected, highest, claims, found);

    if is_collected {
        Status::Collected
    } else if is_cancelled {
        Status::Cancelled
    } else if accepted.is_some() {
        Status::Accepted
    } else if ended(EndKind::Refused) {
        Status::Refused
    } else if ended(EndKind::Expired) {
        Status::Expired
    } else if ended(EndKind::Unknown) {
        Status::Unknown
    } else {
        Status::InProgress
    }
}

/// Whether a cancellation counts; those that only ask, and those that come too late, are found.
fn cancellations(accepted: Option<&Accepted>, is_collected: bool, claims: &Claims<'_>, found: &mut Findings) -> bool {
    let mut counts_any = false;
    let succeeded = is_collected || accepted.is_some();
    for (slot, shown) in claims.winners() {
        match slot {
            Slot::Outcome(EndKind::Cancelled, attempt) => {
                let counts = accepted.is_none_or(|a| *attempt >= a.state.attempt && shown.authority() >= a.authority);
                counts_any |= counts;
                found.add_if(counts && is_collected, Code::CancelledPaymentMustNotBeDebited, slot.clone());
                found.add_if(!counts, Code::AskedCancellationMustBeSettled, slot.clone());
            }
            Slot::CancelAsked(EndKind::Cancelled, _) if succeeded && !settled(claims) => {
                found.add(Code::AskedCancellationMustBeSettled, slot.clone());
            }
            Slot::CancelAsked(EndKind::Expired, _) if succeeded => {
                found.add(Code::SuccessShouldPrecedeExpiry, slot.clone());
            }
            _ => {}
        }
    }
    counts_any
}

/// Whether somebody who can decide it cancelled.
fn settled(claims: &Claims<'_>) -> bool {
    claims.iter().any(|(slot, _)| matches!(slot, Slot::Outcome(EndKind::Cancelled, _)))
}

/// The highest attempt that an outcome or an acceptance names.
fn highest_attempt(accepted: Option<&Accepted>, claims: &Claims<'_>) -> u32 {
    let told = claims.iter().filter_map(|(slot, _)| match slot {
        Slot::Outcome(_, attempt) => Some(*attempt),
        _ => None,
    });
    told.chain(accepted.map(|accepted| accepted.state.attempt)).max().unwrap_or(1)
}

/// An attempt that was accepted did not fail; a payment of which every attempt failed is not debited.
fn one_outcome(
    accepted: Option<&Accepted>,
    is_collected: bool,
    highest: u32,
    claims: &Claims<'_>,
    found: &mut Findings,
) {
    for (slot, _) in claims.iter() {
        let Slot::Outcome(EndKind::Refused | EndKind::Expired, attempt) = slot else { continue };
        if let Some(accepted) = accepted {
            let same = accepted.state.attempt == *attempt;
            found.add_if(same, Code::AttemptMustHaveOneOutcome, slot.clone());
        } else {
            let last = *attempt == highest && is_collected;
            found.add_if(last, Code::RefusedPaymentMustNotBeDebited, slot.clone());
        }
    }
}
