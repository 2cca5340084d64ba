//! Reversals: what was told in error is absent (record.md 2 B).

use talon_domain::fact::Payload;
use talon_domain::ids::EventId;

use super::anomaly::{Found, REVERSAL_MUST_HAVE_AUTHORITY, REVERSAL_MUST_NAME_A_FACT};
use super::slot::{self, Part, Slot};
use super::witness::{Witness, authority};

/// The witnesses that are left once every reversal has taken what it names. Every reversal looks at the joined
/// witnesses as they were before any of them, so that their order cannot matter.
pub(super) fn without_reversed<'a>(all: &[Witness<'a>], found: &mut Found) -> Vec<Witness<'a>> {
    let mut is_absent = vec![false; all.len()];
    for named in reversed_ids(all) {
        let place = Slot::new(slot::REVERSAL, vec![Part::Id(named.0)]);
        let (mut names_a_fact, mut has_authority) = (false, false);
        for fact in all {
            // "Reversal names a fact of B of its own stream, not a reversal."
            if fact.id() != named || matches!(fact.fact.payload, Payload::FactReversed(_)) {
                continue;
            }
            names_a_fact = true;
            for reversal in all.iter().filter(|witness| witness.slot == place) {
                // "If its authority is equal or higher it empties the slot."
                let weight = authority(reversal.fact.header.source, &fact.slot);
                if weight >= fact.authority() {
                    has_authority = true;
                    empty_slot(fact, weight, all, &mut is_absent);
                }
            }
        }
        if !names_a_fact {
            found.add(REVERSAL_MUST_NAME_A_FACT, place);
        } else if !has_authority {
            found.add(REVERSAL_MUST_HAVE_AUTHORITY, place);
        }
    }
    let mut left = Vec::new();
    for (witness, is_absent) in all.iter().zip(is_absent) {
        if !is_absent {
            left.push(witness.clone());
        }
    }
    left
}

/// "Absent, whenever they arrive, are the named fact, all witnesses of lower authority than the reversal, and those of
/// equal authority with the same content and no higher revision."
fn empty_slot(named: &Witness<'_>, weight: u8, all: &[Witness<'_>], is_absent: &mut [bool]) {
    for (place, witness) in all.iter().enumerate() {
        if witness.slot != named.slot {
            continue;
        }
        let is_lower = witness.authority() < weight;
        let says_the_same = witness.authority() == weight
            && witness.stated() == named.stated()
            && witness.revision() <= named.revision();
        if witness.id() == named.id() || is_lower || says_the_same {
            is_absent[place] = true;
        }
    }
}

fn reversed_ids(all: &[Witness<'_>]) -> Vec<EventId> {
    let mut ids = Vec::new();
    for witness in all {
        if let Payload::FactReversed(reversal) = &witness.fact.payload
            && !ids.contains(&reversal.reversed)
        {
            ids.push(reversal.reversed);
        }
    }
    ids
}
