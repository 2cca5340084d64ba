//! `talon dlq`: what could not be taken from the topic of events, why, and what is done about it.
//!
//! A letter is named by where it came from, `topic/partition/offset`; one that is there twice, because a process was killed
//! between its letter and its position, is one letter. What was decided of it is told by the ledger's technical log.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde_json::{Value, json};
use talon_domain::fact::{Kind, Source};
use talon_domain::ids::{MerchantId, Position};
use talon_journal::{Journal, Record, partition_of};
use talon_kafka::{CONTENT_TYPE, Connection, Letter, Outbox, Reason, Role, Topics, read_letters};
use talon_proto::payload_to_json;

use super::consume::address;
use crate::args::{Common, DlqArgs, DlqCommand, LettersArgs};
use crate::exit::{Exit, UsageError};
use crate::ledger;
use crate::show::Screen;

/// A letter, why it is one, and what was decided of it.
struct Dead {
    /// Without its value: the topic holds letters of many days.
    letter: Letter,
    bytes: usize,
    reason: Reason,
    fate: Option<Fate>,
}

/// What was decided of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Retried,
    Discarded,
}

/// Letters by where they came from.
type Letters = BTreeMap<Origin, Dead>;

/// Topic, partition and offset that a letter came from.
type Origin = (String, i32, i64);

pub(crate) fn run(args: &DlqArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let from = args.from.as_deref().ok_or_else(|| UsageError("--from is not said: kafka://HOST:PORT/TOPIC".into()))?;
    let connection = address(from, Role::DeadLetters)?;
    let dir = common.ledger()?;
    let letters = letters(&connection, &ledger::open_to_read(dir)?)?;
    match &args.command {
        DlqCommand::List { all } => list(&letters, *all, screen)?,
        DlqCommand::Show { letter, value: true } => {
            let dead = find(&letters, letter)?;
            let whole = whole(&connection, &[dead])?.into_values().next().and_then(|letter| letter.value);
            screen.raw_bytes(&whole.unwrap_or_default())?;
        }
        DlqCommand::Show { letter, value: false } => show(find(&letters, letter)?, screen)?,
        DlqCommand::Retry { which } => {
            let chosen = chosen(&letters, which)?;
            for (topic, group) in by_topic(&chosen) {
                let again: Vec<_> = whole(&connection, &group)?.into_values().map(|letter| letter.again()).collect();
                let target = connection.with_topic(topic)?;
                require_events(&target)?;
                Outbox::to(&target)?.send(&again)?;
            }
            tell(&chosen, which, None, common, screen)?;
        }
        DlqCommand::Discard { which, reason } => {
            tell(&chosen(&letters, which)?, which, Some(reason), common, screen)?;
        }
    }
    Ok(Exit::Done)
}

/// Where a letter came from is what its headers say, and whoever may write to the topic of dead letters writes headers: what
/// keeps its messages for ever is no topic of events, but perhaps a journal.
fn require_events(target: &Connection) -> anyhow::Result<()> {
    let findings = Topics::of(target)?.check(Role::Intake)?;
    match findings.iter().find(|finding| finding.is_fault) {
        Some(fault) => Err(UsageError(format!("{target} is no topic of events: {fault}")).into()),
        None => Ok(()),
    }
}

/// Reads the topic, and what the technical log says of its letters. What was decided before a letter was written is about
/// an older one of the same place: the topic of events may have been made anew.
fn letters(connection: &Connection, journal: &dyn Journal) -> anyhow::Result<Letters> {
    let mut letters = Letters::new();
    read_letters(connection, &mut |letter| {
        let Some(reason) = letter.reason() else { return };
        let bytes = letter.value.as_ref().map_or(0, Vec::len);
        let letter = Letter { value: None, ..letter };
        letters.insert(origin(&reason), Dead { letter, bytes, reason, fate: None });
    })?;
    let log = partition_of(MerchantId(0));
    let mut reader = journal.read(log, Position(0))?;
    while let Some(stored) = reader.next()? {
        let Some((place, fate, at)) = Record::parse(stored.bytes).ok().and_then(|record| decided(&record)) else {
            continue;
        };
        if let Some(dead) = letters.get_mut(&place).filter(|dead| dead.letter.written_at.is_none_or(|of| of <= at)) {
            dead.fate = Some(fate);
        }
    }
    Ok(letters)
}

