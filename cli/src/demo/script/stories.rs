//! What can happen to a payment, one story a function. A story says who does what, in which order; how long each step
//! takes, and who tells it, is the payment's business.

use talon_domain::time::Instant;

use super::hours::later;
use super::payment::{Payment, Ticket};
use super::plans::Wish;

/// A story.
pub(super) type Story = fn(&mut Payment<'_>);

const IN_PROGRESS: Ticket = Ticket("TICKET_KIND_T1_IN_PROGRESS", 1);
const CUSTOMERS: Ticket = Ticket("TICKET_KIND_T2_CUSTOMER", 1);
const CUSTOMERS_DUPLICATE: Ticket = Ticket("TICKET_KIND_T2_CUSTOMER", 2);
const TILLS: Ticket = Ticket("TICKET_KIND_T3_TILL", 1);
const ENDED: Ticket = Ticket("TICKET_KIND_T4_ENDED", 1);

/// Nobody gets credit for a lamp.
const CREDIT_CENTS_MIN: u64 = 30_000;
/// Further ahead than any honest clock.
const AHEAD_S: i64 = 11 * 60;

/// At the till: an amount, a phone number, a link, and the first ticket.
fn at_the_till(p: &mut Payment<'_>) {
    p.typed();
    p.phone_keyed();
    p.link_sent(1);
    p.printed(&[IN_PROGRESS]);
}

/// On the phone: the customer reads, chooses, and types a card.
fn on_the_phone(p: &mut Payment<'_>, wish: Wish) {
    p.waits(50..=300);
    p.plan_agreed(wish);
}

/// The provider takes the payment and the first instalment.
fn success(p: &mut Payment<'_>, attempt: u32) {
    p.accepted(attempt);
    p.card_debited();
}

fn paid(p: &mut Payment<'_>, wish: Wish) {
    at_the_till(p);
    on_the_phone(p, wish);
    success(p, 1);
    p.printed(&[CUSTOMERS, TILLS]);
}

/// As the shop hopes: three instalments, three tickets.
pub(super) fn paid_in_3(p: &mut Payment<'_>) {
    paid(p, Wish::Split(3));
}

/// In two.
pub(super) fn paid_in_2(p: &mut Payment<'_>) {
    paid(p, Wish::Split(2));
}

/// In four, for a fee.
pub(super) fn paid_in_4(p: &mut Payment<'_>) {
    paid(p, Wish::Split(4));
}

/// In ten, with interest.
pub(super) fn credit_in_10(p: &mut Payment<'_>) {
    p.cents = p.cents.max(CREDIT_CENTS_MIN);
    paid(p, Wish::Credit);
}

/// Everything later: accepted and printed, nothing debited today.
fn deferred(p: &mut Payment<'_>, wish: Wish) {
    at_the_till(p);
    on_the_phone(p, wish);
    p.accepted(1);
    p.printed(&[CUSTOMERS, TILLS]);
}

/// In a fortnight.
pub(super) fn paid_after_15_days(p: &mut Payment<'_>) {
    deferred(p, Wish::Days(15));
}

/// In thirty days, which is not a month.
pub(super) fn paid_after_30_days(p: &mut Payment<'_>) {
    deferred(p, Wish::Days(30));
}

/// In a month.
pub(super) fn paid_after_a_month(p: &mut Payment<'_>) {
    deferred(p, Wish::Months(1));
}

/// The SMS does not come; the seller sends a second one.
pub(super) fn link_sent_again(p: &mut Payment<'_>) {
    at_the_till(p);
    p.waits(90..=180);
    p.link_sent(2);
    on_the_phone(p, Wish::Split(3));
    success(p, 1);
    p.printed(&[CUSTOMERS, TILLS]);
}

/// The first card is declined, the second one is good.
pub(super) fn another_card(p: &mut Payment<'_>) {
    at_the_till(p);
    on_the_phone(p, Wish::Split(4));
    p.waits(5..=20);
    p.ended("paymentRefused", 1, "REFUSAL_REASON_CARD_DECLINED");
    p.waits(30..=120);
    success(p, 2);
    p.printed(&[CUSTOMERS, TILLS]);
}

/// The provider does not want this one. The ticket says so, and never why.
pub(super) fn refused_for_good(p: &mut Payment<'_>) {
    at_the_till(p);
    p.waits(60..=240);
    let reason = p.book.chance.pick(&["REFUSAL_REASON_BY_PROVIDER", "REFUSAL_REASON_NOT_ELIGIBLE"]);
    p.ended("paymentRefused", 1, reason);
    p.printed(&[ENDED]);
}

/// The customer leaves. The link is good for two more days, so nobody says today how it ended.
pub(super) fn walked_away(p: &mut Payment<'_>) {
    at_the_till(p);
}

/// The till stops waiting after a quarter of an hour; what it believes does not bind the provider.
pub(super) fn till_gave_up(p: &mut Payment<'_>) {
    at_the_till(p);
    p.waits(900..=905);
    p.shop_says("paymentExpired", "");
    p.printed(&[ENDED]);
}

/// And then the customer pays after all.
pub(super) fn paid_after_the_till_gave_up(p: &mut Payment<'_>) {
    till_gave_up(p);
    on_the_phone(p, Wish::Split(3));
    success(p, 1);
    p.printed(&[CUSTOMERS, TILLS]);
}

/// The seller cancels, and the provider agrees.
pub(super) fn cancelled(p: &mut Payment<'_>) {
    at_the_till(p);
    p.waits(60..=200);
    p.shop_says("paymentCancelled", "CANCELLATION_REASON_REQUESTED_BY_MERCHANT");
    p.waits(1..=4);
    p.ended("paymentCancelled", 1, "CANCELLATION_REASON_REQUESTED_BY_MERCHANT");
    p.printed(&[ENDED]);
}

/// The seller cancels while the customer pays: the provider decides, and the payment stands.
pub(super) fn cancelled_too_late(p: &mut Payment<'_>) {
    at_the_till(p);
    on_the_phone(p, Wish::Split(3));
    p.accepted(1);
    p.waits(1..=2);
    p.shop_says("paymentCancelled", "CANCELLATION_REASON_REQUESTED_BY_CUSTOMER");
    p.card_debited();
    p.printed(&[CUSTOMERS, TILLS]);
}

/// Gateway and provider both tell of one debit; only the provider knows its id.
pub(super) fn told_by_two_mouths(p: &mut Payment<'_>) {
    at_the_till(p);
    on_the_phone(p, Wish::Split(3));
    success(p, 1);
    p.debit_heard_of();
    p.printed(&[CUSTOMERS, TILLS]);
}

/// The provider debits the first instalment twice.
pub(super) fn debited_twice(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.waits(120..=600);
    p.card_debited_again();
}

/// The seller typed ten euros less than what the provider has in its books.
pub(super) fn another_amount(p: &mut Payment<'_>) {
    at_the_till(p);
    p.cents += 1_000;
    on_the_phone(p, Wish::Split(3));
    success(p, 1);
    p.printed(&[CUSTOMERS, TILLS]);
}

/// A debit, and not another word of the payment that it belongs to.
pub(super) fn never_heard_of(p: &mut Payment<'_>) {
    p.card_debited();
}

/// For a credit the provider wants to see bank accounts first: that is no refusal, and no end.
pub(super) fn more_information_needed(p: &mut Payment<'_>) {
    p.cents = p.cents.max(CREDIT_CENTS_MIN);
    at_the_till(p);
    on_the_phone(p, Wish::Credit);
    p.waits(5..=20);
    p.ended("outcomeUnknown", 1, "UNKNOWN_REASON_MORE_INFORMATION_NEEDED");
}

/// Provider silent, terminal cut short: whoever is asked does not know.
pub(super) fn no_answer_at_all(p: &mut Payment<'_>) {
    at_the_till(p);
    p.waits(600..=700);
    p.shop_says("outcomeUnknown", "UNKNOWN_REASON_NO_ANSWER");
}

/// The printer's clock runs ahead: what it says is kept, and marked as doubtful.
pub(super) fn printer_ahead_of_its_time(p: &mut Payment<'_>) {
    at_the_till(p);
    on_the_phone(p, Wish::Split(3));
    success(p, 1);
    p.printed_ahead(&[CUSTOMERS, TILLS], AHEAD_S);
}

/// A new seller learns how it goes: everything is told, nothing counts.
pub(super) fn practice(p: &mut Payment<'_>) {
    p.training = true;
    paid_in_3(p);
}

/// The customer comes back for a second copy.
pub(super) fn duplicate_asked_for(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.waits(120..=900);
    p.printed(&[CUSTOMERS_DUPLICATE]);
}

/// Debited a minute before the lights go out, and nothing left that could print. If the terminal wakes, it asks how it
/// ended; nobody answers.
pub(super) fn caught_in_the_dark(p: &mut Payment<'_>, lights_out: Instant, woken: Option<Instant>) {
    at_the_till(p);
    p.goes_on(later(lights_out, -75));
    p.plan_agreed(Wish::Split(3));
    success(p, 1);
    if let Some(woken) = woken {
        p.goes_on(woken);
        p.shop_says("outcomeUnknown", "UNKNOWN_REASON_NO_ANSWER");
    }
}

/// Bought last month in three; the second instalment is debited today.
pub(super) fn second_instalment(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.goes_on(p.due_date(2));
    p.waits(20..=40);
    p.instalment_debited(2);
}

/// Bought last month in four; today the card has no room left.
pub(super) fn second_instalment_fails(p: &mut Payment<'_>) {
    paid_in_4(p);
    p.goes_on(p.due_date(2));
    p.waits(20..=40);
    p.debit_failed(2, "DEBIT_FAILURE_REASON_CEILING_REACHED");
}
