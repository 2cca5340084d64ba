//! Views made of a journal and kept in a store, as the projector keeps them, but without its mailbox and its thread that
//! reads. Invariant: what is returned is committed, or settled where there is no store. This module measures nothing.

use std::io;
use std::path::Path;

use talon_domain::ids::PartitionId;
use talon_journal::{EmbeddedJournal, Journal as _, Positions};
use talon_projections::projection::Projection;
use talon_projections::store::SledStore;
use talon_projections::views;
use talon_replay::taken;

use super::failed;

/// Facts that are held in memory between two commits.
const BUDGET: usize = 50_000;

/// Records between two looks at what is written behind: about as many as a follower is handed at once.
const GO_ON_EVERY: u32 = 1_000;

/// Everything that a journal holds into a store, committed.
pub(crate) fn in_store(journal: &EmbeddedJournal, dir: &Path) -> io::Result<Projection> {
    let store = SledStore::open(dir).map_err(failed)?;
    let mut projection = Projection::open(Box::new(store), views::ALL.to_vec()).map_err(failed)?;
    project(journal, &mut projection, BUDGET, |_| true)?;
    projection.commit().map_err(failed)?;
    Ok(projection)
}

/// The records of the partitions that are asked for, into a projection that commits whenever it holds so many facts.
pub(super) fn project(
    journal: &EmbeddedJournal,
    projection: &mut Projection,
    budget: usize,
    is_asked: impl Fn(PartitionId) -> bool,
) -> io::Result<()> {
    let mut reader = journal.scan(&Positions::beginning()).map_err(failed)?;
    let mut taken_since = 0;
    while let Some(stored) = reader.next().map_err(failed)? {
        if !is_asked(stored.partition) {
            continue;
        }
        projection.take(taken(&stored)).map_err(failed)?;
        if projection.resident_facts() >= budget {
            projection.commit_behind().map_err(failed)?;
        }
        taken_since += 1;
        if taken_since % GO_ON_EVERY == 0 {
            projection.go_on().map_err(failed)?;
        }
    }
    projection.settle().map_err(failed)
}
