//! T7: a statement of the plan in force, after what became of it. Each instalment stands with its state in words; what was
//! taken, what is still taken and what was given back are the state's own sums.
//!
//! A plan that was stated before its last refund or withdrawal is said to be behind, and what it still asks is left out;
//! after a withdrawal or a refund of the whole sale its instalments are not said to come either.
//! A T2 is what was agreed; this paper is how it went on. It is laid out for any payment that succeeded.

use talon_domain::fact::PlanChange;
use talon_domain::money::Amount;
use talon_domain::state::{AgreedPlan, InstalmentState, Progress, Refund, Standing, State};

use super::accepted::{accepted_at, agreed, offer};
use super::credit::{self, Claim};
use super::{begin, finish, for_holder, identification, payment_id, sold};
use crate::debit;
use crate::figure;
use crate::layout::{Layout, Line};
use crate::no_ticket::NoTicket;
use crate::particulars::Particulars;

pub(super) fn layout(of: &Particulars<'_>) -> Result<Layout, NoTicket> {
    let agreed = agreed(of.state)?;
    let mut sheet = begin(of);
    titles(&mut sheet, of, agreed);
    sheet.push(Line::Rule);
    identification(&mut sheet, of.state, Some(agreed.occurred_at));
    sheet.key_value("VERSION", &agreed.version.to_string());
    sheet.key_value_if("ACHAT DU", accepted_at(of.state).map(figure::date_of).as_deref());
    payment_id(&mut sheet, of.state);
    for_holder(&mut sheet, of, of.holder);
    sheet.push(Line::Rule);
    sheet.left("ECHEANCIER");
    let claim = claim(of.state, agreed);
    let is_off = is_behind(of.state, agreed) && (claim == Claim::Over || of.state.withdrawal.is_some());
    agreed.instalments.iter().for_each(|instalment| entry(&mut sheet, instalment, is_off));
    sheet.push(Line::Rule);
    sums(&mut sheet, of.state, agreed);
    credit::mentions(&mut sheet, of.state, agreed, claim);
    Ok(finish(sheet, of, of.holder.words()))
}

fn titles(sheet: &mut Layout, of: &Particulars<'_>, agreed: &AgreedPlan) {
    sheet.title("RELEVE D'ECHEANCIER");
    sheet.centred(&match of.provider() {
        Some(provider) => format!("{provider} - {}", offer(&agreed.plan)),
        None => offer(&agreed.plan),
    });
    let behind = is_behind(of.state, agreed).then_some("ECHEANCIER A ACTUALISER");
    for line in change(agreed).into_iter().chain(behind).chain(debit::doubt(of.state)) {
        sheet.title(line);
    }
}

/// Why the plan is not the one that was agreed first.
fn change(agreed: &AgreedPlan) -> Option<&'static str> {
    match agreed.change {
        Some(PlanChange::Rescheduled) => Some("ECHEANCE REPORTEE"),
        Some(PlanChange::Refunded) => Some("MODIFIE APRES REMBOURSEMENT"),
        Some(PlanChange::PaidEarly) => Some("MODIFIE APRES PAIEMENT ANTICIPE"),
        Some(PlanChange::Corrected) => Some("ECHEANCIER CORRIGE"),
        None => (agreed.version > agreed.first_version).then_some("ECHEANCIER MODIFIE"),
    }
}

/// An instalment: its date, what became of it, and the provider's amount.
fn entry(sheet: &mut Layout, instalment: &InstalmentState, is_off: bool) {
    let entry = &instalment.entry;
    let amount = figure::sum(entry.currency, entry.total_amount.minor_units().into());
    sheet.noted(&figure::date_of(entry.due_date), state(instalment, is_off), &amount);
}

fn state(instalment: &InstalmentState, is_off: bool) -> &'static str {
    match instalment.progress {
        Progress::Collected if instalment.paid_early => "PAYE D'AVANCE",
        Progress::Collected => "PRELEVE",
        Progress::Covered => "PRIS EN CHARGE",
        Progress::Claimed => "EN RECOUVREMENT",
        // A refund took all of it: nothing is left to be taken.
        Progress::Due | Progress::Failed if instalment.entry.total_amount == Amount::ZERO => "SOLDE",
        Progress::Due | Progress::Failed if is_off => "A ACTUALISER",
        Progress::Failed => "EN INCIDENT",
        Progress::Due => "A VENIR",
    }
}

/// Whether a rebate, a refund that nobody divided, or a withdrawal came after the plan was stated: then what it still
/// asks is not what will be taken.
fn is_behind(state: &State, agreed: &AgreedPlan) -> bool {
    let takes_off = |refund: &Refund| refund.split.is_none_or(|split| split.rebate > Amount::ZERO);
    let counting = state.refunds.iter().filter(|refund| refund.standing == Some(Standing::Counts));
    let refunded = counting.filter(|refund| takes_off(refund)).map(|refund| refund.occurred_at);
    let withdrawn = state.withdrawal.map(|withdrawal| withdrawal.occurred_at);
    refunded.chain(withdrawn).any(|at| at > agreed.occurred_at)
}

/// Whether the plan's total is still owed.
fn claim(state: &State, agreed: &AgreedPlan) -> Claim {
    let is_given_back = state.sale.is_some_and(|sale| state.refunded().of(sale.currency) >= sale.minor_units);
    if is_given_back {
        Claim::Over
    } else if state.withdrawal.is_some() || is_behind(state, agreed) {
        Claim::Behind
    } else {
        Claim::Agreed
    }
}

/// What is still taken; where no entry is left, nothing in the plan's currency.
fn due(sheet: &mut Layout, agreed: &AgreedPlan) {
    let due = agreed.due();
    sheet.sums("RESTE A PRELEVER", &due);
    if let Some((currency, _)) = agreed.plan.total().filter(|_| due.is_empty()) {
        sheet.key_value("RESTE A PRELEVER", &figure::sum(currency, 0));
    }
}

fn sums(sheet: &mut Layout, state: &State, agreed: &AgreedPlan) {
    sheet.key_value_if("MONTANT ACHAT", sold(state).as_deref());
    sheet.sums("DEJA PRELEVE", &state.collected());
    if !is_behind(state, agreed) {
        due(sheet, agreed);
    }
    sheet.sums("PRIS EN CHARGE", &agreed.sum_of(Progress::Covered));
    sheet.sums("EN RECOUVREMENT", &agreed.sum_of(Progress::Claimed));
    sheet.sums("TOTAL REMBOURSE", &state.refunded());
}
