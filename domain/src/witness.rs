//! Witnesses: the facts that claim one slot, whose word is shown, and where they contradict. Invariants:
//! - the word shown is chosen by authority, then revision (higher), then event id (smallest); by nothing else, ever
//! - it is chosen field by field: of what the best witness leaves out, the next best that says it is shown
//! - the work grows with the number of witnesses, not with the number of pairs
//!
//! This module never reads `occurred_at` as an order, a position, or the time of recording.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::content::{Field, Statement, Value, each_statement, statement_of, statements};
use crate::fact::{Fact, FactHeader, Payload, Source};
use crate::ids::EventId;
use crate::slot::{Slot, family};
use crate::time::Instant;

/// One fact as a witness of one slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Witness<'a> {
    pub(crate) slot: Slot<&'a str>,
    /// The slot's family.
    pub(crate) family: u8,
    pub(crate) fact: &'a Fact,
    /// Whether it stated the number that names the slot; a slot without one counts as numbered.
    pub(crate) is_numbered: bool,
    authority: u8,
    revision: u64,
}

/// Sources from the least to the most authority, for money and for prints.
const MONEY_LADDER: [Source; 6] =
    [Source::Ledger, Source::Person, Source::Terminal, Source::Gateway, Source::Bank, Source::Provider];
const PRINT_LADDER: [Source; 6] =
    [Source::Ledger, Source::Bank, Source::Provider, Source::Person, Source::Gateway, Source::Terminal];
/// For what is registered: there the house decides, and others only say what they see (docs/decisions/0012).
const REGISTRY_LADDER: [Source; 6] =
    [Source::Terminal, Source::Gateway, Source::Bank, Source::Provider, Source::Person, Source::Ledger];

const fn ladder(family: u8) -> &'static [Source; 6] {
    match family {
        family::PRINT => &PRINT_LADDER,
        family::REGISTRY_FIRST.. => &REGISTRY_LADDER,
        _ => &MONEY_LADDER,
    }
}

impl<'a> Witness<'a> {
    pub(crate) fn new(slot: Slot<&'a str>, fact: &'a Fact, is_numbered: bool) -> Self {
        let family = slot.family();
        let authority = authority(fact.header.source, ladder(family));
        Self { slot, family, fact, is_numbered, authority, revision: fact.payload.revision() }
    }

    /// Tells of another slot from here on: of the thing that this one turned out to be.
    pub(crate) fn rename(&mut self, slot: Slot<&'a str>) {
        (self.slot, self.family) = (slot, slot.family());
    }

    pub(crate) const fn header(&self) -> &'a FactHeader {
        &self.fact.header
    }

    pub(crate) const fn payload(&self) -> &'a Payload {
        &self.fact.payload
    }

    pub(crate) const fn source(&self) -> Source {
        self.fact.header.source
    }

    pub(crate) const fn event_id(&self) -> EventId {
        self.fact.header.event_id
    }

    pub(crate) const fn revision(&self) -> u64 {
        self.revision
    }

    /// How much its word weighs in its slot: 0 to 5.
    pub(crate) const fn authority(&self) -> u8 {
        self.authority
    }

    /// How much the word of this source would weigh in the same slot.
    pub(crate) fn authority_here(&self, source: Source) -> u8 {
        authority(source, ladder(self.family))
    }

    /// Orders the witnesses of one slot, the best one first.
    pub(crate) const fn rank(&self) -> (Reverse<u8>, Reverse<u64>, EventId) {
        (Reverse(self.authority), Reverse(self.revision), self.event_id())
    }

    /// Orders witnesses whatever they tell of, by how much their word weighs where money moves.
    pub(crate) fn rank_among_all(&self) -> (Reverse<u8>, Reverse<u64>, EventId) {
        (Reverse(authority(self.source(), &MONEY_LADDER)), Reverse(self.revision), self.event_id())
    }

    /// Whether it says the same, field by field.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        statements(self.payload()) == statements(other.payload())
    }
}

fn authority(source: Source, ladder: &[Source; 6]) -> u8 {
    ladder.iter().zip(0..).find(|(rung, _)| **rung == source).map_or(0, |(_, height)| height)
}

/// The witnesses of one slot, best first; at least one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked<'c, 'a> {
    best: &'c Witness<'a>,
    all: &'c [Witness<'a>],
}

