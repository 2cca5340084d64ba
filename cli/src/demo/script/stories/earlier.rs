//! Bought in another month. The purchase comes late, from the gateway's archive; what is told here happens today.

use super::{Payment, Ticket, credit_in_10, paid_in_3, paid_in_4};
use crate::demo::script::hours::{clock, days_ago, later};

const DAY_S: i64 = 86_400;
const CEILING: &str = "DEBIT_FAILURE_REASON_CEILING_REACHED";

/// The provider debits in the minute after an instalment falls due.
fn falls_due(p: &mut Payment<'_>, number: u32) {
    p.goes_on(p.due_date(number));
    p.waits(20..=40);
}

/// The same, in the past.
fn fell_due(p: &mut Payment<'_>, number: u32) {
    p.rests(p.due_date(number));
    p.waits(20..=40);
}

/// In three; the second instalment is debited today.
pub(crate) fn second_instalment(p: &mut Payment<'_>) {
    paid_in_3(p);
    falls_due(p, 2);
    p.instalment_debited(2);
}

/// In four; today the card has no room left.
pub(crate) fn second_instalment_fails(p: &mut Payment<'_>) {
    paid_in_4(p);
    falls_due(p, 2);
    p.debit_failed(2, CEILING);
    p.emailed("EMAIL_TEMPLATE_DEBIT_FAILED", 1);
}

/// The customer postpones today's instalment, before it is debited, and asks the shop for the new plan on paper.
pub(crate) fn postponed(p: &mut Payment<'_>) {
    paid_in_3(p);
    let due = p.due_date(2);
    p.goes_on(later(due, -1_800));
    p.rescheduled(2, later(due, 14 * DAY_S));
    p.emailed("EMAIL_TEMPLATE_PLAN_CHANGED", 1);
    p.rests(clock(10, 20));
    p.printed(&[Ticket("TICKET_KIND_T7_PLAN", "2", 1)]);
}

/// Today's instalment is debited, and in the afternoon the customer pays the last one, too.
pub(crate) fn paid_early(p: &mut Payment<'_>) {
    second_instalment(p);
    p.rests(clock(15, 5));
    p.waits(1..=600);
    p.instalment_debited(3);
    p.emailed("EMAIL_TEMPLATE_RECEIPT", 1);
}

/// A new card, half an hour before it is needed.
pub(crate) fn another_card_for_the_rest(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.goes_on(later(p.due_date(2), -1_800));
    p.card_replaced();
    falls_due(p, 2);
    p.instalment_debited(2);
}

/// The customer does not know the first debit any more, and the bank takes it back.
pub(crate) fn disputed(p: &mut Payment<'_>) {
    second_instalment(p);
    p.rests(clock(11, 0));
    p.waits(1..=600);
    p.disputed("CHARGEBACK_REASON_NOT_RECOGNISED");
}

/// Disputed a fortnight ago; today the merchant wins the first round.
pub(crate) fn dispute_won(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.rests(days_ago(14, 9, 30));
    p.disputed("CHARGEBACK_REASON_GOODS_NOT_RECEIVED");
    falls_due(p, 2);
    p.instalment_debited(2);
    p.rests(clock(14, 0));
    p.waits(1..=600);
    p.dispute_won();
}

/// In four, in summer, and nothing was paid since: today the provider bears the second instalment, the third goes to
/// collection, and the fourth fails.
pub(crate) fn left_unpaid(p: &mut Payment<'_>) {
    paid_in_4(p);
    for number in [2, 3] {
        fell_due(p, number);
        p.debit_failed(number, CEILING);
        p.emailed("EMAIL_TEMPLATE_DEBIT_FAILED", number - 1);
    }
    falls_due(p, 4);
    p.debit_failed(4, "DEBIT_FAILURE_REASON_OPPOSITION");
    p.rests(clock(9, 40));
    p.covered(2);
    p.claimed(3);
}

/// A credit of last week; today the customer withdraws from it, and what was debited has to be given back.
pub(crate) fn withdrawn(p: &mut Payment<'_>) {
    credit_in_10(p);
    p.goes_on(clock(16, 0));
    p.waits(0..=5_400);
    p.withdrawn();
}
