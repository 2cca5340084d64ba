//! The fold: records of partitions, in; streams and their states, out.
//!
//! ```text
//! record --> admission: fact, duplicate, conflict, parked --> its stream (a function of the set of its facts)
//!                                                        \--> the order of the ledger (activations, erasures, bulks)
//! ```
//!
//! Admission is judged in the order of the partition: the first record of an event id is the fact, an equal one is a
//! duplicate, another content is a conflict and the first stays. What a stream then means is a function of the set of
//! its facts ([`crate::state::State`]), so order, repetition and delay change nothing.
//!
//! Invariants:
//! - partitions may be folded in any interleaving: each is read by itself
//! - of what is broadcast every partition has a copy of its own; streams and the digest show those of partition 0
//! - asked for a day, it leaves out the facts of later days, and nothing else: they are admitted as ever, so that what
//!   tells them again in other words is a conflict, and never stands in for them
//!
//! This module does not know records: who reads the journal leaves out what is foreign.

use crate::digest::Digest;
use crate::fact::Fact;
use crate::ids::{PartitionId, StreamKey};
use crate::stream::Stream;
use crate::time::Day;

mod partition;
mod places;

pub use partition::{PartitionFold, StreamNumber};

/// The version of the fold; a state digest names it.
pub const FOLD_VERSION: u16 = 1;

/// How many records are looked up before the first of them is taken.
const PROBED: usize = 32;

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
    /// The first of its event id, and of a later day than the fold was asked for: it claims its id and counts nowhere.
    Later,
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
    /// Of a later day than was asked for.
    pub later: u64,
    /// Further partitions' copies of what is broadcast.
    pub copies: u64,
}

/// Everything that was folded so far.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    /// By their numbers.
    partitions: Vec<PartitionFold>,
    /// The last day whose facts count; `None` if all do.
    effective_at: Option<Day>,
}

impl Fold {
    /// A fold of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A fold of nothing yet, in which facts of days up to this one count. Decisions, closings, activations and erasures
    /// are judged in the order of the ledger, whatever their day.
    pub fn effective_at(day: Day) -> Self {
        Self { effective_at: Some(day), ..Self::default() }
    }

    /// Takes the next record of its partition.
    pub fn apply(&mut self, partition: PartitionId, fact: Fact) -> Verdict {
        let fold = self.partition(partition);
        let probe = fold.probe(&fact);
        fold.apply(fact, probe).0
    }

    /// Takes the next records of their partitions out of a batch, in their order: the same as one after the other, and
    /// faster.
    pub fn apply_all(&mut self, records: &mut Vec<(PartitionId, Fact)>) {
        self.apply_each(records, &mut |_, _, _| {});
    }

    /// The same, and tells of each record what became of it, and of which stream of its partition it is; what is judged
    /// in the order of the ledger is of none.
    pub fn apply_each(
        &mut self,
        records: &mut Vec<(PartitionId, Fact)>,
        tell: &mut dyn FnMut(PartitionId, Verdict, Option<StreamNumber>),
    ) {
        let mut probes = Vec::with_capacity(PROBED);
        let mut rest = records.drain(..);
        while !rest.as_slice().is_empty() {
            for (partition, fact) in rest.as_slice().iter().take(PROBED) {
                probes.push(self.partition(*partition).probe(fact));
            }
            for (probe, (partition, fact)) in probes.drain(..).zip(rest.by_ref()) {
                let (verdict, stream) = self.partition(partition).apply(fact, probe);
                tell(partition, verdict, stream);
            }
        }
    }

    /// Takes back a stream that was let go: its facts in their order, and the places of those that were told again in
    /// other words. They were admitted before, so nothing is judged and nothing counted.
    pub fn restore(&mut self, partition: PartitionId, facts: Vec<Fact>, conflicts: &[usize]) -> Option<StreamNumber> {
        self.partition(partition).restore(facts, conflicts)
    }

    /// Lets all streams go, with the ids of their facts: somebody else keeps them, and restores a stream before one of
    /// its facts, or another fact of one of its ids, comes. What is judged in the order of the ledger stays, what is of a
    /// later day than was asked for, and the counts.
    pub fn forget(&mut self) {
        self.partitions.iter_mut().for_each(PartitionFold::forget);
    }

    /// The number of a stream that is here.
    pub fn number_of(&self, partition: PartitionId, key: StreamKey) -> Option<StreamNumber> {
        self.partitions.get(usize::from(partition.0))?.number_of(key)
    }

    /// Whether an event id is known here.
    pub fn knows(&self, partition: PartitionId, fact: &Fact) -> bool {
        self.partitions.get(usize::from(partition.0)).is_some_and(|fold| fold.knows(fact))
    }

    /// The stream of this number, whether or not it can be read.
    pub fn numbered(&self, partition: PartitionId, number: StreamNumber) -> Option<(StreamKey, &Stream)> {
        self.partitions.get(usize::from(partition.0))?.numbered(number)
    }

    fn partition(&mut self, partition: PartitionId) -> &mut PartitionFold {
        while self.partitions.len() <= usize::from(partition.0) {
            let next = u16::try_from(self.partitions.len()).unwrap_or(u16::MAX);
            self.partitions.push(PartitionFold::new(PartitionId(next), self.effective_at));
        }
        let Some(fold) = self.partitions.get_mut(usize::from(partition.0)) else { unreachable!("it was put there") };
        fold
    }

    /// How many records were given which verdict.
    pub fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        for counts in self.partitions.iter().map(PartitionFold::counts) {
            sum.facts = sum.facts.saturating_add(counts.facts);
            sum.duplicates = sum.duplicates.saturating_add(counts.duplicates);
            sum.conflicts = sum.conflicts.saturating_add(counts.conflicts);
            sum.parked = sum.parked.saturating_add(counts.parked);
            sum.later = sum.later.saturating_add(counts.later);
            sum.copies = sum.copies.saturating_add(counts.copies);
        }
        sum
    }

    /// Every partition up to the last that was folded, in the order of their numbers.
    pub fn partitions(&self) -> impl Iterator<Item = (PartitionId, &PartitionFold)> {
        (0..).map(PartitionId).zip(&self.partitions)
    }

    /// Every stream that can be read, in the order of keys; of what is broadcast, partition 0's.
    pub fn streams(&self) -> impl Iterator<Item = (StreamKey, &Stream)> {
        let mut all: Vec<_> = self.partitions.iter().flat_map(PartitionFold::shown_streams).collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        all.into_iter()
    }

    /// Every payment that can be read, in the order of keys.
    pub fn payments(&self) -> impl Iterator<Item = (StreamKey, &Stream)> {
        self.streams().filter(|(_, stream)| stream.is_payment())
    }

    /// One stream.
    pub fn stream(&self, key: StreamKey) -> Option<&Stream> {
        self.partitions.iter().find_map(|partition| partition.stream(key))
    }

    /// The state digest: equal for the same facts in any order, on any engine.
    pub fn digest(&self) -> Digest {
        let mut digest = Digest::default();
        for (key, stream) in self.partitions.iter().flat_map(PartitionFold::shown_streams) {
            digest.add(key, stream);
        }
        digest
    }
}
