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

use talon_intake::{Door, EventBatch, Group, Outcome, Publisher};
use talon_journal::{EmbeddedJournal, verify};

use crate::Workload;
use crate::bare::{Space, bare};
use crate::clock::{self, Watch, timed};
use crate::ledger::Ledger;
use crate::memory::memory;
use crate::report::{Row, Section, ratio};

/// Batches that wait for the door.
const AHEAD: usize = 8;
/// Groups that are on their way to the disk.
const UNDER_WAY: usize = 4;

/// At least so many events a second, so that one takes at most this.
const FLOOR_NS: u64 = 1_000;

/// Measures it, with a line about memory and space.
pub(crate) fn measured(dir: &Path, batch: usize, how_long: Duration) -> io::Result<Section> {
    let dir = dir.join("sustained");
    let done = sustained(&dir, batch, how_long)?;
    let about = format!(
        "protobuf in, batches of {batch}, a sync each, {} s; sealing, recognition and zero-writing included",
        done.taken.as_secs()
    );
    let mine = done.row(&dir)?;
    let theirs = bare_row(&dir, &done)?;
    let of_bare = ratio(theirs.tenths()[0], mine.tenths()[0]);
    let mine = Row { remark: format!("{of_bare} x the bare loop, {}", mine.remark), ..mine };
    Ok(Section { name: "sustained", about, rows: vec![mine, theirs] })
}

/// What was taken in.
#[derive(Clone, Debug, Default)]
pub struct Sustained {
    /// Events.
    pub events: u64,
    /// Batches, each with a sync of its own at most.
    pub batches: u64,
    /// How long it took.
    pub taken: Duration,
    /// The longest wait for a group to become durable.
    pub longest: Duration,
}

/// Batches of the bare loop: as many as a few seconds need.
const BARE_BATCHES: u64 = 5_000;

/// As many bytes a batch as the journal has, and a sync each.
fn bare_row(dir: &Path, done: &Sustained) -> io::Result<Row> {
    let bytes = (files(&dir.join("journal"))? - unused(dir)?) / done.batches.max(1);
    let batch = vec![0x54; usize::try_from(bytes).unwrap_or(0)];
    let taken = bare(&dir.join("bare"), &batch, BARE_BATCHES, Space::Ahead)?;
    let events = done.events / done.batches.max(1) * BARE_BATCHES;
    let row = Row::new("bare loop: as many bytes, zeroed before", events).taking(taken.iter().sum());
    Ok(row.with(format!("{BARE_BATCHES} batches of {bytes} bytes, a sync each")))
}

impl Sustained {
    fn row(&self, dir: &Path) -> io::Result<Row> {
        let verified = verify(dir, &mut |_| ()).map_err(io::Error::other)?;
        let bytes = verified.bytes - unused(dir)? + files(&dir.join("index"))?;
        let [used, peak] = memory().map(|kib| kib.map_or_else(|| "unknown".to_owned(), |kib| (kib / 1024).to_string()));
        let remark = format!(
            "{} events, {} batches, {} syncs, {} bytes an event with index, {used} MiB in memory, at most {peak}, longest wait {} ms",
            self.events,
            self.batches,
            verified.groups,
            bytes / self.events.max(1),
            self.longest.as_millis()
        );
        Ok(Row::new("admitted, durable, answered", self.events).within_ns(FLOOR_NS).taking(self.taken).with(remark))
    }
}

/// Bytes of the segment in use that no group has reached: the mark says where the log ends.
pub(crate) fn unused(dir: &Path) -> io::Result<u64> {
    let mark = std::fs::read(dir.join("journal/durable"))?;
    let end = mark.get(16..24).and_then(|end| end.try_into().ok()).map_or(0, u64::from_le_bytes);
    let mut segments: Vec<_> =
        std::fs::read_dir(dir.join("journal"))?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    segments.retain(|path| path.extension().is_some_and(|extension| extension == "seg"));
    segments.sort();
    let last = segments.last().map_or(Ok(0), |last| last.metadata().map(|about| about.len()))?;
    Ok(last.saturating_sub(end))
}

