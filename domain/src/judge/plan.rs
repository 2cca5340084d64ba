//! The plan in force: highest authority, then version, then revision, then smallest event id. A plan is never edited;
//! a change is a new version. Its law is that of the day of the contract: of the acceptance, else of its first version.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::Findings;
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::fact::{Payload, ScheduleChosen, Source};
use crate::plan::{Instalment, PlanFault};
use crate::regime::LegalRegime;
use crate::slot::Slot;
use crate::state::{Acceptance, AgreedPlan, Debit, InstalmentState, Progress, Standing};
use crate::witness::Witness;

pub(super) fn in_force(claims: &Claims<'_>, accepted: Option<&Acceptance>, found: &mut Findings) -> Option<AgreedPlan> {
    let versions: Vec<_> = claims.winners().filter_map(|(slot, shown)| version(slot, shown)).collect();
    for (number, shown, _) in &versions {
        let foreign = shown.source() != Source::Provider;
        found.add_if(foreign, Code::PlanShouldComeFromProvider, Slot::Plan(*number));
    }
    let weight = |(number, shown, _): &&(u32, Witness<'_>, &ScheduleChosen)| {
        (shown.authority(), *number, shown.revision(), Reverse(shown.event_id()))
    };
    let (number, shown, chosen) = versions.iter().max_by_key(weight)?;
    let (first_number, first, first_chosen) = versions.first()?;
    for fault in chosen.plan.faults(number != first_number) {
        found.add(code(fault), Slot::Plan(*number));
    }
    let entry = |entry: &Instalment| InstalmentState { entry: entry.clone(), progress: Progress::Due };
    let contract = accepted.map_or(first.fact.header.day, |accepted| accepted.day);
    let stated = chosen.plan.legal_regime.or(first_chosen.plan.legal_regime);
    Some(AgreedPlan {
        version: *number,
        plan: chosen.plan.clone(),
        source: shown.source(),
        occurred_at: shown.fact.header.occurred_at,
        regime: stated.unwrap_or_else(|| LegalRegime::of(&chosen.plan, contract)),
        instalments: chosen.plan.by_number().into_iter().map(entry).collect(),
    })
}

fn version<'a>(slot: &Slot, shown: Witness<'a>) -> Option<(u32, Witness<'a>, &'a ScheduleChosen)> {
    match (slot, &shown.fact.payload) {
        (Slot::Plan(number), Payload::ScheduleChosen(chosen)) => Some((*number, shown, chosen)),
        _ => None,
    }
}

const fn code(fault: PlanFault) -> Code {
    match fault {
        PlanFault::DueDatesMustIncrease => Code::DueDatesMustIncrease,
        PlanFault::CostMustAddUp => Code::PlanCostMustAddUp,
        PlanFault::NumbersMustDiffer => Code::InstalmentNumbersMustDiffer,
        PlanFault::CreditMustBeAnAnnuity => Code::CreditPlanMustBeAnAnnuity,
    }
}

/// Marks each entry of the plan in force: collected, else failed, else due.
pub(super) fn progress(plan: Option<&mut AgreedPlan>, debits: &[Debit], claims: &Claims<'_>) {
    let counting = debits.iter().filter(|debit| debit.standing == Standing::Collected);
    let collected: BTreeSet<_> = counting.map(|debit| debit.instalment).collect();
    let failures = claims.iter().filter_map(|(slot, _)| match slot {
        Slot::DebitFailure(instalment, _) => Some(*instalment),
        _ => None,
    });
    let failed: BTreeSet<_> = failures.collect();
    for instalment in plan.into_iter().flat_map(|agreed| &mut agreed.instalments) {
        instalment.progress = match instalment.entry.number {
            number if collected.contains(&number) => Progress::Collected,
            number if failed.contains(&number) => Progress::Failed,
            _ => Progress::Due,
        };
    }
}
