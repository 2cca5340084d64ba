//! Debits: money that was taken, each once, and whether it counts.
//!
//! A debit id is one thing; its instalment is content. Of several ids of one instalment the smallest is collected and
//! the others are held; so is every debit of a second acceptance, and all money of a payment of which nothing else is
//! known. Held money is never lost: it is shown, coded, and part of what was debited.

use std::collections::BTreeSet;

use super::{Findings, outcome, plan};
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::fact::{Debited, Payload};
use crate::slot::{Slot, family};
use crate::state::{AgreedPlan, Debit, Standing};
use crate::witness::Ranked;

impl Debit {
    /// The slot that it claims.
    pub fn slot(&self) -> Slot {
        self.debit_id.clone().map_or(Slot::DebitWithoutId(self.instalment), Slot::Debit)
    }
}

pub(super) fn judge(
    claims: &Claims<'_>,
    acceptance: Option<&outcome::Accepted<'_>>,
    is_known: bool,
    found: &mut Findings,
) -> Vec<Debit> {
    let (mut told, mut collected) = (Seen::default(), Seen::default());
    let mut debits = Vec::new();
    for ranked in claims.families(family::DEBIT, family::DEBIT_WITHOUT_ID) {
        let (slot, Payload::Debited(payload)) = (ranked.slot(), ranked.best().payload()) else { continue };
        // Once told twice, always told twice: which of them counts may still change.
        let again = !told.insert(payload.instalment);
        found.add_if(again, Code::InstalmentMustBeDebitedOnce, &Slot::DebitWithoutId(payload.instalment));
        let is_other = acceptance.is_some_and(|accepted| accepted.is_other(payment_id(&ranked), found));
        let standing = if is_other || !collected.insert(payload.instalment) {
            Standing::Suspense
        } else if is_known {
            Standing::Counts
        } else {
            Standing::Suspense
        };
        found.add_if(!is_known, Code::PaymentMustBeKnown, &slot);
        debits.push(debit(&ranked, payload, standing));
    }
    debits
}

/// Instalments that were met. Most payments have one debit on their day, and a first one takes no memory.
#[derive(Default)]
struct Seen {
    first: Option<u32>,
    further: BTreeSet<u32>,
}

impl Seen {
    /// Whether it is met for the first time.
    fn insert(&mut self, instalment: u32) -> bool {
        match self.first {
            None => self.first.replace(instalment).is_none(),
            Some(first) => first != instalment && self.further.insert(instalment),
        }
    }
}

/// The provider's id of the payment, as it is shown.
fn payment_id<'a>(ranked: &Ranked<'_, 'a>) -> Option<&'a str> {
    ranked.first(|witness| match witness.payload() {
        Payload::Debited(debit) => debit.payment_id.as_deref(),
        _ => None,
    })
}

fn debit(ranked: &Ranked<'_, '_>, payload: &Debited, standing: Standing) -> Debit {
    let told = ranked.first(|witness| match witness.payload() {
        Payload::Debited(debit) => debit.debit_id.clone(),
        _ => None,
    });
    let debit_id = match ranked.slot() {
        Slot::Debit(id) => told.or_else(|| Some(id.into())),
        _ => None,
    };
    let header = ranked.best().header();
    Debit {
        debit_id,
        instalment: payload.instalment,
        money: payload.amount,
        occurred_at: header.occurred_at,
        day: header.day,
        standing,
    }
}

/// Holds what counts against the plan in force; an amount may be that of an earlier version, since a refund can shrink
/// what was paid already.
pub(super) fn against_plan(debits: &[Debit], plan: Option<&AgreedPlan>, claims: &Claims<'_>, found: &mut Findings) {
    for debit in debits.iter().filter(|debit| debit.standing == Standing::Counts) {
        let Some(agreed) = plan else {
            found.add(Code::ScheduleMustBeKnown, Slot::Plan(1));
            continue;
        };
        let Some(state) = agreed.instalments.iter().find(|state| state.entry.number == debit.instalment) else {
            found.add(Code::InstalmentMustBeInPlan, debit.slot());
            continue;
        };
        let planned = (state.entry.currency, state.entry.total_amount);
        let agrees = (debit.money.currency, debit.money.amount) == planned;
        if !agrees && !plan::ever_asked(claims, agreed, debit) {
            found.add(Code::DebitAmountMustMatchPlan, debit.slot());
        }
    }
}
