//! The rival's side of the race: batches of rows made by one thread, and sent by another.

use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use anyhow::{Result, ensure};
use postgres::Client;
use talon_benches::{Row, Watch, Workload, now};

use crate::cluster::Cluster;
use crate::copy;

/// Batches that wait for the server.
const AHEAD: usize = 8;
/// What is told of a server: as it says itself.
const SETTINGS: [&str; 7] = [
    "fsync",
    "synchronous_commit",
    "wal_sync_method",
    "shared_buffers",
    "wal_buffers",
    "max_wal_size",
    "checkpoint_timeout",
];

/// Takes events in for so long, with these settings.
pub(crate) fn sustained(
    folder: &Path,
    name: &str,
    settings: &[(&str, &str)],
    batch: usize,
    how_long: Duration,
) -> Result<Row> {
    let cluster = Cluster::start(folder, settings)?;
    let mut client = cluster.connect()?;
    client.batch_execute(copy::TABLE)?;
    let about = about(&mut client)?;
    let (full, batches) = sync_channel(AHEAD);
    let (empty, spare) = sync_channel(2 * AHEAD);
    let (sent, taken) = std::thread::scope(|scope| {
        let maker = scope.spawn(move || make(batch, &full, &spare));
        let sent = send(&mut client, &batches, &empty, how_long);
        drop(batches);
        maker.join().map_err(|_| anyhow::anyhow!("making rows failed"))??;
        sent
    })?;
    let events = sent * batch as u64;
    let held: i64 = client.query_one("SELECT count(*) FROM event", &[])?.get(0);
    ensure!(u64::try_from(held)? == events, "{events} rows were sent, and {held} are there");
    let size: i64 = client.query_one("SELECT pg_total_relation_size('event')", &[])?.get(0);
    let bytes = u64::try_from(size)? / events.max(1);
    let remark = format!("{events} events, {bytes} bytes an event with its index; {about}");
    Ok(Row::new(name, events).taking(taken).with(remark))
}

/// The server's version and settings, as it says itself.
fn about(client: &mut Client) -> Result<String> {
    let mut said = format!("PostgreSQL {}", shown(client, "server_version")?);
    for name in SETTINGS {
        said = format!("{said}, {name} {}", shown(client, name)?);
    }
    Ok(said)
}

fn shown(client: &mut Client, name: &str) -> Result<String> {
    Ok(client.query_one(&format!("SHOW {name}"), &[])?.get(0))
}

fn make(events: usize, full: &SyncSender<Vec<u8>>, spare: &Receiver<Vec<u8>>) -> Result<()> {
    let mut workload = Workload::of(1);
    let mut event = Vec::new();
    loop {
        let mut batch = spare.try_recv().unwrap_or_default();
        copy::begin(&mut batch);
        for _ in 0..events {
            event.clear();
            workload.write(&mut event, now());
            copy::row(&mut batch, &event)?;
        }
        copy::end(&mut batch);
        if full.send(batch).is_err() {
            return Ok(());
        }
    }
}

/// Sends batches, each as a transaction of its own; how many, and how long it took.
fn send(
    client: &mut Client,
    batches: &Receiver<Vec<u8>>,
    empty: &SyncSender<Vec<u8>>,
    how_long: Duration,
) -> Result<(u64, Duration)> {
    let mut sent = 0;
    let watch = Watch::start();
    while watch.read() < how_long {
        let Ok(batch) = batches.recv() else { break };
        let mut writer = client.copy_in(copy::COPY)?;
        writer.write_all(&batch)?;
        writer.finish()?;
        sent += 1;
        let _ = empty.try_send(batch);
    }
    Ok((sent, watch.read()))
}
