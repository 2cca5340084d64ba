//! `talon publish --check`: through the door and the fold, and nothing is appended.
//!
//! It writes nothing, so it takes no index from the disk and leaves none: all ids of the ledger are read and held in
//! memory, 32 bytes each beside the history that is folded.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use talon_domain::fold::Verdict;
use talon_domain::ids::{PartitionId, Position, StreamKey};
use talon_intake::{Door, EventBatch, Group, Outcome, Publisher, Refusal, Seals};
use talon_journal::{IdIndex, Journal, Positions, Record, Stored};
use talon_replay::History;
use talon_vault::Entropy;

use crate::args::{Common, PublishArgs};
use crate::command::publish::{open, outcome_json};
use crate::command::transactions::rows;
use crate::exit::Exit;
use crate::show::{Screen, payment_json};
use crate::{clock, ledger};

pub(crate) fn run(args: &PublishArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let journal = ledger::open_to_read(common.ledger()?)?;
    let mut imagined = Imagined {
        history: ledger::history(&journal)?,
        ends: journal.ends(),
        touched: BTreeSet::new(),
        duplicates: 0,
        conflicts: 0,
    };
    let mut door = Door::new(IdIndex::of(&journal)?, Seals::imagined(), Entropy::from_os()?);
    let (mut messages, bar) = open(&args.file, args.format)?;
    let (mut events, mut group) = (EventBatch::new(), Group::new());
    let (mut appended, mut known, mut refused) = (0, 0, 0);
    loop {
        messages.fill(&mut events, args.batch.into())?;
        if events.is_empty() {
            break;
        }
        door.check(&events, &Publisher::local(), clock::now(), &journal, &mut group)?;
        for (number, refusal) in group.refusals(&events) {
            refused += 1;
            tell(number, refusal, screen)?;
        }
        known += group.duplicates() as u64;
        appended += group.batch().len() as u64;
        for number in imagined.take(&group, &events) {
            refused += 1;
            tell_conflict(number, screen)?;
        }
        bar.at(messages.bytes_read(), messages.bytes_read());
    }
    bar.finish();
    imagined.show(screen)?;
    let would = appended - imagined.duplicates - imagined.conflicts;
    conclude(would, known + imagined.duplicates, refused, screen)?;
    Ok(if refused > 0 { Exit::SomeRefused } else { Exit::Done })
}

/// What the ledger would be.
struct Imagined {
    history: History,
    ends: Positions,
    touched: BTreeSet<StreamKey>,
    duplicates: u64,
    conflicts: u64,
}

impl Imagined {
    /// Folds records behind the journal's end. An id that an earlier batch of the file told is found by the fold; the
    /// numbers of the events that contradict one are returned.
    fn take(&mut self, group: &Group, events: &EventBatch) -> Vec<u64> {
        let mut next: BTreeMap<PartitionId, Position> = BTreeMap::new();
        let mut contradicting = Vec::new();
        for ((partition, bytes), number) in group.batch().iter().zip(group.numbers(events)) {
            let position = *next.get(&partition).unwrap_or(&self.ends.next(partition));
            match self.history.take(&Stored { partition, position, bytes }) {
                Some(Verdict::Duplicate) => self.duplicates += 1,
                Some(Verdict::Conflict) => {
                    self.conflicts += 1;
                    contradicting.push(number);
                }
                _ => {
                    if let Ok(record) = Record::parse(bytes) {
                        self.touched.insert(record.fact_header().stream_key());
                    }
                }
            }
            next.insert(partition, Position(position.0 + 1));
        }
        for (partition, position) in next {
            self.ends.set(partition, position);
        }
        contradicting
    }

    fn show(&self, screen: &mut Screen) -> anyhow::Result<()> {
        let fold = self.history.fold();
        let streams = || {
            self.touched
                .iter()
                .filter_map(|key| Some((*key, fold.stream(*key)?)))
                .filter(|(_, stream)| stream.is_payment())
        };
        if screen.is_json() {
            for (key, stream) in streams() {
                let payment = payment_json(&stream.state(key), stream, screen.language);
                screen.json(&payment)?;
            }
            return Ok(());
        }
        let found = streams().map(|(key, stream)| (key, stream, stream.state(key))).collect::<Vec<_>>();
        if !found.is_empty() {
            screen.heading(screen.say("Ce que deviendraient les paiements", "What the payments would become"))?;
            rows(&found, screen)?;
        }
        Ok(())
    }
}

fn tell(number: u64, refusal: &Refusal, screen: &mut Screen) -> std::io::Result<()> {
    if screen.is_json() {
        return screen.json(&outcome_json(number, &Outcome::Refused(refusal.clone())));
    }
    let line = format!("{} {number}: {refusal}", screen.say("ligne", "line"));
    screen.remark(&line)
}

/// What the door says when it knows the first telling's place; here that one is in an earlier part of the same file.
fn tell_conflict(number: u64, screen: &mut Screen) -> std::io::Result<()> {
    const NAME: &str = "event_id_must_name_one_content";
    const ADVICE: &str = "an earlier line of this file says something else of it; give a new fact a new id";
    let message = format!("104 {NAME} at eventId: {ADVICE}");
    if screen.is_json() {
        return screen.json(&json!({
            "type": "event", "number": number, "outcome": "refused", "code": 104, "name": NAME,
            "place": "eventId", "advice": ADVICE, "message": message,
        }));
    }
    let line = format!("{} {number}: {message}", screen.say("ligne", "line"));
    screen.remark(&line)
}

fn conclude(would: u64, known: u64, refused: u64, screen: &mut Screen) -> std::io::Result<()> {
    if screen.is_json() {
        return screen.json(&json!({
            "type": "check", "wouldAppend": would, "duplicates": known, "refused": refused,
        }));
    }
    let counts = [
        screen.count(would, ["serait ajouté", "seraient ajoutés"], ["would be appended"; 2]),
        screen.count(known, ["déjà connu", "déjà connus"], ["known already"; 2]),
        screen.count(refused, ["refusé", "refusés"], ["refused"; 2]),
    ];
    screen.line(&counts.join(", "))
}
