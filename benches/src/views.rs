//! Views: everything that the reconciliation team reads, made of a journal - in memory, as an auditor makes them, on one
//! core and on several, and in the store, as the projector keeps them - and asked.

use std::hint::black_box;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use talon_domain::ids::Position;
use talon_journal::{EmbeddedJournal, Journal as _, PARTITIONS};
use talon_projections::days::{By, Filter, Place, day_lines};
use talon_projections::digest::digest_of;
use talon_projections::key::Key;
use talon_projections::projection::{Projection, Taken, TakenFact};
use talon_projections::reading::Reading;
use talon_projections::store::SledStore;
use talon_projections::table::{DAYS, DAYS_BOOKED, TRANSACTIONS};
use talon_projections::view::View;
use talon_projections::views;
use talon_replay::{AsOf, ViewDigests, digests};

use crate::clock::timed;
use crate::day::{FACTS_A_PAYMENT, facts};
use crate::memory::{bytes_below, forget_peak, peak_mib};
use crate::report::{Row, Section, ratio};
use crate::sustained::{files, unused};

mod kept;

pub(crate) use kept::in_store;
use kept::project;

/// Replaying decoded facts into all views: 2.5 million a second and core.
const DECODED_NS: u64 = 400;
/// The same from stored bytes: 1.5 million.
const BYTES_NS: u64 = 666;
/// Ten million events into the store in thirty seconds.
const STORE_NS: u64 = 3_000;
/// A day's view.
const DAY_NS: u64 = 20_000_000;

/// A process that keeps the views of five million payments takes at most so many MiB.
const STORE_MIB: u64 = 500;
/// A store is at most so many times the journal's size.
const STORE_TIMES: u64 = 2;

/// At how many threads the digest must be the same.
const THREADS: [usize; 3] = [1, 2, 8];

/// Measures over a journal of so many events, made for it.
pub(crate) fn measured(dir: &Path, events: u64, repeats: u32) -> io::Result<Section> {
    let dir = dir.join("views");
    crate::sustained::fill(&dir, 1_000, events)?;
    let journal = EmbeddedJournal::open_read_only(&dir).map_err(io::Error::other)?;
    let records = journal.ends().total();
    let payments = payments_of(events);
    let mut rows = vec![
        Row::new("decoded facts into all views, in memory", u64::from(payments) * u64::from(FACTS_A_PAYMENT))
            .within_ns(DECODED_NS),
        Row::new("stored bytes into all views, in memory", records).within_ns(BYTES_NS),
        Row::new("the same, two threads", records),
        Row::new("stored bytes into the store", records).within_ns(STORE_NS),
        Row::new("a merchant's day, from the store", 1).within_ns(DAY_NS),
        Row::new("a shop's day, from the store", 1).within_ns(DAY_NS),
    ];
    let mut said = None;
    for round in 0..repeats {
        let store = dir.join(format!("store-{round}"));
        // The first store is made before anything else takes memory that the process would keep.
        forget_peak();
        let (kept, into_store) = timed(|| in_store(&journal, &store));
        let (kept, peak) = (kept?, peak_mib());
        let [merchant, shop] = a_day(&kept)?;
        let held = payments_in(&kept)?;
        drop(kept);
        if said.is_none() {
            said = Some([about_store(&dir, &store, held, &peak)?, merchant.1, shop.1]);
        }
        let taken = [decoded(payments)?, in_memory(&journal)?, by_two(&journal)?, into_store, merchant.0, shop.0];
        rows.iter_mut().zip(taken).for_each(|(row, taken)| row.took(taken));
    }
    rows.iter_mut().skip(STORE_ROW).zip(said.into_iter().flatten()).for_each(|(row, said)| row.remark = said);
    rows.extend(digested(&journal, &dir.join("store-0"))?);
    Ok(Section { name: "views", about: format!("{records} records, files in the page cache"), rows })
}

/// Payments of so many decoded facts, of which a million are enough.
fn payments_of(events: u64) -> u32 {
    u32::try_from(events.min(1_000_000) / u64::from(FACTS_A_PAYMENT)).unwrap_or(1)
}

/// Which row is the store's; the next one is a day's.
const STORE_ROW: usize = 3;

fn payments_in(projection: &Projection) -> io::Result<u64> {
    let mut payments = 0;
    let count = &mut |_: &[u8], _: &[u8]| {
        payments += 1;
        ControlFlow::Continue(())
    };
    let reading: &dyn Reading = projection.tables();
    reading.scan(TRANSACTIONS, &[], None, count).map_err(failed)?;
    Ok(payments)
}

/// What a store takes, beside what it may take.
fn about_store(ledger: &Path, store: &Path, payments: u64, peak: &str) -> io::Result<String> {
    let journal = files(&ledger.join("journal"))? - unused(ledger)?;
    let stored = bytes_below(store)?;
    let times = ratio(stored, journal);
    Ok(format!(
        "{payments} payments; memory {peak} MiB at most, {STORE_MIB} allowed for 5 million; \
         store {} MiB, {times} x the journal's {}, {STORE_TIMES} allowed",
        stored >> 20,
        journal >> 20
    ))
}

