//! Differences between two makings of the views: two moments of one ledger, or two ledgers. Which figures of days differ,
//! which payments stand otherwise, and which facts one of them has beyond the other, each with its effect.
//!
//! This module makes no views: it is handed two that were made in memory, with every stream at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use talon_domain::contribution::{Account, contributions};
use talon_domain::fact::{Fact, Kind, Source};
use talon_domain::ids::{EventId, StreamKey};
use talon_domain::money::Currency;
use talon_domain::stream::Stream;
use talon_domain::time::{Day, Instant};
use talon_projections::cells::Cells;
use talon_projections::compare::{Making, compare};
use talon_projections::days::{Cell, Place};
use talon_projections::projection::Projection;
use talon_projections::reading::{Reading, read_cells, read_row};
use talon_projections::store::{StoreError, Table};
use talon_projections::table::{DAYS, DAYS_BOOKED, TRANSACTIONS};
use talon_projections::transactions::Transaction;

/// How often a payment is judged to be told apart. Of one that has more new facts, what several of them move together is
/// told with the last of them: usual payments have ten.
const STEPS_MAX: usize = 512;

/// What two makings do not share.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// Figures of days, by the day on which something happened.
    pub economic: Vec<FigureDiff>,
    /// Figures of days, by the day on which something is booked.
    pub booked: Vec<FigureDiff>,
    /// Payments that stand otherwise, or stand in one alone.
    pub payments: Vec<PaymentDiff>,
    /// Facts that the second has beyond the first.
    pub facts: Vec<FactDiff>,
}

/// A figure that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureDiff {
    /// Where and when.
    pub place: Place,
    /// What is counted.
    pub cell: Cell,
    /// What it is in the first; 0 where it is not.
    pub first: i128,
    /// What it is in the second.
    pub second: i128,
}

/// A payment that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentDiff {
    /// Which.
    pub key: StreamKey,
    /// How it stands in the first.
    pub first: Option<Transaction>,
    /// How it stands in the second.
    pub second: Option<Transaction>,
}

/// A fact that only the second has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactDiff {
    /// Its stream.
    pub key: StreamKey,
    /// Its name.
    pub event_id: EventId,
    /// What it is.
    pub kind: Kind,
    /// Whose mouth.
    pub source: Source,
    /// Its day in Paris.
    pub day: Day,
    /// When it happened.
    pub occurred_at: Instant,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// By how much it moved each total of its payment, in minor units.
    pub effects: Vec<(Account, Currency, i128)>,
}

/// Compares two makings.
pub fn diff(first: &Projection, second: &Projection) -> Result<Diff, StoreError> {
    Ok(Diff {
        economic: figures(first, second, DAYS)?,
        booked: figures(first, second, DAYS_BOOKED)?,
        payments: payments(first, second)?,
        facts: facts(first, second),
    })
}

fn making(projection: &Projection, table: Table) -> Making<'_> {
    let reading: &dyn Reading = projection.tables();
    Making { reading, table }
}

fn figures(first: &Projection, second: &Projection, table: Table) -> Result<Vec<FigureDiff>, StoreError> {
    let mut found = Vec::new();
    let mut failed = None;
    compare(making(first, table), making(second, table), &mut |row| {
        let cells = |value: Option<&[u8]>| value.map_or_else(|| Ok(Cells::new()), read_cells);
        match (cells(row.first), cells(row.second), Place::read(row.key)) {
            (Ok(first), Ok(second), Some(place)) => {
                let codes: BTreeSet<_> = first.iter().chain(second.iter()).map(|(code, _)| code).collect();
                let value = |cells: &Cells, code| cells.get(code).unwrap_or(0);
                found.extend(codes.into_iter().filter_map(|code| {
                    let (first, second) = (value(&first, code), value(&second, code));
                    let differs = first != second;
                    differs.then(|| {
                        Some(FigureDiff { place: place.clone(), cell: Cell::from_code(code)?, first, second })
                    })?
                }));
                ControlFlow::Continue(())
            }
            (Err(error), ..) | (_, Err(error), _) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
            (.., None) => ControlFlow::Continue(()),
        }
    })?;
    failed.map_or(Ok(found), Err)
}

