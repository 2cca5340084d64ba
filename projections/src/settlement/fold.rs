//! What a payment, a line and a payout come to in settlement. Practice comes to nothing.

use talon_domain::fact::{Direction, Fact, LineKind, Payload, Payout, PayoutStage, SettlementLine};
use talon_domain::ids::StreamKey;
use talon_domain::money::Money;
use talon_domain::state::{Dispute, Refund, Standing, State};
use talon_domain::stream::Stream;
use talon_domain::time::Day;

use super::row::{
    BY_PAYOUT, Booked, Counted, Expected, OWN_LINE, PayoutRow, Place, Taken, balance_cell, expected_key, letters,
    line_key,
};
use crate::key::Key;
use crate::rows::Rows;
use crate::store::{Merge, Table};
use crate::table::{BALANCES, EXPECTED, LINES, PAYOUTS};
use crate::view::{Known, View};

/// The view of settlement.
pub struct Settlement;

impl View for Settlement {
    fn name(&self) -> &'static str {
        "settlement"
    }

    fn version(&self) -> u16 {
        2
    }

    fn tables(&self) -> &'static [(Table, Merge)] {
        &[(EXPECTED, Merge::Latest), (LINES, Merge::Latest), (PAYOUTS, Merge::Latest), (BALANCES, Merge::Cells)]
    }

    fn rows(&self, known: &Known<'_>, rows: &mut Rows) {
        if known.key.training {
            return;
        }
        if let Some(state) = known.state {
            put_expected(known.key, state, rows);
            return;
        }
        let Some(fact) = known.stated else { return };
        match &fact.payload {
            Payload::SettlementLine(line) => put_line(known.key, fact, line, rows),
            Payload::Payout(payout) => put_payout(known, fact, payout, rows),
            _ => {}
        }
    }
}

fn put_expected(key: StreamKey, state: &State, rows: &mut Rows) {
    let Some((day, expected)) = expected(state) else { return };
    let provider = state.provider.as_deref().unwrap_or_default();
    for (name, currency) in expected.names() {
        let place = Place { day: day.0, provider: provider.to_owned(), currency };
        let write = |written: &mut Key| {
            name.write(written, key.merchant);
            written.stream(key.stream, key.training);
        };
        rows.put(EXPECTED, write, &place);
    }
    rows.put(EXPECTED, |written| expected_key(written, key, day, provider), &expected);
}

/// What a payment lets expect, and the day for which it is listed: of its sale, else of the first money that went back.
fn expected(state: &State) -> Option<(Day, Expected)> {
    let sold = state.sale.and_then(|sale| Some((sale, sale.day?)));
    let refunds = refunds(state);
    let disputes: Vec<_> = state.disputes.iter().filter_map(dispute).collect();
    let first_back = || refunds.iter().chain(&disputes).map(|taken| (taken.day(), taken.currency())).min();
    let (day, currency) = match sold {
        Some((sale, day)) => (day, sale.currency),
        None => first_back().and_then(|(day, currency)| Some((day, currency?)))?,
    };
    let mut expected = Expected::new(currency);
    expected.gross = sold.map(|(sale, _)| sale.minor_units);
    let plan = state.plan.as_ref().map(|agreed| &agreed.plan);
    expected.plan = plan.map(|plan| (plan.installments_count, plan.deferred_days, plan.deferred_months));
    let payment_id = state.acceptance.as_ref().and_then(|accepted| accepted.payment_id.as_ref());
    expected.payment_id = payment_id.map(ToString::to_string);
    (expected.refunds, expected.disputes) = (refunds, disputes);
    Some((day, expected))
}

/// A full refund gives the customer's own fees back too, which the merchant never had: all refunds together take no more
/// from it than the sale.
fn refunds(state: &State) -> Vec<Taken> {
    let mut counting: Vec<&Refund> =
        state.refunds.iter().filter(|refund| refund.standing == Some(Standing::Counts)).collect();
    counting.sort_by_key(|refund| (refund.occurred_at, refund.slot()));
    let mut left = state.sale.map(|sale| (sale.currency, sale.minor_units));
    let taken = counting.into_iter().map(|refund| {
        let mut amount = u128::from(refund.money.amount.minor_units());
        if let Some((_, left)) = left.as_mut().filter(|(currency, _)| *currency == refund.money.currency) {
            amount = amount.min(*left);
            *left = left.saturating_sub(amount);
        }
        let id = refund.refund_id.as_ref().map(ToString::to_string);
        Taken::new(id, refund.money.currency, amount, refund.day)
    });
    taken.collect()
}

/// Of a dispute that was won nothing stays taken; one whose money is held is not expected at all.
fn dispute(dispute: &Dispute) -> Option<Taken> {
    let money = dispute.money?;
    let amount = match dispute.standing {
        Some(Standing::Counts) => money.amount.minor_units().into(),
        Some(Standing::Suspense) => return None,
        None => 0,
    };
    Some(Taken::new(Some(dispute.dispute_id.to_string()), money.currency, amount, dispute.day))
}

