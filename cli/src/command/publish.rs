//! `talon publish`: events from a file, through the door, into the journal.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::json;
use talon_intake::{EventBatch, MessageSource, Messages, Outcome, Publisher};

use crate::args::{Common, Format, PublishArgs};
use crate::exit::{Exit, UsageError};
use crate::ledger::Writing;
use crate::room::Room;
use crate::show::{Bar, Screen};
use crate::stop::Stop;
use crate::{clock, keys, ledger};

/// How many events met which fate.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) appended: u64,
    pub(crate) duplicates: u64,
    pub(crate) refused: u64,
    pub(crate) not_appended: u64,
    pub(crate) unknown: u64,
}

pub(crate) fn run(args: &PublishArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    let (messages, bar) = open(&args.file, args.format)?;
    let mut ledger = ledger::open_to_write(dir, common)?;
    let mut heard = ledger.journal.warn(screen);
    if keys::place(dir, common).inside_ledger {
        heard = heard.and_then(|()| ledger::warn_key_inside(screen));
    }
    let mut publication = Publication { messages, bar, stop: Stop::asked()?, tally: Tally::default(), heard };
    let ended = publication.append(args, &mut ledger, screen);
    let Publication { bar, stop, tally, heard, .. } = publication;
    bar.finish();
    let is_damaged = ledger.door.vault_is_damaged();
    // First what became of the events, whatever else went wrong.
    let heard = heard.and_then(|()| tally.tell(ledger.incarnation, screen)).and_then(|()| screen.flush());
    if let Err(error) = ledger.door.close() {
        let given_up = screen.say("des clés inutilisées sont perdues", "unused keys are given up");
        let _ = screen.remark(&format!("{given_up}: {error}"));
    }
    ended?;
    if tally.has_failed() {
        advise(is_damaged, Room::of(dir, ledger.journal.embedded().ok())?, screen)?;
    }
    if let Err(error) = heard {
        bail!("the answers could not be told ({error}); publish the same file again to hear them");
    }
    if stop.is_asked() {
        screen.remark(screen.say(
            "Interrompu : ce qui précède est ajouté ; le même fichier encore une fois ajoutera le reste.",
            "Interrupted: what is told above is appended; the same file again appends the rest.",
        ))?;
        return Ok(Exit::Failed);
    }
    Ok(if is_damaged { Exit::DamageFound } else { tally.exit() })
}

/// Says what to do before the same file is published again.
fn advise(is_damaged: bool, room: Option<Room>, screen: &mut Screen) -> io::Result<()> {
    if is_damaged {
        screen.remark(screen.say(
            "Le coffre est endommagé : restaurez d'abord une sauvegarde (docs/operations.md).",
            "The vault is damaged: restore a backup first (docs/operations.md).",
        ))?;
    }
    if let Some(room) = room.filter(Room::is_full) {
        let words = screen.say("Le disque est plein : faites de la place d'abord", "The disk is full: make room first");
        screen.remark(&format!("{words} ({}).", room.words(room.one, screen)))?;
    }
    screen.remark(screen.say(
        "Le registre n'a pas tout pris : publiez le même fichier encore une fois, sans rien y changer.",
        "The ledger did not take everything: publish the same file again, unchanged.",
    ))
}

/// A file on its way into a ledger.
struct Publication {
    messages: Messages<Box<dyn Read>>,
    bar: Bar,
    stop: Stop,
    tally: Tally,
    /// Whether the answers reached somebody. Nobody who listens is no reason to leave the rest of a file out.
    heard: io::Result<()>,
}

impl Publication {
    /// Appends to the file's end, until somebody asks to stop or the ledger takes no more.
    fn append(&mut self, args: &PublishArgs, ledger: &mut Writing, screen: &mut Screen) -> anyhow::Result<()> {
        let publisher = Publisher { imported: args.imported, ..Publisher::local() };
        let mut events = EventBatch::new();
        while !self.stop.is_asked() && !self.tally.has_failed() {
            self.messages.fill(&mut events, args.batch.into()).context("the file could not be read to its end")?;
            if events.is_empty() {
                break;
            }
            let Writing { journal, door, group, .. } = &mut *ledger;
            let mut outcomes = door.publish(&events, &publisher, clock::now(), journal, group)?;
            if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Unknown(_))) {
                // What came after all is known by its id; what did not is appended now, once.
                if let Ok(again) = door.publish(&events, &publisher, clock::now(), journal, group) {
                    read_back(&mut outcomes, again);
                }
            }
            outcomes.iter().for_each(|outcome| self.tally.count(outcome));
            if self.heard.is_ok() {
                self.heard = report(&events, &outcomes, screen);
            }
            self.bar.at(self.messages.bytes_read(), self.messages.bytes_read());
        }
        Ok(())
    }
}

/// What stands is not asked again: an event that was appended is a duplicate the second time. What fails again was not
/// made any surer by that: it stays unknown.
fn read_back(outcomes: &mut [Outcome], again: Vec<Outcome>) {
    for (outcome, again) in outcomes.iter_mut().zip(again) {
        let is_open = matches!(outcome, Outcome::Unknown(_) | Outcome::NotAppended(_));
        if is_open && matches!(again, Outcome::Appended(_) | Outcome::Duplicate(_)) {
            *outcome = again;
        }
    }
}

