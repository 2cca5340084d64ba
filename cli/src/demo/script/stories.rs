//! What can happen to a payment, one story a function. A story says who does what, in which order; how long each step
//! takes, and who tells it, is the payment's business.
//!
//! ```text
//! this page: on the day of the sale | strange: what contradicts itself | earlier: bought in another month
//! money_back: refunds, a withdrawal, disputes
//! ```

pub(super) mod earlier;
pub(super) mod money_back;
pub(super) mod strange;

use super::payment::{Payment, Ticket};
use super::plans::Wish;
use super::provider::ONEY;

/// A story.
pub(super) type Story = fn(&mut Payment<'_>);

const IN_PROGRESS: Ticket<'_> = Ticket("TICKET_KIND_T1_IN_PROGRESS", "", 1);
const CUSTOMERS: Ticket<'_> = Ticket("TICKET_KIND_T2_CUSTOMER", "", 1);
const CUSTOMERS_DUPLICATE: Ticket<'_> = Ticket("TICKET_KIND_T2_CUSTOMER", "", 2);
const TILLS: Ticket<'_> = Ticket("TICKET_KIND_T3_TILL", "", 1);
const ENDED: Ticket<'_> = Ticket("TICKET_KIND_T4_ENDED", "", 1);

/// Nobody gets credit for a lamp.
const CREDIT_CENTS_MIN: u64 = 30_000;
/// So many carriers in a hundred report on an SMS.
const REPORTED_PERCENT: u64 = 70;

/// At the till: an amount, a phone number, a link, and the first ticket.
fn at_the_till(p: &mut Payment<'_>) {
    p.typed();
    handed_over(p);
}

fn handed_over(p: &mut Payment<'_>) {
    p.phone_keyed();
    p.link_sent(1);
    p.printed(&[IN_PROGRESS]);
}

/// The SMS arrives, and most carriers say so.
fn arrives(p: &mut Payment<'_>, link: u32) {
    p.waits(2..=12);
    if p.book.chance.percent(REPORTED_PERCENT) {
        p.link_reported(link, "SMS_STATUS_DELIVERED");
    }
}

/// On the phone: the customer opens a link, reads and chooses.
fn on_the_phone(p: &mut Payment<'_>, link: u32, wish: Wish) {
    arrives(p, link);
    p.waits(5..=90);
    p.link_opened(link);
    p.waits(40..=200);
    p.plan_agreed(wish);
}

/// The provider takes the payment and the first instalment, and writes to the customer.
fn success(p: &mut Payment<'_>, attempt: u32) {
    p.accepted(attempt);
    p.card_debited();
    p.emailed("EMAIL_TEMPLATE_CONFIRMATION", 1);
}

fn paid(p: &mut Payment<'_>, wish: Wish) {
    at_the_till(p);
    chosen_and_paid(p, 1, wish);
}

/// On the phone, and back at the till.
fn chosen_and_paid(p: &mut Payment<'_>, link: u32, wish: Wish) {
    on_the_phone(p, link, wish);
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

/// In three, financed by the other provider.
pub(super) fn paid_with_oney_in_3(p: &mut Payment<'_>) {
    p.provider = ONEY;
    paid_in_3(p);
}

/// In four, financed by the other provider.
pub(super) fn paid_with_oney_in_4(p: &mut Payment<'_>) {
    p.provider = ONEY;
    paid_in_4(p);
}

/// In ten, with interest.
pub(super) fn credit_in_10(p: &mut Payment<'_>) {
    p.cents = p.cents.max(CREDIT_CENTS_MIN);
    paid(p, Wish::Credit);
}

/// Everything later: accepted and printed, nothing debited today.
fn deferred(p: &mut Payment<'_>, wish: Wish) {
    at_the_till(p);
    on_the_phone(p, 1, wish);
    p.accepted(1);
    p.emailed("EMAIL_TEMPLATE_CONFIRMATION", 1);
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

/// The SMS does not come, and the carrier says so; the seller sends a second one.
pub(super) fn link_sent_again(p: &mut Payment<'_>) {
    at_the_till(p);
    p.waits(60..=150);
    p.link_reported(1, "SMS_STATUS_UNDELIVERED");
    p.waits(10..=30);
    p.link_sent(2);
    chosen_and_paid(p, 2, Wish::Split(3));
}

/// The first card is declined, the second one is good.
pub(super) fn another_card(p: &mut Payment<'_>) {
    at_the_till(p);
    on_the_phone(p, 1, Wish::Split(4));
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

/// The till takes the link for expired after a quarter of an hour. What it believes does not bind the provider, and there
/// is no other paper than the first.
pub(super) fn till_gave_up(p: &mut Payment<'_>) {
    at_the_till(p);
    p.waits(900..=905);
    p.shop_says("paymentExpired", "");
}

/// The terminal stops waiting, and says no more than that.
pub(super) fn terminal_stopped_waiting(p: &mut Payment<'_>) {
    at_the_till(p);
    arrives(p, 1);
    p.waits(900..=905);
    p.shop_says("shopTimedOut", "");
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

/// The seller keys a wrong number. Nobody can call the link back: the payment is cancelled, and another one stands in for
/// it.
pub(super) fn wrong_phone(p: &mut Payment<'_>) {
    cancelled(p);
    p.waits(15..=40);
    let replaced = p.id.to_string();
    let mut second = p.begun_again();
    second.typed();
    second.replaces(&replaced, "REPLACEMENT_REASON_WRONG_PHONE");
    handed_over(&mut second);
    chosen_and_paid(&mut second, 1, Wish::Split(3));
}

/// For a credit the provider wants to see bank accounts first: that is no refusal, and no end.
pub(super) fn more_information_needed(p: &mut Payment<'_>) {
    p.cents = p.cents.max(CREDIT_CENTS_MIN);
    at_the_till(p);
    on_the_phone(p, 1, Wish::Credit);
    p.waits(5..=20);
    p.ended("outcomeUnknown", 1, "UNKNOWN_REASON_MORE_INFORMATION_NEEDED");
}

/// Provider silent, terminal cut short: whoever is asked does not know.
pub(super) fn no_answer_at_all(p: &mut Payment<'_>) {
    at_the_till(p);
    p.waits(600..=700);
    p.shop_says("outcomeUnknown", "UNKNOWN_REASON_NO_ANSWER");
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

/// The terminal itself prints one again.
pub(super) fn reprinted(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.waits(120..=900);
    p.reprinted(CUSTOMERS_DUPLICATE);
}
