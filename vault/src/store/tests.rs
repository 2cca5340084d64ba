//! The store's own promises: claims, closing, and what a write that broke off leaves.

use std::fs;

use super::*;

fn new_store(folder: &Path) -> Store {
    let path = folder.join("keys.sqlite");
    fs::write(&path, []).unwrap();
    let identity = Identity { ledger: LedgerId([7; 16]), master_key: "0".repeat(8), bucket_key: vec![1; 60] };
    Store::create(&path, &identity).unwrap()
}

fn slab(number: u64, fill: u8) -> WrappedSlab {
    let id = SlabId::from_number(number).unwrap();
    WrappedSlab { id, generation: Generation::FIRST, keys: vec![fill; 131_100] }
}

#[test]
fn every_writing_connection_keeps_the_promises_of_this_module() {
    let folder = tempfile::tempdir().unwrap();
    drop(new_store(folder.path()));
    let (store, _) = Store::open(&folder.path().join("keys.sqlite"), Access::Write).unwrap();
    let text = |name| store.db.pragma_query_value(None, name, |row| row.get::<_, String>(0)).unwrap();
    let number = |name| store.db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(text("journal_mode"), "delete");
    assert_eq!(["synchronous", "secure_delete", "temp_store"].map(number), [3, 1, 2]);
}

#[test]
fn a_removed_slab_lingers_in_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = new_store(folder.path());
    store.add(Writer(1), &[slab(1, 0xa1), slab(2, 0xb2)]).unwrap();
    let lingers = |fill: u8| {
        let files = fs::read_dir(folder.path()).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
        files.into_iter().any(|bytes| bytes.windows(64).any(|window| window == [fill; 64]))
    };
    assert!(lingers(0xa1));
    store.db.execute_batch("DELETE FROM claim WHERE slab_id = 1; DELETE FROM slab WHERE slab_id = 1").unwrap();
    assert!(!lingers(0xa1) && lingers(0xb2));
    assert_eq!(store.generation(SlabId::from_number(1).unwrap()).unwrap(), None);
}

/// What a crash would leave: pages of a transaction in the file, and the journal that undoes them.
fn crash(into: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = new_store(folder.path());
    store.add(Writer(1), &[slab(1, 0xa1)]).unwrap();
    store.db.execute_batch("PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE slab SET keys = zeroblob(131100)").unwrap();
    store.db.execute("INSERT INTO slab VALUES (2, 1, zeroblob(1000000))", []).unwrap();
    for name in ["keys.sqlite", "keys.sqlite-journal"] {
        fs::copy(folder.path().join(name), into.join(name)).unwrap();
    }
}

#[test]
fn an_interrupted_write_is_undone_before_it_is_copied() {
    let ledger = tempfile::tempdir().unwrap();
    fs::create_dir(ledger.path().join("vault")).unwrap();
    crash(&ledger.path().join("vault"));
    let copy = ledger.path().join("copy.sqlite");
    crate::Vault::copy(ledger.path(), LedgerId([7; 16]), &copy).unwrap();
    let (copy, _) = Store::open(&copy, Access::Read).unwrap();
    copy.check_whole().unwrap();
    assert_eq!(copy.slab(SlabId::from_number(1).unwrap()).unwrap().unwrap().keys, slab(1, 0xa1).keys);
    assert!(copy.slab(SlabId::from_number(2).unwrap()).unwrap().is_none());
}

#[test]
fn an_interrupted_write_is_named_by_a_reader_and_undone_by_a_writer() {
    let crashed = tempfile::tempdir().unwrap();
    crash(crashed.path());
    let path = crashed.path().join("keys.sqlite");
    assert!(matches!(Store::open(&path, Access::Read), Err(VaultError::Interrupted { .. })));
    let held = |store: &Store| store.slab(SlabId::from_number(1).unwrap()).unwrap().unwrap().keys;
    assert_eq!(held(&Store::open(&path, Access::Write).unwrap().0), slab(1, 0xa1).keys);
    assert_eq!(held(&Store::open(&path, Access::Read).unwrap().0), slab(1, 0xa1).keys);
    assert_eq!(fs::read_dir(crashed.path()).unwrap().count(), 1);
}
