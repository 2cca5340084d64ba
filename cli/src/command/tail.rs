//! `talon tail`: the journal's last records, and those that come.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Journal, Positions, Record, Stored};
use talon_proto::payload_to_json;

use crate::args::{Common, TailArgs};
use crate::exit::{Exit, UsageError};
use crate::show::Screen;
use crate::stop::Stop;
use crate::{ledger, park};

/// How long one wait for more lasts; then it is asked again.
const PATIENCE: Duration = Duration::from_millis(500);

pub(crate) fn run(args: &TailArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let journal = ledger::open_to_read(common.ledger()?)?;
    let mut seen = match &args.since {
        None => last(&journal, args.lines, screen)?,
        Some(text) => {
            let wanted = || UsageError("--since wants a moment, as 2026-11-25T09:00, or a date".to_owned());
            let from = journal.positions_at(park::moment(text).ok_or_else(wanted)?)?;
            show_from(&journal, &from, screen)?
        }
    };
    if !args.follow {
        return Ok(Exit::Done);
    }
    let stop = Stop::asked()?;
    while !stop.is_asked() {
        screen.flush()?;
        if !journal.wait(&seen, PATIENCE)? {
            continue;
        }
        seen = show_from(&journal, &seen, screen)?;
    }
    Ok(Exit::Done)
}

/// Shows the records from there on and says how far that is.
fn show_from(journal: &dyn Journal, from: &Positions, screen: &mut Screen) -> anyhow::Result<Positions> {
    let mut ends = from.clone();
    let mut reader = journal.scan(from)?;
    while let Some(stored) = reader.next()? {
        show(&stored, screen)?;
        pass(&mut ends, &stored);
    }
    Ok(ends)
}

/// Shows the last records and says how far that is.
fn last(journal: &dyn Journal, count: usize, screen: &mut Screen) -> anyhow::Result<Positions> {
    let mut kept: VecDeque<(PartitionId, Position, Vec<u8>)> = VecDeque::new();
    let mut ends = Positions::beginning();
    let mut reader = journal.scan(&ends.clone())?;
    while let Some(stored) = reader.next()? {
        pass(&mut ends, &stored);
        if kept.len() == count {
            kept.pop_front();
        }
        if count > 0 {
            kept.push_back((stored.partition, stored.position, stored.bytes.to_vec()));
        }
    }
    for (partition, position, bytes) in kept {
        show(&Stored { partition, position, bytes: &bytes }, screen)?;
    }
    Ok(ends)
}

fn pass(ends: &mut Positions, stored: &Stored<'_>) {
    ends.set(stored.partition, Position(stored.position.0 + 1));
}

pub(super) fn show(stored: &Stored<'_>, screen: &mut Screen) -> std::io::Result<()> {
    let Ok(record) = Record::parse(stored.bytes) else {
        let foreign = json!({ "type": "foreign", "partition": stored.partition.0, "position": stored.position.0 });
        return if screen.is_json() { screen.json(&foreign) } else { screen.line(&foreign.to_string()) };
    };
    if screen.is_json() {
        return screen.json(&record_json(stored, &record));
    }
    let header = record.fact_header();
    screen.line(&format!(
        "p{:02}/{:<6} {}  {:<18} {:<8} {}/{}/{} {}",
        stored.partition.0,
        stored.position.0,
        header.recorded_at.rfc3339(),
        header.kind.name(),
        header.source.name(),
        header.merchant,
        header.shop,
        header.terminal,
        header.stream,
    ))
}

pub(super) fn record_json(stored: &Stored<'_>, record: &Record<'_>) -> Value {
    let header = record.fact_header();
    let payload = payload_to_json(header.kind, header.schema, record.payload()).ok();
    json!({
        "type": "record",
        "partition": stored.partition.0,
        "position": stored.position.0,
        "kind": header.kind.0,
        "name": header.kind.name(),
        "recordedAt": header.recorded_at.rfc3339(),
        "occurredAt": header.occurred_at.rfc3339(),
        "day": header.day.to_string(),
        "merchant": header.merchant.to_string(),
        "shop": header.shop.0,
        "terminal": header.terminal.0,
        "terminalEpoch": header.terminal_epoch.0,
        "terminalSeq": header.terminal_seq.0,
        "principal": header.principal.0,
        "source": header.source.name(),
        "eventId": header.event_id.to_string(),
        "streamId": header.stream.to_string(),
        "sealed": header.sealed,
        "training": header.training,
        "imported": header.imported,
        "clockDoubtful": header.clock_doubtful,
        "payload": payload.and_then(|text| serde_json::from_str::<Value>(&text).ok()),
    })
}
