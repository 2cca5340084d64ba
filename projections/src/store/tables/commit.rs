//! Commits: what is in memory is frozen and made durable, by this thread or behind it, and read all the while.
//!
//! Invariants:
//! - one commit is made at a time, in the order in which they were begun
//! - what was frozen is readable until a commit that is done has made runs of it; a commit that failed is begun again
//!   before anything that came later
//! - what no page takes is refused before anything is frozen
//!
//! This module does not write runs: that is [`super::kept`].

use std::sync::Arc;

use super::super::StoreError;
use super::super::page::ROW_BYTES_MAX;
use super::behind::{Done, Job};
use super::{Frozen, Memory, Tables};

/// With so many runs in one table a commit waits for merges, and not the other way round.
const RUNS_MAX: usize = 24;

impl Tables {
    /// Makes all that is in memory, and all that was loaded, durable together with `state`, and returns then.
    pub fn commit(&mut self, state: &[u8]) -> Result<(), StoreError> {
        self.finish()?;
        self.freeze(state)?;
        let frozen = self.layers.frozen.clone().unwrap_or_default();
        let done = self.behind.kept()?.commit(&frozen);
        drop(frozen);
        if done.is_err() {
            self.thaw();
        }
        done.and_then(|()| self.see(Done::Commit))
    }

    /// Begins to make all that is in memory durable together with `state`, behind: [`Self::go_on`] and [`Self::finish`]
    /// tell how that ends. A commit that was begun before is waited for.
    pub fn commit_behind(&mut self, state: &[u8]) -> Result<(), StoreError> {
        while self.layers.frozen.is_some() {
            self.wait()?;
        }
        self.freeze(state)?;
        if self.layers.runs.values().all(|runs| runs.len() < RUNS_MAX) {
            self.behind.hurry();
        }
        self.go_on().map(|_| ())
    }

    /// Sees what was done behind, and hands over what is to be done: a commit that was begun, or else what is to be
    /// merged. Whether anything is being done.
    pub fn go_on(&mut self) -> Result<bool, StoreError> {
        if let Some(done) = self.behind.done() {
            self.see(done?)?;
        }
        if self.behind.is_busy() {
            return Ok(true);
        }
        let job = match &self.layers.frozen {
            Some(frozen) => Job::Commit(Arc::clone(frozen)),
            None if self.merge_due() => Job::Merge,
            None => return Ok(false),
        };
        self.behind.hand(job)?;
        Ok(true)
    }

    /// Waits until every commit that was begun is done, and until nothing is being done behind.
    pub fn finish(&mut self) -> Result<(), StoreError> {
        while self.layers.frozen.is_some() || self.behind.is_busy() {
            self.wait()?;
        }
        Ok(())
    }

    /// Waits for what is being done; a commit that was begun is handed over, and nothing else.
    fn wait(&mut self) -> Result<(), StoreError> {
        if !self.behind.is_busy() {
            let Some(frozen) = &self.layers.frozen else { return Ok(()) };
            self.behind.hand(Job::Commit(Arc::clone(frozen)))?;
        }
        if self.layers.frozen.is_none() {
            self.behind.hurry();
        }
        let done = self.behind.wait()?;
        self.see(done)
    }

    fn freeze(&mut self, state: &[u8]) -> Result<(), StoreError> {
        if self.longest > ROW_BYTES_MAX {
            return Err(StoreError::TooLong { bytes: self.longest, bytes_max: ROW_BYTES_MAX });
        }
        let memory = std::mem::replace(&mut self.layers.memory, std::mem::take(&mut self.emptied));
        (self.memory_bytes, self.longest) = (0, 0);
        self.layers.frozen = Some(Arc::new(Frozen { memory, state: state.to_vec() }));
        Ok(())
    }

    /// Takes back what was frozen and not written, as long as nothing came behind it.
    fn thaw(&mut self) {
        let frozen = self.layers.frozen.take().map(Arc::unwrap_or_clone).unwrap_or_default();
        self.emptied = std::mem::replace(&mut self.layers.memory, frozen.memory);
        self.count_memory();
    }

    /// Sees which runs there are now. What a commit has made runs of is let go; the room stays for what comes.
    fn see(&mut self, done: Done) -> Result<(), StoreError> {
        let kept = self.behind.kept()?;
        self.layers.runs.clone_from(kept.runs());
        if matches!(done, Done::Commit) {
            kept.state().clone_into(&mut self.state);
            // Of what a snapshot still has, the room is its.
            let frozen = self.layers.frozen.take().and_then(Arc::into_inner).unwrap_or_default();
            self.emptied = frozen.memory;
            self.emptied.values_mut().for_each(Memory::clear);
        }
        Ok(())
    }
}
