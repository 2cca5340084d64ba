//! Payments of terminals that nobody registered. A finished one has no row among open items, so the days on which such a
//! terminal worked are looked for first, and its payments of those days by their place.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::Day;

use super::query::{Asked, Filter};
use super::row::OpenPayment;
use crate::days::Place;
use crate::key::{Fields, Key, behind};
use crate::reading::{Reading, strange_key};
use crate::store::StoreError;
use crate::table::DAYS;
use crate::transactions::{Name, Transaction, find};

/// A terminal on a day, in a shop.
type Worked = (MerchantId, Day, ShopId, TerminalId);

/// The merchants among those asked for who took payments and registered no device, in their order.
pub fn unregistered(reading: &dyn Reading, asked: &Asked<'_>) -> Result<Vec<MerchantId>, StoreError> {
    let mut found = Vec::new();
    let (mut from, below) = span(&asked.filter);
    // From the first row of one merchant to the first one of the next: no other row is read.
    while let Some(merchant) = first_merchant(reading, &from, below.as_deref())? {
        found.extend(Some(merchant).filter(|merchant| !asked.registry.has_devices(*merchant)));
        let Some(next) = merchant.0.checked_add(1) else { break };
        from.clear().merchant(MerchantId(next));
    }
    Ok(found)
}

fn first_merchant(reading: &dyn Reading, from: &Key, below: Option<&[u8]>) -> Result<Option<MerchantId>, StoreError> {
    let mut first = None;
    reading.scan(DAYS, from.as_bytes(), below, &mut |key, _| {
        first = Some(Fields::of(key).merchant().ok_or_else(strange_key));
        ControlFlow::Break(())
    })?;
    first.transpose()
}

/// The payments of unknown terminals, without those that are known already, and without practice.
pub(super) fn payments(
    reading: &dyn Reading,
    asked: &Asked<'_>,
    known: &BTreeSet<StreamKey>,
) -> Result<Vec<(StreamKey, OpenPayment)>, StoreError> {
    let mut payments = Vec::new();
    for (merchant, day, shop, terminal) in worked_unknown(reading, asked)? {
        let name = Name::Place(merchant, day, Some(shop), Some(terminal), None);
        let new = find(reading, &name)?.into_iter().filter(|(key, _)| !key.training && !known.contains(key));
        payments.extend(new.map(|(key, row)| (key, finished(&row))));
    }
    Ok(payments)
}

fn worked_unknown(reading: &dyn Reading, asked: &Asked<'_>) -> Result<BTreeSet<Worked>, StoreError> {
    let filter = &asked.filter;
    let (from, below) = span(filter);
    let mut found = BTreeSet::new();
    let mut is_strange = false;
    reading.scan(DAYS, from.as_bytes(), below.as_deref(), &mut |key, _| {
        let Some(place) = Place::read(key) else {
            is_strange = true;
            return ControlFlow::Break(());
        };
        let is_asked = filter.shop.is_none_or(|shop| place.shop == shop)
            && filter.terminal.is_none_or(|terminal| place.terminal == terminal)
            && filter.days.as_ref().is_none_or(|days| days.contains(&place.day));
        if is_asked && asked.is_unknown(place.merchant, place.terminal, place.day) {
            found.insert((place.merchant, place.day, place.shop, place.terminal));
        }
        ControlFlow::Continue(())
    })?;
    if is_strange { Err(strange_key()) } else { Ok(found) }
}

/// The first key that can be asked for, and the first one behind all of them.
fn span(filter: &Filter) -> (Key, Option<Vec<u8>>) {
    let mut from = Key::new();
    let Some(merchant) = filter.merchant else { return (from, None) };
    let mut below = behind(from.merchant(merchant).as_bytes());
    if let Some(days) = &filter.days {
        let mut last = from.clone();
        below = behind(last.day(*days.end()).as_bytes());
        from.day(*days.start());
    }
    (from, below)
}

/// A payment of which nothing is open but its place.
fn finished(row: &Transaction) -> OpenPayment {
    let code = |currency: Currency| currency.code().as_bytes().first_chunk().copied();
    OpenPayment {
        status: row.status() as u8,
        shop: row.shop().0,
        terminal: row.terminal().0,
        provider: row.provider.clone(),
        currency: row.currency().and_then(code),
        amount: row.asked,
        began_at: row.began_at().map(|at| at.0),
        sold_on: row.sold_on().map(|day| day.0),
        reasons: Vec::new(),
    }
}
