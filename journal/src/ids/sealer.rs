//! The sealer: a thread that makes runs of generations, and one run of several.
//!
//! ```text
//! generation --sort--> runs, one a kind --sync--> manifest --rename, sync--> live; then old runs are removed
//! ```
//!
//! - a generation is sealed before a merge goes on
//! - what fails is kept and tried again: a generation stays in memory until its run is live, so no id is forgotten, and
//!   whoever needs its room is told what failed
//! - a merge can wait: one that fails is tried again after longer and longer, and holds up no generation meanwhile
//! - a run that was written whole is not written again because the manifest failed
//! - a run's number is used once, so that no file changes that some manifest may name
//!
//! The journal is never touched, and never waits for this thread.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::error::IndexError;
use super::generations::Sealing;
use super::manifest::{Covered, Manifest};
use super::run::Run;
use super::shelves::Shelves;
use crate::storage::Storage;

mod patience;
mod work;

use patience::Patience;
use work::{Bench, Done};

/// A turn: a generation that was not sealed is tried again after one, or when somebody needs it.
const TURN: Duration = Duration::from_secs(1);

/// How runs are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Blocks of a full section.
    pub(crate) section_blocks: u32,
    /// Bytes of all filters in memory.
    pub(crate) filter_bytes: u64,
    /// Ids of a small run.
    pub(crate) unit: u64,
}

/// The sealer's other end. Dropped, it seals what it was given, if it can, and ends.
#[derive(Debug)]
pub(crate) struct Sealer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    queue: VecDeque<Sealing>,
    sealed: u64,
    shelves: Arc<Shelves>,
    covered: Covered,
    /// What went wrong last, and was not made good since.
    failure: Option<Arc<IndexError>>,
    /// Tries so far that failed.
    failures: u64,
    /// Where a file is not what was written: it stays so.
    damage: Option<(String, u64)>,
    is_closing: bool,
    /// Somebody waits for a merge.
    is_asked: bool,
    /// Nothing is left to seal or merge.
    is_idle: bool,
    /// The thread has ended, however that came.
    is_over: bool,
}

