//! T7: a statement of the plan in force, after what became of it. Each instalment stands with its state in words; what was
//! taken, what is still taken and what was given back are the state's own sums.
//!
//! A T2 is what was agreed; this paper is how it went on. It is laid out for any payment that succeeded.

use talon_domain::fact::PlanChange;
use talon_domain::money::Amount;
use talon_domain::state::{AgreedPlan, InstalmentState, Progress, State};

use super::accepted::{accepted_at, agreed, offer};
use super::{begin, credit, finish, for_holder, identification, payment_id, sold};
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
    agreed.instalments.iter().for_each(|instalment| entry(&mut sheet, instalment));
    sheet.push(Line::Rule);
    sums(&mut sheet, of.state, agreed);
    credit::mentions(&mut sheet, of.state, agreed);
    Ok(finish(sheet, of, of.holder.words()))
}

fn titles(sheet: &mut Layout, of: &Particulars<'_>, agreed: &AgreedPlan) {
    sheet.title("RELEVE D'ECHEANCIER");
    sheet.centred(&match of.provider() {
        Some(provider) => format!("{provider} - {}", offer(&agreed.plan)),
        None => offer(&agreed.plan),
    });
    for line in change(agreed).into_iter().chain(debit::doubt(of.state)) {
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

/// An instalment: its date and its state at the left, the provider's amount at the right.
fn entry(sheet: &mut Layout, instalment: &InstalmentState) {
    let entry = &instalment.entry;
    let left = format!("{} {}", figure::date_of(entry.due_date), state(instalment));
    sheet.row(&left, &figure::sum(entry.currency, entry.total_amount.minor_units().into()));
}

fn state(instalment: &InstalmentState) -> &'static str {
    match instalment.progress {
        Progress::Collected if instalment.paid_early => "PAYE D'AVANCE",
        Progress::Collected => "PRELEVE",
        Progress::Covered => "PRIS EN CHARGE",
        Progress::Claimed => "EN RECOUVREMENT",
        // A refund took all of it: nothing is left to be taken.
        Progress::Due | Progress::Failed if instalment.entry.total_amount == Amount::ZERO => "SOLDE",
        Progress::Failed => "EN INCIDENT",
        Progress::Due => "A VENIR",
    }
}

fn sums(sheet: &mut Layout, state: &State, agreed: &AgreedPlan) {
    sheet.key_value_if("MONTANT ACHAT", sold(state).as_deref());
    sheet.sums("DEJA PRELEVE", &state.collected());
    sheet.sums("RESTE A PRELEVER", &agreed.due());
    sheet.sums("PRIS EN CHARGE", &agreed.sum_of(Progress::Covered));
    sheet.sums("EN RECOUVREMENT", &agreed.sum_of(Progress::Claimed));
    sheet.sums("TOTAL REMBOURSE", &state.refunded());
}
