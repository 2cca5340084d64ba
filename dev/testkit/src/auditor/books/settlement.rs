//! What a payment lets expect of its provider, and what lines book of it (docs/views.md, settlement). Fees, due dates and
//! payouts are not looked at here.

use talon_domain::fact::{Direction, LineKind, Payload, SettlementLine};
use talon_domain::ids::StreamKey;
use talon_domain::money::{Currency, Money};

use super::super::anomaly::Found;
use super::super::debit::{COUNTS, HELD};
use super::super::outcome;
use super::super::payment::Payment;
use super::super::slot::Slot;
use super::super::witness::Told;
use super::devices::stated;
use super::{Prefix, Stream};

/// What was expected of one thing, and what was booked of it. Below nothing is what is taken from the merchant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owed {
    /// Who is paid.
    pub merchant: u64,
    /// For which day it is listed.
    pub day: u16,
    /// Who owes it; empty where nobody said.
    pub provider: String,
    /// What it is about: payment, refund, dispute, or what a provider calls its line.
    pub what: String,
    /// The payment; `None` of what no payment expects.
    pub key: Option<StreamKey>,
    /// The provider's id of it.
    pub id: Option<String>,
    /// The day of the sale, refund, dispute or booking.
    pub happened_on: u16,
    /// Of all its amounts.
    pub currency: String,
    /// What was expected; `None` of what nothing expects.
    pub expected: Option<i128>,
    /// What was booked, before fees; `None` while nothing was.
    pub gross: Option<i128>,
    /// What was booked, less fees.
    pub net: Option<i128>,
    /// Fees that were given back.
    pub waived: i128,
    /// Why nothing expects it, where something should.
    pub surprise: String,
}

/// A line of an account, as it is shown.
struct Booked<'a> {
    merchant: u64,
    day: u16,
    line: &'a SettlementLine,
    gross: i128,
    net: i128,
}

/// Every expectation, and every line that fulfils none, sorted. "Practice is in no row."
pub(super) fn owed(prefix: &Prefix) -> Vec<Owed> {
    let mut expected = Vec::new();
    for stream in prefix.payments().iter().filter(|stream| !stream.key.training) {
        expect(stream, stream.judged.payment.as_ref().expect("a payment"), &mut expected);
    }
    let mut all = Vec::new();
    let booked = booked(prefix);
    for one in &expected {
        let mut owed = one.clone();
        let mut is_met = false;
        for found in &booked {
            if let [only] = bearers(found, &expected)[..]
                && only == one
            {
                is_met = true;
                book(&mut owed, found);
            }
        }
        // Of a dispute that was won nothing is expected: it is shown once something was booked of it.
        if is_met || owed.what != "dispute" || owed.expected != Some(0) {
            all.push(owed);
        }
    }
    for found in &booked {
        all.extend(own_entry(found, &expected));
    }
    all.sort();
    all
}

/// Its sale; refunds, which "all together take no more than the sale"; disputes, of which one that was won takes nothing.
fn expect(stream: &Stream<'_>, payment: &Payment<'_>, expected: &mut Vec<Owed>) {
    let told = &stream.judged.told;
    let mut back: Vec<(&str, Option<String>, u16, Currency, u128)> = Vec::new();
    let mut refunds: Vec<_> = payment.refunds.iter().filter(|refund| refund.standing == COUNTS).collect();
    refunds.sort_by_key(|refund| (occurred_at(told, &refund.slot), refund.slot.clone()));
    let mut left = payment.sale.map_or(0, |sale| sale.minor_units);
    for refund in refunds {
        let mut amount = u128::from(refund.money.amount.minor_units());
        if payment.sale.is_some_and(|sale| sale.currency == refund.money.currency) {
            amount = amount.min(left);
            left -= amount;
        }
        let id = Some(refund.id.clone()).filter(|id| !id.is_empty());
        back.push(("refund", id, refund.day.0, refund.money.currency, amount));
    }
    for dispute in payment.disputes.iter().filter(|dispute| dispute.standing != HELD) {
        let Some(money) = dispute.money else { continue };
        let amount = if dispute.standing == COUNTS { u128::from(money.amount.minor_units()) } else { 0 };
        back.push(("dispute", Some(dispute.slot.text(0).to_owned()), dispute.day.0, money.currency, amount));
    }
    let sold = payment.sale.and_then(|sale| Some((sale, sale.day?.0)));
    // Listed on the day of its sale, else of the first money that went back.
    let first_back = back.iter().map(|(_, _, day, ..)| *day).min();
    let Some(day) = sold.map(|(_, day)| day).or(first_back) else { return };
    let mut put = |what: &str, id: Option<String>, happened_on, currency: Currency, amount: i128| {
        expected.push(Owed {
            merchant: stream.key.merchant.0,
            day,
            provider: payment.provider.clone(),
            what: what.to_owned(),
            key: Some(stream.key),
            id,
            happened_on,
            currency: currency.code().to_owned(),
            expected: Some(amount),
            gross: None,
            net: None,
            waived: 0,
            surprise: String::new(),
        });
    };
    if let Some((sale, day)) = sold {
        let id = outcome::acceptance(told, &mut Found::default()).map(|accepted| accepted.id);
        put("payment", id.filter(|id| !id.is_empty()), day, sale.currency, whole(sale.minor_units));
    }
    for (what, id, day, currency, amount) in back {
        put(what, id, day, currency, -whole(amount));
    }
}

