//! What can go wrong with a vault, with sealing, and with opening a sealed part: three families, three enums.

use std::io;
use std::path::PathBuf;

use talon_domain::ids::LedgerId;

use crate::slab::KeyId;

/// A vault that cannot be made, opened, or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no vault where one was looked for.
    #[error("no vault at {}: personal data can be neither sealed nor opened; restore it from its backup", path.display())]
    Absent {
        /// The vault's file.
        path: PathBuf,
    },
    /// A vault is there already; its keys are never overwritten.
    #[error("a vault is already at {}", path.display())]
    Exists {
        /// The vault's file.
        path: PathBuf,
    },
    /// The making of this vault was interrupted: it holds no key yet.
    #[error("{} was never finished: remove it and create the ledger again", path.display())]
    Unfinished {
        /// The vault's file.
        path: PathBuf,
    },
    /// A later release made this vault.
    #[error("{} has format {format}, which this release does not know: use a later release", path.display())]
    UnknownFormat {
        /// The vault's file.
        path: PathBuf,
        /// The format it states.
        format: i64,
    },
    /// The vault belongs to another ledger.
    #[error("{} holds the keys of ledger {held}, not of {wanted}", path.display())]
    OtherLedger {
        /// The vault's file.
        path: PathBuf,
        /// Whose keys it holds.
        held: LedgerId,
        /// The ledger that was opened.
        wanted: LedgerId,
    },
    /// The master key is not the one that wraps this vault.
    #[error("wrong master key: {} is wrapped by key {wanted}, this is key {given}", path.display())]
    WrongKey {
        /// The vault's file.
        path: PathBuf,
        /// Fingerprint of the key that wraps it.
        wanted: String,
        /// Fingerprint of the key that was given.
        given: String,
    },
    /// Bytes in the vault contradict their tag, or the file is no database.
    #[error("{} is damaged ({what}): restore the vault from its backup", path.display())]
    Damaged {
        /// The vault's file.
        path: PathBuf,
        /// What does not verify.
        what: String,
    },
    /// A writer was interrupted, and a reader may not finish its work.
    #[error("a write to {} was interrupted: open the ledger for writing once, then read again", path.display())]
    Interrupted {
        /// The vault's file.
        path: PathBuf,
    },
    /// Another process holds the vault's lock for too long.
    #[error("{} is locked by another process: try again", path.display())]
    Busy {
        /// The vault's file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The database refused; nothing was written.
    #[error("the database {} refused", path.display())]
    Store {
        /// The vault's file.
        path: PathBuf,
        /// The database's answer.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A personal part that cannot be sealed; nothing was written to the record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The phone is no E.164 number. It is not repeated here: errors end up in logs.
    #[error("phone_must_be_e164: a plus sign, then 7 to 15 digits")]
    PhoneMustBeE164,
    /// The personal part can be in no record.
    #[error("personal_must_fit_a_record: {bytes} bytes, at most {}", crate::PERSONAL_MAX)]
    PersonalMustFitARecord {
        /// Its length.
        bytes: usize,
    },
    /// No key could be taken.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// A sealed part that does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The vault does not hold the key (any more). Whether the person was erased, only the journal says.
    #[error("key unavailable: {key_id}")]
    KeyUnavailable {
        /// The key that sealed it.
        key_id: KeyId,
    },
    /// The sealed part, or the header it is bound to, is not what was sealed.
    #[error("the sealed part does not belong to this header, or was altered (key {key_id})")]
    Tampered {
        /// The key that the sealed part names.
        key_id: KeyId,
    },
    /// The bytes are no sealed part of a known form.
    #[error("the sealed part is malformed: {0}")]
    Malformed(&'static str),
    /// The vault itself failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}
