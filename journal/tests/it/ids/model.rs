//! The index against a map: whatever is told, told again, shuffled, late, forgotten, closed or cut off, it knows what was
//! appended and nothing else.

use proptest::prelude::*;
use talon_testkit::Survivors;

use super::*;

/// What happens next.
#[derive(Clone, Debug)]
enum Act {
    /// Ids by number, each of one of a few hours, recorded at one of them.
    Publish(Vec<(u64, i64)>, i64),
    /// The same, but the journal takes nothing.
    Lose(Vec<(u64, i64)>),
    /// Of the same, the journal takes the first half, and says that it took none.
    Halve(Vec<(u64, i64)>),
    Rest,
    Reopen,
    /// The machine loses power; what of the index's unsynced writes is left is chance.
    Cut(u64),
    Rebuild,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let ids = || proptest::collection::vec((0u64..400, -3i64..2), 1..60);
    let act = prop_oneof![
        12 => (ids(), -1i64..2).prop_map(|(ids, hour)| Act::Publish(ids, hour)),
        1 => ids().prop_map(Act::Lose),
        1 => ids().prop_map(Act::Halve),
        2 => Just(Act::Rest),
        2 => Just(Act::Reopen),
        2 => any::<u64>().prop_map(Act::Cut),
        1 => Just(Act::Rebuild),
    ];
    proptest::collection::vec(act, 1..60)
}

fn keys(ids: &[(u64, i64)]) -> Vec<IdKey> {
    ids.iter().map(|(n, hour)| key(*n, Instant(NOW.0 + hour * HOUR))).collect()
}

/// Claims what is new of these ids; the journal takes the first `taken` of them, and an error is all that is heard.
fn lose(bench: &mut Bench, ids: &[IdKey], half: bool) {
    let known = bench.look_up(ids).unwrap();
    bench.index().begin(NOW);
    let mut new = Vec::new();
    for (key, _) in ids.iter().zip(known).filter(|(_, known)| known.is_none()) {
        if bench.index().again(*key).is_none() {
            bench.index().claim(*key);
            new.push(*key);
        }
    }
    new.truncate(if half { new.len() / 2 } else { 0 });
    let mut batch = Batch::new();
    new.iter().for_each(|key| batch.push(partition_of(key.merchant), &[&record_of(*key, NOW)]).unwrap());
    let appended = bench.journal.append(batch).wait().unwrap();
    bench.known.extend(new.iter().map(|key| (key.merchant, key.id)).zip(appended.places()));
    bench.index().forget();
    bench.index.as_mut().unwrap().read_on(&bench.journal).unwrap();
}

fn play(act: &Act, bench: &mut Bench, disk: &mut Disk) {
    match act {
        Act::Publish(ids, hour) => {
            bench.publish(&keys(ids), Instant(NOW.0 + hour * HOUR)).unwrap();
        }
        Act::Lose(ids) => lose(bench, &keys(ids), false),
        Act::Halve(ids) => lose(bench, &keys(ids), true),
        Act::Rest => bench.index().rest().unwrap(),
        Act::Reopen => bench.open().unwrap(),
        Act::Cut(seed) => {
            let left = disk.after_power_cut(Survivors::Some(*seed));
            bench.index = None;
            *disk = left;
            bench.storage = Arc::new(disk.clone());
            bench.open().unwrap();
        }
        Act::Rebuild => bench.index.as_mut().unwrap().rebuild(&bench.journal, &mut |_| ()).unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_knows_what_was_appended_and_nothing_else(acts in acts()) {
        let mut disk = Disk::new();
        let mut bench = Bench::on(disk.clone(), settings());
        bench.open().unwrap();
        for act in &acts {
            play(act, &mut bench, &mut disk);
        }
        bench.assert_knows_all();
        bench.open().unwrap();
        bench.assert_knows_all();
    }
}
