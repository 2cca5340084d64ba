//! `talon copy`: a journal carried to another place, of either engine: the same bytes at the same positions, and so the
//! same roots. What was copied before is gone on with; a copy that is another ledger's, or has grown by itself, is refused.
//!
//! The journal alone is copied: the vault goes with `talon backup`, and without it personal data stay closed.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::json;
use talon_domain::ids::{PartitionId, Position};
use talon_domain::time::Instant;
use talon_journal::{
    BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Batch, Completion, Journal, PARTITIONS, Positions, RECORD_BYTES_MAX, Reader,
    Record,
};
use talon_replay::{Roots, vector_text};

use crate::args::CopyArgs;
use crate::book::Book;
use crate::clock;
use crate::exit::Exit;
use crate::show::{Bar, Screen, Tone};
use crate::stop::Stop;

/// Batches that are under way at once.
const UNDER_WAY: usize = 4;
/// A topic that takes no time ahead takes a minute for the clocks' sake; ours keeps clear of it.
const AHEAD_US: i64 = 50_000_000;
/// How long one wait for news lasts: then it is asked whether to stop.
const PATIENCE: Duration = Duration::from_millis(200);

pub(crate) fn run(args: &CopyArgs, screen: &mut Screen) -> anyhow::Result<Exit> {
    let source = Book::at(&args.from)?;
    let genesis = genesis_of(&source)?;
    let target = Book::copy_at(&args.to, &source, genesis)?;
    require_same_beginning(&source, &target)?;
    let stop = Stop::asked()?;
    let begun = target.ends().total();
    // On a topic a batch may be refused while those behind it are taken: the copy would have a gap that nobody can close.
    let under_way_max = if target.embedded().is_ok() { UNDER_WAY } else { 1 };
    let mut copying =
        Copying { source: &source, target: &target, stop: &stop, under_way: VecDeque::new(), under_way_max };
    let bar = Bar::records(source.ends().total(), "copying");
    let carried = copying.carry(args.follow, &bar);
    bar.finish();
    target.end_copy()?;
    carried?;
    let (copied, behind) = (target.ends().total() - begun, behind(&source, &target));
    let same = if stop.is_asked() { None } else { Some(have_same_roots(&source, &target)?) };
    tell([copied, behind], same, &target, screen)?;
    Ok(match same {
        Some(false) => Exit::DamageFound,
        Some(true) => Exit::Done,
        None if args.follow => Exit::Done,
        None => Exit::Failed,
    })
}

/// A journal that is being copied.
struct Copying<'c> {
    source: &'c Book,
    target: &'c Book,
    stop: &'c Stop,
    under_way: VecDeque<Handed>,
    under_way_max: usize,
}

/// A batch that was handed over, and where its records have to be.
struct Handed {
    completion: Completion,
    places: Vec<(PartitionId, Position)>,
}

impl Copying<'_> {
    /// Copies what there is, and what comes if it is to follow.
    fn carry(&mut self, follow: bool, bar: &Bar) -> anyhow::Result<()> {
        loop {
            self.catch_up(bar)?;
            if !follow || self.stop.is_asked() {
                return Ok(());
            }
            self.source.wait(&self.target.ends(), PATIENCE)?;
        }
    }

    /// Copies what the source holds and the target does not.
    fn catch_up(&mut self, bar: &Bar) -> anyhow::Result<()> {
        let mut reader = self.source.scan(&self.target.ends())?;
        while !self.stop.is_asked() {
            let (batch, places) = next_batch(reader.as_mut(), self.latest())?;
            if places.is_empty() {
                break;
            }
            if self.under_way.len() >= self.under_way_max {
                self.await_first()?;
            }
            self.under_way.push_back(Handed { completion: self.target.append(batch), places });
            bar.at(self.target.ends().total(), self.source.ends().total());
        }
        while !self.under_way.is_empty() {
            self.await_first()?;
        }
        bar.at(self.target.ends().total(), self.source.ends().total());
        Ok(())
    }

    /// The latest time that the copy takes; none where it takes any.
    fn latest(&self) -> Option<Instant> {
        let ahead = Instant(clock::now().0.saturating_add(AHEAD_US));
        (!self.target.takes_any_time()).then_some(ahead)
    }

    fn await_first(&mut self) -> anyhow::Result<()> {
        let Some(Handed { completion, places }) = self.under_way.pop_front() else { return Ok(()) };
        let appended = completion.wait().context("the copy could not be written; the same command goes on with it")?;
        if !appended.places().eq(places) {
            bail!("somebody else writes to the copy: its records are not where the original has them");
        }
        Ok(())
    }
}

