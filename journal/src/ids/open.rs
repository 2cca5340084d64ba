//! Beginning, going on and ending: an index in memory, one with files, and what it reads from the journal.
//!
//! - a rebuild reads every header, and holds no more in memory than the index does at any other time
//! - whoever opens files has what lies behind them read before anything is looked up
//! - dropped in good order, an index seals what it has, so that the next one reads little

use std::collections::VecDeque;
use std::sync::Arc;

use talon_domain::time::Instant;

use super::cold::Cold;
use super::generations::Generations;
use super::hot::GENERATION_IDS;
use super::manifest::Covered;
use super::place::Place;
use super::sealer::Sizes;
use super::{IdIndex, IdKey, IndexError, fingerprint, kind_of, time_of};
use crate::contract::Journal;
use crate::partition::Positions;
use crate::record::Record;
use crate::storage::Storage;

/// Blocks of a full section: as many as a generation of one kind needs.
const SECTION_BLOCKS: u32 = 4_113;
/// Bytes of all filters in memory.
const FILTER_BYTES: u64 = 32 << 20;
/// A small run has a generation's share of this.
const UNITS: usize = 256;
/// How often a long reading says how far it is, in records.
const PROGRESS_RECORDS: u64 = 1 << 16;

/// How an index with files is kept.
#[derive(Clone, Debug)]
pub struct IndexSettings {
    /// Who holds it, for messages.
    pub holder: String,
    /// Random, from a source that nobody can guess. Files that are there keep theirs.
    pub seed: u64,
    /// Ids of one generation.
    pub generation_ids: usize,
    /// Blocks of a full section of a run.
    pub section_blocks: u32,
    /// Bytes of all filters in memory.
    pub filter_bytes: u64,
}

impl IndexSettings {
    /// What a ledger of any size is kept with.
    pub fn new(holder: &str, seed: u64) -> Self {
        Self {
            holder: holder.to_owned(),
            seed,
            generation_ids: GENERATION_IDS,
            section_blocks: SECTION_BLOCKS,
            filter_bytes: FILTER_BYTES,
        }
    }
}

/// How far a reading of the journal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexProgress {
    /// Records that were read.
    pub records: u64,
    /// Records that there were to read when it began.
    pub of: u64,
}

impl IdIndex {
    /// An index of nothing, in memory alone.
    pub fn in_memory() -> Self {
        Self::new(GENERATION_IDS, 0, None)
    }

    fn new(generation_ids: usize, seed: u64, cold: Option<Cold>) -> Self {
        let Covered { ends, witness } = cold.as_ref().map_or_else(Covered::nothing, Cold::covered);
        Self {
            seed,
            generations: Generations::new(generation_ids, witness),
            cold,
            flights: VecDeque::new(),
            spare: Vec::new(),
            next_flight: 0,
            now: Instant::default(),
            fingerprints: Vec::new(),
            asked: Vec::new(),
            covered: ends,
            is_behind: false,
        }
    }

    /// The index of everything that a journal holds, in memory alone.
    ///
    /// # Errors
    /// The journal could not be read.
    pub fn of(journal: &dyn Journal) -> Result<Self, IndexError> {
        let mut index = Self::in_memory();
        index.read_on(journal)?;
        Ok(index)
    }

    /// Opens the index of a journal in a folder of its own, and reads on from there. Files that are not to be believed
    /// are made again.
    ///
    /// # Errors
    /// Conflict, when another process has it; unavailable, when files can be neither read nor made.
    pub fn open(
        storage: Arc<dyn Storage>,
        journal: &dyn Journal,
        settings: &IndexSettings,
        progress: &mut dyn FnMut(IndexProgress),
    ) -> Result<Self, IndexError> {
        let unit = (settings.generation_ids / UNITS).max(1) as u64;
        let IndexSettings { section_blocks, filter_bytes, .. } = *settings;
        let sizes = Sizes { section_blocks, filter_bytes, unit };
        let cold = Cold::open(storage, journal, &settings.holder, settings.seed, sizes)?;
        let mut index = Self::new(settings.generation_ids, cold.seed(), Some(cold));
        index.read(journal, progress)?;
        Ok(index)
    }

    /// Throws everything away, and reads it from the journal again. No flight is under way.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn rebuild(
        &mut self,
        journal: &dyn Journal,
        progress: &mut dyn FnMut(IndexProgress),
    ) -> Result<(), IndexError> {
        self.is_behind = true;
        self.generations.clear();
        self.covered = Positions::beginning();
        if let Some(cold) = &mut self.cold {
            cold.begin_anew(journal)?;
        }
        self.read(journal, progress)
    }

    /// Takes in what the journal holds behind what is known. No flight is under way.
    ///
    /// # Errors
    /// The journal could not be read, or full generations could not be written.
    pub fn read_on(&mut self, journal: &dyn Journal) -> Result<(), IndexError> {
        self.read(journal, &mut |_| ())
    }

    fn read(&mut self, journal: &dyn Journal, progress: &mut dyn FnMut(IndexProgress)) -> Result<(), IndexError> {
        self.is_behind = true; // until it has come to the end
        let of = journal.ends().total().saturating_sub(self.covered.total());
        let from = self.covered.clone();
        let mut reader = journal.scan(&from)?;
        let mut records = 0;
        while let Some(stored) = reader.next()? {
            if let Ok(record) = Record::parse(stored.bytes) {
                if self.generations.is_full() {
                    self.make_room(1)?;
                }
                let fingerprint = fingerprint(self.seed, IdKey { merchant: record.merchant(), id: record.event_id() });
                let ms = time_of(record.event_id());
                let place = Place::kept(stored.partition, stored.position, kind_of(ms, record.recorded_at()));
                self.generations.insert(fingerprint, place, ms, &self.covered);
            }
            self.cover(stored.partition, stored.position);
            records += 1;
            if records % PROGRESS_RECORDS == 0 {
                progress(IndexProgress { records, of });
            }
        }
        self.is_behind = false;
        Ok(())
    }

    /// Hands over what is full, lets go what is a run, and waits until so many ids can be taken in within the bound. What
    /// is in flight is not waited for: its bound is the caller's.
    pub(super) fn make_room(&mut self, ids: usize) -> Result<(), IndexError> {
        let Some(cold) = &self.cold else { return Ok(()) };
        let sealer = cold.sealer()?;
        while let Some(sealing) = self.generations.next_full(&self.covered) {
            sealer.seal(sealing);
        }
        loop {
            let sealed = sealer.sealed();
            self.generations.release(sealed);
            if self.generations.has_room(ids) || self.generations.waiting() == 0 {
                return Ok(());
            }
            sealer.wait_sealed(sealed).map_err(|source| IndexError::NoRoom { source })?;
        }
    }

    /// Waits until what is full is in runs, and nothing is left to merge.
    ///
    /// # Errors
    /// One more try has failed.
    pub fn rest(&mut self) -> Result<(), IndexError> {
        self.make_room(0)?;
        let Some(cold) = &self.cold else { return Ok(()) };
        cold.sealer()?.wait_idle().map_err(|source| IndexError::NoRoom { source })?;
        self.make_room(0)
    }
}

/// In good order, what is in memory becomes a run, unless so little of it that reading it again is nothing.
impl Drop for IdIndex {
    fn drop(&mut self) {
        let Some((unit, Ok(sealer))) = self.cold.as_ref().map(|cold| (cold.unit(), cold.sealer())) else { return };
        while self.generations.oldest_len() >= unit {
            let Some(sealing) = self.generations.next_settled(&self.covered) else { return };
            sealer.seal(sealing);
        }
    }
}
