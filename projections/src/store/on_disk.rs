//! The store on disk. The one module that names sled, whose version is fixed to a byte.
//!
//! Invariants:
//! - sled is opened in a thread of its own, and everything that it does is done under a guard: its panics become
//!   [`StoreError::Broken`], and after one of them nothing more is asked of it
//! - a batch is sled's own: one stretch of its log, which is recovered as a whole or not at all
//! - the directory is held by one process
//!
//! This module does not repair. Nor does it know which keys there are.

use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{Batch, Store, StoreError};

/// What sled may keep of its own leaves in memory, of which it takes several times as much: by itself it would keep a
/// gibibyte. Pages that are asked for again are kept by the tables, not here.
const CACHE_BYTES: u64 = 16 << 20;
/// A segment of sled's log. What is longer than a quarter of it becomes a file of its own, and a leaf of blocks is long.
const SEGMENT_BYTES: usize = 2 << 20;
/// How long what was not flushed may stay in memory.
const FLUSH_EVERY_MS: u64 = 1_000;
/// What sled says when another process holds the directory: it has no code for it.
const HELD: &str = "could not acquire lock";
/// A store that was closed a moment ago lets its lock go from a thread of sled's own.
const TRIES: u32 = 40;
const BETWEEN_TRIES: Duration = Duration::from_millis(25);

/// A store in a directory.
#[derive(Debug)]
pub struct SledStore {
    /// Taken out when the store is dropped, and only then.
    db: Option<sled::Db>,
    panicked: AtomicBool,
}

impl SledStore {
    /// Opens the store in a directory, which is made if there is none.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let place = dir.to_path_buf();
        let opener = thread::Builder::new().name("store-open".to_owned()).spawn(move || open_patiently(&place));
        let opener = opener.map_err(|source| StoreError::Io { what: "starting a thread", source })?;
        let opened = opener.join().map_err(|_| StoreError::broken("sled panicked while it was opened"))?;
        Ok(Self { db: Some(opened?), panicked: AtomicBool::new(false) })
    }

    /// Asks something of sled; a panic is the last thing that it is asked for.
    fn guarded<T>(
        &self,
        what: &'static str,
        ask: impl FnOnce(&sled::Db) -> Result<T, sled::Error>,
    ) -> Result<T, StoreError> {
        let db = self.db.as_ref().filter(|_| !self.panicked.load(Ordering::Relaxed));
        let db = db.ok_or_else(|| StoreError::broken("sled has panicked before"))?;
        let Ok(answer) = catch_unwind(AssertUnwindSafe(|| ask(db))) else {
            self.panicked.store(true, Ordering::Relaxed);
            return Err(StoreError::broken(format!("sled panicked while {what}")));
        };
        answer.map_err(|error| error_of(error, what))
    }
}

fn open_patiently(place: &PathBuf) -> Result<sled::Db, StoreError> {
    let mut opened = open_once(place);
    for _ in 1..TRIES {
        if !matches!(opened, Err(StoreError::Busy { .. })) {
            break;
        }
        thread::sleep(BETWEEN_TRIES);
        opened = open_once(place);
    }
    opened
}

fn open_once(place: &PathBuf) -> Result<sled::Db, StoreError> {
    let config = sled::Config::new().path(place).cache_capacity(CACHE_BYTES).segment_size(SEGMENT_BYTES);
    let config = config.mode(sled::Mode::LowSpace);
    config.flush_every_ms(Some(FLUSH_EVERY_MS)).open().map_err(|error| match &error {
        sled::Error::Io(held) if held.to_string().starts_with(HELD) => {
            StoreError::Busy { place: place.display().to_string() }
        }
        _ => error_of(error, "opening the store"),
    })
}

fn error_of(error: sled::Error, what: &'static str) -> StoreError {
    match error {
        sled::Error::Io(full) if full.kind() == io::ErrorKind::StorageFull => StoreError::Full,
        // What was read is shorter than it says, or is no sled: the bytes are at fault, not the device.
        sled::Error::Io(short) if matches!(short.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) => {
            StoreError::broken(format!("{what}: {short}"))
        }
        sled::Error::Io(source) => StoreError::Io { what, source },
        other => StoreError::broken(format!("{what}: {other}")),
    }
}

impl Store for SledStore {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.guarded("reading a block", |db| Ok(db.get(key)?.map(|value| value.to_vec())))
    }

    fn keys(
        &self,
        from: &[u8],
        below: &[u8],
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        if from >= below {
            return Ok(());
        }
        self.guarded("listing blocks", |db| {
            for key in db.range(from..below).keys() {
                if each(&key?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let mut changes = sled::Batch::default();
        for (key, value) in batch.into_changes() {
            match value {
                Some(value) => changes.insert(key, value),
                None => changes.remove(key),
            }
        }
        self.guarded("writing blocks", |db| db.apply_batch(changes))
    }

    fn bytes(&self) -> Result<u64, StoreError> {
        self.guarded("measuring the store", sled::Db::size_on_disk)
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.guarded("flushing the store", |db| db.flush().map(|_| ()))
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        let db = self.db.take();
        // Closing flushes, and may panic as anything else may; nobody is left to be told.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(db)));
    }
}
