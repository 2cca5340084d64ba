//! The claims of one stream: every slot with its witnesses, before and after joins.
//!
//! A join says that two slots tell of one thing: an acceptance or a debit that was told without the provider's id is a
//! further witness of one that was told with it. Joins are computed from the whole set, so arrival order cannot matter.

use std::collections::BTreeMap;

use crate::fact::{Debited, Fact, Payload, Source, Text};
use crate::slot::{Slot, claims};
use crate::witness::{Witness, winner};

/// Slots and their witnesses, each in a fixed order.
#[derive(Debug, Default)]
pub(crate) struct Claims<'a>(BTreeMap<Slot, Vec<Witness<'a>>>);

impl<'a> Claims<'a> {
    /// The claims of facts that are sorted by event id.
    pub(crate) fn of(facts: &'a [Fact]) -> Self {
        let mut all = Self::default();
        for fact in facts {
            for slot in claims(fact) {
                all.push(slot, Witness { fact });
            }
        }
        all
    }

    fn push(&mut self, slot: Slot, witness: Witness<'a>) {
        let witnesses = self.0.entry(slot).or_default();
        if witnesses.iter().all(|known| known.event_id() != witness.event_id()) {
            witnesses.push(witness);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Slot, &[Witness<'a>])> {
        self.0.iter().map(|(slot, witnesses)| (slot, witnesses.as_slice()))
    }

    /// Each slot with whose word is shown.
    pub(crate) fn winners(&self) -> impl Iterator<Item = (&Slot, Witness<'a>)> {
        self.iter().filter_map(|(slot, witnesses)| winner(slot, witnesses).map(|shown| (slot, shown)))
    }

    pub(crate) fn winner(&self, slot: &Slot) -> Option<Witness<'a>> {
        winner(slot, self.0.get(slot)?)
    }

    /// Whether this source claims further numbers of a numbered slot, and how many.
    pub(crate) fn numbered_siblings(&self, slot: &Slot, source: Source) -> usize {
        let claimed = |(other, witnesses): &(&Slot, &[Witness<'a>])| {
            is_sibling(slot, other) && witnesses.iter().any(|w| w.source() == source)
        };
        self.iter().filter(claimed).count()
    }

    /// The same claims with acceptances and debits that were told without an id beside the ids they belong to.
    pub(crate) fn joined(&self) -> Self {
        let mut joined = Self(self.0.clone());
        joined.join_acceptance();
        for (slot, shown) in self.winners() {
            if let (Slot::DebitWithoutId(_), Payload::Debited(debit)) = (slot, &shown.fact.payload)
                && let Some(id) = self.debit_id_of(debit)
            {
                joined.push(Slot::Debit(id), shown);
            }
        }
        joined
    }

    fn join_acceptance(&mut self) {
        let nameless = Slot::Acceptance(Text::default());
        let smallest = self.0.keys().find(|slot| matches!(slot, Slot::Acceptance(id) if !id.is_empty())).cloned();
        if let (Some(smallest), Some(witnesses)) = (smallest, self.0.get(&nameless).cloned()) {
            self.0.remove(&nameless);
            witnesses.into_iter().for_each(|witness| self.push(smallest.clone(), witness));
        }
    }

    /// The id that a debit without one belongs to: the smallest of its instalment and amount, else of its instalment.
    pub(crate) fn debit_id_of(&self, nameless: &Debited) -> Option<Text> {
        let of_instalment = self.winners().filter_map(|(slot, shown)| match (slot, &shown.fact.payload) {
            (Slot::Debit(id), Payload::Debited(debit)) if debit.instalment == nameless.instalment => Some((id, debit)),
            _ => None,
        });
        let mut smallest = None;
        for (id, debit) in of_instalment {
            if debit.amount == nameless.amount {
                return Some(id.clone());
            }
            smallest = smallest.or_else(|| Some(id.clone()));
        }
        smallest
    }
}

/// Whether two slots differ only in a number above 1.
fn is_sibling(slot: &Slot, other: &Slot) -> bool {
    match (slot, other) {
        (Slot::Phone(1), Slot::Phone(n)) | (Slot::Sms(1), Slot::Sms(n)) => *n > 1,
        (Slot::Outcome(a, 1), Slot::Outcome(b, n)) | (Slot::CancelAsked(a, 1), Slot::CancelAsked(b, n)) => {
            a == b && *n > 1
        }
        (Slot::DebitFailure(a, 1), Slot::DebitFailure(b, n)) => a == b && *n > 1,
        (Slot::Print(kind, about, 1), Slot::Print(other_kind, other_about, n)) => {
            (kind, about) == (other_kind, other_about) && *n > 1
        }
        _ => false,
    }
}
