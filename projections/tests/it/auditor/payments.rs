//! Payments in a few words, and by what they are found.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::Day;
use talon_projections::projection::Projection;
use talon_projections::reading::Reading;
use talon_projections::table::NAMES;
use talon_projections::transactions::{self, Transaction};
use talon_testkit::auditor::books::{Books, Name, Row, Rows};

use super::{MINUTE_US, unequal, unequal_at};

pub(super) fn in_transactions(projection: &Projection, books: &Books) -> Option<String> {
    let listed = listed(projection.tables());
    let rows: BTreeMap<_, _> = listed.iter().map(|(key, transaction)| (*key, row(transaction))).collect();
    let audited = books.transactions();
    let without_refunds = |(key, row): (&StreamKey, &Row)| (*key, Row { refund_ids: vec![], ..row.clone() });
    let found = unequal_at("transaction", &rows, &audited.0.iter().map(without_refunds).collect());
    found
        .or_else(|| names(&audited).into_iter().find_map(|name| in_name(projection.tables(), &audited, &name)))
        .or_else(|| unequal("how many names", &names_held(projection.tables()), &names_due(&audited)))
        .or_else(|| listed.iter().find_map(|(key, row)| in_twins(projection.tables(), &audited, *key, row)))
}

fn listed(reading: &dyn Reading) -> BTreeMap<StreamKey, Transaction> {
    let mut listed = BTreeMap::new();
    let mut keep = |key, transaction| {
        listed.insert(key, transaction);
        ControlFlow::Continue(())
    };
    transactions::list(reading, None, &mut keep).expect("memory cannot fail");
    listed
}

fn row(transaction: &Transaction) -> Row {
    Row {
        status: transaction.status().name().to_owned(),
        is_closed: transaction.is_closed,
        is_open: transaction.is_open,
        shop: transaction.shop().0,
        terminal: transaction.terminal().0,
        provider: transaction.provider.clone(),
        began_at: transaction.began_at().map(|at| at.0),
        sold_on: transaction.sold_on().map(|day| day.0),
        currency: transaction.currency().map_or(String::new(), |currency| currency.code().to_owned()),
        asked: transaction.asked,
        collected: transaction.collected,
        suspense: transaction.suspense,
        refunded: transaction.refunded,
        charged_back: transaction.charged_back,
        plan_version: transaction.plan_version,
        installments_count: transaction.installments_count,
        is_deferred: transaction.is_deferred,
        payment_id: transaction.payment_id.clone(),
        till_ticket: transaction.till_ticket.clone(),
        refund_ids: vec![],
        is_printed: transaction.is_printed,
        anomalies: usize::try_from(transaction.anomalies).expect("few"),
        phone_buckets: transaction.phone_buckets.clone(),
    }
}

/// Names that payments of these rows have, and some that they may not have.
fn names(rows: &Rows) -> Vec<Name> {
    let mut names = Vec::new();
    for text in ["0041", "0042", "P1", "P2", "F1", "F2"].map(str::to_owned) {
        names.extend([Name::Ticket(text.clone()), Name::PaymentId(text.clone()), Name::RefundId(text)]);
    }
    for (key, row) in &rows.0 {
        let merchant = key.merchant.0;
        names.extend((0..6).map(|bucket| Name::PhoneBucket(merchant, bucket)));
        names.extend(row.refund_ids.iter().cloned().map(Name::RefundId));
        let Some(day) = row.day() else { continue };
        let (shop, terminal) = (Some(row.shop), Some(row.terminal));
        names.push(Name::Place(merchant, day, None, None, None));
        names.push(Name::Place(merchant, day, shop, None, None));
        names.push(Name::Place(merchant, day, shop, terminal, None));
        if !row.currency.is_empty() {
            names.push(Name::Place(merchant, day, shop, terminal, Some((row.currency.clone(), row.asked))));
        }
    }
    names
}

fn in_name(reading: &dyn Reading, rows: &Rows, name: &Name) -> Option<String> {
    let asked = match name.clone() {
        Name::Ticket(ticket) => transactions::Name::Ticket(ticket),
        Name::PaymentId(id) => transactions::Name::PaymentId(id),
        Name::RefundId(id) => transactions::Name::RefundId(id),
        Name::PhoneBucket(merchant, bucket) => transactions::Name::PhoneBucket(MerchantId(merchant), bucket),
        Name::Place(merchant, day, shop, terminal, amount) => transactions::Name::Place(
            MerchantId(merchant),
            Day(day),
            shop.map(ShopId),
            terminal.map(TerminalId),
            amount.map(|(currency, amount)| (Currency::parse(&currency).expect("a currency"), amount)),
        ),
    };
    let found = transactions::find(reading, &asked).expect("memory cannot fail");
    let mut keys: Vec<_> = found.into_iter().map(|(key, _)| key).collect();
    keys.sort_unstable();
    unequal(&format!("found by {name:?}"), &keys, &rows.find(name))
}

/// First byte of a key of a twin: its payments are counted in pairs, elsewhere.
const TWIN: u8 = 6;

fn names_held(reading: &dyn Reading) -> usize {
    let mut held = 0;
    let mut count = |key: &[u8], _: &[u8]| {
        held += usize::from(key[0] != TWIN);
        ControlFlow::Continue(())
    };
    reading.scan(NAMES, &[], None, &mut count).expect("memory cannot fail");
    held
}

fn names_due(rows: &Rows) -> usize {
    let of_one = |row: &Row| {
        let refunds: BTreeSet<_> = row.refund_ids.iter().collect();
        let texts = [row.till_ticket.is_some(), row.payment_id.is_some(), row.day().is_some()];
        refunds.len() + row.phone_buckets.len() + texts.into_iter().filter(|is_there| *is_there).count()
    };
    rows.0.values().map(of_one).sum()
}

fn in_twins(reading: &dyn Reading, rows: &Rows, key: StreamKey, row: &Transaction) -> Option<String> {
    [0, MINUTE_US, 10 * MINUTE_US, 3 * 1_440 * MINUTE_US].into_iter().find_map(|within_us| {
        let found = transactions::twins(reading, key, row, within_us).expect("memory cannot fail");
        let twins: BTreeSet<_> = found.into_iter().map(|(key, _)| key).collect();
        let audited = rows.twins(key, within_us).into_iter().collect();
        unequal(&format!("twins of {key:?} within {within_us} us"), &twins, &audited)
    })
}
