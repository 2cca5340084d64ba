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
use crate::witness::{Ranked, Witness};

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

pub(super) fn acceptance(claims: &Claims<'_>, found: &mut Findings) -> Option<Accepted> {
    let all: Vec<_> = claims
        .iter()
        .filter_map(|(slot, ranked)| match slot {
            Slot::Acceptance(id) => Some((id, ranked, ranked.best()?)),
            _ => None,
        })
        .collect();
    let (id, ranked, shown) = all.iter().max_by_key(|(id, _, shown)| (shown.authority(), Reverse(*id)))?;
    let others: BTreeSet<_> = all.iter().map(|(other, ..)| (*other).clone()).filter(|other| other != *id).collect();
    for other in &others {
        found.add(Code::PaymentMustBeAcceptedOnce, Slot::Acceptance(other.clone()));
    }
    Some(Accepted { state: accepted_state(id, ranked, *shown), authority: shown.authority(), others })
}

/// Each part from the best witness that states it; the moment from the best of all.
fn accepted_state(id: &Text, ranked: &Ranked<'_>, shown: Witness<'_>) -> Acceptance {
    let payload = |witness: &Witness<'_>| match &witness.fact.payload {
        Payload::PaymentAccepted(payload) => Some((payload.amount, payload.attempt.stated(), payload.deferred_capture)),
        _ => None,
    };
    Acceptance {
        payment_id: Some(id.clone()).filter(|id| !id.is_empty()),
        amount: ranked.first(|witness| payload(witness)?.0),
        attempt: ranked.first(|witness| payload(witness)?.1).unwrap_or(1),
        deferred_capture: ranked.first(|witness| payload(witness).filter(|(.., capture)| *capture)).is_some(),
        occurred_at: shown.fact.header.occurred_at,
        day: shown.fact.header.day,
    }
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
    let collected = first_collected(debits, claims);
    let is_cancelled = cancellations(accepted, collected, claims, found);
    let highest = highest_attempt(accepted, claims);
    let ended = |kind| claims.get(&Slot::Outcome(kind, highest)).is_some();
    one_outcome(accepted, collected.is_some(), highest, claims, found);

    if collected.is_some() {
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

/// The authority of the debit that stands for an acceptance while there is none: of the first that counts.
fn first_collected(debits: &[Debit], claims: &Claims<'_>) -> Option<usize> {
    let first = debits.iter().find(|debit| debit.standing == Standing::Collected)?;
    claims.get(&first.slot()).and_then(Ranked::best).map(|shown| shown.authority())
}

/// Whether a cancellation counts; those that only ask, and those that a debit contradicts, are found.
fn cancellations(
    accepted: Option<&Accepted>,
    collected: Option<usize>,
    claims: &Claims<'_>,
    found: &mut Findings,
) -> bool {
    let success = accepted.map(|a| (a.state.attempt, a.authority)).or(collected.map(|authority| (1, authority)));
    let counts = |attempt: u32, shown: &Witness<'_>| {
        success.is_none_or(|(accepted, authority)| attempt >= accepted && shown.authority() >= authority)
    };
    let told = || {
        claims.winners().filter_map(|(slot, shown)| match slot {
            Slot::Outcome(EndKind::Cancelled, attempt) => Some((slot, counts(*attempt, &shown))),
            _ => None,
        })
    };
    let (is_told, counts_any) = (told().next().is_some(), told().any(|(_, counts)| counts));
    for (slot, counts) in told() {
        if counts && collected.is_some() {
            found.add(debited_after_cancelling(accepted), slot.clone());
        }
        found.add_if(!counts_any, Code::AskedCancellationMustBeSettled, slot.clone());
    }
    for (slot, _) in claims.iter().filter(|_| success.is_some()) {
        match slot {
            Slot::CancelAsked(EndKind::Cancelled, _) if !is_told => {
                found.add(Code::AskedCancellationMustBeSettled, slot.clone());
            }
            Slot::CancelAsked(EndKind::Expired, _) => found.add(Code::SuccessShouldPrecedeExpiry, slot.clone()),
            _ => {}
        }
    }
    counts_any
}

/// An acceptance of a later attempt may still arrive and explain the debit; once there is one, nothing will.
const fn debited_after_cancelling(accepted: Option<&Accepted>) -> Code {
    if accepted.is_some() { Code::CancelledPaymentMustNotBeDebited } else { Code::RefusedPaymentMustNotBeDebited }
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
