//! What becomes of a payment after its success: refunds, failed debits, defaults, disputes, a withdrawal.

use talon_domain::fact::{
    Chargeback, ChargebackStage, DebitFailed, DefaultStage, InstalmentDefault, Ordinal, Payload, RefundEnd,
    RefundRequested, Refunded, WithdrawalExercised,
};

use super::{Story, amount, eur};

impl Story {
    pub(crate) fn refund_requested(self, request: &str, cents: u64) -> Self {
        self.tells(Payload::RefundRequested(RefundRequested {
            request_id: request.into(),
            amount: Some(eur(cents)),
            refund_id: None,
            reason: None,
            provider: None,
            revision: 0,
        }))
    }

    /// A refund in cash and rebate.
    pub(crate) fn refunded(self, id: &str, cash: u64, rebate: u64) -> Self {
        self.refunded_as(Some(id), None, cash + rebate, Some((cash, rebate)), false)
    }

    /// A refund that nobody divided.
    pub(crate) fn refunded_undivided(self, id: Option<&str>, request: Option<&str>, cents: u64) -> Self {
        self.refunded_as(id, request, cents, None, false)
    }

    /// A cancellation after success.
    pub(crate) fn cancelled_after_success(self, id: &str, cash: u64, rebate: u64) -> Self {
        self.refunded_as(Some(id), None, cash + rebate, Some((cash, rebate)), true)
    }

    fn refunded_as(
        self,
        id: Option<&str>,
        request: Option<&str>,
        cents: u64,
        parts: Option<(u64, u64)>,
        from_cancellation: bool,
    ) -> Self {
        let end = RefundEnd::Completed {
            cash: parts.map(|(cash, _)| amount(cash)),
            rebate: parts.map(|(_, rebate)| amount(rebate)),
            from_cancellation,
            payment_id: None,
        };
        self.refund_ended(id, request, Some(cents), end)
    }

    pub(crate) fn refund_failed(self, id: &str, cents: u64) -> Self {
        self.refund_ended(Some(id), None, Some(cents), RefundEnd::Failed(None))
    }

    fn refund_ended(self, id: Option<&str>, request: Option<&str>, cents: Option<u64>, end: RefundEnd) -> Self {
        self.tells(Payload::Refunded(Box::new(Refunded {
            refund_id: id.map(Into::into),
            request_id: request.map(Into::into),
            amount: cents.map(eur),
            end,
            provider: None,
            revision: 0,
        })))
    }

    pub(crate) fn debit_failed(self, instalment: u32) -> Self {
        self.tells(Payload::DebitFailed(DebitFailed {
            instalment,
            attempt: Ordinal::new(1),
            amount: None,
            reason: None,
            provider: None,
            revision: 0,
        }))
    }

    pub(crate) fn defaulted(self, instalment: u32, stage: DefaultStage) -> Self {
        let (amount, provider) = (None, None);
        self.tells(Payload::InstalmentDefault(InstalmentDefault { instalment, stage, amount, provider, revision: 0 }))
    }

    pub(crate) fn withdrawn(self) -> Self {
        self.tells(Payload::WithdrawalExercised(WithdrawalExercised { provider: None, revision: 0 }))
    }

    pub(crate) fn disputed(self, cents: u64, stage: ChargebackStage) -> Self {
        self.tells(Payload::Chargeback(Chargeback {
            dispute_id: "dispute_1".into(),
            round: Ordinal::new(1),
            stage,
            payment_id: None,
            amount: Some(eur(cents)),
            reason: None,
            provider: None,
            revision: 0,
        }))
    }
}