/// Opens a file of messages, or standard input, with a bar over its bytes.
pub(crate) fn open(file: &Path, format: Format) -> anyhow::Result<(Messages<Box<dyn Read>>, Bar)> {
    let source = match format {
        Format::Json => MessageSource::JsonLines,
        Format::Protobuf => MessageSource::Delimited,
    };
    if file == Path::new("-") {
        return Ok((Messages::new(Box::new(io::stdin()), source), Bar::bytes(0, "reading")));
    }
    let opened = match File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(no_file(file, "is not there")),
        opened => opened.with_context(|| format!("{} cannot be opened", file.display()))?,
    };
    let about = opened.metadata().with_context(|| format!("{} cannot be inspected", file.display()))?;
    if about.is_dir() {
        return Err(no_file(file, "is a folder"));
    }
    let length = about.len();
    Ok((Messages::new(Box::new(opened), source), Bar::bytes(length, "reading")))
}

fn no_file(file: &Path, why: &str) -> anyhow::Error {
    UsageError(format!("{} {why}: name a file of events, or - for standard input", file.display())).into()
}

/// Says what became of events: of each to a script, only of what went wrong to a person, and a long run of one failure
/// in one line.
fn report(events: &EventBatch, outcomes: &[Outcome], screen: &mut Screen) -> io::Result<()> {
    let number = |index: usize| events.number(index).unwrap_or_default();
    if screen.is_json() {
        for (index, outcome) in outcomes.iter().enumerate() {
            screen.json(&outcome_json(number(index), outcome))?;
        }
        return screen.flush();
    }
    let mut index = 0;
    for run in outcomes.chunk_by(|a, b| a == b && failure(a).is_some()) {
        if let Some(words) = run.first().and_then(failure) {
            let place = match (number(index), number(index + run.len() - 1)) {
                (first, last) if first == last => format!("{} {first}", screen.say("ligne", "line")),
                (first, last) => format!("{} {first}-{last}", screen.say("lignes", "lines")),
            };
            screen.remark(&format!("{place}: {words}"))?;
        }
        index += run.len();
    }
    Ok(())
}

fn failure(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Refused(refusal) => Some(refusal.to_string()),
        Outcome::NotAppended(reason) | Outcome::Unknown(reason) => Some(reason.to_string()),
        Outcome::Appended(_) | Outcome::Duplicate(_) => None,
    }
}

/// One event's fate as JSON.
pub(crate) fn outcome_json(number: u64, outcome: &Outcome) -> serde_json::Value {
    match outcome {
        Outcome::Appended(place) | Outcome::Duplicate(place) => json!({
            "type": "event",
            "number": number,
            "outcome": if matches!(outcome, Outcome::Appended(_)) { "appended" } else { "duplicate" },
            "partition": place.partition.0,
            "position": place.position.0,
            "recordedAt": place.recorded_at.rfc3339(),
        }),
        Outcome::Refused(refusal) => json!({
            "type": "event", "number": number, "outcome": "refused", "code": refusal.number(), "name": refusal.name(),
            "place": refusal.place(), "advice": refusal.advice(), "message": refusal.to_string(),
        }),
        Outcome::NotAppended(reason) => {
            json!({ "type": "event", "number": number, "outcome": "not_appended", "reason": &**reason })
        }
        Outcome::Unknown(reason) => {
            json!({ "type": "event", "number": number, "outcome": "unknown", "reason": &**reason })
        }
    }
}

impl Tally {
    pub(crate) fn count(&mut self, outcome: &Outcome) {
        let count = match outcome {
            Outcome::Appended(_) => &mut self.appended,
            Outcome::Duplicate(_) => &mut self.duplicates,
            Outcome::Refused(_) => &mut self.refused,
            Outcome::NotAppended(_) => &mut self.not_appended,
            Outcome::Unknown(_) => &mut self.unknown,
        };
        *count += 1;
    }

    const fn has_failed(&self) -> bool {
        self.not_appended > 0 || self.unknown > 0
    }

    const fn exit(&self) -> Exit {
        if self.has_failed() {
            Exit::Failed
        } else if self.refused > 0 {
            Exit::SomeRefused
        } else {
            Exit::Done
        }
    }

    fn tell(&self, incarnation: u32, screen: &mut Screen) -> io::Result<()> {
        if screen.is_json() {
            return screen.json(&json!({
                "type": "total", "appended": self.appended, "duplicates": self.duplicates, "refused": self.refused,
                "notAppended": self.not_appended, "unknown": self.unknown, "incarnation": incarnation,
            }));
        }
        let counts = [
            screen.count(self.appended, ["ajouté", "ajoutés"], ["appended"; 2]),
            screen.count(self.duplicates, ["déjà connu", "déjà connus"], ["known already"; 2]),
            screen.count(self.refused, ["refusé", "refusés"], ["refused"; 2]),
        ];
        screen.line(&counts.join(", "))
    }
}
