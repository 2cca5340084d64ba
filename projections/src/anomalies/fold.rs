//! What a stream comes to in anomalies: what stands, and what stood when a day of recording ended and does no more.
//!
//! ```text
//! facts in the order in which they came     a b | c d e | f        | ends a day of recording
//! judged at the end of each day               S1      S2   S3      S3 is what stands
//! in S1, not in S2: cleared by the first of c, d, e after which it was gone
//! ```
//!
//! A payment whose facts all came on one day is judged no second time. One that somebody floods is judged once for each
//! day, not once for each fact: of a stream that has more than `TRIED_MOST` facts when a day ends, the day's last fact
//! is named in place of the first after which an anomaly was gone.

use std::collections::BTreeMap;

use talon_domain::anomaly::Anomaly;
use talon_domain::fact::Fact;
use talon_domain::stream::Stream;
use talon_domain::time::Day;

use super::row::{Kept, KeptClearing, Where};
use crate::rows::Rows;
use crate::store::{Merge, Table};
use crate::table::ANOMALIES;
use crate::view::{Known, View};

/// A payment in three has about ten facts. Trying each of so many costs as much as judging a stream of 100,000 once.
const TRIED_MOST: usize = 512;

/// The view of anomalies.
pub struct Anomalies;

impl View for Anomalies {
    fn name(&self) -> &'static str {
        "anomalies"
    }

    fn version(&self) -> u16 {
        1
    }

    fn tables(&self) -> &'static [(Table, Merge)] {
        &[(ANOMALIES, Merge::Latest)]
    }

    fn rows(&self, known: &Known<'_>, rows: &mut Rows) {
        // Where nothing can be read yet, nothing is found.
        if known.stream.is_parked() {
            return;
        }
        let mut all = judged(known);
        all.extend(noted(known));
        let mut alike = BTreeMap::<_, u16>::new();
        for (anomaly, kept) in all {
            let slot = anomaly.slot.label();
            let count = alike.entry((anomaly.code, slot.clone())).or_default();
            let place = Where { code: anomaly.code, slot, alike: *count, key: known.key };
            *count = count.saturating_add(1);
            rows.put(ANOMALIES, |key| place.write(key), &kept);
        }
    }
}

/// Facts of one day of recording: which day, and how many facts had come before it began and when it ended.
#[derive(Clone, Copy)]
struct RecordedDay {
    day: Day,
    before: usize,
    end: usize,
}

fn recorded_days(known: &Known<'_>) -> Vec<RecordedDay> {
    let mut days: Vec<RecordedDay> = Vec::with_capacity(1);
    for (at, arrival) in known.arrivals.iter().enumerate() {
        let end = at.saturating_add(1);
        match days.last_mut().filter(|last| last.day == arrival.recorded_day) {
            Some(last) => last.end = end,
            None => days.push(RecordedDay { day: arrival.recorded_day, before: at, end }),
        }
    }
    days
}

/// What the fold finds, at the end of each day of recording.
fn judged(known: &Known<'_>) -> BTreeMap<Anomaly, Kept> {
    let mut kept = BTreeMap::<Anomaly, Kept>::new();
    let days = recorded_days(known);
    let last = days.len().saturating_sub(1);
    for (at, day) in days.iter().enumerate() {
        let standing = if at == last { standing_now(known) } else { standing_after(known, day.end) };
        let gone = |(anomaly, kept): (&Anomaly, &Kept)| {
            (kept.cleared.is_none() && !stands_in(&standing, anomaly)).then(|| anomaly.clone())
        };
        let gone: Vec<_> = kept.iter().filter_map(gone).collect();
        for (anomaly, clearing) in cleared(known, *day, gone) {
            kept.entry(anomaly).and_modify(|row| row.cleared = Some(clearing));
        }
        for anomaly in standing {
            let row = kept.entry(anomaly).or_insert(Kept { since: day.day.0, cleared: None });
            if row.cleared.is_some() {
                // It came back: it stands since then.
                *row = Kept { since: day.day.0, cleared: None };
            }
        }
    }
    kept
}

fn standing_now(known: &Known<'_>) -> Vec<Anomaly> {
    known.state.map_or_else(|| known.stream.whole(known.key).anomalies, |state| state.anomalies.clone())
}

/// What stood when so many facts had come.
fn standing_after(known: &Known<'_>, count: usize) -> Vec<Anomaly> {
    let stream: Stream = known.stream.facts().take(count).cloned().collect();
    if stream.is_payment() { stream.state(known.key).anomalies } else { stream.whole(known.key).anomalies }
}

/// Anomalies are told in their order.
fn stands_in(standing: &[Anomaly], anomaly: &Anomaly) -> bool {
    standing.binary_search(anomaly).is_ok()
}

/// What cleared those that are gone at the end of a day: the first fact of that day after which each was.
fn cleared(known: &Known<'_>, day: RecordedDay, mut gone: Vec<Anomaly>) -> Vec<(Anomaly, KeptClearing)> {
    let mut clearings = Vec::with_capacity(gone.len());
    // How many facts had come is settled when the day is over, so what it says stays said.
    let tried_from = if day.end > TRIED_MOST { day.end.saturating_sub(1) } else { day.before };
    for (at, fact) in known.stream.facts().enumerate().take(day.end).skip(tried_from) {
        if gone.is_empty() {
            break;
        }
        let clearing = KeptClearing::by(&fact.header, day.day);
        let standing = standing_after(known, at.saturating_add(1));
        gone.retain(|anomaly| {
            let stands = stands_in(&standing, anomaly);
            if !stands {
                clearings.push((anomaly.clone(), clearing));
            }
            stands
        });
    }
    clearings
}

/// What was found beside the state: it is part of what was told, and nothing clears it. It stands since the first fact that
/// it is about was recorded; of an id with two contents, the fact that stays.
fn noted(known: &Known<'_>) -> BTreeMap<Anomaly, Kept> {
    let mut notes = BTreeMap::<Anomaly, Kept>::new();
    let mut conflicts = known.stream.conflicts().peekable();
    for ((place, fact), arrival) in known.stream.facts().enumerate().zip(known.arrivals) {
        let is_conflict = conflicts.next_if_eq(&place).is_some();
        if !is_conflict && !fact.header.clock_doubtful {
            continue;
        }
        for note in notes_of(fact, is_conflict) {
            notes.entry(note).or_insert(Kept { since: arrival.recorded_day.0, cleared: None });
        }
    }
    notes
}

fn notes_of(fact: &Fact, is_conflict: bool) -> Vec<Anomaly> {
    let conflicts: &[usize] = if is_conflict { &[0] } else { &[] };
    Stream::from_kept(vec![fact.clone()], conflicts).notes()
}
