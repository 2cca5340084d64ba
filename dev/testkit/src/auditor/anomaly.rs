//! Anomalies: rules that are not kept, each with its code's number and the slot where it was found; and those that need
//! nothing but the witnesses of one slot.

use talon_domain::fact::Source;
use talon_domain::time::Instant;

use super::content::{self, Stated};
use super::slot::{self, Part, Slot};
use super::witness::{Told, Witness};

pub(super) const EVENT_ID_MUST_NAME_ONE_CONTENT: u16 = 101;
pub(super) const CLOCK_SHOULD_BE_RIGHT: u16 = 102;
pub(super) const WITNESSES_MUST_AGREE: u16 = 201;
pub(super) const REPETITION_MUST_BE_NUMBERED: u16 = 202;
pub(super) const PAYMENT_MUST_BE_KNOWN: u16 = 301;
pub(super) const INITIATION_MUST_BE_KNOWN: u16 = 302;
pub(super) const TERMINAL_SHOULD_BE_NAMED: u16 = 303;
pub(super) const SALE_AMOUNT_MUST_AGREE: u16 = 304;
pub(super) const CURRENCY_MUST_AGREE: u16 = 305;
pub(super) const SCHEDULE_MUST_BE_KNOWN: u16 = 311;
pub(super) const PLAN_SHOULD_COME_FROM_PROVIDER: u16 = 312;
pub(super) const DUE_DATES_MUST_INCREASE: u16 = 313;
pub(super) const PLAN_COST_MUST_ADD_UP: u16 = 314;
pub(super) const INSTALMENT_NUMBERS_MUST_DIFFER: u16 = 315;
pub(super) const CREDIT_PLAN_MUST_BE_AN_ANNUITY: u16 = 316;
pub(super) const INSTALMENT_MUST_BE_IN_PLAN: u16 = 321;
pub(super) const DEBIT_AMOUNT_MUST_MATCH_PLAN: u16 = 322;
pub(super) const DEBIT_AMOUNT_MUST_AGREE: u16 = 323;
pub(super) const INSTALMENT_MUST_BE_DEBITED_ONCE: u16 = 324;
pub(super) const PAYMENT_MUST_BE_ACCEPTED_ONCE: u16 = 401;
pub(super) const ATTEMPT_MUST_HAVE_ONE_OUTCOME: u16 = 402;
pub(super) const REFUSED_PAYMENT_MUST_NOT_BE_DEBITED: u16 = 403;
pub(super) const CANCELLED_PAYMENT_MUST_NOT_BE_DEBITED: u16 = 404;
pub(super) const SUCCESS_SHOULD_PRECEDE_EXPIRY: u16 = 405;
pub(super) const ASKED_CANCELLATION_MUST_BE_SETTLED: u16 = 406;
pub(super) const TICKET_MUST_BE_PRINTED_ONCE: u16 = 501;
pub(super) const MONEY_BACK_MUST_NOT_EXCEED_SALE: u16 = 601;
pub(super) const REFUND_MUST_BE_THE_SUM_OF_ITS_PARTS: u16 = 602;
pub(super) const REFUND_SPLIT_MUST_BE_KNOWN: u16 = 603;
pub(super) const REFUND_MUST_FOLLOW_ACCEPTANCE: u16 = 604;
pub(super) const CHARGEBACK_AMOUNT_MUST_BE_KNOWN: u16 = 605;
pub(super) const REVERSAL_MUST_NAME_A_FACT: u16 = 701;
pub(super) const REVERSAL_MUST_HAVE_AUTHORITY: u16 = 702;
pub(super) const BULK_MUST_BE_COMPLETE: u16 = 801;

/// "Anomalies are identified by (stream, code, slot)": each pair of code and slot once, in the order of codes and
/// slots.
#[derive(Debug, Default)]
pub(super) struct Found(Vec<(u16, Slot)>);

impl Found {
    pub(super) fn add(&mut self, code: u16, slot: Slot) {
        if !self.0.contains(&(code, slot.clone())) {
            self.0.push((code, slot));
        }
    }

    pub(super) fn in_order(mut self) -> Vec<(u16, Slot)> {
        self.0.sort();
        self.0
    }
}

