//! A stream: the facts of one payment, or of one name beside payments, and what was found of them at admission.

use std::collections::BTreeSet;

use crate::anomaly::{Anomaly, Code};
use crate::claim::each_claim;
use crate::claims::Claims;
use crate::fact::{Fact, Family, Payload};
use crate::ids::{EventId, StreamKey};
use crate::judge;
use crate::slot::Slot;
use crate::state::{State, Told};

/// A payment in three has nine facts on its day, and one or two more later.
const PAYMENT_FACTS: usize = 10;

/// The facts of one stream, and what was found beside them.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    facts: Vec<Fact>,
    /// Facts that somebody told again in other words.
    conflicts: BTreeSet<usize>,
    is_readable: bool,
    is_payment: bool,
}

/// Everything that a stream's facts add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The payment, if it is one.
    pub state: Option<State>,
    /// What is told, slot by slot.
    pub told: Told,
    /// Rules that are not kept, in the order of codes and slots.
    pub anomalies: Vec<Anomaly>,
}

impl Stream {
    /// An empty stream with room for what usually follows such a fact.
    pub(crate) fn begun_by(fact: &Fact) -> Self {
        let room = if fact.header.kind.family() == Family::Transaction { PAYMENT_FACTS } else { 1 };
        Self { facts: Vec::with_capacity(room), ..Self::default() }
    }

    /// Takes a fact; its place among them.
    pub(crate) fn push(&mut self, fact: Fact) -> usize {
        let is_readable = !matches!(fact.payload, Payload::Parked(_));
        self.is_readable |= is_readable;
        self.is_payment |= is_readable && fact.header.kind.family() == Family::Transaction;
        self.facts.push(fact);
        self.facts.len().saturating_sub(1)
    }

    /// A stream that was kept: its facts in their order, and the places of those that were told again in other words.
    pub fn from_kept(facts: Vec<Fact>, conflicts: &[usize]) -> Self {
        let mut stream: Self = facts.into_iter().collect();
        conflicts.iter().for_each(|place| stream.note_conflict(*place));
        stream
    }

    pub(crate) fn at(&self, place: usize) -> Option<&Fact> {
        self.facts.get(place)
    }

    pub(crate) fn note_conflict(&mut self, place: usize) {
        self.conflicts.insert(place);
    }

    /// The places of facts that somebody told again in other words.
    pub fn conflicts(&self) -> impl Iterator<Item = usize> {
        self.conflicts.iter().copied()
    }

    /// Its facts, in the order in which they came; parked ones among them.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter()
    }

    /// Whether nothing in it can be read yet.
    pub const fn is_parked(&self) -> bool {
        !self.is_readable
    }

    /// Whether it is a payment's; else it is a name beside payments: a shop, a statement, a calendar.
    pub const fn is_payment(&self) -> bool {
        self.is_payment
    }

    /// What the facts of a payment add up to.
    pub fn state(&self, key: StreamKey) -> State {
        judge::judge(key, &Claims::of(&self.facts))
    }

    /// What is told, slot by slot.
    pub fn told(&self) -> Told {
        judge::told(&Claims::of(&self.facts))
    }

    /// The two together.
    pub fn whole(&self, key: StreamKey) -> Whole {
        let claims = Claims::of(&self.facts);
        let state = self.is_payment().then(|| judge::judge(key, &claims));
        let anomalies = state.as_ref().map_or_else(|| judge::beside(&claims), |state| state.anomalies.clone());
        Whole { state, told: judge::told(&claims), anomalies }
    }

    /// The fact whose word is shown, in a stream that belongs to no payment. What is registered is stated whole each
    /// time, so that a later statement can leave something out.
    pub fn shown(&self) -> Option<&Fact> {
        let shown = Claims::of(&self.facts).iter().next()?.best().event_id();
        self.get(shown)
    }

    /// What is found outside the state: conflicts of event ids, and doubtful clocks. No digest covers these.
    pub fn notes(&self) -> Vec<Anomaly> {
        let conflicting = self.conflicts.iter().filter_map(|place| self.at(*place));
        let doubtful = self.facts().filter(|fact| fact.header.clock_doubtful);
        let mut notes: Vec<_> = conflicting.map(|fact| at(Code::EventIdMustNameOneContent, fact)).collect();
        notes.extend(doubtful.map(|fact| at(Code::ClockShouldBeRight, fact)));
        notes.sort();
        notes.dedup();
        notes
    }

    /// The fact of this event id.
    pub fn get(&self, id: EventId) -> Option<&Fact> {
        self.facts().find(|fact| fact.header.event_id == id)
    }
}

/// A stream of these facts and no others: what it was before others came.
impl FromIterator<Fact> for Stream {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        let mut stream = Self::default();
        facts.into_iter().for_each(|fact| {
            stream.push(fact);
        });
        stream
    }
}

/// A stream to which facts come.
impl Extend<Fact> for Stream {
    fn extend<I: IntoIterator<Item = Fact>>(&mut self, facts: I) {
        facts.into_iter().for_each(|fact| {
            self.push(fact);
        });
    }
}

fn at(code: Code, fact: &Fact) -> Anomaly {
    let mut slot = None;
    each_claim(fact, &mut |claim| {
        slot.get_or_insert_with(|| claim.slot.owned());
    });
    Anomaly { code, slot: slot.unwrap_or(Slot::Initiation) }
}
