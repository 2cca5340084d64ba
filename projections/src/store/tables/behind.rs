//! The thread that writes behind: it is lent what is kept, does one thing with it, and gives it back.
//!
//! Invariants:
//! - what is kept is either here or with the thread, and never with both
//! - a thread that died took what is kept with it: from then on everything is broken, and the store is opened again
//!
//! This module does not decide what is done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::super::StoreError;
use super::kept::Kept;
use super::{Frozen, Tables};

/// What the thread is to do.
pub(super) enum Job {
    /// To make this durable.
    Commit(Arc<Frozen>),
    /// To merge, until one merge has ended or somebody is in a hurry.
    Merge,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Commit,
    Merge,
}

type Back = (Box<Kept>, Result<Done, StoreError>);

/// What is kept, here or with the thread.
pub(super) struct Behind {
    kept: Option<Box<Kept>>,
    hand: Option<Hand>,
}

/// The thread, begun when it is needed first.
struct Hand {
    jobs: Option<Sender<(Box<Kept>, Job)>>,
    back: Mutex<Receiver<Back>>,
    hurry: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Behind {
    pub(super) fn new(kept: Kept) -> Self {
        Self { kept: Some(Box::new(kept)), hand: None }
    }

    /// Whether the thread is doing something.
    pub(super) const fn is_busy(&self) -> bool {
        self.kept.is_none() && self.hand.is_some()
    }

    /// What is kept, if it is here.
    pub(super) fn kept_here(&self) -> Option<&Kept> {
        self.kept.as_deref()
    }

    /// What is kept; it must have been given back.
    pub(super) fn kept(&mut self) -> Result<&mut Kept, StoreError> {
        self.kept.as_deref_mut().ok_or_else(died)
    }

    /// Hands something over, if nothing is being done.
    pub(super) fn hand(&mut self, job: Job) -> Result<(), StoreError> {
        let hand = match &mut self.hand {
            Some(hand) => hand,
            none => none.insert(Hand::begin()?),
        };
        let kept = self.kept.take().ok_or_else(died)?;
        hand.hurry.store(false, Ordering::Relaxed);
        let jobs = hand.jobs.as_ref().ok_or_else(died)?;
        jobs.send((kept, job)).map_err(|_| self.lost())
    }

    /// Asks the thread to end a merge soon, so that a commit can be made.
    pub(super) fn hurry(&self) {
        if let Some(hand) = &self.hand {
            hand.hurry.store(true, Ordering::Relaxed);
        }
    }

    /// What was done, if anything is done.
    pub(super) fn done(&mut self) -> Option<Result<Done, StoreError>> {
        let back =
            self.hand.as_mut().map(|hand| hand.back.get_mut().unwrap_or_else(PoisonError::into_inner).try_recv())?;
        match back {
            Ok(back) => Some(self.take(back)),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(self.lost())),
        }
    }

    /// Waits for what is being done.
    pub(super) fn wait(&mut self) -> Result<Done, StoreError> {
        let hand = self.hand.as_mut().ok_or_else(died)?;
        let back = hand.back.get_mut().unwrap_or_else(PoisonError::into_inner).recv();
        let back = back.map_err(|_| self.lost())?;
        self.take(back)
    }

    fn take(&mut self, (kept, done): Back) -> Result<Done, StoreError> {
        self.kept = Some(kept);
        done
    }

    /// The thread is gone, with what it had.
    fn lost(&mut self) -> StoreError {
        self.hand = None;
        died()
    }
}

fn died() -> StoreError {
    StoreError::broken("the thread that writes behind has died")
}

impl Hand {
    fn begin() -> Result<Self, StoreError> {
        let (jobs, taken) = channel::<(Box<Kept>, Job)>();
        let (give, back) = channel();
        let hurry = Arc::new(AtomicBool::new(false));
        let in_a_hurry = Arc::clone(&hurry);
        let thread = thread::Builder::new().name("store-write".to_owned()).spawn(move || {
            while let Ok((mut kept, job)) = taken.recv() {
                let done = work(&mut kept, job, &|| in_a_hurry.load(Ordering::Relaxed));
                if give.send((kept, done)).is_err() {
                    return;
                }
            }
        });
        let thread = thread.map_err(|source| StoreError::Io { what: "starting a thread", source })?;
        Ok(Self { jobs: Some(jobs), back: Mutex::new(back), hurry, thread: Some(thread) })
    }
}

/// Does one thing; what it was given is let go before it is told that it is done.
fn work(kept: &mut Kept, job: Job, hurry: &dyn Fn() -> bool) -> Result<Done, StoreError> {
    match job {
        Job::Commit(frozen) => kept.commit(&frozen).map(|()| Done::Commit),
        Job::Merge => {
            while !hurry() && kept.sweep()? {}
            while !hurry() && kept.merge_on()? {}
            Ok(Done::Merge)
        }
    }
}

/// What is being written is written to its end, and a merge given up: the store is open as long as the thread has it.
impl Drop for Hand {
    fn drop(&mut self) {
        self.hurry.store(true, Ordering::Relaxed);
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Tables {
    /// What is kept, once nothing is done with it any more.
    pub(super) fn kept(&mut self) -> Result<&mut Kept, StoreError> {
        self.finish()?;
        self.behind.kept()
    }
}
