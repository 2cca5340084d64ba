//! Why a payment is not finished.

use super::super::debit::{COUNTS, HELD};
use super::super::payment::Payment;
use super::super::slot::{self, CANCELLED};
use super::super::witness::Told;
use super::super::{content, money_back};
use super::Stream;

/// "A payment whose cash and rebate reach the sale is *closed*, whatever its status, and no open item": what is not
/// about its sale, money that is held and a dispute, stays open.
pub(super) fn reasons(stream: &Stream<'_>, payment: &Payment<'_>) -> Vec<&'static str> {
    let told = &stream.judged.told;
    let mut reasons = Vec::new();
    if !payment.is_closed {
        outcome(payment, told, &mut reasons);
    }
    if holds_money(payment) {
        reasons.push("money_in_suspense");
    }
    if !payment.is_closed && is_a_refund_awaited(told) {
        reasons.push("refund_awaited");
    }
    if payment.disputes.iter().any(is_open) {
        reasons.push("dispute_open");
    }
    if !payment.is_closed && is_a_withdrawal_unsettled(payment, told) {
        reasons.push("withdrawal_to_settle");
    }
    reasons
}

fn outcome(payment: &Payment<'_>, told: &[Told<'_>], reasons: &mut Vec<&'static str>) {
    let status = super::days::status_name(payment.status);
    // Nobody who can know said how it ended: a shop that stopped waiting is none.
    if status == "in_progress" || status == "shop_timed_out" {
        reasons.push("outcome_awaited");
    }
    if status == "unknown" {
        reasons.push("outcome_unknown");
    }
    let is_asked =
        told.iter().any(|told| told.slot.family == slot::CANCEL_ASKED && told.slot.key.first() == Some(&CANCELLED));
    if is_asked && !["cancelled", "refused", "expired"].contains(&status) {
        reasons.push("cancellation_asked");
    }
    // "Acceptance is not a debit (deferred plans, manual capture)": who pays later is not to be debited yet.
    let plan = payment.plan.as_ref().map(|plan| plan.plan);
    let is_deferred = plan.is_some_and(|plan| plan.deferred_days > 0 || plan.deferred_months > 0);
    if status == "accepted" && !is_deferred {
        reasons.push("not_captured");
    }
    if (status == "collected" || status == "accepted") && !is_printed(told) {
        reasons.push("tickets_not_printed");
    }
}

/// The customer's and the till's ticket left the printer.
pub(super) fn is_printed(told: &[Told<'_>]) -> bool {
    let printed = |kind: u8| {
        told.iter().any(|told| {
            told.slot.family == slot::PRINT
                && matches!(told.slot.key.first(), Some(slot::Part::Choice(number, _)) if *number == kind)
        })
    };
    printed(2) && printed(3)
}

fn holds_money(payment: &Payment<'_>) -> bool {
    payment.debits.iter().any(|debit| debit.standing == HELD)
        || payment.refunds.iter().any(|refund| refund.standing == HELD)
        || payment.disputes.iter().any(|dispute| dispute.standing == HELD)
}

/// A request is answered by a refund that names it, made or failed, and by the refund that it names itself.
fn is_a_refund_awaited(told: &[Told<'_>]) -> bool {
    for request in told.iter().filter(|told| told.slot.family == slot::REFUND_REQUEST) {
        let names = request.shown_text(24);
        let mut is_answered = false;
        for refund in told {
            if refund.slot.family != slot::REFUND && refund.slot.family != slot::REFUND_WITHOUT_ID {
                continue;
            }
            is_answered |= refund.slot.family == slot::REFUND && names.as_deref() == Some(refund.slot.text(0));
            for witness in &refund.witnesses {
                for stated in witness.stated() {
                    is_answered |=
                        stated.field == content::REQUEST_ID && content::as_text(&stated.value) == request.slot.text(0);
                }
            }
        }
        if !is_answered {
            return true;
        }
    }
    false
}

const fn is_open(dispute: &money_back::Dispute) -> bool {
    dispute.stage == talon_domain::fact::ChargebackStage::Opened as u8
}

/// "Withdrawal is not refund: the credit is cancelled, the sale may stand" (E32): what was taken goes back.
fn is_a_withdrawal_unsettled(payment: &Payment<'_>, told: &[Told<'_>]) -> bool {
    if !told.iter().any(|told| told.slot.family == slot::WITHDRAWAL) {
        return false;
    }
    for debit in payment.debits.iter().filter(|debit| debit.standing == COUNTS) {
        let currency = debit.money.currency;
        let (mut taken, mut given) = (0, 0);
        for debit in payment.debits.iter().filter(|debit| debit.standing == COUNTS) {
            if debit.money.currency == currency {
                taken += u128::from(debit.money.amount.minor_units());
            }
        }
        for refund in payment.refunds.iter().filter(|refund| refund.standing == COUNTS) {
            if refund.money.currency == currency {
                given += u128::from(refund.money.amount.minor_units());
            }
        }
        if given < taken {
            return true;
        }
    }
    false
}
