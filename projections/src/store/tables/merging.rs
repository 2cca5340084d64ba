//! Merges runs that are neighbours in age, a little at a time, so that a table is a few runs however often it was
//! committed.
//!
//! Invariants:
//! - a run stands for the runs that it replaces only when the list says so, in one batch, with the state as it was
//! - a page of each run and one batch are in memory, whatever the runs' lengths
//! - commits go on meanwhile: what they add is newer than all that is being merged
//!
//! This module does not know rows that are in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::StoreError;
use super::super::entry::Said;
use super::super::run::{Cursor, Run, Source};
use super::{Content, Join, RunWriter, Table, Tables};

/// Rows are merged in steps of about so many bytes.
const STEP_BYTES: usize = 16 << 20;
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

impl Content {
    /// Which runs are due, from this one on to the newest: those that together are twice as long as it is.
    ///
    /// A run that stays is longer than half of all that is newer, or among the newest few: the number of runs grows
    /// with the logarithm of the rows, and a row is copied about as often.
    fn due(&self) -> Option<usize> {
        let length = |run: &Arc<Run>| run.facts().bytes.max(RUN_BYTES_MIN);
        let mut newer: u64 = self.runs.iter().map(length).fold(0, u64::saturating_add);
        for (place, run) in self.runs.iter().enumerate() {
            newer = newer.saturating_sub(length(run));
            let behind = self.runs.len().saturating_sub(place).saturating_sub(1);
            if behind >= NEWER_RUNS && length(run).saturating_mul(2) <= newer {
                return Some(place);
            }
        }
        None
    }
}

impl Tables {
    /// Whether [`Self::merge_step`] has something to do.
    pub fn merge_due(&self) -> bool {
        !self.rearranged
            && (self.merging.is_some()
                || self.has_garbage()
                || self.content.values().any(|content| content.due().is_some()))
    }

    /// Merges a little, or deletes some of what was merged; `false` if there was nothing to do. Between a change of
    /// whole tables and its commit there is nothing to do.
    pub fn merge_step(&mut self) -> Result<bool, StoreError> {
        if self.rearranged {
            return Ok(false);
        }
        if self.merging.is_none() {
            self.begin_merging()?;
        }
        let Some(mut merging) = self.merging.take() else { return self.sweep() };
        // A merge that fails is given up: its run stays loose.
        if self.copy_some(&mut merging)? {
            self.merging = Some(merging);
        } else {
            self.end_merging(merging)?;
        }
        Ok(true)
    }

    fn begin_merging(&mut self) -> Result<(), StoreError> {
        let due = self.content.iter().find_map(|(table, content)| Some((*table, content.due()?)));
        let Some((table, place)) = due else { return Ok(()) };
        let runs = self.content.get(&table).and_then(|content| content.runs.get(place..)).unwrap_or_default();
        let replaced = runs.iter().map(|run| run.facts().run).collect();
        let cursors = runs.iter().map(|run| Cursor::new(Arc::clone(run), false)).collect();
        let join = Join::new(None, cursors, self.source(), &[])?;
        let writer = RunWriter::new(table.0, self.new_run());
        self.merging = Some(Merging { table, replaced, is_oldest: place == 0, join, writer });
        Ok(())
    }

    /// Copies rows for a while; `false` if there are no more.
    fn copy_some(&mut self, merging: &mut Merging) -> Result<bool, StoreError> {
        let Merging { is_oldest, join, writer, .. } = merging;
        let mut bytes = 0usize;
        while bytes < STEP_BYTES {
            if !join.advance(Source { store: &*self.store, cache: &self.cache })? {
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
            writer.push(&mut *self.store, join.key(), said)?;
        }
        Ok(true)
    }

    fn end_merging(&mut self, merging: Merging) -> Result<(), StoreError> {
        let Merging { table, replaced, writer, .. } = merging;
        let merged = writer.finish(&mut *self.store)?.map(Arc::new);
        let mut runs: BTreeMap<Table, Vec<Arc<Run>>> =
            self.content.iter().map(|(table, content)| (*table, content.runs.clone())).collect();
        let place = runs.entry(table).or_default();
        let at = place.iter().position(|run| replaced.contains(&run.facts().run)).unwrap_or(place.len());
        place.retain(|run| !replaced.contains(&run.facts().run));
        merged.into_iter().for_each(|run| place.insert(at, run));
        self.loose.extend(&replaced);
        let state = self.state.clone();
        // If that fails they are the table's still, and the next commit's list takes them out of the loose ones again.
        self.write_list(&runs, &state)?;
        runs.into_iter().for_each(|(table, runs)| self.content.entry(table).or_default().runs = runs);
        Ok(())
    }

    /// Gives up a merge of this table.
    pub(super) fn stop_merging(&mut self, table: Table) {
        if self.merging.as_ref().is_some_and(|merging| merging.table == table) {
            self.merging = None;
        }
    }
}
