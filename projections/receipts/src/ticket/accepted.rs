//! T2, the customer's schedule, and T3, the till's copy: printed together once the provider accepted. Due dates and
//! amounts are the provider's; the till's copy holds nothing personal. Both say what was agreed: of a payment that went on
//! otherwise, T7 is the paper.
//!
//! Fees and interest stand on one line, which is named after what it holds: the domain adds them up as one cost.

use talon_domain::money::{Amount, Currency};
use talon_domain::plan::Plan;
use talon_domain::state::{AgreedPlan, Standing, State, Status};
use talon_domain::time::Instant;

use super::{begin, credit, finish, for_holder, identification, payment_id, sale_banner, sold};
use crate::debit;
use crate::figure;
use crate::layout::{Layout, Line};
use crate::no_ticket::NoTicket;
use crate::particulars::{Holder, Particulars};

pub(super) fn customer(of: &Particulars<'_>) -> Result<Layout, NoTicket> {
    let agreed = as_agreed(of.state)?;
    let mut sheet = begin(of);
    headline(&mut sheet, of, agreed);
    sheet.push(Line::Rule);
    identification(&mut sheet, of.state, accepted_at(of.state));
    for_holder(&mut sheet, of, Holder::Customer);
    payment_id(&mut sheet, of.state);
    schedule(&mut sheet, agreed);
    sheet.key_value_if("ACHAT", sold(of.state).as_deref());
    costs(&mut sheet, of.state, &agreed.plan);
    credit::mentions(&mut sheet, of.state, agreed, credit::Claim::Agreed);
    sheet.push(Line::Blank);
    sheet.centred("SUIVI ET MODIFICATION DES ECHEANCES : LIEN DANS L'E-MAIL DE CONFIRMATION");
    Ok(finish(sheet, of, Holder::Customer.words()))
}

pub(super) fn till(of: &Particulars<'_>) -> Result<Layout, NoTicket> {
    let agreed = as_agreed(of.state)?;
    let mut sheet = begin(of);
    headline(&mut sheet, of, agreed);
    sale_banner(&mut sheet, of.state);
    sheet.push(Line::Rule);
    identification(&mut sheet, of.state, accepted_at(of.state));
    payment_id(&mut sheet, of.state);
    for_holder(&mut sheet, of, Holder::Till);
    schedule(&mut sheet, agreed);
    if let Some(total) = sold(of.state) {
        sheet.bold_key_value("TOTAL VENTE", &total);
    }
    costs(&mut sheet, of.state, &agreed.plan);
    credit::rate(&mut sheet, of.state, agreed);
    Ok(finish(sheet, of, Holder::Till.words()))
}

/// The plan of a payment that succeeded; one without entries is no schedule.
pub(super) fn agreed(state: &State) -> Result<&AgreedPlan, NoTicket> {
    match state.status {
        Status::Collected | Status::Accepted => {}
        Status::Cancelled | Status::Refused | Status::Expired => return Err(NoTicket::EndedWithoutSuccess),
        Status::Unknown => return Err(NoTicket::OutcomeUnknown),
        Status::TimedOut | Status::InProgress => return Err(NoTicket::NotAccepted),
    }
    state.plan.as_ref().filter(|agreed| !agreed.instalments.is_empty()).ok_or(NoTicket::ScheduleUnknown)
}

/// The plan as it was agreed. Once money went back, the customer withdrew or the provider planned anew, a paper that says
/// no more than "accepted" promises what will not be: the statement says it all.
fn as_agreed(state: &State) -> Result<&AgreedPlan, NoTicket> {
    let agreed = agreed(state)?;
    let refunded = state.refunds.iter().any(|refund| refund.standing == Some(Standing::Counts));
    if refunded || state.withdrawal.is_some() || is_planned_anew(state, agreed) {
        return Err(NoTicket::PlanChanged);
    }
    Ok(agreed)
}

/// A choice that was changed before the acceptance is the customer's own, and was agreed.
fn is_planned_anew(state: &State, agreed: &AgreedPlan) -> bool {
    let is_later =
        agreed.version > agreed.first_version && accepted_at(state).is_some_and(|at| agreed.occurred_at > at);
    agreed.change.is_some() || is_later
}

/// When the payment succeeded: its acceptance, else the first debit that counts.
pub(super) fn accepted_at(state: &State) -> Option<Instant> {
    let debited = state.debits.iter().filter(|debit| debit.standing == Standing::Counts);
    let first = || debited.map(|debit| debit.occurred_at).min();
    state.acceptance.as_ref().map(|accepted| accepted.occurred_at).or_else(first)
}

fn headline(sheet: &mut Layout, of: &Particulars<'_>, agreed: &AgreedPlan) {
    sheet.title(&match of.provider() {
        Some(provider) => format!("PAIEMENT {provider} ACCEPTE"),
        None => "PAIEMENT ACCEPTE".to_owned(),
    });
    sheet.centred(&offer(&agreed.plan));
    debit::words(of.state).iter().for_each(|line| sheet.title(line));
}

pub(super) fn offer(plan: &Plan) -> String {
    match (plan.installments_count, plan.is_deferred()) {
        (0..=1, true) => "PAIEMENT DIFFERE".to_owned(),
        (0..=1, false) => "PAIEMENT COMPTANT".to_owned(),
        (n, true) => format!("PAIEMENT DIFFERE EN {n}X"),
        (n, false) => format!("PAIEMENT EN {n}X"),
    }
}

fn schedule(sheet: &mut Layout, agreed: &AgreedPlan) {
    sheet.push(Line::Rule);
    sheet.left("ECHEANCIER");
    for entry in agreed.instalments.iter().map(|instalment| &instalment.entry) {
        let total = figure::sum(entry.currency, entry.total_amount.minor_units().into());
        sheet.row(&figure::date_of(entry.due_date), &total);
    }
    sheet.push(Line::Rule);
}

/// What the customer pays beyond the purchase, and in all; and how much of it is taken.
fn costs(sheet: &mut Layout, state: &State, plan: &Plan) {
    let of = |sum: Option<(Currency, u128)>| sum.map(|(currency, minor_units)| figure::sum(currency, minor_units));
    sheet.key_value_if(cost_name(plan), of(plan.cost()).as_deref());
    if let Some(total) = of(plan.total()) {
        sheet.bold_key_value("TOTAL CLIENT", &total);
    }
    sheet.sums("DONT PRELEVE", &state.collected());
}

fn cost_name(plan: &Plan) -> &'static str {
    let fees = plan.instalments.iter().any(|entry| entry.customer_fee > Amount::ZERO);
    let interest = plan.instalments.iter().any(|entry| entry.customer_interest > Amount::ZERO);
    match (fees, interest) {
        (true, true) => "FRAIS ET INTERETS",
        (false, true) => "INTERETS",
        (_, false) => "FRAIS",
    }
}
