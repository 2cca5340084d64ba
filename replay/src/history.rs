//! The whole history of a ledger, folded.

use talon_domain::digest::Digest;
use talon_domain::fact::Fact;
use talon_domain::fold::{FOLD_VERSION, Fold, Verdict};
use talon_domain::ids::{StreamId, StreamKey};
use talon_journal::{Journal, Positions, ReadError, Stored};

use crate::classify::{Entry, classify};

/// How far a walk has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Records walked.
    pub done: u64,
    /// Records there were when the walk began.
    pub total: u64,
}

/// How many records pass between two words of progress.
const PROGRESS_EVERY: u64 = 8_192;

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
        let mut history = Self::new();
        let mut facts = Vec::with_capacity(FACTS_TOGETHER);
        walk(journal, progress, &mut |stored| {
            facts.extend(history.read(stored).map(|fact| (stored.partition, fact)));
            if facts.len() >= FACTS_TOGETHER {
                history.fold.apply_all(&mut facts);
            }
        })?;
        history.fold.apply_all(&mut facts);
        Ok(history)
    }

    /// Takes the next record of its partition; the verdict, if it is a fact.
    pub fn take(&mut self, stored: &Stored<'_>) -> Option<Verdict> {
        self.read(stored).map(|fact| self.fold.apply(stored.partition, fact))
    }

    /// Reads the next record of its partition; the fact, if it is one.
    fn read(&mut self, stored: &Stored<'_>) -> Option<Fact> {
        self.positions.set(stored.partition, talon_domain::ids::Position(stored.position.0.saturating_add(1)));
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

/// Walks every record of a journal, each partition in its order.
pub(crate) fn walk(
    journal: &dyn Journal,
    progress: &mut dyn FnMut(Progress),
    take: &mut dyn FnMut(&Stored<'_>),
) -> Result<(), ReadError> {
    let total = journal.ends().total();
    let mut reader = journal.scan(&Positions::beginning())?;
    let mut done = 0u64;
    while let Some(stored) = reader.next()? {
        take(&stored);
        done = done.saturating_add(1);
        if done.is_multiple_of(PROGRESS_EVERY) {
            progress(Progress { done, total });
        }
    }
    progress(Progress { done, total });
    Ok(())
}
