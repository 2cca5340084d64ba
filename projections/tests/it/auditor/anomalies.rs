//! Rules that are not kept, and what cleared those that were not for a time.

use talon_projections::anomalies::{AnomalyLine, Filter, counts, list};
use talon_projections::projection::Projection;
use talon_testkit::auditor::books::{Books, Broken, Clearing};

use super::unequal;

pub(super) fn in_anomalies(projection: &Projection, books: &Books) -> Option<String> {
    let filter = Filter { with_training: true, ..Filter::default() };
    let lines = list(projection.tables(), &filter).expect("memory cannot fail");
    let counted = counts(projection.tables(), &filter).expect("memory cannot fail");
    let mut lines: Vec<_> = lines.iter().map(broken).collect();
    lines.sort();
    let audited = books.anomalies();
    let cleared: usize = audited.iter().filter(|broken| broken.cleared.is_some()).count();
    let standing = counted.values().map(|count| count.standing).sum::<u64>();
    let gone = counted.values().map(|count| count.cleared).sum::<u64>();
    unequal("anomalies", &lines, &audited).or_else(|| {
        let audited = [audited.len() - cleared, cleared].map(|count| u64::try_from(count).expect("few"));
        unequal("anomalies that stand, and that were cleared", &[standing, gone], &audited)
    })
}

fn broken(line: &AnomalyLine) -> Broken {
    Broken {
        code: line.code.number(),
        slot: line.slot.clone(),
        key: line.key,
        since: line.since.0,
        cleared: line.cleared.map(|cleared| Clearing {
            event_id: cleared.event_id,
            kind: cleared.kind.0,
            source: cleared.source.name().to_owned(),
            day: cleared.day.0,
        }),
    }
}
