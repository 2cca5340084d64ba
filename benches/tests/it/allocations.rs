//! An event that is taken costs no allocation: a batch of four times as many events costs as many as a small one.

use talon_benches::{Laps, laps};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// Blocks that a batch may cost, whatever its size: its list of candidates, its completion, what the writer's thread and
/// the vault need now and then.
const A_BATCH: u64 = 40;

#[test]
fn an_event_costs_no_allocation() {
    let _profiler = dhat::Profiler::builder().testing().build();
    let folder = tempfile::tempdir().unwrap();
    for (name, events) in [("small", 500), ("large", 2_000)] {
        let mut laps: Laps = laps(&folder.path().join(name), events).unwrap();
        (0..20).for_each(|_| laps.lap().unwrap());
        let before = dhat::HeapStats::get().total_blocks;
        (0..40).for_each(|_| laps.lap().unwrap());
        let a_batch = (dhat::HeapStats::get().total_blocks - before) / 40;
        assert!(a_batch <= A_BATCH, "{a_batch} allocations for a batch of {events}");
    }
}