/// Contradictions and repetitions of every slot.
pub(super) fn between_witnesses(told: &[Told<'_>], found: &mut Found) {
    for one in told {
        for field in one.contradicted_fields() {
            // Two amounts of one debit have a code of their own.
            let is_debit = one.slot.family == slot::DEBIT || one.slot.family == slot::DEBIT_WITHOUT_ID;
            let code =
                if is_debit && field == content::AMOUNT { DEBIT_AMOUNT_MUST_AGREE } else { WITNESSES_MUST_AGREE };
            found.add(code, one.slot.clone());
        }
        if is_repeated_without_number(one, told) {
            found.add(REPETITION_MUST_BE_NUMBERED, one.slot.clone());
        }
        if one.slot.family == slot::PRINT && is_counted_twice(one) {
            found.add(TICKET_MUST_BE_PRINTED_ONCE, one.slot.clone());
        }
    }
}

/// "An unnumbered fact of the same source, slot and content but another `occurred_at` raises
/// `repetition_must_be_numbered` (transient)"; it clears with "the same fact with its number stated". A telling of a
/// higher revision is a correction, and no repetition.
fn is_repeated_without_number(one: &Told<'_>, told: &[Told<'_>]) -> bool {
    for first in &one.witnesses {
        for other in &one.witnesses {
            let same = first.fact.header.source == other.fact.header.source
                && first.revision() == other.revision()
                && first.stated() == other.stated();
            let (at, other_at) = (first.fact.header.occurred_at, other.fact.header.occurred_at);
            if !same || at == other_at || first.is_numbered {
                continue;
            }
            // Two moments, at least one told without a number: are both still unexplained?
            let source = first.fact.header.source;
            if !is_told_under_another_number(one, source, at, told)
                && !is_told_under_another_number(one, source, other_at, told)
            {
                return true;
            }
        }
    }
    false
}

/// Whether a source tells, under a further number of the same slot, of this very moment.
fn is_told_under_another_number(one: &Told<'_>, source: Source, at: Instant, told: &[Told<'_>]) -> bool {
    let Some(place) = place_of_number(&one.slot) else { return false };
    if one.slot.number(place) != 1 {
        return false;
    }
    for sibling in told {
        let mut renumbered = sibling.slot.clone();
        if sibling.slot == one.slot || place_of_number(&renumbered) != Some(place) {
            continue;
        }
        renumbered.key[place] = Part::Number(1);
        if renumbered != one.slot {
            continue;
        }
        for witness in &sibling.witnesses {
            if witness.fact.header.source == source && witness.fact.header.occurred_at == at {
                return true;
            }
        }
    }
    false
}

/// Where the number (n, attempt, copy, round) stands in a slot's key.
const fn place_of_number(slot: &Slot) -> Option<usize> {
    match slot.family {
        slot::PHONE | slot::SMS | slot::SMS_DELIVERY | slot::LINK_OPENED | slot::CARD_REPLACED => Some(0),
        slot::OUTCOME | slot::CANCEL_ASKED | slot::DEBIT_FAILURE | slot::EMAIL | slot::CHARGEBACK => Some(1),
        slot::PRINT => Some(2),
        _ => None,
    }
}

/// "One copy told under two `terminal_seq` raises `ticket_must_be_printed_once`." A terminal's sequence is that of one
/// device, so two terminals or two epochs are two counts as well; what is not named is no other.
fn is_counted_twice(print: &Told<'_>) -> bool {
    for first in &print.witnesses {
        for other in &print.witnesses {
            let (a, b) = (&first.fact.header, &other.fact.header);
            if a.terminal_seq.0 == 0 || b.terminal_seq.0 == 0 {
                continue;
            }
            let differ = |a: u32, b: u32| a != 0 && b != 0 && a != b;
            if differ(a.terminal_seq.0, b.terminal_seq.0)
                || differ(a.terminal.0, b.terminal.0)
                || differ(a.terminal_epoch.0.into(), b.terminal_epoch.0.into())
            {
                return true;
            }
        }
    }
    false
}

/// What all witnesses of a stream say of who finances it, where, and on which terminal.
pub(super) fn states_provider(witness: &Witness<'_>) -> Option<String> {
    for Stated { field, value } in witness.stated() {
        if field == content::PROVIDER {
            return Some(content::as_text(&value));
        }
    }
    None
}
