//! Where views are kept: ordered tables of rows, in runs of pages, on a narrow store of blocks.
//!
//! ```text
//! Tables: put, delete, add --> memory, a map a table     --> commit: runs of sorted pages, then one batch that names
//!         get, scan <-- memory over runs, newest first       them all, with the state that was handed in
//!                                   |
//! Store:  read, keys, write a batch of puts and deletes, flush: on disk (sled), or in memory
//! ```
//!
//! Invariants:
//! - nothing here is evidence: all of it can be computed again, and what is broken is thrown away, never repaired
//! - what is read is what the last commit left, row for row, or an error; a commit is in as a whole or not at all
//! - sled is named in [`on_disk`] alone, is opened in a thread of its own, and its panics are errors here
//!
//! This module does not know what a row means, where a store stands, or when one is made anew.

use std::ops::ControlFlow;

mod batch;
mod blob;
mod cache;
mod entry;
mod error;
mod filter;
mod in_memory;
mod manifest;
pub mod on_disk;
mod page;
mod run;
mod tables;

pub use batch::Batch;
pub use error::{StoreError, StoreErrorKind};
pub use in_memory::MemoryStore;
pub use on_disk::SledStore;
pub use tables::{EachRow, Load, Merge, Snapshot, Table, TableSize, Tables};

/// A store of blocks: bytes under keys, in the order of keys. Threads share it; one of them at a time writes.
pub trait Store: Send + Sync {
    /// What is under a key.
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Shows the keys from `from` on and below `below`, in their order, until told to stop.
    fn keys(&self, from: &[u8], below: &[u8], each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>)
    -> Result<(), StoreError>;

    /// Does all that a batch says, or nothing of it, whatever happens meanwhile.
    fn write(&self, batch: Batch) -> Result<(), StoreError>;

    /// Bytes that it takes, with what is of no use any more.
    fn bytes(&self) -> Result<u64, StoreError>;

    /// Returns when all that was written survives a power cut.
    fn flush(&self) -> Result<(), StoreError>;
}
