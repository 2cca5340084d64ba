//! Goods that come back, and what becomes of the money.

use super::{Payment, Ticket, Wish, paid, paid_in_3};
use crate::demo::script::payment::Back;
use crate::demo::script::provider::ONEY;

const RETURNED: &str = "REFUND_REASON_GOODS_RETURNED";
/// A customer comes back within half an hour.
const COMES_BACK_S: std::ops::RangeInclusive<u64> = 600..=1_500;

/// The provider refunds what was asked, and the terminal prints it.
fn refunded(p: &mut Payment<'_>, back: Back, is_cancellation: bool) {
    p.refunded(back, is_cancellation);
    let id = p.refund_id();
    p.printed(&[Ticket("TICKET_KIND_T5_REFUND", &id, 1)]);
}

/// Everything comes back an hour after it was bought: the first instalment with its fee in cash, the others as a rebate
/// (G17).
pub(crate) fn refunded_in_full(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.waits(COMES_BACK_S);
    p.refund_asked(None, RETURNED);
    refunded(p, p.everything(), false);
}

/// Two things come back, one after the other: the first is taken off what is still due, the second in part.
pub(crate) fn refunded_in_parts(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.waits(COMES_BACK_S);
    let rebate = p.percent(20);
    p.refund_asked(Some(rebate), RETURNED);
    refunded(p, Back { cash: 0, rebate }, false);
    p.waits(120..=600);
    let (cash, rebate) = (p.percent(10), p.percent(15));
    p.refund_asked(Some(cash + rebate), RETURNED);
    refunded(p, Back { cash, rebate }, false);
}

/// The other provider gives a part back, too.
pub(crate) fn refunded_by_oney(p: &mut Payment<'_>) {
    p.provider = ONEY;
    paid_in_3(p);
    p.waits(COMES_BACK_S);
    let rebate = p.percent(25);
    p.refund_asked(Some(rebate), RETURNED);
    refunded(p, Back { cash: 0, rebate }, false);
}

/// A part comes back, and the gateway's word of it never reaches the ledger: it knows of the refund, and not on which
/// terminal it was asked.
pub(crate) fn refunded_unheard(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.waits(COMES_BACK_S);
    let rebate = p.percent(30);
    p.refund_asked_unheard(Some(rebate), RETURNED);
    refunded(p, Back { cash: 0, rebate }, false);
}

/// A refund is asked, and nobody says what became of it.
pub(crate) fn refund_not_answered(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.waits(COMES_BACK_S);
    p.refund_asked(Some(p.percent(10)), "REFUND_REASON_WRONG_AMOUNT");
}

/// A refund is asked in cash, and the card is no more.
pub(crate) fn refund_fails(p: &mut Payment<'_>) {
    paid_in_3(p);
    p.waits(COMES_BACK_S);
    let cents = p.percent(10);
    p.refund_asked(Some(cents), RETURNED);
    p.waits(5..=30);
    p.refund_failed(cents, "REFUND_FAILURE_REASON_CARD_CLOSED");
}

/// The seller cancels what was paid already: that is a refund of everything, and the wish is settled by it.
pub(crate) fn cancelled_after_success(p: &mut Payment<'_>) {
    paid(p, Wish::Split(4));
    p.waits(120..=400);
    p.shop_says("paymentCancelled", "CANCELLATION_REASON_REQUESTED_BY_MERCHANT");
    p.refund_asked(None, "REFUND_REASON_CANCELLATION");
    refunded(p, p.everything(), true);
}
