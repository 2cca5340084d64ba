//! The plan in force: highest authority, then version, then revision, then smallest event id. A plan is never edited;
//! a change is a new version. Its law is that of the day of the contract: of the acceptance, else of its first version.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::Findings;
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::content::{Field, Value, statement_of};
use crate::fact::{Payload, PlanChange, ScheduleChosen, Source};
use crate::plan::{Instalment, PlanFault};
use crate::regime::LegalRegime;
use crate::slot::Slot;
use crate::state::{Acceptance, AgreedPlan, Debit, InstalmentState, Progress, Standing};
use crate::witness::{Ranked, Witness};

/// One version, and who states it.
struct Version<'c, 'a> {
    number: u32,
    ranked: Ranked<'c, 'a>,
    shown: Witness<'a>,
    chosen: &'a ScheduleChosen,
}

pub(super) fn in_force(claims: &Claims<'_>, accepted: Option<&Acceptance>, found: &mut Findings) -> Option<AgreedPlan> {
    let versions = || versions(claims);
    for version in versions() {
        let foreign = version.shown.source() != Source::Provider;
        found.add_if(foreign, Code::PlanShouldComeFromProvider, &Slot::Plan(version.number));
    }
    let weight = |version: &Version<'_, '_>| {
        let shown = version.shown;
        (shown.authority(), version.number, shown.revision(), Reverse(shown.event_id()))
    };
    let (first, agreed) = (versions().next()?, versions().max_by_key(weight)?);
    for fault in agreed.chosen.plan.faults(agreed.number != first.number) {
        found.add(code(fault), Slot::Plan(agreed.number));
    }
    let contract = accepted.map_or(first.shown.header().day, |accepted| accepted.day);
    let stated = agreed.chosen.plan.legal_regime.or(first.chosen.plan.legal_regime);
    Some(AgreedPlan {
        version: agreed.number,
        plan: agreed.chosen.plan.clone(),
        source: agreed.shown.source(),
        change: agreed.ranked.first(change),
        first_version: first.number,
        occurred_at: agreed.shown.header().occurred_at,
        regime: stated.unwrap_or_else(|| LegalRegime::of(&agreed.chosen.plan, contract)),
        instalments: agreed.chosen.plan.by_number().into_iter().map(due).collect(),
    })
}

fn versions<'c, 'a>(claims: &'c Claims<'a>) -> impl Iterator<Item = Version<'c, 'a>> {
    claims.between(&Slot::Plan(0), &Slot::Plan(u32::MAX)).filter_map(|ranked| {
        let shown = ranked.best();
        match (ranked.slot(), shown.payload()) {
            (Slot::Plan(number), Payload::ScheduleChosen(chosen)) => Some(Version { number, ranked, shown, chosen }),
            _ => None,
        }
    })
}

/// The most that any version lets the customer pay beyond the purchase.
pub(super) fn highest_cost(claims: &Claims<'_>) -> u128 {
    versions(claims).filter_map(|version| version.chosen.plan.cost()).map(|(_, cost)| cost).max().unwrap_or(0)
}

fn change(witness: &Witness<'_>) -> Option<PlanChange> {
    match statement_of(witness.payload(), Field::Change)? {
        Value::Number(number) => PlanChange::from_number(u32::try_from(number).ok()?),
        _ => None,
    }
}

fn due(entry: &Instalment) -> InstalmentState {
    InstalmentState { entry: entry.clone(), progress: Progress::Due, paid_early: false }
}

const fn code(fault: PlanFault) -> Code {
    match fault {
        PlanFault::DueDatesMustIncrease => Code::DueDatesMustIncrease,
        PlanFault::CostMustAddUp => Code::PlanCostMustAddUp,
        PlanFault::NumbersMustDiffer => Code::InstalmentNumbersMustDiffer,
        PlanFault::CreditMustBeAnAnnuity => Code::CreditPlanMustBeAnAnnuity,
    }
}

/// Marks each entry of the plan in force: collected, else covered, else claimed, else failed, else due.
pub(super) fn progress(plan: Option<&mut AgreedPlan>, debits: &[Debit], claims: &Claims<'_>) {
    let Some(agreed) = plan else { return };
    let failures = claims.between(&Slot::DebitFailure(0, 0), &Slot::DebitFailure(u32::MAX, u32::MAX));
    let failed: BTreeSet<_> = failures.filter_map(|ranked| failed(&ranked.slot())).collect();
    for instalment in &mut agreed.instalments {
        let number = instalment.entry.number;
        let counts = |debit: &&Debit| debit.instalment == number && debit.standing == Standing::Counts;
        let taken = debits.iter().find(counts);
        instalment.paid_early = taken.is_some_and(|debit| instalment.entry.due_date.paris_day() > Some(debit.day));
        instalment.progress = if taken.is_some() {
            Progress::Collected
        } else if claims.has(&Slot::Covered(number)) {
            Progress::Covered
        } else if claims.has(&Slot::Claimed(number)) {
            Progress::Claimed
        } else if failed.contains(&number) {
            Progress::Failed
        } else {
            Progress::Due
        };
    }
}

const fn failed(slot: &Slot<&str>) -> Option<u32> {
    match slot {
        Slot::DebitFailure(instalment, _) => Some(*instalment),
        _ => None,
    }
}
