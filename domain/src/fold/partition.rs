//! One partition's fold. It reads its own records and no others, in their order.

use super::places::Places;
use super::{Counts, Verdict};
use crate::fact::{Fact, Family, Payload};
use crate::ids::{MerchantId, PartitionId, StreamKey};
use crate::ordered::{Bulks, Rulings};
use crate::stream::Stream;
use crate::time::Day;

/// What one partition's records add up to.
#[derive(Clone, Debug, Default)]
pub struct PartitionFold {
    partition: PartitionId,
    /// Each event id's first record, by merchant and id.
    admitted: Places<Place>,
    /// Each stream, by its key.
    index: Places<u32>,
    streams: Vec<(StreamKey, Stream)>,
    /// What is judged in the order of the ledger.
    ordered: Vec<Fact>,
    rulings: Rulings,
    bulks: Bulks,
    /// The last day whose facts count; `None` if all do.
    effective_at: Option<Day>,
    /// First of their event ids, and of later days.
    later: Vec<Fact>,
    counts: Counts,
}

/// The number of a stream within its partition, from 0, in the order in which they came to be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamNumber(pub u32);

/// What looking a record up gave.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    name: u64,
    stream: u64,
    /// The first record of its id.
    first: Option<Place>,
    /// Its stream.
    known: Option<u32>,
}

/// Where an admitted fact is: in which stream, and which of its facts.
#[derive(Clone, Copy, Debug)]
struct Place {
    stream: u32,
    fact: u32,
}

/// In place of a stream: what is judged in the order of the ledger.
const ORDERED: u32 = u32::MAX;

/// In place of a stream: what is of a later day than was asked for.
const LATER: u32 = u32::MAX - 1;

impl PartitionFold {
    pub(super) fn new(partition: PartitionId, effective_at: Option<Day>) -> Self {
        Self { partition, effective_at, ..Self::default() }
    }

    /// Looks a record up without taking it. Looking up several before the first is taken lets their ways to memory
    /// overlap, which is what admission waits for.
    pub(super) fn probe(&self, fact: &Fact) -> Probe {
        let key = fact.header.stream_key();
        let (name, stream) = (self.admitted.hash((fact.header.merchant, fact.header.event_id)), self.index.hash(key));
        Probe { name, stream, first: self.first(name, fact), known: self.find(stream, key) }
    }

    /// Takes the next record, that was looked up: what became of it, and the stream that it changed.
    pub(super) fn apply(&mut self, fact: Fact, probe: Probe) -> (Verdict, Option<StreamNumber>) {
        let is_copy = fact.header.kind.is_broadcast() && self.partition != PartitionId(0);
        let (verdict, place) = self.admit(fact, probe);
        let count = match verdict {
            Verdict::Fact if is_copy => &mut self.counts.copies,
            Verdict::Fact => &mut self.counts.facts,
            Verdict::Duplicate => &mut self.counts.duplicates,
            Verdict::Conflict => &mut self.counts.conflicts,
            Verdict::Parked => &mut self.counts.parked,
            Verdict::Later => &mut self.counts.later,
        };
        *count = count.saturating_add(1);
        (verdict, (place.stream < LATER).then_some(StreamNumber(place.stream)))
    }

    fn admit(&mut self, fact: Fact, probe: Probe) -> (Verdict, Place) {
        if let Some(place) = probe.first.or_else(|| self.first(probe.name, &fact)) {
            return (self.told_again(place, &fact), place);
        }
        let verdict = self.judge(&fact);
        let place = match verdict {
            Verdict::Later => self.withhold(fact),
            _ if fact.payload.is_judged_in_order() => self.rule(fact),
            _ => self.keep(fact, probe),
        };
        self.admitted.insert(probe.name, place);
        (verdict, place)
    }

    /// Takes back a stream that was let go.
    pub(super) fn restore(&mut self, facts: Vec<Fact>, conflicts: &[usize]) -> Option<StreamNumber> {
        let key = facts.first()?.header.stream_key();
        let number = small(self.streams.len());
        for (place, fact) in (0u32..).zip(&facts) {
            let name = self.admitted.hash((fact.header.merchant, fact.header.event_id));
            self.admitted.insert(name, Place { stream: number, fact: place });
        }
        self.index.insert(self.index.hash(key), number);
        self.streams.push((key, Stream::from_kept(facts, conflicts)));
        Some(StreamNumber(number))
    }

    /// Lets all streams go; what is judged in the order of the ledger stays, and what is of a later day.
    pub(super) fn forget(&mut self) {
        self.streams.clear();
        self.index.clear();
        self.admitted.clear();
        for (stream, facts) in [(ORDERED, &self.ordered), (LATER, &self.later)] {
            for (fact, of) in (0u32..).zip(facts) {
                let name = self.admitted.hash((of.header.merchant, of.header.event_id));
                self.admitted.insert(name, Place { stream, fact });
            }
        }
    }

    pub(super) fn number_of(&self, key: StreamKey) -> Option<StreamNumber> {
        self.find(self.index.hash(key), key).map(StreamNumber)
    }

