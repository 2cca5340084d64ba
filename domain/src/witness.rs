//! Witnesses: the facts that claim one slot, whose word is shown, and whether they agree. Invariants:
//! - the word shown is chosen by authority, then revision (higher), then event id (smallest); by nothing else, ever
//! - header fields and revisions are never content; what one witness leaves out contradicts nobody
//!
//! This module never reads `occurred_at` as an order, a position, or the time of recording.

use std::cmp::Reverse;

use crate::fact::{Fact, Ordinal, Payload, Source};
use crate::ids::EventId;
use crate::slot::Slot;

/// One fact as a witness of one slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Witness<'a> {
    pub(crate) fact: &'a Fact,
}

/// Sources from the least to the most authority, for money and for prints.
const MONEY_LADDER: [Source; 6] =
    [Source::Ledger, Source::Person, Source::Terminal, Source::Gateway, Source::Bank, Source::Provider];
const PRINT_LADDER: [Source; 6] =
    [Source::Ledger, Source::Bank, Source::Provider, Source::Person, Source::Gateway, Source::Terminal];

impl<'a> Witness<'a> {
    pub(crate) const fn source(&self) -> Source {
        self.fact.header.source
    }

    pub(crate) const fn event_id(&self) -> EventId {
        self.fact.header.event_id
    }

    /// How much its word weighs for money and outcomes: 0 to 5.
    pub(crate) fn authority(&self) -> usize {
        authority(self.source(), &MONEY_LADDER)
    }

    pub(crate) fn revision(&self) -> u64 {
        match &self.fact.payload {
            Payload::PaymentInitiated(p) => p.revision,
            Payload::PhoneVerified(p) => p.revision,
            Payload::SmsSent(p) => p.revision,
            Payload::ScheduleChosen(p) => p.revision,
            Payload::PaymentAccepted(p) => p.revision,
            Payload::Debited(p) => p.revision,
            Payload::TicketsPrinted(p) => p.revision,
            Payload::Ended(p) => p.revision,
            Payload::DebitFailed(p) => p.revision,
            Payload::Parked(_) => 0,
        }
    }

    pub(crate) fn provider(&self) -> Option<&'a str> {
        match &self.fact.payload {
            Payload::PaymentInitiated(p) => p.provider.as_deref(),
            Payload::ScheduleChosen(p) => p.provider.as_deref(),
            Payload::PaymentAccepted(p) => p.provider.as_deref(),
            Payload::Debited(p) => p.provider.as_deref(),
            Payload::Ended(p) => p.provider.as_deref(),
            Payload::DebitFailed(p) => p.provider.as_deref(),
            Payload::PhoneVerified(_) | Payload::SmsSent(_) | Payload::TicketsPrinted(_) | Payload::Parked(_) => None,
        }
    }

    /// Whether it claims a numbered slot without stating the number.
    fn is_unnumbered(&self, slot: &Slot) -> bool {
        let number = match (&self.fact.payload, slot) {
            (Payload::PhoneVerified(p), _) => p.number,
            (Payload::SmsSent(p), _) => p.number,
            (Payload::Ended(p), _) => p.attempt,
            (Payload::DebitFailed(p), _) => p.attempt,
            (Payload::TicketsPrinted(p), Slot::Print(kind, about, copy)) => p
                .tickets
                .iter()
                .filter(|t| t.kind == *kind && t.about.as_deref().unwrap_or_default() == &**about)
                .map(|t| t.copy)
                .find(|stated| stated.get() == *copy)
                .unwrap_or_default(),
            _ => Ordinal::new(1),
        };
        !number.is_stated()
    }

    /// Whether two witnesses of one slot say the same, where both say something.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        match (&self.fact.payload, &other.fact.payload) {
            (Payload::PaymentInitiated(a), Payload::PaymentInitiated(b)) => {
                a.amount == b.amount
                    && compatible(a.provider.as_ref(), b.provider.as_ref())
                    && compatible(a.till_id.as_ref(), b.till_id.as_ref())
                    && compatible(a.till_ticket.as_ref(), b.till_ticket.as_ref())
                    && compatible(a.cashier_code.as_ref(), b.cashier_code.as_ref())
            }
            (Payload::SmsSent(a), Payload::SmsSent(b)) => compatible(a.message_id.as_ref(), b.message_id.as_ref()),
            (Payload::ScheduleChosen(a), Payload::ScheduleChosen(b)) => {
                let terms = |p: &crate::plan::Plan| (p.installments_count, p.deferred_days, p.deferred_months);
                terms(&a.plan) == terms(&b.plan)
                    && a.plan.instalments == b.plan.instalments
                    && compatible(a.plan.customer_total_cost.as_ref(), b.plan.customer_total_cost.as_ref())
                    && compatible(a.plan.annual_interest_rate_bps.as_ref(), b.plan.annual_interest_rate_bps.as_ref())
                    && compatible(a.plan.legal_regime.as_ref(), b.plan.legal_regime.as_ref())
                    && compatible(a.provider.as_ref(), b.provider.as_ref())
            }
            (Payload::PaymentAccepted(a), Payload::PaymentAccepted(b)) => {
                compatible(a.amount.as_ref(), b.amount.as_ref())
                    && (a.attempt == b.attempt || !a.attempt.is_stated() || !b.attempt.is_stated())
                    && compatible(a.provider.as_ref(), b.provider.as_ref())
            }
            (Payload::Debited(a), Payload::Debited(b)) => {
                a.instalment == b.instalment
                    && a.amount == b.amount
                    && compatible(a.payment_id.as_ref(), b.payment_id.as_ref())
                    && compatible(a.provider.as_ref(), b.provider.as_ref())
            }
            (Payload::Ended(a), Payload::Ended(b)) => {
                let reasons = match (a.end, b.end) {
                    (crate::fact::End::Refused(x), crate::fact::End::Refused(y)) => compatible(x.as_ref(), y.as_ref()),
                    (crate::fact::End::Cancelled(x), crate::fact::End::Cancelled(y)) => {
                        compatible(x.as_ref(), y.as_ref())
                    }
                    (crate::fact::End::Unknown(x), crate::fact::End::Unknown(y)) => compatible(x.as_ref(), y.as_ref()),
                    _ => true,
                };
                reasons && compatible(a.provider.as_ref(), b.provider.as_ref())
            }
            (Payload::DebitFailed(a), Payload::DebitFailed(b)) => {
                compatible(a.amount.as_ref(), b.amount.as_ref())
                    && compatible(a.reason.as_ref(), b.reason.as_ref())
                    && compatible(a.provider.as_ref(), b.provider.as_ref())
            }
            _ => true,
        }
    }
}

