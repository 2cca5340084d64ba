//! What was told: contradictions between witnesses, repetitions without a number, messages and papers.

use std::collections::BTreeSet;

use super::Findings;
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::content::Field;
use crate::slot::Slot;
use crate::state::{Print, Sms};
use crate::witness::{Ranked, Witness};

pub(super) fn contradictions(claims: &Claims<'_>, found: &mut Findings) {
    for (slot, ranked) in claims.iter() {
        for field in ranked.contradictions() {
            found.add(code(slot, field), slot.clone());
        }
        let siblings = claims.told_by_siblings(slot);
        let repeats = ranked.has_unnumbered_repetition(&|source, at| siblings.contains(&(source, at)));
        found.add_if(repeats, Code::RepetitionMustBeNumbered, slot.clone());
    }
}

const fn code(slot: &Slot, field: Field) -> Code {
    match (slot, field) {
        (Slot::Debit(_) | Slot::DebitWithoutId(_), Field::Amount) => Code::DebitAmountMustAgree,
        _ => Code::WitnessesMustAgree,
    }
}

pub(super) fn sms(claims: &Claims<'_>) -> Vec<Sms> {
    let told = |(slot, shown): (&Slot, Witness<'_>)| match slot {
        Slot::Sms(number) => Some(Sms { number: *number, occurred_at: shown.fact.header.occurred_at }),
        _ => None,
    };
    claims.winners().filter_map(told).collect()
}

/// The papers; one copy that the terminal counted twice was printed twice.
pub(super) fn prints(claims: &Claims<'_>, found: &mut Findings) -> Vec<Print> {
    let mut prints = Vec::new();
    for (slot, ranked) in claims.iter() {
        let (Slot::Print(kind, about, copy), Some(shown)) = (slot, ranked.best()) else { continue };
        found.add_if(is_counted_twice(ranked), Code::TicketMustBePrintedOnce, slot.clone());
        let occurred_at = shown.fact.header.occurred_at;
        prints.push(Print { kind: *kind, about: about.clone(), copy: *copy, occurred_at });
    }
    prints
}

/// Whether witnesses name two counts, or two terminals or devices of one count; what is not named is no other.
fn is_counted_twice(ranked: &Ranked<'_>) -> bool {
    let counted = || ranked.all().iter().map(|w| &w.fact.header).filter(|header| header.terminal_seq.0 != 0);
    let counts: BTreeSet<_> = counted().map(|header| header.terminal_seq).collect();
    let terminals: BTreeSet<_> = counted().map(|header| header.terminal).filter(|terminal| terminal.0 != 0).collect();
    let epochs: BTreeSet<_> = counted().map(|header| header.terminal_epoch).filter(|epoch| epoch.0 != 0).collect();
    counts.len() > 1 || terminals.len() > 1 || epochs.len() > 1
}
