//! Open items: why a payment is not finished, in words, and since when. Ageing is the reader's: the fold owns no clock, so
//! what only a moment or the registry can tell has a name here and is found by who has them.

use crate::anomaly::{Code, Language};
use crate::fact::{ChargebackStage, TicketKind};
use crate::slot::EndKind;
use crate::state::{Standing, State, Status};
use crate::time::Instant;

/// Why a payment is not finished. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum OpenReason {
    /// Nobody said how it ended.
    OutcomeAwaited = 1,
    /// Nobody can tell how it ended.
    OutcomeUnknown = 2,
    /// A shop asked to cancel; the provider has not answered.
    CancellationAsked = 3,
    /// Accepted, to be debited by now, and not debited.
    NotCaptured = 4,
    /// Succeeded, and the customer's or the till's ticket was not printed.
    TicketsNotPrinted = 5,
    /// Money is held.
    MoneyInSuspense = 6,
    /// A refund was asked, and nobody said what became of it.
    RefundAwaited = 7,
    /// A dispute is open.
    DisputeOpen = 8,
    /// The customer withdrew, and what was taken was not all given back.
    WithdrawalToSettle = 9,
    /// A paper says that it was accepted, and nothing was accepted or debited.
    TicketsWithoutDebit = 10,
    /// It succeeded after the shop had taken it for expired.
    SuccessAfterExpiry = 11,
    /// It began long ago, and nobody said how it ended. Found by who has a clock.
    InProgressTooLong = 12,
    /// No device stands behind the terminal's number on that day. Found by who has the registry.
    TerminalUnknown = 13,
}

/// A reason, and since when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSince {
    /// Why.
    pub reason: OpenReason,
    /// The moment that made it a reason; `None` if no fact that counts tells one.
    pub began_at: Option<Instant>,
    /// The moment is one that was agreed, a due date: before it is over, nothing is open.
    pub waits: bool,
}

impl OpenReason {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 13] = [
        Self::OutcomeAwaited,
        Self::OutcomeUnknown,
        Self::CancellationAsked,
        Self::NotCaptured,
        Self::TicketsNotPrinted,
        Self::MoneyInSuspense,
        Self::RefundAwaited,
        Self::DisputeOpen,
        Self::WithdrawalToSettle,
        Self::TicketsWithoutDebit,
        Self::SuccessAfterExpiry,
        Self::InProgressTooLong,
        Self::TerminalUnknown,
    ];

    /// Its stable number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The reason with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.number() == number)
    }

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
            Self::TicketsWithoutDebit => "tickets_without_debit",
            Self::SuccessAfterExpiry => "success_after_expiry",
            Self::InProgressTooLong => "in_progress_too_long",
            Self::TerminalUnknown => "terminal_unknown",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match language {
            Language::French => self.in_french(),
            Language::English => self.in_english(),
        }
    }

    const fn in_french(self) -> &'static str {
        match self {
            Self::OutcomeAwaited => "issue attendue",
            Self::OutcomeUnknown => "issue inconnue",
            Self::CancellationAsked => "annulation demandée",
            Self::NotCaptured => "accepté, pas encore prélevé",
            Self::TicketsNotPrinted => "tickets non imprimés",
            Self::MoneyInSuspense => "argent en attente",
            Self::RefundAwaited => "remboursement attendu",
            Self::DisputeOpen => "contestation en cours",
            Self::WithdrawalToSettle => "rétractation à solder",
            Self::TicketsWithoutDebit => "ticket remis, rien de prélevé",
            Self::SuccessAfterExpiry => "abouti après expiration en caisse",
            Self::InProgressTooLong => "en cours depuis trop longtemps",
            Self::TerminalUnknown => "terminal inconnu du référentiel",
        }
    }

    const fn in_english(self) -> &'static str {
        match self {
            Self::OutcomeAwaited => "outcome awaited",
            Self::OutcomeUnknown => "outcome unknown",
            Self::CancellationAsked => "cancellation asked",
            Self::NotCaptured => "accepted, not debited",
            Self::TicketsNotPrinted => "tickets not printed",
            Self::MoneyInSuspense => "money in suspense",
            Self::RefundAwaited => "refund awaited",
            Self::DisputeOpen => "dispute open",
            Self::WithdrawalToSettle => "withdrawal to settle",
            Self::TicketsWithoutDebit => "ticket handed out, nothing debited",
            Self::SuccessAfterExpiry => "success after the shop's expiry",
            Self::InProgressTooLong => "in progress too long",
            Self::TerminalUnknown => "terminal not in the registry",
        }
    }
}

/// Every reason why this payment is not finished, in a fixed order, as far as its facts tell. Of a payment that was given
/// back in full only what is not about its sale stays open.
pub fn open_reasons(state: &State) -> Vec<OpenReason> {
    open_since(state).into_iter().filter(|open| !open.waits).map(|open| open.reason).collect()
}

/// The same with the moment that each began; beside them what becomes a reason once an agreed date is over.
pub fn open_since(state: &State) -> Vec<OpenSince> {
    let holds = |reason: &OpenReason| {
        let is_beside_sale = matches!(reason, OpenReason::MoneyInSuspense | OpenReason::DisputeOpen);
        (is_beside_sale || !state.is_closed) && holds(*reason, state)
    };
    let since = |reason| OpenSince {
        reason,
        began_at: began_at(reason, state),
        waits: reason == OpenReason::NotCaptured && is_deferred(state),
    };
    OpenReason::ALL.into_iter().filter(holds).map(since).collect()
}

