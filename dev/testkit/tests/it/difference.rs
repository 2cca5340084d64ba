//! How the fold and the auditor differ on a history, in words, and the smallest part of the history on which they do.

use std::fmt::Debug;

use talon_domain::anomaly::Anomaly;
use talon_domain::contribution::contributions;
use talon_domain::digest;
use talon_domain::fact::Fact;
use talon_domain::fold::{Fold, PartitionFold, Verdict};
use talon_domain::ids::StreamKey;
use talon_domain::ordered::Ruling;
use talon_domain::state::{Sms, State};
use talon_domain::stream::Stream;
use talon_testkit::Auditor;
use talon_testkit::auditor::{Admission, Applied, Audited, Component, Ruled, read_row, summed};
use talon_testkit::traffic::History;

/// The first thing that the two say differently.
pub(crate) fn difference(history: &History) -> Option<String> {
    let (mut fold, mut auditor) = (Fold::new(), Auditor::new());
    for (place, (partition, fact)) in history.records.iter().enumerate() {
        let verdict = admission(fold.apply(*partition, fact.clone()));
        if let Some(found) =
            unequal(&format!("admission of record {place}"), &verdict, &auditor.record(*partition, fact))
        {
            return Some(found);
        }
    }
    in_batches(history, &fold)
        .or_else(|| in_ledger_order(&fold, &auditor))
        .or_else(|| in_streams(&fold, &auditor))
        .or_else(|| unequal("digest", &fold.digest().to_string(), &auditor.digest()))
}

/// A batch is the same as its records one after the other.
fn in_batches(history: &History, fold: &Fold) -> Option<String> {
    let mut batched = Fold::new();
    let (first, second) = history.records.split_at(history.records.len() / 3);
    for part in [first, second] {
        batched.apply_all(&mut part.to_vec());
    }
    for ((id, one), (_, other)) in fold.partitions().zip(batched.partitions()) {
        let told = |partition: &PartitionFold| {
            let streams =
                partition.streams().map(|(key, stream)| (key, stream.facts().cloned().collect(), stream.notes()));
            let streams: Vec<(StreamKey, Vec<Fact>, Vec<Anomaly>)> = streams.collect();
            (partition.counts(), partition.rulings().all().to_vec(), partition.bulks().applied().to_vec(), streams)
        };
        let what = format!("partition {id} one by one, and in batches");
        if let Some(found) = unequal(&what, &told(one), &told(other)) {
            return Some(found);
        }
    }
    unequal("partitions one by one, and in batches", &fold.partitions().count(), &batched.partitions().count())
}

/// Takes records out of a history, one by one, while a difference stays.
pub(crate) fn smallest(history: &History) -> History {
    let mut history = history.clone();
    let mut place = 0;
    while place < history.records.len() {
        let shorter = history.without(place);
        if difference(&shorter).is_some() {
            history = shorter;
            place = 0;
        } else {
            place += 1;
        }
    }
    history
}

fn unequal<T: PartialEq + Debug>(what: &str, fold: &T, auditor: &T) -> Option<String> {
    (fold != auditor).then(|| format!("{what}:\n  the fold says    {fold:?}\n  the auditor says {auditor:?}"))
}

const fn admission(verdict: Verdict) -> Admission {
    match verdict {
        Verdict::Fact | Verdict::Later => Admission::Fact, // no day is asked for here
        Verdict::Duplicate => Admission::Duplicate,
        Verdict::Conflict => Admission::Conflict,
        Verdict::Parked => Admission::Parked,
    }
}

fn in_ledger_order(fold: &Fold, auditor: &Auditor) -> Option<String> {
    for (id, partition) in fold.partitions() {
        let rulings: Vec<Ruled> = partition
            .rulings()
            .all()
            .iter()
            .map(|(event, _, ruling)| match ruling {
                Ruling::Valid => (*event, None),
                Ruling::Void(reason) => (*event, Some(reason.name())),
            })
            .collect();
        if let Some(found) = unequal(&format!("rulings of partition {id}"), &rulings, &auditor.rulings(id)) {
            return Some(found);
        }
        let bulks = partition.bulks();
        let applied: Vec<Applied> = bulks
            .applied()
            .iter()
            .map(|bulk| Applied {
                bulk: bulk.bulk.0,
                completed_by: bulk.completed_by,
                kind: (bulk.kind, bulk.schema),
                content: bulk.content.clone(),
            })
            .collect();
        let incomplete = bulks.incomplete().map(|(bulk, code)| (bulk.0, code.number())).collect();
        if let Some(found) = unequal(&format!("bulks of partition {id}"), &(applied, incomplete), &auditor.bulks(id)) {
            return Some(found);
        }
    }
    None
}

fn in_streams(fold: &Fold, auditor: &Auditor) -> Option<String> {
    let audited = auditor.streams();
    let keys: Vec<_> = fold.streams().map(|(key, _)| key).collect();
    let expected = audited.iter().map(|audited| audited.key).collect();
    if let Some(found) = unequal("streams", &keys, &expected) {
        return Some(found);
    }
    fold.streams().zip(&audited).find_map(|((_, stream), audited)| in_stream(stream, audited))
}

fn in_stream(stream: &Stream, audited: &Audited) -> Option<String> {
    let whole = stream.whole(audited.key);
    let labels: Vec<_> = whole.anomalies.iter().map(|found| (found.code.number(), found.slot.label())).collect();
    let expected: Vec<_> = audited.anomalies.iter().map(|(code, label, _)| (*code, label.clone())).collect();
    let notes: Vec<_> = stream.notes().iter().map(|found| (found.code.number(), found.slot.label())).collect();
    in_row(&digest::row(audited.key, stream), &audited.row)
        .or_else(|| unequal("status", &whole.state.as_ref().map(|state| state.status as u8), &audited.status))
        .or_else(|| unequal("anomalies", &labels, &expected))
        .or_else(|| unequal("notes", &notes, &audited.notes))
        .or_else(|| unequal("SMS", &whole.state.as_ref().map_or(vec![], sms), &audited.sms))
        .or_else(|| unequal("totals", &whole.state.as_ref().map_or(vec![], totals), &audited.totals))
}

/// The first field of two rows that differs.
fn in_row(fold: &[u8], auditor: &[u8]) -> Option<String> {
    if fold == auditor {
        return None;
    }
    let (ours, theirs) = (read_row(fold), read_row(auditor));
    let longest = ours.len().max(theirs.len());
    let field = (0..longest).find(|place| ours.get(*place) != theirs.get(*place));
    let Some(field) = field else { return Some("row: bytes differ that a reader reads alike".to_owned()) };
    unequal("row", &ours.get(field), &theirs.get(field))
}

fn sms(state: &State) -> Vec<(u32, Option<u8>, bool)> {
    let report = |sms: &Sms| sms.delivery.map(|status| status as u8);
    state.sms.iter().map(|sms| (sms.number, report(sms), sms.is_opened)).collect()
}

fn totals(state: &State) -> Vec<Component> {
    let components = contributions(state).into_iter().map(|(key, minor_units)| Component {
        shop: key.shop.0,
        terminal: key.terminal.0,
        provider: key.provider.to_string(),
        day: key.day,
        plan: key.plan,
        account: key.account as u8,
        currency: key.currency.to_string(),
        minor_units: u128::try_from(minor_units).expect("nothing is taken back here"),
    });
    summed(components.collect())
}
