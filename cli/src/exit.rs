//! How the command ends, and what an error's kind makes of it.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use talon_consumers::ProjectorError;
use talon_journal::{ErrorKind, OpenError, ReadError};
use talon_vault::VaultError;

/// The command's exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All was done; of `doctor`: all is well.
    Done,
    /// Anything that has no code of its own.
    Failed,
    /// The command line cannot be carried out as it stands.
    Usage,
    /// Some items were refused; the others were taken.
    SomeRefused,
    /// Stored bytes contradict their checksum, their place, or each other.
    DamageFound,
    /// Of `doctor`, which speaks to monitoring systems: somebody should look.
    Warning,
    /// Of `doctor`: somebody has to act.
    Critical,
}

impl Exit {
    /// The number that the process ends with.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed | Self::Warning => 1,
            Self::Usage | Self::Critical => 2,
            Self::SomeRefused => 3,
            Self::DamageFound => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The command line asks for what cannot be done: an option that makes no sense, a ledger or a file that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

/// A file of a backup is not the one that was backed up.
#[derive(Debug, thiserror::Error)]
#[error("the backup {} is damaged: {file} is not what was backed up", backup.display())]
pub(crate) struct DamagedBackup {
    pub(crate) backup: PathBuf,
    pub(crate) file: String,
}

/// The code that an error ends with.
pub(crate) fn of_error(error: &anyhow::Error) -> Exit {
    let corrupt = error.chain().any(|cause| {
        let kind = cause.downcast_ref::<ReadError>().map(ReadError::kind);
        let kind = kind.or_else(|| cause.downcast_ref::<OpenError>().map(OpenError::kind));
        let is_vault = matches!(cause.downcast_ref(), Some(VaultError::Damaged { .. }));
        let is_other = cause.downcast_ref().is_some_and(ProjectorError::is_other_journal);
        is_vault || is_other || cause.is::<DamagedBackup>() || kind == Some(ErrorKind::Corrupt)
    });
    if corrupt {
        Exit::DamageFound
    } else if error.is::<UsageError>() {
        Exit::Usage
    } else {
        Exit::Failed
    }
}

/// Whether whoever read our output has gone. For a command that only reads it is no failure: `talon dump | head`.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>());
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
