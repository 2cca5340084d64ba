//! `talon calendar add|list`: the closed days of a year, told to every partition.

use serde_json::{Value, json};
use talon_domain::claim::natural_stream;
use talon_domain::fact::{Calendar, Kind, Ordinal, Payload};
use talon_domain::fold::Fold;
use talon_domain::ids::{MerchantId, PartitionId, StreamKey};
use talon_intake::{Broadcast, BroadcastError, Publisher};
use talon_journal::PARTITIONS;
use talon_proto::payload_from_json;

use crate::args::{CalendarAdd, CalendarCommand, Common};
use crate::exit::Exit;
use crate::park::{Refused, calendar_body, decided};
use crate::show::{Screen, Tone};
use crate::{clock, ledger};

mod days;

use days::{Unfit, closed_days};

pub(crate) fn run(command: &CalendarCommand, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    match command {
        CalendarCommand::Add(args) => add(args, common, screen),
        CalendarCommand::List => list(common, screen),
    }
}

/// What became of a calendar.
struct Stated {
    outcome: &'static str,
    revision: u64,
    appended: usize,
}

fn add(args: &CalendarAdd, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    let id = format!("{}-{}", args.name.trim(), args.year);
    let closed_days = match closed_days(args) {
        Ok(days) => days,
        Err(Unfit::Fault(fault)) => return refuse(&id, &fault.into(), screen),
        Err(Unfit::Failed(error)) => return Err(error),
    };
    let calendar = Calendar {
        id: id.as_str().into(),
        version: Ordinal::new(1),
        closed_days,
        decided: decided(&args.by.author_code, &args.by.reason),
        revision: 0,
    };
    let mut ledger = ledger::open_to_write(dir, common)?;
    let history = ledger::history(&ledger.journal)?;
    let (calendar, outcome) = beside(calendar, newest(history.fold(), &id));
    let payload = payload_from_json(Kind::CALENDAR_REGISTERED, calendar_body(&calendar).to_string().as_bytes());
    let payload = match payload {
        Ok(payload) => payload,
        Err(fault) => return refuse(&id, &Refused::Door(fault.into()), screen),
    };
    let key = source_key(&calendar);
    let principal = Publisher::local().principal;
    let what = Broadcast { kind: Kind::CALENDAR_REGISTERED, source_key: &key, payload: &payload, principal };
    let told = match ledger.door.broadcast(&what, clock::now(), &ledger.journal) {
        Err(BroadcastError::Refused(refusal)) => return refuse(&id, &Refused::Door(refusal), screen),
        told => told?,
    };
    ledger.door.close()?;
    let outcome = if outcome == "same" && told.appended > 0 { "resumed" } else { outcome };
    tell(&calendar, &Stated { outcome, revision: calendar.revision, appended: told.appended }, screen)?;
    Ok(Exit::Done)
}

/// "calendar:TARGET-2026:1"; a later revision is told under a name of its own.
fn source_key(calendar: &Calendar) -> String {
    let key = format!("calendar:{}:{}", calendar.id, calendar.version.get());
    if calendar.revision == 0 { key } else { format!("{key}:{}", calendar.revision) }
}

/// The statement to tell: the one that stands if it says the same, so that it is finished, else the next revision.
fn beside(wanted: Calendar, standing: Option<Calendar>) -> (Calendar, &'static str) {
    match standing {
        Some(standing) if standing.closed_days == wanted.closed_days => (standing, "same"),
        Some(standing) => (Calendar { revision: standing.revision.saturating_add(1), ..wanted }, "changed"),
        None => (wanted, "new"),
    }
}

/// The newest statement of a calendar that any partition has heard.
fn newest(fold: &Fold, id: &str) -> Option<Calendar> {
    let heard = heard(fold, id).into_iter().map(|(_, calendar)| calendar);
    heard.max_by_key(|calendar| calendar.revision).cloned()
}

