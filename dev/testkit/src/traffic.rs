//! Traffic from a seed: histories, ordinary and hostile, over the whole vocabulary. Each field has few values, so that
//! facts meet: they repeat, complete, correct and contradict each other.
//!
//! Invariants:
//! - one seed gives one history, on every machine
//! - a payload is one that the door would let in; what facts say together is left to chance
//! - a merchant has one partition; what names no merchant is in partition 0, and as a copy of its own in others
//!
//! This module does not say what a history means.

mod beside;
mod cast;
mod dice;
mod flow;
mod ledger;
mod money_back;
mod retold;
mod story;

use talon_domain::fact::{Fact, Kind, Payload};
use talon_domain::ids::{EventId, PartitionId};

use cast::Cast;

pub use dice::Dice;

/// Records in the order in which they came, each with its partition.
#[derive(Clone, Debug)]
pub struct History {
    /// What it was made of.
    pub seed: u64,
    /// The records.
    pub records: Vec<(PartitionId, Fact)>,
}

/// Histories without end, from a first seed on.
#[derive(Clone, Debug)]
pub struct Histories {
    next: u64,
}

impl Histories {
    /// The histories of a seed and of those after it.
    pub const fn of(seed: u64) -> Self {
        Self { next: seed }
    }
}

impl Iterator for Histories {
    type Item = History;

    fn next(&mut self) -> Option<History> {
        let history = History::of(self.next);
        self.next = self.next.wrapping_add(1);
        Some(history)
    }
}

impl History {
    /// The history of a seed.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x7a1_0000);
        let mut cast = Cast::new(&mut dice);
        let records = match dice.below(20) {
            0..3 => story::told(&mut dice, &mut cast),
            3..5 => retold::over_and_over(&mut dice, &mut cast),
            _ => drawn(&mut dice, &mut cast),
        };
        Self { seed, records: retold::some(&mut dice, &mut cast, records) }
    }

    /// The same records in another order.
    #[must_use]
    pub fn shuffled(&self, seed: u64) -> Self {
        Self { seed: self.seed, records: Dice::of(seed).shuffled(&self.records) }
    }

    /// Every record twice.
    #[must_use]
    pub fn doubled(&self) -> Self {
        let records = self.records.iter().flat_map(|record| [record.clone(), record.clone()]).collect();
        Self { seed: self.seed, records }
    }

    /// The history without one of its records.
    #[must_use]
    pub fn without(&self, place: usize) -> Self {
        let mut records = self.records.clone();
        records.remove(place);
        Self { seed: self.seed, records }
    }

    /// Whether two of its records share an event id and tell different things: then order decides, by definition.
    pub fn has_conflict(&self) -> bool {
        let id = |(partition, fact): &(PartitionId, Fact)| (*partition, fact.header.merchant, fact.header.event_id);
        let all = &self.records;
        all.iter().any(|a| all.iter().any(|b| id(a) == id(b) && differ(&a.1, &b.1)))
    }

    /// Its records in words, one a line.
    pub fn in_words(&self) -> String {
        self.records.iter().map(|(partition, fact)| in_words(*partition, fact)).collect()
    }
}

fn in_words(partition: PartitionId, fact: &Fact) -> String {
    let header = &fact.header;
    let place = format!("shop {} terminal {} seq {}", header.shop, header.terminal, header.terminal_seq);
    let training = if header.training { " training" } else { "" };
    format!(
        "partition {partition} merchant {} stream {}{training}\n  {} by {} at {} event {} {place} epoch {}\n    {:?}\n",
        header.merchant,
        header.stream,
        header.kind.name(),
        header.source.name(),
        header.occurred_at.rfc3339(),
        header.event_id,
        header.terminal_epoch,
        fact.payload,
    )
}

/// What a history is mostly about.
const THEMES: &[&[u16]] = &[
    &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30],
    &[1, 4, 5, 6, 7, 7, 7, 12, 20],
    &[1, 4, 5, 5, 6, 7, 7, 21, 22, 20],
    &[1, 5, 5, 9, 10, 11, 11, 13, 16, 6, 20, 25],
    &[1, 5, 4, 7, 24, 24, 25, 25, 25, 26, 26, 20],
    &[1, 5, 4, 28, 28, 29, 30, 25, 20],
    &[8, 8, 19, 8, 19, 20, 1],
    &[2, 3, 14, 15, 18, 17, 23, 27, 20, 1],
    &[4, 4, 4, 4, 1, 5, 6, 20],
    &[1001, 1002, 1002, 1003, 1004, 1011, 1012, 1013, 1014],
    &[1, 5, 6, 7, 7, 25, 25, 28, 30, 1002, 1002, 1002, 1002, 1003],
    &[5, 5, 5, 6, 25, 25, 28, 1002, 1002, 1002, 1002, 1002],
    &[4001, 4002, 4003, 4004, 4011, 4012, 4013],
    &[4021, 4021, 4022, 2021, 2021, 5001, 5001, 5001, 65001, 65001, 65001, 65002, 65002, 6001],
];

fn drawn(dice: &mut Dice, cast: &mut Cast) -> Vec<(PartitionId, Fact)> {
    let theme = dice.one_of(THEMES);
    let length = dice.one_of(&[1, 2, 3, 4, 6, 8, 10, 12, 16, 24]);
    let mut records = Vec::new();
    for _ in 0..length {
        let kind = if dice.percent(92) { dice.one_of(theme) } else { any_kind(dice) };
        records.extend(record(dice, cast, Kind(kind)));
    }
    records
}

/// Any kind that is known, or one of those that this release cannot read.
fn any_kind(dice: &mut Dice) -> u16 {
    if dice.percent(30) { dice.one_of(&[900, 2001, 3001, 4031]) } else { dice.one_of(Kind::KNOWN).0 }
}

/// One record of a kind; of what is broadcast, also copies of it in other partitions.
fn record(dice: &mut Dice, cast: &mut Cast, kind: Kind) -> Vec<(PartitionId, Fact)> {
    let payload = payload(dice, cast, kind);
    let fact = cast.fact(dice, kind, payload);
    if !kind.is_broadcast() {
        return vec![(cast::partition_of(fact.header.merchant), fact)];
    }
    let mut records = vec![(PartitionId(0), fact.clone())];
    for partition in cast::PARTITIONS {
        if partition != PartitionId(0) && dice.percent(70) {
            let mut copy = fact.clone();
            copy.header.event_id = cast.event_id(dice);
            records.push((partition, copy));
        }
    }
    records
}

fn payload(dice: &mut Dice, cast: &Cast, kind: Kind) -> Payload {
    match kind.0 {
        1..=20 | 23 => flow::payload(dice, cast, kind),
        21 | 22 | 24..=30 => money_back::payload(dice, kind),
        1_001..=1_014 | 4_001..=4_013 => beside::payload(dice, cast, kind),
        2_021 | 4_021 | 4_022 | 5_001 | 6_000.. => ledger::payload(dice, kind),
        _ => Payload::Parked(dice.one_of(&[[8, 1], [8, 2]]).into()),
    }
}

fn differ(a: &Fact, b: &Fact) -> bool {
    !a.header.same_statement(&b.header) || a.payload != b.payload
}

/// An event id of a history that nobody tells.
pub(crate) const ABSENT: EventId = EventId([1, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0xee]);
