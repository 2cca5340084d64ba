//! Dumps: records as the events that they were, to be published again elsewhere for the same digest. What only the ledger
//! states (calendars, rules, principals, activations) is no event: another ledger is told of it in its own way.

use talon_journal::{Record, Stored};
use talon_proto::{Fault, event_to_json, is_ledgers_own};

use crate::classify::{Entry, classify};

/// Opens a record's sealed part: the `Personal` message, or `None` if it stays closed.
pub type Personal<'p> = &'p mut dyn FnMut(&Record<'_>) -> Option<Vec<u8>>;

/// One record as a line of JSON that can be published again; `None` for what no publisher may state.
///
/// # Errors
/// A fault if the payload cannot be told in JSON: it is parked, and a release that can read it can.
pub fn event_json(stored: &Stored<'_>, personal: Personal<'_>) -> Option<Result<String, Fault>> {
    let Entry::Fact(fact) = classify(stored) else { return None };
    if is_ledgers_own(fact.header.kind) {
        return None;
    }
    if fact.header.kind.is_the_ledgers() {
        return None;
    }
    let record = Record::parse(stored.bytes).ok()?;
    let person = if fact.header.sealed { personal(&record) } else { None };
    Some(event_to_json(&fact.header, record.payload(), person.as_deref()))
}
