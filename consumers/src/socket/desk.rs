//! The desk: where clients knock and wait until the projector has time for them. Invariants:
//! - the socket is never there for others than its owner, and never leads to two processes: whoever has it holds the lock
//! - at most so many wait; whoever comes then is sent away, and may come again

use std::collections::VecDeque;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::with_short_path;
use crate::place::Place;

/// How many clients wait at once.
const WAITING_MAX: usize = 16;
/// How long one look for a client lasts: then it is asked whether the projector has ended.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// Takes clients in.
pub(crate) struct Desk {
    listener: UnixListener,
    path: PathBuf,
    waiting: Mutex<VecDeque<UnixStream>>,
    is_closed: AtomicBool,
}

impl Desk {
    /// Opens the desk of a place whose lock this process holds: a socket that lies there is a dead process's.
    pub(crate) fn open(place: &Place) -> io::Result<Self> {
        let path = place.socket();
        let begun = path.with_extension("sock.new");
        match fs::remove_file(&begun) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = with_short_path(&begun, |path| UnixListener::bind(path))?;
        listener.set_nonblocking(true)?;
        fs::set_permissions(&begun, Permissions::from_mode(0o600))?;
        fs::rename(&begun, &path)?;
        Ok(Self { listener, path, waiting: Mutex::default(), is_closed: AtomicBool::new(false) })
    }

    /// Takes clients in until the desk is closed, and rings for each of them.
    pub(crate) fn listen(&self, ring: &dyn Fn()) {
        while !self.is_closed.load(Ordering::Relaxed) {
            // A failure shows nobody, as a wait that runs out does.
            let _ = poll(&mut [PollFd::new(&self.listener, PollFlags::IN)], Some(&PATIENCE));
            while let Ok((client, _)) = self.listener.accept() {
                if client.set_nonblocking(false).is_ok() && self.let_wait(client) {
                    ring();
                }
            }
        }
    }

    fn let_wait(&self, client: UnixStream) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = waiting.len() < WAITING_MAX;
        if has_room {
            waiting.push_back(client);
        }
        has_room
    }

    /// Whoever has waited longest, so many at most.
    pub(crate) fn waiting(&self, at_most: usize) -> Vec<UnixStream> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = at_most.min(waiting.len());
        waiting.drain(..count).collect()
    }

    /// Lets [`Self::listen`] end.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path); // one that stays is a dead process's for the next one
    }
}