fn holds(reason: OpenReason, state: &State) -> bool {
    let succeeded = matches!(state.status, Status::Collected | Status::Accepted);
    match reason {
        OpenReason::OutcomeAwaited => matches!(state.status, Status::InProgress | Status::TimedOut),
        OpenReason::OutcomeUnknown => state.status == Status::Unknown,
        OpenReason::CancellationAsked => {
            let is_over = matches!(state.status, Status::Cancelled | Status::Refused | Status::Expired);
            !is_over && asked_to_cancel(state).next().is_some()
        }
        OpenReason::NotCaptured => state.status == Status::Accepted,
        OpenReason::TicketsNotPrinted => {
            succeeded && !(state.printed(TicketKind::Customer) && state.printed(TicketKind::Till))
        }
        OpenReason::MoneyInSuspense => held_money(state).next().is_some(),
        OpenReason::RefundAwaited => state.refund_requests.iter().any(|request| !request.is_answered),
        OpenReason::DisputeOpen => open_disputes(state).next().is_some(),
        OpenReason::WithdrawalToSettle => is_withdrawn_unsettled(state),
        OpenReason::TicketsWithoutDebit => {
            state.acceptance.is_none() && state.debits.is_empty() && success_papers(state).next().is_some()
        }
        OpenReason::SuccessAfterExpiry => {
            state.anomalies.iter().any(|anomaly| anomaly.code == Code::SuccessShouldPrecedeExpiry)
        }
        OpenReason::InProgressTooLong | OpenReason::TerminalUnknown => false,
    }
}

/// The moment that made it a reason: the first one, by the clocks of the winning witnesses, where several would do.
fn began_at(reason: OpenReason, state: &State) -> Option<Instant> {
    match reason {
        OpenReason::OutcomeAwaited if state.status == Status::TimedOut => ended_at(EndKind::TimedOut, state),
        OpenReason::OutcomeAwaited | OpenReason::InProgressTooLong | OpenReason::TerminalUnknown => state.began_at,
        OpenReason::OutcomeUnknown => ended_at(EndKind::Unknown, state),
        OpenReason::CancellationAsked => asked_to_cancel(state).min(),
        OpenReason::NotCaptured if is_deferred(state) => {
            state.plan.iter().flat_map(|agreed| &agreed.plan.instalments).map(|entry| entry.due_date).min()
        }
        OpenReason::NotCaptured | OpenReason::TicketsNotPrinted | OpenReason::SuccessAfterExpiry => succeeded_at(state),
        OpenReason::MoneyInSuspense => held_money(state).min(),
        OpenReason::RefundAwaited => {
            let unanswered = state.refund_requests.iter().filter(|request| !request.is_answered);
            unanswered.map(|request| request.occurred_at).min()
        }
        OpenReason::DisputeOpen => open_disputes(state).min(),
        OpenReason::WithdrawalToSettle => state.withdrawal.map(|withdrawal| withdrawal.occurred_at),
        OpenReason::TicketsWithoutDebit => success_papers(state).min(),
    }
}

fn is_deferred(state: &State) -> bool {
    state.plan.as_ref().is_some_and(|agreed| agreed.plan.is_deferred())
}

/// When the last attempt that ended so did.
fn ended_at(kind: EndKind, state: &State) -> Option<Instant> {
    let ended = state.ends.iter().filter(|end| !end.only_asked && end.end.kind() == kind);
    ended.max_by_key(|end| end.attempt).map(|end| end.occurred_at)
}

fn asked_to_cancel(state: &State) -> impl Iterator<Item = Instant> + '_ {
    let asked = state.ends.iter().filter(|end| end.only_asked && end.end.kind() == EndKind::Cancelled);
    asked.map(|end| end.occurred_at)
}

/// An acceptance is when it succeeded; without one, the first debit that counts.
fn succeeded_at(state: &State) -> Option<Instant> {
    let counting = || state.debits.iter().filter(|debit| debit.standing == Standing::Counts);
    let accepted = state.acceptance.as_ref().map(|accepted| accepted.occurred_at);
    accepted.or_else(|| counting().map(|debit| debit.occurred_at).min())
}

/// The papers that say that a payment was accepted.
fn success_papers(state: &State) -> impl Iterator<Item = Instant> + '_ {
    let papers = state.prints.iter().filter(|print| matches!(print.kind, TicketKind::Customer | TicketKind::Till));
    papers.map(|print| print.occurred_at)
}

fn held_money(state: &State) -> impl Iterator<Item = Instant> + '_ {
    let held = Some(Standing::Suspense);
    let debits = state.debits.iter().filter(move |debit| Some(debit.standing) == held).map(|debit| debit.occurred_at);
    let refunds = state.refunds.iter().filter(move |refund| refund.standing == held).map(|refund| refund.occurred_at);
    let disputes = state.disputes.iter().filter(move |dispute| dispute.standing == held);
    debits.chain(refunds).chain(disputes.map(|dispute| dispute.occurred_at))
}

fn open_disputes(state: &State) -> impl Iterator<Item = Instant> + '_ {
    let open = state.disputes.iter().filter(|dispute| dispute.stage == ChargebackStage::Opened);
    open.map(|dispute| dispute.occurred_at)
}

/// After a withdrawal the credit is gone: what was taken is given back, while the sale may stand (E32).
fn is_withdrawn_unsettled(state: &State) -> bool {
    let refunded = state.refunded();
    state.withdrawal.is_some()
        && state.collected().iter().any(|(currency, minor_units)| refunded.of(currency) < minor_units)
}
