//! Rules that are not kept, and those that were not for a time.
//!
//! A rule that was not kept for an hour is nobody's business; one that was not when a day of recording ended was in that
//! evening's books, and stays with the fact that cleared it.

use talon_domain::fact::{Fact, Payload};
use talon_domain::ids::{EventId, StreamKey};
use talon_domain::time::Day;

use super::super::anomaly::{CLOCK_SHOULD_BE_RIGHT, EVENT_ID_MUST_NAME_ONE_CONTENT};
use super::super::payment::judge;
use super::super::slot::{self, Slot};
use super::Prefix;

/// A rule that is not kept, or was not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The code's number.
    pub code: u16,
    /// The slot's name for people.
    pub slot: String,
    /// In which stream.
    pub key: StreamKey,
    /// The day of recording at whose end it stood first.
    pub since: u16,
    /// What cleared it; `None` of one that stands.
    pub cleared: Option<Clearing>,
}

/// The fact after which a rule was kept again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clearing {
    /// Which.
    pub event_id: EventId,
    /// The kind's number.
    pub kind: u16,
    /// By whose word, by its stable name.
    pub source: String,
    /// The day on which it was recorded.
    pub day: u16,
}

/// One row while a stream is walked.
struct Row {
    code: u16,
    slot: Slot,
    since: Day,
    cleared: Option<Clearing>,
}

/// Those of all streams, sorted.
pub(super) fn all(prefix: &Prefix) -> Vec<Broken> {
    let mut all = Vec::new();
    // Where nothing can be read yet, nothing is found.
    for key in prefix.streams().iter().map(|stream| stream.key) {
        for row in of_stream(prefix, key) {
            let (slot, since) = (row.slot.label(), row.since.0);
            all.push(Broken { code: row.code, slot, key, since, cleared: row.cleared });
        }
    }
    all.sort();
    all
}

fn of_stream(prefix: &Prefix, key: StreamKey) -> Vec<Row> {
    let (mut facts, mut days, mut notes) = (Vec::new(), Vec::new(), Vec::<Row>::new());
    for (admitted, arrival) in prefix.facts() {
        let fact = &admitted.fact;
        if fact.header.stream_key() != key {
            continue;
        }
        facts.push(fact);
        days.push(arrival.recorded_day);
        // Outside the state: "conflicts, flags b3/b4 and what follows from them". Nothing clears them.
        let slot = slot::claimed_by(fact).first().map_or(Slot::new(slot::INITIATION, vec![]), |(slot, _)| slot.clone());
        let found = [
            (admitted.is_contradicted, EVENT_ID_MUST_NAME_ONE_CONTENT),
            (fact.header.clock_doubtful, CLOCK_SHOULD_BE_RIGHT),
        ];
        for (is_so, code) in found {
            if is_so && !notes.iter().any(|note| note.code == code && note.slot == slot) {
                notes.push(Row { code, slot: slot.clone(), since: arrival.recorded_day, cleared: None });
            }
        }
    }
    let mut rows = judged(&facts, &days);
    rows.extend(notes);
    rows
}

/// What stood at the end of each day of recording, and the first fact of a later day after which it was gone.
fn judged(facts: &[&Fact], days: &[Day]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut before = 0;
    for end in 1..=facts.len() {
        let day = days[end - 1];
        if days.get(end) == Some(&day) {
            continue;
        }
        let standing = standing(&facts[..end]);
        for row in rows.iter_mut().filter(|row| row.cleared.is_none()) {
            let place = (row.code, row.slot.clone());
            if !standing.contains(&place) {
                row.cleared = Some(cleared_by(&place, facts, before, day));
            }
        }
        for (code, slot) in standing {
            match rows.iter_mut().find(|row| row.code == code && row.slot == slot) {
                None => rows.push(Row { code, slot, since: day, cleared: None }),
                // It came back, and stands since then.
                Some(row) if row.cleared.is_some() => (row.since, row.cleared) = (day, None),
                Some(_) => {}
            }
        }
        before = end;
    }
    rows
}

fn cleared_by(place: &(u16, Slot), facts: &[&Fact], before: usize, day: Day) -> Clearing {
    for end in before + 1..=facts.len() {
        if !standing(&facts[..end]).contains(place) {
            let header = &facts[end - 1].header;
            let source = header.source.name().to_owned();
            return Clearing { event_id: header.event_id, kind: header.kind.0, source, day: day.0 };
        }
    }
    panic!("at the end of the day it was gone")
}

fn standing(facts: &[&Fact]) -> Vec<(u16, Slot)> {
    if facts.iter().all(|fact| matches!(fact.payload, Payload::Parked(_))) {
        return vec![];
    }
    judge(facts).anomalies
}
