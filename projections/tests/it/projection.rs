//! Laws of the projection, for every history: rows are a function of the set of facts, batches change nothing, and no
//! total drifts from the payments that it counts.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use talon_domain::contribution::contributions;
use talon_domain::fact::Fact;
use talon_domain::fold::Fold;
use talon_domain::ids::{PartitionId, Position};
use talon_domain::time::Day;
use talon_projections::days::{Cell, Measure, Place};
use talon_projections::explain::{Figure, Reckoning, explain, total};
use talon_projections::projection::{Projection, Taken, TakenFact};
use talon_projections::reading::read_cells;
use talon_projections::store::Table;
use talon_projections::table::{ANOMALIES, DAYS, DAYS_BOOKED};
use talon_projections::views;
use talon_testkit::traffic::{Histories, History};

type Told = (PartitionId, Fact);
type Rows = BTreeMap<(u16, Vec<u8>), Vec<u8>>;

const HISTORIES: usize = 400;

/// Projects records in their order; after every `settle_after` of them the views are brought up to date.
pub(crate) fn projected(records: &[Told], settle_after: usize) -> Projection {
    let mut projection = Projection::in_memory(views::ALL.to_vec());
    let mut next = BTreeMap::<PartitionId, u64>::new();
    for (told, (partition, fact)) in (1..).zip(records) {
        let position = next.entry(*partition).or_default();
        let taken = TakenFact { fact: fact.clone(), payload: &[], phone_bucket: 0 };
        let record = Taken {
            partition: *partition,
            position: Position(*position),
            recorded_at: fact.header.recorded_at,
            fact: Some(taken),
        };
        projection.take(record).expect("the next record");
        *position += 1;
        if told % settle_after == 0 {
            projection.settle().expect("memory cannot fail");
        }
    }
    projection.settle().expect("memory cannot fail");
    projection
}

fn rows_in(projection: &Projection, is_meant: impl Fn(Table) -> bool) -> Rows {
    let mut rows = Rows::new();
    let tables = views::ALL.iter().flat_map(|view| view.tables()).filter(|(table, _)| is_meant(*table));
    for (table, _) in tables {
        let mut keep = |key: &[u8], value: &[u8]| {
            rows.insert((table.0, key.to_vec()), value.to_vec());
            ControlFlow::Continue(())
        };
        projection.tables().scan(*table, &[], None, &mut keep).expect("memory cannot fail");
    }
    rows
}

/// What depends on the order of arrival by definition: where a change is booked, and what stood at a day's end.
fn is_of_the_set(table: Table) -> bool {
    table != DAYS_BOOKED && table != ANOMALIES
}

#[test]
fn order_and_repetition_change_no_row() {
    for history in Histories::of(40_000).filter(|history| !history.has_conflict()).take(HISTORIES) {
        let rows = rows_in(&projected(&history.records, usize::MAX), is_of_the_set);
        for other in [history.shuffled(1), history.shuffled(2), history.doubled()] {
            let again = rows_in(&projected(&other.records, 5), is_of_the_set);
            assert_eq!(rows, again, "seed {}\n{}", history.seed, history.in_words());
        }
    }
}

#[test]
fn how_records_are_cut_into_batches_changes_no_row() {
    for history in Histories::of(50_000).take(HISTORIES) {
        let at_once = rows_in(&projected(&history.records, usize::MAX), |_| true);
        for settle_after in [1, 2, 7] {
            let again = rows_in(&projected(&history.records, settle_after), |_| true);
            assert_eq!(at_once, again, "seed {} by {settle_after}\n{}", history.seed, history.in_words());
        }
    }
}

#[test]
fn days_are_the_sum_of_what_payments_contribute() {
    for History { seed, records } in Histories::of(60_000).take(HISTORIES) {
        let mut fold = Fold::new();
        for (partition, fact) in &records {
            fold.apply(*partition, fact.clone());
        }
        let mut counted = BTreeMap::<_, i128>::new();
        for (key, amount) in fold.payments().flat_map(|(key, stream)| contributions(&stream.state(key))) {
            let place = (key.merchant, key.day, key.shop, key.terminal, key.provider.to_string());
            *counted.entry((place, key.account.name(), key.currency)).or_default() += amount;
        }
        counted.retain(|_, amount| *amount != 0);
        assert_eq!(money_of(&projected(&records, 4), DAYS), counted, "seed {seed}");
    }
}

