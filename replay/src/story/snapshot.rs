//! A payment at one moment of its story: what can change, each under its name.
//!
//! Invariant: two snapshots differ exactly where something that is shown of the payment differs.
//!
//! This module computes no amount: it takes what the fold says.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::fold::Fold;
use talon_domain::ids::{EventId, StreamKey};
use talon_domain::money::Totals;
use talon_domain::state::{Standing, State};

use super::change::{Change, Value, What};

/// What a payment shows.
pub(super) struct Snapshot {
    shown: BTreeMap<What, Value>,
    /// Who tells each slot.
    witnesses: Vec<Vec<EventId>>,
}

impl Snapshot {
    pub(super) fn of(fold: &Fold, key: StreamKey) -> Self {
        let mut shown = BTreeMap::new();
        let Some(stream) = fold.stream(key) else { return Self { shown, witnesses: Vec::new() } };
        let whole = stream.whole(key);
        if let Some(state) = &whole.state {
            figures(state, &mut shown);
            money_back(state, &mut shown);
        }
        for anomaly in whole.anomalies.into_iter().chain(stream.notes()) {
            shown.insert(What::Anomaly(anomaly), Value::Holds);
        }
        Self { shown, witnesses: whole.told.slots.into_iter().map(|slot| slot.witnesses).collect() }
    }

    /// What is other afterwards, in the order of what it is about.
    pub(super) fn changes_to(&self, after: &Self) -> Vec<Change> {
        let all: BTreeSet<_> = self.shown.keys().chain(after.shown.keys()).collect();
        let change = |what: &What| {
            let (was, is) = (self.shown.get(what), after.shown.get(what));
            (was != is).then(|| Change { what: what.clone(), was: was.cloned(), is: is.cloned() })
        };
        all.into_iter().filter_map(change).collect()
    }

    /// Who else tells what this event tells.
    pub(super) fn witnesses_beside(&self, event: EventId) -> impl Iterator<Item = EventId> + '_ {
        let slots = self.witnesses.iter().filter(move |slot| slot.contains(&event));
        slots.flatten().copied().filter(move |other| *other != event)
    }
}

fn figures(state: &State, shown: &mut BTreeMap<What, Value>) {
    shown.insert(What::Status, Value::Status(state.status));
    if let Some(sale) = state.sale {
        shown.insert(What::Sale, Value::Sum(sale.currency, sale.minor_units));
    }
    amounts(What::Collected, state.collected(), shown);
    amounts(What::Suspense, state.suspense(), shown);
    if let Some(agreed) = &state.plan {
        shown.insert(What::Plan, Value::Version(agreed.version));
        for instalment in &agreed.instalments {
            shown.insert(What::Instalment(instalment.entry.number), Value::Progress(instalment.progress));
        }
    }
    for print in &state.prints {
        shown.insert(What::Ticket(print.kind, print.about.clone(), print.copy), Value::Holds);
    }
}

fn money_back(state: &State, shown: &mut BTreeMap<What, Value>) {
    amounts(What::Refunded, state.refunded(), shown);
    let held = state.refunds.iter().filter(|refund| refund.standing == Some(Standing::Suspense));
    amounts(What::RefundsHeld, held.map(|refund| refund.money).collect(), shown);
    for request in &state.refund_requests {
        shown.insert(What::RefundRequest(request.request_id.clone()), Value::Answered(request.is_answered));
    }
    for dispute in &state.disputes {
        shown.insert(What::Dispute(dispute.dispute_id.clone()), Value::Stage(dispute.round, dispute.stage));
    }
    for reversal in &state.reversals {
        shown.insert(What::Reversal(reversal.event_id), Value::Effective(reversal.is_effective));
    }
    if state.withdrawal.is_some() {
        shown.insert(What::Withdrawal, Value::Holds);
    }
    if state.is_closed {
        shown.insert(What::Closed, Value::Holds);
    }
}

/// Nothing is no amount.
fn amounts(what: What, totals: Totals, shown: &mut BTreeMap<What, Value>) {
    if !totals.is_empty() {
        shown.insert(what, Value::Amount(totals));
    }
}
