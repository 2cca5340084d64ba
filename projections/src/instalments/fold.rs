//! What a payment's plan comes to in the calendar.

use std::cmp::Reverse;

use talon_domain::fact::{Fact, Payload, ScheduleChosen};
use talon_domain::state::{AgreedPlan, InstalmentState, State, Status};
use talon_domain::time::{Day, Instant};

use super::row::{Course, DueCell, DueInstalment, DuePlace};
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
        for (place, instalment) in (0u32..).zip(&agreed.instalments) {
            put(known, state, agreed, (place, instalment), rows);
        }
    }
}

/// A plan of a payment that was neither accepted nor debited binds nobody.
const fn is_agreed(state: &State) -> bool {
    matches!(state.status, Status::Collected | Status::Accepted) || state.acceptance.is_some()
}

fn put(
    known: &Known<'_>,
    state: &State,
    agreed: &AgreedPlan,
    (place, instalment): (u32, &InstalmentState),
    rows: &mut Rows,
) {
    let entry = &instalment.entry;
    let Some(day) = entry.due_date.paris_day() else { return };
    let course = course(state, instalment);
    let from = first_date(known, state, agreed, entry.number).and_then(Instant::paris_day).filter(|from| *from != day);
    let provider = state.provider.as_deref().unwrap_or_default().to_owned();
    let due = DuePlace { merchant: known.key.merchant, day, shop: state.shop, provider };
    let cell = |is_amount| DueCell { course, is_rescheduled: from.is_some(), is_amount, currency: entry.currency };
    let amount = entry.total_amount.minor_units();
    let cells = [(cell(false).code(), 1), (cell(true).code(), i128::from(amount))];
    rows.add(CALENDAR, |key| due.write(key), &cells);
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
        due.write(key);
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

/// The date that the first version of the plan named, by the mouth of the plan in force; `None` without an earlier version.
fn first_date(known: &Known<'_>, state: &State, agreed: &AgreedPlan, number: u32) -> Option<Instant> {
    if agreed.version <= agreed.first_version {
        return None;
    }
    let is_taken_back = |fact: &Fact| {
        let reversal = state.reversals.iter().find(|reversal| reversal.event_id == fact.header.event_id);
        reversal.is_some_and(|reversal| reversal.is_effective)
    };
    let told = known.stream.facts().filter(|fact| fact.header.source == agreed.source && !is_taken_back(fact));
    let versions = told.filter_map(|fact| Some((fact, chosen(fact)?)));
    let earlier = versions.filter(|(_, chosen)| chosen.version.get() < agreed.version);
    let rank = |(fact, chosen): &(&Fact, &ScheduleChosen)| {
        (chosen.version.get(), Reverse(chosen.revision), fact.header.event_id)
    };
    let (_, first) = earlier.min_by_key(rank)?;
    first.plan.instalments.iter().filter(|entry| entry.number == number).map(|entry| entry.due_date).min()
}

fn chosen(fact: &Fact) -> Option<&ScheduleChosen> {
    match &fact.payload {
        Payload::ScheduleChosen(chosen) => Some(chosen),
        _ => None,
    }
}