type Counted = BTreeMap<
    (
        (talon_domain::ids::MerchantId, Day, talon_domain::ids::ShopId, talon_domain::ids::TerminalId, String),
        &'static str,
        talon_domain::money::Currency,
    ),
    i128,
>;

fn money_of(projection: &Projection, table: Table) -> Counted {
    let mut counted = Counted::new();
    for ((_, key), value) in rows_in(projection, |of| of == table) {
        let place = Place::read(&key).expect("a place");
        let place = (place.merchant, place.day, place.shop, place.terminal, place.provider);
        for (code, amount) in read_cells(&value).expect("cells").iter() {
            let cell = Cell::from_code(code).expect("a cell");
            if let (Measure::Money(account), Some(currency)) = (cell.measure, cell.currency) {
                *counted.entry((place.clone(), account.name(), currency)).or_default() += amount;
            }
        }
    }
    counted.retain(|_, amount| *amount != 0);
    counted
}

#[test]
fn over_all_days_the_two_readings_are_equal() {
    for history in Histories::of(70_000).take(HISTORIES) {
        let projection = projected(&history.records, 3);
        let [economic, booked] = [DAYS, DAYS_BOOKED].map(|table| {
            let mut sums = BTreeMap::<_, i128>::new();
            for ((merchant, _, shop, terminal, provider), account, currency, amount) in money_of(&projection, table)
                .into_iter()
                .map(|((place, account, of), amount)| (place, account, of, amount))
            {
                *sums.entry((merchant, shop, terminal, provider, account, currency)).or_default() += amount;
            }
            sums.retain(|_, amount| *amount != 0);
            sums
        });
        assert_eq!(economic, booked, "seed {}", history.seed);
    }
}

#[test]
fn every_figure_is_the_sum_of_its_facts() {
    for history in Histories::of(80_000).take(120) {
        let projection = projected(&history.records, 3);
        for (table, reckoning) in [(DAYS, Reckoning::Economic), (DAYS_BOOKED, Reckoning::Booked)] {
            for ((_, key), value) in rows_in(&projection, |of| of == table) {
                let place = Place::read(&key).expect("a place");
                for (code, amount) in read_cells(&value).expect("cells").iter() {
                    let cell = Cell::from_code(code).expect("a cell");
                    if cell.measure.is_moment() {
                        continue;
                    }
                    // A figure without a currency is of all of them.
                    let beside = read_cells(&value).expect("cells");
                    let beside = beside.iter().filter(|(other, _)| *other != code).filter_map(|(other, amount)| {
                        let other = Cell::from_code(other).expect("a cell");
                        let is_meant = (other.measure, other.plan) == (cell.measure, cell.plan);
                        (is_meant && cell.currency.is_none()).then_some(amount)
                    });
                    let parts = explain(&projection, &figure(&place, cell, reckoning));
                    assert_eq!(
                        total(&parts),
                        amount + beside.sum::<i128>(),
                        "seed {} {place:?} {cell:?} {reckoning:?}",
                        history.seed
                    );
                    for part in parts {
                        let facts: i128 = part.facts.iter().map(|fact| fact.amount).sum();
                        assert_eq!(facts, part.amount, "seed {} {place:?} {cell:?}", history.seed);
                    }
                }
            }
        }
    }
}

fn figure(place: &Place, cell: Cell, reckoning: Reckoning) -> Figure {
    Figure {
        merchant: place.merchant,
        day: place.day,
        shop: Some(place.shop),
        terminal: Some(place.terminal),
        provider: Some(place.provider.clone()),
        measure: cell.measure,
        plan: Some(cell.plan),
        currency: cell.currency,
        reckoning,
    }
}
