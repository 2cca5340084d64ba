//! Opens tables at the last commit, and deletes what a commit that was interrupted has left.
//!
//! This module does not mend a store: what it cannot read is an error.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::super::blob::{keys_from, run_of};
use super::super::manifest::Manifest;
use super::super::run::Run;
use super::super::{Store, StoreError};
use super::{Merge, Table, Tables};

impl Tables {
    /// Opens the tables of a store at its last commit; an empty store is empty tables.
    pub fn open(store: Box<dyn Store>, merge: fn(Table) -> Merge) -> Result<Self, StoreError> {
        let mut tables = Self::over(store, merge);
        let (manifest, parts) = Manifest::read(&*tables.store)?.unwrap_or_default();
        for (table, runs) in &manifest.tables {
            let content = tables.content.entry(Table(*table)).or_default();
            for facts in runs {
                content.runs.push(Arc::new(Run::open(&*tables.store, *facts)?));
            }
        }
        let left = runs_from(&*tables.store, manifest.next_run)?;
        // A number that was given to something, though it was never listed, is not given again.
        tables.next_run = left.last().map_or(manifest.next_run, |last| last.saturating_add(1));
        tables.loose = manifest.loose;
        tables.loose.extend(left);
        tables.state = manifest.state;
        tables.manifest_parts = parts;
        while tables.sweep()? {}
        Ok(tables)
    }
}

/// The runs from a number on, of which anything lies in the store.
fn runs_from(store: &dyn Store, first: u64) -> Result<BTreeSet<u64>, StoreError> {
    let mut runs = BTreeSet::new();
    let mut next = Some(first);
    while let Some(from) = next {
        let (from, below) = keys_from(from);
        let mut found = None;
        store.keys(&from, &below, &mut |key| {
            found = run_of(key);
            ControlFlow::Break(())
        })?;
        runs.extend(found);
        next = found.and_then(|run| run.checked_add(1));
    }
    Ok(runs)
}