fn occurred_at(told: &[Told<'_>], slot: &Slot) -> talon_domain::time::Instant {
    let told = told.iter().find(|told| told.slot == *slot).expect("it is told");
    told.winner().fact.header.occurred_at
}

fn booked(prefix: &Prefix) -> Vec<Booked<'_>> {
    let mut all = Vec::new();
    for stream in prefix.streams().into_iter().filter(|stream| !stream.key.training) {
        let Some(fact) = stated(&stream) else { continue };
        let Payload::SettlementLine(line) = &fact.payload else { continue };
        let gross = signed(line.amount, line.direction);
        // "What a line states in another currency than its own is in no amount."
        let own = |money: Option<Money>| money.filter(|money| money.currency == line.amount.currency);
        let fee = own(line.merchant_fee).map_or(0, |fee| -signed(fee, line.merchant_fee_direction));
        let net = own(line.net).map_or(gross - fee, |net| signed(net, line.net_direction));
        let day = line.booking_day.or(line.value_day).unwrap_or(fact.header.day).0;
        all.push(Booked { merchant: stream.key.merchant.0, day, line, gross, net });
    }
    all
}

/// "A line fulfils an expectation by an exact id alone: a sale by `payment_id`, a refund by `refund_id`, a dispute by
/// `dispute_id`."
fn name(line: &SettlementLine) -> Option<(&'static str, String)> {
    let (what, id) = match line.kind {
        LineKind::Payment | LineKind::Fee | LineKind::FeeWaiver => ("payment", &line.payment_id),
        LineKind::Refund => ("refund", &line.refund_id),
        LineKind::Chargeback | LineKind::ChargebackWon => ("dispute", &line.dispute_id),
        _ => return None,
    };
    Some((what, id.as_ref()?.to_string()))
}

fn is_named<'e>(found: &Booked<'_>, expected: &'e [Owed]) -> Vec<&'e Owed> {
    let Some((what, id)) = name(found.line) else { return vec![] };
    let is_meant = |one: &&Owed| one.merchant == found.merchant && one.what == what && one.id.as_ref() == Some(&id);
    expected.iter().filter(is_meant).collect()
}

/// "The provider must be the same where both sides name one, the currency always."
fn bearers<'e>(found: &Booked<'_>, expected: &'e [Owed]) -> Vec<&'e Owed> {
    let mut bearers = is_named(found, expected);
    bearers.retain(|one| {
        let provider = found.line.provider.as_deref().unwrap_or_default();
        let is_same = provider.is_empty() || one.provider.is_empty() || provider == one.provider;
        is_same && one.currency == found.line.amount.currency.code()
    });
    bearers
}

/// "A fee that is a line of its own counts as fee", and one that is given back is beside what was booked.
fn book(owed: &mut Owed, found: &Booked<'_>) {
    match found.line.kind {
        LineKind::FeeWaiver => owed.waived += found.net,
        LineKind::Fee => owed.net = Some(owed.net.unwrap_or(0) + found.net),
        _ => {
            owed.gross = Some(owed.gross.unwrap_or(0) + found.gross);
            owed.net = Some(owed.net.unwrap_or(0) + found.net);
        }
    }
}

/// "Each line of an account is counted once: in what it fulfils, or for itself." A bank's transfer and a payout's own line
/// move no balance.
fn own_entry(found: &Booked<'_>, expected: &[Owed]) -> Option<Owed> {
    let what = match found.line.kind {
        LineKind::Payout | LineKind::Transfer => return None,
        LineKind::Payment => "payment",
        LineKind::Refund => "refund",
        LineKind::Chargeback | LineKind::ChargebackWon => "dispute",
        other => other.name(),
    };
    let name = name(found.line);
    let surprise = match (bearers(found, expected).len(), is_named(found, expected).len()) {
        (1, _) => return None,
        _ if !["payment", "refund", "dispute"].contains(&what) => "",
        _ if name.is_none() => "names_nothing",
        (0, 0) => "not_in_ledger",
        (0, _) => "of_something_else",
        _ => "of_several",
    };
    Some(Owed {
        merchant: found.merchant,
        day: found.day,
        provider: found.line.provider.as_deref().unwrap_or_default().to_owned(),
        what: what.to_owned(),
        key: None,
        id: name.map(|(_, id)| id),
        happened_on: found.day,
        currency: found.line.amount.currency.code().to_owned(),
        expected: None,
        gross: Some(found.gross),
        net: Some(found.net),
        waived: 0,
        surprise: surprise.to_owned(),
    })
}

fn signed(money: Money, direction: Direction) -> i128 {
    let amount = i128::from(money.amount.minor_units());
    if direction == Direction::Debit { -amount } else { amount }
}

fn whole(minor_units: u128) -> i128 {
    i128::try_from(minor_units).expect("a sum of amounts")
}
