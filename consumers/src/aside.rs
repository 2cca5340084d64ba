//! Records that could not be folded, and why: a table beside the views, committed with them, so that none is forgotten.
//!
//! Invariant: what is set aside is named by its place; the record itself stays in the journal, where everything is.
//! Views that are made anew try each of them again.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use talon_domain::ids::{PartitionId, Position};
use talon_projections::key::{Fields, Key};
use talon_projections::reading::{Reading, read_row, strange_key};
use talon_projections::store::{StoreError, Tables};
use talon_projections::table::ASIDE;

/// The longest reason that is kept, in bytes.
const REASON_BYTES_MAX: usize = 1_024;

/// A record that is in no view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Its partition.
    pub partition: PartitionId,
    /// Its place there.
    pub position: Position,
    /// Why.
    pub reason: String,
    /// The release that could not fold it.
    pub release: String,
}

#[derive(Serialize, Deserialize)]
struct Row {
    reason: String,
    release: String,
}

/// The records that are set aside, in the order of partitions and positions.
pub fn asides(reading: &dyn Reading) -> Result<Vec<Aside>, StoreError> {
    let (mut found, mut failed) = (Vec::new(), None);
    reading.scan(ASIDE, &[], None, &mut |key, value| match aside(key, value) {
        Ok(aside) => {
            found.push(aside);
            ControlFlow::Continue(())
        }
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    })?;
    failed.map_or(Ok(found), Err)
}

/// Their places alone.
pub fn aside_places(reading: &dyn Reading) -> Result<BTreeSet<(PartitionId, Position)>, StoreError> {
    Ok(asides(reading)?.into_iter().map(|aside| (aside.partition, aside.position)).collect())
}

fn aside(key: &[u8], value: &[u8]) -> Result<Aside, StoreError> {
    let mut fields = Fields::of(key);
    let (partition, position) = fields.u16().zip(fields.u64()).ok_or_else(strange_key)?;
    let Row { reason, release } = read_row(value)?;
    Ok(Aside { partition: PartitionId(partition), position: Position(position), reason, release })
}

/// Notes that a record is set aside.
pub(crate) fn put(tables: &mut Tables, partition: PartitionId, position: Position, reason: &str) {
    let mut key = Key::new();
    key.u16(partition.0).u64(position.0);
    let reason = reason.chars().scan(0usize, |bytes, letter| {
        *bytes = bytes.saturating_add(letter.len_utf8());
        (*bytes <= REASON_BYTES_MAX).then_some(letter)
    });
    let row = Row { reason: reason.collect(), release: env!("CARGO_PKG_VERSION").to_owned() };
    // Texts are written into memory, which does not fail.
    tables.put(ASIDE, key.as_bytes(), &postcard::to_allocvec(&row).unwrap_or_default());
}
