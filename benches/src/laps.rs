//! The whole path, a batch at a time, for whoever counts what it costs instead of timing it.

use std::io;
use std::path::Path;

use talon_intake::{EventBatch, Group, Outcome, Publisher};

use crate::Workload;
use crate::clock;
use crate::ledger::Ledger;

/// A ledger that takes batches of one size.
#[derive(Debug)]
pub struct Laps {
    ledger: Ledger,
    workload: Workload,
    events: EventBatch,
    group: Group,
    size: usize,
}

/// A ledger in a new folder, and batches of so many events for it.
///
/// # Errors
/// The folder cannot be written.
pub fn laps(dir: &Path, size: usize) -> io::Result<Laps> {
    let ledger = Ledger::create(dir)?;
    Ok(Laps { ledger, workload: Workload::of(1), events: EventBatch::new(), group: Group::new(), size })
}

impl Laps {
    /// One batch: made, admitted, durable, answered.
    ///
    /// # Errors
    /// An event of it was not appended.
    pub fn lap(&mut self) -> io::Result<()> {
        let Ledger { journal, door } = &mut self.ledger;
        let now = clock::now();
        self.workload.fill(&mut self.events, self.size, now);
        let group = std::mem::take(&mut self.group);
        door.submit(&self.events, &Publisher::local(), now, journal, group).map_err(io::Error::other)?;
        self.group = door.settle().unwrap_or_default();
        let all = self.group.outcomes().iter().all(|outcome| matches!(outcome, Outcome::Appended(_)));
        if all { Ok(()) } else { Err(io::Error::other("an event was not appended")) }
    }
}
