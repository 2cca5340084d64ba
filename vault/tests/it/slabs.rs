//! A key seals one record: whatever happens to writers, no key is given out twice.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::*;
use talon_vault::{KeyId, SLAB_KEYS, Vault};

use crate::{LEDGER, PERSONAL, PHONE, header, key_of, master, new_vault, open, sealed, slabs};

fn keys(vault: &mut Vault, count: u64) -> Vec<KeyId> {
    (0..count).map(|of| key_of(&sealed(vault, of))).collect()
}

#[test]
fn a_clean_close_lets_the_next_writer_go_on_where_it_stopped() {
    let (dir, mut vault) = new_vault();
    let first = keys(&mut vault, 10);
    vault.close().unwrap();
    let mut vault = open(dir.path(), 1);
    let second = keys(&mut vault, 10);
    assert_eq!(slabs(&[first.clone(), second.clone()].concat()).len(), 1);
    let numbers: Vec<u64> = [first, second].concat().iter().map(|key| key.0).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1));
}

#[test]
fn an_interrupted_writer_gives_its_keys_up() {
    let (dir, mut vault) = new_vault();
    let first = keys(&mut vault, 10);
    drop(vault);
    let mut vault = open(dir.path(), 1);
    let second = keys(&mut vault, 10);
    assert!(slabs(&first).is_disjoint(&slabs(&second)));
    vault.close().unwrap();
    let third = keys(&mut open(dir.path(), 2), 10);
    assert_eq!(slabs(&second), slabs(&third), "closed for good is only what was not closed in good order");
}

#[test]
fn two_writers_at_once_share_no_slab_and_a_late_close_frees_nothing() {
    let (dir, mut one) = new_vault();
    let mut given = keys(&mut one, 5);
    let mut two = open(dir.path(), 1);
    given.extend(keys(&mut two, 5));
    given.extend(keys(&mut one, 5));
    one.close().unwrap();
    let mut three = open(dir.path(), 2);
    given.extend(keys(&mut three, 5));
    given.extend(keys(&mut two, 5));
    assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), given.len());
    assert_eq!(slabs(&given).len(), 3);
}

/// More keys than a writer makes by itself before it counts as busy, and several lots of those that are made ahead.
const BUSY: u64 = 100_000;

#[test]
fn what_a_busy_writer_has_made_ahead_is_used_once_and_given_back() {
    let (dir, mut vault) = new_vault();
    let mut given = Vec::new();
    for round in 0..BUSY / 1_000 {
        vault.prepare(1_000).unwrap();
        given.extend((0..1_000).map(|of| key_of(&sealed(&mut vault, round * 1_000 + of))));
    }
    vault.close().unwrap();
    let distinct: BTreeSet<_> = given.iter().collect();
    assert_eq!(distinct.len() as u64, BUSY);
    // What is left goes on in the same slabs: none was given up.
    let whole = slabs(&given).len() * usize::from(SLAB_KEYS) - given.len();
    let mut next = open(dir.path(), 1);
    let more = keys(&mut next, whole as u64);
    assert!(slabs(&more).is_subset(&slabs(&given)), "the slab in use is used up first");
    assert!(more.iter().all(|key| !distinct.contains(key)));
}

#[test]
fn a_prepared_pool_writes_nothing_while_it_seals() {
    let (dir, mut vault) = new_vault();
    let file = dir.path().join("vault/keys.sqlite");
    vault.prepare(10_000).unwrap();
    let before = fs::read(&file).unwrap();
    let given = keys(&mut vault, 10_000);
    assert_eq!(slabs(&given).len(), 3);
    assert!(before == fs::read(&file).unwrap());
    assert_eq!(usize::from(SLAB_KEYS) * 3 - given.len(), 2_288, "keys that are left");
    vault.close().unwrap();
    let rest = keys(&mut open(dir.path(), 1), 2_288);
    assert!(slabs(&rest).is_subset(&slabs(&given)));
}

#[test]
fn a_restored_vault_never_continues_a_slab() {
    let (dir, mut vault) = new_vault();
    let file = dir.path().join("vault/keys.sqlite");
    let before = sealed(&mut vault, 1);
    vault.close().unwrap();
    let backup = fs::read(&file).unwrap();
    let since = keys(&mut open(dir.path(), 1), 10);
    fs::write(&file, backup).unwrap();
    Vault::close_slabs(dir.path(), LEDGER).unwrap();
    let mut restored = open(dir.path(), 2);
    assert!(slabs(&since).is_disjoint(&slabs(&keys(&mut restored, 10))));
    assert_eq!(*restored.open_sealed(&header(1), &before).unwrap(), PERSONAL);
}

#[test]
fn a_read_only_copy_opens_and_nothing_is_written_beside_it() {
    let (dir, mut vault) = new_vault();
    let part = sealed(&mut vault, 1);
    let copy = tempfile::tempdir().unwrap();
    let folder = copy.path().join("vault");
    fs::create_dir(&folder).unwrap();
    fs::copy(dir.path().join("vault/keys.sqlite"), folder.join("keys.sqlite")).unwrap();
    for (path, mode) in [(folder.join("keys.sqlite"), 0o400), (folder.clone(), 0o500)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let before = fs::read(folder.join("keys.sqlite")).unwrap();
    let mut reader = Vault::open_read_only(copy.path(), &master(), LEDGER).unwrap();
    assert_eq!(*reader.open_sealed(&header(1), &part).unwrap(), PERSONAL);
    drop(reader);
    assert!(before == fs::read(folder.join("keys.sqlite")).unwrap());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
}

/// What one start of a writer does before it stops.
#[derive(Clone, Copy, Debug)]
struct Run {
    prepared: usize,
    sealed: u64,
    in_order: bool,
}

fn run() -> impl Strategy<Value = Run> {
    (0..9_000_usize, 0..6_000_u64, any::<bool>()).prop_map(|(prepared, sealed, in_order)| Run {
        prepared,
        sealed,
        in_order,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_key_seals_twice_wherever_writers_stop(runs in proptest::collection::vec(run(), 1..6)) {
        let (dir, vault) = new_vault();
        drop(vault);
        let mut given = BTreeSet::new();
        let mut out = Vec::new();
        for (start, run) in (1..).zip(&runs) {
            let mut vault = open(dir.path(), start);
            vault.prepare(run.prepared).unwrap();
            for of in 0..run.sealed {
                out.clear();
                vault.seal(&header(of), &[], Some(PHONE), &mut out).unwrap();
                prop_assert!(given.insert(key_of(&out)), "{:?} was given out twice", key_of(&out));
            }
            if run.in_order {
                vault.close().unwrap();
            }
        }
    }
}
