//! The seam under the embedded engine: the few file operations that it needs, in one folder.
//!
//! `Folder` is the file system. Tests put a storage in its place that loses power, tears writes and runs full at every
//! step. What an implementation promises:
//!
//! - what was written before a `sync` of its file that returned is there after a power cut
//! - names made, changed or removed before a `sync` of the storage that returned are so after a power cut
//! - reads see all writes, synced or not
//!
//! This module knows no format.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

mod folder;

pub use folder::Folder;

/// A file that is read and written at offsets.
pub trait StorageFile: Send + Sync + fmt::Debug {
    /// Fills the buffer from an offset; an end before that is an error.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
    /// Writes all bytes at an offset.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes what was written durable. After an error nothing is known, and nothing may be retried.
    fn sync(&self) -> io::Result<()>;
    /// How many bytes it has.
    fn size(&self) -> io::Result<u64>;
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It must exist, and is only read.
    Read,
    /// It must exist.
    Write,
    /// It is made, or emptied if it exists.
    Create,
}

/// What came of claiming the writer's place.
#[derive(Debug)]
pub enum Claim {
    /// It is ours until the guard is dropped or the process ends.
    Ours(WriterLock),
    /// Somebody else has it.
    Held {
        /// Who, as they call themselves.
        holder: String,
    },
}

/// Holds the writer's place until it is dropped.
#[derive(Debug)]
pub struct WriterLock(#[expect(dead_code, reason = "held for its drop")] Box<dyn Held>);

/// Whatever keeps a claim alive.
pub trait Held: Send + Sync + fmt::Debug {}
impl<T: Send + Sync + fmt::Debug> Held for T {}

impl WriterLock {
    /// A lock that lasts as long as this value.
    pub fn new(held: impl Held + 'static) -> Self {
        Self(Box::new(held))
    }
}

/// A folder of files with one writer.
pub trait Storage: Send + Sync + fmt::Debug {
    /// Where it is, for messages.
    fn path(&self) -> PathBuf;
    /// The names of its files, in any order; none if the folder does not exist.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Opens a file.
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn StorageFile>>;
    /// Gives a file another name, which replaces a file that had it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes names durable.
    fn sync(&self) -> io::Result<()>;
    /// How many bytes more it can take, where that is known.
    fn free_bytes(&self) -> io::Result<Option<u64>> {
        Ok(None)
    }
    /// Claims the writer's place, or says who has it.
    fn claim(&self, holder: &str) -> io::Result<Claim>;
    /// Who has the writer's place, if anybody. Writes nothing.
    fn holder(&self) -> io::Result<Option<String>>;
}
