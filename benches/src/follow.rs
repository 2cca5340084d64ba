//! The projector at the head of a journal that grows: how long after the durable answer to a batch somebody who asks the
//! views is answered by views that hold it.
//!
//! ```text
//! generator --> door --> journal: durable, noted --.
//!                  \--> projector --> views --> somebody asks over the socket, again and again: answered, noted
//! ```
//!
//! Invariants:
//! - what is measured is the product's own projector, commits and merges included, over a store that is filled already
//! - a batch is in the views when an answer's positions are past all that was durable when the batch was: an answer is of
//!   settled rows, so that nobody sees positions whose rows are still to come
//! - the wait is that of somebody who asks every two milliseconds, the way over the socket included
//! - both clocks are one stopwatch

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use talon_consumers::{Budget, Place, Projector, Setting, Source, open_views};
use talon_intake::Door;
use talon_journal::{EmbeddedJournal, Journal as _, Positions};
use talon_projections::views;

use crate::clock::{self, Watch, timed};
use crate::ledger::Ledger;
use crate::memory::{forget_peak, peak_mib};
use crate::report::{Row, Section};
use crate::sustained::{Coming, Sustained, Until, fill, tell};
use crate::views::failed;

mod waits;

use waits::{Moment, lag_at_most, waits};

/// Events of one batch.
const BATCH: usize = 1_000;
/// From one batch to the next: 200,000 events a second.
const EVERY: Duration = Duration::from_millis(5);
/// What that comes to for an event.
const PACED_NS: u64 = 5_000;
/// Beyond the pace it goes on for at most so long: what is behind then takes some minutes at most.
const BURST: Duration = Duration::from_secs(10);

/// Somebody asks again so long after an answer.
const ASK_AGAIN: Duration = Duration::from_millis(2);
/// Views that are not up to date so long after the last event never will be.
const PATIENCE: Duration = Duration::from_mins(10);

/// Ten million events into the store in thirty seconds.
const STORE_NS: u64 = 3_000;
/// Ninety-nine of a hundred batches are in the views after so long.
const P99_NS: u64 = 50_000_000;
/// After the burst everything is in the views within a minute.
const CAUGHT_UP_NS: u64 = 60_000_000_000;

/// Measures over a store of so many events, made for it.
pub(crate) fn measured(dir: &Path, events: u64, how_long: Duration) -> io::Result<Section> {
    let dir = dir.join("follow");
    fill(&dir, BATCH, events)?;
    let Ledger { journal, mut door } = Ledger::open(&dir)?;
    let before = journal.ends().total();
    let stop = AtomicBool::new(false);
    let is_stopped = || stop.load(Ordering::Relaxed);
    let setting = Setting {
        journal: &journal,
        views: views::ALL.to_vec(),
        budget: Budget::default(),
        clock: &clock::now,
        stop: &is_stopped,
    };
    let place = Place::of(&dir);
    let claimed = place.claim("talon bench").map_err(failed)?;
    let mut projector = Projector::open(place.clone(), claimed, setting.clone(), &|_| ()).map_err(failed)?;
    forget_peak();
    let (ended, taken) = timed(|| projector.run(false));
    ended.map_err(failed)?;
    let row = Row::new("the projector, from nothing to the end", before).within_ns(STORE_NS).taking(taken);
    let mut rows = vec![row.with(format!("memory {} MiB at most", peak_mib()))];
    let asking = Asking { place: &place, setting: &setting };
    let phases = thread::scope(|scope| {
        let telling = scope.spawn(|| {
            let _stopping = Stopping(&stop);
            phases(&journal, &mut door, asking, how_long)
        });
        let ended = projector.run_and_answer(true);
        let told = telling.join().map_err(|_| io::Error::other("the thread that tells died"))?;
        ended.map_err(failed).and(told)
    })?;
    rows.extend(phases);
    let about = format!("{before} records in the store, then batches of {BATCH}, a sync each; asked over the socket");
    Ok(Section { name: "follow", about, rows })
}

/// Lets the projector end, however the telling does.
struct Stopping<'s>(&'s AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// At a pace, then as fast as it goes.
fn phases(journal: &EmbeddedJournal, door: &mut Door, asking: Asking<'_>, how_long: Duration) -> io::Result<Vec<Row>> {
    asking.answered()?; // it takes clients from now on
    let coming = Coming { seed: 2, batch: BATCH, until: Until::Time(how_long), every: EVERY };
    let mut rows = Phase::of(journal, door, asking, coming)?.paced();
    let coming = Coming { seed: 3, until: Until::Time(how_long.min(BURST)), every: Duration::ZERO, ..coming };
    rows.extend(Phase::of(journal, door, asking, coming)?.unpaced());
    Ok(rows)
}

