//! How a payment ended: acceptance, cancellation, and the ends short of it.

use talon_domain::money::Money;
use talon_domain::time::Day;

use super::anomaly::{
    ASKED_CANCELLATION_MUST_BE_SETTLED, ATTEMPT_MUST_HAVE_ONE_OUTCOME, CANCELLED_PAYMENT_MUST_NOT_BE_DEBITED, Found,
    PAYMENT_MUST_BE_ACCEPTED_ONCE, REFUSED_PAYMENT_MUST_NOT_BE_DEBITED, SUCCESS_SHOULD_PRECEDE_EXPIRY,
};
use super::content;
use super::debit::{Debit, first_counting};
use super::slot::{self, CANCELLED, EXPIRED, Part, REFUSED, Slot, TIMED_OUT, UNKNOWN};
use super::witness::Told;

pub(super) const COLLECTED: u8 = 1;
pub(super) const STATUS_CANCELLED: u8 = 2;

/// The acceptance that gives the sale.
#[derive(Clone, Debug)]
pub(super) struct Acceptance {
    pub(super) amount: Option<Money>,
    pub(super) attempt: u32,
    pub(super) authority: u8,
    pub(super) day: Day,
    /// Its payment id; empty where nobody states one.
    pub(super) id: String,
}

impl Acceptance {
    /// "Money that names a payment which was not accepted is held there too" (docs/decisions/0010): the slot is the same
    /// whichever acceptance gives the sale.
    pub(super) fn is_other(&self, payment: Option<&str>, found: &mut Found) -> bool {
        let is_other = !self.id.is_empty() && payment.is_some_and(|payment| payment != self.id);
        if is_other {
            found.add(PAYMENT_MUST_BE_ACCEPTED_ONCE, Slot::of_text(slot::ACCEPTANCE, ""));
        }
        is_other
    }
}

