//! The claims of one stream: every slot with its witnesses, joined, without what was reversed.
//!
//! ```text
//! facts --> claims --> joins: told without an id = told with it --> reversals: what was told in error is absent
//! ```
//!
//! Invariants:
//! - joins are computed from the whole set, as if nothing were reversed, so that arrival order cannot matter
//! - both are computed once, so that every judge sees the same slots
//! - the work grows with n log n of the facts
//!
//! This module does not judge; it finds no anomaly but reversals that name nothing they could reverse.

mod join;
mod reversal;

use std::collections::BTreeSet;

use crate::claim::{Claim, each_claim};
use crate::fact::{Fact, SmsStatus, Source};
use crate::ids::EventId;
use crate::slot::{Slot, family};
use crate::time::Instant;
use crate::witness::{Ranked, Witness};

pub(crate) use reversal::{Effect, Reversed};

/// Slots and their witnesses: in the order of slots, the best witness of each first.
#[derive(Debug)]
pub(crate) struct Claims<'a> {
    all: Vec<Witness<'a>>,
    starts: Starts,
    reversed: Vec<Reversed>,
}

/// Families of payments, and one beyond.
const FAMILIES: usize = 26;

/// Where each family of a payment's slots begins among the witnesses; what is beside payments comes last.
type Starts = [usize; FAMILIES];

impl<'a> Claims<'a> {
    /// The claims of facts, which may come in any order.
    pub(crate) fn of(facts: &'a [Fact]) -> Self {
        let mut all = Vec::with_capacity(facts.len().saturating_add(2));
        for fact in facts {
            each_claim(fact, &mut |Claim { slot, is_numbered }| all.push(Witness::new(slot, fact, is_numbered)));
        }
        let mut claims = Self { all, starts: [0; FAMILIES], reversed: Vec::new() };
        claims.order();
        if join::joins(&mut claims) {
            claims.order();
        }
        if !claims.of_families(family::REVERSAL, family::REVERSAL).is_empty() {
            claims.reversed = reversal::strike(&mut claims.all);
            claims.starts = starts(&claims.all);
        }
        claims
    }

    /// Orders witnesses by slot, then rank; a fact that claims a slot twice stays once.
    fn order(&mut self) {
        self.all.sort_unstable_by(|a, b| {
            let slots = a.family.cmp(&b.family).then_with(|| a.slot.cmp(&b.slot));
            slots.then_with(|| a.rank().cmp(&b.rank())).then_with(|| numbered_first(a, b))
        });
        self.all.dedup_by(|later, first| later.event_id() == first.event_id() && later.slot == first.slot);
        self.starts = starts(&self.all);
    }

    /// Each slot with its witnesses, in the order of slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Ranked<'_, 'a>> {
        slots(&self.all)
    }

    pub(crate) fn get(&self, slot: &Slot<&str>) -> Option<Ranked<'_, 'a>> {
        Ranked::of(self.range(slot, slot))
    }

    /// Whether anybody tells of this slot.
    pub(crate) fn has(&self, slot: &Slot<&str>) -> bool {
        !self.range(slot, slot).is_empty()
    }

    /// The slots of a payment's families from `first` to `last`, both included, in the order of slots.
    pub(crate) fn families(&self, first: u8, last: u8) -> impl Iterator<Item = Ranked<'_, 'a>> {
        slots(self.of_families(first, last))
    }

    /// The witnesses of those families.
    pub(crate) fn of_families(&self, first: u8, last: u8) -> &[Witness<'a>] {
        let at = |family: u8| self.starts.get(usize::from(family)).copied().unwrap_or(self.all.len());
        self.all.get(at(first)..at(last.saturating_add(1))).unwrap_or_default()
    }

    fn range(&self, first: &Slot<&str>, last: &Slot<&str>) -> &[Witness<'a>] {
        let family = self.of_families(first.family(), last.family());
        let from = family.partition_point(|witness| witness.slot.cmp(first).is_lt());
        let rest = family.get(from..).unwrap_or_default();
        let until = rest.partition_point(|witness| witness.slot.cmp(last).is_le());
        rest.get(..until).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Everybody, in the order of slots.
    pub(crate) fn witnesses(&self) -> &[Witness<'a>] {
        &self.all
    }

    /// What every reversal came to.
    pub(crate) fn reversed(&self) -> &[Reversed] {
        &self.reversed
    }

    /// What a source tells under further numbers of a slot: (whose mouth, when).
    pub(crate) fn told_by_siblings(&self, slot: &Slot<&str>) -> BTreeSet<(Source, Instant)> {
        let Some(last) = last_sibling(slot) else { return BTreeSet::new() };
        let siblings = self.range(slot, &last).iter().filter(|witness| is_sibling(slot, &witness.slot));
        siblings.map(|witness| (witness.source(), witness.header().occurred_at)).collect()
    }
}