/// Somebody who asks the views.
#[derive(Clone, Copy)]
struct Asking<'a> {
    place: &'a Place,
    setting: &'a Setting<'a>,
}

impl Asking<'_> {
    /// The positions of an answer; only a running projector counts.
    fn answered(self) -> io::Result<Positions> {
        let views = open_views(self.place, "talon bench", self.setting, &|_| ()).map_err(failed)?;
        match views.source() {
            Source::Remote(_) => Ok(views.positions().clone()),
            _ => Err(io::Error::other("the projector does not answer")),
        }
    }

    /// Asks until the views hold so many records, which are not known before the telling ends: 0 until then.
    fn again_and_again(self, watch: Watch, told: &AtomicU64) -> io::Result<Vec<Moment>> {
        let (mut answers, mut told_at) = (Vec::new(), None);
        loop {
            let next = self.answered()?;
            let (at, records) = (watch.read(), next.total());
            answers.push(Moment { at, next });
            let end = told.load(Ordering::Acquire);
            if end > 0 && records >= end {
                return Ok(answers);
            }
            if end > 0 && at > *told_at.get_or_insert(at) + PATIENCE {
                return Err(io::Error::other(format!("{records} of {end} records are in the views, and no more come")));
            }
            thread::sleep(ASK_AGAIN);
        }
    }
}

/// What was told, and when it was durable and seen.
struct Phase {
    done: Sustained,
    durable: Vec<Moment>,
    answers: Vec<Moment>,
    peak: String,
}

impl Phase {
    fn of(journal: &EmbeddedJournal, door: &mut Door, asking: Asking<'_>, coming: Coming) -> io::Result<Self> {
        forget_peak();
        let (watch, told) = (Watch::start(), AtomicU64::new(0));
        thread::scope(|scope| {
            let asked = scope.spawn(|| asking.again_and_again(watch, &told));
            let mut durable = Vec::new();
            let mut acked = || durable.push(Moment { at: watch.read(), next: journal.ends() });
            let done = tell(journal, door, coming, &mut acked);
            told.store(journal.ends().total(), Ordering::Release);
            let answers = asked.join().map_err(|_| io::Error::other("the thread that asks died"))??;
            Ok(Self { done: done?, durable, answers, peak: peak_mib() })
        })
    }

    fn paced(&self) -> Vec<Row> {
        let waits = waits(&self.durable, &self.answers);
        let of = |share: usize| waits.get(waits.len() * share / 100).or(waits.last()).copied().unwrap_or_default();
        let lag = lag_at_most(&self.durable, &self.answers);
        vec![
            self.told("paced: admitted, durable, answered").within_ns(PACED_NS),
            Row::new("paced: durable to in the views, median", 1).taking(of(50)),
            Row::new("paced: durable to in the views, p99", 1).within_ns(P99_NS).taking(of(99)),
            Row::new("paced: durable to in the views, longest", 1).taking(of(100)).with(format!(
                "{} batches; {lag} records behind at most; memory {} MiB at most",
                waits.len(),
                self.peak
            )),
        ]
    }

    fn unpaced(&self) -> Vec<Row> {
        let last = self.durable.last().map_or(Duration::ZERO, |last| last.at);
        let seen = self.answers.last().map_or(Duration::ZERO, |seen| seen.at);
        let lag = lag_at_most(&self.durable, &self.answers);
        let said = format!("{lag} records behind at most; memory {} MiB at most", self.peak);
        vec![
            self.told("unpaced: admitted, durable, answered"),
            Row::new("unpaced: until caught up, after the last", 1)
                .within_ns(CAUGHT_UP_NS)
                .taking(seen.saturating_sub(last))
                .with(said),
        ]
    }

    fn told(&self, name: &str) -> Row {
        let said = format!("{} events, longest wait {} ms", self.done.events, self.done.longest.as_millis());
        Row::new(name, self.done.events).taking(self.done.taken).with(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_was_told_is_seen_and_each_wait_is_measured() {
        let dir = tempfile::tempdir().expect("a folder");
        let section = measured(dir.path(), 2_000, Duration::from_millis(200)).expect("a projector that answers");
        let row = |name: &str| section.rows.iter().find(|row| row.name.contains(name)).expect("measured");
        assert_eq!(row("from nothing").times, 2_064, "a genesis in each partition");
        let [median, p99, longest] = ["median", "p99", "longest"].map(|name| row(name).taken[0]);
        assert!(median <= p99 && p99 <= longest && !longest.is_zero(), "{section:?}");
        assert!(row("paced: admitted").times >= 1_000 && row("unpaced: admitted").times >= 1_000, "{section:?}");
        assert!(row("longest").remark.starts_with(&format!("{} batches", row("paced: admitted").times / 1_000)));
        assert!(!row("caught up").taken[0].is_zero());
    }
}
