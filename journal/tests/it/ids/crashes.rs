//! Power cuts and errors at every write, sync, rename and removal of the index's files: what was appended stays known.

use std::io::ErrorKind;

use talon_testkit::{Fault, Survivors};

use super::*;

/// What a run leaves, and whether something of it was durable at a time.
struct Left {
    bench: Bench,
    had_runs: bool,
}

/// A run that makes generations, runs of two kinds, merges and a second opening. Each step waits for the sealer, so that
/// operations come in one order. After an error it goes on as if nothing had been: the journal takes everything.
fn run(disk: &Disk) -> Left {
    let mut bench = Bench::on(disk.clone(), settings());
    let mut had_runs = false;
    if bench.open().is_err() {
        return Left { bench, had_runs };
    }
    let late = |keys: &[IdKey]| -> Vec<_> {
        let hours = |n: u64| if n.is_multiple_of(3) { -5 } else { 0 };
        (0..)
            .zip(keys)
            .map(|(n, k)| IdKey { id: key(n, Instant(NOW.0 + hours(n) * HOUR + n.cast_signed())).id, ..*k })
            .collect()
    };
    let keys = late(&timely(0..1_100));
    for (n, keys) in keys.chunks(44).enumerate() {
        let _ = bench.publish(keys, NOW);
        let _ = bench.index().rest();
        had_runs |= bench.index().health().runs > 0;
        if n == 19 && bench.open().is_err() {
            return Left { bench, had_runs };
        }
    }
    Left { bench, had_runs }
}

fn operations_of_a_whole_run() -> u64 {
    let disk = Disk::new();
    let Left { mut bench, .. } = run(&disk);
    assert_eq!(bench.known.len(), 1_100);
    bench.assert_knows_all();
    drop(bench);
    disk.operations()
}

/// Opens what is left with the journal as it is, and goes on. What was durable is not made again.
fn assert_goes_on(left: Left, disk: Disk, at: &str) {
    let Left { mut bench, had_runs } = left;
    bench.index = None;
    bench.storage = Arc::new(disk);
    bench.open().unwrap_or_else(|error| panic!("{at}: {error}"));
    assert!(!(had_runs && bench.index().health().was_made_anew), "{at}");
    bench.assert_knows_all();
    let more: Vec<_> = (5_000..5_100).map(|n| key(n, NOW)).collect();
    assert_eq!(bench.publish(&more, NOW).unwrap(), 100, "{at}");
    bench.index().rest().unwrap();
    bench.open().unwrap();
    bench.assert_knows_all();
}

#[test]
fn power_is_cut_at_every_operation() {
    for operation in 0..operations_of_a_whole_run() {
        for survivors in [Survivors::Nothing, Survivors::Everything, Survivors::Some(operation)] {
            let disk = Disk::new();
            disk.arm(operation, Fault::PowerCut);
            let left = run(&disk);
            assert_goes_on(left, disk.after_power_cut(survivors), &format!("operation {operation}, {survivors:?}"));
        }
    }
}

/// An error is no crash: the same index goes on, knows everything meanwhile, and what it left is opened again.
#[test]
fn an_error_at_every_operation_loses_no_id() {
    for kind in [ErrorKind::Other, ErrorKind::StorageFull] {
        let step = if kind == ErrorKind::Other { 1 } else { 5 };
        for operation in (0..operations_of_a_whole_run()).step_by(step) {
            let disk = Disk::new();
            disk.arm(operation, Fault::Error(kind));
            let mut left = run(&disk);
            if left.bench.index.is_some() {
                left.bench.assert_knows_all();
            }
            assert_goes_on(
                left,
                disk.after_power_cut(Survivors::Some(operation)),
                &format!("{kind} at operation {operation}"),
            );
        }
    }
}
