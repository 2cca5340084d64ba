//! Digests of views: the sum, modulo 2^256, of SHA-256 over a view's rows, so that two machines, two versions or two
//! ways of making a view can be compared in one line. Rows are read from where they are kept, not from memory of what was
//! written: a digest speaks of what is there.

use std::ops::ControlFlow;

use talon_domain::digest::Digest;

use crate::reading::Reading;
use crate::store::{StoreError, Table};
use crate::view::View;

/// The digest of a view, and how many rows it covers.
pub fn digest_of(reading: &dyn Reading, view: &dyn View) -> Result<(Digest, u64), StoreError> {
    digest_in(reading, view, |table| table)
}

/// The same of tables that stand elsewhere: beside the live ones.
pub fn digest_in(
    reading: &dyn Reading,
    view: &dyn View,
    place: impl Fn(Table) -> Table,
) -> Result<(Digest, u64), StoreError> {
    let (mut digest, mut count) = (Digest::default(), 0u64);
    let mut row = Vec::new();
    for (table, _) in view.tables() {
        reading.scan(place(*table), &[], None, &mut |key, value| {
            row.clear();
            row.extend_from_slice(b"talon.view");
            row.extend_from_slice(&table.0.to_le_bytes());
            row.extend_from_slice(&view.version().to_le_bytes());
            row.extend_from_slice(&u64::try_from(key.len()).unwrap_or(u64::MAX).to_le_bytes());
            row.extend_from_slice(key);
            row.extend_from_slice(value);
            digest.add_row(&row);
            count = count.saturating_add(1);
            ControlFlow::Continue(())
        })?;
    }
    Ok((digest, count))
}
