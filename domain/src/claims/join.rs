//! Joins: two slots that tell of one thing become one. What was told without the provider's id is a further witness of
//! what was told with it. Invariants:
//! - a join reads the whole set, never an order of arrival
//! - what cannot be joined counts alone, so that no money is lost
//!
//! This module moves witnesses between slots; it drops none.

use std::collections::{BTreeMap, BTreeSet};

use super::{Claims, slots};
use crate::content::Field;
use crate::fact::Payload;
use crate::money::Money;
use crate::slot::{Slot, family};
use crate::witness::{Ranked, Witness};

/// Renames the slots of nameless tellings; whether any was.
pub(super) fn joins(claims: &mut Claims<'_>) -> bool {
    let mut renamed = Renamed::new();
    acceptance(claims, &mut renamed);
    debits(claims, &mut renamed);
    refunds(claims, &mut renamed);
    if renamed.is_empty() {
        return false;
    }
    for witness in &mut claims.all {
        if let Some(name) = renamed.get(&witness.slot) {
            witness.rename(*name);
        }
    }
    true
}

type Renamed<'a> = BTreeMap<Slot<&'a str>, Slot<&'a str>>;

/// An acceptance without a payment id witnesses the smallest one.
fn acceptance<'a>(claims: &Claims<'a>, renamed: &mut Renamed<'a>) {
    let mut names = claims.families(family::ACCEPTANCE, family::ACCEPTANCE).map(|ranked| ranked.slot());
    if let (Some(nameless @ Slot::Acceptance("")), Some(smallest)) = (names.next(), names.next()) {
        renamed.insert(nameless, smallest);
    }
}

/// The debits that were told with an id, by instalment: which ids, in which amounts, of which payment.
type Named<'a> = BTreeMap<u32, BTreeMap<&'a str, (Money, Option<&'a str>)>>;

fn debits<'a>(claims: &Claims<'a>, renamed: &mut Renamed<'a>) {
    let nameless = claims.of_families(family::DEBIT_WITHOUT_ID, family::DEBIT_WITHOUT_ID);
    if nameless.is_empty() {
        return;
    }
    let named = named_debits(claims.of_families(family::DEBIT, family::DEBIT));
    for ranked in slots(nameless) {
        if let Some(id) = debit_id_of(&ranked, &named) {
            renamed.insert(ranked.slot(), Slot::Debit(id));
        }
    }
}

/// An id belongs to every instalment that one of its witnesses names.
fn named_debits<'a>(debits: &[Witness<'a>]) -> Named<'a> {
    let mut named = Named::new();
    for ranked in slots(debits) {
        let (Slot::Debit(id), Payload::Debited(shown)) = (ranked.slot(), ranked.best().payload()) else { continue };
        let payment = ranked.text(Field::PaymentId);
        for witness in ranked.all() {
            if let Payload::Debited(debit) = witness.payload() {
                named.entry(debit.instalment).or_default().insert(id, (shown.amount, payment));
            }
        }
    }
    named
}

/// The id that a debit without one belongs to: the smallest of its instalment and amount, else of its instalment; never
/// one that is stated for another payment.
fn debit_id_of<'a>(ranked: &Ranked<'_, 'a>, named: &Named<'a>) -> Option<&'a str> {
    let Payload::Debited(nameless) = ranked.best().payload() else { return None };
    let mine = ranked.text(Field::PaymentId);
    let same_payment = |payment: Option<&str>| payment.zip(mine).is_none_or(|(a, b)| a == b);
    let candidates = || named.get(&nameless.instalment).into_iter().flatten().filter(|(_, of)| same_payment(of.1));
    let of_amount = candidates().find(|(_, (amount, _))| *amount == nameless.amount);
    of_amount.or_else(|| candidates().next()).map(|(id, _)| *id)
}

/// A refund without an id witnesses the one that is tied to its request, else the smallest untied one of its amount.
fn refunds<'a>(claims: &Claims<'a>, renamed: &mut Renamed<'a>) {
    let nameless = claims.of_families(family::REFUND_WITHOUT_ID, family::REFUND_WITHOUT_ID);
    if nameless.is_empty() {
        return;
    }
    let named = claims.of_families(family::REFUND, family::REFUND);
    let ties = ties(claims.of_families(family::REFUND_REQUEST, family::REFUND));
    let tied: BTreeSet<_> = ties.iter().map(|(_, refund)| *refund).collect();
    let untied = untied(named, &tied);
    for ranked in slots(nameless) {
        let Slot::RefundWithoutId(request, _) = ranked.slot() else { continue };
        let of_request = ties.range((request, "")..).next().filter(|tie| tie.0 == request).map(|tie| tie.1);
        let amount = ranked.first(|witness| amount(witness));
        if let Some(id) = of_request.or_else(|| untied.get(&amount?).copied()) {
            renamed.insert(ranked.slot(), Slot::Refund(id));
        }
    }
}

/// Requests and the refunds that answer them, as some fact names both.
fn ties<'a>(requests_and_refunds: &[Witness<'a>]) -> BTreeSet<(&'a str, &'a str)> {
    let tie = |witness: &Witness<'a>| match witness.payload() {
        Payload::RefundRequested(p) => Some((&*p.request_id, p.refund_id.as_deref()?)),
        Payload::Refunded(p) => Some((p.request_id.as_deref()?, p.refund_id.as_deref()?)),
        _ => None,
    };
    requests_and_refunds.iter().filter_map(tie).collect()
}

/// The smallest refund of each amount that answers no request.
fn untied<'a>(named: &[Witness<'a>], tied: &BTreeSet<&'a str>) -> BTreeMap<Money, &'a str> {
    let mut smallest = BTreeMap::new();
    for ranked in slots(named) {
        let Slot::Refund(id) = ranked.slot() else { continue };
        if let Some(amount) = ranked.first(|witness| amount(witness)).filter(|_| !tied.contains(id)) {
            smallest.entry(amount).or_insert(id);
        }
    }
    smallest
}

const fn amount(witness: &Witness<'_>) -> Option<Money> {
    match witness.payload() {
        Payload::Refunded(refund) => refund.amount,
        _ => None,
    }
}
