//! A batch on its way: which of its records the brokers have acknowledged, and the one answer when all are decided.
//!
//! Invariants:
//! - a batch is answered once: when its last record is decided, or when its time is over
//! - what was acknowledged before a failure is durable; what is told of the rest is no more than anybody knows

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use talon_domain::ids::{PartitionId, Position};
use talon_journal::{AppendError, Appended, Batch, Promise};

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Awaited,
    In,
    /// Certainly not in the log.
    Out,
    InDoubt,
}

/// A batch that is being appended.
pub(crate) struct Pending {
    pub(crate) deadline: Option<Instant>,
    state: Mutex<Option<State>>,
}

struct State {
    batch: Batch,
    promise: Promise,
    fates: Vec<Fate>,
    awaited: usize,
    reason: String,
}

impl Pending {
    /// A batch of which nothing is known yet.
    pub(crate) fn new(batch: Batch, promise: Promise, deadline: Option<Instant>) -> Self {
        let fates = vec![Fate::Awaited; batch.len()];
        let state = State { awaited: fates.len(), batch, promise, fates, reason: String::new() };
        Self { deadline, state: Mutex::new(Some(state)) }
    }

    /// Calls with the partition and the bytes of a record, as long as the batch is not answered.
    pub(crate) fn with_record<T>(&self, index: usize, call: impl FnOnce(PartitionId, &[u8]) -> T) -> Option<T> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (partition, bytes) = state.as_ref()?.batch.record(index)?;
        Some(call(partition, bytes))
    }

    /// A record is in.
    pub(crate) fn is_in(&self, index: usize, position: Position) {
        self.decide(index, Fate::In, Some(position), "");
    }

    /// A record is certainly not in.
    pub(crate) fn is_out(&self, index: usize, reason: &str) {
        self.decide(index, Fate::Out, None, reason);
    }

    /// A record may be in.
    pub(crate) fn is_in_doubt(&self, index: usize, reason: &str) {
        self.decide(index, Fate::InDoubt, None, reason);
    }

    fn decide(&self, index: usize, fate: Fate, position: Option<Position>, reason: &str) {
        let mut held = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(state) = held.as_mut() else { return };
        let Some(slot) = state.fates.get_mut(index).filter(|slot| **slot == Fate::Awaited) else { return };
        *slot = fate;
        state.awaited = state.awaited.saturating_sub(1);
        position.into_iter().for_each(|position| state.batch.set_position(index, position));
        if state.reason.is_empty() {
            reason.clone_into(&mut state.reason);
        }
        if state.awaited == 0 {
            held.take().into_iter().for_each(State::answer);
        }
    }

    /// The time is over: nobody waits for the rest any more, and nobody knows of it.
    pub(crate) fn give_up(&self, reason: &str) {
        let taken = self.state.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut state) = taken {
            state.fates.iter_mut().filter(|fate| **fate == Fate::Awaited).for_each(|fate| *fate = Fate::InDoubt);
            reason.clone_into(&mut state.reason);
            state.answer();
        }
    }

    /// Whether it was answered.
    pub(crate) fn is_answered(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

impl State {
    fn answer(self) {
        let Self { batch, promise, fates, reason, .. } = self;
        let durable = fates.iter().take_while(|fate| **fate == Fate::In).count();
        if durable == fates.len() {
            return promise.answer(Ok(Appended::new(batch)));
        }
        let reason = reason.into();
        // Behind a record that is not in, one of another partition may be.
        let behind = fates.iter().skip(durable);
        let in_doubt = behind.clone().count();
        promise.answer(Err(if behind.clone().all(|fate| *fate == Fate::Out) {
            AppendError::Unavailable { durable, reason }
        } else {
            AppendError::Indeterminate { durable, in_doubt, reason }
        }));
    }
}
