//! What a paper says of a credit: who lends, at which rate, how often and how much is paid, the right of withdrawal and the
//! law's warning, worded by the day of the contract.
//!
//! Whether it is a credit is the state's word: the regime is stored with the plan. Only the market's reading of the old
//! law, "more than four instalments", holds beside a regime that somebody stated. The rate is the provider's.

use talon_domain::plan::Plan;
use talon_domain::regime::LegalRegime;
use talon_domain::state::{AgreedPlan, Standing, State};
use talon_domain::time::Day;

use crate::figure;
use crate::law::{CreditWarning, NEW_LAW, WITHDRAWAL, capitals, lender};
use crate::layout::{Layout, Line};

/// Whether the plan's total is still what the customer owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// As it was agreed, or stated anew.
    Agreed,
    /// Something came after the plan that takes off from it.
    Behind,
    /// All of the sale was given back: there is nothing to withdraw from.
    Over,
}

/// The mentions of a credit; nothing where it is none.
pub(super) fn mentions(sheet: &mut Layout, state: &State, agreed: &AgreedPlan, claim: Claim) {
    if !is_credit(state, agreed) {
        return withdrawal(sheet, state);
    }
    sheet.push(Line::Rule);
    sheet.title("CREDIT");
    sheet.key_value_if("PRETEUR", state.provider.as_deref().and_then(lender));
    rate(sheet, state, agreed);
    sheet.key_value("NOMBRE D'ECHEANCES", &agreed.instalments.len().to_string());
    let total = agreed.plan.total().map(|(currency, minor_units)| figure::sum(currency, minor_units));
    sheet.key_value_if("MONTANT TOTAL DU", total.as_deref().filter(|_| claim == Claim::Agreed));
    if state.withdrawal.is_none() && claim != Claim::Over {
        sheet.left(WITHDRAWAL);
    }
    withdrawal(sheet, state);
    if let Some(warning) = CreditWarning::of(contract(state, agreed)) {
        sheet.title(&capitals(warning.words));
    }
}

/// The provider's rate of a credit, where it is stated.
pub(super) fn rate(sheet: &mut Layout, state: &State, agreed: &AgreedPlan) {
    let rate = agreed.plan.annual_interest_rate_bps.filter(|_| is_credit(state, agreed)).map(figure::rate);
    sheet.key_value_if("TAEG", rate.as_deref());
}

/// That the customer withdrew.
fn withdrawal(sheet: &mut Layout, state: &State) {
    if let Some(withdrawn) = &state.withdrawal {
        sheet.title(&format!("RETRACTATION EXERCEE LE {}", figure::date(withdrawn.day)));
    }
}

fn is_credit(state: &State, agreed: &AgreedPlan) -> bool {
    let is_old = contract(state, agreed).is_none_or(|day| day < NEW_LAW);
    let is_long = agreed.plan.installments_count > Plan::SPLIT_COUNT_MAX;
    agreed.regime == LegalRegime::ConsumerCredit || (is_long && is_old)
}

/// The day of the contract: of the acceptance, else of the first that is known of its plan or its debits.
fn contract(state: &State, agreed: &AgreedPlan) -> Option<Day> {
    let debited = state.debits.iter().filter(|debit| debit.standing == Standing::Counts).map(|debit| debit.day);
    let first = || debited.chain(agreed.occurred_at.paris_day()).min();
    state.acceptance.as_ref().map(|accepted| accepted.day).or_else(first)
}
