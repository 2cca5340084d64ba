//! Opens tables at the last commit, and deletes what a commit that was interrupted has left.
//!
//! This module does not mend a store: what it cannot read is an error.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::super::blob::{keys_from, run_of};
use super::super::manifest::Manifest;
use super::super::{Store, StoreError};
use super::kept::Kept;
use super::{Merge, Table, Tables};

impl Tables {
    /// Opens the tables of a store at its last commit; an empty store is empty tables.
    pub fn open(store: Box<dyn Store>, merge: fn(Table) -> Merge) -> Result<Self, StoreError> {
        let store: Arc<dyn Store> = Arc::from(store);
        let (manifest, parts) = Manifest::read(&*store)?.unwrap_or_default();
        let left = runs_from(&*store, manifest.next_run)?;
        let mut kept = Kept::listed(store, manifest, parts, left)?;
        while kept.sweep()? {}
        Ok(Self::over(kept, merge))
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
