//! The fold from decoded facts, on one core: each record admitted, the state of every payment once, what it adds to
//! every total, and the state digest.

use std::hint::black_box;
use std::time::Duration;

use talon_domain::contribution::contributions;
use talon_domain::fact::Fact;
use talon_domain::fold::Fold;
use talon_domain::ids::PartitionId;
use talon_domain::state::State;

use crate::args::Args;
use crate::day::{FACTS_A_PAYMENT, facts};
use crate::report::{Report, Step};

/// States are made and added up in lots: few enough for the cache, many enough for the clock.
const LOT: usize = 512;

/// What replaying has to reach: 2.5 million facts a second and core, that is 400 ns for admission, state and
/// contributions of one fact.
const FLOOR_NS: u64 = 400;

/// Measures the fold, after one round that is not counted.
pub(crate) fn measured(args: &Args) -> Report {
    let day = facts(args.payments);
    let mut steps = [
        Step::new("admission"),
        Step::new("state of every payment"),
        Step::new("contributions"),
        Step::new("admission, state, contributions").held_against(FLOOR_NS),
        Step::new("digest"),
    ];
    for round in 0..=args.repeats {
        let taken = one_round(day.clone());
        for (step, taken) in steps.iter_mut().zip(taken).filter(|_| round > 0) {
            step.took(taken);
        }
    }
    Report {
        what: "fold",
        payments: args.payments,
        facts: u64::from(args.payments * FACTS_A_PAYMENT),
        steps: steps.into(),
    }
}

fn one_round(day: Vec<(PartitionId, Fact)>) -> [Duration; 5] {
    let mut fold = Fold::new();
    let admission = timed(|| {
        for (partition, fact) in day {
            black_box(fold.apply(partition, fact));
        }
    });
    let (mut state, mut added) = (Duration::ZERO, Duration::ZERO);
    // Partition by partition, as history is read.
    let mut payments = fold.partitions().flat_map(|(_, partition)| partition.streams());
    let mut lot: Vec<State> = Vec::with_capacity(LOT);
    loop {
        state += timed(|| {
            lot.clear();
            lot.extend(payments.by_ref().take(LOT).map(|(key, stream)| stream.state(key)));
        });
        if lot.is_empty() {
            break;
        }
        added += timed(|| {
            for state in &lot {
                black_box(contributions(state));
            }
        });
    }
    drop(payments);
    let digest = timed(|| {
        black_box(fold.digest());
    });
    [admission, state, added, admission + state + added, digest]
}

/// How long it takes.
#[allow(clippy::disallowed_methods, reason = "a benchmark reads a clock")]
fn timed(work: impl FnOnce()) -> Duration {
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}
