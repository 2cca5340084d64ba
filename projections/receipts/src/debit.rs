//! What a paper may say about debits. "AUCUN DEBIT" is a promise to a customer, so it needs a proof:
//! - no debit is known, neither one that counts nor one that is held, and nothing that came back from one
//! - who can know told how the payment ended; a shop, a person or a terminal only believes
//! - no attempt was left with an outcome that nobody can tell, or that the shop did not wait for
//!
//! This module words nothing about amounts and judges no debit: the fold did.

use talon_domain::fact::Source;
use talon_domain::slot::EndKind;
use talon_domain::state::{AgreedPlan, AttemptEnd, State, Status};
use talon_domain::time::Day;

use crate::figure;

/// What stands under a paper's title about debits.
pub(crate) fn words(state: &State) -> Vec<String> {
    if let Some(doubt) = doubt(state) {
        return vec![doubt.into()];
    }
    if proves_no_debit(state) {
        return vec!["AUCUN DEBIT".into()];
    }
    let later = state.plan.as_ref().filter(|agreed| is_debited_later(state, agreed));
    later.map_or_else(Vec::new, |agreed| vec!["AUCUN DEBIT CE JOUR".into(), announced(agreed)])
}

/// That money was taken which nobody could place.
pub(crate) fn doubt(state: &State) -> Option<&'static str> {
    (!state.suspense().is_empty()).then_some("DEBIT A VERIFIER")
}

/// The end that gave the payment its status, if it ended without success.
pub(crate) fn deciding_end(state: &State) -> Option<&AttemptEnd> {
    let kind = match state.status {
        Status::Refused => EndKind::Refused,
        Status::Expired => EndKind::Expired,
        Status::Cancelled => EndKind::Cancelled,
        Status::Collected | Status::Accepted | Status::TimedOut | Status::Unknown | Status::InProgress => return None,
    };
    state.ends.iter().filter(|end| !end.only_asked && end.end.kind() == kind).max_by_key(|end| end.attempt)
}

fn proves_no_debit(state: &State) -> bool {
    let decided = deciding_end(state).is_some_and(|end| knows(end.source));
    is_untouched(state) && decided && !is_left_unknown(state)
}

/// A deferred plan (E24) that was accepted on a day before all of its due dates, and of which nothing was taken.
fn is_debited_later(state: &State, agreed: &AgreedPlan) -> bool {
    let Some(accepted) = &state.acceptance else { return false };
    let is_later = |due: Option<Day>| due.is_some_and(|day| day > accepted.day);
    state.status == Status::Accepted
        && is_untouched(state)
        && agreed.plan.is_deferred()
        && agreed.instalments.iter().all(|instalment| is_later(instalment.entry.due_date.paris_day()))
        && knows(accepted.source)
        && !is_left_unknown(state)
}

fn announced(agreed: &AgreedPlan) -> String {
    let first = agreed.instalments.iter().map(|instalment| instalment.entry.due_date).min();
    let date = first.map(figure::date_of).unwrap_or_default();
    let which = if agreed.instalments.len() > 1 { "PREMIER PRELEVEMENT LE" } else { "PRELEVEMENT LE" };
    format!("{which} {date}")
}

/// Nothing is known to have been taken, and nothing given or taken back that somebody may have paid before.
fn is_untouched(state: &State) -> bool {
    state.debits.is_empty() && state.refunds.is_empty() && state.disputes.is_empty()
}

/// Whether this mouth can know how a payment went; a shop only asks or believes.
const fn knows(source: Source) -> bool {
    match source {
        Source::Provider | Source::Bank | Source::Gateway => true,
        Source::Terminal | Source::Person | Source::Ledger => false,
    }
}

/// Whether some attempt has an outcome that nobody can tell, or that a shop did not wait for, and no other.
fn is_left_unknown(state: &State) -> bool {
    let is_open = |end: &AttemptEnd| matches!(end.end.kind(), EndKind::Unknown | EndKind::TimedOut);
    let decides = |attempt: u32| {
        let ended = |end: &AttemptEnd| end.attempt == attempt && !end.only_asked && !is_open(end);
        state.ends.iter().any(ended) || state.acceptance.as_ref().is_some_and(|accepted| accepted.attempt == attempt)
    };
    state.ends.iter().any(|end| is_open(end) && !decides(end.attempt))
}
