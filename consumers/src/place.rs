//! Where a ledger's views stand: `DIR/views`, the lock that says who keeps them, the socket on which they answer, and
//! what was moved aside.
//!
//! Invariants:
//! - the lock is the kernel's (flock), so it ends with its process, however that ends; the text in it is for people
//! - what is moved aside is never opened again; only the last one that was is kept
//!
//! This module does not open a store.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use talon_domain::time::Instant;

/// What a folder is called that was moved aside, before the moment.
const ASIDE: &str = "views.broken-";

/// Whoever wants the lock looks this often for it before it believes that somebody holds it.
const CLAIM_TRIES: u32 = 20;
const CLAIM_PAUSE: Duration = Duration::from_millis(5);

/// Where the views of a ledger stand.
#[derive(Clone, Debug)]
pub struct Place {
    ledger: PathBuf,
}

/// Why a place could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// Somebody else keeps the views.
    #[error("the views of {} are kept by {holder}: one process keeps them at a time", path.display())]
    Held {
        /// The ledger.
        path: PathBuf,
        /// Who, as they call themselves.
        holder: String,
    },
    /// Nothing may be written there.
    #[error("nothing can be written in {}: its views cannot be kept", path.display())]
    ReadOnly {
        /// The ledger.
        path: PathBuf,
    },
    /// The file system did not do what it was asked.
    #[error("{what} failed")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

/// The right to keep the views, until it is dropped or the process ends.
#[derive(Debug)]
pub struct Claimed {
    _lock: File,
}

impl Place {
    /// The place of a ledger's views; nothing is read or made yet.
    pub fn of(ledger: &Path) -> Self {
        Self { ledger: ledger.to_owned() }
    }

    /// The ledger's folder.
    pub fn ledger(&self) -> &Path {
        &self.ledger
    }

    /// The store's folder.
    pub fn views(&self) -> PathBuf {
        self.ledger.join("views")
    }

    /// The socket.
    pub fn socket(&self) -> PathBuf {
        self.ledger.join("views.sock")
    }

    fn lock(&self) -> PathBuf {
        self.ledger.join("views.lock")
    }

    /// Claims the right to keep the views, or says who has it.
    pub fn claim(&self, holder: &str) -> Result<Claimed, PlaceError> {
        for _ in 0..CLAIM_TRIES {
            if let Some(lock) = self.try_claim(holder).map_err(|error| self.refused("taking the lock", error))? {
                return Ok(Claimed { _lock: lock });
            }
            std::thread::sleep(CLAIM_PAUSE);
        }
        Err(PlaceError::Held { path: self.ledger.clone(), holder: self.holder() })
    }

    fn try_claim(&self, holder: &str) -> io::Result<Option<File>> {
        let path = self.lock();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        // A link would let whoever made it choose which file is written.
        let mut file =
            options.custom_flags(i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default()).open(&path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {}
        }
        // Somebody may have put another file in its place meanwhile; then it is that one which is to be locked.
        let (ours, there) = (file.metadata()?, fs::metadata(&path)?);
        if (ours.dev(), ours.ino()) != (there.dev(), there.ino()) {
            return Ok(None);
        }
        // Text for people: a full disk may not take it, and the lock holds all the same.
        let _ = file.set_len(0).and_then(|()| write!(file, "{holder} (process {})", std::process::id()));
        Ok(Some(file))
    }

    fn holder(&self) -> String {
        let text = fs::read_to_string(self.lock()).unwrap_or_default();
        if text.trim().is_empty() { "another process".to_owned() } else { text.trim().to_owned() }
    }

    /// Makes the store's folder, for its owner alone, if there is none.
    pub(crate) fn make_views(&self) -> Result<PathBuf, PlaceError> {
        let path = self.views();
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(self.refused("making a folder", error)),
            _ => Ok(path),
        }
    }

    /// Moves what is stored aside; where it is then. What was moved aside before is gone.
    pub(crate) fn move_aside(&self, now: Instant) -> Result<PathBuf, PlaceError> {
        let refused = |error| self.refused("moving the views aside", error);
        for older in self.aside().map_err(refused)? {
            fs::remove_dir_all(older).map_err(refused)?;
        }
        let to = self.ledger.join(format!("{ASIDE}{}", now.rfc3339().replace(':', "")));
        fs::rename(self.views(), &to).map_err(refused)?;
        Ok(to)
    }

    /// Throws away what is stored: it is made anew from the journal.
    pub fn clear(&self, _: &Claimed) -> Result<(), PlaceError> {
        match fs::remove_dir_all(self.views()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.refused("removing the views", error)),
            _ => Ok(()),
        }
    }

    fn aside(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.ledger)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(ASIDE) {
                found.push(entry.path());
            }
        }
        Ok(found)
    }

    fn refused(&self, what: &'static str, source: io::Error) -> PlaceError {
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                PlaceError::ReadOnly { path: self.ledger.clone() }
            }
            _ => PlaceError::Io { what, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_keeps_the_views_and_the_second_is_told_who() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::of(folder.path());
        let first = place.claim("talon project").expect("free");
        let refused = place.claim("another").expect_err("it is held");
        let process = std::process::id();
        assert!(refused.to_string().contains(&format!("kept by talon project (process {process})")), "{refused}");
        drop(first);
        place.claim("another").expect("free again");
    }

    #[test]
    fn a_lock_that_is_a_link_writes_no_file_elsewhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "precious").expect("room");
        std::os::unix::fs::symlink(&elsewhere, folder.path().join("views.lock")).expect("a link");
        let refused = Place::of(folder.path()).claim("talon project").expect_err("a link");
        assert!(matches!(refused, PlaceError::Io { what: "taking the lock", .. }), "{refused}");
        assert_eq!(fs::read_to_string(elsewhere).expect("there"), "precious");
    }

    #[test]
    fn only_the_last_that_was_moved_aside_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::of(folder.path());
        for second in [1, 2] {
            fs::write(place.make_views().expect("a folder").join("f"), [second]).expect("room");
            let to = place.move_aside(Instant(i64::from(second) * 1_000_000)).expect("moved");
            assert_eq!((fs::read(to.join("f")).expect("there"), place.views().exists()), (vec![second], false));
            assert_eq!(place.aside().expect("a folder"), [to]);
        }
    }
}
