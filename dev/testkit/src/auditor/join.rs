//! Joins: what was told without the provider's id is a further witness of what was told with it. "Joins are computed as
//! if nothing were reversed", and "move whole slots, once, before anything is judged" (docs/decisions/0007).

use talon_domain::fact::Payload;

use super::content;
use super::slot::{self, Slot};
use super::witness::{Told, Witness, by_slot};

/// Gives every nameless slot the name of the slot that it belongs to.
pub(super) fn join<'a>(all: &[Witness<'a>]) -> Vec<Witness<'a>> {
    let told = by_slot(all.to_vec());
    let mut joined = all.to_vec();
    for nameless in &told {
        let name = match nameless.slot.family {
            slot::ACCEPTANCE if nameless.slot.text(0).is_empty() => smallest_acceptance(&told),
            slot::DEBIT_WITHOUT_ID => debit_of(nameless, &told),
            slot::REFUND_WITHOUT_ID => refund_of(nameless, &told),
            _ => None,
        };
        let Some(name) = name else { continue };
        for witness in &mut joined {
            if witness.slot == nameless.slot {
                witness.slot = name.clone();
            }
        }
    }
    joined
}

/// "Acceptance without `payment_id` is a witness of the smallest `payment_id`."
fn smallest_acceptance(told: &[Told<'_>]) -> Option<Slot> {
    // Slots come in their order, so that the first with a name has the smallest.
    for other in told {
        if other.slot.family == slot::ACCEPTANCE && !other.slot.text(0).is_empty() {
            return Some(other.slot.clone());
        }
    }
    None
}

/// "The winner of an instalment's debits without id is a further witness of the smallest `debit_id` of its amount, else
/// of the smallest `debit_id` of that instalment." "A debit without an id is never joined to one that is stated for
/// another payment, and an id belongs to every instalment that one of its witnesses names."
fn debit_of(nameless: &Told<'_>, told: &[Told<'_>]) -> Option<Slot> {
    let instalment = nameless.slot.number(0);
    let amount = nameless.shown_money(content::AMOUNT);
    let payment = nameless.shown_text(content::PAYMENT_ID);
    let mut of_the_instalment = None;
    for other in told {
        if other.slot.family != slot::DEBIT || !names_instalment(other, instalment) {
            continue;
        }
        let other_payment = other.shown_text(content::PAYMENT_ID);
        if payment.is_some() && other_payment.is_some() && payment != other_payment {
            continue;
        }
        if other.shown_money(content::AMOUNT) == amount {
            return Some(other.slot.clone());
        }
        if of_the_instalment.is_none() {
            of_the_instalment = Some(other.slot.clone());
        }
    }
    of_the_instalment
}

fn names_instalment(told: &Told<'_>, instalment: u32) -> bool {
    for witness in &told.witnesses {
        if let Payload::Debited(debit) = &witness.fact.payload
            && debit.instalment == instalment
        {
            return true;
        }
    }
    false
}

/// "A fact with `request_id` and `refund_id` ties the two; a completion without `refund_id` is a witness of the
/// `refund_id` tied to its request, else of the smallest untied `refund_id` of its amount, else it counts alone."
fn refund_of(nameless: &Told<'_>, told: &[Told<'_>]) -> Option<Slot> {
    let ties = ties(told);
    let request = nameless.slot.text(0);
    let mut tied: Option<&String> = None;
    for (of_request, refund) in &ties {
        if of_request == request && tied.is_none_or(|smallest| refund < smallest) {
            tied = Some(refund);
        }
    }
    if let Some(refund) = tied {
        return Some(Slot::of_text(slot::REFUND, refund));
    }
    let amount = nameless.shown_money(content::AMOUNT)?;
    for other in told {
        if other.slot.family != slot::REFUND || ties.iter().any(|(_, refund)| refund == other.slot.text(0)) {
            continue;
        }
        if other.shown_money(content::AMOUNT) == Some(amount) {
            return Some(other.slot.clone());
        }
    }
    None
}

/// Each request with each refund that some fact names together with it.
fn ties(told: &[Told<'_>]) -> Vec<(String, String)> {
    let mut ties = Vec::new();
    for witness in told.iter().flat_map(|told| &told.witnesses) {
        let (request, refund) = match &witness.fact.payload {
            Payload::RefundRequested(p) => (Some(&p.request_id), p.refund_id.as_ref()),
            Payload::Refunded(p) => (p.request_id.as_ref(), p.refund_id.as_ref()),
            _ => (None, None),
        };
        if let (Some(request), Some(refund)) = (request, refund) {
            ties.push((request.to_string(), refund.to_string()));
        }
    }
    ties
}