/// Digests of every view at several numbers of threads, which are all those of the store.
fn digested(journal: &EmbeddedJournal, store: &Path) -> io::Result<Vec<Row>> {
    let store = SledStore::open(store).map_err(failed)?;
    let kept = Projection::open(Box::new(store), views::ALL.to_vec()).map_err(failed)?;
    let digest = |view: &&'static dyn View| Ok((view.name(), digest_of(kept.tables(), *view).map_err(failed)?));
    let expected: ViewDigests = views::ALL.iter().map(digest).collect::<io::Result<_>>()?;
    let mut rows = Vec::new();
    for threads in THREADS {
        let (done, taken) = timed(|| digests(journal, &AsOf::EVERYTHING, views::ALL, threads, &mut |_| ()));
        let (found, _) = done.map_err(failed)?;
        same(&expected, &found, threads)?;
        let name = format!("digest of every view, threads: {threads}");
        rows.push(Row::new(name, journal.ends().total()).taking(taken).with("the same as the store's"));
    }
    Ok(rows)
}

/// Refuses a digest that is another one: which view it is.
fn same(expected: &ViewDigests, found: &ViewDigests, threads: usize) -> io::Result<()> {
    let other = expected.iter().find(|(name, digest)| found.get(*name) != Some(digest));
    match other {
        None if expected.len() == found.len() => Ok(()),
        None => Err(io::Error::other(format!("at {threads} threads other views are digested than are stored"))),
        Some((name, _)) => Err(io::Error::other(format!(
            "the view `{name}` has another digest at {threads} threads than in the store"
        ))),
    }
}

pub(crate) fn failed(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
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

/// The day of a row among the first thousand: of its merchant, and of its shop.
fn a_day(projection: &Projection) -> io::Result<[(Duration, String); 2]> {
    let mut place = None;
    let mut seen = 0;
    let reading: &dyn Reading = projection.tables();
    reading
        .scan(DAYS, &[], None, &mut |key, _| {
            place = Place::read(key);
            seen += 1;
            if seen < 1_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .map_err(failed)?;
    let Some(place) = place else { return Err(io::Error::other("no day was counted")) };
    let mut prefix = Key::new();
    prefix.merchant(place.merchant).day(place.day);
    let merchant = asked(reading, &place, &Filter::default(), &prefix)?;
    let filter = Filter { shop: Some(place.shop), ..Filter::default() };
    Ok([merchant, asked(reading, &place, &filter, prefix.shop(place.shop))?])
}

/// How long a day takes, and of how many rows its lines are made.
fn asked(reading: &dyn Reading, place: &Place, filter: &Filter, prefix: &Key) -> io::Result<(Duration, String)> {
    let by = By { shop: true, provider: true, ..By::default() };
    let (lines, taken) = timed(|| day_lines(reading, place.merchant, place.day..=place.day, filter, by));
    let lines = black_box(lines.map_err(failed)?);
    let mut rows = 0u64;
    for table in [DAYS, DAYS_BOOKED] {
        reading
            .scan_prefix(table, prefix, &mut |_, _| {
                rows += 1;
                ControlFlow::Continue(())
            })
            .map_err(failed)?;
    }
    Ok((taken, format!("{rows} rows of terminals, {} lines of shops", lines.len())))
}

#[cfg(test)]
mod tests {
    use talon_domain::digest::Digest;

    use super::*;

    #[test]
    fn every_way_is_measured_and_all_of_them_come_to_the_same() {
        let dir = tempfile::tempdir().expect("a folder");
        let section = measured(dir.path(), 2_000, 1).expect("views");
        assert!(section.rows.iter().all(|row| row.taken.len() == 1 && !row.taken[0].is_zero()), "{section:?}");
        let [store, digests @ ..] = &section.rows[STORE_ROW..] else { unreachable!("there are more rows") };
        assert!(store.remark.contains(" payments; memory ") && store.remark.contains(" x the journal's "), "{store:?}");
        assert_eq!(digests.iter().filter(|row| row.remark == "the same as the store's").count(), THREADS.len());
    }

    #[test]
    fn another_digest_is_refused_by_its_view() {
        let views = |rows| ViewDigests::from([("days", (Digest::default(), rows)), ("open", (Digest::default(), 1))]);
        same(&views(3), &views(3), 2).expect("the same");
        let refused = same(&views(3), &views(4), 8).expect_err("another one").to_string();
        assert!(refused.contains("`days`") && refused.contains("8 threads"), "{refused}");
        let fewer = ViewDigests::from([("days", (Digest::default(), 3))]);
        assert!(same(&fewer, &views(3), 1).is_err() && same(&views(3), &fewer, 1).is_err());
    }
}
