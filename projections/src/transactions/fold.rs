//! What a payment comes to in transactions.

use talon_domain::fact::TicketKind;
use talon_domain::money::{Currency, Totals};
use talon_domain::open::open_reasons;
use talon_domain::state::{Standing, State};
use talon_domain::time::Instant;

use super::row::{Name, PAYMENT_ID, REFUND_ID, TICKET, Transaction};
use crate::rows::Rows;
use crate::store::{Merge, Table};
use crate::table::{NAMES, TRANSACTIONS};
use crate::view::{Known, View};

/// The view of transactions.
pub struct Transactions;

impl View for Transactions {
    fn name(&self) -> &'static str {
        "transactions"
    }

    fn version(&self) -> u16 {
        1
    }

    fn tables(&self) -> &'static [(Table, Merge)] {
        &[(TRANSACTIONS, Merge::Latest), (NAMES, Merge::Latest)]
    }

    fn rows(&self, known: &Known<'_>, rows: &mut Rows) {
        let Some(state) = known.state else { return };
        let transaction = transaction(known, state);
        for (kind, text) in texts(state, &transaction) {
            rows.put(NAMES, |key| _ = key.u8(kind).text(text).stream_key(known.key), &());
        }
        for name in names(known, state, &transaction) {
            rows.put(
                NAMES,
                |key| {
                    name.write(key);
                    key.stream_key(known.key);
                },
                &(),
            );
        }
        for name in twin_names(known, state, &transaction) {
            let began_at = state.began_at.unwrap_or(Instant(0));
            rows.put(
                NAMES,
                |key| {
                    name.write(key);
                    key.instant(began_at).stream(known.key.stream, known.key.training);
                },
                &(),
            );
        }
        rows.put(TRANSACTIONS, |key| _ = key.stream_key(known.key), &transaction);
    }
}

fn transaction<'s>(known: &Known<'_>, state: &'s State) -> Transaction<&'s str> {
    let (asked, currency) = (asked(state), currency_of(state));
    let of = |totals: Totals| currency.map_or(0, |currency| totals.of(currency));
    let mut row = Transaction::new(state.status, currency);
    row.is_closed = state.is_closed;
    row.is_open = !open_reasons(state).is_empty();
    (row.shop, row.terminal) = (state.shop.0, state.terminal.0);
    row.provider = state.provider.as_deref().unwrap_or_default();
    row.began_at = state.began_at.map(|at| at.0);
    row.sold_on = state.sale.and_then(|sale| sale.day).map(|day| day.0);
    row.asked = asked.map_or(0, |(_, amount)| amount);
    (row.collected, row.suspense, row.refunded) = (of(state.collected()), of(state.suspense()), of(state.refunded()));
    row.charged_back = of(charged_back(state));
    if let Some(agreed) = &state.plan {
        row.plan_version = agreed.version;
        row.installments_count = agreed.plan.installments_count;
        row.is_deferred = agreed.plan.is_deferred();
    }
    row.payment_id = state.acceptance.as_ref().and_then(|accepted| accepted.payment_id.as_deref());
    row.till_ticket = state.initiation.as_ref().and_then(|began| began.till_ticket.as_deref());
    row.is_printed = state.printed(TicketKind::Customer) && state.printed(TicketKind::Till);
    row.anomalies = u32::try_from(state.anomalies.len()).unwrap_or(u32::MAX);
    row.phone_buckets = buckets(known);
    row
}

/// What the customer was asked for: the sale where it is known, else what was typed.
pub(crate) fn asked(state: &State) -> Option<(Currency, u128)> {
    let sale = state.sale.map(|sale| (sale.currency, sale.minor_units));
    let typed = || state.initiation.as_ref().map(|began| began.amount);
    sale.or_else(|| typed().map(|money| (money.currency, money.amount.minor_units().into())))
}

/// The currency of a payment: of what was asked. Where nobody says that, the money that moved has one: most of all that
/// which is held.
pub(crate) fn currency_of(state: &State) -> Option<Currency> {
    let moved = [state.collected(), state.suspense(), state.refunded(), charged_back(state), held_back(state)];
    let moved_in = || moved.iter().find_map(|totals| totals.iter().next()).map(|(currency, _)| currency);
    asked(state).map(|(currency, _)| currency).or_else(moved_in)
}

/// Given or taken back, and held.
fn held_back(state: &State) -> Totals {
    let held = Some(Standing::Suspense);
    let refunds = state.refunds.iter().filter(|refund| refund.standing == held).map(|refund| refund.money);
    let disputes = state.disputes.iter().filter(|dispute| dispute.standing == held);
    refunds.chain(disputes.filter_map(|dispute| dispute.money)).collect()
}

fn charged_back(state: &State) -> Totals {
    let counting = state.disputes.iter().filter(|dispute| dispute.standing == Some(Standing::Counts));
    counting.filter_map(|dispute| dispute.money).collect()
}

fn buckets(known: &Known<'_>) -> Vec<u32> {
    let mut buckets: Vec<_> = known.arrivals.iter().map(|arrival| arrival.phone_bucket).filter(|of| *of != 0).collect();
    buckets.sort_unstable();
    buckets.dedup();
    buckets
}

/// The names that are texts, each with what its key begins with.
fn texts<'s>(state: &'s State, row: &Transaction<&'s str>) -> impl Iterator<Item = (u8, &'s str)> {
    let ticket = row.till_ticket.map(|ticket| (TICKET, ticket));
    let payment = row.payment_id.map(|id| (PAYMENT_ID, id));
    let refunds = state.refunds.iter().filter_map(|refund| Some((REFUND_ID, refund.refund_id.as_deref()?)));
    ticket.into_iter().chain(payment).chain(refunds)
}

/// The other names.
fn names<'r>(known: &Known<'_>, state: &State, row: &'r Transaction<&str>) -> impl Iterator<Item = Name> + use<'r> {
    let merchant = known.key.merchant;
    let buckets = row.phone_buckets.iter().map(move |bucket| Name::PhoneBucket(merchant, *bucket));
    let amount = row.currency().map(|currency| (currency, row.asked));
    // A payment without an amount is listed all the same, and found by what comes before an amount.
    let place = row.day().map(|day| Name::Place(merchant, day, Some(state.shop), Some(state.terminal), amount));
    buckets.chain(place)
}

/// Under what its doubles would be found: a payment of a terminal that the customer's phone is known of.
fn twin_names(known: &Known<'_>, state: &State, row: &Transaction<&str>) -> Vec<Name> {
    let Some(currency) = row.currency().filter(|_| state.terminal.0 != 0 && state.began_at.is_some()) else {
        return Vec::new();
    };
    let twin = |bucket: &u32| Name::Twin(known.key.merchant, state.terminal, currency, row.asked, *bucket);
    row.phone_buckets.iter().map(twin).collect()
}
