//! The plan in force, what contradicts its own invariants, and under which law it stands.

use talon_domain::fact::{Payload, ScheduleChosen, Source};
use talon_domain::money::{Currency, Money};
use talon_domain::plan::{Instalment, Plan};
use talon_domain::time::Day;

use super::anomaly::{
    CREDIT_PLAN_MUST_BE_AN_ANNUITY, DUE_DATES_MUST_INCREASE, Found, INSTALMENT_NUMBERS_MUST_DIFFER,
    PLAN_COST_MUST_ADD_UP, PLAN_SHOULD_COME_FROM_PROVIDER,
};
use super::content;
use super::slot::{self, Slot};
use super::witness::Told;

/// The plan in force.
#[derive(Clone, Debug)]
pub(super) struct PlanInForce<'a> {
    pub(super) version: u32,
    pub(super) plan: &'a Plan,
    /// The entries in the order of their numbers.
    pub(super) entries: Vec<&'a Instalment>,
    /// 1 outside consumer credit, 2 consumer credit.
    pub(super) regime: u8,
    /// Whose plan it is.
    pub(super) source: Source,
}

/// "Plan in force = highest authority, then version, then revision, then smallest event id."
pub(super) fn in_force<'a>(
    told: &[Told<'a>],
    day_of_acceptance: Option<Day>,
    found: &mut Found,
) -> Option<PlanInForce<'a>> {
    let mut first: Option<&Told<'a>> = None;
    let mut best: Option<&Told<'a>> = None;
    for version in told.iter().filter(|told| told.slot.family == slot::PLAN) {
        if version.winner().fact.header.source != Source::Provider {
            found.add(PLAN_SHOULD_COME_FROM_PROVIDER, version.slot.clone());
        }
        if first.is_none() {
            first = Some(version); // slots come in their order: the smallest version
        }
        if best.is_none_or(|best| outweighs(version, best)) {
            best = Some(version);
        }
    }
    let (first, best) = (first?, best?);
    let plan = &chosen(best).plan;
    let mut entries: Vec<&Instalment> = plan.instalments.iter().collect();
    entries.sort_by_key(|entry| (entry.number, entry.due_date));
    let is_changed = best.slot.number(0) > 1 || best.shown_number(content::CHANGE).is_some();
    faults(best, &entries, is_changed, found);

    // What is stated holds: in the plan in force, else in its first version. Else "the law of a contract is that of its
    // first version and its day: a change of the plan never changes it" (docs/decisions/0010); the day is that of the
    // acceptance, else of the first version.
    let contract = day_of_acceptance.unwrap_or(first.winner().fact.header.day);
    let stated = best.shown_number(content::REGIME).or(first.shown_number(content::REGIME));
    let regime = match stated {
        Some(regime) => u8::try_from(regime).expect("1 or 2"),
        None => law_of(&chosen(first).plan, contract),
    };
    let source = best.winner().fact.header.source;
    Some(PlanInForce { version: best.slot.number(0), plan, entries, regime, source })
}

fn chosen<'a>(version: &Told<'a>) -> &'a ScheduleChosen {
    match &version.winner().fact.payload {
        Payload::ScheduleChosen(chosen) => chosen,
        other => panic!("{other:?} claims a version of a plan"),
    }
}

fn outweighs(one: &Told<'_>, other: &Told<'_>) -> bool {
    let (a, b) = (one.winner(), other.winner());
    if a.authority() != b.authority() {
        return a.authority() > b.authority();
    }
    one.slot.number(0) > other.slot.number(0)
}

/// I2, I4, R7, and that numbers differ. In a rescheduled plan an entry may move behind another (E15): its dates need
/// only differ, and it is no annuity any more.
fn faults(version: &Told<'_>, entries: &[&Instalment], is_rescheduled: bool, found: &mut Found) {
    let mut dates: Vec<i64> = entries.iter().map(|entry| entry.due_date.0).collect();
    if is_rescheduled {
        dates.sort_unstable();
    }
    for place in 1..entries.len() {
        // I4: "due dates strictly increase".
        if dates[place - 1] >= dates[place] {
            found.add(DUE_DATES_MUST_INCREASE, version.slot.clone());
        }
        if entries[place - 1].number == entries[place].number {
            found.add(INSTALMENT_NUMBERS_MUST_DIFFER, version.slot.clone());
        }
    }
    // I2: the fees and interest are the customer's total cost, where anybody states it.
    if let Some(stated) = version.shown_money(content::TOTAL_COST)
        && cost(entries) != Some((stated.currency, stated.amount.minor_units().into()))
    {
        found.add(PLAN_COST_MUST_ADD_UP, version.slot.clone());
    }
    if !is_rescheduled && !is_annuity(chosen(version).plan.installments_count, entries) {
        found.add(CREDIT_PLAN_MUST_BE_AN_ANNUITY, version.slot.clone());
    }
}

