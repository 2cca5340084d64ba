//! What was told: contradictions between witnesses, repetitions without a number, messages and papers.

use std::collections::BTreeSet;

use super::Findings;
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::fact::{Payload, Source};
use crate::slot::Slot;
use crate::state::{Print, Sms};
use crate::witness::{self, Witness};

pub(super) fn contradictions(claims: &Claims<'_>, joined: &Claims<'_>, found: &mut Findings) {
    for (slot, witnesses) in joined.iter() {
        for (a, b) in witness::contradictions(slot, witnesses) {
            found.add(code(&a, &b), slot.clone());
        }
    }
    for (slot, witnesses) in claims.iter() {
        for source in Source::ALL {
            let repeated = witness::unnumbered_repetitions(slot, witnesses, source);
            let excess = repeated > claims.numbered_siblings(slot, source);
            found.add_if(excess, Code::RepetitionMustBeNumbered, slot.clone());
        }
    }
}

fn code(a: &Witness<'_>, b: &Witness<'_>) -> Code {
    match (&a.fact.payload, &b.fact.payload) {
        (Payload::Debited(a), Payload::Debited(b)) if a.amount != b.amount => Code::DebitAmountMustAgree,
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
    for (slot, witnesses) in claims.iter() {
        let (Slot::Print(kind, about, copy), Some(shown)) = (slot, witness::winner(slot, witnesses)) else { continue };
        let counts: BTreeSet<_> = witnesses
            .iter()
            .map(|w| (w.fact.header.terminal, w.fact.header.terminal_epoch, w.fact.header.terminal_seq))
            .filter(|(_, _, seq)| seq.0 != 0)
            .collect();
        found.add_if(counts.len() > 1, Code::TicketMustBePrintedOnce, slot.clone());
        let occurred_at = shown.fact.header.occurred_at;
        prints.push(Print { kind: *kind, about: about.clone(), copy: *copy, occurred_at });
    }
    prints
}
