//! Dumps: records as the events that they were, to be published again elsewhere for the same digest. What only the ledger
//! states (calendars, rules, principals, activations) is no event: another ledger is told of it in its own way.

use talon_journal::{Record, Stored};
use talon_proto::{Fault, event_to_json, is_ledgers_own};

use crate::classify::{Entry, classify};

/// Opens a record's sealed part: the `Personal` message, or `None` if it stays closed.
pub type Personal<'p> = &'p mut dyn FnMut(&Record<'_>) -> Option<Vec<u8>>;

/// A fact on its way into another ledger.
#[derive(Debug)]
pub enum Dumped {
    /// One line of JSON that can be published again.
    Event(String),
    /// It is parked: a release that can read it can tell it in JSON.
    Unreadable(Fault),
    /// No publisher may state it.
    LedgersOwn,
}

/// One record for another ledger; `None` if it is no fact.
pub fn event_json(stored: &Stored<'_>, personal: Personal<'_>) -> Option<Dumped> {
    let Entry::Fact(fact) = classify(stored) else { return None };
    if is_ledgers_own(fact.header.kind) {
        return Some(Dumped::LedgersOwn);
    }
    let record = Record::parse(stored.bytes).ok()?;
    let person = if fact.header.sealed { personal(&record) } else { None };
    let event = event_to_json(&fact.header, record.payload(), person.as_deref());
    Some(event.map_or_else(Dumped::Unreadable, Dumped::Event))
}