/// What each partition has heard of a calendar.
fn heard<'f>(fold: &'f Fold, id: &str) -> Vec<(PartitionId, &'f Calendar)> {
    let named = Calendar {
        id: id.into(),
        version: Ordinal::new(1),
        closed_days: Vec::new(),
        decided: talon_domain::fact::Decided::default(),
        revision: 0,
    };
    let stream = natural_stream(&Payload::Calendar(named)).unwrap_or_default();
    let key = StreamKey { merchant: MerchantId(0), stream, training: false };
    let shown = fold.partitions().filter_map(|(id, partition)| Some((id, partition.stream(key)?.shown()?)));
    shown
        .filter_map(|(id, fact)| match &fact.payload {
            Payload::Calendar(calendar) => Some((id, calendar)),
            _ => None,
        })
        .collect()
}

fn refuse(id: &str, refused: &Refused, screen: &mut Screen) -> anyhow::Result<Exit> {
    let language = screen.language;
    if screen.is_json() {
        screen.json(&json!({
            "type": "calendar", "id": id, "outcome": "refused", "revision": null, "days": null, "partitionsTold": 0,
            "code": refused.number(), "name": refused.name(), "place": refused.place(),
            "advice": refused.advice(language), "message": refused.words(language),
        }))?;
    } else {
        screen.remark(&format!("{id}: {}", refused.words(language)))?;
    }
    Ok(Exit::SomeRefused)
}

fn tell(calendar: &Calendar, stated: &Stated, screen: &mut Screen) -> std::io::Result<()> {
    if screen.is_json() {
        return screen.json(&json!({
            "type": "calendar", "id": &*calendar.id, "outcome": stated.outcome, "revision": stated.revision,
            "days": calendar.closed_days.len(), "partitionsTold": stated.appended,
            "code": null, "name": null, "place": null, "advice": null, "message": null,
        }));
    }
    let (words, tone) = match stated.outcome {
        "new" => (screen.say("nouveau", "new"), Tone::Good),
        "changed" => (screen.say("modifié", "changed"), Tone::Good),
        "resumed" => (screen.say("complété", "completed"), Tone::Good),
        _ => (screen.say("rien à changer", "nothing to change"), Tone::Quiet),
    };
    let days =
        screen.count(calendar.closed_days.len() as u64, ["jour fermé", "jours fermés"], ["closed day", "closed days"]);
    let told = screen.count(
        stated.appended as u64,
        ["partition informée", "partitions informées"],
        ["partition told", "partitions told"],
    );
    screen.pieces(&[
        (&format!("{}: ", calendar.id), Tone::Plain),
        (words, tone),
        (&format!(" ({days}, {told})"), Tone::Plain),
    ])
}

fn list(common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let journal = ledger::open_to_read(common.ledger()?)?;
    let history = ledger::history(&journal)?;
    let fold = history.fold();
    let mut ids: Vec<&str> = fold
        .partitions()
        .flat_map(|(_, partition)| partition.facts())
        .filter_map(|fact| match &fact.payload {
            Payload::Calendar(calendar) => Some(&*calendar.id),
            _ => None,
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let calendars: Vec<_> = ids
        .into_iter()
        .filter_map(|id| {
            let calendar = newest(fold, id)?;
            let told = heard(fold, id).iter().filter(|(_, heard)| **heard == calendar).count();
            Some((calendar, told))
        })
        .collect();
    if screen.is_json() {
        let entries: Vec<Value> = calendars.iter().map(|(calendar, told)| entry_json(calendar, *told)).collect();
        screen.json(&json!({ "type": "calendars", "calendars": entries }))?;
        return Ok(Exit::Done);
    }
    for (calendar, told) in &calendars {
        screen.heading(&calendar.id)?;
        for (day, label) in &calendar.closed_days {
            screen.line(format!("  {day}  {}", label.as_deref().unwrap_or_default()).trim_end())?;
        }
        if *told < usize::from(PARTITIONS) {
            let unfinished = screen.say(
                "partitions informées ; à compléter avec `calendar add`",
                "partitions told; finish it with `calendar add`",
            );
            screen.line(&format!("  {told}/{PARTITIONS} {unfinished}"))?;
        }
    }
    let count = screen.count(calendars.len() as u64, ["calendrier", "calendriers"], ["calendar", "calendars"]);
    screen.line(&count)?;
    Ok(Exit::Done)
}

fn entry_json(calendar: &Calendar, told: usize) -> Value {
    let mut said = calendar_body(calendar);
    if let Some(fields) = said.as_object_mut() {
        fields.insert("partitionsTold".into(), json!(told));
    }
    said
}
