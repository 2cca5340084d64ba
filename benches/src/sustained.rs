//! The whole path, sustained: events in protobuf, through the door, into a journal on the disk, one sync a batch.
//!
//! ```text
//! generator thread --a few batches ahead--> door: submit, settle --> journal's writer: write, sync
//! ```
//!
//! The generator works beside the door, as a network would; the batches are encoded while the clock runs. Zero-writing
//! of segments, sealing, recognition and the vault's keys are part of what is timed.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use talon_intake::{EventBatch, Group, Outcome, Publisher};

use crate::Workload;
use crate::clock::{self, Watch};
use crate::ledger::Ledger;

/// Batches that wait for the door.
const AHEAD: usize = 8;
/// Groups that are on their way to the disk.
const UNDER_WAY: usize = 2;

/// What was taken in.
#[derive(Clone, Debug, Default)]
pub struct Sustained {
    /// Events.
    pub events: u64,
    /// Batches, each with a sync of its own at most.
    pub batches: u64,
    /// How long it took.
    pub taken: Duration,
}

/// Takes events in for so long.
pub fn sustained(dir: &Path, batch: usize, how_long: Duration) -> io::Result<Sustained> {
    let mut ledger = Ledger::create(dir)?;
    let (full, batches) = sync_channel(AHEAD);
    let (empty, spare) = sync_channel(2 * AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || generate(batch, &full, &spare));
        let done = take_in(&mut ledger, &batches, &empty, how_long);
        drop(batches);
        done
    })
}

fn generate(events: usize, full: &SyncSender<EventBatch>, spare: &Receiver<EventBatch>) {
    let mut workload = Workload::of(1);
    loop {
        let mut batch = spare.try_recv().unwrap_or_default();
        workload.fill(&mut batch, events, clock::now());
        if full.send(batch).is_err() {
            return;
        }
    }
}

fn take_in(
    ledger: &mut Ledger,
    batches: &Receiver<EventBatch>,
    empty: &SyncSender<EventBatch>,
    how_long: Duration,
) -> io::Result<Sustained> {
    let Ledger { journal, door } = ledger;
    let publisher = Publisher::local();
    let mut groups = Vec::new();
    let mut done = Sustained::default();
    let watch = Watch::start();
    while watch.read() < how_long {
        let Ok(batch) = batches.recv() else { break };
        let group = groups.pop().unwrap_or_default();
        door.submit(&batch, &publisher, clock::now(), journal, group).map_err(io::Error::other)?;
        let _ = empty.try_send(batch);
        while door.under_way() >= UNDER_WAY {
            groups.extend(count(door.settle(), &mut done)?);
        }
    }
    while door.under_way() > 0 {
        count(door.settle(), &mut done)?;
    }
    done.taken = watch.read();
    Ok(done)
}

fn count(group: Option<Group>, done: &mut Sustained) -> io::Result<Option<Group>> {
    if let Some(group) = &group {
        let taken = group.outcomes().iter().filter(|outcome| matches!(outcome, Outcome::Appended(_))).count();
        if taken < group.outcomes().len() {
            return Err(io::Error::other("an event was not appended"));
        }
        done.events += taken as u64;
        done.batches += 1;
    }
    Ok(group)
}