/// As many records as a batch takes, in their order; none at the end.
///
/// # Errors
/// A record of a clock that ran ahead, where the copy takes none: it is told before anything behind it is there.
fn next_batch(
    reader: &mut dyn Reader,
    latest: Option<Instant>,
) -> anyhow::Result<(Batch, Vec<(PartitionId, Position)>)> {
    let (mut batch, mut places, mut bytes) = (Batch::new(), Vec::new(), 0);
    // As long as the longest record fits, whatever comes does.
    while places.len() < BATCH_RECORDS_MAX && bytes <= BATCH_BYTES_MAX - RECORD_BYTES_MAX {
        let Some(stored) = reader.next()? else { break };
        let is_ahead =
            |latest: &Instant| Record::parse(stored.bytes).is_ok_and(|record| record.recorded_at() > *latest);
        if latest.as_ref().is_some_and(is_ahead) {
            bail!(
                "the record {} of partition {} is of a time that lies ahead, and the topic takes none: whoever copies needs \
                 the right ALTER_CONFIGS on it (docs/kafka.md)",
                stored.position,
                stored.partition
            );
        }
        batch.push(stored.partition, &[stored.bytes])?;
        bytes += stored.bytes.len();
        places.push((stored.partition, stored.position));
    }
    Ok((batch, places))
}

/// The first record of every partition.
fn genesis_of(source: &Book) -> anyhow::Result<Batch> {
    let mut genesis = Batch::new();
    for partition in (0..PARTITIONS).map(PartitionId) {
        let mut reader = source.read(partition, Position(0))?;
        let first = reader.next()?.with_context(|| format!("partition {partition} is empty: there is no journal"))?;
        genesis.push(partition, &[first.bytes])?;
    }
    Ok(genesis)
}

/// What is there already is the original's: in each partition the copy's last record.
fn require_same_beginning(source: &Book, target: &Book) -> anyhow::Result<()> {
    let (ours, theirs) = (source.identity().ledger_id, target.identity().ledger_id);
    if ours != theirs {
        bail!("the copy is of the ledger {theirs}, and not of {ours}");
    }
    for (partition, next) in target.ends().iter() {
        let Some(last) = next.0.checked_sub(1).map(Position) else { continue };
        let record = |book: &Book| -> anyhow::Result<Option<Vec<u8>>> {
            Ok(book.read(partition, last)?.next()?.map(|stored| stored.bytes.to_vec()))
        };
        if record(source).ok().flatten() != record(target)? {
            bail!("the copy has another record {last} in partition {partition}: it is no copy of this journal");
        }
    }
    Ok(())
}

fn behind(source: &Book, target: &Book) -> u64 {
    source.ends().total().saturating_sub(target.ends().total())
}

/// One hash for each partition, over the records that the copy holds, on both sides: the original may go on meanwhile.
fn have_same_roots(source: &Book, target: &Book) -> anyhow::Result<bool> {
    let ends = target.ends();
    let roots = |book: &Book| {
        let bar = Bar::records(book.ends().total(), "hashing");
        let roots = Roots::up_to(&ends, book, &mut |progress| bar.at(progress.done, progress.total));
        bar.finish();
        roots
    };
    Ok(roots(source)?.heads().eq(roots(target)?.heads()))
}

fn tell([copied, behind]: [u64; 2], same: Option<bool>, target: &Book, screen: &mut Screen) -> std::io::Result<()> {
    let positions: Positions = target.ends();
    if screen.is_json() {
        return screen.json(&json!({
            "type": "copy", "copied": copied, "behind": behind, "sameRoots": same, "positions": vector_text(&positions),
        }));
    }
    let records =
        screen.count(copied, ["enregistrement copié", "enregistrements copiés"], ["record copied", "records copied"]);
    let late = screen.count(
        behind,
        ["enregistrement de retard", "enregistrements de retard"],
        ["record behind", "records behind"],
    );
    let verdict = match same {
        Some(true) => (screen.say("mêmes racines", "the same roots"), Tone::Good),
        Some(false) => (screen.say("racines différentes", "other roots"), Tone::Bad),
        None => {
            (screen.say("interrompu ; la même commande continue", "stopped; the same command goes on"), Tone::Plain)
        }
    };
    screen.pieces(&[(&format!("{records}, {late}: "), Tone::Plain), verdict])
}
