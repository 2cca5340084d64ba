//! What was told: contradictions between witnesses, repetitions without a number, messages, papers, and the story.

use std::collections::BTreeSet;

use super::Findings;
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::content::{Field, encode_shown};
use crate::fact::EmailTemplate;
use crate::ids::StreamId;
use crate::slot::{Slot, family};
use crate::state::{FilledSlot, Moment, Print, Sms, Told};
use crate::witness::{Ranked, Witness};

pub(super) fn contradictions(ranked: &Ranked<'_, '_>, claims: &Claims<'_>, found: &mut Findings) {
    if ranked.all().len() < 2 {
        return;
    }
    let slot = ranked.slot();
    for field in ranked.contradictions() {
        found.add(code(&slot, field), slot.owned());
    }
    let siblings = claims.told_by_siblings(&slot);
    let repeats = ranked.has_unnumbered_repetition(&|source, at| siblings.contains(&(source, at)));
    found.add_if(repeats, Code::RepetitionMustBeNumbered, &slot);
}

const fn code(slot: &Slot<&str>, field: Field) -> Code {
    match (slot, field) {
        (Slot::Debit(_) | Slot::DebitWithoutId(_), Field::Amount) => Code::DebitAmountMustAgree,
        _ => Code::WitnessesMustAgree,
    }
}

/// Everything that is told, for readers and the digest.
pub(crate) fn told(claims: &Claims<'_>) -> Told {
    let mut timeline: Vec<_> = claims.iter().map(|ranked| moment(&ranked)).collect();
    timeline.sort_by(|a, b| (a.occurred_at, &a.slot).cmp(&(b.occurred_at, &b.slot)));
    Told { timeline, slots: claims.iter().map(|ranked| filled(&ranked)).collect() }
}

fn moment(ranked: &Ranked<'_, '_>) -> Moment {
    let shown = ranked.best();
    Moment {
        occurred_at: shown.header().occurred_at,
        slot: ranked.slot().owned(),
        source: shown.source(),
        witnesses: ranked.all().len(),
        event_id: shown.event_id(),
    }
}

fn filled(ranked: &Ranked<'_, '_>) -> FilledSlot {
    let mut witnesses: Vec<_> = ranked.all().iter().map(Witness::event_id).collect();
    witnesses.sort_unstable();
    FilledSlot {
        slot: ranked.slot().owned(),
        winner: ranked.best().event_id(),
        source: ranked.best().source(),
        occurred_at: ranked.best().header().occurred_at,
        day: ranked.best().header().day,
        content: encode_shown(ranked.content().into_iter()),
        witnesses,
    }
}

/// Each SMS that anybody tells of, with the furthest report on it.
pub(super) fn sms(claims: &Claims<'_>) -> Vec<Sms> {
    let mut all: Vec<_> =
        claims.families(family::SMS, family::LINK_OPENED).filter_map(|ranked| one_sms(&ranked)).collect();
    all.sort_by_key(|sms| sms.number);
    all.dedup_by(|later, first| first.number == later.number && merge(first, later));
    all
}

/// What one slot tells of an SMS.
fn one_sms(ranked: &Ranked<'_, '_>) -> Option<Sms> {
    let told = |number| Sms { number, sent_at: None, delivery: None, is_opened: false };
    match ranked.slot() {
        Slot::Sms(n) => Some(Sms { sent_at: Some(ranked.best().header().occurred_at), ..told(n) }),
        Slot::SmsDelivery(n, status) => Some(Sms { delivery: Some(status), ..told(n) }),
        Slot::LinkOpened(n) => Some(Sms { is_opened: true, ..told(n) }),
        _ => None,
    }
}

fn merge(first: &mut Sms, later: &Sms) -> bool {
    first.sent_at = first.sent_at.or(later.sent_at);
    first.delivery = first.delivery.max(later.delivery);
    first.is_opened |= later.is_opened;
    true
}

pub(super) fn emails(claims: &Claims<'_>) -> Vec<(EmailTemplate, u32)> {
    let told = claims.families(family::EMAIL, family::EMAIL);
    let email = |ranked: Ranked<'_, '_>| match ranked.slot() {
        Slot::Email(template, number) => Some((template, number)),
        _ => None,
    };
    told.filter_map(email).collect()
}

pub(super) fn replaces(claims: &Claims<'_>) -> Vec<StreamId> {
    let told = claims.families(family::REPLACES, family::REPLACES);
    let replaced = |ranked: Ranked<'_, '_>| match ranked.slot() {
        Slot::Replaces(stream) => Some(stream),
        _ => None,
    };
    told.filter_map(replaced).collect()
}

pub(super) fn cards_replaced(claims: &Claims<'_>) -> u32 {
    let told = claims.families(family::CARD_REPLACED, family::CARD_REPLACED);
    u32::try_from(told.count()).unwrap_or(u32::MAX)
}

/// The papers; one copy that the terminal counted twice was printed twice.
pub(super) fn prints(claims: &Claims<'_>, found: &mut Findings) -> Vec<Print> {
    let mut prints = Vec::new();
    for ranked in claims.families(family::PRINT, family::PRINT) {
        let Slot::Print(kind, about, copy) = ranked.slot() else { continue };
        found.add_if(is_counted_twice(&ranked), Code::TicketMustBePrintedOnce, &ranked.slot());
        let occurred_at = ranked.best().header().occurred_at;
        prints.push(Print { kind, about: about.into(), copy, occurred_at });
    }
    prints
}

/// Whether witnesses name two counts, or two terminals or devices of one count; what is not named is no other.
fn is_counted_twice(ranked: &Ranked<'_, '_>) -> bool {
    if ranked.all().len() < 2 {
        return false;
    }
    let counted = || ranked.all().iter().map(Witness::header).filter(|header| header.terminal_seq.0 != 0);
    let counts: BTreeSet<_> = counted().map(|header| header.terminal_seq).collect();
    let terminals: BTreeSet<_> = counted().map(|header| header.terminal).filter(|terminal| terminal.0 != 0).collect();
    let epochs: BTreeSet<_> = counted().map(|header| header.terminal_epoch).filter(|epoch| epoch.0 != 0).collect();
    counts.len() > 1 || terminals.len() > 1 || epochs.len() > 1
}
