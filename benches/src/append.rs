//! Appending records that are made already: one, ten, a hundred, a thousand a sync, beside a bare loop that writes as many
//! bytes with as many syncs.

use std::io;
use std::path::Path;
use std::time::Duration;

use talon_domain::ids::PartitionId;
use talon_intake::{EventBatch, Group, Publisher};
use talon_journal::{Batch, Journal as _};

use crate::Workload;
use crate::bare::{Space, bare};
use crate::clock::{self, timed};
use crate::ledger::Ledger;
use crate::report::{Row, Section, decimal, ratio};

/// Records a sync.
const SIZES: [usize; 4] = [1, 10, 100, 1_000];
/// Syncs of each size, and no more records than that.
const SYNCS: u64 = 2_000;

/// Measures each size.
pub(crate) fn measured(dir: &Path) -> io::Result<Section> {
    let mut rows = Vec::new();
    for size in SIZES {
        rows.extend(of(dir, size)?);
    }
    let about = format!("records a sync, {SYNCS} syncs each; the bare loop writes the same bytes into zeroed space");
    Ok(Section { name: "append", about, rows })
}

fn of(dir: &Path, size: usize) -> io::Result<[Row; 2]> {
    let mut ledger = Ledger::create(&dir.join(format!("append-{size}")))?;
    let records = records(&mut ledger, size)?;
    let bare = bare(&dir.join("bare"), &vec![0x54; bytes_of(&records)], SYNCS, Space::Ahead)?;
    let (mut batch, mut taken) = (Batch::new(), Vec::new());
    for _ in 0..SYNCS {
        batch.clear();
        for (partition, record) in &records {
            batch.push(*partition, &[record]).map_err(io::Error::other)?;
        }
        let (appended, time) = timed(|| ledger.journal.append(batch).wait());
        batch = appended.map_err(io::Error::other)?.into_batch();
        taken.push(time);
    }
    let events = size as u64 * SYNCS;
    let (ours, theirs): (Duration, Duration) = (taken.iter().sum(), bare.iter().sum());
    let of_bare = ratio(micros(theirs), micros(ours));
    let row = |name: String, all: Duration, syncs: &mut Vec<Duration>| {
        syncs.sort_unstable();
        let [p50, p99] = [50, 99].map(|percent| decimal(tenths_of_micros(syncs.get(syncs.len() * percent / 100))));
        Row::new(name, events).taking(all).with(format!("a sync p50 {p50} us, p99 {p99} us"))
    };
    let mut mine = row(format!("{size} a sync"), ours, &mut taken);
    mine.remark = format!("{}, {of_bare} x the bare loop", mine.remark);
    Ok([mine, row(format!("{size} a sync, bare loop"), theirs, &mut bare.clone())])
}

/// How many bytes a batch of so many events comes to in the journal. A ledger is made in the folder and left there.
///
/// # Errors
/// The folder cannot be written.
pub fn batch_bytes(dir: &Path, events: usize) -> io::Result<usize> {
    Ok(bytes_of(&records(&mut Ledger::create(dir)?, events)?))
}

/// A group's header, and each record in its frame.
fn bytes_of(records: &[(PartitionId, Vec<u8>)]) -> usize {
    let frames: usize = records.iter().map(|(_, record)| record.len() + 16).sum();
    (frames + 32).next_multiple_of(32)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn tenths_of_micros(time: Option<&Duration>) -> u64 {
    time.map_or(0, |time| u64::try_from(time.as_nanos() / 100).unwrap_or(u64::MAX))
}

/// So many records as the door makes them.
fn records(ledger: &mut Ledger, count: usize) -> io::Result<Vec<(PartitionId, Vec<u8>)>> {
    let (mut events, mut group) = (EventBatch::new(), Group::new());
    let now = clock::now();
    Workload::of(1).fill(&mut events, count, now);
    let checked = ledger.door.check(&events, &Publisher::local(), now, &ledger.journal, &mut group);
    checked.map_err(io::Error::other)?;
    Ok(group.batch().iter().map(|(partition, record)| (partition, record.to_vec())).collect())
}
