//! What a payment comes to in days.

use talon_domain::contribution::{Account, contributions};
use talon_domain::ids::{ShopId, TerminalId};
use talon_domain::state::{Standing, State};
use talon_domain::time::{Day, Instant};

use super::row::{Cell, Measure, Place, PlanKey, write_place};
use crate::key::Key;
use crate::rows::Rows;
use crate::store::{Merge, Table};
use crate::table::{DAYS, DAYS_BOOKED};
use crate::transactions::{asked, currency_of};
use crate::view::{Booking, Known, View};

/// The view of days.
pub struct Days;

impl View for Days {
    fn name(&self) -> &'static str {
        "days"
    }

    fn version(&self) -> u16 {
        1
    }

    fn tables(&self) -> &'static [(Table, Merge)] {
        &[(DAYS, Merge::Cells), (DAYS_BOOKED, Merge::Cells)]
    }

    fn rows(&self, known: &Known<'_>, rows: &mut Rows) {
        let Some(state) = known.state.filter(|_| !known.key.training) else { return };
        let provider = state.provider.as_deref().unwrap_or_default();
        let mut add = |day, cell: Cell, amount: i128| {
            let place =
                |key: &mut Key| write_place(key, known.key.merchant, day, (state.shop, state.terminal), provider);
            rows.add(DAYS, place, &[(cell.code(), amount)]);
        };
        let plan = state.plan.as_ref().map_or(PlanKey::None, |agreed| PlanKey::of(&agreed.plan));
        status(state, plan, &mut add);
        money(state, plan, &mut add);
        papers(state, &mut add);
        told(known, rows);
    }

    fn book(&self, table: Table, key: &[u8], booking: Booking, booked: &mut Key) -> Option<Table> {
        if table != DAYS {
            return None;
        }
        let day = booking.day_of(Place::day_of(key)?);
        Place::write_on(key, day, booked)?;
        Some(DAYS_BOOKED)
    }
}

type Add<'a> = &'a mut dyn FnMut(Day, Cell, i128);

/// A payment counts once, on the day of its sale, else on the day on which it began. Of one of which only money is known
/// the money has the currency in which it is counted: what is held is beside a payment, not beside none.
fn status(state: &State, plan: PlanKey, add: Add<'_>) {
    let sold_on = state.sale.and_then(|sale| sale.day);
    let Some(day) = sold_on.or_else(|| state.began_at.and_then(Instant::paris_day)) else { return };
    let currency = currency_of(state);
    add(day, Cell { measure: Measure::Payments(state.status), plan, currency }, 1);
    if let Some((_, minor_units)) = asked(state) {
        add(day, Cell { measure: Measure::Asked(state.status), plan, currency }, whole(minor_units));
    }
}

fn money(state: &State, plan: PlanKey, add: Add<'_>) {
    for (key, amount) in contributions(state) {
        let currency = Some(key.currency);
        add(key.day, Cell { measure: Measure::Money(key.account), plan, currency }, amount);
        if key.account == Account::Sale {
            add(key.day, Cell { measure: Measure::Sales, plan, currency }, 1);
            let cost = customer_cost(state);
            if cost > 0 {
                add(key.day, Cell { measure: Measure::CustomerCost, plan, currency }, cost);
            }
        }
    }
    let counts = Some(Standing::Counts);
    let debits = state.debits.iter().filter(|debit| debit.standing == Standing::Counts);
    debits.for_each(|debit| add(debit.day, counted(Measure::Debits, plan, debit.money.currency), 1));
    let refunds = state.refunds.iter().filter(|refund| refund.standing == counts);
    refunds.for_each(|refund| add(refund.day, counted(Measure::Refunds, plan, refund.money.currency), 1));
    let disputes = state.disputes.iter().filter(|dispute| dispute.standing == counts);
    for (dispute, money) in disputes.filter_map(|dispute| Some((dispute, dispute.money?))) {
        add(dispute.day, counted(Measure::Chargebacks, plan, money.currency), 1);
    }
}

const fn counted(measure: Measure, plan: PlanKey, currency: talon_domain::money::Currency) -> Cell {
    Cell { measure, plan, currency: Some(currency) }
}

/// Fees and interest of the plan in force.
fn customer_cost(state: &State) -> i128 {
    let entries = state.plan.iter().flat_map(|agreed| &agreed.plan.instalments);
    let costs = entries.flat_map(|entry| [entry.customer_fee, entry.customer_interest]);
    costs.map(|cost| i128::from(cost.minor_units())).sum()
}

/// Papers count on the day on which they left the printer.
fn papers(state: &State, add: Add<'_>) {
    for print in &state.prints {
        let Some(day) = print.occurred_at.paris_day() else { continue };
        let measure = if print.copy > 1 { Measure::Reprinted } else { Measure::Printed(print.kind) };
        add(day, Cell::of(measure), 1);
    }
}

/// First and last are of the facts themselves, where and when they say they happened: they never leave.
fn told(known: &Known<'_>, rows: &mut Rows) {
    let mut places: Vec<Told> = Vec::with_capacity(2);
    for fact in known.stream.facts() {
        let header = &fact.header;
        let (at, place) = (header.occurred_at, (header.day, header.shop, header.terminal));
        match places.iter_mut().find(|told| told.place == place) {
            Some(told) => told.take(at),
            None => places.push(Told { place, facts: 1, first: at, last: at }),
        }
    }
    for told in places {
        let (day, shop, terminal) = told.place;
        let cells = [
            (Cell::of(Measure::Facts).code(), told.facts),
            (Cell::of(Measure::First).code(), told.first.0.into()),
            (Cell::of(Measure::Last).code(), told.last.0.into()),
        ];
        rows.add(DAYS, |key| write_place(key, known.key.merchant, day, (shop, terminal), ""), &cells);
    }
}

/// What a payment's facts told of a place on a day.
struct Told {
    place: (Day, ShopId, TerminalId),
    facts: i128,
    first: Instant,
    last: Instant,
}

impl Told {
    fn take(&mut self, at: Instant) {
        self.facts = self.facts.saturating_add(1);
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }
}

fn whole(minor_units: u128) -> i128 {
    i128::try_from(minor_units).unwrap_or(i128::MAX)
}
