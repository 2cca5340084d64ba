//! Asking a running projector: a Unix socket beside the ledger, over which the tables of its views are read.
//!
//! ```text
//! client connects --> desk: it waits --> between two batches, everything taken is settled: a snapshot for all who wait
//!        <-- hello: views, positions, lag     get, scan --> row, rows in chunks      until the client is done
//! ```
//!
//! Invariants:
//! - a client sees one consistent state from its first answer to its last
//! - whatever a client sends or does not send, the projector goes on, and memory is bounded
//! - the socket is its owner's alone; nothing can be changed over it
//!
//! This module does not know what a row means.

mod desk;
mod remote;
mod session;
mod wire;

pub(crate) use desk::Desk;
pub use remote::Remote;
pub(crate) use remote::connect;
pub(crate) use session::{Serving, Sessions};
pub(crate) use wire::Hello;
pub use wire::{Request, Response, WireError};

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

/// The longest path of a socket, which the kernel ends at 107 bytes.
const PATH_BYTES_MAX: usize = 100;

/// Calls with a path to a name in a folder that is short enough for a socket, however long the folder's is.
fn with_short_path<T>(path: &Path, call: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    if path.as_os_str().len() <= PATH_BYTES_MAX {
        return call(path);
    }
    let (folder, name) = path.parent().zip(path.file_name()).ok_or(io::ErrorKind::InvalidInput)?;
    let folder = File::open(folder)?;
    call(&PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name))
}