fn numbered_first(a: &Witness<'_>, b: &Witness<'_>) -> std::cmp::Ordering {
    b.is_numbered.cmp(&a.is_numbered)
}

fn starts(ordered: &[Witness<'_>]) -> Starts {
    let mut starts = [ordered.len(); FAMILIES];
    for (at, witness) in ordered.iter().enumerate().rev() {
        if let Some(start) = starts.get_mut(usize::from(witness.family)) {
            *start = at;
        }
    }
    // A family that nobody tells of begins where the next one does.
    let mut next = ordered.iter().position(|witness| usize::from(witness.family) >= FAMILIES).unwrap_or(ordered.len());
    for start in starts.iter_mut().rev() {
        next = next.min(*start);
        *start = next;
    }
    starts
}

/// Cuts ordered witnesses into slots.
fn slots<'c, 'a>(ordered: &'c [Witness<'a>]) -> impl Iterator<Item = Ranked<'c, 'a>> {
    ordered.chunk_by(|a, b| a.slot == b.slot).filter_map(Ranked::of)
}

/// The last slot that differs from this one in a number above 1; `None` for what is not numbered, or not the first.
const fn last_sibling<'a>(slot: &Slot<&'a str>) -> Option<Slot<&'a str>> {
    match slot {
        Slot::Phone(1) => Some(Slot::Phone(u32::MAX)),
        Slot::Sms(1) => Some(Slot::Sms(u32::MAX)),
        Slot::SmsDelivery(1, _) => Some(Slot::SmsDelivery(u32::MAX, SmsStatus::Delivered)),
        Slot::LinkOpened(1) => Some(Slot::LinkOpened(u32::MAX)),
        Slot::Outcome(kind, 1) => Some(Slot::Outcome(*kind, u32::MAX)),
        Slot::CancelAsked(kind, 1) => Some(Slot::CancelAsked(*kind, u32::MAX)),
        Slot::DebitFailure(instalment, 1) => Some(Slot::DebitFailure(*instalment, u32::MAX)),
        Slot::CardReplaced(1) => Some(Slot::CardReplaced(u32::MAX)),
        Slot::Email(template, 1) => Some(Slot::Email(*template, u32::MAX)),
        Slot::Print(kind, about, 1) => Some(Slot::Print(*kind, about, u32::MAX)),
        Slot::Chargeback(dispute, 1) => Some(Slot::Chargeback(dispute, u32::MAX)),
        _ => None,
    }
}

/// Whether it differs in its number alone.
fn is_sibling(first: &Slot<&str>, other: &Slot<&str>) -> bool {
    match (first, other) {
        (Slot::SmsDelivery(n, status), Slot::SmsDelivery(m, other)) => n != m && status == other,
        _ => first != other,
    }
}

/// The place of each event id among witnesses, to find a fact by its name.
fn by_event<'a>(all: &[Witness<'a>]) -> Vec<(EventId, Witness<'a>)> {
    let mut named: Vec<_> = all.iter().map(|witness| (witness.event_id(), *witness)).collect();
    named.sort_by_key(|(id, _)| *id);
    named
}
