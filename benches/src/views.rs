//! Views: everything that the reconciliation team reads, made of a journal - in memory, as an auditor makes them, on one
//! core and on several, and in the store, as the projector keeps them - and asked.

use std::hint::black_box;
use std::io;
use std::path::Path;
use std::time::Duration;

use talon_domain::ids::{PartitionId, Position};
use talon_journal::{EmbeddedJournal, Journal as _, PARTITIONS, Positions};
use talon_projections::days::{By, Filter, day_lines};
use talon_projections::projection::{Projection, Taken, TakenFact};
use talon_projections::reading::Reading;
use talon_projections::store::SledStore;
use talon_projections::table::DAYS;
use talon_projections::views;
use talon_replay::taken;

use crate::clock::timed;
use crate::day::{FACTS_A_PAYMENT, facts};
use crate::report::{Row, Section};

/// Facts that are held in memory between two commits.
const BUDGET: usize = 200_000;

/// Replaying decoded facts into all views: 2.5 million a second and core.
const DECODED_NS: u64 = 400;
/// The same from stored bytes: 1.5 million.
const BYTES_NS: u64 = 666;
/// Ten million events into the store in thirty seconds.
const STORE_NS: u64 = 3_000;
/// A day's view.
const DAY_NS: u64 = 20_000_000;

/// Measures over a journal of so many events, made for it.
pub(crate) fn measured(dir: &Path, events: u64, repeats: u32) -> io::Result<Section> {
    let dir = dir.join("views");
    crate::sustained::fill(&dir, 1_000, events)?;
    let journal = EmbeddedJournal::open_read_only(&dir).map_err(io::Error::other)?;
    let records = journal.ends().total();
    let payments = u32::try_from(events.min(1_000_000) / u64::from(FACTS_A_PAYMENT)).unwrap_or(1);
    let mut rows = vec![
        Row::new("decoded facts into all views, in memory", u64::from(payments) * u64::from(FACTS_A_PAYMENT))
            .within_ns(DECODED_NS),
        Row::new("stored bytes into all views, in memory", records).within_ns(BYTES_NS),
        Row::new("the same, two threads", records),
        Row::new("stored bytes into the store", records).within_ns(STORE_NS),
        Row::new("a merchant's day, from the store", 1).within_ns(DAY_NS),
    ];
    for round in 0..repeats {
        let store = dir.join(format!("store-{round}"));
        let (kept, into_store) = timed(|| in_store(&journal, &store));
        let kept = kept?;
        let asked = a_day(&kept)?;
        drop(kept);
        let taken = [decoded(payments)?, in_memory(&journal)?, by_two(&journal)?, into_store, asked];
        rows.iter_mut().zip(taken).for_each(|(row, taken)| row.took(taken));
    }
    Ok(Section { name: "views", about: format!("{records} records, files in the page cache"), rows })
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

/// Facts that are decoded already, in memory.
fn decoded(payments: u32) -> io::Result<Duration> {
    let day = facts(payments);
    let mut next = vec![0u64; usize::from(PARTITIONS)];
    let mut projection = Projection::in_memory(views::ALL.to_vec());
    let mut all = Vec::with_capacity(day.len());
    for (partition, fact) in day {
        let Some(position) = next.get_mut(usize::from(partition.0)) else { continue };
        let recorded_at = fact.header.recorded_at;
        let fact = Some(TakenFact { fact, payload: &[], phone_bucket: 0 });
        all.push(Taken { partition, position: Position(*position), recorded_at, fact });
        *position += 1;
    }
    let (done, taken) =
        timed(|| all.drain(..).try_for_each(|record| projection.take(record)).and_then(|()| projection.settle()));
    done.map(|()| taken).map_err(failed)
}

fn in_memory(journal: &EmbeddedJournal) -> io::Result<Duration> {
    let mut projection = Projection::in_memory(views::ALL.to_vec());
    let (done, taken) = timed(|| project(journal, &mut projection, usize::MAX, |_| true));
    done.map(|()| taken)
}

/// Each thread takes every second partition.
fn by_two(journal: &EmbeddedJournal) -> io::Result<Duration> {
    let (done, taken) = timed(|| {
        std::thread::scope(|scope| {
            let halves = [0, 1].map(|half| {
                scope.spawn(move || {
                    let mut projection = Projection::in_memory(views::ALL.to_vec());
                    project(journal, &mut projection, usize::MAX, |partition| partition.0 % 2 == half)?;
                    Ok::<_, io::Error>(projection)
                })
            });
            halves.map(|half| half.join().map_err(|_| io::Error::other("a thread of the replay died")))
        })
    });
    done.into_iter().try_for_each(|half| half?.map(drop)).map(|()| taken)
}

fn in_store(journal: &EmbeddedJournal, dir: &Path) -> io::Result<Projection> {
    let store = SledStore::open(dir).map_err(failed)?;
    let mut projection = Projection::open(Box::new(store), views::ALL.to_vec()).map_err(failed)?;
    project(journal, &mut projection, BUDGET, |_| true)?;
    projection.commit().map_err(failed)?;
    Ok(projection)
}

fn project(
    journal: &EmbeddedJournal,
    projection: &mut Projection,
    budget: usize,
    is_asked: impl Fn(PartitionId) -> bool,
) -> io::Result<()> {
    let mut reader = journal.scan(&Positions::beginning()).map_err(failed)?;
    while let Some(stored) = reader.next().map_err(failed)? {
        if !is_asked(stored.partition) {
            continue;
        }
        projection.take(taken(&stored)).map_err(failed)?;
        if projection.resident_facts() >= budget {
            projection.commit().map_err(failed)?;
            while projection.tables().merge_due() {
                projection.tables_mut().merge_step().map_err(failed)?;
            }
        }
    }
    projection.settle().map_err(failed)
}

/// The day of the row in the middle of the first million.
fn a_day(projection: &Projection) -> io::Result<Duration> {
    let mut place = None;
    let mut seen = 0;
    let reading: &dyn Reading = projection.tables();
    reading
        .scan(DAYS, &[], None, &mut |key, _| {
            place = talon_projections::days::Place::read(key);
            seen += 1;
            if seen < 1_000 { std::ops::ControlFlow::Continue(()) } else { std::ops::ControlFlow::Break(()) }
        })
        .map_err(failed)?;
    let Some(place) = place else { return Err(io::Error::other("no day was counted")) };
    let by = By { shop: true, provider: true, ..By::default() };
    let (lines, taken) = timed(|| day_lines(reading, place.merchant, place.day..=place.day, &Filter::default(), by));
    lines.map(black_box).map(|_| taken).map_err(failed)
}
