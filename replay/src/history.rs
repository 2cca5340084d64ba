//! The history of a ledger, folded: the whole of it, or as of then.
//!
//! Invariant: history as of a prefix is the history of a journal that holds that prefix and no more.
//!
//! This module does not choose the prefix.

use talon_domain::digest::Digest;
use talon_domain::fact::Fact;
use talon_domain::fold::{FOLD_VERSION, Fold, Verdict};
use talon_domain::ids::{PartitionId, Position, StreamId, StreamKey};
use talon_journal::{Journal, Positions, ReadError, Stored};

use crate::as_of::{AsOf, AsOfError, Scope, walk_everything, walk_within};
use crate::classify::{Entry, classify};

/// How far a walk has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Records walked.
    pub done: u64,
    /// Records there were when the walk began.
    pub total: u64,
}

/// How many facts are decoded before they are folded together.
const FACTS_TOGETHER: usize = 256;

/// A ledger's history up to a point.
#[derive(Debug)]
pub struct History {
    fold: Fold,
    foreign: u64,
    control: u64,
    positions: Positions,
}

impl History {
    /// A history of nothing yet.
    pub fn new() -> Self {
        Self { fold: Fold::new(), foreign: 0, control: 0, positions: Positions::beginning() }
    }

    /// Reads everything that a journal holds now.
    pub fn of(journal: &dyn Journal, progress: &mut dyn FnMut(Progress)) -> Result<Self, ReadError> {
        let mut reading = Reading::into(Self::new());
        walk_everything(journal, progress, &mut |stored| reading.take(stored))?;
        Ok(reading.end())
    }

    /// Reads what was known then, of facts those that count by then.
    ///
    /// # Errors
    /// Rejected for a vector that is further than the journal; else what reading gave.
    pub fn as_of(journal: &dyn Journal, as_of: &AsOf, progress: &mut dyn FnMut(Progress)) -> Result<Self, AsOfError> {
        Self::within(journal, as_of, Scope::All, progress)
    }

    /// The same of one scope; its positions are those of the whole prefix.
    ///
    /// # Errors
    /// Rejected for a vector that is further than the journal; else what reading gave.
    pub fn within(
        journal: &dyn Journal,
        as_of: &AsOf,
        scope: Scope,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, AsOfError> {
        let fold = as_of.effective_at.map_or_else(Fold::new, Fold::effective_at);
        let mut reading = Reading::into(Self { fold, ..Self::new() });
        let positions = walk_within(journal, as_of, scope, progress, &mut |stored| reading.take(stored))?;
        Ok(Self { positions, ..reading.end() })
    }

    /// Takes the next record of its partition; the verdict, if it is a fact.
    pub fn take(&mut self, stored: &Stored<'_>) -> Option<Verdict> {
        self.read(stored).map(|fact| self.fold.apply(stored.partition, fact))
    }

    /// Reads the next record of its partition; the fact, if it is one.
    fn read(&mut self, stored: &Stored<'_>) -> Option<Fact> {
        self.positions.set(stored.partition, Position(stored.position.0.saturating_add(1)));
        match classify(stored) {
            Entry::Control => {
                self.control = self.control.saturating_add(1);
                None
            }
            Entry::Foreign(_) => {
                self.foreign = self.foreign.saturating_add(1);
                None
            }
            Entry::Fact(fact) => Some(*fact),
        }
    }

    /// What the facts add up to.
    pub const fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Records that are foreign.
    pub const fn foreign(&self) -> u64 {
        self.foreign
    }

    /// Records of the ledger's own working.
    pub const fn control(&self) -> u64 {
        self.control
    }

    /// The next position of each partition: what this history has read.
    pub const fn positions(&self) -> &Positions {
        &self.positions
    }

    /// The state digest, with the version of the fold that made it.
    pub fn digest(&self) -> (u16, Digest) {
        (FOLD_VERSION, self.fold.digest())
    }

    /// The payments that carry this transaction id: one, unless merchants or practice share it.
    pub fn keys_of(&self, stream: StreamId) -> Vec<StreamKey> {
        self.fold.payments().map(|(key, _)| key).filter(|key| key.stream == stream).collect()
    }
}

impl Default for History {
    fn default() -> Self {
        Self::new()
    }
}

/// A history that is being read: facts are folded some at a time, which is faster.
struct Reading {
    history: History,
    facts: Vec<(PartitionId, Fact)>,
}

impl Reading {
    fn into(history: History) -> Self {
        Self { history, facts: Vec::with_capacity(FACTS_TOGETHER) }
    }

    fn take(&mut self, stored: &Stored<'_>) {
        self.facts.extend(self.history.read(stored).map(|fact| (stored.partition, fact)));
        if self.facts.len() >= FACTS_TOGETHER {
            self.history.fold.apply_all(&mut self.facts);
        }
    }

    fn end(mut self) -> History {
        self.history.fold.apply_all(&mut self.facts);
        self.history
    }
}
