//! Why an id could not be looked up, or the index not opened. The journal is untouched by all of it.

use std::io;
use std::sync::Arc;

use crate::error::{ErrorKind, ReadError};

/// Why the index does not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The journal could not be read.
    #[error("the ids that the journal holds could not be read")]
    Journal(#[from] ReadError),
    /// A file of the index is not what was written. It is derived: [`rebuild`](super::IdIndex::rebuild) makes it again.
    #[error("{file} of the id index is damaged at offset {offset}: it must be made again from the journal")]
    Damaged {
        /// The file.
        file: String,
        /// Where.
        offset: u64,
    },
    /// The storage does not answer, or has no room. Nothing is lost; it may be asked again.
    #[error("{what} of the id index failed")]
    Unavailable {
        /// What was done.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// As many ids as may wait in memory do so: what was full could not be written. Nothing is lost; it may be asked again.
    #[error("the id index takes nothing before what it holds in memory is written")]
    NoRoom {
        /// Why it could not be written.
        source: Arc<Self>,
    },
    /// Another process has the index.
    #[error("the id index is held by {holder}: one process writes at a time")]
    Held {
        /// Who.
        holder: String,
    },
}

impl IndexError {
    /// Which of the five kinds.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Journal(error) => error.kind(),
            Self::Damaged { .. } => ErrorKind::Corrupt,
            Self::Unavailable { .. } | Self::NoRoom { .. } => ErrorKind::Unavailable,
            Self::Held { .. } => ErrorKind::Conflict,
        }
    }

    pub(crate) fn damaged(file: &str, offset: u64) -> Self {
        Self::Damaged { file: file.to_owned(), offset }
    }

    pub(crate) fn unavailable(what: impl Into<String>, source: io::Error) -> Self {
        Self::Unavailable { what: what.into(), source }
    }

    /// What came of reading a file that should be there: one that is missing or short is damaged.
    pub(crate) fn of_reading(file: &str, offset: u64, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof => Self::damaged(file, offset),
            _ => Self::unavailable(format!("reading {file}"), source),
        }
    }
}