fn compatible<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
    a.zip(b).is_none_or(|(a, b)| a == b)
}

fn authority(source: Source, ladder: &[Source; 6]) -> usize {
    ladder.iter().position(|rung| *rung == source).unwrap_or(0)
}

/// Whose word is shown; `None` without witnesses.
pub(crate) fn winner<'a>(slot: &Slot, witnesses: &[Witness<'a>]) -> Option<Witness<'a>> {
    let ladder = if slot.is_print() { &PRINT_LADDER } else { &MONEY_LADDER };
    let weight = |w: &&Witness<'_>| (authority(w.source(), ladder), w.revision(), Reverse(w.event_id()));
    witnesses.iter().max_by_key(weight).copied()
}

/// The witnesses that contradict: two contents of one source at one revision, or a content of another source that is
/// none of the winning source's.
pub(crate) fn contradictions<'a>(slot: &Slot, witnesses: &[Witness<'a>]) -> Vec<(Witness<'a>, Witness<'a>)> {
    let Some(shown) = winner(slot, witnesses) else { return Vec::new() };
    let mut found = Vec::new();
    for (at, a) in witnesses.iter().enumerate() {
        let later = witnesses.iter().skip(at).filter(|b| a.source() == b.source() && a.revision() == b.revision());
        found.extend(later.filter(|b| !a.agrees(b)).map(|b| (*a, *b)));
        let mut winners = witnesses.iter().filter(|w| w.source() == shown.source());
        if a.source() != shown.source() && !winners.any(|w| w.agrees(a)) {
            found.push((*a, shown));
        }
    }
    found
}

/// How many repetitions in a numbered slot carry no number: further moments that one source tells of one content.
pub(crate) fn unnumbered_repetitions(slot: &Slot, witnesses: &[Witness<'_>], source: Source) -> usize {
    let mut moments: Vec<_> = witnesses
        .iter()
        .filter(|w| w.source() == source && w.is_unnumbered(slot))
        .map(|w| w.fact.header.occurred_at)
        .collect();
    moments.sort_unstable();
    moments.dedup();
    moments.len().saturating_sub(1)
}
