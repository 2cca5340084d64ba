//! Views of the same events: Talon makes all of its own in its store, from its journal; PostgreSQL makes the one of days, by
//! COPY into flattened columns and SQL.
//!
//! Invariants:
//! - both are given the records of one journal; the columns are made of it by another thread, while the server takes them
//! - what both come to is compared, and a difference is the end: a comparison of different sums says nothing
//! - what can be made again need not survive: PostgreSQL's tables are unlogged. Talon's store is flushed, as it always is

mod columns;
mod sql;

use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use postgres::Client;
use talon_benches::{Row, Section, Totals, Watch, days_kept, facts_of, ledger_of};

use crate::cluster::Cluster;
use crate::copy;
use crate::race::TUNED;

/// Bytes of rows that are sent together, and how many of those wait for the server.
const CHUNK_BYTES: usize = 1 << 20;
const AHEAD: usize = 8;

/// What sorts and joins may take, so that they are done in memory where they can be.
const SORTING: [(&str, &str); 2] = [("work_mem", "512MB"), ("max_parallel_workers_per_gather", "2")];

/// What was measured.
pub(crate) struct Made {
    pub(crate) section: Section,
    /// All views in Talon's store.
    pub(crate) talon: Row,
    /// PostgreSQL from nothing.
    pub(crate) load_and_group: Row,
    /// PostgreSQL once it has the events.
    pub(crate) group: Row,
}

/// Makes views of so many events, in both.
pub(crate) fn made(dir: &Path, events: u64) -> Result<Made> {
    let ledger = dir.join("talon");
    ledger_of(&ledger, events)?;
    let rival = in_postgres(&ledger, &dir.join("pg"))?;
    let (taken, totals) = days_kept(&ledger, &dir.join("store"))?;
    same(&totals, &rival.totals)?;
    let row = |name: &str, taken| Row::new(name, rival.events).taking(taken);
    let talon = row("Talon, all views, into its store", taken).with(said(&totals));
    let load = row("PostgreSQL, load: COPY, ANALYZE", rival.load);
    let group = row("PostgreSQL, GROUP BY: days alone", rival.group).with(said(&rival.totals));
    let load_and_group = row("PostgreSQL, both", rival.load + rival.group);
    let about =
        format!("{} events of one journal, files in the page cache; the sums of both are the same", rival.events);
    let rows = vec![talon.clone(), load, group.clone(), load_and_group.clone()];
    Ok(Made { section: Section { name: "views", about, rows }, talon, load_and_group, group })
}

/// The sums in words.
fn said(totals: &Totals) -> String {
    sql::NAMES.map(|name| format!("{name} {}", totals.get(name).copied().unwrap_or(0))).join(", ")
}

/// Refuses sums that differ.
fn same(talon: &Totals, rival: &Totals) -> Result<()> {
    if talon == rival {
        return Ok(());
    }
    bail!("the sums differ, so that the times say nothing:\nTalon: {}\nPostgreSQL: {}", said(talon), said(rival))
}

/// What the rival did.
struct Rival {
    events: u64,
    load: Duration,
    group: Duration,
    totals: Totals,
}

fn in_postgres(ledger: &Path, folder: &Path) -> Result<Rival> {
    let settings: Vec<_> = TUNED.iter().copied().chain(SORTING).collect();
    let cluster = Cluster::start(folder, &settings)?;
    let mut client = cluster.connect()?;
    client.batch_execute(columns::TABLE)?;
    let watch = Watch::start();
    let events = load(&mut client, ledger)?;
    client.batch_execute("ANALYZE event")?;
    let load = watch.read();
    let watch = Watch::start();
    sql::statements().iter().try_for_each(|statement| client.batch_execute(statement))?;
    let group = watch.read();
    let row = client.query_one(sql::TOTALS, &[])?;
    let totals =
        sql::NAMES.into_iter().enumerate().map(|(at, name)| (name, i128::from(row.get::<_, i64>(at)))).collect();
    Ok(Rival { events, load, group, totals })
}

/// Sends every fact of a ledger in one COPY; how many there were.
fn load(client: &mut Client, ledger: &Path) -> Result<u64> {
    let (full, chunks) = sync_channel(AHEAD);
    let (empty, spare) = sync_channel(2 * AHEAD);
    std::thread::scope(|scope| {
        let maker = scope.spawn(move || make(ledger, &full, &spare));
        let sent = send(client, &chunks, &empty);
        drop(chunks);
        let made = maker.join().map_err(|_| anyhow!("making rows failed"))?;
        sent.and(made)
    })
}

fn make(ledger: &Path, full: &SyncSender<Vec<u8>>, spare: &Receiver<Vec<u8>>) -> Result<u64> {
    let mut chunk = Vec::new();
    copy::begin(&mut chunk);
    let gone = || std::io::Error::other("the server takes no more rows");
    let facts = facts_of(ledger, &mut |fact| {
        columns::row(&mut chunk, fact).map_err(std::io::Error::other)?;
        if chunk.len() >= CHUNK_BYTES {
            let mut next: Vec<u8> = spare.try_recv().unwrap_or_default();
            next.clear();
            full.send(std::mem::replace(&mut chunk, next)).map_err(|_| gone())?;
        }
        Ok(())
    })?;
    copy::end(&mut chunk);
    full.send(chunk).map_err(|_| gone())?;
    Ok(facts)
}

fn send(client: &mut Client, chunks: &Receiver<Vec<u8>>, empty: &SyncSender<Vec<u8>>) -> Result<()> {
    let mut writer = client.copy_in(copy::COPY)?;
    while let Ok(chunk) = chunks.recv() {
        writer.write_all(&chunk)?;
        let _ = empty.try_send(chunk);
    }
    writer.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_differ_are_refused_with_both() {
        let totals = |sold| Totals::from([("lines", 1), ("sold", sold)]);
        same(&totals(300), &totals(300)).unwrap();
        let refused = same(&totals(300), &totals(310)).unwrap_err().to_string();
        assert!(refused.contains("sold 300") && refused.contains("sold 310"), "{refused}");
    }

    #[test]
    fn every_row_has_its_fields_behind_their_lengths() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = dir.path().join("ledger");
        ledger_of(&ledger, 2_000).unwrap();
        let (mut rows, mut amounts) = (0, 0);
        facts_of(&ledger, &mut |fact| {
            let mut row = Vec::new();
            columns::row(&mut row, fact).unwrap();
            let fields = fields(&row);
            assert_eq!(fields.iter().take(8).copied().collect::<Vec<_>>(), [8, 16, 16, 4, 8, 4, 4, 4]);
            assert_eq!((fields.len(), fields[13]), (15, 4));
            rows += 1;
            amounts += u32::from(fields[9] == 8);
            Ok(())
        })
        .unwrap();
        assert!(rows == 2_000 && amounts > 500, "{amounts} of {rows}");
    }

    /// The lengths of a row's fields; -1 is none.
    fn fields(row: &[u8]) -> Vec<i32> {
        let (mut rest, mut lengths) = (row.strip_prefix(&[0, 15]).unwrap(), Vec::new());
        while !rest.is_empty() {
            let length = i32::from_be_bytes(*rest.first_chunk().unwrap());
            lengths.push(length);
            rest = &rest[4 + usize::try_from(length).unwrap_or(0)..];
        }
        lengths
    }
}