    pub(super) fn knows(&self, fact: &Fact) -> bool {
        self.first(self.admitted.hash((fact.header.merchant, fact.header.event_id)), fact).is_some()
    }

    pub(super) fn numbered(&self, number: StreamNumber) -> Option<(StreamKey, &Stream)> {
        self.streams.get(number.0 as usize).map(|(key, stream)| (*key, stream))
    }

    /// What the first record of an event id is.
    fn judge(&self, fact: &Fact) -> Verdict {
        if self.effective_at.is_some_and(|day| fact.header.day > day && !keeps_its_order(fact)) {
            Verdict::Later
        } else if matches!(fact.payload, Payload::Parked(_)) {
            Verdict::Parked
        } else {
            Verdict::Fact
        }
    }

    fn first(&self, hash: u64, fact: &Fact) -> Option<Place> {
        self.admitted.find(hash, |place| self.at(place).is_some_and(|first| same_name(first, fact)))
    }

    fn at(&self, place: Place) -> Option<&Fact> {
        match place.stream {
            ORDERED => self.ordered.get(place.fact as usize),
            LATER => self.later.get(place.fact as usize),
            stream => self.streams.get(stream as usize).and_then(|(_, stream)| stream.at(place.fact as usize)),
        }
    }

    fn told_again(&mut self, place: Place, fact: &Fact) -> Verdict {
        let is_same = |first: &Fact| first.header.same_statement(&fact.header) && first.payload == fact.payload;
        if self.at(place).is_some_and(is_same) {
            return Verdict::Duplicate;
        }
        if let Some((_, stream)) = self.streams.get_mut(place.stream as usize) {
            stream.note_conflict(place.fact as usize);
        }
        Verdict::Conflict
    }

    /// Judges, once, what is judged in the order of the ledger.
    fn rule(&mut self, fact: Fact) -> Place {
        self.rulings.rule(&fact);
        self.bulks.take(&fact);
        self.ordered.push(fact);
        Place { stream: ORDERED, fact: small(self.ordered.len().saturating_sub(1)) }
    }

    fn withhold(&mut self, fact: Fact) -> Place {
        self.later.push(fact);
        Place { stream: LATER, fact: small(self.later.len().saturating_sub(1)) }
    }

    fn keep(&mut self, fact: Fact, probe: Probe) -> Place {
        let key = fact.header.stream_key();
        let known = probe.known.or_else(|| self.find(probe.stream, key));
        let at = known.unwrap_or_else(|| {
            let new = small(self.streams.len());
            self.index.insert(probe.stream, new);
            self.streams.push((key, Stream::begun_by(&fact)));
            new
        });
        let place = self.streams.get_mut(at as usize).map_or(0, |(_, stream)| stream.push(fact));
        Place { stream: at, fact: small(place) }
    }

    fn find(&self, hash: u64, key: StreamKey) -> Option<u32> {
        self.index.find(hash, |at| self.streams.get(at as usize).is_some_and(|(other, _)| *other == key))
    }

    /// How many records were given which verdict.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// The facts that were judged in the order of the ledger.
    pub fn ordered(&self) -> &[Fact] {
        &self.ordered
    }

    /// What was judged in the order of the ledger.
    pub const fn rulings(&self) -> &Rulings {
        &self.rulings
    }

    /// What came in several parts.
    pub const fn bulks(&self) -> &Bulks {
        &self.bulks
    }

    /// Every stream, whether or not it can be read, in the order in which they began.
    pub fn all_streams(&self) -> impl Iterator<Item = (StreamKey, &Stream)> {
        self.streams.iter().map(|(key, stream)| (*key, stream))
    }

    /// Every stream that can be read, in the order in which they began; copies of what is broadcast among them.
    pub fn streams(&self) -> impl Iterator<Item = (StreamKey, &Stream)> {
        self.all_streams().filter(|(_, stream)| !stream.is_parked())
    }

    /// Every fact of every stream, parked ones among them: what their headers say can always be read.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.streams.iter().flat_map(|(_, stream)| stream.facts())
    }

    /// Every stream that can be read, without copies that another partition shows.
    pub(super) fn shown_streams(&self) -> impl Iterator<Item = (StreamKey, &Stream)> {
        self.streams().filter(|(key, _)| key.merchant != MerchantId(0) || self.partition == PartitionId(0))
    }

    /// One stream.
    pub fn stream(&self, key: StreamKey) -> Option<&Stream> {
        let at = self.find(self.index.hash(key), key)?;
        self.streams.get(at as usize).map(|(_, stream)| stream)
    }
}

fn same_name(a: &Fact, b: &Fact) -> bool {
    (a.header.event_id, a.header.merchant) == (b.header.event_id, b.header.merchant)
}

/// Whether the day of a fact does not matter: it is judged at its place, or will be by a release that can read it.
fn keeps_its_order(fact: &Fact) -> bool {
    fact.payload.is_judged_in_order()
        || matches!(fact.header.kind.family(), Family::Decision | Family::Closing | Family::Privacy)
}

/// A partition of a process has less than 2^32 - 1 facts: at 300 bytes each they would fill a terabyte.
fn small(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
