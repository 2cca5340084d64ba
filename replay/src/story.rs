//! The story of a payment: each record of it in the order of the journal, what it says, and what it changed.
//!
//! ```text
//! walk: the records of the payment, and whatever shares an event id with one of them
//!       --> of each: the payment before it, the fold, the payment after it --> changes
//! ```
//!
//! Invariants:
//! - what the story ends with is the payment as the same history shows it: the fold is the same one
//! - every record is told: also what was told before, contradicts, cannot be read, or is no fact
//!
//! This module opens no sealed part, and tells nothing of a person.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::fact::{Fact, FactHeader, Payload, Source};
use talon_domain::fold::{Fold, Verdict};
use talon_domain::ids::{EventId, MerchantId, PartitionId, Position, StreamId, StreamKey};
use talon_journal::{Journal, Positions, Record, Stored};

use crate::as_of::{AsOf, AsOfError, Known, Scope, walk_within};
use crate::classify::{Entry, Foreign, classify};
use crate::history::Progress;

mod change;
mod reason;
mod says;
mod snapshot;
mod words;

pub use change::{Change, Value, What};
use snapshot::Snapshot;

/// The stories of a transaction id: one, unless merchants or practice share it.
#[derive(Debug)]
pub struct Stories {
    /// In the order of keys.
    pub stories: Vec<Story>,
    /// Up to where the journal was read.
    pub positions: Positions,
}

/// The story of one payment.
#[derive(Debug)]
pub struct Story {
    /// Which payment.
    pub key: StreamKey,
    /// Its records, in the order of the journal.
    pub tellings: Vec<Telling>,
}

/// One record of a payment.
#[derive(Debug)]
pub struct Telling {
    /// Where it is kept.
    pub place: Place,
    /// What its header says.
    pub header: FactHeader,
    /// What it says; `None` of what is no fact.
    pub payload: Option<Payload>,
    /// What became of it.
    pub fate: Fate,
    /// It belongs to another payment, and is here because it names an event of this one.
    pub is_elsewhere: bool,
    /// What it changed.
    pub changes: Vec<Change>,
    /// Who told the same before.
    pub told_before: Vec<Teller>,
}

/// A record's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its partition.
    pub partition: PartitionId,
    /// Its position there.
    pub position: Position,
}

/// Who told something, and where that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Teller {
    /// Where.
    pub place: Place,
    /// Whose mouth.
    pub source: Source,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The first of its event id.
    Fact,
    /// Told before, in equal words.
    Duplicate,
    /// Told before, in other words; the first stays.
    Conflict,
    /// Kept for a release that can read it.
    Parked,
    /// No fact of this ledger.
    Foreign(Foreign),
}

impl Fate {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::Parked => "parked",
            Self::Foreign(_) => "foreign",
        }
    }
}

/// An event's name: whose, and which.
type Name = (MerchantId, EventId);

impl Stories {
    /// The stories of a transaction id, as of then. Facts of later days than were asked for are not told.
    ///
    /// # Errors
    /// Rejected for a vector that is further than the journal; else what reading gave.
    pub fn of(
        journal: &dyn Journal,
        as_of: &AsOf,
        stream: StreamId,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, AsOfError> {
        let mut names = BTreeSet::new();
        let positions = walk_within(journal, as_of, Scope::All, progress, &mut |stored| {
            names.extend(Record::parse(stored.bytes).ok().filter(|record| record.stream_id() == stream).map(name));
        })?;
        // The journal may have grown meanwhile: what is told is what was looked through.
        let known = Known::Before(Box::new(positions.clone()));
        let fold = as_of.effective_at.map_or_else(Fold::new, Fold::effective_at);
        let mut teller = Narrator { stream, names, fold, firsts: BTreeMap::new(), told: BTreeMap::new() };
        walk_within(journal, &AsOf { known, ..as_of.clone() }, Scope::All, progress, &mut |stored| {
            teller.hear(stored);
        })?;
        let stories = teller.told.into_iter().map(|(key, tellings)| Story { key, tellings });
        Ok(Self { stories: stories.collect(), positions })
    }
}

fn name(record: Record<'_>) -> Name {
    let header = record.fact_header();
    (header.merchant, header.event_id)
}

/// Folds what concerns one transaction id, and notes what each record changes.
struct Narrator {
    stream: StreamId,
    /// The events that are told under this id.
    names: BTreeSet<Name>,
    fold: Fold,
    /// Who told each of them first, and of which payment.
    firsts: BTreeMap<Name, (Teller, StreamKey)>,
    told: BTreeMap<StreamKey, Vec<Telling>>,
}

impl Narrator {
    fn hear(&mut self, stored: &Stored<'_>) {
        let Ok(record) = Record::parse(stored.bytes) else { return };
        if record.stream_id() != self.stream && !self.names.contains(&name(record)) {
            return;
        }
        let place = Place { partition: stored.partition, position: stored.position };
        match classify(stored) {
            Entry::Control => {}
            Entry::Foreign(foreign) => self.hear_foreign(place, record.fact_header(), foreign),
            Entry::Fact(fact) => self.hear_fact(place, *fact),
        }
    }

    fn hear_foreign(&mut self, place: Place, header: FactHeader, foreign: Foreign) {
        let key = header.stream_key();
        if key.stream != self.stream {
            return;
        }
        let fate = Fate::Foreign(foreign);
        let (payload, changes, told_before) = (None, Vec::new(), Vec::new());
        let telling = Telling { place, header, payload, fate, is_elsewhere: false, changes, told_before };
        self.told.entry(key).or_default().push(telling);
    }

    fn hear_fact(&mut self, place: Place, fact: Fact) {
        let (header, payload) = (fact.header.clone(), fact.payload.clone());
        let (name, key) = ((header.merchant, header.event_id), header.stream_key());
        let first = self.firsts.get(&name).copied();
        let touched: BTreeSet<_> = [key].into_iter().chain(first.map(|(_, key)| key)).collect();
        let touched = touched.into_iter().filter(|key| key.stream == self.stream);
        let before: Vec<_> = touched.map(|key| (key, Snapshot::of(&self.fold, key))).collect();
        let fate = match self.fold.apply(place.partition, fact) {
            Verdict::Later => return,
            Verdict::Fact => Fate::Fact,
            Verdict::Duplicate => Fate::Duplicate,
            Verdict::Conflict => Fate::Conflict,
            Verdict::Parked => Fate::Parked,
        };
        self.firsts.entry(name).or_insert((Teller { place, source: header.source }, key));
        for (touched, before) in before {
            let after = Snapshot::of(&self.fold, touched);
            let told_before = first.map_or_else(|| self.witnesses(&after, name), |(first, _)| vec![first]);
            let (header, payload, changes) = (header.clone(), Some(payload.clone()), before.changes_to(&after));
            let is_elsewhere = touched != key;
            let telling = Telling { place, header, payload, fate, is_elsewhere, changes, told_before };
            self.told.entry(touched).or_default().push(telling);
        }
    }

    /// Who told before what this event tells.
    fn witnesses(&self, after: &Snapshot, (merchant, event): Name) -> Vec<Teller> {
        let others = after.witnesses_beside(event);
        let mut tellers: Vec<_> =
            others.filter_map(|other| self.firsts.get(&(merchant, other))).map(|(t, _)| *t).collect();
        tellers.sort_unstable();
        tellers.dedup();
        tellers
    }
}
