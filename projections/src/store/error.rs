//! What can go wrong with a store of views. None of it endangers a fact: a view is computed again.
//!
//! This module does not decide what is thrown away; it says what is true.

use std::io;

/// What is true after an error, in the words of the other rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// Not well formed: nothing was written, and the same bytes would fail again.
    Rejected,
    /// Another process holds the store.
    Conflict,
    /// It did not happen, and might later.
    Unavailable,
    /// The store contradicts itself: throw it away and compute it again.
    Corrupt,
}

/// Why a store, or the tables on it, did not do what they were asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What is stored contradicts its checksum or its place, or the engine below broke down.
    #[error("the store of the views is broken: {0}; what it holds is computed again from the journal")]
    Broken(String),
    /// There is no room left.
    #[error("there is no room left for the store of the views")]
    Full,
    /// Another process holds it.
    #[error("{place} is held by another process: one process opens it at a time")]
    Busy {
        /// Where the store stands.
        place: String,
    },
    /// A row that fits into no page.
    #[error("a row of {bytes} bytes is longer than {bytes_max}")]
    TooLong {
        /// Bytes of its key and its value.
        bytes: usize,
        /// The most that they may be.
        bytes_max: usize,
    },
    /// Rows that were to be in the order of their keys, each key once.
    #[error("rows of table {table} must come in the order of their keys, each key once")]
    Unordered {
        /// The table's number.
        table: u16,
    },
    /// The storage did not do what it was asked.
    #[error("{what} failed")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

impl StoreError {
    /// Which kind it is.
    pub const fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Broken(_) => StoreErrorKind::Corrupt,
            Self::Busy { .. } => StoreErrorKind::Conflict,
            Self::TooLong { .. } | Self::Unordered { .. } => StoreErrorKind::Rejected,
            Self::Full | Self::Io { .. } => StoreErrorKind::Unavailable,
        }
    }

    pub(crate) fn broken(what: impl Into<String>) -> Self {
        Self::Broken(what.into())
    }
}
