//! Records as a projection takes them: facts with what of their bytes the fold does not read, and everything else as a
//! position that passes.

use talon_domain::time::Instant;
use talon_journal::{Record, Stored};
use talon_projections::projection::{Taken, TakenFact};

use crate::as_of::{AsOf, Scope};
use crate::classify::{Entry, classify};

/// A stored record for a projection, as of then: of one whose fact does not count, its clock alone, which decides where
/// others are booked.
pub(crate) fn taken_as_of<'a>(stored: &Stored<'a>, as_of: &AsOf, scope: Scope) -> Taken<'a> {
    let record = Record::parse(stored.bytes).ok();
    if scope.covers(record.as_ref()) && !as_of.without.contains(&(stored.partition, stored.position)) {
        return taken(stored);
    }
    let recorded_at = record.map_or(Instant(i64::MIN), |record| record.recorded_at());
    Taken { partition: stored.partition, position: stored.position, recorded_at, fact: None }
}

/// A stored record for a projection. Bytes that are no record have no moment of their own.
pub fn taken<'a>(stored: &Stored<'a>) -> Taken<'a> {
    let record = Record::parse(stored.bytes).ok();
    let recorded_at = record.map_or(Instant(i64::MIN), |record| record.recorded_at());
    let fact = match (classify(stored), record) {
        (Entry::Fact(fact), Some(record)) => {
            let (payload, phone_bucket) = (record.payload(), record.phone_bucket());
            Some(TakenFact { fact: *fact, payload, phone_bucket })
        }
        _ => None,
    };
    Taken { partition: stored.partition, position: stored.position, recorded_at, fact }
}
