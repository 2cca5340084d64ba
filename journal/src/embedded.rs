//! The embedded engine: one log for all partitions, in segment files, written by one process.
//!
//! ```text
//! append --> pen (copy, checksum) --> writer thread: write, sync, mark --> catalog --> readers
//!                                        |                                  ^
//!                    keeper thread: next segment, summaries       followers in other processes
//! ```
//!
//! Invariants:
//! - what was acknowledged survives a power cut; what was not may survive, whole or not at all
//! - one process writes; a second one is refused and told who does
//! - recovery cuts only a torn last group; any other damage keeps the journal closed and is named
//! - bytes behind the durable end are never read as records
//!
//! The bytes are drawn in docs/format.md, section 7. This module does not know what a record says.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fmt, io, process};

use talon_domain::ids::{LedgerId, PartitionId, Position};

use crate::batch::Batch;
use crate::contract::{Completion, Identity, Journal, Reader};
use crate::error::{AppendError, OpenError, ReadError};
use crate::genesis;
use crate::partition::{PARTITIONS, Positions};
use crate::record::FORMAT;
use crate::storage::{Access, Claim, Folder, Storage, WriterLock};

mod backup;
mod catalog;
mod follower;
mod frame;
#[cfg(feature = "fuzzing")]
pub mod fuzz;
mod group;
mod index;
mod keeper;
mod mark;
mod pen;
mod reader;
mod recovery;
mod repair;
mod segment;
mod stat;
mod summary;
mod survey;
mod torn;
mod verify;
mod view;
mod walk;
mod writer;

pub use backup::{Prefix, PrefixFile};
pub use pen::{SeedSource, SegmentSeed};
pub use recovery::TornTail;
pub use repair::{repair_begun, repair_cut_after, repair_cut_after_in};
pub use segment::SegmentSizes;
pub use stat::{SegmentStat, SummaryState};
pub use summary::Contents;
pub use verify::{Progress, Verified, verify, verify_in};

use catalog::Catalog;
use follower::Follower;
use group::{GROUP_BYTES_MAX, GroupBuffer, group_bytes_max, group_start};
use index::Spot;
use keeper::{Cancel, ahead_name, prepare, remove_left_overs};
use mark::{MARK_NAME, Mark};
use pen::Pen;
use reader::{LogReader, Want};
use recovery::{Found, cut, failed, find, settle, sync_tail};
use segment::{SEGMENT_HEADER_BYTES, SegmentHeader};
use survey::{refuse_lost, segment_names};
use writer::Writer;

/// How often a process that reads looks whether the process that writes has gone on.
const FOLLOW_PAUSE: Duration = Duration::from_millis(5);

/// The state of the log between two groups.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chain {
    /// The next record's number over all partitions.
    lsn: u64,
    /// The checksum of the group before.
    group_crc: u32,
    /// The next positions.
    next: Positions,
}

/// What a process needs to write.
pub struct WriterSettings {
    /// The program, as people know it: a second writer is told who holds the ledger.
    pub program: String,
    /// How large segments are.
    pub sizes: SegmentSizes,
    /// Salt and time of each new segment.
    pub seeds: SeedSource,
}

impl WriterSettings {
    /// Settings with segments of the usual sizes.
    pub fn new(program: impl Into<String>, seeds: SeedSource) -> Self {
        Self { program: program.into(), sizes: SegmentSizes::default(), seeds }
    }

    fn holder(&self) -> String {
        format!("{} (process {})", self.program, process::id())
    }
}

/// A journal in a ledger's folder.
pub struct EmbeddedJournal {
    identity: Identity,
    catalog: Arc<Catalog>,
    role: Role,
    torn: Option<TornTail>,
}

enum Role {
    Writer { pen: Arc<Pen>, thread: Option<JoinHandle<()>>, _lock: WriterLock },
    Reader(Box<Mutex<Follower>>),
}

impl EmbeddedJournal {
    /// Makes a journal that begins with these genesis records, one for each partition, and opens it.
    ///
    /// # Errors
    /// Conflict when there is one already or another process makes one; rejected when the genesis is none.
    pub fn create(
        ledger: &Path,
        ledger_id: LedgerId,
        settings: WriterSettings,
        genesis: &Batch,
    ) -> Result<Self, OpenError> {
        Self::create_in(folder(ledger), ledger_id, settings, genesis)
    }

    /// Opens a journal to write: takes the writer's place, and recovers.
    ///
    /// # Errors
    /// Conflict while another process writes; corrupt when anything but a torn last group is wrong.
    pub fn open(ledger: &Path, settings: WriterSettings) -> Result<Self, OpenError> {
        Self::open_in(folder(ledger), settings)
    }

    /// Opens a journal to read; writes nothing, so that a copy on a read-only medium will do. It shows what is durable:
    /// up to the writer's mark while one is at work, else up to the end that recovery would find.
    pub fn open_read_only(ledger: &Path) -> Result<Self, OpenError> {
        Self::open_read_only_in(&folder(ledger))
    }

