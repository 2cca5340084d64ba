//! The note of a repair under way: an empty file, `repair-after-<lsn>`, whose name says which record the log will end
//! with. It is there or it is not, so it cannot be torn.
//!
//! - it is durable before anything of the log is changed, and goes when the cut is durable
//! - while it is there no journal is opened, to write or to read
//!
//! This module cuts nothing.

use std::io;

use super::super::view::unreadable;
use crate::error::{OpenError, ReadError};
use crate::storage::{Access, Storage};

const PREFIX: &str = "repair-after-";

/// The last record that a repair under way keeps.
pub(crate) fn begun(storage: &dyn Storage) -> Result<Option<u64>, ReadError> {
    let names = storage.list().map_err(|source| unreadable("the folder of the journal", source))?;
    Ok(names.iter().find_map(|name| name.strip_prefix(PREFIX)?.parse().ok()))
}

/// A log whose repair has not ended may be shorter than it was, and say nothing of it.
pub(crate) fn refuse_begun(storage: &dyn Storage) -> Result<(), OpenError> {
    begun(storage)?.map_or(Ok(()), |cut_after| Err(OpenError::RepairBegun { path: storage.path(), cut_after }))
}

/// One repair is ended before another one begins.
pub(super) fn refuse_other(storage: &dyn Storage, lsn: u64) -> Result<(), OpenError> {
    if begun(storage)?.is_some_and(|begun| begun != lsn) { refuse_begun(storage) } else { Ok(()) }
}

/// Leaves the note; it is durable on return.
pub(super) fn leave(storage: &dyn Storage, lsn: u64) -> io::Result<()> {
    storage.open(&format!("{PREFIX}{lsn}"), Access::Create)?.sync()?;
    storage.sync()
}

/// Takes the note away, durably.
pub(super) fn remove(storage: &dyn Storage, lsn: u64) -> io::Result<()> {
    storage.remove(&format!("{PREFIX}{lsn}"))?;
    storage.sync()
}
