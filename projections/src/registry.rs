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
mod query;

pub use eligibility::Ineligible;
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
        let merchant = fact.header.merchant;
        if fact.header.training {
            return;
        }
        match &fact.payload {
            Payload::Merchant(p) => drop(self.merchants.insert(merchant, stated(fact, p))),
            Payload::Shop(p) => drop(self.shops.insert((merchant, p.code.clone()), stated(fact, p))),
            Payload::Assignment(p) => {
                self.assignments.insert((merchant, p.terminal, epoch(p.epoch)), stated(fact, p));
            }
            Payload::FeePlan(p) => {
                self.fee_plans.insert((merchant, p.id.clone(), p.version.get()), stated(fact, p));
            }
            Payload::Calendar(p) => {
                self.calendars.insert((p.id.clone(), p.version.get()), stated(fact, p));
            }
            _ => {}
        }
    }
}

fn stated<T: Clone>(fact: &Fact, what: &T) -> Stated<T> {
    let header = &fact.header;
    let (source, event_id, occurred_at) = (header.source, header.event_id, header.occurred_at);
    Stated { what: what.clone(), source, event_id, occurred_at }
}
