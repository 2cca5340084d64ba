//! Reading a journal that is there: whole records, headers alone, checksums alone, through the fold; and opening it after
//! its writer was killed.

use std::hint::black_box;
use std::io;
use std::path::Path;
use std::time::Duration;

use hashbrown::HashMap;
use talon_domain::fact::{Fact, Kind};
use talon_domain::fold::Fold;
use talon_domain::ids::MerchantId;
use talon_domain::time::Day;
use talon_intake::{EventBatch, Group, Publisher};
use talon_journal::{EmbeddedJournal, Journal as _, Positions, Record, verify};

use crate::Workload;
use crate::clock::{self, timed};
use crate::ledger::Ledger;
use crate::report::{Row, Section, decimal};

/// Facts of one batch on their way to the fold.
const FOLD_BATCH: usize = 1_024;

/// Measures over a journal of so many events, made for it.
pub(crate) fn measured(dir: &Path, events: u64, repeats: u32) -> io::Result<Section> {
    let dir = dir.join("read");
    crate::sustained::fill(&dir, 1_000, events)?;
    let reopened = reopen(&dir)?;
    let journal = EmbeddedJournal::open_read_only(&dir).map_err(io::Error::other)?;
    let records = journal.ends().total();
    let row = |name: &str, ns| Row::new(name, records).within_ns(ns);
    let mut rows = [
        row("scan: every record, its checksum held", 0),
        row("count by kind, merchant and day, headers alone", 83),
        row("verify", 0),
        row("fold from stored bytes", 666),
    ];
    rows.iter_mut().filter(|row| row.floor_ns == Some(0)).for_each(|row| row.floor_ns = None);
    for _ in 0..repeats {
        let taken = [scan(&journal)?, count(&journal)?, check(&dir)?, fold(&journal)?];
        rows.iter_mut().zip(taken).for_each(|(row, taken)| row.took(taken));
    }
    let bytes = segment_bytes(&dir)?;
    let [scan, count, mut check, fold] = rows;
    let speed = check.taken.first().map_or(0, |time| bytes / u64::try_from(time.as_micros()).unwrap_or(1).max(1));
    check.remark = format!("{speed} MB/s, zeros and summaries included; at least 1000");
    let rows = vec![scan, count, check, fold, reopened];
    Ok(Section { name: "read", about: format!("{records} records, one core, files in the page cache"), rows })
}

fn segment_bytes(dir: &Path) -> io::Result<u64> {
    let names = std::fs::read_dir(dir.join("journal"))?;
    let sizes = names.map(|entry| {
        let entry = entry?;
        let is_segment = entry.path().extension().is_some_and(|extension| extension == "seg");
        Ok(if is_segment { entry.metadata()?.len() } else { 0 })
    });
    sizes.sum()
}

fn scan(journal: &EmbeddedJournal) -> io::Result<Duration> {
    let (read, taken) = timed(|| {
        let mut reader = journal.scan(&Positions::beginning())?;
        let mut bytes = 0;
        while let Some(stored) = reader.next()? {
            bytes += stored.bytes.len();
        }
        Ok::<_, talon_journal::ReadError>(black_box(bytes))
    });
    read.map(|_| taken).map_err(io::Error::other)
}

fn count(journal: &EmbeddedJournal) -> io::Result<Duration> {
    let (counted, taken) = timed(|| {
        let mut counts: HashMap<(MerchantId, Kind, Day), u64> = HashMap::new();
        let mut reader = journal.scan(&Positions::beginning())?;
        while let Some(stored) = reader.next()? {
            let Ok(record) = Record::parse(stored.bytes) else { continue };
            *counts.entry((record.merchant(), record.kind(), record.day())).or_default() += 1;
        }
        Ok::<_, talon_journal::ReadError>(counts.len())
    });
    counted.map(black_box).map(|_| taken).map_err(io::Error::other)
}

fn check(dir: &Path) -> io::Result<Duration> {
    let (verified, taken) = timed(|| verify(dir, &mut |_| ()));
    let verified = verified.map_err(io::Error::other)?;
    if verified.damages.is_empty() { Ok(taken) } else { Err(io::Error::other("the journal is damaged")) }
}

fn fold(journal: &EmbeddedJournal) -> io::Result<Duration> {
    let (folded, taken) = timed(|| {
        let mut fold = Fold::new();
        let mut facts = Vec::with_capacity(FOLD_BATCH);
        let mut reader = journal.scan(&Positions::beginning())?;
        while let Some(stored) = reader.next()? {
            let Ok(record) = Record::parse(stored.bytes) else { continue };
            let payload = talon_proto::decode(record.kind(), record.schema(), record.payload());
            facts.push((stored.partition, Fact { header: record.fact_header(), payload }));
            if facts.len() == FOLD_BATCH {
                fold.apply_all(&mut facts);
                facts.clear();
            }
        }
        fold.apply_all(&mut facts);
        Ok::<_, talon_journal::ReadError>(fold) // let go outside the clock: a view lives on
    });
    folded.map(black_box).map(|_| taken).map_err(io::Error::other)
}

/// From the start of a process that finds a journal without a clean end, to its first event acknowledged.
fn reopen(dir: &Path) -> io::Result<Row> {
    // What a killed writer leaves: a mark that says less than the log holds.
    let mark = dir.join("journal/durable");
    let before = std::fs::read(&mark)?;
    append_one(dir)?;
    std::fs::write(&mark, before)?;
    let (appended, taken) = timed(|| append_one(dir));
    appended?;
    let ms = u64::try_from(taken.as_micros() / 100).unwrap_or(u64::MAX);
    let row = Row::new("open after a crash, to the first event durable", 1).within_ns(1_000_000_000).taking(taken);
    Ok(row.with(format!("{} ms", decimal(ms))))
}

fn append_one(dir: &Path) -> io::Result<()> {
    let mut ledger = Ledger::open(dir)?;
    let (mut events, mut group, now) = (EventBatch::new(), Group::new(), clock::now());
    Workload::of(now.0.cast_unsigned()).fill(&mut events, 1, now);
    let Ledger { journal, door } = &mut ledger;
    door.publish(&events, &Publisher::local(), now, journal, &mut group).map(drop).map_err(io::Error::other)
}
