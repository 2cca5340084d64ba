//! The last record of each partition that was taken, kept beside the rows: by it a projector knows whether a journal is
//! still the one that it has read.
//!
//! Invariant: a journal that was cut, or restored and written to since, holds another record there, or none.

use std::collections::BTreeMap;

use talon_domain::ids::{PartitionId, Position};
use talon_journal::Journal;
use talon_projections::key::Key;
use talon_projections::projection::Projection;
use talon_projections::store::{StoreError, Tables};
use talon_projections::table::ENDS;

use super::ProjectorError;
use crate::entry::{Witness, witness};

/// What was taken last since the last commit.
#[derive(Debug, Default)]
pub(super) struct Ends(BTreeMap<PartitionId, Witness>);

impl Ends {
    pub(super) fn take(&mut self, partition: PartitionId, witness: Witness) {
        self.0.insert(partition, witness);
    }

    /// Writes them behind, to be committed with the rows.
    pub(super) fn put(&mut self, tables: &mut Tables) {
        for (partition, witness) in std::mem::take(&mut self.0) {
            tables.put(ENDS, key(partition).as_bytes(), &witness);
        }
    }

    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

/// Whether the journal is the one that a projection was made of.
pub(super) fn check(projection: &Projection, journal: &dyn Journal) -> Result<(), ProjectorError> {
    let ends = journal.ends();
    for (partition, next) in projection.positions() {
        let end = ends.next(partition);
        if next > end {
            return Err(ProjectorError::Further { partition, read: next, end });
        }
        let Some(last) = next.0.checked_sub(1).map(Position) else { continue };
        let kept = projection.tables().get(ENDS, key(partition).as_bytes())?;
        let kept = kept.ok_or_else(|| StoreError::Broken("the last record that was taken is not named".to_owned()))?;
        let mut reader = journal.read(partition, last)?;
        let is_same = reader.next()?.is_some_and(|stored| witness(&stored)[..] == kept[..]);
        if !is_same {
            return Err(ProjectorError::OtherJournal { partition, position: last });
        }
    }
    Ok(())
}

fn key(partition: PartitionId) -> Key {
    let mut key = Key::new();
    key.u16(partition.0);
    key
}
