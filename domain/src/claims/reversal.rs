//! Reversals: what was told in error is absent. A reversal names one fact of its own stream. If its authority is equal or
//! higher, these witnesses leave the fact's slots: the fact, everybody of lower authority than the reversal, and those of
//! equal authority who say the same at no higher revision. Invariants:
//! - every reversal looks at the joined claims as they were before any of them, so that their order cannot matter
//! - a reversal is never reversed
//!
//! This module does not touch the journal: the fact stays, and is shown as what it was.

use std::collections::{BTreeMap, BTreeSet};

use super::by_event;
use crate::content::{Statement, statements};
use crate::fact::Payload;
use crate::ids::EventId;
use crate::slot::{Slot, family};
use crate::witness::Witness;

/// What a reversal came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reversed {
    /// The fact that it names.
    pub(crate) named: EventId,
    pub(crate) effect: Effect,
}

/// Of several mouths that reverse one fact, the first of these that holds for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// The fact no longer counts.
    Struck,
    /// The fact is told by a mouth of higher authority.
    Outranked,
    /// There is no such fact of this stream, or none that can be reversed.
    NamesNothing,
}

/// What leaves one slot.
#[derive(Default)]
struct Strike<'a> {
    facts: BTreeSet<EventId>,
    /// Everybody below this authority.
    below: u8,
    /// The highest revision of what is said at this authority.
    said: BTreeMap<(u8, Vec<Statement<'a>>), u64>,
}

type Strikes<'a> = BTreeMap<Slot<&'a str>, Strike<'a>>;

/// Takes out what is reversed, and says what each reversal came to.
pub(super) fn strike(all: &mut Vec<Witness<'_>>) -> Vec<Reversed> {
    let from = all.partition_point(|witness| witness.family < family::REVERSAL);
    let rest = all.get(from..).unwrap_or_default();
    let named = by_event(all);
    let mut strikes = Strikes::new();
    let mut outcome: Vec<Reversed> = Vec::new();
    for reversed in rest.iter().filter_map(|reversal| reverse(reversal, &named, &mut strikes)) {
        match outcome.last_mut() {
            Some(last) if last.named == reversed.named => last.effect = last.effect.min(reversed.effect),
            _ => outcome.push(reversed),
        }
    }
    all.retain(|witness| !strikes.get(&witness.slot).is_some_and(|strike| strike.takes(witness)));
    outcome
}

fn reverse<'a>(
    reversal: &Witness<'a>,
    named: &[(EventId, Witness<'a>)],
    strikes: &mut Strikes<'a>,
) -> Option<Reversed> {
    let Slot::Reversal(id) = reversal.slot else { return None };
    let first = named.partition_point(|(event, _)| *event < id);
    let claims = named.get(first..).unwrap_or_default().iter().take_while(|(event, _)| *event == id);
    let mut effect = Effect::NamesNothing;
    for (_, fact) in claims.filter(|(_, fact)| !matches!(fact.payload(), Payload::FactReversed(_))) {
        let weight = fact.authority_here(reversal.source());
        if weight < fact.authority() {
            effect = effect.min(Effect::Outranked);
        } else {
            effect = Effect::Struck;
            strikes.entry(fact.slot).or_default().add(fact, weight);
        }
    }
    Some(Reversed { named: id, effect })
}

impl<'a> Strike<'a> {
    fn add(&mut self, fact: &Witness<'a>, weight: u8) {
        self.facts.insert(fact.event_id());
        self.below = self.below.max(weight);
        let highest = self.said.entry((weight, statements(fact.payload()))).or_default();
        *highest = fact.revision().max(*highest);
    }

    fn takes(&self, witness: &Witness<'a>) -> bool {
        let repeats = || {
            let said = self.said.get(&(witness.authority(), statements(witness.payload())));
            said.is_some_and(|highest| witness.revision() <= *highest)
        };
        witness.authority() < self.below || self.facts.contains(&witness.event_id()) || repeats()
    }
}
