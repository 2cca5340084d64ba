//! The cold part of the index: ids whose generation became a run, in files.
//!
//! - opened by whoever appends, alone; a reader needs none of it
//! - it is believed only if all of it is of this ledger, whole, and covers no more than the journal holds; otherwise all
//!   of it is thrown away, and made again from the journal's headers
//! - a run that no manifest names is removed; files and folders that have none of our names are left alone
//!
//! This module reads records only to see whether the journal is the one that was covered.

use std::io;
use std::sync::Arc;

use super::error::IndexError;
use super::manifest::{Covered, MANIFEST, Manifest, NEW_MANIFEST};
use super::run::{Run, is_run_name};
use super::sealer::{Sealer, Sizes};
use super::shelves::{Asked, Reading};
use super::{IdKey, fingerprint};
use crate::contract::Journal;
use crate::record::Record;
use crate::storage::{Claim, Storage, WriterLock};

/// A manifest and the runs that it names.
type Stored = (Manifest, Vec<Arc<Run>>);

/// The index's files.
#[derive(Debug)]
pub(crate) struct Cold {
    storage: Arc<dyn Storage>,
    sizes: Sizes,
    seed: u64,
    /// `None` between throwing all away and beginning again.
    sealer: Option<Sealer>,
    reading: Reading,
    was_made_anew: bool,
    _lock: WriterLock,
}

impl Cold {
    /// Opens the files, or begins anew with a seed of its own.
    pub(crate) fn open(
        storage: Arc<dyn Storage>,
        journal: &dyn Journal,
        holder: &str,
        seed: u64,
        sizes: Sizes,
    ) -> Result<Self, IndexError> {
        let claim = storage.claim(holder).map_err(|error| IndexError::unavailable("claiming the folder", error))?;
        let lock = match claim {
            Claim::Ours(lock) => lock,
            Claim::Held { holder } => return Err(IndexError::Held { holder }),
        };
        let mut cold =
            Self { storage, sizes, seed, sealer: None, reading: Reading::new(), was_made_anew: false, _lock: lock };
        match cold.stored(journal)? {
            Some((manifest, runs)) => cold.start(manifest, runs)?,
            None => cold.begin_anew(journal)?,
        }
        Ok(cold)
    }

    /// Throws all files away, and begins anew.
    pub(crate) fn begin_anew(&mut self, journal: &dyn Journal) -> Result<(), IndexError> {
        self.sealer = None;
        self.was_made_anew = true;
        self.reading = Reading::new(); // numbers of runs begin anew, too
        self.forget_manifest().map_err(|error| IndexError::unavailable("removing the manifest", error))?;
        self.start(Manifest::of_nothing(journal.identity().ledger_id, self.seed), Vec::new())
    }

    fn start(&mut self, manifest: Manifest, runs: Vec<Arc<Run>>) -> Result<(), IndexError> {
        self.seed = manifest.seed;
        let is_live = |name: &str| runs.iter().any(|run| run.name() == name);
        let is_left_over = |name: &str| name == NEW_MANIFEST || (is_run_name(name) && !is_live(name));
        let removed = self.storage.list().and_then(|names| {
            names.iter().filter(|name| is_left_over(name)).try_for_each(|name| self.storage.remove(name))
        });
        removed.map_err(|error| IndexError::unavailable("removing what is not used", error))?;
        let started = Sealer::start(Arc::clone(&self.storage), manifest, runs, self.sizes);
        self.sealer = Some(started.map_err(|error| IndexError::unavailable("starting the sealer", error))?);
        Ok(())
    }

    /// Durably, so that no power cut brings back what was not to be believed.
    fn forget_manifest(&self) -> io::Result<()> {
        match self.storage.remove(MANIFEST) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.and_then(|()| self.storage.sync()),
        }
    }

    /// The manifest and its runs, if they are to be believed.
    fn stored(&self, journal: &dyn Journal) -> Result<Option<Stored>, IndexError> {
        let ledger_id = journal.identity().ledger_id;
        let loaded = Manifest::load(&*self.storage, ledger_id);
        let Some(manifest) = loaded.map_err(|error| IndexError::unavailable("reading the manifest", error))? else {
            return Ok(None);
        };
        if manifest.covered.ends.is_beyond(&journal.ends()) || !is_witnessed(&manifest, journal) {
            return Ok(None);
        }
        let open = |(no, crc): &(u64, u32)| Run::open(&*self.storage, ledger_id, *no, *crc).map(Arc::new);
        match manifest.runs.iter().map(open).collect() {
            Ok(runs) => Ok(Some((manifest, runs))),
            Err(IndexError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ids of a small run.
    pub(crate) const fn unit(&self) -> u64 {
        self.sizes.unit
    }

    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    /// The sealer; without one the files are half thrown away, and must be made again.
    pub(crate) fn sealer(&self) -> Result<&Sealer, IndexError> {
        self.sealer.as_ref().ok_or_else(|| IndexError::damaged(MANIFEST, 0))
    }

    /// Whether the files were not to be believed when they were opened last.
    pub(crate) const fn was_made_anew(&self) -> bool {
        self.was_made_anew
    }

    /// What the runs cover.
    pub(crate) fn covered(&self) -> Covered {
        self.sealer.as_ref().map_or_else(Covered::nothing, Sealer::covered)
    }

    /// Shows the places under each fingerprint, with its number in the list.
    pub(crate) fn look_up(&mut self, asked: &[Asked], seen: &mut impl FnMut(usize, u64)) -> Result<(), IndexError> {
        let shelves = self.sealer()?.shelves()?;
        shelves.look_up(asked, &mut self.reading, seen)
    }

    /// Blocks that look-ups read so far.
    pub(crate) const fn blocks_read(&self) -> u64 {
        self.reading.blocks()
    }
}

/// Whether the journal holds the id that was covered last where it was.
fn is_witnessed(manifest: &Manifest, journal: &dyn Journal) -> bool {
    let Some(witness) = manifest.covered.witness else { return true };
    let (partition, position) = witness.place.kept_at();
    let Ok(mut reader) = journal.read(partition, position) else { return false };
    let record = reader.next().ok().flatten().and_then(|stored| Record::parse(stored.bytes).ok());
    record.is_some_and(|record| {
        let key = IdKey { merchant: record.merchant(), id: record.event_id() };
        fingerprint(manifest.seed, key) == witness.fingerprint
    })
}
