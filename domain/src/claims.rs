//! The claims of one stream: every slot with its witnesses, joined.
//!
//! A join says that two slots tell of one thing: an acceptance or a debit that was told without the provider's id is a
//! further witness of one that was told with it. Joins are computed from the whole set, so arrival order cannot matter,
//! and once, so that every judge sees the same slots.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included};

use crate::fact::{Debited, Fact, Payload, Source, Text};
use crate::money::Money;
use crate::slot::{Claim, Slot, claims};
use crate::time::Instant;
use crate::witness::{Ranked, Witness};

/// Slots and their witnesses, best first.
#[derive(Debug, Default)]
pub(crate) struct Claims<'a>(BTreeMap<Slot, Ranked<'a>>);

type Raw<'a> = BTreeMap<Slot, Vec<Witness<'a>>>;

impl<'a> Claims<'a> {
    /// The claims of facts, which come in the order of their event ids.
    pub(crate) fn of(facts: impl Iterator<Item = &'a Fact>) -> Self {
        let mut raw = Raw::new();
        for fact in facts {
            for Claim { slot, is_numbered } in claims(fact) {
                push(&mut raw, slot, Witness { fact, is_numbered });
            }
        }
        join_acceptance(&mut raw);
        join_debits(&mut raw);
        Self(raw.into_iter().filter_map(|(slot, all)| Ranked::new(&slot, all).map(|ranked| (slot, ranked))).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Slot, &Ranked<'a>)> {
        self.0.iter()
    }

    pub(crate) fn get(&self, slot: &Slot) -> Option<&Ranked<'a>> {
        self.0.get(slot)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each slot with whose word is shown.
    pub(crate) fn winners(&self) -> impl Iterator<Item = (&Slot, Witness<'a>)> {
        self.iter().filter_map(|(slot, ranked)| ranked.best().map(|shown| (slot, shown)))
    }

    /// What a source tells under further numbers of a slot: (whose mouth, when).
    pub(crate) fn told_by_siblings(&self, slot: &Slot) -> BTreeSet<(Source, Instant)> {
        let Some(last) = slot.last_sibling() else { return BTreeSet::new() };
        let siblings = self.0.range((Excluded(slot.clone()), Included(last)));
        let witnesses = siblings.flat_map(|(_, ranked)| ranked.all());
        witnesses.map(|witness| (witness.source(), witness.fact.header.occurred_at)).collect()
    }
}

/// Facts come in the order of event ids, so a fact that claims a slot twice follows itself.
fn push<'a>(raw: &mut Raw<'a>, slot: Slot, witness: Witness<'a>) {
    let witnesses = raw.entry(slot).or_default();
    if witnesses.last().is_none_or(|last| last.event_id() != witness.event_id()) {
        witnesses.push(witness);
    }
}

fn join_acceptance(raw: &mut Raw<'_>) {
    let nameless = Slot::Acceptance(Text::default());
    let named = |slot: &&Slot| matches!(slot, Slot::Acceptance(id) if !id.is_empty());
    let Some(smallest) = raw.keys().find(named).cloned() else { return };
    if let Some(witnesses) = raw.remove(&nameless) {
        raw.entry(smallest).or_default().extend(witnesses);
    }
}

/// The debits that were told with an id, by instalment: which ids, in which amounts, of which payment.
type Named<'a> = BTreeMap<u32, BTreeMap<Text, (Money, Option<&'a str>)>>;

fn join_debits(raw: &mut Raw<'_>) {
    let named = named_debits(raw);
    let nameless: Vec<Slot> = raw.keys().filter(|slot| matches!(slot, Slot::DebitWithoutId(_))).cloned().collect();
    for slot in nameless {
        let best = raw.get(&slot).and_then(|all| Ranked::new(&slot, all.clone())).and_then(|ranked| ranked.best());
        let Some(Payload::Debited(debit)) = best.map(|best| &best.fact.payload) else { continue };
        if let Some(id) = debit_id_of(debit, &named)
            && let Some(witnesses) = raw.remove(&slot)
        {
            raw.entry(Slot::Debit(id)).or_default().extend(witnesses);
        }
    }
}

/// An id belongs to every instalment that one of its witnesses names.
fn named_debits<'a>(raw: &Raw<'a>) -> Named<'a> {
    let mut named = Named::new();
    for (slot, witnesses) in raw {
        let (Slot::Debit(id), Some(ranked)) = (slot, Ranked::new(slot, witnesses.clone())) else { continue };
        let Some(Payload::Debited(shown)) = ranked.best().map(|best| &best.fact.payload) else { continue };
        let payment = ranked.text(crate::content::Field::PaymentId);
        for witness in ranked.all() {
            if let Payload::Debited(debit) = &witness.fact.payload {
                named.entry(debit.instalment).or_default().insert(id.clone(), (shown.amount, payment));
            }
        }
    }
    named
}

/// The id that a debit without one belongs to: the smallest of its instalment and amount, else of its instalment; never
/// one that is stated for another payment.
fn debit_id_of(nameless: &Debited, named: &Named<'_>) -> Option<Text> {
    let same_payment = |payment: Option<&str>| payment.zip(nameless.payment_id.as_deref()).is_none_or(|(a, b)| a == b);
    let candidates = || named.get(&nameless.instalment).into_iter().flatten().filter(|(_, of)| same_payment(of.1));
    let of_amount = candidates().find(|(_, (amount, _))| *amount == nameless.amount);
    of_amount.or_else(|| candidates().next()).map(|(id, _)| id.clone())
}
