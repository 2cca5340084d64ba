//! Merges: several runs become one, so that few are asked.
//!
//! - runs of one kind and of about one size are merged: what is asked grows with the logarithm of what is held
//! - of ids whose time is not near their record's every run may be asked, so four runs are merged; a timely run is asked
//!   only around its own time, so it takes sixteen, and each id is written again less often
//! - a merge goes on in steps, and between them whoever runs it does what is more urgent
//!
//! A merge holds some blocks of each run and one section's fingerprints. This module names no file durable.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::error::IndexError;
use super::run::{Cursor, Draft, Entry, Run, RunKind, RunWriter, Times, run_name};
use crate::storage::Storage;

/// Entries of one step: a few hundredths of a second.
const STEP_ENTRIES: usize = 1 << 18;

/// A merge under way.
#[derive(Debug)]
pub(crate) struct Merge {
    parts: Vec<Arc<Run>>,
    cursors: Vec<Cursor>,
    /// The smallest entry of each part that is not at its end.
    heads: BinaryHeap<Reverse<(Entry, usize)>>,
    writer: RunWriter,
    no: u64,
}

/// What a step came to.
#[derive(Debug)]
pub(crate) enum Step {
    /// There is more.
    More(Box<Merge>),
    /// The new run is whole: its number, the checksum of its header, and the runs that it takes the place of.
    Done { no: u64, crc: u32, parts: Vec<Arc<Run>> },
}

/// How many runs of a kind become one.
pub(crate) const fn fan_in(kind: RunKind) -> usize {
    match kind {
        RunKind::Timely => 16,
        RunKind::Behind | RunKind::Ahead => 4,
    }
}

/// The runs to merge next, if any: the oldest ones of the smallest size of which there are enough. `unit` is how many
/// ids count as small.
pub(crate) fn plan(runs: &[Arc<Run>], unit: u64) -> Option<Vec<Arc<Run>>> {
    RunKind::ALL.into_iter().find_map(|kind| {
        let mut of_kind: Vec<_> = runs.iter().filter(|run| run.kind() == kind).collect();
        of_kind.sort_by_key(|run| (level(run, unit), run.no()));
        let mut levels = of_kind.chunk_by(|a, b| level(a, unit) == level(b, unit));
        let enough = levels.find_map(|same| same.get(..fan_in(kind)))?;
        Some(enough.iter().map(|run| Arc::clone(run)).collect())
    })
}

fn level(run: &Run, unit: u64) -> u32 {
    let fan_in = fan_in(run.kind()) as u64;
    (run.count() / unit.max(1)).max(1).ilog(fan_in)
}

impl Merge {
    pub(crate) fn begin(storage: &dyn Storage, draft: Draft, parts: Vec<Arc<Run>>) -> Result<Self, IndexError> {
        let name = run_name(draft.no);
        let writer = RunWriter::create(storage, &name, draft);
        let writer = writer.map_err(|error| IndexError::unavailable(format!("making {name}"), error))?;
        let cursors = parts.iter().map(|part| Cursor::new(Arc::clone(part))).collect();
        let mut merge = Self { parts, cursors, heads: BinaryHeap::new(), writer, no: draft.no };
        for part in 0..merge.cursors.len() {
            merge.advance(part)?;
        }
        Ok(merge)
    }

    /// The times of all parts together.
    pub(crate) fn times(parts: &[Arc<Run>]) -> Times {
        parts.iter().fold(Times::NONE, |all, part| all.and(part.times()))
    }

    pub(crate) const fn no(&self) -> u64 {
        self.no
    }

    /// The runs that it reads.
    pub(crate) fn parts(&self) -> &[Arc<Run>] {
        &self.parts
    }

    fn advance(&mut self, part: usize) -> Result<(), IndexError> {
        let Some(cursor) = self.cursors.get_mut(part) else { return Ok(()) };
        self.heads.extend(cursor.next()?.map(|entry| Reverse((entry, part))));
        Ok(())
    }

    /// Goes on for a while.
    pub(crate) fn step(mut self: Box<Self>) -> Result<Step, IndexError> {
        let what = |error| IndexError::unavailable("merging runs", error);
        for _ in 0..STEP_ENTRIES {
            let Some(Reverse((entry, part))) = self.heads.pop() else {
                let Self { parts, writer, no, .. } = *self;
                let (_, crc) = writer.finish().map_err(what)?;
                return Ok(Step::Done { no, crc, parts });
            };
            self.writer.push(entry).map_err(what)?;
            self.advance(part)?;
        }
        Ok(Step::More(self))
    }
}
