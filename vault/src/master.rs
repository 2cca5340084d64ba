//! The master key: 32 random bytes that wrap a vault's keys, in a file of its own. Invariants:
//! - the file is made with mode 0600, is never overwritten, and is durable before `write_new` returns
//! - a file that its group or others can read is refused; a systemd credential may be read by its group, for the access
//!   list by which systemd grants it shows up in those bits
//! - no copy in memory outlives its owner, and no `Debug` shows it
//!
//! This module does not decide where the file lies: `locate` does.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::locate::{KeyOrigin, Located};
use crate::sheet::{self, RecoverySheet, SheetError};

/// A sheet has some 600 bytes; whatever is longer is another file.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// A master key's file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    /// There is no file.
    #[error("no master key at {}: restore it, or type in its recovery copy", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file is there already; a master key is never overwritten.
    #[error("{} exists already: a master key is never overwritten", path.display())]
    Exists {
        /// Where the key should have been written.
        path: PathBuf,
    },
    /// Others can read the file.
    #[error("{} can be read by others (mode {mode:04o}): chmod 600 {}", path.display(), path.display())]
    LoosePermissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds no master key.
    #[error("{} holds no usable master key", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SheetError,
    },
    /// The file system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// The key that wraps a vault's keys.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Draws a new key.
    pub fn generate(entropy: &mut Entropy) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        entropy.fill(key.as_mut());
        entropy.ratchet();
        Self(key)
    }

    pub(crate) const fn from_bytes(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Eight hexadecimal digits that name the key without telling anything of it.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update("talon.master-key").chain_update(self.bytes()).finalize();
        let [a, b, c, d, ..]: [u8; 32] = digest.into();
        format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
    }

    /// Reads the key from where [`locate`](crate::locate) found it.
    pub fn read(located: &Located) -> Result<Self, MasterKeyError> {
        let path = &located.path;
        refuse_what_is_no_file(path)?;
        let file = File::open(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => MasterKeyError::Missing { path: path.clone() },
            _ => failed("open", path, source),
        })?;
        refuse_readable_by_others(&file, located)?;
        let text = read_text(file).map_err(|source| failed("read", path, source))?;
        sheet::read(&text).map_err(|source| MasterKeyError::Malformed { path: path.clone(), source })
    }

    /// Writes the key to a new file that only its owner can read; the file is durable when this returns.
    pub fn write_new(&self, path: &Path) -> Result<(), MasterKeyError> {
        let mut options = OpenOptions::new();
        let file =
            options.write(true).create_new(true).mode(0o600).open(path).map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => MasterKeyError::Exists { path: path.to_owned() },
                _ => failed("create", path, source),
            })?;
        self.write_durably(file, path).map_err(|source| {
            // Half a key helps nobody, and would stand in the way of the next attempt.
            let _ = fs::remove_file(path);
            failed("write", path, source)
        })
    }

    fn write_durably(&self, mut file: File, path: &Path) -> io::Result<()> {
        file.write_all(FILE_PREAMBLE.as_bytes())?;
        file.write_all(sheet::write(self).as_bytes())?;
        file.sync_all()?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }

    /// The key as a page to print and lock away.
    pub fn recovery_copy(&self) -> RecoverySheet {
        RecoverySheet::new(self)
    }

    /// Reads a key from a recovery copy that was typed in again.
    pub fn from_recovery(text: &str) -> Result<Self, SheetError> {
        sheet::read(text)
    }
}

const FILE_PREAMBLE: &str = "\
# Talon master key: opens the personal data of one ledger. Keep a copy apart from the ledger and its backups.
";

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

/// A pipe or a device would be waited for, or read for ever.
fn refuse_what_is_no_file(path: &Path) -> Result<(), MasterKeyError> {
    match fs::metadata(path) {
        Ok(about) if !about.is_file() => Err(failed("read", path, io::Error::other("it is no regular file"))),
        _ => Ok(()), // what is missing or closed is told by opening it
    }
}

fn refuse_readable_by_others(file: &File, located: &Located) -> Result<(), MasterKeyError> {
    let path = &located.path;
    let metadata = file.metadata().map_err(|source| failed("inspect", path, source))?;
    let mode = metadata.permissions().mode() & 0o7777;
    let forbidden = if located.origin == KeyOrigin::Credential { 0o007 } else { 0o077 };
    if mode & forbidden == 0 {
        return Ok(());
    }
    Err(MasterKeyError::LoosePermissions { path: path.clone(), mode })
}

/// Reads a short text; bytes that are not UTF-8 become a text that is no key.
fn read_text(file: File) -> io::Result<Zeroizing<String>> {
    use io::Read as _;
    let mut bytes = Zeroizing::new(Vec::with_capacity(1024));
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(Zeroizing::new(str::from_utf8(&bytes).unwrap_or_default().to_owned()))
}

fn failed(doing: &'static str, path: &Path, source: io::Error) -> MasterKeyError {
    MasterKeyError::Io { doing, path: path.to_owned(), source }
}
