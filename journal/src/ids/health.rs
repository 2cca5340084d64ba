//! How an index fares: of the one that is open, or of its files alone.

use std::sync::Arc;

use talon_domain::ids::LedgerId;

use super::cold::Cold;
use super::manifest::Manifest;
use super::run::Run;
use super::sealer::Sealer;
use super::{IdIndex, IndexError};
use crate::partition::Positions;
use crate::storage::Storage;

/// Files may be replaced while they are looked at; then they are looked at again, so often.
const LOOKS: usize = 3;

/// How an index fares.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IndexHealth {
    /// Ids that were taken in, those in flight included; a few may be counted twice.
    pub ids: u64,
    /// Of these, ids that are in runs.
    pub sealed_ids: u64,
    /// Runs.
    pub runs: usize,
    /// Bytes of the runs.
    pub disk_bytes: u64,
    /// Bytes of the generations in memory.
    pub generation_bytes: u64,
    /// Bytes of the filters in memory.
    pub filter_bytes: u64,
    /// Bytes of what is held of the runs' sections.
    pub section_bytes: u64,
    /// Generations that wait to become runs.
    pub waiting: usize,
    /// Blocks that look-ups read since it was opened.
    pub blocks_read: u64,
    /// Records before these are in runs.
    pub covered: Positions,
    /// Whether there were no files to be believed when it was opened, or they were thrown away since.
    pub was_made_anew: bool,
    /// What the sealer could not do last, if it was not made good since.
    pub failure: Option<Arc<IndexError>>,
}

impl IndexHealth {
    /// How the files of a ledger's index fare, whoever has it open; `None` if there are none to be believed. What is in
    /// memory is that process's own, and none of it is counted. Writes nothing.
    ///
    /// # Errors
    /// A run is damaged, or the storage does not answer.
    pub fn of_files(storage: &dyn Storage, ledger_id: LedgerId) -> Result<Option<Self>, IndexError> {
        let mut looked = Ok(None);
        for _ in 0..LOOKS {
            looked = look(storage, ledger_id);
            if !matches!(looked, Err(IndexError::Damaged { .. })) {
                break;
            }
        }
        looked
    }

    /// Of these runs, and nothing in memory.
    fn of_runs<'r>(runs: impl Iterator<Item = &'r Run> + Clone, covered: Positions) -> Self {
        let sealed_ids = runs.clone().map(Run::count).sum();
        Self {
            ids: sealed_ids,
            sealed_ids,
            runs: runs.clone().count(),
            disk_bytes: runs.clone().map(Run::file_bytes).sum(),
            generation_bytes: 0,
            filter_bytes: 0,
            section_bytes: runs.map(|run| size_of_val(run.sections()) as u64).sum(),
            waiting: 0,
            blocks_read: 0,
            covered,
            was_made_anew: false,
            failure: None,
        }
    }
}

fn look(storage: &dyn Storage, ledger_id: LedgerId) -> Result<Option<IndexHealth>, IndexError> {
    let loaded = Manifest::load(storage, ledger_id);
    let Some(manifest) = loaded.map_err(|error| IndexError::unavailable("reading the manifest", error))? else {
        return Ok(None);
    };
    let open = |(no, crc): &(u64, u32)| Run::open(storage, ledger_id, *no, *crc);
    let runs: Vec<_> = manifest.runs.iter().map(open).collect::<Result<_, _>>()?;
    Ok(Some(IndexHealth::of_runs(runs.iter(), manifest.covered.ends)))
}

impl IdIndex {
    /// How many ids were taken in; while a generation becomes a run, its ids may be counted twice.
    pub fn len(&self) -> u64 {
        self.health().ids
    }

    /// How it fares.
    pub fn health(&self) -> IndexHealth {
        let cold = self.cold.as_ref();
        let sealer = cold.and_then(|cold| cold.sealer().ok());
        let live = sealer.map(Sealer::live).unwrap_or_default();
        let covered = cold.map_or_else(Positions::beginning, |cold| cold.covered().ends);
        let of_runs = IndexHealth::of_runs(live.runs(), covered);
        IndexHealth {
            ids: self.generations.len().saturating_add(of_runs.sealed_ids),
            generation_bytes: self.generations.bytes(),
            filter_bytes: live.filter_bytes(),
            waiting: self.generations.waiting(),
            blocks_read: cold.map_or(0, Cold::blocks_read),
            was_made_anew: cold.is_some_and(Cold::was_made_anew),
            failure: sealer.and_then(Sealer::failure),
            ..of_runs
        }
    }
}
