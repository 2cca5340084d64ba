//! Terminals: which numbers their events carried and which are missing or carried twice, when they were seen, and whether
//! what a terminal or a till says it took on a day is what the ledger counted. Invariants:
//! - each device counts for itself: (merchant, terminal number, epoch)
//! - practice counts for sequences and for no money; a fact that was taken back still carried its number
//! - a terminal's own totals are shown before what another says of them
//! - every hole has an owner, and a late fact closes its hole whenever it comes
//! - there is one way to the answers: rows of streams, kept or just made
//!
//! This module does not know who is registered until it is asked with a registry, nor what is late without a moment.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::fact::{Fact, Payload, Source};
use talon_domain::fold::Fold;
use talon_domain::ids::{MerchantId, ShopId};
use talon_domain::stream::Stream;
use talon_domain::time::{Day, Instant};

use crate::intervals::Intervals;
use crate::projection::rows_of_fold;

mod counter;
mod fold;
mod query;
mod read;
mod row;
mod silence;
mod statements;
mod sums;
#[cfg(test)]
mod tests;

pub use counter::{Hole, LATE_FOR_US, Owner, Repeat, Skew};
pub use fold::TerminalsView;
pub use query::Terminal;
pub use row::Teller;
pub use silence::Silence;
pub use statements::{Statement, Suspect, Suspicion, day_statements};
pub use sums::{DayTotal, Difference, Sum};

use counter::Counter;
use row::Device;
use sums::Sums;

/// What terminals did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terminals {
    /// Whose terminals it knows; all if it is none.
    merchant: Option<MerchantId>,
    counters: BTreeMap<Device, Counter>,
    sums: Sums,
    merchants: BTreeSet<MerchantId>,
    shops: BTreeMap<(MerchantId, ShopId), ShopDays>,
}

/// The days of a shop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ShopDays {
    /// On which facts named it.
    named: Intervals,
    /// On which it had a payment that was no practice.
    traded: Intervals,
}

impl Terminals {
    /// What terminals did in a folded history.
    pub fn of(fold: &Fold) -> Self {
        match Self::read(&rows_of_fold(fold, &[&TerminalsView]), None) {
            Ok(terminals) => terminals,
            Err(error) => unreachable!("rows that were just made can be read: {error}"),
        }
    }

    /// Every merchant that facts name.
    pub fn merchants(&self) -> impl Iterator<Item = MerchantId> + '_ {
        self.merchants.iter().copied()
    }

    /// Every shop that facts name, with the days on which they do.
    pub fn shops(&self) -> impl Iterator<Item = (MerchantId, ShopId, Vec<Day>)> + '_ {
        let named = self.shops.iter().filter(|((_, shop), _)| shop.0 != 0);
        named.map(|((merchant, shop), days)| (*merchant, *shop, listed(&days.named)))
    }
}

/// What a stream states. A terminal's totals are its own word, as long as it said any; who spoke for it says what it saw.
pub fn stated(stream: &Stream) -> Option<&Fact> {
    let shown = stream.shown()?;
    let is_own = |fact: &&Fact| fact.header.source == Source::Terminal;
    if !matches!(shown.payload, Payload::TerminalTotals(_)) || is_own(&shown) {
        return Some(shown);
    }
    let own: Stream = stream.facts().filter(is_own).cloned().collect();
    let id = own.shown().map(|fact| fact.header.event_id);
    id.and_then(|id| stream.get(id)).or(Some(shown))
}

/// When a fact happened, as far as its clock can be believed: nothing happens after it was recorded.
fn happened(fact: &Fact) -> Instant {
    fact.header.occurred_at.min(fact.header.recorded_at)
}

/// The days of a set: at most one for each day that a fact can carry.
fn listed(days: &Intervals) -> Vec<Day> {
    days.iter().flat_map(|(first, last, ())| first..=last).filter_map(|day| u16::try_from(day).ok().map(Day)).collect()
}