/// R7: of more than four instalments the totals from the second on are equal, and the first bears no interest. After a
/// refund that cannot be asked.
fn is_annuity(installments_count: u32, entries: &[&Instalment]) -> bool {
    if installments_count <= 4 || entries.is_empty() {
        return true;
    }
    for entry in entries {
        if entry.purchase_amount != entry.original_purchase_amount {
            return true;
        }
    }
    for place in 2..entries.len() {
        if entries[place].total_amount != entries[1].total_amount {
            return false;
        }
    }
    entries[0].customer_interest.minor_units() == 0
}

/// What the customer pays beyond the purchase.
fn cost(entries: &[&Instalment]) -> Option<(Currency, u128)> {
    let mut sum = 0;
    for entry in entries {
        sum += u128::from(entry.customer_fee.minor_units()) + u128::from(entry.customer_interest.minor_units());
    }
    Some((entries.first()?.currency, sum))
}

/// Whether a version of the plan's own mouth asks for this amount of this instalment.
pub(super) fn ever_asked(told: &[Told<'_>], plan: &PlanInForce<'_>, instalment: u32, money: Money) -> bool {
    for version in versions_of(told, plan) {
        for entry in &chosen(version).plan.instalments {
            if entry.number == instalment && asked(entry) == money {
                return true;
            }
        }
    }
    false
}

/// The versions that the mouth of the plan in force states.
fn versions_of<'t, 'a>(told: &'t [Told<'a>], plan: &PlanInForce<'_>) -> Vec<&'t Told<'a>> {
    let is_meant = |one: &&Told<'_>| one.slot.family == slot::PLAN && one.winner().fact.header.source == plan.source;
    told.iter().filter(is_meant).collect()
}

/// The highest cost of any version of that mouth, in this currency: currencies are never mixed.
pub(super) fn highest_cost(told: &[Told<'_>], plan: Option<&PlanInForce<'_>>, currency: Currency) -> u128 {
    let Some(plan) = plan else { return 0 };
    let mut highest = 0;
    for version in versions_of(told, plan) {
        let entries: Vec<&Instalment> = chosen(version).plan.instalments.iter().collect();
        if let Some((of_currency, cost)) = cost(&entries)
            && of_currency == currency
            && cost > highest
        {
            highest = cost;
        }
    }
    highest
}

/// "Sum of `original_purchase_amount` of the plan in force." A plan without entries has none.
pub(super) fn purchase(plan: &PlanInForce<'_>) -> Option<(Currency, u128)> {
    purchase_of(&plan.entries)
}

fn purchase_of(entries: &[&Instalment]) -> Option<(Currency, u128)> {
    let mut sum = 0;
    for entry in entries {
        sum += u128::from(entry.original_purchase_amount.minor_units());
    }
    Some((entries.first()?.currency, sum))
}

/// Consumer credit since 20 November 2026, up to 100,000 EUR, whatever is paid later. Before: more than four
/// instalments or more than three months, from 200 EUR to 75,000 EUR. Paying at once is no credit; of another currency
/// no amount is known.
fn law_of(plan: &Plan, contract: Day) -> u8 {
    let new_law = Day::of(2026, 11, 20).expect("a date");
    let is_deferred = plan.deferred_days > 0 || plan.deferred_months > 0;
    let entries: Vec<&Instalment> = plan.instalments.iter().collect();
    let euro_cents = match purchase_of(&entries) {
        Some((Currency::EUR, cents)) => Some(cents),
        _ => None,
    };
    let is_within = |least: u128, most: u128| euro_cents.is_none_or(|cents| cents >= least && cents <= most);
    let is_credit = if plan.installments_count <= 1 && !is_deferred {
        false
    } else if contract >= new_law {
        is_within(0, 10_000_000)
    } else {
        let is_long = plan.installments_count > 4 || plan.deferred_months > 3 || plan.deferred_days > 93;
        is_long && is_within(20_000, 7_500_000)
    };
    if is_credit { 2 } else { 1 }
}

/// The due state of an entry: "collected · covered · claimed · failed · due", as numbers of a row.
pub(super) fn progress(entry: &Instalment, is_collected: bool, told: &[Told<'_>]) -> u8 {
    let has = |slot: &Slot| told.iter().any(|told| told.slot == *slot);
    if is_collected {
        return 1;
    }
    if has(&Slot::of_number(slot::COVERED, entry.number)) {
        return 2;
    }
    if has(&Slot::of_number(slot::CLAIMED, entry.number)) {
        return 3;
    }
    for failure in told.iter().filter(|told| told.slot.family == slot::DEBIT_FAILURE) {
        if failure.slot.number(0) == entry.number {
            return 4;
        }
    }
    5
}

/// What an entry asks for.
pub(super) const fn asked(entry: &Instalment) -> Money {
    Money { currency: entry.currency, amount: entry.total_amount }
}