impl<'c, 'a> Ranked<'c, 'a> {
    /// Of witnesses that are ranked; `None` of none.
    pub(crate) const fn of(ranked: &'c [Witness<'a>]) -> Option<Self> {
        match ranked.first() {
            Some(best) => Some(Self { best, all: ranked }),
            None => None,
        }
    }

    /// What they tell of.
    pub(crate) const fn slot(&self) -> Slot<&'a str> {
        self.best.slot
    }

    /// Everybody, best first.
    pub(crate) const fn all(&self) -> &'c [Witness<'a>] {
        self.all
    }

    /// Whose word is shown.
    pub(crate) const fn best(&self) -> Witness<'a> {
        *self.best
    }

    /// What is shown of a part that not everybody states: the best witness's word on it.
    pub(crate) fn first<T>(&self, stated: impl FnMut(&Witness<'a>) -> Option<T>) -> Option<T> {
        self.all.iter().find_map(stated)
    }

    /// What is shown of a text field.
    pub(crate) fn text(&self, field: Field) -> Option<&'a str> {
        self.first(|witness| match statement_of(witness.payload(), field) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        })
    }

    /// What is shown, field by field.
    pub(crate) fn content(&self) -> BTreeMap<Field, Value<'a>> {
        let mut shown = BTreeMap::new();
        for witness in self.all {
            each_statement(witness.payload(), &mut |(field, value)| {
                shown.entry(field).or_insert(value);
            });
        }
        shown
    }

    /// The fields on which witnesses contradict: two values of one source at one revision, or a value of another
    /// source that is none of those of the source whose word is shown.
    pub(crate) fn contradictions(&self) -> BTreeSet<Field> {
        let mut told: BTreeMap<Field, Told<'a>> = BTreeMap::new();
        if self.all.len() > 1 && !self.all.iter().all(|witness| witness.says_the_same(self.best)) {
            for witness in self.all {
                each_statement(witness.payload(), &mut |(field, value)| {
                    told.entry(field).or_insert_with(|| Told::new(witness, field)).take(witness, value);
                });
            }
        }
        told.into_iter().filter_map(|(field, told)| told.contradicts().then_some(field)).collect()
    }

    /// Moments at which one source tells one content of one revision without saying that it is another time. `told` are
    /// the moments that its numbered siblings account for.
    pub(crate) fn has_unnumbered_repetition(&self, told: &dyn Fn(Source, Instant) -> bool) -> bool {
        let mut groups: BTreeMap<(Source, u64, Vec<Statement<'a>>), Moments> = BTreeMap::new();
        for witness in self.all {
            let at = witness.header().occurred_at;
            let key = (witness.source(), witness.revision, statements(witness.payload()));
            let moments = groups.entry(key).or_default();
            moments.all.insert(at);
            if !witness.is_numbered {
                moments.unnumbered.insert(at);
            }
        }
        groups.into_iter().any(|((source, ..), moments)| moments.repeat(&|at| told(source, at)))
    }
}

/// What was told of one field.
struct Told<'a> {
    winning: Source,
    /// A stage is a revision: another mouth that has not heard of the last one contradicts nobody.
    stage: Option<u64>,
    winning_values: BTreeSet<Value<'a>>,
    by_revision: BTreeMap<(Source, u64), BTreeSet<Value<'a>>>,
    others: BTreeSet<Value<'a>>,
}

impl<'a> Told<'a> {
    /// What the best witness that states a field begins.
    fn new(best: &Witness<'a>, field: Field) -> Self {
        let stage = (field == Field::Stage).then_some(best.revision);
        Self {
            winning: best.source(),
            stage,
            winning_values: BTreeSet::new(),
            by_revision: BTreeMap::new(),
            others: BTreeSet::new(),
        }
    }

    fn take(&mut self, witness: &Witness<'a>, value: Value<'a>) {
        self.by_revision.entry((witness.source(), witness.revision)).or_default().insert(value);
        if witness.source() == self.winning {
            self.winning_values.insert(value);
        } else if self.stage.is_none_or(|stage| witness.revision >= stage) {
            self.others.insert(value);
        }
    }

    fn contradicts(&self) -> bool {
        self.by_revision.values().any(|values| values.len() > 1) || !self.others.is_subset(&self.winning_values)
    }
}

/// When one content was told.
#[derive(Default)]
struct Moments {
    all: BTreeSet<Instant>,
    unnumbered: BTreeSet<Instant>,
}

impl Moments {
    fn repeat(&self, is_accounted_for: &dyn Fn(Instant) -> bool) -> bool {
        if self.all.len() < 2 || self.unnumbered.is_empty() {
            return false;
        }
        let open: Vec<_> = self.all.iter().filter(|at| !is_accounted_for(**at)).collect();
        open.len() > 1 && open.into_iter().any(|at| self.unnumbered.contains(at))
    }
}
