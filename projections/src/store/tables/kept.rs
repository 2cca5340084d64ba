//! What is kept of tables in the store: runs, the list that names them, and what is loose. One thread has it at a time:
//! the one that owns the tables, or the one that writes behind.
//!
//! Invariants:
//! - until the list is written nothing has changed for whoever opens the store
//! - the list and the state are one blob in one batch, so that neither is ever without the other
//! - what a commit that failed has written is loose, and swept later
//!
//! This module does not know rows in memory, but those that a commit is given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};

use super::super::cache::Cache;
use super::super::entry::Said;
use super::super::manifest::Manifest;
use super::super::run::{Run, Source};
use super::super::{Batch, Store, StoreError};
use super::merging::Merging;
use super::{CACHE_BYTES, Frozen, Join, Memory, RunWriter, Runs, Table};

/// Runs in a store.
pub(super) struct Kept {
    store: Arc<dyn Store>,
    cache: Arc<Cache>,
    runs: Runs,
    /// Runs that become part of their tables with the next commit.
    loaded: Runs,
    state: Vec<u8>,
    next_run: u64,
    /// Runs of which something may lie in the store, and that belong to no table.
    pub(super) loose: BTreeSet<u64>,
    /// Runs among them that somebody may still be reading.
    leaving: BTreeMap<u64, Weak<Run>>,
    /// Blocks of the list in the store.
    manifest_parts: u16,
    /// Tables were dropped or replaced, or a list may not have been written: before the next commit has written one,
    /// nothing is merged and nothing is swept.
    rearranged: bool,
    pub(super) merging: Option<Merging>,
}

impl Kept {
    /// Nothing, in a store that is empty.
    pub(super) fn of(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            cache: Arc::new(Cache::new(CACHE_BYTES)),
            runs: BTreeMap::new(),
            loaded: BTreeMap::new(),
            state: Vec::new(),
            next_run: 1,
            loose: BTreeSet::new(),
            leaving: BTreeMap::new(),
            manifest_parts: 0,
            rearranged: false,
            merging: None,
        }
    }

    /// What a list names, and what was found beside it: the runs from the list's next number on.
    pub(super) fn listed(
        store: Arc<dyn Store>,
        list: Manifest,
        parts: u16,
        left: BTreeSet<u64>,
    ) -> Result<Self, StoreError> {
        let mut kept = Self::of(store);
        for (table, runs) in list.tables {
            let opened = runs.into_iter().map(|facts| Run::open(&*kept.store, facts).map(Arc::new));
            let opened = opened.collect::<Result<Vec<_>, _>>()?;
            kept.runs.insert(Table(table), opened);
        }
        // A number that was given to something, though it was never listed, is not given again.
        kept.next_run = left.last().map_or(list.next_run, |last| last.saturating_add(1));
        kept.loose = list.loose;
        kept.loose.extend(left);
        kept.state = list.state;
        kept.manifest_parts = parts;
        Ok(kept)
    }

    pub(super) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    pub(super) fn cache(&self) -> Arc<Cache> {
        Arc::clone(&self.cache)
    }

    pub(super) fn source(&self) -> Source<'_> {
        Source { store: &*self.store, cache: &self.cache }
    }

    pub(super) const fn runs(&self) -> &Runs {
        &self.runs
    }

    pub(super) fn state(&self) -> &[u8] {
        &self.state
    }

    pub(super) const fn is_rearranged(&self) -> bool {
        self.rearranged
    }

    /// A number that no run has had.
    pub(super) fn new_run(&mut self) -> u64 {
        let run = self.next_run;
        self.next_run = run.saturating_add(1);
        self.loose.insert(run);
        run
    }

    /// Keeps a run that the next commit makes part of its table.
    pub(super) fn load(&mut self, table: Table, run: Run) {
        self.loaded.entry(table).or_default().push(Arc::new(run));
    }

    pub(super) fn has_loaded(&self, run: u64) -> bool {
        self.loaded.values().flatten().any(|loaded| loaded.facts().run == run)
    }

    /// Makes what was frozen, and all that was loaded, durable.
    pub(super) fn commit(&mut self, frozen: &Frozen) -> Result<(), StoreError> {
        let mut runs = self.runs.clone();
        for (table, more) in &self.loaded {
            runs.entry(*table).or_default().extend(more.iter().cloned());
        }
        for (table, memory) in frozen.memory.iter().filter(|(_, memory)| !memory.is_empty()) {
            let below = runs.entry(*table).or_default();
            let run = self.write(*table, memory, below.is_empty())?;
            below.extend(run.map(Arc::new));
        }
        runs.retain(|_, runs| !runs.is_empty());
        self.list(runs, &frozen.state)?;
        self.loaded.clear();
        Ok(())
    }

    fn write(&mut self, table: Table, memory: &Memory, is_first: bool) -> Result<Option<Run>, StoreError> {
        let mut writer = RunWriter::new(table.0, self.new_run());
        let mut join = Join::new(memory.looks(), Vec::new(), self.source(), &[])?;
        while join.advance(self.source())? {
            match join.said() {
                // Where nothing lies below, nothing has to be hidden.
                Said::Gone if is_first => {}
                Said::Add([]) => {}
                said => writer.push(&*self.store, join.key(), said)?,
            }
        }
        writer.finish(&*self.store)
    }

    /// Writes the list of all runs, and waits until it is durable; afterwards none of them is loose. After an error
    /// nobody knows which list the store holds, so nothing is swept before another one is written.
    pub(super) fn list(&mut self, runs: Runs, state: &[u8]) -> Result<(), StoreError> {
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
        self.state = manifest.state;
        let before = std::mem::replace(&mut self.runs, runs);
        self.leave(before.into_values().flatten());
        Ok(())
    }

    /// Notes runs that may have left their tables, for as long as anybody has them.
    fn leave(&mut self, runs: impl Iterator<Item = Arc<Run>>) {
        self.leaving.retain(|_, run| run.strong_count() > 0);
        let left = runs.filter(|run| self.loose.contains(&run.facts().run));
        self.leaving.extend(left.map(|run| (run.facts().run, Arc::downgrade(&run))));
    }

    /// Whether anybody may still read a run that is loose.
    pub(super) fn is_read(&self, run: u64) -> bool {
        self.leaving.get(&run).is_some_and(|run| run.strong_count() > 0)
    }

    /// Takes a table away; in the store it goes with the next commit.
    pub(super) fn drop_table(&mut self, table: Table) {
        self.stop_merging(table);
        let gone = [&mut self.runs, &mut self.loaded].map(|of| of.remove(&table).unwrap_or_default());
        if gone.iter().any(|runs| !runs.is_empty()) {
            self.loose.extend(gone.iter().flatten().map(|run| run.facts().run));
            self.leave(gone.into_iter().flatten());
            self.rearranged = true;
        }
    }

    /// Puts a table in the place of one that was dropped.
    pub(super) fn replace(&mut self, live: Table, by: Table) {
        self.stop_merging(by);
        for of in [&mut self.runs, &mut self.loaded] {
            if let Some(runs) = of.remove(&by) {
                of.insert(live, runs);
                self.rearranged = true;
            }
        }
    }
}
