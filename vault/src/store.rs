//! The vault's file, `keys.sqlite`: which slabs there are, who claimed them, and their wrapped keys. The only SQLite in
//! the house. Invariants:
//! - what a call wrote is durable when it returns, or was not written at all
//! - nothing but wrapped keys reaches the file, so nothing else can linger in it
//!
//! Why these pragmas:
//! - `journal_mode = DELETE`: an erased slab must be gone when its transaction is. A write-ahead log would keep the old
//!   pages until a checkpoint, and `PERSIST` would keep them in the journal's body. It also makes the vault one file when
//!   nothing writes to it, which a read-only copy can open; a write-ahead log needs a second file, and to write it.
//! - `synchronous = EXTRA`: in `DELETE` mode `FULL` may still undo the last transaction at a power cut, because the folder
//!   that lost the journal is not synced. An undone claim would hand out used keys again.
//! - `secure_delete = ON`: freed pages are overwritten with zeros.
//! - `temp_store = MEMORY`: no copy in a temporary file.
//!
//! This module does not see a key in clear, and does not read a clock.

mod rewrapping;

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Row, TransactionBehavior, ffi, params};
use talon_domain::ids::LedgerId;

use crate::error::VaultError;
use crate::slab::{Generation, SLAB_KEYS, SlabId};
use crate::upkeep::SlabCounts;
use rewrapping::{Rewrapping, Wrap};

/// "TALV": says what file this is, to `file` and to us.
const APPLICATION_ID: i64 = 0x5441_4c56;
const FORMAT: i64 = 1;

/// A copy lets writers in after so many pages: 16 MiB.
const COPY_PAGES: i32 = 4_096;
/// And after so many steps, which are 4 GiB, it lets nobody in any more: a busy writer would never let it end.
const COPY_STEPS_MAX: u32 = 256;
const COPY_PAUSE: Duration = Duration::from_millis(20);

const PRAGMAS: &str = "
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = EXTRA;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
";

const SCHEMA: &str = "
CREATE TABLE vault (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    ledger_id  BLOB NOT NULL CHECK (length(ledger_id) = 16),
    master_key TEXT NOT NULL,  -- fingerprint of the key that wraps everything here
    bucket_key BLOB NOT NULL   -- wrapped
) STRICT;
CREATE TABLE slab (
    slab_id    INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    keys       BLOB NOT NULL   -- wrapped
) STRICT;
CREATE TABLE claim (
    slab_id    INTEGER PRIMARY KEY REFERENCES slab,
    state      TEXT NOT NULL CHECK (state IN ('claimed', 'free', 'closed')),
    next_slot  INTEGER NOT NULL CHECK (next_slot BETWEEN 0 AND 4096),
    writer     INTEGER NOT NULL
) STRICT;
";

/// What a vault says of itself.
pub(crate) struct Identity {
    pub(crate) ledger: LedgerId,
    pub(crate) master_key: String,
    pub(crate) bucket_key: Vec<u8>,
}

/// Names one start of one writer: random, so that no two starts share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Writer(pub(crate) i64);

/// A slab's keys as they lie in the file.
pub(crate) struct WrappedSlab {
    pub(crate) id: SlabId,
    pub(crate) generation: Generation,
    pub(crate) keys: Vec<u8>,
}

/// A slab that a writer left in good order, now claimed by another.
pub(crate) struct Continued {
    pub(crate) slab: WrappedSlab,
    pub(crate) next_slot: u16,
}

/// Whether a store may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

pub(crate) struct Store {
    db: Connection,
    path: PathBuf,
}

impl Store {
    /// Fills an empty file; it must exist, with its permissions.
    pub(crate) fn create(path: &Path, identity: &Identity) -> Result<Self, VaultError> {
        let mut store = Self::connect(path, Access::Write)?;
        let made = make(&mut store.db, identity);
        store.answer(made)?;
        Ok(store)
    }

