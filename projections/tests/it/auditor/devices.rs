//! Devices: numbers that are missing or repeated, with who answers for them.

use std::collections::BTreeMap;

use talon_domain::time::Instant;
use talon_projections::projection::Projection;
use talon_projections::registry::Registry;
use talon_projections::terminals::{Repeat, Terminal, Terminals};
use talon_testkit::auditor::books::{Books, DeviceRow};

use super::{EVE, MINUTE_US, unequal_at};

/// Before anything is late, while some is, and when nothing is any more.
const ASKED_AFTER_MINUTES: [i64; 4] = [0, 1_000, 1_500, 10_000];

pub(super) fn in_devices(projection: &Projection, books: &Books) -> Option<String> {
    let tables = projection.tables();
    let terminals = Terminals::read(tables, None).expect("memory cannot fail");
    let registry = Registry::read(tables).expect("memory cannot fail");
    ASKED_AFTER_MINUTES.into_iter().find_map(|minutes| {
        let at = Instant(EVE + minutes * MINUTE_US);
        let listed = terminals.list(&registry, at).map(|terminal| {
            let device = (terminal.merchant.0, terminal.terminal.0, terminal.epoch.0);
            (device, row(&terminal))
        });
        unequal_at(&format!("at {at:?}, device"), &listed.collect(), &books.devices(at))
    })
}

fn row(terminal: &Terminal<'_>) -> DeviceRow {
    let mut missing = BTreeMap::new();
    for hole in &terminal.holes {
        missing.extend((hole.first.0..=hole.last.0).map(|number| (number, hole.owner.name().to_owned())));
    }
    let numbers = |repeat: &Repeat| (repeat.first.0..=repeat.last.0, repeat.events);
    let repeats = terminal.repeats.iter().map(numbers);
    DeviceRow {
        first_seq: terminal.first_seq.0,
        last_seq: terminal.last_seq.0,
        missing,
        repeats: repeats.flat_map(|(numbers, events)| numbers.map(move |number| (number, events))).collect(),
        last_day: terminal.last_day.map(|day| day.0),
        skew: terminal.skew.map(|skew| (skew.day.0, skew.behind_us)),
    }
}
