//! `talon stat`: what a ledger holds and takes, in numbers. They count records; a fact that was told twice counts twice.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use indicatif::HumanBytes;
use serde_json::{Value, json};
use talon_journal::{
    Contents, EmbeddedJournal, Folder, IndexError, IndexHealth, Journal as _, SegmentStat, Storage as _, SummaryState,
};
use talon_vault::{SlabCounts, Vault, VaultError};

use crate::args::{Common, StatArgs};
use crate::command::repair::set_aside;
use crate::exit::Exit;
use crate::show::{Bar, Screen};
use crate::{incarnation, ledger};

mod tables;

/// Everything that is told.
struct Stat {
    ledger_id: String,
    incarnation: u32,
    /// Who writes now.
    writer: Option<String>,
    segments: Vec<SegmentStat>,
    contents: Contents,
    set_aside: Vec<(String, u64)>,
    index: Files,
    /// What the index holds as far as its files say; `None` if there are none to be believed.
    ids: Result<Option<IndexHealth>, IndexError>,
    vault: Files,
    /// Slabs of keys, or why they could not be counted.
    slabs: Result<SlabCounts, VaultError>,
    free_bytes: Option<u64>,
}

/// How many files a folder has, and how many bytes they have.
#[derive(Clone, Copy, Debug, Default)]
struct Files {
    count: u64,
    bytes: u64,
}

pub(crate) fn run(args: &StatArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    let journal = ledger::open_to_read(dir)?;
    let stat = Stat::of(dir, journal.embedded()?)?;
    if screen.is_json() {
        screen.json(&stat.json(args.top))?;
    } else {
        stat.tell(args.top, screen)?;
    }
    Ok(Exit::Done)
}

impl Stat {
    fn of(dir: &Path, journal: &EmbeddedJournal) -> anyhow::Result<Self> {
        let folder = Folder::new(dir);
        let segments = journal.segments();
        let contents = count(journal, &segments)?;
        Ok(Self {
            ledger_id: journal.identity().ledger_id.to_string(),
            incarnation: incarnation::of(dir)?,
            writer: folder.holder()?,
            segments,
            contents,
            set_aside: set_aside(dir)?.into_iter().collect(),
            index: files(&dir.join("index"))?,
            ids: IndexHealth::of_files(&Folder::index(dir), journal.identity().ledger_id),
            vault: files(&dir.join("vault"))?,
            slabs: Vault::slabs(dir, journal.identity().ledger_id),
            free_bytes: folder.free_bytes()?,
        })
    }

    fn records(&self) -> u64 {
        self.segments.iter().map(|segment| segment.records).sum()
    }

    fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    fn used_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.used_bytes).sum()
    }

    /// Bytes that a record takes, of the journal alone and with the index.
    fn bytes_per_record(&self) -> (u64, u64) {
        let each = |bytes: u64| bytes.checked_div(self.records()).unwrap_or(0);
        (each(self.used_bytes()), each(self.used_bytes() + self.index.bytes))
    }

    /// The merchants with most records, and how many others share the rest.
    fn merchants(&self, top: usize) -> (Vec<(u64, u64)>, u64, u64) {
        let mut all: Vec<_> = self.contents.merchants.iter().map(|(merchant, count)| (merchant.0, *count)).collect();
        all.sort_by_key(|(merchant, count)| (u64::MAX - count, *merchant));
        let others = all.split_off(top.min(all.len()));
        (all, others.len() as u64, others.iter().map(|(_, count)| count).sum())
    }

    fn json(&self, top: usize) -> Value {
        let (merchants, others, others_records) = self.merchants(top);
        let (each, each_with_index) = self.bytes_per_record();
        let recorded = self.contents.recorded;
        json!({
            "type": "stat", "counts": "records", "ledgerId": self.ledger_id, "incarnation": self.incarnation,
            "writer": self.writer, "records": self.records(), "bytes": self.bytes(), "usedBytes": self.used_bytes(),
            "bytesPerRecord": each, "bytesPerRecordWithIndex": each_with_index,
            "segments": self.segments.iter().map(segment_json).collect::<Vec<_>>(),
            "kinds": self.contents.kinds.iter().map(|(kind, records)| json!({
                "kind": kind.0, "name": kind.name(), "records": records,
            })).collect::<Vec<_>>(),
            "merchants": merchants.iter().map(|(merchant, records)| json!({
                "merchant": merchant.to_string(), "records": records,
            })).collect::<Vec<_>>(),
            "otherMerchants": { "merchants": others, "records": others_records },
            "days": self.contents.days.iter().map(|(day, records)| json!({
                "day": day.to_string(), "records": records,
            })).collect::<Vec<_>>(),
            "recordedFirst": recorded.map(|(first, _)| first.rfc3339()),
            "recordedLast": recorded.map(|(_, last)| last.rfc3339()),
            "foreign": self.contents.foreign,
            "setAside": self.set_aside.iter().map(|(file, bytes)| json!({ "file": file, "bytes": bytes }))
                .collect::<Vec<_>>(),
            "index": self.index_json(),
            "vault": { "bytes": self.vault.bytes, "slabs": self.slabs.as_ref().ok().map(|slabs| json!({
                "claimed": slabs.claimed, "free": slabs.free, "closed": slabs.closed,
            })) },
            "freeBytes": self.free_bytes,
        })
    }

    fn index_json(&self) -> Value {
        let health = self.ids.as_ref().ok().and_then(Option::as_ref);
        let state = match &self.ids {
            Ok(Some(_)) => "present",
            Ok(None) => "absent",
            Err(_) => "damaged",
        };
        json!({
            "state": state, "files": self.index.count, "bytes": self.index.bytes,
            "runs": health.map(|health| health.runs), "ids": health.map(|health| health.ids),
            "coveredRecords": health.map(|health| health.covered.total()),
        })
    }
}

fn segment_json(segment: &SegmentStat) -> Value {
    json!({
        "file": segment.file, "firstLsn": segment.first_lsn, "records": segment.records, "bytes": segment.bytes,
        "usedBytes": segment.used_bytes, "summary": summary_name(segment.summary),
    })
}

const fn summary_name(summary: SummaryState) -> &'static str {
    match summary {
        SummaryState::InUse => "in_use",
        SummaryState::Present => "present",
        SummaryState::Missing => "missing",
        SummaryState::Wrong => "wrong",
    }
}

/// Counts what the records are; only what has no summary is read.
fn count(journal: &EmbeddedJournal, segments: &[SegmentStat]) -> anyhow::Result<Contents> {
    let unsummed = segments.iter().filter(|segment| segment.summary != SummaryState::Present);
    let (mut done, total) = (0, unsummed.map(|segment| segment.used_bytes).sum());
    let bar = Bar::bytes(total, "counting");
    let contents = journal.contents(&mut |bytes| {
        done += bytes;
        bar.at(done, total);
    })?;
    bar.finish();
    Ok(contents)
}

/// What lies in a folder; nothing if there is none.
fn files(folder: &Path) -> anyhow::Result<Files> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Files::default()),
        entries => entries.with_context(|| format!("{} cannot be read", folder.display()))?,
    };
    let mut files = Files::default();
    for entry in entries {
        // One that went away while we looked is none.
        if let Ok(about) = entry?.metadata() {
            files.count += 1;
            files.bytes += about.len();
        }
    }
    Ok(files)
}

fn size(bytes: u64) -> String {
    HumanBytes(bytes).to_string()
}
