//! `talon note add|list`: who looks after an item of the morning's list. A note moves no money: it says who, until when, and
//! what was seen; its words are sealed.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use talon_domain::fact::{Kind, NoteState};
use talon_intake::{Broadcast, Door, EventBatch, Outcome, Publisher, new_event_id};
use talon_journal::{Journal, PARTITIONS};
use talon_projections::notes::{SCHEMA, partitions_that_take_notes};
use talon_projections::worklist::Item;
use talon_proto::{event_from_json, payload_from_json};
use talon_vault::Entropy;

use crate::args::{AsOfArgs, Common, NoteAdd, NoteCommand, NoteList, NoteStateArg, typed_day};
use crate::exit::{Exit, UsageError};
use crate::ledger::Writing;
use crate::morning::Morning;
use crate::show::Screen;
use crate::{clock, ledger, views};

/// Longest text on standard input that is looked at.
const TEXT_BYTES_MAX: u64 = 4_096;

pub(crate) fn run(command: &NoteCommand, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    match command {
        NoteCommand::Add(args) => add(args, common, screen),
        NoteCommand::List(args) => list(args, common, screen),
    }
}

fn add(args: &NoteAdd, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let until = args.until.as_deref().map(|text| typed_day(text, "--until")).transpose()?;
    let words = words(&args.text)?;
    let views = views::open(common, &AsOfArgs::default(), None)?;
    let morning = Morning::of(&args.of, &views)?;
    let item = found(&args.item, &morning.list(&views)?.items)?;
    let said = json!({
        "merchant": item.id.merchant.to_string(),
        "source": "SOURCE_PERSON",
        "occurredAt": clock::now().rfc3339(),
        "personal": { "note": words },
        "noteAdded": {
            "stream": item.id.stream.to_string(),
            "code": item.id.code,
            "slot": item.id.slot,
            "state": format!("NOTE_STATE_{}", state(args.state).name().to_uppercase()),
            "untilDay": until.map(|day| day.to_string()).unwrap_or_default(),
            "toCode": args.to.as_deref().unwrap_or_default(),
            "authorCode": args.author,
            "seen": item.content.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
        },
    });
    // A replica's views may know of some partitions alone: then it is told again, which is recognised.
    let is_active = partitions_that_take_notes(views.reading()?)? == usize::from(PARTITIONS);
    drop(views);
    let place = append(said, is_active, common)?;
    tell(&item, args, &place, screen)
}

/// What is to be noted, typed or read.
fn words(text: &str) -> anyhow::Result<String> {
    if text != "-" {
        return Ok(text.to_owned());
    }
    let mut read = String::new();
    std::io::stdin().take(TEXT_BYTES_MAX).read_to_string(&mut read).context("standard input cannot be read")?;
    let read = read.trim().to_owned();
    if read.is_empty() {
        return Err(UsageError("--text -: nothing is on standard input".to_owned()).into());
    }
    Ok(read)
}

/// The item of a number. What is on no list can be noted by nobody.
fn found(number: &str, items: &[Item]) -> anyhow::Result<Item> {
    let wanted = number.trim().to_lowercase();
    let named: Vec<_> = items.iter().filter(|item| wanted.len() == 8 && item.number() == wanted).collect();
    match named[..] {
        [item] => Ok(item.clone()),
        [] => {
            Err(UsageError(format!("{number} is no item of this morning: talon note list shows their numbers")).into())
        }
        _ => Err(UsageError(format!("{number} is the number of several items: narrow it with --merchant")).into()),
    }
}

const fn state(asked: NoteStateArg) -> NoteState {
    match asked {
        NoteStateArg::Taken => NoteState::Taken,
        NoteStateArg::Waiting => NoteState::Waiting,
        NoteStateArg::Known => NoteState::Known,
    }
}

/// Appends the note; the first one of a ledger behind the activation of its kind.
fn append(mut said: Value, is_active: bool, common: &Common) -> anyhow::Result<String> {
    let Writing { journal, mut door, mut group, .. } = ledger::open_to_write(common.ledger()?, common)?;
    if !is_active {
        activate(&mut door, &journal)?;
    }
    let id = new_event_id(clock::now(), &mut Entropy::from_os()?);
    if let Some(fields) = said.as_object_mut() {
        fields.insert("eventId".to_owned(), id.to_string().into());
    }
    let mut event = Vec::new();
    event_from_json(said.to_string().as_bytes(), &mut event)?;
    let mut events = EventBatch::new();
    events.push(1, &event);
    let outcomes = door.publish(&events, &Publisher::local(), clock::now(), &journal, &mut group)?;
    door.close()?;
    match outcomes.first() {
        Some(Outcome::Appended(place) | Outcome::Duplicate(place)) => Ok(place.to_string()),
        Some(Outcome::Refused(refusal)) => Err(UsageError(refusal.to_string()).into()),
        Some(Outcome::NotAppended(why) | Outcome::Unknown(why)) => bail!("{why}"),
        None => bail!("the door gave no answer"),
    }
}

