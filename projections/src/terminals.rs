//! Terminals: which numbers their events carried and which are missing, and whether what a terminal says it took on a day
//! is what the ledger counted. Invariants:
//! - each device counts for itself: (merchant, terminal number, epoch)
//! - practice counts for sequences and for no money; a fact that was taken back still carried its number
//! - a terminal's own totals are shown before what another says of them
//! - every hole has an owner, and a late fact closes its hole whenever it comes
//!
//! This module does not know who is registered until it is asked with a registry, nor what is late without a moment.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::fact::{Fact, Family, Payload, Source};
use talon_domain::fold::Fold;
use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalEpoch, TerminalId};
use talon_domain::stream::Stream;
use talon_domain::time::{Day, Instant};

use crate::intervals::Intervals;
use crate::registry::epoch;

mod counter;
mod query;
mod sums;

pub use counter::{Hole, LATE_FOR_US, Owner};
pub use query::{DayTotal, Terminal};
pub use sums::Sum;

use counter::Counter;
use sums::Sums;

/// A device: merchant, terminal number, epoch from 1.
type Device = (MerchantId, TerminalId, TerminalEpoch);

/// What terminals did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terminals {
    counters: BTreeMap<Device, Counter>,
    sums: Sums,
    merchants: BTreeSet<MerchantId>,
    /// The days on which facts named a shop.
    shops: BTreeMap<(MerchantId, ShopId), Intervals>,
}

impl Terminals {
    /// What terminals did in a folded history.
    pub fn of(fold: &Fold) -> Self {
        let mut terminals = Self::default();
        fold.partitions().flat_map(|(_, partition)| partition.facts()).for_each(|fact| terminals.see(fact));
        fold.streams().for_each(|(key, stream)| terminals.take(key, stream));
        terminals
    }

    /// Takes a stream: what its winning fact states, or what its payment comes to.
    fn take(&mut self, key: StreamKey, stream: &Stream) {
        if !stream.is_payment() {
            stated(stream).into_iter().for_each(|fact| self.state(fact));
        } else if !key.training {
            self.sums.count(&stream.state(key), stream);
        }
    }

    /// A fact was seen, whatever it says: a kind that cannot be read yet has a number, too.
    fn see(&mut self, fact: &Fact) {
        let header = &fact.header;
        if header.merchant.0 == 0 {
            return;
        }
        self.merchants.insert(header.merchant);
        if header.kind.family() == Family::Registry {
            return;
        }
        let day = u32::from(header.day.0);
        if header.shop.0 != 0 {
            self.shops.entry((header.merchant, header.shop)).or_default().insert(day, day, ());
        }
        if header.terminal.0 != 0 {
            let counter = self.counter(header.merchant, header.terminal, header.terminal_epoch);
            counter.see(header.terminal_seq, happened(fact));
            counter.work_on(header.day);
        }
    }

    /// A terminal, or who speaks for it, states something.
    fn state(&mut self, fact: &Fact) {
        let (merchant, at) = (fact.header.merchant, happened(fact));
        match &fact.payload {
            Payload::TerminalTotals(p) => {
                let counter = self.counter(merchant, p.terminal, p.epoch);
                counter.state_last(p.last_seq, at);
                counter.work_on(p.day);
                if !fact.header.training {
                    self.sums.state(merchant, p);
                }
            }
            Payload::SequenceVoided(p) => self.counter(merchant, p.terminal, p.epoch).void(p.from, p.to),
            Payload::EventRefused(p) if p.terminal.0 != 0 => {
                self.counter(merchant, p.terminal, p.epoch).refuse(p.seq);
            }
            _ => {}
        }
    }

    fn counter(&mut self, merchant: MerchantId, terminal: TerminalId, of: TerminalEpoch) -> &mut Counter {
        self.counters.entry((merchant, terminal, epoch(of))).or_default()
    }

    /// Every merchant that facts name.
    pub fn merchants(&self) -> impl Iterator<Item = MerchantId> + '_ {
        self.merchants.iter().copied()
    }

    /// Every shop that facts name, with the days on which they do.
    pub fn shops(&self) -> impl Iterator<Item = (MerchantId, ShopId, Vec<Day>)> + '_ {
        self.shops.iter().map(|((merchant, shop), days)| (*merchant, *shop, listed(days)))
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