/// Of which letter something was decided, what, and when in milliseconds since 1970.
fn decided(record: &Record<'_>) -> Option<(Origin, Fate, i64)> {
    let fate = match record.kind() {
        Kind::DEAD_LETTER_RETRIED => Fate::Retried,
        Kind::DEAD_LETTER_DISCARDED => Fate::Discarded,
        _ => return None,
    };
    let header = Some(record.fact_header()).filter(|header| header.source == Source::Ledger)?;
    let fact: Value =
        serde_json::from_str(&payload_to_json(header.kind, header.schema, record.payload()).ok()?).ok()?;
    Some((place(fact.get("letter")?.as_str()?)?, fate, header.recorded_at.0.div_euclid(1_000)))
}

fn origin(reason: &Reason) -> Origin {
    (reason.topic.clone(), reason.partition, reason.offset)
}

/// Reads what a letter is called.
fn place(text: &str) -> Option<Origin> {
    let mut parts = text.rsplitn(3, '/');
    let (offset, partition, topic) = (parts.next()?, parts.next()?, parts.next()?);
    Some((topic.to_owned(), partition.parse().ok()?, offset.parse().ok()?))
}

/// `talon.intake.v1/12/345`; a topic's name has 249 characters at most, so this is a text of a fact.
fn name(reason: &Reason) -> String {
    format!("{}/{}/{}", reason.topic, reason.partition, reason.offset)
}

/// Letters with their values, read anew: of one that is there twice the last one.
fn whole(connection: &Connection, chosen: &[&Dead]) -> anyhow::Result<BTreeMap<Origin, Letter>> {
    let wanted: BTreeSet<_> = chosen.iter().map(|dead| origin(&dead.reason)).collect();
    let mut whole = BTreeMap::new();
    read_letters(connection, &mut |letter| {
        let origin = letter.reason().map(|reason| origin(&reason));
        if let Some(origin) = origin.filter(|origin| wanted.contains(origin)) {
            whole.insert(origin, letter);
        }
    })?;
    Ok(whole)
}

fn find<'l>(letters: &'l Letters, text: &str) -> anyhow::Result<&'l Dead> {
    let asked =
        place(text).ok_or_else(|| UsageError(format!("{text} is no letter: name one as talon dlq list does")))?;
    let found = letters.get(&asked);
    Ok(found.ok_or_else(|| UsageError(format!("there is no letter {text}: talon dlq list --all")))?)
}

fn chosen<'l>(letters: &'l Letters, which: &LettersArgs) -> anyhow::Result<Vec<&'l Dead>> {
    if which.letters.is_empty() {
        let is_meant = |dead: &&Dead| which.code.is_none_or(|code| dead.reason.code == code);
        return Ok(letters.values().filter(|dead| dead.fate.is_none()).filter(is_meant).collect());
    }
    which.letters.iter().map(|text| find(letters, text)).collect()
}

fn by_topic<'l>(chosen: &[&'l Dead]) -> BTreeMap<&'l str, Vec<&'l Dead>> {
    let mut groups: BTreeMap<&str, Vec<&Dead>> = BTreeMap::new();
    chosen.iter().for_each(|dead| groups.entry(&dead.reason.topic).or_default().push(dead));
    groups
}

