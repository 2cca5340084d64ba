//! What every store does: a map of bytes beside it, any batches, lists of keys, and reopening where there is a disk.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use proptest::prelude::*;
use talon_projections::store::{Batch, MemoryStore, SledStore, Store, StoreError, StoreErrorKind};

type Held = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Clone, Debug)]
enum Step {
    Write(Vec<(Vec<u8>, Option<Vec<u8>>)>),
    Flush,
    Reopen,
    Keys(Vec<u8>, Vec<u8>, usize),
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![Just(0u8), Just(b'r'), Just(255)], 1..5)
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop_oneof![proptest::collection::vec(any::<u8>(), 0..9), Just(vec![7; 24 << 10])];
    let changes = proptest::collection::vec((key(), proptest::option::of(value)), 0..20);
    prop_oneof![
        4 => changes.prop_map(Step::Write),
        1 => Just(Step::Flush),
        1 => Just(Step::Reopen),
        2 => (key(), key(), 0usize..6).prop_map(|(from, below, count)| Step::Keys(from, below, count)),
    ]
}

fn keys(store: &dyn Store, from: &[u8], below: &[u8], count: usize) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    let each = &mut |key: &[u8]| {
        keys.push(key.to_vec());
        if keys.len() > count { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    store.keys(from, below, each).expect("keys");
    keys
}

fn check(store: &dyn Store, held: &Held) {
    assert_eq!(keys(store, &[], &[255; 9], usize::MAX), held.keys().cloned().collect::<Vec<_>>());
    for (key, value) in held {
        assert_eq!(store.read(key).expect("a read").as_ref(), Some(value));
        let other = [key.as_slice(), b"!"].concat();
        assert_eq!(store.read(&other).expect("a read"), None);
    }
}

fn play<S: Store>(steps: Vec<Step>, mut store: S, reopen: impl Fn(S) -> S) {
    let mut held = Held::new();
    for step in steps {
        match step {
            Step::Write(changes) => {
                let mut batch = Batch::new();
                for (key, value) in changes {
                    if let Some(value) = value {
                        batch.put(key.clone(), value.clone());
                        held.insert(key, value);
                    } else {
                        batch.delete(key.clone());
                        held.remove(&key);
                    }
                }
                store.write(batch).expect("a batch");
            }
            Step::Flush => store.flush().expect("a flush"),
            Step::Reopen => store = reopen(store),
            Step::Keys(from, below, count) => {
                let expected = held.keys().filter(|key| **key >= from && **key < below).take(count + 1);
                assert_eq!(keys(&store, &from, &below, count), expected.cloned().collect::<Vec<_>>());
            }
        }
    }
    check(&store, &held);
    check(&reopen(store), &held);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_store_in_memory_is_a_map(steps in proptest::collection::vec(step(), 0..40)) {
        play(steps, MemoryStore::new(), |store| store);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_store_on_disk_is_a_map_that_stays(steps in proptest::collection::vec(step(), 0..40)) {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || SledStore::open(folder.path()).expect("a store");
        play(steps, open(), |store| {
            drop(store);
            open()
        });
    }
}

#[test]
fn a_store_is_opened_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = SledStore::open(folder.path()).expect("a store");
    let second = SledStore::open(folder.path()).map(|_| ()).expect_err("it is held");
    assert!(matches!(second, StoreError::Busy { .. }), "{second:?}");
    assert_eq!(second.kind(), StoreErrorKind::Conflict);
    drop(first);
    SledStore::open(folder.path()).expect("it is free again");
}

#[test]
fn a_store_opens_nothing_that_is_no_directory() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, b"not a store").expect("a file");
    let error = SledStore::open(&file).map(|_| ()).expect_err("it is a file");
    assert!(matches!(error, StoreError::Io { .. } | StoreError::Broken(_)), "{error:?}");
}
