//! A door to push events through, fresh for every input: a ledger in memory, and seals that need no key.

use talon_domain::ids::LedgerId;
use talon_domain::time::Instant;
use talon_intake::{Door, EventBatch, Group, Outcome, Publisher, Seals};
use talon_journal::{IdIndex, MemoryJournal};
use talon_testkit::genesis;
use talon_vault::Entropy;

/// 2026-11-25T09:00:00Z.
pub(crate) const NOW: Instant = Instant(1_795_597_200_000_000);

/// A door and its ledger.
pub(crate) struct Entrance {
    pub(crate) journal: MemoryJournal,
    door: Door,
    group: Group,
}

impl Entrance {
    pub(crate) fn new() -> Self {
        let ledger = LedgerId([7; 16]);
        let journal = MemoryJournal::create(ledger, genesis(ledger)).expect("a journal");
        let index = IdIndex::of(&journal).expect("an index");
        let door = Door::new(index, Seals::imagined(), Entropy::from_seed([7; 32]));
        Self { journal, door, group: Group::new() }
    }

    /// Checks events and appends nothing.
    pub(crate) fn check(&mut self, events: &[&[u8]]) -> &Group {
        let batch = batch_of(events);
        self.door.check(&batch, &Publisher::local(), NOW, &self.journal, &mut self.group).expect("a door that opens");
        &self.group
    }

    /// Publishes a batch.
    pub(crate) fn publish(&mut self, batch: &EventBatch) -> Vec<Outcome> {
        let publisher = Publisher::local();
        self.door.publish(batch, &publisher, NOW, &self.journal, &mut self.group).expect("a door that opens")
    }
}

fn batch_of(events: &[&[u8]]) -> EventBatch {
    let mut batch = EventBatch::new();
    for (number, event) in (1..).zip(events) {
        batch.push(number, event);
    }
    batch
}

/// The record that an event becomes; `None` if it is refused, in words that repeat nothing of it.
pub(crate) fn record_of(event: &[u8]) -> Option<Vec<u8>> {
    let mut entrance = Entrance::new();
    let batch = batch_of(&[event]);
    let group = entrance.check(&[event]);
    let refusals: Vec<_> = group.refusals(&batch).collect();
    assert_eq!(group.batch().len() + refusals.len(), 1, "an event is taken or refused");
    for (number, refusal) in refusals {
        assert!(number == 1 && refusal.number() > 0 && !refusal.name().is_empty() && !refusal.advice().is_empty());
        repeats_no_value(&refusal.to_string(), event);
    }
    group.batch().record(0).map(|(_, bytes)| bytes.to_vec())
}

/// Bounds that messages name.
const BOUNDS: [u64; 3] = [u64::MAX, u32::MAX as u64, 1_000_000_000_000];

/// A message repeats no value of what it refuses: none of its longer numbers stands there, but for bounds, and for the
/// numbers of fields, which are no values.
pub(crate) fn repeats_no_value(said: &str, refused: &[u8]) {
    let words = said.split("field ").enumerate().map(|(nth, part)| match nth {
        0 => part,
        _ => part.trim_start_matches(|c: char| c.is_ascii_digit()),
    });
    let numbers = words.flat_map(|part| part.split(|c: char| !c.is_ascii_digit())).filter(|digits| digits.len() > 5);
    for digits in numbers.filter(|digits| !BOUNDS.iter().any(|bound| bound.to_string() == **digits)) {
        let stands_there = refused.windows(digits.len()).any(|window| window == digits.as_bytes());
        assert!(!stands_there, "a message repeats a value: {said}");
    }
}
