//! How a payment ended: acceptance, and the ends short of it.
//!
//! Acceptance is not a debit. Of several acceptances the one of highest authority, then of the smallest payment id,
//! is the sale's. A cancellation counts if neither its attempt nor its authority is lower than the acceptance's; else
//! it only asks. The provider decides; a shop's belief never cancels.

use std::cmp::Reverse;

use super::Findings;
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::fact::Payload;
use crate::slot::{EndKind, Slot, family};
use crate::state::{Acceptance, AttemptEnd, Debit, Standing, Status};
use crate::witness::{Ranked, Witness};

/// The acceptance that gives the sale, and what the judgement of others needs of it.
#[derive(Debug)]
pub(super) struct Accepted<'a> {
    pub(super) state: Acceptance,
    authority: u8,
    /// The provider's id of it; empty where nobody states one.
    id: &'a str,
}

impl Accepted<'_> {
    /// Whether money that names this payment is another's: of one that was not accepted, or accepted besides.
    pub(super) fn is_other(&self, payment_id: Option<&str>, found: &mut Findings) -> bool {
        let is_other = !self.id.is_empty() && payment_id.is_some_and(|id| id != self.id);
        found.add_if(is_other, Code::PaymentMustBeAcceptedOnce, &ACCEPTED);
        is_other
    }
}

/// Where a second acceptance is shown, whichever of them gives the sale.
const ACCEPTED: Slot<&str> = Slot::Acceptance("");

pub(super) fn acceptance<'a>(claims: &Claims<'a>, found: &mut Findings) -> Option<Accepted<'a>> {
    let told = || claims.families(family::ACCEPTANCE, family::ACCEPTANCE).filter_map(payment_id);
    let (id, ranked) = told().max_by_key(|(id, ranked)| (ranked.best().authority(), Reverse(*id)))?;
    found.add_if(told().nth(1).is_some(), Code::PaymentMustBeAcceptedOnce, &ACCEPTED);
    Some(Accepted { state: accepted_state(id, &ranked), authority: ranked.best().authority(), id })
}

fn payment_id<'c, 'a>(ranked: Ranked<'c, 'a>) -> Option<(&'a str, Ranked<'c, 'a>)> {
    match ranked.slot() {
        Slot::Acceptance(id) => Some((id, ranked)),
        _ => None,
    }
}

/// Each part from the best witness that states it; the moment from the best of all.
fn accepted_state(id: &str, ranked: &Ranked<'_, '_>) -> Acceptance {
    let payment = |witness: &Witness<'_>| match witness.payload() {
        Payload::PaymentAccepted(payload) => payload.payment_id.clone(),
        _ => None,
    };
    let payload = |witness: &Witness<'_>| match witness.payload() {
        Payload::PaymentAccepted(payload) => Some((payload.amount, payload.attempt.stated(), payload.deferred_capture)),
        _ => None,
    };
    let shown = ranked.best();
    Acceptance {
        payment_id: ranked.first(payment).or_else(|| Some(id.into()).filter(|_| !id.is_empty())),
        amount: ranked.first(|witness| payload(witness)?.0),
        attempt: ranked.first(|witness| payload(witness)?.1).unwrap_or(1),
        deferred_capture: ranked.first(|witness| payload(witness).filter(|(.., capture)| *capture)).is_some(),
        source: shown.source(),
        occurred_at: shown.header().occurred_at,
        day: shown.header().day,
    }
}

/// The slots in which ends are told.
fn ended<'c, 'a>(claims: &'c Claims<'a>) -> impl Iterator<Item = Ranked<'c, 'a>> {
    claims.families(family::OUTCOME, family::CANCEL_ASKED)
}

/// Every end that was told, decided or asked.
pub(super) fn ends(claims: &Claims<'_>) -> Vec<AttemptEnd> {
    let told = |ranked: Ranked<'_, '_>| {
        let shown = ranked.best();
        let Payload::Ended(payload) = shown.payload() else { return None };
        Some(AttemptEnd {
            end: payload.end,
            attempt: payload.attempt.get(),
            only_asked: matches!(ranked.slot(), Slot::CancelAsked(..)),
            source: shown.source(),
            occurred_at: shown.header().occurred_at,
        })
    };
    ended(claims).filter_map(told).collect()
}

pub(super) fn status(
    accepted: Option<&Accepted<'_>>,
    debits: &[Debit],
    is_closed: bool,
    claims: &Claims<'_>,
    found: &mut Findings,
) -> Status {
    let success = Success { accepted, collected: first_collected(debits, claims), is_closed };
    let is_cancelled = cancellations(&success, claims, found);
    let highest = highest_attempt(accepted, claims);
    one_outcome(&success, highest, claims, found);
    late_success(&success, claims, found);

    let ended = |kind| claims.has(&Slot::Outcome(kind, highest));
    let ladder = [
        (success.collected.is_some(), Status::Collected),
        (is_cancelled, Status::Cancelled),
        (accepted.is_some(), Status::Accepted),
        (ended(EndKind::Refused), Status::Refused),
        (ended(EndKind::Expired), Status::Expired),
        (ended(EndKind::TimedOut), Status::TimedOut),
        (ended(EndKind::Unknown), Status::Unknown),
    ];
    ladder.into_iter().find_map(|(holds, status)| holds.then_some(status)).unwrap_or(Status::InProgress)
}

