//! `talon history`: the story of one payment, record by record, with what each changed.

use anyhow::bail;
use serde_json::{Value, json};
use talon_domain::anomaly::Language;
use talon_domain::ids::StreamId;
use talon_journal::{Journal as _, Positions};
use talon_replay::{Change, Fate, Stories, Story, Teller, Telling};

use crate::args::{Common, HistoryArgs, Then};
use crate::exit::{Exit, UsageError};
use crate::ledger;
use crate::show::{Bar, Screen, Tone, as_of_foot, as_of_json, wrapped};

pub(crate) fn run(args: &HistoryArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let (id, then) = (stream(&args.id)?, args.as_of.read()?);
    let journal = ledger::open_to_read(common.ledger()?)?;
    let bar = Bar::records(journal.ends().total(), "reading");
    let told = Stories::of(&journal, &then.as_of, id, &mut |progress| bar.at(progress.done, progress.total));
    bar.finish();
    let Stories { stories, positions } = told.map_err(ledger::as_of_error)?;
    if stories.is_empty() {
        bail!("nothing in this ledger is told of {id}");
    }
    for story in &stories {
        if screen.is_json() {
            screen.json(&story_json(story, &then, &positions, screen.language))?;
        } else {
            tell(story, screen)?;
        }
    }
    if !screen.is_json() && then.is_asked {
        screen.line("")?;
        as_of_foot(&then, &positions, screen)?;
    }
    Ok(Exit::Done)
}

/// A transaction's id, or what names something beside payments: a line, a terminal, a payout.
fn stream(text: &str) -> anyhow::Result<StreamId> {
    let wanted = || UsageError(format!("{text} is no transaction's id, nor a stream's"));
    Ok(StreamId::parse_any(text.trim()).ok_or_else(wanted)?)
}

fn tell(story: &Story, screen: &mut Screen) -> std::io::Result<()> {
    let merchant = screen.say("commerçant", "merchant");
    let practice = if story.key.training { screen.say(", exercice", ", practice") } else { "" };
    screen.heading(&format!("Transaction {}, {merchant} {}{practice}", story.key.stream, story.key.merchant))?;
    for telling in &story.tellings {
        screen.line("")?;
        tell_one(telling, screen)?;
    }
    Ok(())
}

fn tell_one(telling: &Telling, screen: &mut Screen) -> std::io::Result<()> {
    let language = screen.language;
    let place = format!("p{}/{}", telling.place.partition, telling.place.position);
    let [happened, recorded] = telling.when(language);
    let head = wrapped(&format!("{place}  {}, {happened}, {recorded}", telling.who(language)), 0);
    for line in &head {
        let (place, rest) =
            line.split_at_checked(place.len()).filter(|(first, _)| *first == place).unwrap_or(("", line));
        screen.pieces(&[(place, Tone::Strong), (rest, Tone::Quiet)])?;
    }
    for line in wrapped(&telling.says(language), 2) {
        screen.line(&line)?;
    }
    let tone = if telling.changes.is_empty() { Tone::Quiet } else { Tone::Plain };
    for line in telling.outcome(language).iter().flat_map(|words| wrapped(words, 6)) {
        screen.pieces(&[(&line, tone)])?;
    }
    Ok(())
}

fn story_json(story: &Story, then: &Then, positions: &Positions, language: Language) -> Value {
    json!({
        "type": "history",
        "transactionId": story.key.stream.to_string(),
        "merchant": story.key.merchant.to_string(),
        "training": story.key.training,
        "records": story.tellings.iter().map(|telling| telling_json(telling, language)).collect::<Vec<_>>(),
        "as_of": as_of_json(&then.as_of, positions),
    })
}

fn telling_json(telling: &Telling, language: Language) -> Value {
    let header = &telling.header;
    json!({
        "partition": telling.place.partition.0,
        "position": telling.place.position.0,
        "eventId": header.event_id.to_string(),
        "streamId": header.stream.to_string(),
        "kind": header.kind.0,
        "name": header.kind.name(),
        "source": header.source.name(),
        "principal": header.principal.0,
        "occurredAt": header.occurred_at.rfc3339(),
        "recordedAt": header.recorded_at.rfc3339(),
        "fate": telling.fate.name(),
        "foreign": match telling.fate { Fate::Foreign(why) => Some(why.to_string()), _ => None },
        "says": telling.says(language),
        "toldBefore": telling.told_before.iter().map(teller_json).collect::<Vec<_>>(),
        "changes": telling.changes.iter().map(|change| change_json(change, language)).collect::<Vec<_>>(),
        "words": telling.outcome(language),
    })
}

fn teller_json(teller: &Teller) -> Value {
    json!({
        "partition": teller.place.partition.0, "position": teller.place.position.0, "source": teller.source.name(),
    })
}

fn change_json(change: &Change, language: Language) -> Value {
    json!({
        "what": change.what.name(),
        "which": change.what.which(),
        "was": change.was.as_ref().map(talon_replay::Value::name),
        "is": change.is.as_ref().map(talon_replay::Value::name),
        "words": change.words(language),
    })
}
