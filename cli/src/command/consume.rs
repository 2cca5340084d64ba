//! `talon consume`: follows the topic that gateways publish to, and pushes its events through the door.
//!
//! Stopped by a signal it commits and ends with 0; killed, it goes on from what it committed, and the door knows the rest.

use std::cell::{Cell, RefCell};

use serde_json::json;
use talon_consumers::{Gate, GateCounts, GateEvent, GateSetting};
use talon_kafka::{Connection, Inbox, Outbox, Role, TopicError, Topics};

use crate::args::{Common, ConsumeArgs};
use crate::exit::{Exit, UsageError};
use crate::ledger::Writing;
use crate::show::{Bar, Screen};
use crate::stop::Stop;
use crate::{clock, keys, ledger};

mod config;

use config::Config;
pub(crate) use config::address;

pub(crate) fn run(args: &ConsumeArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let config = Config::of(args)?;
    let dir = common.ledger()?;
    for (connection, role) in [(&config.from, Role::Intake), (&config.dead_letters, Role::DeadLetters)] {
        look_at(connection, role, screen)?;
    }
    let Writing { journal, mut door, .. } = ledger::open_to_write(dir, common)?;
    journal.warn(screen)?;
    if keys::place(dir, common).inside_ledger {
        ledger::warn_key_inside(screen)?;
    }
    let (inbox, dead) = (Inbox::join(&config.from, &config.group)?, Outbox::to(&config.dead_letters)?);
    let stop = Stop::asked()?;
    let told = Told::new(screen);
    let (tell, asked) = (|event| told.hear(&event), || stop.is_asked());
    let setting = GateSetting {
        inbox: &inbox,
        dead: &dead,
        journal: &journal,
        publisher: &config.publisher,
        clock: &clock::now,
        stop: &asked,
        tell: &tell,
        is_patient: !args.until_end,
    };
    let ended = Gate::open(setting, &mut door).run(!args.until_end);
    let counts = told.finish();
    if let Err(error) = door.close() {
        let given_up = screen.say("des clés inutilisées sont perdues", "unused keys are given up");
        screen.remark(&format!("{given_up}: {error}"))?;
    }
    total(&counts, stop.is_asked(), screen)?;
    ended?;
    Ok(if args.until_end && counts.dead > 0 { Exit::SomeRefused } else { Exit::Done })
}

/// A topic that is not there is said before anything is opened; what is wrong with one, is remarked.
fn look_at(connection: &Connection, role: Role, screen: &mut Screen) -> anyhow::Result<()> {
    let findings = match Topics::of(connection)?.check(role) {
        Err(TopicError::Absent(topic)) => {
            return Err(UsageError(format!("there is no topic {topic}: talon topics create makes it")).into());
        }
        findings => findings?,
    };
    for finding in findings {
        screen.remark(&format!("{}: {}: {finding}", screen.say("attention", "warning"), connection.topic()))?;
    }
    Ok(())
}

/// Hears what happens at the gate, shows it, and adds it up.
struct Told<'s> {
    screen: RefCell<&'s mut Screen>,
    bar: RefCell<Option<Bar>>,
    counts: Cell<GateCounts>,
}

impl<'s> Told<'s> {
    fn new(screen: &'s mut Screen) -> Self {
        Self { screen: RefCell::new(screen), bar: RefCell::new(None), counts: Cell::default() }
    }

    /// Nobody may be there to read it: events are taken all the same.
    fn hear(&self, event: &GateEvent) {
        let mut screen = self.screen.borrow_mut();
        let words = match event {
            GateEvent::Took(took) => {
                self.counts.set(sum(&self.counts.get(), took));
                let done = messages(&self.counts.get());
                return self.bar.borrow_mut().get_or_insert_with(|| Bar::records(done, "taking")).at(done, done);
            }
            GateEvent::Lost(lost) => format!(
                "{} {}/{} – {}/{}: {}",
                screen.say("perdus", "lost"),
                lost.partition,
                lost.from,
                lost.partition,
                lost.to.saturating_sub(1),
                screen.say(
                    "effacés du topic avant d'être pris ; demandez-les à qui publie",
                    "deleted from the topic before they were taken; ask whoever publishes for them",
                ),
            ),
            GateEvent::Waiting(reason) => {
                format!("{}: {reason}", screen.say("en attente, nouvel essai", "waiting, and trying again"))
            }
            _ => return,
        };
        self.bar.take().into_iter().for_each(Bar::finish);
        drop(screen.remark(&words));
    }

    fn finish(self) -> GateCounts {
        self.bar.take().into_iter().for_each(Bar::finish);
        self.counts.get()
    }
}

fn sum(a: &GateCounts, b: &GateCounts) -> GateCounts {
    GateCounts {
        appended: a.appended + b.appended,
        duplicates: a.duplicates + b.duplicates,
        dead: a.dead + b.dead,
        refused_facts: a.refused_facts + b.refused_facts,
        untold: a.untold + b.untold,
    }
}

const fn messages(counts: &GateCounts) -> u64 {
    counts.appended + counts.duplicates + counts.dead
}

fn total(counts: &GateCounts, stopped: bool, screen: &mut Screen) -> std::io::Result<()> {
    if screen.is_json() {
        return screen.json(&json!({
            "type": "consume", "appended": counts.appended, "duplicates": counts.duplicates, "deadLetters": counts.dead,
            "refusedFacts": counts.refused_facts, "untold": counts.untold, "stopped": stopped,
        }));
    }
    let words = [
        screen.count(counts.appended, ["ajouté", "ajoutés"], ["appended"; 2]),
        screen.count(counts.duplicates, ["déjà connu", "déjà connus"], ["known already"; 2]),
        screen.count(counts.dead, ["lettre morte", "lettres mortes"], ["dead letter", "dead letters"]),
    ];
    screen.line(&words.join(", "))?;
    if counts.dead > 0 {
        screen.line(screen.say("  talon dlq list dit pourquoi", "  talon dlq list says why"))?;
    }
    Ok(())
}
