//! Where batches wait between the thread that reads and the one that applies. Invariants:
//! - at most so many batches wait; whoever brings one more waits
//! - a closed mailbox keeps nobody waiting, and takes nothing
//! - somebody who rings is heard, also while there is no batch

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use talon_domain::time::Instant;
use talon_journal::{Positions, ReadError};

/// How many batches wait: one is applied while the next ones are decoded.
const BATCHES_MAX: usize = 3;

/// Records that follow one another, or why there are none.
pub(super) type Delivery<T> = Result<Box<Batch<T>>, ReadError>;

/// Decoded records, in the order in which they were read.
pub(super) struct Batch<T> {
    pub(super) items: Vec<T>,
    /// The next positions once they are applied.
    pub(super) after: Positions,
    /// When the first of them was recorded.
    pub(super) oldest: Option<Instant>,
    /// The durable ends when they were read.
    pub(super) ends: Positions,
}

/// What a mailbox holds.
pub(super) enum Mail<T> {
    Batch(Delivery<T>),
    /// All that was durable was taken.
    End,
    /// Nothing, but somebody rang or time ran out.
    Nothing,
}

/// A bounded queue of batches, with a bell.
pub struct Mailbox<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    batches: VecDeque<Delivery<T>>,
    /// The journal was read to its end behind the last batch.
    is_end: bool,
    rang: bool,
    is_open: bool,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Mailbox<T> {
    /// A mailbox that is closed.
    pub const fn new() -> Self {
        let state = State { batches: VecDeque::new(), is_end: false, rang: false, is_open: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Lets whoever applies look up, if only from waiting for a batch.
    pub fn ring(&self) {
        self.state().rang = true;
        self.changed.notify_all();
    }

    /// A panic in one thread leaves a queue that is whole: it is changed in single steps.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens it, empty.
    pub(super) fn open(&self) {
        let mut state = self.state();
        state.batches.clear();
        (state.is_end, state.is_open) = (false, true);
    }

    pub(super) fn close(&self) {
        self.state().is_open = false;
        self.changed.notify_all();
    }

    pub(super) fn is_open(&self) -> bool {
        self.state().is_open
    }

    /// Brings a batch, when there is room; `false` if nobody takes it any more.
    pub(super) fn bring(&self, delivery: Delivery<T>) -> bool {
        let is_full = |state: &mut State<T>| state.is_open && state.batches.len() >= BATCHES_MAX;
        let mut state = self.changed.wait_while(self.state(), is_full).unwrap_or_else(PoisonError::into_inner);
        if state.is_open {
            state.is_end = false;
            state.batches.push_back(delivery);
            self.changed.notify_all();
        }
        state.is_open
    }

    /// Says that all that is durable was brought.
    pub(super) fn end(&self) {
        self.state().is_end = true;
        self.changed.notify_all();
    }

    /// Takes what is there, or waits so long for it.
    pub(super) fn take(&self, patience: Duration) -> Mail<T> {
        let is_empty = |state: &mut State<T>| state.batches.is_empty() && !state.is_end && !state.rang;
        let waited = self.changed.wait_timeout_while(self.state(), patience, is_empty);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.rang = false;
        if let Some(batch) = state.batches.pop_front() {
            self.changed.notify_all();
            return Mail::Batch(batch);
        }
        if std::mem::take(&mut state.is_end) { Mail::End } else { Mail::Nothing }
    }
}
