//! Makes what is in memory part of the store: runs first, then one batch with the list that names them.
//!
//! Invariants:
//! - until the list is written nothing has changed for whoever opens the store, and memory is as it was
//! - the list and the state are one blob in one batch, so that neither is ever without the other
//! - what a commit that failed has written is loose, and swept later
//!
//! This module does not merge.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::entry::Said;
use super::super::manifest::Manifest;
use super::super::run::Run;
use super::super::{Batch, StoreError};
use super::{Content, Merge, RunWriter, Table, Tables};

/// Rows of a table that were never in memory, in the order of their keys.
pub type Bulk = (Table, Vec<(Vec<u8>, Vec<u8>)>);

impl Tables {
    /// Makes all that is in memory, all that was loaded and the rows in `bulk` durable, together with `state`. `bulk`
    /// lies below memory, and above all that is there.
    pub fn commit(&mut self, bulk: Vec<Bulk>, state: &[u8]) -> Result<(), StoreError> {
        let mut new: BTreeMap<Table, Vec<Arc<Run>>> = BTreeMap::new();
        for (table, rows) in bulk {
            let run = self.write_bulk(table, &rows)?;
            new.entry(table).or_default().extend(run.map(Arc::new));
        }
        let changed = self.content.iter().filter(|(_, content)| !content.memory.is_empty());
        for table in changed.map(|(table, _)| *table).collect::<Vec<_>>() {
            let is_first = new.get(&table).is_none_or(Vec::is_empty);
            let run = self.write_memory(table, is_first)?;
            new.entry(table).or_default().extend(run.map(Arc::new));
        }
        self.switch(new, state)
    }

    fn write_bulk(&mut self, table: Table, rows: &[(Vec<u8>, Vec<u8>)]) -> Result<Option<Run>, StoreError> {
        let adds = (self.merge)(table) == Merge::Cells;
        let mut writer = RunWriter::new(table.0, self.new_run());
        for (key, value) in rows {
            let said = if adds { Said::Add(value) } else { Said::Set(value) };
            writer.push(&mut *self.store, key, said)?;
        }
        writer.finish(&mut *self.store)
    }

    fn write_memory(&mut self, table: Table, is_first: bool) -> Result<Option<Run>, StoreError> {
        let mut writer = RunWriter::new(table.0, self.new_run());
        let Some(content) = self.content.get(&table) else { return Ok(None) };
        let is_first = is_first && content.runs.is_empty() && content.loaded.is_empty();
        for (key, said) in content.memory.whole().rows() {
            match said {
                // Where nothing lies below, nothing has to be hidden.
                Said::Gone if is_first => {}
                Said::Add([]) => {}
                said => writer.push(&mut *self.store, key, said)?,
            }
        }
        writer.finish(&mut *self.store)
    }

    /// Writes the list with the new runs, and only then changes what readers see.
    fn switch(&mut self, mut new: BTreeMap<Table, Vec<Arc<Run>>>, state: &[u8]) -> Result<(), StoreError> {
        let mut runs: BTreeMap<Table, Vec<Arc<Run>>> = BTreeMap::new();
        for (table, content) in &self.content {
            let all = content.runs.iter().chain(&content.loaded).cloned();
            runs.entry(*table).or_default().extend(all);
        }
        for (table, more) in &mut new {
            runs.entry(*table).or_default().append(more);
        }
        runs.retain(|_, runs| !runs.is_empty());
        self.write_list(&runs, state)?;
        self.state = state.to_vec();
        self.memory_bytes = 0;
        self.content = runs.into_iter().map(|(table, runs)| (table, Content { runs, ..Content::default() })).collect();
        Ok(())
    }

    /// Writes the list of all runs, and waits until it is durable; afterwards none of them is loose. After an error
    /// nobody knows which list the store holds, so nothing is swept before another one is written.
    pub(super) fn write_list(&mut self, runs: &BTreeMap<Table, Vec<Arc<Run>>>, state: &[u8]) -> Result<(), StoreError> {
        let facts = |runs: &Vec<Arc<Run>>| runs.iter().map(|run| *run.facts()).collect::<Vec<_>>();
        let tables: BTreeMap<_, _> = runs.iter().map(|(table, runs)| (table.0, facts(runs))).collect();
        let mut loose = self.loose.clone();
        tables.values().flatten().for_each(|facts| {
            loose.remove(&facts.run);
        });
        let manifest = Manifest { next_run: self.next_run, loose, tables, state: state.to_vec() };
        let mut batch = Batch::new();
        let parts = manifest.put(&mut batch, self.manifest_parts)?;
        self.rearranged = true;
        // Of two lists of which either may be there, the longer one says what is to be deleted.
        self.manifest_parts = self.manifest_parts.max(parts);
        self.store.write(batch)?;
        self.store.flush()?;
        self.manifest_parts = parts;
        self.loose = manifest.loose;
        self.rearranged = false;
        Ok(())
    }
}
