//! What an operator does to a vault without the master key: check it, count its slabs, copy it, close its slabs after a
//! restore. Invariants:
//! - no wrapped key is unwrapped here
//! - a copy is the vault of one moment, also beside a writer, and is durable when it is there
//!
//! This module does not know when a vault has to be copied so that it fits a journal; whoever makes backups does.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use talon_domain::ids::LedgerId;

use crate::error::VaultError;
use crate::reader::keys_path;
use crate::store::{Access, Identity, Store};
use crate::vault::Vault;

/// How many slabs of keys a vault holds, by what their keys may still be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlabCounts {
    /// A writer that is at work, or was interrupted, holds them.
    pub claimed: u64,
    /// The next writer goes on with them.
    pub free: u64,
    /// No key of theirs seals a record any more; all of them still open what they sealed.
    pub closed: u64,
}

impl SlabCounts {
    /// All of them.
    pub const fn total(self) -> u64 {
        self.claimed + self.free + self.closed
    }
}

impl Vault {
    /// Checks what can be checked without the master key: that the file is whole, of a known format, and this ledger's.
    pub fn check(dir: &Path, ledger: LedgerId) -> Result<(), VaultError> {
        of_ledger(dir, Access::Read, ledger)?.check_whole()
    }

    /// Counts the slabs of a ledger's vault.
    pub fn slabs(dir: &Path, ledger: LedgerId) -> Result<SlabCounts, VaultError> {
        of_ledger(dir, Access::Read, ledger)?.slab_counts()
    }

    /// The fingerprint of the master key that wraps a ledger's vault.
    pub fn master_key_fingerprint(dir: &Path) -> Result<String, VaultError> {
        Ok(Store::open(&keys_path(dir), Access::Read)?.1.master_key)
    }

    /// Copies a ledger's vault to a new file, for its owner alone. A writer beside it waits for an instant at most; what
    /// it makes durable meanwhile may be in the copy or not.
    pub fn copy(dir: &Path, ledger: LedgerId, to: &Path) -> Result<(), VaultError> {
        let from = match of_ledger(dir, Access::Read, ledger) {
            // Who only reads cannot finish what an interrupted writer began.
            Err(VaultError::Interrupted { .. }) => of_ledger(dir, Access::Write, ledger)?,
            opened => opened?,
        };
        let failed = |doing, source| VaultError::Io { doing, path: to.to_owned(), source };
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
        made.map_err(|source| failed("create", source))?;
        from.copy_to(to)?;
        sync(to).map_err(|source| failed("sync", source))
    }

    /// Closes every slab of a vault that was restored from a backup, also those that a writer left in good order, and
    /// says how many were open. To be called before anything is sealed: keys that the backup takes for unused may have
    /// sealed records since.
    pub fn close_slabs(dir: &Path, ledger: LedgerId) -> Result<u64, VaultError> {
        of_ledger(dir, Access::Write, ledger)?.close_all()
    }
}

fn of_ledger(dir: &Path, access: Access, ledger: LedgerId) -> Result<Store, VaultError> {
    let (store, Identity { ledger: held, .. }) = Store::open(&keys_path(dir), access)?;
    if held == ledger {
        return Ok(store);
    }
    Err(VaultError::OtherLedger { path: store.path().to_owned(), held, wanted: ledger })
}

fn sync(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()
}
