//! What a payment's plan comes to in the calendar.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use talon_domain::fact::{Fact, Payload, ScheduleChosen};
use talon_domain::ids::EventId;
use talon_domain::plan::Plan;
use talon_domain::slot::Slot;
use talon_domain::state::{AgreedPlan, InstalmentState, State, Status};
use talon_domain::time::{Day, Instant};

use super::row::{Course, DueCell, DueInstalment, write_due};
use crate::rows::Rows;
use crate::store::{Merge, Table};
use crate::table::{CALENDAR, DUE};
use crate::view::{Known, View};

/// The view of what falls due.
pub struct Instalments;

impl View for Instalments {
    fn name(&self) -> &'static str {
        "calendar"
    }

    fn version(&self) -> u16 {
        1
    }

    fn tables(&self) -> &'static [(Table, Merge)] {
        &[(CALENDAR, Merge::Cells), (DUE, Merge::Latest)]
    }

    fn rows(&self, known: &Known<'_>, rows: &mut Rows) {
        let Some(state) = known.state.filter(|state| !known.key.training && is_agreed(state)) else { return };
        let Some(agreed) = &state.plan else { return };
        let first = first_version(known, agreed);
        for (place, instalment) in (0u32..).zip(&agreed.instalments) {
            let from = first.and_then(|first| date_in(first, instalment.entry.number));
            put((known, state, agreed), (place, instalment), from, rows);
        }
    }
}

/// A plan of a payment that was neither accepted nor debited binds nobody.
const fn is_agreed(state: &State) -> bool {
    matches!(state.status, Status::Collected | Status::Accepted) || state.acceptance.is_some()
}

fn put(
    (known, state, agreed): (&Known<'_>, &State, &AgreedPlan),
    (place, instalment): (u32, &InstalmentState),
    from: Option<Instant>,
    rows: &mut Rows,
) {
    let entry = &instalment.entry;
    let Some(day) = entry.due_date.paris_day() else { return };
    let course = course(state, instalment);
    let from = from.and_then(Instant::paris_day).filter(|from| *from != day);
    let (place_of, provider) = ((known.key.merchant, day, state.shop), state.provider.as_deref().unwrap_or_default());
    let cell = |is_amount| DueCell { course, is_rescheduled: from.is_some(), is_amount, currency: entry.currency };
    let amount = entry.total_amount.minor_units();
    let cells = [(cell(false).code(), 1), (cell(true).code(), i128::from(amount))];
    rows.add(CALENDAR, |key| write_due(key, place_of, provider), &cells);
    if matches!(course, Course::Collected | Course::CollectedEarly | Course::Released) {
        return;
    }
    let row = DueInstalment {
        number: entry.number,
        installments_count: agreed.plan.installments_count,
        plan_version: agreed.version,
        course: course as u8,
        currency: entry.currency.code().as_bytes().first_chunk().copied().unwrap_or_default(),
        amount,
        rescheduled_from: from.map(|Day(day)| day),
    };
    let write = |key: &mut crate::key::Key| {
        write_due(key, place_of, provider);
        key.stream(known.key.stream, known.key.training).u32(place);
    };
    rows.put(DUE, write, &row);
}

fn course(state: &State, instalment: &InstalmentState) -> Course {
    let course = Course::of(instalment.progress, instalment.paid_early);
    let is_over = state.is_closed || state.withdrawal.is_some() || state.status == Status::Cancelled;
    let is_nothing = instalment.entry.total_amount.minor_units() == 0;
    if course.is_owed() && (is_over || is_nothing) { Course::Released } else { course }
}

/// The first version of the plan, by the mouth of the plan in force; `None` without an earlier version. A reversal takes
/// more back than the fact that it names, so who still tells is asked of the fold.
fn first_version<'a>(known: &Known<'a>, agreed: &AgreedPlan) -> Option<&'a Plan> {
    if agreed.version <= agreed.first_version {
        return None;
    }
    let slots = known.stream.told().slots;
    let plans = slots.iter().filter(|filled| matches!(filled.slot, Slot::Plan(_)));
    let witnesses: BTreeSet<EventId> = plans.flat_map(|filled| filled.witnesses.iter().copied()).collect();
    let is_told = |fact: &&Fact| witnesses.contains(&fact.header.event_id) && fact.header.source == agreed.source;
    let versions = known.stream.facts().filter(is_told).filter_map(|fact| Some((fact, chosen(fact)?)));
    let earlier = versions.filter(|(_, chosen)| chosen.version.get() < agreed.version);
    let rank = |(fact, chosen): &(&Fact, &ScheduleChosen)| {
        (chosen.version.get(), Reverse(chosen.revision), fact.header.event_id)
    };
    earlier.min_by_key(rank).map(|(_, first)| &first.plan)
}

/// The date that a version of the plan names for an instalment.
fn date_in(plan: &Plan, number: u32) -> Option<Instant> {
    plan.instalments.iter().filter(|entry| entry.number == number).map(|entry| entry.due_date).min()
}

fn chosen(fact: &Fact) -> Option<&ScheduleChosen> {
    match &fact.payload {
        Payload::ScheduleChosen(chosen) => Some(chosen),
        _ => None,
    }
}
