//! Deletes what belongs to no table any more: runs that were merged or dropped, and what an interrupted commit left.
//!
//! Invariant: a run is deleted only after a list has been written that does not name it as a table's, and when nobody
//! reads it any more.
//!
//! This module does not search: it deletes the runs that are known to be loose.

use std::ops::ControlFlow;

use super::super::blob::keys_of;
use super::super::{Batch, StoreError};
use super::kept::Kept;

/// Blocks that one step deletes at most.
const BLOCKS_MAX: usize = 2_000;

impl Kept {
    /// Whether a loose run can be deleted now.
    pub(super) fn has_garbage(&self) -> bool {
        self.next_garbage().is_some()
    }

    /// The first loose run that nothing is going to use; none while one is being merged, or while the list that still
    /// names it is to be written first.
    fn next_garbage(&self) -> Option<u64> {
        if self.is_rearranged() || self.merging.is_some() {
            return None;
        }
        self.loose.iter().find(|run| !self.has_loaded(**run) && !self.is_read(**run)).copied()
    }

    /// Deletes some blocks of one loose run; `false` if there was none.
    pub(super) fn sweep(&mut self) -> Result<bool, StoreError> {
        let Some(run) = self.next_garbage() else { return Ok(false) };
        let (from, below) = keys_of(run);
        let mut batch = Batch::new();
        self.source().store.keys(&from, &below, &mut |key| {
            batch.delete(key.to_vec());
            if batch.len() < BLOCKS_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let is_last = batch.len() < BLOCKS_MAX;
        if !batch.is_empty() {
            self.source().store.write(batch)?;
        }
        if is_last {
            // The list in the store still calls it loose until it is written again, which does no harm.
            self.loose.remove(&run);
        }
        Ok(true)
    }
}