/// What is known of the success of a payment.
struct Success<'s, 'a> {
    accepted: Option<&'s Accepted<'a>>,
    /// The authority of the debit that stands for an acceptance while there is none: of the first that counts.
    collected: Option<u8>,
    is_closed: bool,
}

impl Success<'_, '_> {
    /// The attempt that succeeded, and the authority of who says so.
    fn weight(&self) -> Option<(u32, u8)> {
        let accepted = self.accepted.map(|accepted| (accepted.state.attempt, accepted.authority));
        accepted.or(self.collected.map(|authority| (1, authority)))
    }
}

fn first_collected(debits: &[Debit], claims: &Claims<'_>) -> Option<u8> {
    let first = debits.iter().find(|debit| debit.standing == Standing::Counts)?;
    let slot = first.debit_id.as_deref().map_or(Slot::DebitWithoutId(first.instalment), Slot::Debit);
    claims.get(&slot).map(|ranked| ranked.best().authority())
}

/// Whether a cancellation counts; those that only ask, and those that a debit contradicts, are found until the money
/// was given back.
fn cancellations(success: &Success<'_, '_>, claims: &Claims<'_>, found: &mut Findings) -> bool {
    let weight = success.weight();
    let counts = |attempt: u32, authority: u8| weight.is_none_or(|(a, w)| attempt >= a && authority >= w);
    let told = || {
        ended(claims).filter_map(|ranked| match ranked.slot() {
            Slot::Outcome(EndKind::Cancelled, attempt) => {
                Some((ranked.slot(), counts(attempt, ranked.best().authority())))
            }
            _ => None,
        })
    };
    let counts_any = told().any(|(_, counts)| counts);
    let is_settled = success.is_closed;
    for (slot, counts) in told().filter(|_| !is_settled) {
        found.add_if(counts && success.collected.is_some(), debited_after_cancelling(success), &slot);
        found.add_if(!counts_any, Code::AskedCancellationMustBeSettled, &slot);
    }
    let is_open = weight.is_some() && !is_settled && told().next().is_none();
    for ranked in ended(claims).filter(|_| is_open) {
        let is_asked = matches!(ranked.slot(), Slot::CancelAsked(EndKind::Cancelled, _));
        found.add_if(is_asked, Code::AskedCancellationMustBeSettled, &ranked.slot());
    }
    counts_any
}

/// An acceptance of a later attempt may still arrive and explain the debit.
const fn debited_after_cancelling(success: &Success<'_, '_>) -> Code {
    if success.accepted.is_some() {
        Code::CancelledPaymentMustNotBeDebited
    } else {
        Code::RefusedPaymentMustNotBeDebited
    }
}

/// The highest attempt that an outcome or an acceptance names.
fn highest_attempt(accepted: Option<&Accepted<'_>>, claims: &Claims<'_>) -> u32 {
    let told = ended(claims).filter_map(|ranked| match ranked.slot() {
        Slot::Outcome(_, attempt) => Some(attempt),
        _ => None,
    });
    told.chain(accepted.map(|accepted| accepted.state.attempt)).max().unwrap_or(1)
}

/// An attempt that was accepted did not fail; a payment of which every attempt failed is not debited.
fn one_outcome(success: &Success<'_, '_>, highest: u32, claims: &Claims<'_>, found: &mut Findings) {
    for ranked in ended(claims) {
        let slot = ranked.slot();
        let Slot::Outcome(EndKind::Refused | EndKind::Expired, attempt) = slot else { continue };
        if let Some(accepted) = success.accepted {
            found.add_if(accepted.state.attempt == attempt, Code::AttemptMustHaveOneOutcome, &slot);
        } else {
            let last = attempt == highest && success.collected.is_some();
            found.add_if(last, Code::RefusedPaymentMustNotBeDebited, &slot);
        }
    }
}

/// The shop gave up an attempt that succeeded after all (E4): somebody may have served the customer twice.
fn late_success(success: &Success<'_, '_>, claims: &Claims<'_>, found: &mut Findings) {
    let Some((succeeded, _)) = success.weight() else { return };
    for ranked in ended(claims) {
        let slot = ranked.slot();
        if let Slot::CancelAsked(EndKind::Expired, attempt) | Slot::Outcome(EndKind::TimedOut, attempt) = slot {
            found.add_if(attempt >= succeeded, Code::SuccessShouldPrecedeExpiry, &slot);
        }
    }
}
