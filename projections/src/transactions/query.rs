//! What transactions are asked: by a name, by a span of days, or for one payment.

use std::ops::ControlFlow;

use talon_domain::ids::{MerchantId, StreamKey};
use talon_domain::time::Instant;

use super::row::{Name, Transaction, named, twin};
use crate::key::{Fields, Key};
use crate::reading::{Reading, read_row, strange_key};
use crate::store::StoreError;
use crate::table::{NAMES, TRANSACTIONS};

/// The row of a payment.
pub fn row_of(reading: &dyn Reading, key: StreamKey) -> Result<Option<Transaction>, StoreError> {
    let mut written = Key::new();
    written.stream_key(key);
    let row = reading.get(TRANSACTIONS, written.as_bytes())?;
    row.map(|row| read_row(&row)).transpose()
}

/// The payments of a name, in the order of its keys.
pub fn find(reading: &dyn Reading, name: &Name) -> Result<Vec<(StreamKey, Transaction)>, StoreError> {
    let mut prefix = Key::new();
    name.write(&mut prefix);
    let mut keys = Vec::new();
    let mut is_strange = false;
    reading.scan_prefix(NAMES, &prefix, &mut |key, _| {
        match named(key) {
            Some(found) => keys.push(found),
            None => is_strange = true,
        }
        ControlFlow::Continue(())
    })?;
    if is_strange {
        return Err(strange_key());
    }
    let rows = keys.into_iter().map(|key| Ok(row_of(reading, key)?.map(|row| (key, row))));
    rows.filter_map(Result::transpose).collect()
}

/// Every payment of a merchant, or of all, in the order of keys; the caller says when it has enough.
pub fn list(
    reading: &dyn Reading,
    merchant: Option<MerchantId>,
    each: &mut dyn FnMut(StreamKey, Transaction) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut prefix = Key::new();
    if let Some(merchant) = merchant {
        prefix.merchant(merchant);
    }
    let mut broken = None;
    let mut hand_over = |key: &[u8], value: &[u8]| {
        let key = Fields::of(key).stream_key().ok_or_else(strange_key);
        match key.and_then(|key| Ok((key, read_row(value)?))) {
            Ok((key, row)) => each(key, row),
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    if merchant.is_some() {
        reading.scan_prefix(TRANSACTIONS, &prefix, &mut hand_over)?;
    } else {
        reading.scan(TRANSACTIONS, &[], None, &mut hand_over)?;
    }
    broken.map_or(Ok(()), Err)
}

/// Payments that could be the same purchase told twice: same terminal and amount, a phone of the same group, begun at
/// most so many microseconds apart. Nobody merges them.
pub fn twins(
    reading: &dyn Reading,
    key: StreamKey,
    row: &Transaction,
    within_us: i64,
) -> Result<Vec<(StreamKey, Instant)>, StoreError> {
    let (Some(currency), Some(began_at)) = (row.currency(), row.began_at()) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for bucket in &row.phone_buckets {
        let name = Name::Twin(key.merchant, row.terminal(), currency, row.asked, *bucket);
        let mut from = Key::new();
        name.write(&mut from);
        let mut below = from.clone();
        from.instant(Instant(began_at.0.saturating_sub(within_us)));
        below.instant(Instant(began_at.0.saturating_add(within_us).saturating_add(1)));
        reading.scan(NAMES, from.as_bytes(), Some(below.as_bytes()), &mut |name, _| {
            found.extend(twin(name, key.merchant).filter(|(_, other)| *other != key));
            ControlFlow::Continue(())
        })?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(found.into_iter().map(|(at, key)| (key, at)).collect())
}