/// Bytes of the files of a folder, but for what is zeroed ahead and not in use yet.
pub(crate) fn files(dir: &Path) -> io::Result<u64> {
    let names = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        names => names?,
    };
    let mut bytes = 0;
    for entry in names {
        let entry = entry?;
        let is_ahead = entry.file_name().to_string_lossy().starts_with("ahead-");
        bytes += if is_ahead { 0 } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    Time(Duration),
    Events(u64),
}

impl Until {
    /// Whether it is so far with so many events on their way or durable.
    fn is_reached(self, told: u64, watch: Watch) -> bool {
        match self {
            Self::Time(time) => watch.read() >= time,
            Self::Events(events) => told >= events,
        }
    }
}

/// Takes events in for so long, into a ledger that is made in this folder.
pub fn sustained(dir: &Path, batch: usize, how_long: Duration) -> io::Result<Sustained> {
    run(dir, batch, Until::Time(how_long))
}

/// Makes a ledger of so many events.
pub(crate) fn fill(dir: &Path, batch: usize, events: u64) -> io::Result<Sustained> {
    run(dir, batch, Until::Events(events))
}

fn run(dir: &Path, batch: usize, until: Until) -> io::Result<Sustained> {
    let Ledger { journal, mut door } = Ledger::create(dir)?;
    tell(&journal, &mut door, Coming { seed: 1, batch, until, every: Duration::ZERO }, &mut || ())
}

/// How events come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coming {
    /// Of which workload.
    pub(crate) seed: u64,
    /// Events of one batch.
    pub(crate) batch: usize,
    /// When they end.
    pub(crate) until: Until,
    /// From one batch to the next; none for as fast as it goes.
    pub(crate) every: Duration,
}

/// Events through a door, which `acked` hears of whenever a batch is durable. Batches that come at intervals are made
/// durable one by one; whoever is late makes up for it.
pub(crate) fn tell(
    journal: &EmbeddedJournal,
    door: &mut Door,
    coming: Coming,
    acked: &mut dyn FnMut(),
) -> io::Result<Sustained> {
    let (full, batches) = sync_channel(AHEAD);
    let (empty, spare) = sync_channel(2 * AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || generate(coming, &full, &spare));
        let done = take_in((journal, door), &batches, &empty, coming, acked);
        drop(batches);
        done
    })
}

fn generate(coming: Coming, full: &SyncSender<EventBatch>, spare: &Receiver<EventBatch>) {
    let mut workload = Workload::of(coming.seed);
    loop {
        let mut batch = spare.try_recv().unwrap_or_default();
        workload.fill(&mut batch, coming.batch, clock::now());
        if full.send(batch).is_err() {
            return;
        }
    }
}

fn take_in(
    (journal, door): (&EmbeddedJournal, &mut Door),
    batches: &Receiver<EventBatch>,
    empty: &SyncSender<EventBatch>,
    coming: Coming,
    acked: &mut dyn FnMut(),
) -> io::Result<Sustained> {
    let publisher = Publisher::local();
    let under_way = if coming.every.is_zero() { UNDER_WAY } else { 1 };
    let mut groups: Vec<Group> = Vec::new();
    let mut done = Sustained::default();
    let (watch, mut due, mut told) = (Watch::start(), Duration::ZERO, 0);
    while !coming.until.is_reached(told, watch) {
        let Ok(batch) = batches.recv() else { break };
        std::thread::sleep(due.saturating_sub(watch.read()));
        due += coming.every;
        let group = groups.pop().unwrap_or_default();
        door.submit(&batch, &publisher, clock::now(), journal, group).map_err(io::Error::other)?;
        told += batch.len() as u64;
        let _ = empty.try_send(batch);
        while door.under_way() >= under_way {
            let (group, waited) = timed(|| door.settle());
            acked();
            done.longest = done.longest.max(waited);
            groups.extend(count(group, &mut done)?);
        }
    }
    while door.under_way() > 0 {
        let group = door.settle();
        acked();
        count(group, &mut done)?;
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
