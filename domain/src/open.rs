//! Open items: why a payment is not finished, in words. Ageing is the reader's: the fold owns no clock.

use crate::anomaly::Language;
use crate::fact::{ChargebackStage, TicketKind};
use crate::slot::EndKind;
use crate::state::{Standing, State, Status};

/// Why a payment is not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum OpenReason {
    /// Nobody said how it ended.
    OutcomeAwaited,
    /// Nobody can tell how it ended.
    OutcomeUnknown,
    /// A shop asked to cancel; the provider has not answered.
    CancellationAsked,
    /// Accepted, to be debited at once, and not debited.
    NotCaptured,
    /// Succeeded, and the customer's or the till's ticket was not printed.
    TicketsNotPrinted,
    /// Money is held.
    MoneyInSuspense,
    /// A refund was asked, and nobody said what became of it.
    RefundAwaited,
    /// A dispute is open.
    DisputeOpen,
    /// The customer withdrew, and what was taken was not all given back.
    WithdrawalToSettle,
}

impl OpenReason {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OutcomeAwaited => "outcome_awaited",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::CancellationAsked => "cancellation_asked",
            Self::NotCaptured => "not_captured",
            Self::TicketsNotPrinted => "tickets_not_printed",
            Self::MoneyInSuspense => "money_in_suspense",
            Self::RefundAwaited => "refund_awaited",
            Self::DisputeOpen => "dispute_open",
            Self::WithdrawalToSettle => "withdrawal_to_settle",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::OutcomeAwaited, Language::French) => "issue attendue",
            (Self::OutcomeAwaited, Language::English) => "outcome awaited",
            (Self::OutcomeUnknown, Language::French) => "issue inconnue",
            (Self::OutcomeUnknown, Language::English) => "outcome unknown",
            (Self::CancellationAsked, Language::French) => "annulation demandée",
            (Self::CancellationAsked, Language::English) => "cancellation asked",
            (Self::NotCaptured, Language::French) => "accepté, pas encore prélevé",
            (Self::NotCaptured, Language::English) => "accepted, not debited",
            (Self::TicketsNotPrinted, Language::French) => "tickets non imprimés",
            (Self::TicketsNotPrinted, Language::English) => "tickets not printed",
            (Self::MoneyInSuspense, Language::French) => "argent en attente",
            (Self::MoneyInSuspense, Language::English) => "money in suspense",
            (Self::RefundAwaited, Language::French) => "remboursement attendu",
            (Self::RefundAwaited, Language::English) => "refund awaited",
            (Self::DisputeOpen, Language::French) => "contestation en cours",
            (Self::DisputeOpen, Language::English) => "dispute open",
            (Self::WithdrawalToSettle, Language::French) => "rétractation à solder",
            (Self::WithdrawalToSettle, Language::English) => "withdrawal to settle",
        }
    }
}

/// Every reason why this payment is not finished, in a fixed order. Of a payment that was given
/// back in full only what is not about its sale stays open.
pub fn open_reasons(state: &State) -> Vec<OpenReason> {
    let succeeded = matches!(state.status, Status::Collected | Status::Accepted);
    let is_over = matches!(state.status, Status::Cancelled | Status::Refused | Status::Expired);
    let asked = state.ends.iter().any(|end| end.only_asked && end.end.kind() == EndKind::Cancelled);
    let deferred = state.plan.as_ref().is_some_and(|agreed| agreed.plan.is_deferred());
    let papers = state.printed(TicketKind::Customer) && state.printed(TicketKind::Till);
    let awaited = matches!(state.status, Status::InProgress | Status::TimedOut);
    [
        (awaited, OpenReason::OutcomeAwaited),
        (state.status == Status::Unknown, OpenReason::OutcomeUnknown),
        (asked && !is_over, OpenReason::CancellationAsked),
        (state.status == Status::Accepted && !deferred, OpenReason::NotCaptured),
        (succeeded && !papers, OpenReason::TicketsNotPrinted),
        (holds_money(state), OpenReason::MoneyInSuspense),
        (state.refund_requests.iter().any(|request| !request.is_answered), OpenReason::RefundAwaited),
        (state.disputes.iter().any(|dispute| dispute.stage == ChargebackStage::Opened), OpenReason::DisputeOpen),
        (is_withdrawn_unsettled(state), OpenReason::WithdrawalToSettle),
    ]
    .into_iter()
    .filter(|(_, reason)| !state.is_closed || matches!(reason, OpenReason::MoneyInSuspense | OpenReason::DisputeOpen))
    .filter_map(|(holds, reason)| holds.then_some(reason))
    .collect()
}

fn holds_money(state: &State) -> bool {
    let held = Some(Standing::Suspense);
    !state.suspense().is_empty()
        || state.refunds.iter().any(|refund| refund.standing == held)
        || state.disputes.iter().any(|dispute| dispute.standing == held)
}

/// After a withdrawal the credit is gone: what was taken is given back, while the sale may stand (E32).
fn is_withdrawn_unsettled(state: &State) -> bool {
    let refunded = state.refunded();
    state.withdrawal.is_some()
        && state.collected().iter().any(|(currency, minor_units)| refunded.of(currency) < minor_units)
}
