//! `talon publish`: events from a file, through the door, into the journal.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::json;
use talon_intake::{EventBatch, MessageSource, Messages, Outcome, Publisher};

use crate::args::{Common, Format, PublishArgs};
use crate::exit::Exit;
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
    let (mut messages, bar) = open(&args.file, args.format)?;
    let mut ledger = ledger::open_to_write(dir, common)?;
    if keys::place(dir, common).inside_ledger {
        ledger::warn_key_inside(screen)?;
    }
    let publisher = Publisher { imported: args.imported, ..Publisher::local() };
    let mut events = EventBatch::new();
    let mut tally = Tally::default();
    let stop = Stop::asked()?;
    let mut heard = Ok(());
    while !stop.is_asked() {
        messages.fill(&mut events, args.batch.into()).context("the file could not be read to its end")?;
        if events.is_empty() {
            break;
        }
        let outcomes = ledger.door.publish(&events, &publisher, clock::now(), &ledger.journal, &mut ledger.group)?;
        outcomes.iter().for_each(|outcome| tally.count(outcome));
        // Whoever listened may be gone: that is no reason to leave the rest of the file out of the ledger.
        heard = heard.and_then(|()| report(&events, &outcomes, screen));
        bar.at(messages.bytes_read(), messages.bytes_read());
        if tally.has_failed() {
            break;
        }
    }
    bar.finish();
    if let Err(error) = heard.and_then(|()| tally.tell(screen)) {
        bail!("the answers could not be told ({error}); publish the same file again to hear them");
    }
    if let Err(error) = ledger.door.close() {
        let remark =
            format!("{}: {error}", screen.say("des clés inutilisées sont perdues", "unused keys are given up"));
        screen.remark(&remark)?;
    }
    if stop.is_asked() {
        screen.remark(screen.say(
            "Interrompu : ce qui précède est ajouté ; le même fichier encore une fois ajoutera le reste.",
            "Interrupted: what is told above is appended; the same file again appends the rest.",
        ))?;
        return Ok(Exit::Failed);
    }
    Ok(tally.exit())
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
    let opened = File::open(file).with_context(|| format!("{} cannot be opened", file.display()))?;
    let length = opened.metadata().map(|about| about.len()).unwrap_or_default();
    Ok((Messages::new(Box::new(opened), source), Bar::bytes(length, "reading")))
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
            "number": number,
            "outcome": if matches!(outcome, Outcome::Appended(_)) { "appended" } else { "duplicate" },
            "partition": place.partition.0,
            "position": place.position.0,
            "recordedAt": place.recorded_at.rfc3339(),
        }),
        Outcome::Refused(refusal) => json!({
            "number": number, "outcome": "refused", "code": refusal.number(), "name": refusal.name(),
            "place": refusal.place(), "advice": refusal.advice(), "message": refusal.to_string(),
        }),
        Outcome::NotAppended(reason) => json!({ "number": number, "outcome": "notAppended", "reason": &**reason }),
        Outcome::Unknown(reason) => json!({ "number": number, "outcome": "unknown", "reason": &**reason }),
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

    fn tell(&self, screen: &mut Screen) -> io::Result<()> {
        if screen.is_json() {
            return screen.json(&json!({
                "appended": self.appended, "duplicates": self.duplicates, "refused": self.refused,
                "notAppended": self.not_appended, "unknown": self.unknown,
            }));
        }
        let line = format!(
            "{} {}, {} {}, {} {}",
            self.appended,
            screen.say("ajoutés", "appended"),
            self.duplicates,
            screen.say("déjà connus", "known already"),
            self.refused,
            screen.say("refusés", "refused"),
        );
        screen.line(&line)?;
        if self.has_failed() {
            screen.remark(screen.say(
                "Le registre n'a pas tout pris : publiez le même fichier encore une fois, sans rien y changer.",
                "The ledger did not take everything: publish the same file again, unchanged.",
            ))?;
        }
        Ok(())
    }
}
