//! The fold: facts in the order of their partition, in; streams and their states, out.
//!
//! Admission is judged in order: the first record of an event id is the fact, an equal one is a duplicate, another
//! content is a conflict and the first stays. What a stream then means is a function of the set of its facts
//! ([`crate::state::State`]), so order, repetition and delay change nothing.
//!
//! This module does not know records: who reads the journal leaves out control records and what is foreign.

use std::collections::{BTreeMap, BTreeSet};

use crate::anomaly::{Anomaly, Code};
use crate::digest::Digest;
use crate::fact::{Fact, Payload};
use crate::ids::{EventId, MerchantId, StreamKey};
use crate::judge::judge;
use crate::slot::{Slot, claims};
use crate::state::State;

/// The version of the fold; a state digest names it.
pub const FOLD_VERSION: u16 = 1;

/// What admission says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The first of its event id.
    Fact,
    /// Told before, in equal words.
    Duplicate,
    /// Told before, in other words; the first stays.
    Conflict,
    /// Kept for a release that can read it; it claims its event id.
    Parked,
}

/// How many records were given which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// First of their event ids.
    pub facts: u64,
    /// Told again.
    pub duplicates: u64,
    /// Told again in other words.
    pub conflicts: u64,
    /// Not readable yet.
    pub parked: u64,
}

/// The facts of one stream, by event id, and what was found beside them.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    facts: BTreeMap<EventId, Fact>,
    conflicts: BTreeSet<EventId>,
}

impl Stream {
    /// Its facts, smallest event id first; parked ones among them.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values()
    }

    /// Whether nothing in it can be read yet.
    pub fn is_parked(&self) -> bool {
        self.facts().all(|fact| matches!(fact.payload, Payload::Parked(_)))
    }

    /// What the facts add up to.
    pub fn state(&self, key: StreamKey) -> State {
        judge(key, self.facts())
    }

    /// What is found outside the state: conflicts of event ids, and doubtful clocks. No digest covers these.
    pub fn notes(&self) -> Vec<Anomaly> {
        let at = |code, fact: &Fact| {
            let slot = claims(fact).into_iter().next().map_or(Slot::Initiation, |claim| claim.slot);
            Anomaly { code, slot }
        };
        let conflicting = self.conflicts.iter().filter_map(|id| self.get(*id));
        let doubtful = self.facts().filter(|fact| fact.header.clock_doubtful);
        let mut notes: Vec<_> = conflicting.map(|fact| at(Code::EventIdMustNameOneContent, fact)).collect();
        notes.extend(doubtful.map(|fact| at(Code::ClockShouldBeRight, fact)));
        notes.sort();
        notes.dedup();
        notes
    }

    /// The fact of this event id.
    pub fn get(&self, id: EventId) -> Option<&Fact> {
        self.facts.get(&id)
    }
}

/// Everything that was folded so far. Partitions may be folded in any interleaving: a merchant lives in one.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    admitted: BTreeMap<(MerchantId, EventId), StreamKey>,
    streams: BTreeMap<StreamKey, Stream>,
    counts: Counts,
}

impl Fold {
    /// A fold of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next record of its partition.
    pub fn apply(&mut self, fact: Fact) -> Verdict {
        let verdict = self.admit(fact);
        let count = match verdict {
            Verdict::Fact => &mut self.counts.facts,
            Verdict::Duplicate => &mut self.counts.duplicates,
            Verdict::Conflict => &mut self.counts.conflicts,
            Verdict::Parked => &mut self.counts.parked,
        };
        *count = count.saturating_add(1);
        verdict
    }

    fn admit(&mut self, fact: Fact) -> Verdict {
        let id = fact.header.event_id;
        if let Some(key) = self.admitted.get(&(fact.header.merchant, id)) {
            let stream = self.streams.entry(*key).or_default();
            let same = |first: &Fact| first.header.same_statement(&fact.header) && first.payload == fact.payload;
            if stream.get(id).is_some_and(same) {
                return Verdict::Duplicate;
            }
            stream.conflicts.insert(id);
            return Verdict::Conflict;
        }
        let key = fact.header.stream_key();
        let parked = matches!(fact.payload, Payload::Parked(_));
        self.admitted.insert((fact.header.merchant, id), key);
        self.streams.entry(key).or_default().facts.insert(id, fact);
        if parked { Verdict::Parked } else { Verdict::Fact }
    }

    /// How many records were given which verdict.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Every stream that can be read, in the order of keys.
    pub fn streams(&self) -> impl Iterator<Item = (StreamKey, &Stream)> {
        self.streams.iter().filter(|(_, stream)| !stream.is_parked()).map(|(key, stream)| (*key, stream))
    }

    /// One stream.
    pub fn stream(&self, key: StreamKey) -> Option<&Stream> {
        self.streams.get(&key)
    }

    /// The state digest: equal for the same facts in any order, on any engine.
    pub fn digest(&self) -> Digest {
        let mut digest = Digest::default();
        for (key, stream) in self.streams() {
            digest.add(&stream.state(key));
        }
        digest
    }
}