    /// `create` in any storage.
    pub fn create_in(
        storage: Arc<dyn Storage>,
        ledger_id: LedgerId,
        mut settings: WriterSettings,
        genesis: &Batch,
    ) -> Result<Self, OpenError> {
        genesis::check(ledger_id, genesis)?;
        refuse_existing(storage.as_ref())?;
        let lock = claim(storage.as_ref(), &settings)?;
        refuse_existing(storage.as_ref())?;
        begin(storage.as_ref(), ledger_id, &mut settings, genesis)?;
        Self::open_locked(storage, settings, lock)
    }

    /// `open` in any storage.
    pub fn open_in(storage: Arc<dyn Storage>, settings: WriterSettings) -> Result<Self, OpenError> {
        if segment_names(storage.as_ref())?.is_empty() {
            refuse_lost(storage.as_ref())?;
            return Err(OpenError::NoJournal { path: storage.path() });
        }
        let lock = claim(storage.as_ref(), &settings)?;
        Self::open_locked(storage, settings, lock)
    }

    fn open_locked(storage: Arc<dyn Storage>, settings: WriterSettings, lock: WriterLock) -> Result<Self, OpenError> {
        let found = find(storage.as_ref())?;
        if let Some(torn) = &found.torn {
            cut(storage.as_ref(), torn)?;
        }
        settle(storage.as_ref(), &found)?;
        let Found { segments, end, torn, .. } = found;
        let active = segments.last().map(|segment| segment.header.clone());
        let active = active.ok_or_else(|| OpenError::NoJournal { path: storage.path() })?;
        remove_left_overs(storage.as_ref(), active.segment_no + 1).map_err(|e| failed("clearing the folder", e))?;
        let pen = Arc::new(Pen::new(active.clone(), &end, settings.sizes, settings.seeds));
        let catalog = Arc::new(Catalog::new(storage, segments, end));
        let identity = identity_of(&active);
        let writer = Writer::new(Arc::clone(&pen), Arc::clone(&catalog), active, settings.sizes);
        let writer = writer.map_err(|source| failed("taking the log into use", source))?;
        let thread = thread::Builder::new().name("talon-writer".to_owned()).spawn(move || writer.run());
        let thread = Some(thread.map_err(|source| failed("starting the writer", source))?);
        Ok(Self { identity, catalog, role: Role::Writer { pen, thread, _lock: lock }, torn })
    }

    /// `open_read_only` in any storage.
    pub fn open_read_only_in(storage: &Arc<dyn Storage>) -> Result<Self, OpenError> {
        let holder = |storage: &dyn Storage| storage.holder().map_err(|source| failed("asking for the writer", source));
        if holder(storage.as_ref())?.is_some() {
            return Self::open_beside_writer(storage);
        }
        match Self::open_at_rest(storage) {
            // A writer came while we read: what looked damaged may have been half written.
            Err(OpenError::Corrupt(_)) if holder(storage.as_ref())?.is_some() => Self::open_beside_writer(storage),
            opened => opened,
        }
    }

    fn open_beside_writer(storage: &Arc<dyn Storage>) -> Result<Self, OpenError> {
        let (follower, catalog) = Follower::open(storage)?;
        let first = catalog.segment(0).ok_or_else(|| OpenError::NoJournal { path: storage.path() })?;
        let role = Role::Reader(Box::new(Mutex::new(follower)));
        Ok(Self { identity: identity_of(&first.header), catalog: Arc::new(catalog), role, torn: None })
    }

    fn open_at_rest(storage: &Arc<dyn Storage>) -> Result<Self, OpenError> {
        let found = find(storage.as_ref())?;
        sync_tail(storage.as_ref(), &found)?;
        let Found { segments, end, torn, .. } = found;
        let active = segments.last().map(|segment| segment.header.clone());
        let active = active.ok_or_else(|| OpenError::NoJournal { path: storage.path() })?;
        let follower = Follower::behind(storage.as_ref(), &active, &end)?;
        let catalog = Arc::new(Catalog::new(Arc::clone(storage), segments, end));
        Ok(Self { identity: identity_of(&active), catalog, role: Role::Reader(Box::new(Mutex::new(follower))), torn })
    }

    /// The torn group that opening found at the end. A writer has cut it and kept a copy; a reader has left it.
    pub const fn torn_tail(&self) -> Option<&TornTail> {
        self.torn.as_ref()
    }

    /// Why nothing is written any more, once a write or a sync has failed.
    pub fn stopped(&self) -> Option<Arc<str>> {
        match &self.role {
            Role::Writer { pen, .. } => pen.stopped(),
            Role::Reader(_) => None,
        }
    }

    /// A process that only reads takes in what the writer has made durable since.
    fn refresh(&self) -> Result<(), ReadError> {
        match &self.role {
            Role::Writer { .. } => Ok(()),
            Role::Reader(follower) => lock(follower).refresh(&self.catalog),
        }
    }