    /// Opens a vault's file and reads who it is.
    pub(crate) fn open(path: &Path, access: Access) -> Result<(Self, Identity), VaultError> {
        match path.try_exists() {
            Ok(true) => {}
            Ok(false) => return Err(VaultError::Absent { path: path.to_owned() }),
            Err(source) => return Err(VaultError::Io { doing: "look for", path: path.to_owned(), source }),
        }
        let store = Self::connect(path, access)?;
        store.check_format()?;
        let identity = store.answer(read_identity(&store.db))?;
        Ok((store, identity))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A slab's generation; `None` if there is no such slab.
    pub(crate) fn generation(&self, id: SlabId) -> Result<Option<Generation>, VaultError> {
        let found = self
            .db
            .prepare_cached("SELECT generation FROM slab WHERE slab_id = ?1")
            .and_then(|mut query| query.query_row([id], |row| Ok(Generation(row.get(0)?))).optional());
        self.answer(found)
    }

    /// A slab as it lies in the file; `None` if there is no such slab.
    pub(crate) fn slab(&self, id: SlabId) -> Result<Option<WrappedSlab>, VaultError> {
        let sql = "SELECT generation, keys FROM slab WHERE slab_id = ?1";
        let found = self
            .db
            .query_row(sql, [id], |row| Ok(WrappedSlab { id, generation: Generation(row.get(0)?), keys: row.get(1)? }));
        self.answer(found.optional())
    }

    /// Closes what other writers left claimed, and claims at most `limit` free slabs for this one.
    pub(crate) fn claim(&mut self, writer: Writer, limit: usize) -> Result<Vec<Continued>, VaultError> {
        let claimed = claim(&mut self.db, writer, limit);
        self.answer(claimed)
    }

    /// Adds new slabs, claimed for this writer.
    pub(crate) fn add(&mut self, writer: Writer, slabs: &[WrappedSlab]) -> Result<(), VaultError> {
        let added = add(&mut self.db, writer, slabs);
        self.answer(added)
    }

    /// Puts slabs in the place of their generation before, all or none.
    pub(crate) fn replace(&mut self, slabs: &[WrappedSlab]) -> Result<(), VaultError> {
        let replaced = replace(&mut self.db, slabs);
        if self.answer(replaced)? { Ok(()) } else { Err(VaultError::Busy { path: self.path.clone() }) }
    }

    /// Changes every slab's bytes and the vault's identity, all or none, if the key named is still the one that wraps them;
    /// how many slabs there are.
    pub(crate) fn rewrap(&mut self, old_key: &str, identity: &Identity, wrap: Wrap<'_>) -> Result<u64, VaultError> {
        let path = self.path.clone();
        match rewrapping::rewrap(&mut self.db, old_key, identity, wrap) {
            Ok(Some(slabs)) => Ok(slabs),
            Ok(None) => Err(VaultError::Busy { path }),
            Err(Rewrapping::Vault(error)) => Err(error),
            Err(Rewrapping::Store(error)) => Err(explain(&path, error)),
        }
    }

    /// Ends a writer: slabs with slots left are free for the next one, all its others are closed. A slab that was closed
    /// over this writer's head stays closed.
    pub(crate) fn release(&mut self, writer: Writer, left: &[(SlabId, u16)]) -> Result<(), VaultError> {
        let released = release(&mut self.db, writer, left);
        self.answer(released)
    }

    /// Closes every slab, free ones too, and says how many were open.
    pub(crate) fn close_all(&self) -> Result<u64, VaultError> {
        let closed = self.db.execute("UPDATE claim SET state = 'closed' WHERE state <> 'closed'", []);
        self.answer(closed).map(|count| count as u64)
    }

    /// How many slabs there are in each state.
    pub(crate) fn slab_counts(&self) -> Result<SlabCounts, VaultError> {
        self.answer(slab_counts(&self.db))
    }

    /// Copies the database page by page into an empty file: the state of one moment. A few pages at a time, so that a
    /// writer is let in between; then the copy begins again, and after a few beginnings it is made in one go.
    pub(crate) fn copy_to(&self, to: &Path) -> Result<(), VaultError> {
        let mut copy = Connection::open(to).map_err(|error| explain(to, error))?;
        self.answer(copy_pages(&self.db, &mut copy))?;
        copy.close().map_err(|(_, error)| explain(to, error))
    }

    /// Reads the file through, and holds its tables and indexes against each other.
    pub(crate) fn check_whole(&self) -> Result<(), VaultError> {
        let verdict = self.answer(self.db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)))?;
        if verdict == "ok" { Ok(()) } else { Err(VaultError::Damaged { path: self.path.clone(), what: verdict }) }
    }

    fn connect(path: &Path, access: Access) -> Result<Self, VaultError> {
        let flags = match access {
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let opened = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        let store = Self { db: opened.map_err(|error| explain(path, error))?, path: path.to_owned() };
        if access == Access::Write {
            store.answer(store.db.execute_batch(PRAGMAS))?;
        }
        Ok(store)
    }

    fn check_format(&self) -> Result<(), VaultError> {
        let pragma = |name: &str| self.answer(self.db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)));
        match (pragma("application_id")?, pragma("user_version")?) {
            (APPLICATION_ID, FORMAT) => Ok(()),
            (APPLICATION_ID, format) => Err(VaultError::UnknownFormat { path: self.path.clone(), format }),
            (0, 0) => Err(VaultError::Unfinished { path: self.path.clone() }),
            _ => Err(VaultError::Damaged { path: self.path.clone(), what: "it is another program's database".into() }),
        }
    }

    fn answer<T>(&self, result: rusqlite::Result<T>) -> Result<T, VaultError> {
        result.map_err(|error| explain(&self.path, error))
    }
}

/// One transaction makes the vault, so that a file with a format is a whole vault.
fn make(db: &mut Connection, identity: &Identity) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch(SCHEMA)?;
    tx.execute(
        "INSERT INTO vault (only_row, ledger_id, master_key, bucket_key) VALUES (1, ?1, ?2, ?3)",
        params![identity.ledger.0, identity.master_key, identity.bucket_key],
    )?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", FORMAT)?;
    tx.commit()
}

