//! The bare loop: the same bytes with the same syncs, and nothing else. What a ledger on this disk cannot beat.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use crate::clock::Watch;

/// How a file gets its space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Written full of zeros before the clock starts.
    Ahead,
    /// Written full of zeros while the clock runs, by the same thread, a mebibyte before it is needed.
    OnTheWay,
    /// The file grows with every write.
    Growing,
}

const PIECE: usize = 1 << 20;

/// Writes `bytes` again and again, `times` times, each followed by a sync; how long each took.
pub fn bare(path: &Path, bytes: &[u8], times: u64, space: Space) -> io::Result<Vec<Duration>> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    let all = bytes.len() as u64 * times;
    let mut ready = if space == Space::Ahead { zeros(&file, 0, all)? } else { 0 };
    let mut taken = Vec::new();
    for round in 0..times {
        let watch = Watch::start();
        let at = round * bytes.len() as u64;
        if space == Space::OnTheWay && at + bytes.len() as u64 > ready {
            ready = zeros(&file, ready, at + bytes.len() as u64)?;
        }
        file.write_all_at(bytes, at)?;
        file.sync_data()?;
        taken.push(watch.read());
    }
    drop(file);
    std::fs::remove_file(path)?;
    Ok(taken)
}

/// Writes zeros from one place at least to another, and syncs them.
fn zeros(file: &File, mut at: u64, to: u64) -> io::Result<u64> {
    let piece = vec![0; PIECE];
    while at < to {
        file.write_all_at(&piece, at)?;
        at += PIECE as u64;
    }
    file.sync_data()?;
    Ok(at)
}