/// Writes into the technical log what was done with letters; `reason` is why they are given up.
fn tell(
    chosen: &[&Dead],
    which: &LettersArgs,
    reason: Option<&String>,
    common: &Common,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let journal = ledger::open_log(common.ledger()?)?;
    for dead in chosen {
        let (letter, author) = (name(&dead.reason), &which.author_code);
        let (kind, fact) = match reason {
            None => (Kind::DEAD_LETTER_RETRIED, json!({ "letter": letter, "authorCode": author })),
            Some(why) => {
                (Kind::DEAD_LETTER_DISCARDED, json!({ "letter": letter, "authorCode": author, "reason": why }))
            }
        };
        let told = ledger::append_technical(&journal, kind, &fact);
        told.with_context(|| format!("{} is not told in the technical log", name(&dead.reason)))?;
    }
    let count = u64::try_from(chosen.len()).unwrap_or(u64::MAX);
    if screen.is_json() {
        let what = if reason.is_some() { "discarded" } else { "retried" };
        screen.json(&json!({ "type": "letters", what: count }))?;
        return Ok(());
    }
    let words = match reason {
        None => screen.count(
            count,
            ["lettre renvoyée à son topic", "lettres renvoyées à leur topic"],
            ["letter sent to its topic again", "letters sent to their topic again"],
        ),
        Some(_) => {
            screen.count(count, ["lettre abandonnée", "lettres abandonnées"], ["letter given up", "letters given up"])
        }
    };
    Ok(screen.line(&words)?)
}

fn list(letters: &Letters, all: bool, screen: &mut Screen) -> std::io::Result<()> {
    let shown: Vec<_> = letters.values().filter(|dead| all || dead.fate.is_none()).collect();
    if screen.is_json() {
        let letters: Vec<_> = shown.iter().map(|dead| dead_json(dead)).collect();
        return screen.json(&json!({ "type": "letters", "letters": letters }));
    }
    if shown.is_empty() {
        let words = screen.say("Aucune lettre n'attend.", "No letter waits.");
        return screen.line(words);
    }
    let heads = ["lettre|letter", "clé|key", "essais|attempts", "état|state", "pourquoi|why"];
    let heads = heads.map(|words| words.split_once('|').map_or(words, |(french, english)| screen.say(french, english)));
    let rows = shown.iter().map(|dead| {
        let state = match dead.fate {
            None => screen.say("attend", "waits"),
            Some(Fate::Retried) => screen.say("renvoyée", "retried"),
            Some(Fate::Discarded) => screen.say("abandonnée", "discarded"),
        };
        let attempts = dead.reason.attempts.to_string();
        vec![name(&dead.reason), key(dead), attempts, state.to_owned(), dead.reason.sentence.clone()]
    });
    let rows = rows.collect();
    screen.table(&heads, rows)
}

/// The key, if it is a merchant's number: anything else may be a person's.
fn key(dead: &Dead) -> String {
    let text = dead.letter.key.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let is_merchant = (1..=9).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    if is_merchant { text.into_owned() } else { String::new() }
}

fn show(dead: &Dead, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        screen.json(&json!({ "type": "letters", "letters": [dead_json(dead)] }))?;
        return Ok(());
    }
    let length = dead.bytes;
    let bytes = screen.say("octets ; --value les montre", "bytes; --value shows them");
    screen.line(&format!("{}: {}", name(&dead.reason), dead.reason.sentence))?;
    screen.line(&format!("  {length} {bytes}"))?;
    for (header, value) in &dead.letter.headers {
        let value = value.as_deref().unwrap_or_default();
        let shown = if is_harmless(header) { String::from_utf8_lossy(value).into_owned() } else { "…".to_owned() };
        screen.line(&format!("  {header}: {shown}"))?;
    }
    Ok(())
}

/// Whether a header is of a kind that holds nobody's data.
fn is_harmless(header: &str) -> bool {
    header.starts_with("talon-") || header.eq_ignore_ascii_case(CONTENT_TYPE)
}

fn dead_json(dead: &Dead) -> Value {
    let Reason { code, sentence, topic, partition, offset, attempts, .. } = &dead.reason;
    let state = match dead.fate {
        None => "waits",
        Some(Fate::Retried) => "retried",
        Some(Fate::Discarded) => "discarded",
    };
    json!({
        "letter": name(&dead.reason), "topic": topic, "partition": partition, "offset": offset, "code": code,
        "reason": sentence, "attempts": attempts, "state": state, "key": key(dead),
        "bytes": dead.bytes,
    })
}