fn put_line(key: StreamKey, fact: &Fact, line: &SettlementLine, rows: &mut Rows) {
    let booked = booked(line);
    let day = line.booking_day.or(line.value_day).unwrap_or(fact.header.day);
    let (merchant, account, stream) = (key.merchant, &*line.account, key.stream);
    if let Some(name) = booked.name() {
        let write = |written: &mut Key| {
            name.write(written, merchant);
            written.text(account).day(day).bytes(&stream.0);
        };
        rows.put(LINES, write, &());
    }
    if let Some(payout) = booked.included_in.as_deref() {
        let write = |written: &mut Key| {
            written.merchant(merchant).u8(BY_PAYOUT).text(account).text(payout).day(day).bytes(&stream.0);
        };
        rows.put(LINES, write, &());
    }
    // A payout that bears no id was sent all the same, and takes what it took from the account.
    let own = if booked.kind() == LineKind::Payout { Some("") } else { None };
    if let Some(payout) = line.payout_id.as_deref().or(own).filter(|_| !booked.moves_balance()) {
        let write = |written: &mut Key| {
            written.merchant(merchant).u8(OWN_LINE).text(account).text(payout).bytes(&stream.0);
        };
        rows.put(LINES, write, &day.0);
    }
    if booked.moves_balance() {
        let payout = booked.included_in.as_deref().unwrap_or_default();
        let currency = line.amount.currency;
        let cells = [
            (balance_cell(Counted::Lines, currency), 1),
            (balance_cell(Counted::Net, currency), i128::from(booked.net)),
        ];
        rows.add(BALANCES, |written| _ = written.merchant(merchant).text(account).text(payout), &cells);
    }
    rows.put(LINES, |written| line_key(written, merchant, (day, account, stream)), &booked);
}

fn booked(line: &SettlementLine) -> Booked {
    let currency = line.amount.currency;
    let gross = signed(line.amount, line.direction);
    let own = |money: Option<Money>| money.filter(|money| money.currency == currency);
    // A fee that is kept goes from the merchant, and is counted as what it is: a fee.
    let kept = |money: Option<Money>, direction| own(money).map(|money| signed(money, direction).saturating_neg());
    let mut booked = Booked::new(line.kind, currency, gross);
    booked.fee = kept(line.merchant_fee, line.merchant_fee_direction);
    booked.tax = kept(line.tax, line.tax_direction);
    let left = gross.saturating_sub(booked.fee.unwrap_or(0));
    booked.net = own(line.net).map_or(left, |net| signed(net, line.net_direction));
    let text = |text: Option<&talon_domain::fact::Text>| text.map(ToString::to_string);
    booked.payment_id = text(line.payment_id.as_ref());
    booked.refund_id = text(line.refund_id.as_ref());
    booked.dispute_id = text(line.dispute_id.as_ref());
    booked.included_in = text(line.included_in_payout_id.as_ref());
    booked.provider = text(line.provider.as_ref());
    booked.native_type = text(line.native_type.as_ref());
    booked
}

fn signed(money: Money, direction: Direction) -> i64 {
    let amount = i64::try_from(money.amount.minor_units()).unwrap_or(i64::MAX);
    match direction {
        Direction::Credit => amount,
        Direction::Debit => amount.saturating_neg(),
    }
}

/// A payout that came back keeps what was said when it was sent.
fn put_payout(known: &Known<'_>, shown: &Fact, payout: &Payout, rows: &mut Rows) {
    let sending: Stream = known.stream.facts().filter(|fact| is_sent(fact)).cloned().collect();
    let sent = sending.shown().and_then(|fact| Some((fact, payout_of(fact)?)));
    let amount = sent.and_then(|(_, sent)| Some((sent.amount?, sent.direction.unwrap_or(Direction::Credit))));
    let day = sent.map_or(shown.header.day, |(fact, sent)| sent.day.unwrap_or(fact.header.day));
    let provider = payout.provider.as_ref().or_else(|| sent.and_then(|(_, sent)| sent.provider.as_ref()));
    let row = PayoutRow {
        is_returned: payout.stage == PayoutStage::Returned,
        sent: amount.map(|(money, direction)| (letters(money.currency), signed(money, direction))),
        day: day.0,
        provider: provider.map(ToString::to_string),
    };
    let stream = known.key;
    let write = |key: &mut Key| {
        key.merchant(stream.merchant).text(&payout.account).text(&payout.payout_id).bytes(&stream.stream.0);
    };
    rows.put(PAYOUTS, write, &row);
}

fn is_sent(fact: &Fact) -> bool {
    payout_of(fact).is_some_and(|payout| payout.stage == PayoutStage::Sent)
}

const fn payout_of(fact: &Fact) -> Option<&Payout> {
    match &fact.payload {
        Payload::Payout(payout) => Some(payout),
        _ => None,
    }
}
