//! Kinds 21, 22 and 24 to 30: instalments that were not paid, refunds, withdrawal, chargebacks.

use talon_domain::fact::{
    self, ChargebackReason, ChargebackStage, DefaultStage, Kind, Ordinal, Payload, RefundEnd, RefundFailureReason,
    RefundReason,
};

use super::{amount, choice, message, money, stated, text};
use crate::wire;

pub(super) fn read(kind: Kind, payload: &[u8]) -> Option<Payload> {
    match kind {
        Kind::INSTALMENT_COVERED => message(payload).and_then(covered),
        Kind::INSTALMENT_CLAIMED => message(payload).and_then(|m| not_paid(m, DefaultStage::Claimed)),
        Kind::REFUND_REQUESTED => message(payload).and_then(refund_requested),
        Kind::REFUND_COMPLETED => message(payload).and_then(refund_completed),
        Kind::REFUND_FAILED => message(payload).and_then(refund_failed),
        Kind::WITHDRAWAL_EXERCISED => message(payload).map(withdrawal),
        Kind::CHARGEBACK_OPENED => message(payload).and_then(chargeback_opened),
        Kind::CHARGEBACK_WON => message(payload).and_then(chargeback_won),
        Kind::CHARGEBACK_LOST => message(payload).and_then(|m| chargeback_ended(m, ChargebackStage::Lost)),
        _ => None,
    }
}

fn covered(m: wire::InstalmentCovered) -> Option<Payload> {
    let wire::InstalmentCovered { instalment, amount, provider, revision } = m;
    not_paid(wire::InstalmentClaimed { instalment, amount, provider, revision }, DefaultStage::Covered)
}

fn not_paid(m: wire::InstalmentClaimed, stage: DefaultStage) -> Option<Payload> {
    Some(Payload::InstalmentDefault(fact::InstalmentDefault {
        instalment: m.instalment,
        stage,
        amount: stated(m.amount.as_ref(), money)?,
        provider: text(m.provider),
        revision: m.revision,
    }))
}

fn refund_requested(m: wire::RefundRequested) -> Option<Payload> {
    Some(Payload::RefundRequested(fact::RefundRequested {
        request_id: text(m.request_id)?,
        amount: stated(m.amount.as_ref(), money)?,
        refund_id: text(m.refund_id),
        reason: choice(m.reason, RefundReason::from_number)?,
        provider: text(m.provider),
        revision: m.revision,
    }))
}

fn refund_completed(m: wire::RefundCompleted) -> Option<Payload> {
    let end = RefundEnd::Completed {
        cash: stated(m.cash.as_ref(), amount)?,
        rebate: stated(m.rebate.as_ref(), amount)?,
        from_cancellation: m.from_cancellation,
        payment_id: text(m.payment_id),
    };
    Some(Payload::Refunded(Box::new(fact::Refunded {
        refund_id: text(m.refund_id),
        request_id: text(m.request_id),
        amount: Some(money(&m.amount?)?),
        end,
        provider: text(m.provider),
        revision: m.revision,
    })))
}

fn refund_failed(m: wire::RefundFailed) -> Option<Payload> {
    Some(Payload::Refunded(Box::new(fact::Refunded {
        refund_id: text(m.refund_id),
        request_id: text(m.request_id),
        amount: stated(m.amount.as_ref(), money)?,
        end: RefundEnd::Failed(choice(m.reason, RefundFailureReason::from_number)?),
        provider: text(m.provider),
        revision: m.revision,
    })))
}

fn withdrawal(m: wire::WithdrawalExercised) -> Payload {
    Payload::WithdrawalExercised(fact::WithdrawalExercised { provider: text(m.provider), revision: m.revision })
}

fn chargeback_opened(m: wire::ChargebackOpened) -> Option<Payload> {
    Some(Payload::Chargeback(fact::Chargeback {
        dispute_id: text(m.dispute_id)?,
        round: Ordinal::new(m.round),
        stage: ChargebackStage::Opened,
        payment_id: text(m.payment_id),
        amount: Some(money(&m.amount?)?),
        reason: choice(m.reason, ChargebackReason::from_number)?,
        provider: text(m.provider),
        revision: m.revision,
    }))
}

fn chargeback_won(m: wire::ChargebackWon) -> Option<Payload> {
    let wire::ChargebackWon { dispute_id, round, payment_id, amount, provider, revision } = m;
    let lost = wire::ChargebackLost { dispute_id, round, payment_id, amount, provider, revision };
    chargeback_ended(lost, ChargebackStage::Won)
}

fn chargeback_ended(m: wire::ChargebackLost, stage: ChargebackStage) -> Option<Payload> {
    Some(Payload::Chargeback(fact::Chargeback {
        dispute_id: text(m.dispute_id)?,
        round: Ordinal::new(m.round),
        stage,
        payment_id: text(m.payment_id),
        amount: stated(m.amount.as_ref(), money)?,
        reason: None,
        provider: text(m.provider),
        revision: m.revision,
    }))
}
