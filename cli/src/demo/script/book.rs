//! The book that the day's stories are written into: who said what, when, before it sets off to the ledger.

use talon_domain::ids::StreamId;
use talon_domain::time::Instant;

use super::chain::Counter;
use super::chance::Chance;
use super::json::Object;
use super::people::Customer;

const STORIES: u64 = 1;
const DELIVERY: u64 = 2;

/// Everything that is said on this day.
pub(super) struct Book {
    /// Decides what happens.
    pub(super) chance: Chance,
    /// Decides how it reaches the ledger; apart, so that a change of one leaves the other as it was.
    pub(super) post: Chance,
    pub(super) told: Vec<Told>,
    first_number: u64,
    customers: u64,
}

impl Book {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::of(seed, STORIES);
        let first_number = chance.below(1_000);
        Self { chance, post: Chance::of(seed, DELIVERY), told: Vec::new(), first_number, customers: 0 }
    }

    /// Somebody who was not here today.
    pub(super) fn customer(&mut self) -> Customer {
        self.customers += 1;
        Customer::nth(self.customers, self.first_number, &mut self.chance)
    }
}

/// One fact, as it is told.
pub(super) struct Told {
    pub(super) mouth: Mouth,
    pub(super) name: Name,
    pub(super) counter: Counter,
    pub(super) payment: StreamId,
    /// When it happened.
    pub(super) at: Instant,
    /// By how many seconds the clock that says so is ahead.
    pub(super) ahead_s: i64,
    pub(super) training: bool,
    pub(super) personal: Option<Object>,
    /// The payload's key in an event.
    pub(super) kind: &'static str,
    pub(super) payload: Object,
    /// When it was sent, if that was long after.
    pub(super) sent: Option<Instant>,
}

/// Who tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mouth {
    Provider,
    Gateway,
    Terminal,
}

impl Mouth {
    pub(super) const fn source(self) -> &'static str {
        match self {
            Self::Provider => "SOURCE_PROVIDER",
            Self::Gateway => "SOURCE_GATEWAY",
            Self::Terminal => "SOURCE_TERMINAL",
        }
    }
}

/// How a fact is named for ever.
pub(super) enum Name {
    /// By an id of its own.
    Id(String),
    /// By what the provider calls it; the id follows from it.
    Key(String),
}
