//! What a paper may say about debits. "AUCUN DEBIT" is a promise to a customer, so it needs a proof:
//! - no debit is known, neither one that counts nor one that is held
//! - who can know told how the payment ended; a shop, a person or a terminal only believes
//! - no attempt was left with an outcome that nobody can tell
//!
//! This module words nothing about amounts and judges no debit: the fold did.

use talon_domain::fact::Source;
use talon_domain::slot::{EndKind, Slot};
use talon_domain::state::{AgreedPlan, AttemptEnd, State, Status};
use talon_domain::time::Day;

use crate::figure;

/// What stands under a paper's title about debits.
pub(crate) fn words(state: &State) -> Vec<String> {
    if !state.suspense().is_empty() {
        return vec!["DEBIT A VERIFIER".into()];
    }
    if proves_no_debit(state) {
        return vec!["AUCUN DEBIT".into()];
    }
    let later = state.plan.as_ref().filter(|agreed| is_debited_later(state, agreed));
    later.map_or_else(Vec::new, |agreed| vec!["AUCUN DEBIT CE JOUR".into(), announced(agreed)])
}

/// The end that gave the payment its status, if it ended without success.
pub(crate) fn deciding_end(state: &State) -> Option<&AttemptEnd> {
    let kind = match state.status {
        Status::Refused => EndKind::Refused,
        Status::Expired => EndKind::Expired,
        Status::Cancelled => EndKind::Cancelled,
        Status::Collected | Status::Accepted | Status::Unknown | Status::InProgress => return None,
    };
    state.ends.iter().filter(|end| !end.only_asked && end.end.kind() == kind).max_by_key(|end| end.attempt)
}

fn proves_no_debit(state: &State) -> bool {
    let decided = deciding_end(state).is_some_and(|end| {
        let slot = Slot::Outcome(end.end.kind(), end.attempt);
        told_by_who_knows(state, |told| *told == slot)
    });
    state.debits.is_empty() && decided && !is_left_unknown(state)
}

/// A deferred plan (E24) that was accepted on a day before all of its due dates, and of which nothing was taken.
fn is_debited_later(state: &State, agreed: &AgreedPlan) -> bool {
    let Some(accepted) = &state.acceptance else { return false };
    let is_later = |due: Option<Day>| due.is_some_and(|day| day > accepted.day);
    state.status == Status::Accepted
        && state.debits.is_empty()
        && agreed.plan.is_deferred()
        && agreed.instalments.iter().all(|instalment| is_later(instalment.entry.due_date.paris_day()))
        && told_by_who_knows(state, |told| matches!(told, Slot::Acceptance(_)))
        && !is_left_unknown(state)
}

fn announced(agreed: &AgreedPlan) -> String {
    let first = agreed.instalments.iter().map(|instalment| instalment.entry.due_date).min();
    let date = first.map(figure::date_of).unwrap_or_default();
    let which = if agreed.instalments.len() > 1 { "PREMIER PRELEVEMENT LE" } else { "PRELEVEMENT LE" };
    format!("{which} {date}")
}

/// Whether a winning witness of such a slot decides, as the fold's slots tell asking from deciding.
fn told_by_who_knows(state: &State, is_meant: impl Fn(&Slot) -> bool) -> bool {
    let knows = |source| !matches!(source, Source::Terminal | Source::Person | Source::Ledger);
    state.timeline.iter().any(|moment| knows(moment.source) && is_meant(&moment.slot))
}

/// Whether some attempt has an unknown outcome and no other.
fn is_left_unknown(state: &State) -> bool {
    let decides = |attempt: u32| {
        let ended = |end: &AttemptEnd| end.attempt == attempt && !end.only_asked && end.end.kind() != EndKind::Unknown;
        state.ends.iter().any(ended) || state.acceptance.as_ref().is_some_and(|accepted| accepted.attempt == attempt)
    };
    state.ends.iter().any(|end| end.end.kind() == EndKind::Unknown && !decides(end.attempt))
}