fn payments(first: &Projection, second: &Projection) -> Result<Vec<PaymentDiff>, StoreError> {
    let mut found = Vec::new();
    let mut failed = None;
    compare(making(first, TRANSACTIONS), making(second, TRANSACTIONS), &mut |row| {
        let read = |value: Option<&[u8]>| value.map(read_row::<Transaction>).transpose();
        match (read(row.first), read(row.second), talon_projections::key::Fields::of(row.key).stream_key()) {
            (Ok(first), Ok(second), Some(key)) => found.push(PaymentDiff { key, first, second }),
            (Err(error), ..) | (_, Err(error), _) => failed = Some(error),
            (.., None) => {}
        }
        if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    failed.map_or(Ok(found), Err)
}

fn facts(first: &Projection, second: &Projection) -> Vec<FactDiff> {
    let known: BTreeMap<StreamKey, BTreeSet<EventId>> = first
        .streams()
        .map(|(key, stream, _)| (key, stream.facts().map(|fact| fact.header.event_id).collect()))
        .collect();
    let none = BTreeSet::new();
    let mut found: Vec<_> =
        second.streams().flat_map(|(key, stream, _)| beyond(key, stream, known.get(&key).unwrap_or(&none))).collect();
    found.sort_by_key(|fact| (fact.key.merchant, fact.recorded_at, fact.event_id));
    found
}

/// The facts of a stream that are not among those that are known, each with what it moved.
fn beyond(key: StreamKey, stream: &Stream, known: &BTreeSet<EventId>) -> Vec<FactDiff> {
    if stream.facts().all(|fact| known.contains(&fact.header.event_id)) {
        return Vec::new();
    }
    let mut told: Stream = stream.facts().filter(|fact| known.contains(&fact.header.event_id)).cloned().collect();
    let mut before = totals(key, &told);
    let new: Vec<_> = stream.facts().filter(|fact| !known.contains(&fact.header.event_id)).collect();
    let step = new.len().div_ceil(STEPS_MAX).max(1);
    let judged = (1..).zip(&new).map(|(at, fact)| {
        told.extend([(*fact).clone()]);
        if !usize::is_multiple_of(at, step) && at != new.len() {
            return differing(key, fact, Vec::new());
        }
        let now = totals(key, &told);
        let effects = moved(&before, &now);
        before = now;
        differing(key, fact, effects)
    });
    judged.collect()
}

type Totals = BTreeMap<(Account, Currency), i128>;

fn totals(key: StreamKey, stream: &Stream) -> Totals {
    let mut totals = Totals::new();
    if stream.is_payment() {
        for (of, amount) in contributions(&stream.state(key)) {
            let sum = totals.entry((of.account, of.currency)).or_default();
            *sum = sum.saturating_add(amount);
        }
    }
    totals
}

fn moved(before: &Totals, now: &Totals) -> Vec<(Account, Currency, i128)> {
    let keys: BTreeSet<_> = before.keys().chain(now.keys()).copied().collect();
    let value = |totals: &Totals, key| totals.get(&key).copied().unwrap_or(0);
    let changes = keys.into_iter().map(|key| (key.0, key.1, value(now, key).saturating_sub(value(before, key))));
    changes.filter(|(.., amount)| *amount != 0).collect()
}

fn differing(key: StreamKey, fact: &Fact, effects: Vec<(Account, Currency, i128)>) -> FactDiff {
    let header = &fact.header;
    FactDiff {
        key,
        event_id: header.event_id,
        kind: header.kind,
        source: header.source,
        day: header.day,
        occurred_at: header.occurred_at,
        recorded_at: header.recorded_at,
        effects,
    }
}
