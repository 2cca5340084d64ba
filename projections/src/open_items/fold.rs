//! What a stream comes to in open items: a row if it is not finished, and a sign of life of the terminals that speak.

use talon_domain::fact::{Fact, Payload, Source};
use talon_domain::ids::TerminalId;
use talon_domain::money::Currency;
use talon_domain::open::open_since;
use talon_domain::state::{Standing, State};
use talon_domain::time::Instant;

use super::row::{KeptReason, LAST_HEARD, OpenPayment};
use crate::rows::Rows;
use crate::store::{Merge, Table};
use crate::table::{HEARD, OPEN};
use crate::view::{Known, View};

/// The view of open items.
pub struct OpenItems;

impl View for OpenItems {
    fn name(&self) -> &'static str {
        "open_items"
    }

    fn version(&self) -> u16 {
        1
    }

    fn tables(&self) -> &'static [(Table, Merge)] {
        &[(OPEN, Merge::Latest), (HEARD, Merge::Cells)]
    }

    fn rows(&self, known: &Known<'_>, rows: &mut Rows) {
        heard(known, rows);
        let Some(state) = known.state.filter(|_| !known.key.training) else { return };
        if let Some(open) = open_payment(known, state) {
            rows.put(OPEN, |key| _ = key.stream_key(known.key), &open);
        }
    }
}

/// Practice is a sign of life, too: it is the same device.
fn heard(known: &Known<'_>, rows: &mut Rows) {
    let merchant = known.key.merchant;
    // Mostly one terminal tells all of them.
    let mut last: Option<(TerminalId, Instant)> = None;
    let mut tell = |(terminal, at): (TerminalId, Instant)| {
        rows.add(HEARD, |key| _ = key.merchant(merchant).terminal(terminal), &[(LAST_HEARD, at.0.into())]);
    };
    for (terminal, at) in known.stream.facts().filter_map(spoken) {
        match &mut last {
            Some((known, latest)) if *known == terminal => *latest = at.max(*latest),
            other => other.replace((terminal, at)).into_iter().for_each(&mut tell),
        }
    }
    last.into_iter().for_each(tell);
}

/// The terminal that tells a fact itself, and when: one that counts it in its sequence, or whose mouth it is. What others
/// tell of its payments is no sign of life.
fn spoken(fact: &Fact) -> Option<(TerminalId, Instant)> {
    let header = &fact.header;
    let is_own = header.source == Source::Terminal || header.terminal_seq.0 != 0;
    let stated = match &fact.payload {
        Payload::TerminalTotals(totals) => totals.terminal,
        _ => TerminalId(0),
    };
    let named = if header.terminal.0 == 0 { stated } else { header.terminal };
    // Nothing is said after it was recorded, whatever a clock shows.
    (is_own && named.0 != 0).then(|| (named, header.occurred_at.min(header.recorded_at)))
}

fn open_payment<'s>(known: &Known<'_>, state: &'s State) -> Option<OpenPayment<&'s str>> {
    let open = open_since(state);
    if open.is_empty() {
        return None;
    }
    // Of a payment of which nothing counts any more, the first thing that was told.
    let told = known.stream.facts().map(|fact| fact.header.occurred_at).min();
    let began_at = state.began_at.or(told);
    let dated = open.into_iter().map(|mut open| {
        open.began_at = open.began_at.or(began_at);
        KeptReason::of(open)
    });
    let at_stake = at_stake(state);
    Some(OpenPayment {
        status: state.status as u8,
        shop: state.shop.0,
        terminal: state.terminal.0,
        provider: state.provider.as_deref().unwrap_or_default(),
        currency: at_stake.and_then(|(currency, _)| currency.code().as_bytes().first_chunk().copied()),
        amount: at_stake.map_or(0, |(_, amount)| amount),
        began_at: began_at.map(|at| at.0),
        sold_on: state.sale.and_then(|sale| sale.day).map(|day| day.0),
        reasons: dated.collect(),
    })
}

/// The sale, else what was typed, else what is held in the first of its currencies.
fn at_stake(state: &State) -> Option<(Currency, u128)> {
    let sale = state.sale.map(|sale| (sale.currency, sale.minor_units));
    let held = || {
        let back = state.refunds.iter().filter(|refund| refund.standing == Some(Standing::Suspense));
        let disputed = state.disputes.iter().filter(|dispute| dispute.standing == Some(Standing::Suspense));
        let taken = state.suspense();
        let given = back.map(|refund| refund.money).chain(disputed.filter_map(|dispute| dispute.money)).collect();
        [taken, given].iter().find_map(|totals: &talon_domain::money::Totals| totals.iter().next())
    };
    sale.or_else(held)
}
