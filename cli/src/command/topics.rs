//! `talon topics`: the topics that a ledger on Kafka needs, made, and held against what they have to be.

use serde_json::json;
use talon_kafka::{Connection, Finding, Role, TopicError, Topics};

use crate::args::{TopicsArgs, TopicsCommand};
use crate::exit::{Exit, UsageError};
use crate::show::{Screen, Tone};

/// What a cluster has of a topic.
struct Found {
    topic: String,
    is_made: bool,
    findings: Vec<Finding>,
}

pub(crate) fn run(args: &TopicsArgs, screen: &mut Screen) -> anyhow::Result<Exit> {
    let (url, makes) = match &args.command {
        TopicsCommand::Create(cluster) => (&cluster.url, true),
        TopicsCommand::Check(cluster) => (&cluster.url, false),
    };
    let journal = Connection::parse(url).map_err(|error| UsageError(error.to_string()))?;
    let mut all = Vec::new();
    for (connection, role) in topics(&journal)? {
        all.push(look(&connection, role, makes)?);
    }
    if screen.is_json() {
        screen.json(&json!({ "type": "topics", "topics": all.iter().map(found_json).collect::<Vec<_>>() }))?;
    } else {
        all.iter().try_for_each(|found| tell(found, screen))?;
    }
    let is_safe = all.iter().flat_map(|found| &found.findings).all(|finding| !finding.is_fault);
    Ok(if is_safe { Exit::Done } else { Exit::DamageFound })
}

/// The journal's topic by the address, the others by their own names.
fn topics(journal: &Connection) -> anyhow::Result<Vec<(Connection, Role)>> {
    let named = |role: Role| Ok((journal.with_topic(role.topic())?, role));
    let others: anyhow::Result<Vec<_>> = [Role::Intake, Role::DeadLetters].into_iter().map(named).collect();
    Ok(std::iter::once((journal.clone(), Role::Journal)).chain(others?).collect())
}

fn look(connection: &Connection, role: Role, makes: bool) -> anyhow::Result<Found> {
    let topics = Topics::of(connection)?;
    let (is_made, findings) = match topics.check(role) {
        Err(TopicError::Absent(_)) if makes => match topics.create(role) {
            // The client asks again when a broker dies, and hears then that it is there.
            Ok(()) | Err(TopicError::Exists(_)) => (true, topics.check(role)?),
            Err(error) => return Err(error.into()),
        },
        findings => (false, findings?),
    };
    Ok(Found { topic: connection.topic().to_owned(), is_made, findings })
}

fn tell(found: &Found, screen: &mut Screen) -> std::io::Result<()> {
    let what = if found.is_made { screen.say("créé", "made") } else { screen.say("présent", "there") };
    let is_safe = found.findings.iter().all(|finding| !finding.is_fault);
    let verdict = if is_safe {
        (screen.say("garde tout ce qu'il faut", "keeps what it has to"), Tone::Good)
    } else {
        (screen.say("pourrait perdre des enregistrements", "could lose records"), Tone::Bad)
    };
    screen.pieces(&[(&format!("{} ({what}): ", found.topic), Tone::Plain), verdict])?;
    for finding in &found.findings {
        let (words, tone) = if finding.is_fault {
            (screen.say("faute", "fault"), Tone::Bad)
        } else {
            (screen.say("attention", "warning"), Tone::Plain)
        };
        screen.pieces(&[(&format!("  {words}: {finding}"), tone)])?;
    }
    Ok(())
}

fn found_json(found: &Found) -> serde_json::Value {
    let findings: Vec<_> = found
        .findings
        .iter()
        .map(|finding| {
            json!({
                "setting": finding.setting, "found": finding.found, "wanted": finding.wanted, "fault": finding.is_fault,
            })
        })
        .collect();
    json!({ "topic": found.topic, "made": found.is_made, "findings": findings })
}