fn read_identity(db: &Connection) -> rusqlite::Result<Identity> {
    db.query_row("SELECT ledger_id, master_key, bucket_key FROM vault", [], |row| {
        Ok(Identity { ledger: LedgerId(row.get(0)?), master_key: row.get(1)?, bucket_key: row.get(2)? })
    })
}

fn claim(db: &mut Connection, writer: Writer, limit: usize) -> rusqlite::Result<Vec<Continued>> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute("UPDATE claim SET state = 'closed' WHERE state = 'claimed' AND writer <> ?1", [writer.0])?;
    let free: Vec<Continued> = tx
        .prepare(
            "SELECT slab_id, generation, keys, next_slot FROM claim JOIN slab USING (slab_id)
             WHERE state = 'free' ORDER BY next_slot DESC, slab_id LIMIT ?1",
        )?
        .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], read_continued)?
        .collect::<rusqlite::Result<_>>()?;
    for Continued { slab, .. } in &free {
        tx.execute("UPDATE claim SET state = 'claimed', writer = ?2 WHERE slab_id = ?1", params![slab.id, writer.0])?;
    }
    tx.commit()?;
    Ok(free)
}

/// Whether each of them was there in the generation before.
fn replace(db: &mut Connection, slabs: &[WrappedSlab]) -> rusqlite::Result<bool> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sql = "UPDATE slab SET generation = ?2, keys = ?3 WHERE slab_id = ?1 AND generation = ?2 - 1";
    for slab in slabs {
        if tx.execute(sql, params![slab.id, slab.generation.0, slab.keys])? != 1 {
            return Ok(false);
        }
    }
    tx.commit()?;
    Ok(true)
}

fn read_continued(row: &Row<'_>) -> rusqlite::Result<Continued> {
    let slab = WrappedSlab { id: row.get(0)?, generation: Generation(row.get(1)?), keys: row.get(2)? };
    Ok(Continued { slab, next_slot: row.get(3)? })
}

fn slab_counts(db: &Connection) -> rusqlite::Result<SlabCounts> {
    let count = "SELECT count(*) FILTER (WHERE state = 'claimed'), count(*) FILTER (WHERE state = 'free'),
                        count(*) FILTER (WHERE state = 'closed') FROM claim";
    let number = |row: &Row<'_>, at| row.get::<_, i64>(at).map(i64::unsigned_abs);
    db.query_row(count, [], |row| {
        Ok(SlabCounts { claimed: number(row, 0)?, free: number(row, 1)?, closed: number(row, 2)? })
    })
}

fn copy_pages(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    let copying = Backup::new(from, to)?;
    for step in 0..2 * COPY_STEPS_MAX {
        let pages = if step < COPY_STEPS_MAX { COPY_PAGES } else { -1 };
        match copying.step(pages)? {
            StepResult::Done => return Ok(()),
            StepResult::Busy | StepResult::Locked => thread::sleep(COPY_PAUSE),
            _ => {}
        }
    }
    Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None))
}

fn add(db: &mut Connection, writer: Writer, slabs: &[WrappedSlab]) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for slab in slabs {
        tx.execute(
            "INSERT INTO slab (slab_id, generation, keys) VALUES (?1, ?2, ?3)",
            params![slab.id, slab.generation.0, slab.keys],
        )?;
        tx.execute(
            "INSERT INTO claim (slab_id, state, next_slot, writer) VALUES (?1, 'claimed', 0, ?2)",
            params![slab.id, writer.0],
        )?;
    }
    tx.commit()
}

fn release(db: &mut Connection, writer: Writer, left: &[(SlabId, u16)]) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (id, next_slot) in left {
        assert!(*next_slot < SLAB_KEYS, "a free slab has slots left");
        tx.execute(
            "UPDATE claim SET state = 'free', next_slot = ?3 WHERE slab_id = ?1 AND writer = ?2 AND state = 'claimed'",
            params![id, writer.0, next_slot],
        )?;
    }
    tx.execute("UPDATE claim SET state = 'closed' WHERE writer = ?1 AND state = 'claimed'", [writer.0])?;
    tx.commit()
}

/// 52 bits fit a signed integer.
impl ToSql for SlabId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.number().cast_signed().into())
    }
}

impl FromSql for SlabId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        Self::from_number(number.cast_unsigned()).ok_or(FromSqlError::OutOfRange(number))
    }
}

fn explain(path: &Path, error: rusqlite::Error) -> VaultError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            VaultError::Damaged { path, what: error.to_string() }
        }
        // Only a reader meets this: its database has a journal that must be rolled back first.
        Some(ErrorCode::ReadOnly) => VaultError::Interrupted { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => VaultError::Busy { path },
        _ => VaultError::Store { path, source: Box::new(error) },
    }
}

#[cfg(test)]
mod tests;
