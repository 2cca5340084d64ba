//! The plan in force: highest authority, then version, then revision, then smallest event id. A plan is never edited;
//! a change is a new version. Its law is that of the day of the contract: of the acceptance, else of its first version.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::Findings;
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::fact::{Payload, ScheduleChosen, Source};
use crate::money::Currency;
use crate::plan::{Instalment, Plan, PlanFault};
use crate::regime::LegalRegime;
use crate::slot::{Slot, family};
use crate::state::{Acceptance, AgreedPlan, Debit, InstalmentState, Progress, Standing};
use crate::time::Instant;
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
    let plan = agreed.shown();
    let entries = plan.by_number();
    let is_changed = agreed.number > 1 || agreed.ranked.first(|witness| chosen(witness)?.change).is_some();
    for fault in plan.faults_of(&entries, is_changed) {
        found.add(code(fault), Slot::Plan(agreed.number));
    }
    let instalments = entries.into_iter().map(due).collect();
    let contract = accepted.map_or(first.shown.header().day, |accepted| accepted.day);
    let stated = plan.legal_regime.or_else(|| first.ranked.first(|witness| chosen(witness)?.plan.legal_regime));
    Some(AgreedPlan {
        version: agreed.number,
        source: agreed.shown.source(),
        change: agreed.ranked.first(|witness| chosen(witness)?.change),
        first_version: first.number,
        occurred_at: agreed.shown.header().occurred_at,
        regime: stated.unwrap_or_else(|| LegalRegime::of(&first.chosen.plan, contract)),
        instalments,
        plan,
    })
}

impl Version<'_, '_> {
    /// The plan as it is shown: its terms by the best witness, and of what that one leaves out the next best word.
    fn shown(&self) -> Plan {
        Plan {
            customer_total_cost: self.ranked.first(|witness| chosen(witness)?.plan.customer_total_cost),
            annual_interest_rate_bps: self.ranked.first(|witness| chosen(witness)?.plan.annual_interest_rate_bps),
            legal_regime: self.ranked.first(|witness| chosen(witness)?.plan.legal_regime),
            ..self.chosen.plan.clone()
        }
    }
}

fn chosen<'a>(witness: &Witness<'a>) -> Option<&'a ScheduleChosen> {
    match witness.payload() {
        Payload::ScheduleChosen(chosen) => Some(chosen),
        _ => None,
    }
}

fn versions<'c, 'a>(claims: &'c Claims<'a>) -> impl Iterator<Item = Version<'c, 'a>> {
    claims.families(family::PLAN, family::PLAN).filter_map(|ranked| {
        let shown = ranked.best();
        match ranked.slot() {
            Slot::Plan(number) => Some(Version { number, ranked, shown, chosen: chosen(&shown)? }),
            _ => None,
        }
    })
}

/// The versions that are stated by a mouth of the same authority as the plan in force.
fn of_authority<'c, 'a>(claims: &'c Claims<'a>, agreed: &AgreedPlan) -> impl Iterator<Item = Version<'c, 'a>> {
    let source = agreed.source;
    versions(claims).filter(move |version| version.shown.source() == source)
}

/// Whether some version asked for this debit, in this amount.
pub(super) fn ever_asked(claims: &Claims<'_>, agreed: &AgreedPlan, debit: &Debit) -> bool {
    let asks = |entry: &Instalment| {
        let asked = (entry.number, entry.currency, entry.total_amount);
        asked == (debit.instalment, debit.money.currency, debit.money.amount)
    };
    of_authority(claims, agreed).any(|version| version.chosen.plan.instalments.iter().any(asks))
}

/// The most that any version of the plan in force's mouth lets the customer pay beyond the purchase, in this currency.
pub(super) fn highest_cost(claims: &Claims<'_>, agreed: &AgreedPlan, currency: Currency) -> u128 {
    let costs = of_authority(claims, agreed).filter_map(|version| version.chosen.plan.cost());
    costs.filter(|(of, _)| *of == currency).map(|(_, cost)| cost).max().unwrap_or(0)
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
    let failures = claims.families(family::DEBIT_FAILURE, family::DEBIT_FAILURE);
    let failed: BTreeSet<_> = failures.filter_map(|ranked| failed(&ranked.slot())).collect();
    for instalment in &mut agreed.instalments {
        let number = instalment.entry.number;
        let counts = |debit: &&Debit| debit.instalment == number && debit.standing == Standing::Counts;
        let taken = debits.iter().find(counts);
        instalment.paid_early = taken.is_some_and(|debit| is_early(debit, instalment.entry.due_date));
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

/// Taken on a day before the one on which it was due.
fn is_early(debit: &Debit, due_date: Instant) -> bool {
    debit.occurred_at < due_date && due_date.paris_day() > Some(debit.day)
}

const fn failed(slot: &Slot<&str>) -> Option<u32> {
    match slot {
        Slot::DebitFailure(instalment, _) => Some(*instalment),
        _ => None,
    }
}