    /// Looks again and again, until there is news or the time is over.
    fn poll(&self, beyond: &Positions, timeout: Duration) -> Result<bool, ReadError> {
        let mut left = timeout;
        loop {
            self.refresh()?;
            if self.catalog.ends().is_beyond(beyond) {
                return Ok(true);
            }
            if left.is_zero() {
                return Ok(false);
            }
            let pause = FOLLOW_PAUSE.min(left);
            thread::sleep(pause);
            left -= pause;
        }
    }
}

impl Journal for EmbeddedJournal {
    fn identity(&self) -> Identity {
        self.identity
    }

    fn append(&self, batch: Batch) -> Completion {
        match &self.role {
            Role::Writer { pen, .. } => pen.append(batch),
            Role::Reader(_) => {
                let reason = "the journal was opened to read".into();
                Completion::known(Err(AppendError::Unavailable { durable: 0, reason }))
            }
        }
    }

    fn ends(&self) -> Positions {
        self.catalog.ends()
    }

    fn read(&self, partition: PartitionId, from: Position) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.refresh()?;
        self.catalog.ends().check_start(partition, from)?;
        Ok(Box::new(LogReader::new(&self.catalog, Want::One(partition, from))))
    }

    fn scan(&self, from: &Positions) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.refresh()?;
        self.catalog.ends().check_starts(from)?;
        Ok(Box::new(LogReader::new(&self.catalog, Want::All(Box::new(from.clone())))))
    }

    fn wait(&self, beyond: &Positions, timeout: Duration) -> Result<bool, ReadError> {
        match &self.role {
            Role::Writer { .. } => Ok(self.catalog.wait(beyond, timeout)),
            Role::Reader(_) => self.poll(beyond, timeout),
        }
    }
}

impl Drop for EmbeddedJournal {
    /// A clean close: what is in is written and acknowledged, and the mark is synced, before the lock goes.
    fn drop(&mut self) {
        if let Role::Writer { pen, thread, .. } = &mut self.role {
            pen.close();
            if let Some(thread) = thread.take() {
                let _ = thread.join();
            }
        }
    }
}

impl fmt::Debug for EmbeddedJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.catalog.storage().path();
        f.debug_struct("EmbeddedJournal").field("path", &path).field("ends", &self.ends()).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const fn identity_of(header: &SegmentHeader) -> Identity {
    Identity { ledger_id: header.ledger_id, partitions: PARTITIONS, format: FORMAT as u16 }
}

fn folder(ledger: &Path) -> Arc<dyn Storage> {
    Arc::new(Folder::new(ledger))
}

fn refuse_existing(storage: &dyn Storage) -> Result<(), OpenError> {
    if segment_names(storage)?.is_empty() {
        refuse_lost(storage)
    } else {
        Err(OpenError::Exists { path: storage.path() })
    }
}

fn claim(storage: &dyn Storage, settings: &WriterSettings) -> Result<WriterLock, OpenError> {
    match storage.claim(&settings.holder()).map_err(|source| failed("claiming the writer's place", source))? {
        Claim::Ours(lock) => Ok(lock),
        Claim::Held { holder } => Err(OpenError::Held { path: storage.path(), holder }),
    }
}

/// Writes the first segment, with the genesis in it, before it gets its name: there is no journal without a genesis.
fn begin(
    storage: &dyn Storage,
    ledger_id: LedgerId,
    settings: &mut WriterSettings,
    genesis: &Batch,
) -> Result<(), OpenError> {
    let SegmentSeed { salt, created_at } = (settings.seeds)();
    let header = SegmentHeader {
        ledger_id,
        segment_no: 0,
        first_lsn: 0,
        salt,
        prev_salt: 0,
        prev_group_crc: 0,
        created_at,
        bytes: settings.sizes.first(),
        next: Positions::beginning(),
    };
    let mut group = GroupBuffer::new();
    for (partition, record) in genesis.iter() {
        group.push(salt, partition, Position(0), record);
    }
    if group.size() > GROUP_BYTES_MAX.min(group_bytes_max(header.size())) {
        return Err(OpenError::Genesis { reason: "together they are too long" });
    }
    write_first(storage, &header, &mut group).map_err(|source| failed("writing the first segment", source))
}

fn write_first(storage: &dyn Storage, header: &SegmentHeader, group: &mut GroupBuffer) -> io::Result<()> {
    let at = SEGMENT_HEADER_BYTES as u64;
    let last = group.finish(header.salt, 0, 0);
    let ahead = ahead_name(0);
    prepare(storage, 0, header.bytes, &Cancel::default())?;
    let file = storage.open(&ahead, Access::Write)?;
    file.write_at(&header.encode(), 0)?;
    file.write_at(group.bytes(), at)?;
    file.sync()?;
    storage.rename(&ahead, &header.name())?;
    storage.sync()?;
    let offset = group_start(at + group.size());
    let mark = Mark { next_lsn: last.count.into(), segment_no: 0, offset, group_crc: last.crc };
    let file = storage.open(MARK_NAME, Access::Create)?;
    file.write_at(&mark.encode(), 0)?;
    file.sync()
}