/// "Of several `payment_ids` highest authority, then the smallest gives the sale."
pub(super) fn acceptance(told: &[Told<'_>], found: &mut Found) -> Option<Acceptance> {
    let accepted: Vec<&Told<'_>> = told.iter().filter(|told| told.slot.family == slot::ACCEPTANCE).collect();
    let mut best: Option<&Told<'_>> = None;
    for one in &accepted {
        // They come with the smallest id first, so that only a higher authority goes before.
        if best.is_none_or(|best| one.winner().authority() > best.winner().authority()) {
            best = Some(one);
        }
    }
    let best = best?;
    if accepted.len() > 1 {
        found.add(PAYMENT_MUST_BE_ACCEPTED_ONCE, Slot::of_text(slot::ACCEPTANCE, ""));
    }
    Some(Acceptance {
        amount: best.shown_money(content::AMOUNT),
        attempt: best.shown_number(content::ATTEMPT).map_or(1, |attempt| u32::try_from(attempt).expect("a u32")),
        authority: best.winner().authority(),
        day: best.winner().fact.header.day,
        id: best.slot.text(0).to_owned(),
    })
}

/// What judges an end: whether the payment succeeded, at which attempt, and by whose word.
struct Success {
    is_accepted: bool,
    is_collected: bool,
    attempt: u32,
    authority: u8,
}

impl Success {
    /// "A debit that counts stands for acceptance": of attempt 1.
    fn of(acceptance: Option<&Acceptance>, debits: &[Debit]) -> Option<Self> {
        let is_collected = first_counting(debits).is_some();
        if let Some(accepted) = acceptance {
            let (attempt, authority) = (accepted.attempt, accepted.authority);
            return Some(Self { is_accepted: true, is_collected, attempt, authority });
        }
        let debit = first_counting(debits)?;
        Some(Self { is_accepted: false, is_collected, attempt: 1, authority: debit.authority })
    }
}

/// The status, "the first that holds: collected · cancelled · accepted · refused · expired · shop timed out · unknown ·
/// in progress".
pub(super) fn status(
    acceptance: Option<&Acceptance>,
    debits: &[Debit],
    is_closed: bool,
    told: &[Told<'_>],
    found: &mut Found,
) -> u8 {
    let success = Success::of(acceptance, debits);
    let is_cancelled = cancellations(success.as_ref(), is_closed, told, found);
    let highest = highest_attempt(acceptance, told);
    failures(success.as_ref(), highest, told, found);
    beliefs(success.as_ref(), told, found);

    let ended = |kind: Part| {
        told.iter().any(|told| told.slot == Slot::new(slot::OUTCOME, vec![kind.clone(), Part::Number(highest)]))
    };
    if success.as_ref().is_some_and(|success| success.is_collected) {
        COLLECTED
    } else if is_cancelled {
        STATUS_CANCELLED
    } else if success.is_some() {
        3
    } else if ended(REFUSED) {
        4
    } else if ended(EXPIRED) {
        5
    } else if ended(TIMED_OUT) {
        6
    } else if ended(UNKNOWN) {
        7
    } else {
        8
    }
}

/// "A cancellation counts if its attempt is not lower than the acceptance's and its authority not lower, else it only
/// asks." A closed payment is no open item: nothing is found of its cancellations.
fn cancellations(success: Option<&Success>, is_closed: bool, told: &[Told<'_>], found: &mut Found) -> bool {
    let (mut counting, mut asking, mut wishes) = (Vec::new(), Vec::new(), Vec::new());
    for one in told {
        if one.slot.key.first() != Some(&CANCELLED) {
            continue;
        }
        let attempt = one.slot.number(1);
        let counts =
            success.is_none_or(|success| attempt >= success.attempt && one.winner().authority() >= success.authority);
        match one.slot.family {
            slot::OUTCOME if counts => counting.push(one.slot.clone()),
            slot::OUTCOME => asking.push(one.slot.clone()),
            slot::CANCEL_ASKED => wishes.push(one.slot.clone()),
            _ => {}
        }
    }
    let (is_cancelled, is_decided) = (!counting.is_empty(), !counting.is_empty() || !asking.is_empty());
    if let Some(success) = success
        && !is_closed
    {
        for slot in counting.into_iter().filter(|_| success.is_collected) {
            // While there is no acceptance, that of a later attempt may still explain the debit.
            let code = if success.is_accepted {
                CANCELLED_PAYMENT_MUST_NOT_BE_DEBITED
            } else {
                REFUSED_PAYMENT_MUST_NOT_BE_DEBITED
            };
            found.add(code, slot);
        }
        // "A cancellation was asked, but the payment succeeded": cleared by the provider's cancellation.
        let unsettled = if is_cancelled {
            vec![]
        } else if is_decided {
            asking
        } else {
            wishes
        };
        for slot in unsettled {
            found.add(ASKED_CANCELLATION_MUST_BE_SETTLED, slot);
        }
    }
    is_cancelled
}

/// "The highest attempt named by any outcome or acceptance."
fn highest_attempt(acceptance: Option<&Acceptance>, told: &[Told<'_>]) -> u32 {
    let mut highest = acceptance.map_or(1, |accepted| accepted.attempt);
    for one in told.iter().filter(|told| told.slot.family == slot::OUTCOME) {
        highest = highest.max(one.slot.number(1));
    }
    highest
}

/// One attempt is accepted or has failed; a payment whose last attempt failed is not debited.
fn failures(success: Option<&Success>, highest: u32, told: &[Told<'_>], found: &mut Found) {
    let Some(success) = success else { return };
    for one in told.iter().filter(|told| told.slot.family == slot::OUTCOME) {
        let kind = one.slot.key.first();
        if kind != Some(&REFUSED) && kind != Some(&EXPIRED) {
            continue;
        }
        let attempt = one.slot.number(1);
        if success.is_accepted && attempt == success.attempt {
            found.add(ATTEMPT_MUST_HAVE_ONE_OUTCOME, one.slot.clone());
        }
        if !success.is_accepted && attempt == highest {
            found.add(REFUSED_PAYMENT_MUST_NOT_BE_DEBITED, one.slot.clone());
        }
    }
}

/// The shop took an attempt for expired that succeeded, or that an earlier success makes needless.
fn beliefs(success: Option<&Success>, told: &[Told<'_>], found: &mut Found) {
    let Some(success) = success else { return };
    for one in told {
        let kind = one.slot.key.first();
        let is_belief = (one.slot.family == slot::CANCEL_ASKED && kind == Some(&EXPIRED))
            || (one.slot.family == slot::OUTCOME && kind == Some(&TIMED_OUT));
        if is_belief && one.slot.number(1) >= success.attempt {
            found.add(SUCCESS_SHOULD_PRECEDE_EXPIRY, one.slot.clone());
        }
    }
}
