//! The fold from decoded facts, on one core. Facts come in batches, as a reader hands them on: cloned outside the clock,
//! still warm from being made.
//!
//! Two readings of one day:
//! - *at the end*: every record is admitted, then the state of every payment is judged once, from cold memory
//! - *as a view does*: after each batch the payments that it touched are judged, some of them several times

use std::hint::black_box;
use std::time::Duration;

use talon_domain::contribution::contributions;
use talon_domain::fact::Fact;
use talon_domain::fold::{Fold, PartitionFold};
use talon_domain::ids::{PartitionId, StreamKey};
use talon_domain::state::State;

use crate::clock::timed;
use crate::day::{FACTS_A_PAYMENT, facts};
use crate::report::{Row, Section};

/// Records of one batch.
const BATCH: usize = 8_192;

/// States are made and added up in lots: few enough for the cache, many enough for the clock.
const LOT: usize = 64;

/// What replaying has to reach: 2.5 million facts a second and core, that is 400 ns for admission, state and
/// contributions of one fact.
const FLOOR_NS: u64 = 400;

type Record = (PartitionId, Fact);

/// Measures the fold, after one round that is not counted.
pub(crate) fn measured(payments: u32, repeats: u32) -> Section {
    let day = facts(payments);
    let count = u64::from(payments) * u64::from(FACTS_A_PAYMENT);
    let row = |name: &str| Row::new(name, count);
    let mut rows = [
        row("admission"),
        row("state of every payment, at the end"),
        row("contributions"),
        row("the three, at the end").within_ns(FLOOR_NS),
        row("payments touched, batch by batch"),
        row("all, as a view does").within_ns(FLOOR_NS),
        row("digest"),
    ];
    for round in 0..=repeats {
        let [admission, state, added, digest] = at_the_end(&day);
        let [admission_too, touched] = as_a_view(&day);
        let (end, view) = (admission + state + added, admission_too + touched);
        let taken = [admission, state, added, end, touched, view, digest];
        for (row, taken) in rows.iter_mut().zip(taken).filter(|_| round > 0) {
            row.took(taken);
        }
    }
    Section {
        name: "fold",
        about: format!("{count} decoded facts of {payments} payments, one core"),
        rows: rows.into(),
    }
}

/// Admission, states, contributions, digest.
fn at_the_end(day: &[Record]) -> [Duration; 4] {
    let mut fold = Fold::new();
    let admission = day.chunks(BATCH).map(|records| admit(&mut fold, records)).sum();
    let (mut state, mut added) = (Duration::ZERO, Duration::ZERO);
    // Partition by partition, as each is folded by itself.
    let mut payments = fold.partitions().flat_map(|(_, partition)| partition.streams());
    let mut lot: Vec<State> = Vec::with_capacity(LOT);
    loop {
        state += timed(|| {
            lot.clear();
            lot.extend(payments.by_ref().take(LOT).map(|(key, stream)| stream.state(key)));
        })
        .1;
        if lot.is_empty() {
            break;
        }
        added += timed(|| {
            for state in &lot {
                black_box(contributions(state));
            }
        })
        .1;
    }
    drop(payments);
    let (_, digest) = timed(|| black_box(fold.digest()));
    [admission, state, added, digest]
}

/// Admission; and finding, judging and adding up what each batch touched.
fn as_a_view(day: &[Record]) -> [Duration; 2] {
    let mut fold = Fold::new();
    let (mut admission, mut touched) = (Duration::ZERO, Duration::ZERO);
    for records in day.chunks(BATCH) {
        admission += admit(&mut fold, records);
        touched += timed(|| {
            let partitions: Vec<_> = fold.partitions().map(|(_, partition)| partition).collect();
            for (partition, key) in payments_of(records) {
                if let Some(stream) =
                    partitions.get(usize::from(partition.0)).and_then(|p| PartitionFold::stream(p, key))
                {
                    black_box(contributions(&stream.state(key)));
                }
            }
        })
        .1;
    }
    [admission, touched]
}

/// The payments that records tell of, each once.
fn payments_of(records: &[Record]) -> Vec<(PartitionId, StreamKey)> {
    let mut keys: Vec<_> = records.iter().map(|(partition, fact)| (*partition, fact.header.stream_key())).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn admit(fold: &mut Fold, records: &[Record]) -> Duration {
    let mut batch = records.to_vec();
    timed(|| fold.apply_all(&mut batch)).1
}
