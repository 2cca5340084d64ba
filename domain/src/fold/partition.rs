//! One partition's fold. It reads its own records and no others, in their order.

use std::collections::HashMap;

use super::{Counts, Verdict};
use crate::fact::{Fact, Payload};
use crate::ids::{EventId, MerchantId, PartitionId, StreamKey};
use crate::ordered::{Bulks, Rulings};
use crate::stream::Stream;

/// What one partition's records add up to.
#[derive(Clone, Debug, Default)]
pub struct PartitionFold {
    partition: PartitionId,
    /// Where each event id's first record is. Never iterated.
    admitted: HashMap<(MerchantId, EventId), Place>,
    /// Where each stream is. Never iterated.
    index: HashMap<StreamKey, usize>,
    streams: Vec<(StreamKey, Stream)>,
    /// What is judged in the order of the ledger.
    ordered: Vec<Fact>,
    rulings: Rulings,
    bulks: Bulks,
    counts: Counts,
}

/// Where an admitted fact is.
#[derive(Clone, Copy, Debug)]
enum Place {
    Stream { stream: u32, fact: u32 },
    Ordered(u32),
}

impl PartitionFold {
    pub(super) fn new(partition: PartitionId) -> Self {
        Self { partition, ..Self::default() }
    }

    /// Takes the next record.
    pub(super) fn apply(&mut self, fact: Fact) -> Verdict {
        let is_copy = fact.header.merchant == MerchantId(0) && self.partition != PartitionId(0);
        let verdict = self.admit(fact);
        let count = match verdict {
            _ if is_copy => &mut self.counts.copies,
            Verdict::Fact => &mut self.counts.facts,
            Verdict::Duplicate => &mut self.counts.duplicates,
            Verdict::Conflict => &mut self.counts.conflicts,
            Verdict::Parked => &mut self.counts.parked,
        };
        *count = count.saturating_add(1);
        verdict
    }

    fn admit(&mut self, fact: Fact) -> Verdict {
        let id = (fact.header.merchant, fact.header.event_id);
        if let Some(place) = self.admitted.get(&id).copied() {
            return self.told_again(place, &fact);
        }
        let verdict = if matches!(fact.payload, Payload::Parked(_)) { Verdict::Parked } else { Verdict::Fact };
        let place = if is_ordered(&fact.payload) { self.rule(fact) } else { self.keep(fact) };
        self.admitted.insert(id, place);
        verdict
    }

    fn told_again(&mut self, place: Place, fact: &Fact) -> Verdict {
        let first = match place {
            Place::Ordered(at) => self.ordered.get(at as usize),
            Place::Stream { stream, fact } => self.streams.get(stream as usize).and_then(|(_, s)| s.at(fact as usize)),
        };
        if first.is_some_and(|first| first.header.same_statement(&fact.header) && first.payload == fact.payload) {
            return Verdict::Duplicate;
        }
        if let Place::Stream { stream, fact } = place
            && let Some((_, stream)) = self.streams.get_mut(stream as usize)
        {
            stream.note_conflict(fact as usize);
        }
        Verdict::Conflict
    }

    /// Judges, once, what is judged in the order of the ledger.
    fn rule(&mut self, fact: Fact) -> Place {
        self.rulings.rule(&fact);
        self.bulks.take(&fact);
        let place = Place::Ordered(small(self.ordered.len()));
        self.ordered.push(fact);
        place
    }

    fn keep(&mut self, fact: Fact) -> Place {
        let key = fact.header.stream_key();
        let at = *self.index.entry(key).or_insert_with(|| {
            self.streams.push((key, Stream::default()));
            self.streams.len().saturating_sub(1)
        });
        let fact = self.streams.get_mut(at).map_or(0, |(_, stream)| stream.push(fact));
        Place::Stream { stream: small(at), fact: small(fact) }
    }

    /// How many records were given which verdict.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// What was judged in the order of the ledger.
    pub const fn rulings(&self) -> &Rulings {
        &self.rulings
    }

    /// What came in several parts.
    pub const fn bulks(&self) -> &Bulks {
        &self.bulks
    }

    /// Every stream that can be read, in the order in which they began; copies of what is broadcast among them.
    pub fn streams(&self) -> impl Iterator<Item = (StreamKey, &Stream)> {
        self.streams.iter().filter(|(_, stream)| !stream.is_parked()).map(|(key, stream)| (*key, stream))
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
        self.index.get(&key).and_then(|at| self.streams.get(*at)).map(|(_, stream)| stream)
    }
}

/// Decisions, activations, erasures and bulks are judged against what came before them.
const fn is_ordered(payload: &Payload) -> bool {
    matches!(
        payload,
        Payload::SchemaActivated(_)
            | Payload::FoldActivated(_)
            | Payload::SubjectErased(_)
            | Payload::Chunk(_)
            | Payload::Commit(_)
            | Payload::Inert
    )
}

/// A partition of a process has less than 2^32 facts: at 300 bytes each they would fill a terabyte.
fn small(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