/// Notes are written behind the activation of their kind, which is told to every partition.
fn activate(door: &mut Door, journal: &dyn Journal) -> anyhow::Result<()> {
    let said = json!({ "kind": Kind::NOTE_ADDED.0, "schema": SCHEMA, "reason": "the first note" });
    let payload = payload_from_json(Kind::SCHEMA_ACTIVATED, said.to_string().as_bytes())?;
    let source_key = format!("schema:{}:{SCHEMA}", Kind::NOTE_ADDED.0);
    let principal = Publisher::local().principal;
    let what = Broadcast { kind: Kind::SCHEMA_ACTIVATED, source_key: &source_key, payload: &payload, principal };
    door.broadcast(&what, clock::now(), journal).context("the kind of notes could not be activated")?;
    Ok(())
}

fn tell(item: &Item, args: &NoteAdd, place: &str, screen: &mut Screen) -> anyhow::Result<Exit> {
    let name = state(args.state).name();
    if screen.is_json() {
        screen.json(&json!({
            "type": "note", "item": item.number(), "merchant": item.id.merchant.to_string(),
            "stream": item.id.stream.to_string(), "code": item.id.code, "slot": item.id.slot, "state": name,
            "until": args.until, "to": args.to, "author": args.author, "place": place,
        }))?;
        return Ok(Exit::Done);
    }
    let noted = screen.say("noté", "noted");
    screen.line(&format!("{} {noted} ({place}): {}", item.number(), item.kind.words(screen.language)))?;
    Ok(Exit::Done)
}

fn list(args: &NoteList, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let views = views::open(common, &args.as_of, None)?;
    let morning = Morning::of(&args.of, &views)?;
    let list = morning.list(&views)?;
    let items: Vec<_> = list.items.iter().filter(|item| !args.noted || item.note.is_some()).collect();
    if screen.is_json() {
        let items: Vec<_> = items.iter().map(|item| item_json(item, &morning, screen)).collect();
        screen.json(&views.with_foot(json!({
            "type": "worklist", "date": morning.day.to_string(), "at": morning.at.rfc3339(), "items": items,
        })))?;
        return Ok(Exit::Done);
    }
    let heads =
        [("Article", "Item"), ("Quoi", "What"), ("Boutique", "Shop"), (">Montant", ">Amount"), ("Note", "Note")];
    let rows: Vec<_> = items.iter().map(|item| row(item, &views, screen)).collect();
    if !rows.is_empty() {
        screen.table_of(&heads, rows)?;
    }
    let count = screen.count(items.len() as u64, ["article", "articles"], ["item", "items"]);
    screen.line(&count)?;
    views.foot(screen)?;
    Ok(Exit::Done)
}

fn row(item: &Item, views: &views::Views, screen: &Screen) -> Vec<String> {
    let amount = item.amount.map(|(currency, amount)| currency.words(amount, screen.language));
    vec![
        item.number(),
        item.kind.words(screen.language).to_owned(),
        views.shop_name(item.id.merchant, item.shop, item.day),
        amount.unwrap_or_default(),
        item.note.as_ref().map(|note| note_words(note, item.rests, screen)).unwrap_or_default(),
    ]
}

/// `taken by c7, to c9, until 2026-11-30`.
fn note_words(note: &talon_projections::notes::Note, rests: bool, screen: &Screen) -> String {
    let said = &note.said;
    let state = said.state.words(screen.language);
    let by = format!("{state} {} {}", screen.say("par", "by"), said.author);
    let to = said.to.as_ref().map(|to| format!("{} {to}", screen.say("à", "to")));
    let until = said.until.map(|day| format!("{} {day}", screen.say("jusqu'au", "until")));
    let back = (!rests).then(|| screen.say("de retour", "back on the list").to_owned());
    [by].into_iter().chain(to).chain(until).chain(back).collect::<Vec<_>>().join(", ")
}

fn item_json(item: &Item, morning: &Morning, screen: &Screen) -> Value {
    let note = item.note.as_ref().map(|note| {
        json!({
            "state": note.said.state.name(), "author": note.said.author.as_str(), "to": note.said.to.as_deref(),
            "until": note.said.until.map(|day| day.to_string()), "at": note.at.rfc3339(),
            "eventId": note.event_id.to_string(), "rests": item.rests,
        })
    });
    json!({
        "item": item.number(),
        "kind": item.kind.name(),
        "owner": item.kind.owner().name(),
        "merchant": item.id.merchant.to_string(),
        "stream": item.id.stream.to_string(),
        "code": item.id.code,
        "slot": item.id.slot,
        "shop": item.shop.0,
        "terminal": item.terminal.0,
        "provider": item.provider,
        "reference": item.reference(),
        "day": item.day.to_string(),
        "currency": item.amount.map(|(currency, _)| currency.code().to_owned()),
        "minorUnits": item.amount.map(|(_, amount)| amount.to_string()),
        "businessDays": item.age.business_days,
        "says": item.says(morning.at, screen.language),
        "advice": item.kind.advice(screen.language),
        "note": note,
    })
}
