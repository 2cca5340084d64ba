//! Merges runs that are neighbours in age, a little at a time, so that a table is a few runs however often it was
//! committed.
//!
//! Invariants:
//! - a run stands for the runs that it replaces only when the list says so, in one batch, with the state as it was
//! - a page of each run and one batch are in memory, whatever the runs' lengths
//! - commits go on meanwhile: what they add is newer than all that is being merged
//!
//! This module does not know rows that are in memory.

use std::sync::Arc;

use super::super::StoreError;
use super::super::entry::Said;
use super::super::run::{Cursor, Run};
use super::kept::Kept;
use super::{Join, RunWriter, Table, Tables};

/// Rows are merged in steps of about so many bytes.
const STEP_BYTES: usize = 4 << 20;
/// Runs that are smaller count as if they were so large.
const RUN_BYTES_MIN: u64 = 4 << 10;
/// A run is merged only with so many newer ones.
const NEWER_RUNS: usize = 3;

/// A merge that has begun.
#[derive(Debug)]
pub(super) struct Merging {
    table: Table,
    /// The runs that it will stand for.
    replaced: Vec<u64>,
    /// Nothing older lies below: what is gone needs no word.
    is_oldest: bool,
    join: Join<'static>,
    writer: RunWriter,
}

/// Which runs are due, from this one on to the newest: those that together are twice as long as it is.
///
/// A run that stays is longer than half of all that is newer, or among the newest few: the number of runs grows with the
/// logarithm of the rows, and a row is copied about as often.
fn due(runs: &[Arc<Run>]) -> Option<usize> {
    let length = |run: &Arc<Run>| run.facts().bytes.max(RUN_BYTES_MIN);
    let mut newer: u64 = runs.iter().map(length).fold(0, u64::saturating_add);
    for (place, run) in runs.iter().enumerate() {
        newer = newer.saturating_sub(length(run));
        let behind = runs.len().saturating_sub(place).saturating_sub(1);
        if behind >= NEWER_RUNS && length(run).saturating_mul(2) <= newer {
            return Some(place);
        }
    }
    None
}

impl Tables {
    /// Whether there is something to merge, or something merged to delete, and nobody is at it.
    pub fn merge_due(&self) -> bool {
        self.behind.kept_here().is_some_and(Kept::merge_due)
    }

    /// Merges a little, or deletes some of what was merged, in this thread; `false` if there was nothing to do. Between a
    /// change of whole tables and its commit there is nothing to do.
    pub fn merge_step(&mut self) -> Result<bool, StoreError> {
        let kept = self.kept()?;
        let stepped = kept.merge_on().and_then(|merged| if merged { Ok(true) } else { kept.sweep() });
        self.layers.runs.clone_from(self.behind.kept()?.runs());
        stepped
    }
}

impl Kept {
    pub(super) fn merge_due(&self) -> bool {
        !self.is_rearranged()
            && (self.merging.is_some() || self.has_garbage() || self.runs().values().any(|runs| due(runs).is_some()))
    }

    /// Merges a little; `false` if there is nothing to merge.
    pub(super) fn merge_on(&mut self) -> Result<bool, StoreError> {
        if self.is_rearranged() {
            return Ok(false);
        }
        if self.merging.is_none() {
            self.begin_merging()?;
        }
        let Some(mut merging) = self.merging.take() else { return Ok(false) };
        // A merge that fails is given up: its run stays loose.
        if self.copy_some(&mut merging)? {
            self.merging = Some(merging);
        } else {
            self.end_merging(merging)?;
        }
        Ok(true)
    }

    fn begin_merging(&mut self) -> Result<(), StoreError> {
        let found = self.runs().iter().find_map(|(table, runs)| Some((*table, due(runs)?, runs.clone())));
        let Some((table, place, runs)) = found else { return Ok(()) };
        let runs = runs.get(place..).unwrap_or_default();
        let replaced = runs.iter().map(|run| run.facts().run).collect();
        let cursors = runs.iter().map(|run| Cursor::new(Arc::clone(run), false)).collect();
        let join = Join::new(std::iter::empty(), cursors, self.source(), &[])?;
        let writer = RunWriter::new(table.0, self.new_run());
        self.merging = Some(Merging { table, replaced, is_oldest: place == 0, join, writer });
        Ok(())
    }

    /// Copies rows for a while; `false` if there are no more.
    fn copy_some(&self, merging: &mut Merging) -> Result<bool, StoreError> {
        let Merging { is_oldest, join, writer, .. } = merging;
        let mut bytes = 0usize;
        while bytes < STEP_BYTES {
            if !join.advance(self.source())? {
                return Ok(false);
            }
            let said = match join.said() {
                Said::Gone if *is_oldest => continue,
                Said::Add([]) => continue,
                said => said,
            };
            let length = match said {
                Said::Gone => 0,
                Said::Set(value) | Said::Add(value) => value.len(),
            };
            bytes = bytes.saturating_add(join.key().len()).saturating_add(length);
            writer.push(self.source().store, join.key(), said)?;
        }
        Ok(true)
    }

    fn end_merging(&mut self, merging: Merging) -> Result<(), StoreError> {
        let Merging { table, replaced, writer, .. } = merging;
        let merged = writer.finish(self.source().store)?.map(Arc::new);
        let mut runs = self.runs().clone();
        let place = runs.entry(table).or_default();
        let at = place.iter().position(|run| replaced.contains(&run.facts().run)).unwrap_or(place.len());
        place.retain(|run| !replaced.contains(&run.facts().run));
        merged.into_iter().for_each(|run| place.insert(at, run));
        self.loose.extend(&replaced);
        let state = self.state().to_vec();
        // If that fails they are the table's still, and the next commit's list takes them out of the loose ones again.
        self.list(runs, &state)
    }

    /// Gives up a merge of this table.
    pub(super) fn stop_merging(&mut self, table: Table) {
        if self.merging.as_ref().is_some_and(|merging| merging.table == table) {
            self.merging = None;
        }
    }
}
