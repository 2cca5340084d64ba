//! What contradicts itself, is told twice, in error or not at all, and what the lights take with them.

use talon_domain::time::Instant;

use super::{
    CUSTOMERS, Payment, TILLS, Wish, at_the_till, chosen_and_paid, on_the_phone, paid_in_3, success, till_gave_up,
};
use crate::demo::script::hours::later;

/// Further ahead than any honest clock.
const AHEAD_S: i64 = 11 * 60;

/// The till gave up, and then the customer pays after all.
pub(crate) fn paid_after_the_till_gave_up(p: &mut Payment<'_>) {
    till_gave_up(p);
    chosen_and_paid(p, 1, Wish::Split(3));
}

/// The seller cancels while the customer pays: the provider decides, and the payment stands.
pub(crate) fn cancelled_too_late(p: &mut Payment<'_>) {
    at_the_till(p);
    on_the_phone(p, 1, Wish::Split(3));
    p.accepted(1);
    p.waits(1..=2);
    p.shop_says("paymentCancelled", "CANCELLATION_REASON_REQUESTED_BY_CUSTOMER");
    p.card_debited();
    p.printed(&[CUSTOMERS, TILLS]);
}

/// Gateway and provider both tell of one plan and of one debit; only the provider knows the debit's id.
pub(crate) fn told_by_two_mouths(p: &mut Payment<'_>) {
    at_the_till(p);
    on_the_phone(p, 1, Wish::Split(3));
    p.plan_heard_of();
    success(p, 1);
    p.debit_heard_of(0);
    p.printed(&[CUSTOMERS, TILLS]);
}

/// The gateway tells of a debit ten euro too high, and takes it back a minute later.
pub(crate) fn told_in_error(p: &mut Payment<'_>) {
    at_the_till(p);
    on_the_phone(p, 1, Wish::Split(3));
    success(p, 1);
    p.debit_heard_of(1_000);
    p.waits(50..=70);
    p.taken_back("read from another payment");
    p.printed(&[CUSTOMERS, TILLS]);
}

/// The provider debits the first instalment twice.
pub(crate) fn debited_twice(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.waits(120..=600);
    p.card_debited_again();
}

/// The seller typed ten euros less than what the provider has in its books.
pub(crate) fn another_amount(p: &mut Payment<'_>) {
    at_the_till(p);
    p.cents += 1_000;
    chosen_and_paid(p, 1, Wish::Split(3));
}

/// A debit, and not another word of the payment that it belongs to.
pub(crate) fn never_heard_of(p: &mut Payment<'_>) {
    p.card_debited();
}

/// The printer's clock runs ahead: what it says is kept, and marked as doubtful.
pub(crate) fn printer_ahead_of_its_time(p: &mut Payment<'_>) {
    at_the_till(p);
    on_the_phone(p, 1, Wish::Split(3));
    success(p, 1);
    p.printed_ahead(&[CUSTOMERS, TILLS], AHEAD_S);
}

/// Debited a minute before the lights go out, and nothing left that could print. If the terminal wakes, it asks how it
/// ended; nobody answers.
pub(crate) fn caught_in_the_dark(p: &mut Payment<'_>, lights_out: Instant, woken: Option<Instant>) {
    at_the_till(p);
    p.goes_on(later(lights_out, -75));
    p.plan_agreed(Wish::Split(3));
    success(p, 1);
    if let Some(woken) = woken {
        p.goes_on(woken);
        p.shop_says("outcomeUnknown", "UNKNOWN_REASON_NO_ANSWER");
    }
}
