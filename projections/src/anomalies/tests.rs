//! The rule of what is kept, against a reading of it that walks through every fact; and what is noted beside the state.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::anomaly::{Anomaly, Code};
use talon_domain::fact::Fact;
use talon_domain::ids::{EventId, PartitionId, Position, StreamKey};
use talon_domain::stream::Stream;
use talon_domain::time::Day;
use talon_testkit::traffic::{Histories, History};

use super::{Anomalies, AnomalyLine, Filter, list};
use crate::projection::{Projection, Taken, TakenFact};
use crate::view::View;

static VIEW: Anomalies = Anomalies;

/// What is kept of an anomaly, without its place: since when, and by which fact it was cleared on which day.
type Kept = (Day, Option<(EventId, Day)>);

fn projected(history: &History) -> Vec<AnomalyLine> {
    let mut projection = Projection::in_memory(vec![&VIEW as &dyn View]);
    let mut next = BTreeMap::<PartitionId, u64>::new();
    for (partition, fact) in &history.records {
        let position = next.entry(*partition).or_default();
        let (recorded_at, of) =
            (fact.header.recorded_at, TakenFact { fact: fact.clone(), payload: &[], phone_bucket: 0 });
        projection
            .take(Taken { partition: *partition, position: Position(*position), recorded_at, fact: Some(of) })
            .expect("the next one");
        *position += 1;
    }
    projection.settle().expect("in memory");
    list(projection.tables(), &Filter { with_training: true, ..Filter::default() }).expect("in memory")
}

/// The facts of each stream in the order in which they came, each with its day of recording.
fn arrived(history: &History) -> BTreeMap<StreamKey, Vec<(Fact, Day)>> {
    let mut latest = BTreeMap::new();
    let mut known = BTreeSet::new();
    let mut streams = BTreeMap::<StreamKey, Vec<(Fact, Day)>>::new();
    for (partition, fact) in &history.records {
        let clock = latest.entry(*partition).or_insert(fact.header.recorded_at);
        *clock = fact.header.recorded_at.max(*clock);
        let day = clock.paris_day().expect("a day");
        if known.insert((*partition, fact.header.merchant, fact.header.event_id)) {
            streams.entry(fact.header.stream_key()).or_default().push((fact.clone(), day));
        }
    }
    streams
}

/// The rule, read as it is written: every fact is a moment at which an anomaly stands or does not.
fn by_the_rule(key: StreamKey, facts: &[(Fact, Day)]) -> BTreeMap<Anomaly, Kept> {
    let stands: Vec<BTreeSet<Anomaly>> = (1..=facts.len())
        .map(|count| facts[..count].iter().map(|(fact, _)| fact.clone()).collect::<Stream>().whole(key).anomalies)
        .map(|anomalies| anomalies.into_iter().collect())
        .collect();
    let is_last_of_day = |at: usize| facts.get(at + 1).is_none_or(|(_, day)| *day != facts[at].1);
    let ends: Vec<usize> = (0..facts.len()).filter(|at| is_last_of_day(*at)).collect();
    let ever: BTreeSet<&Anomaly> = ends.iter().flat_map(|end| &stands[*end]).collect();
    let kept = |anomaly: &Anomaly| {
        let stood: Vec<bool> = ends.iter().map(|end| stands[*end].contains(anomaly)).collect();
        let last = stood.iter().rposition(|stood| *stood).expect("it stood once");
        let first = stood[..last].iter().rposition(|stood| !*stood).map_or(0, |gone| gone + 1);
        let clearing = (ends[last] + 1..facts.len()).find(|at| !stands[*at].contains(anomaly));
        let clearing = clearing.map(|at| (facts[at].0.header.event_id, facts[at].1));
        (facts[ends[first]].1, clearing.filter(|_| last + 1 < ends.len()))
    };
    ever.into_iter().map(|anomaly| (anomaly.clone(), kept(anomaly))).collect()
}

#[test]
fn what_is_kept_is_what_the_rule_says() {
    let mut cleared = 0;
    let is_noted = |code| matches!(code, Code::EventIdMustNameOneContent | Code::ClockShouldBeRight);
    for history in Histories::of(20_000).filter(|history| !history.has_conflict()).take(200) {
        let mut found: Vec<_> = projected(&history)
            .into_iter()
            .filter(|line| !is_noted(line.code))
            .map(|line| (line.key, line.code, line.slot, line.since, line.cleared.map(|by| (by.event_id, by.day))))
            .collect();
        let streams = arrived(&history).into_iter().filter(|(_, facts)| {
            let stream: Stream = facts.iter().map(|(fact, _)| fact.clone()).collect();
            !stream.is_parked()
        });
        let mut expected: Vec<_> = streams
            // What names no merchant is told once a partition; the first is shown.
            .filter(|(key, _)| key.merchant.0 != 0)
            .flat_map(|(key, facts)| {
                let kept = by_the_rule(key, &facts).into_iter();
                kept.map(move |(anomaly, (since, by))| (key, anomaly.code, anomaly.slot.label(), since, by))
            })
            .collect();
        found.retain(|(key, ..)| key.merchant.0 != 0);
        found.sort();
        expected.sort();
        cleared += found.iter().filter(|(.., by)| by.is_some()).count();
        assert_eq!(found, expected, "seed {}", history.seed);
    }
    assert!(cleared > 20, "only {cleared} were cleared");
}

#[test]
fn notes_are_those_of_the_stream_and_stand_for_ever() {
    let mut noted = BTreeMap::<Code, usize>::new();
    for history in Histories::of(40_000).take(200) {
        let mut fold = talon_domain::fold::Fold::new();
        for (partition, fact) in &history.records {
            fold.apply(*partition, fact.clone());
        }
        let expected = fold
            .streams()
            .flat_map(|(key, stream)| stream.notes().into_iter().map(move |note| (key, note.code, note.slot.label())));
        let expected: BTreeSet<_> = expected.collect();
        let lines = projected(&history).into_iter();
        let notes = lines.filter(|line| matches!(line.code.number(), 101 | 102));
        let found: BTreeSet<_> =
            notes.inspect(|line| assert_eq!(line.cleared, None)).map(|line| (line.key, line.code, line.slot)).collect();
        found.iter().for_each(|(_, code, _)| *noted.entry(*code).or_default() += 1);
        assert_eq!(found, expected, "seed {}", history.seed);
    }
    assert_eq!(noted.len(), 2, "conflicts and clocks: {noted:?}");
}
