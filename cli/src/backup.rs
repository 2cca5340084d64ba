//! A backup: the journal up to one position, the vault that opens it, and a manifest that vouches for both.
//!
//! ```text
//! DIR/vault/keys.sqlite, DIR/journal/<lsn>.seg ..., DIR/journal/durable, DIR/manifest.json      or the same in one tar
//! ```
//!
//! Invariants:
//! - the manifest is written last, so what has none was never finished
//! - the position is fixed before the vault is copied, and keys are durable before their first use: every sealed record
//!   of a backup finds its key in it
//! - the master key is in no backup; neither is what can be made again: summaries, the index of ids
//! - one flipped byte is found and named before anything is restored
//!
//! This module copies and checks files; `command::backup` and `command::restore` say when.

mod archive;
mod manifest;
mod source;
mod target;

pub(crate) use manifest::{Kept, MANIFEST, Manifest};
pub(crate) use source::Source;
pub(crate) use target::Target;

use std::io::{self, Read, Write};
use std::path::Path;

/// The vault's file, as a backup names it.
pub(crate) const VAULT: &str = "vault/keys.sqlite";
/// The folder of the journal's files.
pub(crate) const JOURNAL: &str = "journal/";

const PIECE_BYTES: usize = 256 << 10;

/// Whether a path names a backup in one file.
fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tar")
}

/// Copies a stream, and says how long it was and what its hash is.
pub(crate) fn copy(
    from: &mut dyn Read,
    to: &mut dyn Write,
    passed: &mut dyn FnMut(u64),
) -> io::Result<(u64, blake3::Hash)> {
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; PIECE_BYTES];
    let mut bytes = 0;
    loop {
        let len = match from.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let Some(read) = piece.get(..len).filter(|read| !read.is_empty()) else {
            return Ok((bytes, hasher.finalize()));
        };
        hasher.update(read);
        to.write_all(read)?;
        bytes += len as u64;
        passed(len as u64);
    }
}
