//! Money that did not stay, as JSON.

use serde_json::{Value, json};
use talon_domain::fact::{ChargebackReason, RefundReason};
use talon_domain::money::{Amount, Money};
use talon_domain::state::{Dispute, Refund, RefundRequest, Reversal, Standing};

pub(super) fn request(request: &RefundRequest) -> Value {
    json!({
        "requestId": &*request.request_id, "amount": request.amount.map(whole),
        "reason": request.reason.map(RefundReason::name), "occurredAt": request.occurred_at.rfc3339(),
        "answered": request.is_answered,
    })
}

/// Cash and rebate apart; both `null` where nobody divided the refund.
pub(super) fn refund(refund: &Refund) -> Value {
    let part = |amount: Amount| whole(Money { amount, ..refund.money });
    json!({
        "refundId": refund.refund_id.as_deref(), "requestId": refund.request_id.as_deref(), "amount": whole(refund.money),
        "cash": refund.split.map(|split| part(split.cash)), "rebate": refund.split.map(|split| part(split.rebate)),
        "fromCancellation": refund.from_cancellation, "occurredAt": refund.occurred_at.rfc3339(),
        "standing": standing(refund.standing),
    })
}

pub(super) fn dispute(dispute: &Dispute) -> Value {
    json!({
        "disputeId": &*dispute.dispute_id, "round": dispute.round, "stage": dispute.stage.name(),
        "amount": dispute.money.map(whole), "reason": dispute.reason.map(ChargebackReason::name),
        "occurredAt": dispute.occurred_at.rfc3339(), "standing": standing(dispute.standing),
    })
}

pub(super) fn reversal(reversal: &Reversal) -> Value {
    json!({ "eventId": reversal.event_id.to_string(), "effective": reversal.is_effective })
}

fn whole(money: Money) -> Value {
    super::amount(money.currency, money.amount.minor_units().into())
}

/// `null` of what counts nothing: a refund that failed, a dispute that was won.
fn standing(standing: Option<Standing>) -> Option<&'static str> {
    standing.map(|standing| match standing {
        Standing::Counts => "counts",
        Standing::Suspense => "suspense",
    })
}
