//! The maker: a thread that makes slabs ahead for a busy writer, so that its path to the journal meets no sync of the
//! vault. Invariants:
//! - a slab is durable and claimed for the writer before it is handed over
//! - one lot is under way at a time, so that what is made ahead is bounded
//! - a maker that fails is let go: the writer makes its slabs itself, and learns why not if it cannot
//!
//! This module hands out no key.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use crate::entropy::Entropy;
use crate::error::VaultError;
use crate::slab::{Generation, Slab, SlabId};
use crate::store::{Access, Store, WrappedSlab, Writer};
use crate::wrapping::Wrapping;

/// Slabs that are durable and claimed, and not used yet.
pub(crate) type Lot = Vec<(SlabId, Slab)>;

/// What makes slabs: a store to keep them in, a wrapping, and chance.
pub(crate) struct Workshop<'v> {
    pub(crate) store: &'v mut Store,
    pub(crate) wrapping: &'v Wrapping,
    pub(crate) entropy: &'v mut Entropy,
    pub(crate) writer: Writer,
}

impl Workshop<'_> {
    /// Makes so many slabs in one transaction.
    pub(crate) fn make(&mut self, count: usize) -> Result<Lot, VaultError> {
        let made: Vec<_> = (0..count).map(|_| self.slab()).collect();
        let (slabs, wrapped): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        self.store.add(self.writer, &wrapped)?;
        Ok(wrapped.into_iter().map(|wrapped| wrapped.id).zip(slabs).collect())
    }

    fn slab(&mut self) -> (Slab, WrappedSlab) {
        let id = SlabId::random(self.entropy);
        let slab = Slab::random(self.entropy);
        let generation = Generation::FIRST;
        let keys = self.wrapping.wrap_slab(id, generation, &slab, self.entropy);
        (slab, WrappedSlab { id, generation, keys })
    }
}

/// The thread's other end.
pub(crate) struct Maker {
    asked: Option<Sender<usize>>,
    made: Receiver<Result<Lot, VaultError>>,
    thread: Option<JoinHandle<()>>,
    is_under_way: bool,
}

impl Maker {
    /// Starts the thread, with a connection of its own; `None` if there can be none.
    pub(crate) fn start(path: PathBuf, wrapping: Wrapping, mut entropy: Entropy, writer: Writer) -> Option<Self> {
        let (asked, lots) = channel::<usize>();
        let (done, made) = channel();
        let work = move || {
            let mut store = match Store::open(&path, Access::Write) {
                Ok((store, _)) => store,
                Err(error) => return drop(done.send(Err(error))),
            };
            let mut workshop = Workshop { store: &mut store, wrapping: &wrapping, entropy: &mut entropy, writer };
            for count in lots {
                if done.send(workshop.make(count)).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("talon-keys".to_owned()).spawn(work).ok()?;
        Some(Self { asked: Some(asked), made, thread: Some(thread), is_under_way: false })
    }

    /// Asks for a lot, unless one is under way.
    pub(crate) fn ask(&mut self, count: usize) {
        if !self.is_under_way {
            self.is_under_way = self.asked.as_ref().is_some_and(|asked| asked.send(count).is_ok());
        }
    }

    /// The lot that is ready, if there is one.
    pub(crate) fn ready(&mut self) -> Option<Result<Lot, VaultError>> {
        let lot = self.made.try_recv().ok()?;
        self.is_under_way = false;
        Some(lot)
    }

    /// The lot that is under way, once it is ready.
    pub(crate) fn awaited(&mut self) -> Option<Result<Lot, VaultError>> {
        if !self.is_under_way {
            return None;
        }
        self.is_under_way = false;
        self.made.recv().ok()
    }
}

impl Drop for Maker {
    /// What is under way is finished; nobody uses it, and the next writer closes it.
    fn drop(&mut self) {
        self.asked = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
