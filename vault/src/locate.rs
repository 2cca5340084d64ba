//! Where the master key's file lies. In this order, the first that is given:
//!
//! 1. `--key FILE`
//! 2. `TALON_MASTER_KEY_FILE`
//! 3. the systemd credential `talon-master-key`: a file of that name in `CREDENTIALS_DIRECTORY`, if there is one
//! 4. `DIR.key`, beside the ledger's folder `DIR`
//!
//! What is given is used, even if no such file exists: falling through to the next would wrap a ledger with a key that
//! nobody meant.
//!
//! This module does not read the environment: its values come in as arguments.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf, absolute};

/// The name of the systemd credential (`LoadCredential=talon-master-key:...`).
pub const CREDENTIAL: &str = "talon-master-key";

/// What the caller was told about the master key's place. Empty paths count as not given.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeySources<'a> {
    /// `--key FILE`.
    pub flag: Option<&'a Path>,
    /// The value of `TALON_MASTER_KEY_FILE`.
    pub master_key_file: Option<&'a Path>,
    /// The value of `CREDENTIALS_DIRECTORY`.
    pub credentials_directory: Option<&'a Path>,
}

/// Who said where the key lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// `--key`.
    Flag,
    /// `TALON_MASTER_KEY_FILE`.
    Environment,
    /// systemd.
    Credential,
    /// Nobody: it lies beside the ledger's folder.
    Beside,
}

/// The master key's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The file.
    pub path: PathBuf,
    /// Who said so.
    pub origin: KeyOrigin,
    /// It lies inside the ledger's folder: whoever copies the folder copies the key with it. Worth a warning.
    pub inside_ledger: bool,
}

/// Finds the master key's place. Neither the file nor the ledger's folder needs to exist.
pub fn locate(ledger: &Path, sources: &KeySources<'_>) -> Located {
    let (path, origin) = first_given(sources).unwrap_or_else(|| (beside(ledger), KeyOrigin::Beside));
    let inside_ledger = resolved(&path).starts_with(resolved(ledger));
    Located { path, origin, inside_ledger }
}

fn first_given(sources: &KeySources<'_>) -> Option<(PathBuf, KeyOrigin)> {
    let given = |path: Option<&Path>| path.filter(|path| !path.as_os_str().is_empty()).map(Path::to_owned);
    if let Some(path) = given(sources.flag) {
        return Some((path, KeyOrigin::Flag));
    }
    if let Some(path) = given(sources.master_key_file) {
        return Some((path, KeyOrigin::Environment));
    }
    let credential = given(sources.credentials_directory)?.join(CREDENTIAL);
    credential.exists().then_some((credential, KeyOrigin::Credential))
}

/// `DIR.key`. A folder without a name of its own, such as `.`, is resolved first.
fn beside(ledger: &Path) -> PathBuf {
    let named = if ledger.file_name().is_some() { ledger.to_owned() } else { resolved(ledger) };
    let mut name = named.file_name().map_or_else(|| OsString::from("ledger"), OsString::from);
    name.push(".key");
    named.with_file_name(name)
}

/// The path without links, `.` and `..`, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = fs::canonicalize(path) {
        return path;
    }
    let Ok(path) = absolute(path) else {
        return path.to_owned();
    };
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => resolved(parent).join(name),
        _ => path,
    }
}
