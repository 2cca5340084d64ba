//! What every engine promises, and the words in which it is asked and answers.
//!
//! - records are appended to their partitions in the order given; the record is the unit of atomicity, so a failed
//!   append may leave a prefix of its batch, and says how long that prefix is
//! - success means durable; a failure is rejected, unavailable or indeterminate, never unsaid
//! - readers never pass the durable end
//!
//! `talon_testkit::journal_conformance` holds an engine to this page. No method is async: a completion is waited for
//! on any thread. This module does not say how records of different partitions interleave.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use talon_domain::ids::{LedgerId, PartitionId, Position};

use crate::batch::Batch;
use crate::error::{AppendError, ReadError};
use crate::partition::Positions;

/// Which ledger a journal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The ledger, as every genesis names it.
    pub ledger_id: LedgerId,
    /// How many partitions it has.
    pub partitions: u16,
    /// The record format that it was born with.
    pub format: u16,
}

/// An append-only book of records in partitions.
pub trait Journal: Send + Sync {
    /// Which ledger it holds.
    fn identity(&self) -> Identity;

    /// Appends a batch. Blocks while the engine has no room, and returns before the records are durable: wait for the
    /// completion.
    fn append(&self, batch: Batch) -> Completion;

    /// The durable end of each partition, as far as this engine knows. One that follows a writer in another process
    /// learns of more in `read`, `scan` and `wait`.
    fn ends(&self) -> Positions;

    /// Reads one partition from a position on.
    fn read(&self, partition: PartitionId, from: Position) -> Result<Box<dyn Reader + '_>, ReadError>;

    /// Reads all partitions, each in its own order, from these positions on; how they interleave is the engine's.
    fn scan(&self, from: &Positions) -> Result<Box<dyn Reader + '_>, ReadError>;

    /// Waits until some partition's durable end is beyond these positions; `false` when the time ran out first.
    fn wait(&self, beyond: &Positions, timeout: Duration) -> Result<bool, ReadError>;
}

/// Hands out records one by one.
pub trait Reader: Send {
    /// The next record, or `None` at the durable end. Asked again later, it goes on with what has become durable since.
    fn next(&mut self) -> Result<Option<Stored<'_>>, ReadError>;
}

/// A record where it is kept. Its bytes may be no record that this release can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    /// Its partition.
    pub partition: PartitionId,
    /// Its place there.
    pub position: Position,
    /// What was appended.
    pub bytes: &'a [u8],
}

/// An acknowledgement: every record of the batch is durable.
#[derive(Debug)]
pub struct Appended(Batch);

impl Appended {
    /// Acknowledges a batch whose positions are set.
    pub const fn new(batch: Batch) -> Self {
        Self(batch)
    }

    /// How many records were appended.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the batch was empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the record at an index of the batch is kept.
    pub fn place(&self, index: usize) -> Option<(PartitionId, Position)> {
        Some((self.0.record(index)?.0, self.0.position(index)?))
    }

    /// Where every record is kept, in the order of the batch.
    pub fn places(&self) -> impl Iterator<Item = (PartitionId, Position)> + '_ {
        (0..self.len()).filter_map(|index| self.place(index))
    }

    /// The batch, to be used again; its records are still in it.
    pub fn into_batch(self) -> Batch {
        self.0
    }
}

/// The answer to an append, once there is one.
#[derive(Debug)]
#[must_use = "nothing is durable before the completion says so"]
pub struct Completion(State);

#[derive(Debug)]
enum State {
    Known(Result<Appended, AppendError>),
    Awaited { answer: Receiver<Result<Appended, AppendError>>, records: usize },
}

impl Completion {
    /// An answer that is known already.
    pub const fn known(answer: Result<Appended, AppendError>) -> Self {
        Self(State::Known(answer))
    }

    /// A completion and the promise to answer it, for a batch of so many records.
    pub fn awaited(records: usize) -> (Promise, Self) {
        let (sender, answer) = sync_channel(1);
        (Promise(sender), Self(State::Awaited { answer, records }))
    }

    /// Blocks until the answer is there.
    ///
    /// # Errors
    /// Rejected, unavailable or indeterminate. An engine that died without an answer is indeterminate.
    pub fn wait(self) -> Result<Appended, AppendError> {
        match self.0 {
            State::Known(answer) => answer,
            State::Awaited { answer, records } => answer.recv().unwrap_or_else(|_| {
                let reason = "the engine ended without an answer".into();
                Err(AppendError::Indeterminate { durable: 0, in_doubt: records, reason })
            }),
        }
    }
}

/// The engine's end of a completion.
#[derive(Debug)]
pub struct Promise(SyncSender<Result<Appended, AppendError>>);

impl Promise {
    /// Answers. A caller who no longer waits misses nothing: what is durable stays so.
    pub fn answer(self, answer: Result<Appended, AppendError>) {
        let _ = self.0.send(answer);
    }
}
