//! `talon export`: figures of days as files ([`books`]), or the facts themselves.
//!
//! `talon export facts`: the ledger's records for whoever draws samples from them: a row a record - its header, its payload,
//! and the leaf hash by which it stands in the proof tree. Personal parts stay closed.
//!
//! Invariant: rows come in the order of partitions and positions, and the same records give the same bytes.

mod books;
mod folder;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use talon_journal::{Journal, Positions, Record, Stored};
use talon_proto::payload_to_json;
use talon_replay::leaf_hash;

use super::tail::record_json;
use crate::args::{Common, ExportCommand};
use crate::exit::{Exit, UsageError};
use crate::ledger;
use crate::show::{Bar, Screen, csv_line};

/// Longest list of ids.
const IDS_BYTES_MAX: u64 = 64 << 20;

const HEADS: [&str; 23] = [
    "partition",
    "position",
    "recorded_at",
    "occurred_at",
    "day",
    "kind",
    "name",
    "schema",
    "source",
    "merchant",
    "shop",
    "terminal",
    "terminal_epoch",
    "terminal_seq",
    "principal",
    "event_id",
    "stream_id",
    "sealed",
    "training",
    "imported",
    "clock_doubtful",
    "leaf_hash",
    "payload",
];

pub(crate) fn run(command: &ExportCommand, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    match command {
        ExportCommand::Facts { ids } => facts(ids.as_deref(), common, screen),
        ExportCommand::Day { date, args } => books::run([("DATE", date), ("DATE", date)], args, common, screen),
        ExportCommand::Period { from, to, args } => books::run([("--from", from), ("--to", to)], args, common, screen),
    }
}

fn facts(ids: Option<&Path>, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let mut wanted = ids.map(read_ids).transpose()?.map(Wanted::new);
    let journal = ledger::open_to_read(common.ledger()?)?;
    if !screen.is_json() {
        screen.raw(&csv_line(&HEADS.map(str::to_owned))?)?;
    }
    let bar = Bar::records(journal.ends().total(), "exporting");
    let (mut reader, mut done) = (journal.scan(&Positions::beginning())?, 0);
    while let Some(stored) = reader.next()? {
        done += 1;
        bar.at(done, done);
        if wanted.as_mut().is_none_or(|wanted| wanted.takes(&stored)) {
            show(&stored, screen)?;
        }
    }
    bar.finish();
    let missing = wanted.map(|wanted| wanted.missing()).unwrap_or_default();
    for id in &missing {
        let words = screen.say("n'est dans aucun enregistrement", "is in no record").to_owned();
        screen.remark(&format!("{id} {words}"))?;
    }
    Ok(if missing.is_empty() { Exit::Done } else { Exit::SomeRefused })
}

/// A line each: the id of an event, or of a payment.
fn read_ids(file: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mistake = |why: String| UsageError(format!("{} {why}", file.display()));
    let about = fs::metadata(file).map_err(|error| mistake(format!("cannot be read: {error}")))?;
    if about.len() > IDS_BYTES_MAX {
        return Err(mistake("is longer than 64 MiB".to_owned()).into());
    }
    let text = fs::read_to_string(file).map_err(|error| mistake(format!("cannot be read: {error}")))?;
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_lowercase).collect())
}

/// Ids that are asked for, and those that were found.
struct Wanted {
    ids: BTreeSet<String>,
    found: BTreeSet<String>,
}

impl Wanted {
    const fn new(ids: BTreeSet<String>) -> Self {
        Self { ids, found: BTreeSet::new() }
    }

    fn takes(&mut self, stored: &Stored<'_>) -> bool {
        let Ok(record) = Record::parse(stored.bytes) else { return false };
        let header = record.fact_header();
        let own = [header.event_id.to_string(), header.stream.to_string()];
        let named: Vec<_> = own.into_iter().filter(|id| self.ids.contains(id)).collect();
        let is_named = !named.is_empty();
        self.found.extend(named);
        is_named
    }

    fn missing(&self) -> Vec<String> {
        self.ids.difference(&self.found).cloned().collect()
    }
}

fn show(stored: &Stored<'_>, screen: &mut Screen) -> anyhow::Result<()> {
    let hash = leaf_hash(stored.bytes).to_string();
    let record = Record::parse(stored.bytes).ok();
    if screen.is_json() {
        let mut told = record.as_ref().map_or_else(
            || serde_json::json!({ "type": "foreign", "partition": stored.partition.0, "position": stored.position.0 }),
            |record| record_json(stored, record),
        );
        if let Value::Object(fields) = &mut told {
            fields.insert("leafHash".to_owned(), hash.into());
        }
        return Ok(screen.json(&told)?);
    }
    Ok(screen.raw(&csv_line(&cells(stored, record.as_ref(), hash))?)?)
}

fn cells(stored: &Stored<'_>, record: Option<&Record<'_>>, hash: String) -> Vec<String> {
    let place = [stored.partition.0.to_string(), stored.position.0.to_string()];
    let Some(record) = record else {
        let mut cells: Vec<_> = place.into_iter().collect();
        cells.resize(HEADS.len() - 2, String::new());
        cells.extend([hash, String::new()]);
        return cells;
    };
    let header = record.fact_header();
    let payload = payload_to_json(header.kind, header.schema, record.payload()).unwrap_or_default();
    let told = [
        header.recorded_at.rfc3339(),
        header.occurred_at.rfc3339(),
        header.day.to_string(),
        header.kind.0.to_string(),
        header.kind.name().to_owned(),
        header.schema.to_string(),
        header.source.name().to_owned(),
        header.merchant.to_string(),
        header.shop.to_string(),
        header.terminal.to_string(),
        header.terminal_epoch.0.to_string(),
        header.terminal_seq.0.to_string(),
        header.principal.0.to_string(),
        header.event_id.to_string(),
        header.stream.to_string(),
        header.sealed.to_string(),
        header.training.to_string(),
        header.imported.to_string(),
        header.clock_doubtful.to_string(),
        hash,
        payload,
    ];
    place.into_iter().chain(told).collect()
}
