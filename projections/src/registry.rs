//! The registry: merchants, shops, devices behind terminal numbers, fee plans and calendars, as their winning facts state
//! them. Invariants:
//! - a statement counts whole: what the winning fact leaves out is absent, whatever an older one said
//! - practice registers nothing
//! - two versions of a fee plan or a calendar are two things; two epochs of a terminal are two devices
//!
//! This module does not choose whose word wins (the domain does), and judges nobody: an unknown shop is a finding.

use std::collections::BTreeMap;

use talon_domain::fact::{Assignment, Calendar, Fact, FeePlan, Merchant, Payload, Shop, Source, Text};
use talon_domain::fold::Fold;
use talon_domain::ids::{EventId, MerchantId, TerminalEpoch, TerminalId};
use talon_domain::time::Instant;

mod eligibility;
mod fold;
mod query;
mod row;
#[cfg(test)]
mod tests;

pub use eligibility::Ineligible;
pub use fold::RegistryView;
pub use query::{FeePlanInForce, holds_on, nic_on};

/// A statement, and by whose word it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated<T> {
    /// What is stated.
    pub what: T,
    /// Whose mouth.
    pub source: Source,
    /// The fact.
    pub event_id: EventId,
    /// When it was said.
    pub occurred_at: Instant,
}

/// Who and what there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    merchants: BTreeMap<MerchantId, Stated<Merchant>>,
    shops: BTreeMap<(MerchantId, Text), Stated<Shop>>,
    assignments: BTreeMap<(MerchantId, TerminalId, TerminalEpoch), Stated<Assignment>>,
    fee_plans: BTreeMap<(MerchantId, Text, u32), Stated<FeePlan>>,
    calendars: BTreeMap<(Text, u32), Stated<Calendar>>,
}

/// Epochs count from 1, and one that was not stated is the first.
pub const fn epoch(stated: TerminalEpoch) -> TerminalEpoch {
    if stated.0 == 0 { TerminalEpoch(1) } else { stated }
}

impl Registry {
    /// What a folded history registers.
    pub fn of(fold: &Fold) -> Self {
        let mut registry = Self::default();
        let shown = fold.streams().filter(|(_, stream)| !stream.is_payment()).filter_map(|(_, stream)| stream.shown());
        shown.for_each(|fact| registry.take(fact));
        registry
    }

    /// Takes the winning fact of a stream; one that registers nothing changes nothing.
    pub fn take(&mut self, fact: &Fact) {
        if let Some(registered) = Registered::by(fact) {
            self.put(fact.header.merchant, registered);
        }
    }

    fn put(&mut self, merchant: MerchantId, registered: Registered) {
        match registered {
            Registered::Merchant(stated) => drop(self.merchants.insert(merchant, stated)),
            Registered::Shop(stated) => drop(self.shops.insert((merchant, stated.what.code.clone()), stated)),
            Registered::Assignment(stated) => {
                let key = (merchant, stated.what.terminal, epoch(stated.what.epoch));
                self.assignments.insert(key, stated);
            }
            Registered::FeePlan(stated) => {
                let key = (merchant, stated.what.id.clone(), stated.what.version.get());
                self.fee_plans.insert(key, stated);
            }
            Registered::Calendar(stated) => {
                let key = (stated.what.id.clone(), stated.what.version.get());
                self.calendars.insert(key, stated);
            }
        }
    }
}

/// What one winning fact registers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Registered {
    Merchant(Stated<Merchant>),
    Shop(Stated<Shop>),
    Assignment(Stated<Assignment>),
    FeePlan(Stated<FeePlan>),
    Calendar(Stated<Calendar>),
}

impl Registered {
    /// What a fact registers; practice registers nothing.
    fn by(fact: &Fact) -> Option<Self> {
        if fact.header.training {
            return None;
        }
        Some(match &fact.payload {
            Payload::Merchant(p) => Self::Merchant(stated(fact, p)),
            Payload::Shop(p) => Self::Shop(stated(fact, p)),
            Payload::Assignment(p) => Self::Assignment(stated(fact, p)),
            Payload::FeePlan(p) => Self::FeePlan(stated(fact, p)),
            Payload::Calendar(p) => Self::Calendar(stated(fact, p)),
            _ => return None,
        })
    }
}

fn stated<T: Clone>(fact: &Fact, what: &T) -> Stated<T> {
    let header = &fact.header;
    let (source, event_id, occurred_at) = (header.source, header.event_id, header.occurred_at);
    Stated { what: what.clone(), source, event_id, occurred_at }
}
