//! Debits: each once, and whether it counts.

use talon_domain::fact::Payload;
use talon_domain::money::Money;
use talon_domain::time::Day;

use super::anomaly::{
    DEBIT_AMOUNT_MUST_MATCH_PLAN, Found, INSTALMENT_MUST_BE_DEBITED_ONCE, INSTALMENT_MUST_BE_IN_PLAN,
    PAYMENT_MUST_BE_KNOWN, SCHEDULE_MUST_BE_KNOWN,
};
use super::content;
use super::outcome::Acceptance;
use super::plan::{PlanInForce, asked, ever_asked};
use super::slot::{self, Slot};
use super::witness::Told;

/// Whether money counts, as a row says it.
pub(super) const COUNTS_NOTHING: u8 = 0;
pub(super) const COUNTS: u8 = 1;
pub(super) const HELD: u8 = 2;

#[derive(Clone, Debug)]
pub(super) struct Debit {
    pub(super) slot: Slot,
    pub(super) instalment: u32,
    pub(super) money: Money,
    pub(super) day: Day,
    pub(super) authority: u8,
    pub(super) standing: u8,
}

/// Every debit, in the order of slots.
pub(super) fn debits(
    told: &[Told<'_>],
    acceptance: Option<&Acceptance>,
    is_known: bool,
    found: &mut Found,
) -> Vec<Debit> {
    let mut debits: Vec<Debit> = Vec::new();
    // Instalments of which one debit is not of another payment: it is collected, or held with the whole payment.
    let mut taken = Vec::new();
    for one in told {
        let Payload::Debited(shown) = &one.winner().fact.payload else { continue };
        let instalment = shown.instalment;
        if debits.iter().any(|debit| debit.instalment == instalment) {
            found.add(INSTALMENT_MUST_BE_DEBITED_ONCE, Slot::of_number(slot::DEBIT_WITHOUT_ID, instalment));
        }
        let payment = one.shown_text(content::PAYMENT_ID);
        let is_other = acceptance.is_some_and(|accepted| accepted.is_other(payment.as_deref(), found));
        let standing = if is_other {
            // "Debits of the others are in suspense."
            HELD
        } else if taken.contains(&instalment) {
            // "Of several ids of one instalment the smallest is collected, the others are in suspense."
            HELD
        } else if is_known {
            COUNTS
        } else {
            // "Standing is unknown (suspense) while the stream has neither initiation, acceptance nor plan."
            HELD
        };
        // "Of an unknown payment every debit is said to be one, not only the first" (docs/decisions/0010).
        if !is_known {
            found.add(PAYMENT_MUST_BE_KNOWN, one.slot.clone());
        }
        if !is_other {
            taken.push(instalment);
        }
        debits.push(Debit {
            slot: one.slot.clone(),
            instalment,
            money: shown.amount,
            day: one.winner().fact.header.day,
            authority: one.winner().authority(),
            standing,
        });
    }
    debits
}

/// Holds what counts against the plan in force; an earlier version of the same mouth may have asked for the amount, since
/// a refund can shrink what was paid already.
pub(super) fn against_plan(debits: &[Debit], plan: Option<&PlanInForce<'_>>, told: &[Told<'_>], found: &mut Found) {
    for debit in debits.iter().filter(|debit| debit.standing == COUNTS) {
        let Some(plan) = plan else {
            found.add(SCHEDULE_MUST_BE_KNOWN, Slot::of_number(slot::PLAN, 1));
            continue;
        };
        match plan.entries.iter().find(|entry| entry.number == debit.instalment) {
            None => found.add(INSTALMENT_MUST_BE_IN_PLAN, debit.slot.clone()),
            Some(entry) if asked(entry) != debit.money && !ever_asked(told, plan, debit.instalment, debit.money) => {
                found.add(DEBIT_AMOUNT_MUST_MATCH_PLAN, debit.slot.clone());
            }
            Some(_) => {}
        }
    }
}

/// The first debit that counts; it stands for an acceptance while there is none.
pub(super) fn first_counting(debits: &[Debit]) -> Option<&Debit> {
    debits.iter().find(|debit| debit.standing == COUNTS)
}

/// The day of the counting debit of the lowest instalment.
pub(super) fn day_of_lowest(debits: &[Debit]) -> Option<Day> {
    let mut lowest: Option<&Debit> = None;
    for debit in debits.iter().filter(|debit| debit.standing == COUNTS) {
        if lowest.is_none_or(|lowest| debit.instalment < lowest.instalment) {
            lowest = Some(debit);
        }
    }
    lowest.map(|debit| debit.day)
}