impl State {
    fn fail(&mut self, error: IndexError) {
        if let IndexError::Damaged { file, offset } = &error {
            self.damage = Some((file.clone(), *offset));
        }
        self.failure = Some(Arc::new(error));
        self.failures += 1;
        self.is_asked = false; // whoever waits is answered
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_a_turn<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed.wait_timeout(state, TURN).unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Sealer {
    /// Starts with the runs that the manifest names.
    pub(crate) fn start(
        storage: Arc<dyn Storage>,
        manifest: Manifest,
        runs: Vec<Arc<Run>>,
        sizes: Sizes,
    ) -> io::Result<Self> {
        let state = State {
            queue: VecDeque::new(),
            sealed: 0,
            shelves: Arc::new(Shelves::new(&runs, &Shelves::default(), sizes.filter_bytes)),
            covered: manifest.covered.clone(),
            failure: None,
            failures: 0,
            damage: None,
            is_closing: false,
            is_asked: false,
            is_idle: false,
            is_over: false,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let bench = Bench::new(storage, manifest, runs, sizes);
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new().name("talon-ids".to_owned()).spawn(move || serve(bench, &theirs))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Hands a generation over.
    pub(crate) fn seal(&self, sealing: Sealing) {
        self.shared.state().queue.push_back(sealing);
        self.shared.changed.notify_all();
    }

    /// How many of the generations that were handed over are runs.
    pub(crate) fn sealed(&self) -> u64 {
        self.shared.state().sealed
    }

    /// Every live run.
    ///
    /// # Errors
    /// A merge has met damage.
    pub(crate) fn shelves(&self) -> Result<Arc<Shelves>, IndexError> {
        let state = self.shared.state();
        let damage = state.damage.as_ref().map(|(file, offset)| IndexError::damaged(file, *offset));
        damage.map_or_else(|| Ok(Arc::clone(&state.shelves)), Err)
    }

    /// Every live run, damaged or not.
    pub(crate) fn live(&self) -> Arc<Shelves> {
        Arc::clone(&self.shared.state().shelves)
    }

    /// What the live runs cover.
    pub(crate) fn covered(&self) -> Covered {
        self.shared.state().covered.clone()
    }

    /// What went wrong last, and was not made good since.
    pub(crate) fn failure(&self) -> Option<Arc<IndexError>> {
        self.shared.state().failure.clone()
    }

    /// Waits until more than `sealed` generations are runs, or one more try has failed.
    pub(crate) fn wait_sealed(&self, sealed: u64) -> Result<(), Arc<IndexError>> {
        self.wait_until(self.shared.state(), |state| state.sealed > sealed)
    }

    /// Waits until nothing is left to seal or merge, or one more try has failed.
    pub(crate) fn wait_idle(&self) -> Result<(), Arc<IndexError>> {
        let mut state = self.shared.state();
        state.is_asked = true;
        self.wait_until(state, |state| state.is_idle && state.queue.is_empty())
    }

    fn wait_until(
        &self,
        mut state: MutexGuard<'_, State>,
        is_done: impl Fn(&State) -> bool,
    ) -> Result<(), Arc<IndexError>> {
        let failures = state.failures;
        self.shared.changed.notify_all(); // what waits to be tried again is tried now
        while !is_done(&state) {
            match &state.failure {
                _ if state.is_over => return Err(Arc::new(ended())),
                Some(failure) if state.failures > failures => return Err(Arc::clone(failure)),
                _ => state = self.shared.wait(state),
            }
        }
        Ok(())
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        self.shared.state().is_closing = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn ended() -> IndexError {
    IndexError::unavailable("sealing", io::Error::other("the sealer's thread has ended"))
}

/// Says that the thread has ended, so that nobody waits for it.
struct End<'s>(&'s Shared);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.state().is_over = true;
        self.0.changed.notify_all();
    }
}

/// What the thread does until it is told to end.
fn serve(mut bench: Bench, shared: &Shared) {
    let _end = End(shared);
    let mut patience = Patience::default();
    loop {
        let (next, is_closing) = {
            let state = shared.state();
            (state.queue.front().cloned(), state.is_closing)
        };
        let is_merge = next.is_none();
        let is_over = is_closing && is_merge && !bench.is_pressed();
        let done = if is_over { Ok(Done::Nothing) } else { bench.work(next) };
        let mut state = shared.state();
        let is_failed = done.is_err();
        match done {
            Ok(Done::Some) => {}
            Ok(Done::Live { sealed }) => {
                state.shelves = Arc::new(Shelves::new(bench.runs(), &state.shelves, bench.filter_bytes()));
                (state.covered, state.failure) = (bench.covered().clone(), None);
                if sealed {
                    state.queue.pop_front();
                    state.sealed += 1;
                } else {
                    patience = Patience::default();
                }
            }
            Ok(Done::Nothing) => {
                state.is_idle = state.queue.is_empty();
                if state.is_idle && state.is_closing {
                    break;
                }
            }
            Err(error) => {
                state.fail(error);
                if is_merge {
                    patience.grow();
                }
            }
        }
        shared.changed.notify_all();
        if is_failed && state.is_closing {
            break;
        }
        rest(shared, state, is_failed && !is_merge, &mut patience);
    }
    bench.clear_up();
}

/// Waits for something to do.
fn rest(shared: &Shared, mut state: MutexGuard<'_, State>, is_unsealed: bool, patience: &mut Patience) {
    if is_unsealed {
        drop(shared.wait_a_turn(state));
        return;
    }
    while state.queue.is_empty() && !state.is_closing && !state.is_asked && patience.waits_a_turn() {
        state = shared.wait_a_turn(state);
    }
    if state.is_idle && state.queue.is_empty() && !state.is_closing {
        state = shared.wait(state);
        state.is_idle = false;
    }
}
