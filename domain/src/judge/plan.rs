//! The plan in force: highest authority, then version, then revision, then smallest event id. A plan is never edited;
//! a change is a new version.

use std::cmp::Reverse;

use super::Findings;
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::fact::{Payload, ScheduleChosen, Source};
use crate::plan::PlanFault;
use crate::regime::LegalRegime;
use crate::slot::Slot;
use crate::state::{AgreedPlan, Debit, InstalmentState, Progress, Standing};
use crate::witness::Witness;

pub(super) fn in_force(claims: &Claims<'_>, found: &mut Findings) -> Option<AgreedPlan> {
    let versions: Vec<_> = claims.winners().filter_map(|(slot, shown)| version(slot, shown)).collect();
    for (number, shown, _) in &versions {
        let foreign = shown.source() != Source::Provider;
        found.add_if(foreign, Code::PlanShouldComeFromProvider, Slot::Plan(*number));
    }
    let weight = |(number, shown, _): &&(u32, Witness<'_>, &ScheduleChosen)| {
        (shown.authority(), *number, shown.revision(), Reverse(shown.event_id()))
    };
    let (number, shown, chosen) = versions.iter().max_by_key(weight)?;
    for fault in chosen.plan.faults() {
        found.add(code(fault), Slot::Plan(*number));
    }
    let entry = |entry: &crate::plan::Instalment| InstalmentState { entry: entry.clone(), progress: Progress::Due };
    Some(AgreedPlan {
        version: *number,
        plan: chosen.plan.clone(),
        source: shown.source(),
        occurred_at: shown.fact.header.occurred_at,
        regime: LegalRegime::of(&chosen.plan, shown.fact.header.day),
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
    let counts = |number| debits.iter().any(|d| d.instalment == number && d.standing == Standing::Collected);
    let failed = |number| claims.iter().any(|(slot, _)| matches!(slot, Slot::DebitFailure(i, _) if *i == number));
    for instalment in plan.into_iter().flat_map(|agreed| &mut agreed.instalments) {
        instalment.progress = match instalment.entry.number {
            number if counts(number) => Progress::Collected,
            number if failed(number) => Progress::Failed,
            _ => Progress::Due,
        };
    }
}
