//! A ledger that is being made: `DIR/init` is locked by whoever makes it, and holds the fingerprint of the master key that
//! goes with it. A ledger whose making was stopped is known by it, and begun anew.
//!
//! - the note is there before anything else of the ledger, and goes when the ledger is whole
//! - a folder that holds a segment, a mark, or anything else than a making leaves, is never begun anew
//! - a master key is taken away only if it is the one that the note names, or the beginning of one: it sealed nothing,
//!   because there was never a journal
//!
//! This module makes no ledger; `ledger` does.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::bail;
use talon_vault::{Located, MasterKey};

use crate::exit::UsageError;
use crate::files::sync;

const NAME: &str = "init";

/// Refuses a folder that holds anything but a making that was stopped.
pub(crate) fn refuse_filled(dir: &Path, key: &Path) -> anyhow::Result<()> {
    if is_left_over(dir, key)? {
        return Ok(());
    }
    Err(UsageError(format!("{} is not empty: a new ledger needs a folder of its own", dir.display())).into())
}

/// The place of whoever makes a ledger, until the process ends.
pub(crate) struct Making {
    note: File,
    dir: PathBuf,
}

impl Making {
    /// Takes the place in a folder, and takes away what was left of a making that was stopped.
    pub(crate) fn begin(dir: &Path, key: &Located) -> anyhow::Result<Self> {
        let path = dir.join(NAME);
        let mut note =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        let is_ours = note.try_lock().is_ok() && fs::metadata(&path)?.ino() == note.metadata()?.ino();
        if !is_ours {
            bail!(UsageError(format!("another process makes a ledger in {}", dir.display())));
        }
        if let Err(filled) = refuse_filled(dir, &key.path) {
            fs::remove_file(&path)?;
            return Err(filled);
        }
        let mut fingerprint = String::new();
        note.read_to_string(&mut fingerprint)?;
        take_away(dir, key, fingerprint.trim_end())?;
        note.set_len(0)?;
        Ok(Self { note, dir: dir.to_owned() })
    }

    /// Names the key before it is written.
    pub(crate) fn name_key(&mut self, fingerprint: &str) -> io::Result<()> {
        io::Seek::rewind(&mut self.note)?;
        writeln!(self.note, "{fingerprint}")?;
        self.note.sync_all()?;
        sync(&self.dir)
    }

    /// The ledger is whole, or nothing of it is left.
    pub(crate) fn end(self) -> io::Result<()> {
        fs::remove_file(self.dir.join(NAME))?;
        sync(&self.dir)
    }
}

/// Whether there is nothing in a folder but what a making leaves that has made no record.
fn is_left_over(dir: &Path, key: &Path) -> io::Result<bool> {
    let names = names(dir)?;
    let key = key.parent().filter(|folder| *folder == dir).and_then(|_| key.file_name()?.to_str());
    let is_known = |name: &String| [NAME, "vault", "journal", "lock"].contains(&name.as_str()) || key == Some(name);
    // What is prepared for the first segment gets its name when the ledger's first records are in it.
    let is_ahead = |name: &String| name.starts_with("ahead-");
    let is_making = names.is_empty() || names.iter().any(|name| name == NAME);
    Ok(is_making && names.iter().all(is_known) && self::names(&dir.join("journal"))?.iter().all(is_ahead))
}

/// The names in a folder; none if it is not there.
fn names(dir: &Path) -> io::Result<Vec<String>> {
    match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect(),
    }
}

fn take_away(dir: &Path, key: &Located, fingerprint: &str) -> io::Result<()> {
    if is_made_here(key, fingerprint) {
        fs::remove_file(&key.path)?;
    }
    for name in names(dir)?.iter().filter(|name| ["vault", "journal"].contains(&name.as_str())) {
        fs::remove_dir_all(dir.join(name))?;
    }
    let lock = dir.join("lock");
    if lock.exists() { fs::remove_file(lock) } else { Ok(()) }
}

/// Whether a key was written by the making that was stopped: the one it named, or no more than its first lines.
fn is_made_here(key: &Located, fingerprint: &str) -> bool {
    let is_begun = || fs::read_to_string(&key.path).is_ok_and(|text| text.lines().all(|line| line.starts_with('#')));
    !fingerprint.is_empty() && MasterKey::read(key).map_or_else(|_| is_begun(), |key| key.fingerprint() == fingerprint)
}
