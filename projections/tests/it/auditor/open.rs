//! Payments that are open at a moment, with their reasons and ages.

use std::collections::BTreeMap;

use talon_domain::time::Instant;
use talon_projections::open_items::{Asked, OpenItem, open_items};
use talon_projections::projection::Projection;
use talon_projections::registry::Registry;
use talon_projections::working_days::WorkingDays;
use talon_testkit::auditor::books::{Books, OpenRow};

use super::{EVE, MINUTE_US, unequal_at};

/// Before all, within the hour of patience, over a weekend, and when deferred plans fall due.
const ASKED_AFTER_MINUTES: [i64; 4] = [-2_000, 59, 4 * 1_440, 130 * 1_440];

pub(super) fn in_open_items(projection: &Projection, books: &Books) -> Option<String> {
    let registry = Registry::read(projection.tables()).expect("memory cannot fail");
    let calendar = WorkingDays::default();
    ASKED_AFTER_MINUTES.into_iter().find_map(|minutes| {
        let at = Instant(EVE + minutes * MINUTE_US);
        let items = open_items(projection.tables(), &Asked::at(at, &registry, &calendar)).expect("memory cannot fail");
        let rows: BTreeMap<_, _> = items.iter().map(|item| (item.key, row(item))).collect();
        unequal_at(&format!("at {}, open item", at.rfc3339()), &rows, &books.open_items(at))
    })
}

fn row(item: &OpenItem) -> OpenRow {
    let reasons = item.reasons.iter().map(|reason| (reason.reason.name().to_owned(), reason.began_at.0));
    let mut reasons: Vec<_> = reasons.collect();
    reasons.sort();
    OpenRow {
        reasons,
        age: item.age.business_days,
        // An amount of nothing is in any currency: of a finished payment without a sale the row knows one, or none.
        currency: item.currency.filter(|_| item.amount > 0).map_or(String::new(), |of| of.code().to_owned()),
        amount: item.amount,
    }
}
