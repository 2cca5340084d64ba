//! What an operator does without the master key: count, copy, close.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use talon_domain::ids::LedgerId;
use talon_vault::{SlabCounts, Vault, VaultError};

use crate::{LEDGER, PERSONAL, header, key_of, master, new_vault, open, sealed, slabs};

/// A folder for a copy, and the copy's place in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("vault")).unwrap();
    let keys = dir.path().join("vault/keys.sqlite");
    (dir, keys)
}

fn counts(dir: &Path) -> (u64, u64, u64) {
    let SlabCounts { claimed, free, closed } = Vault::slabs(dir, LEDGER).unwrap();
    (claimed, free, closed)
}

#[test]
fn slabs_are_counted_by_what_may_still_be_used_of_them() {
    let (dir, mut vault) = new_vault();
    assert_eq!(counts(dir.path()), (0, 0, 0));
    sealed(&mut vault, 1);
    assert_eq!(counts(dir.path()), (1, 0, 0), "a writer holds it");
    drop(vault);
    let mut next = open(dir.path(), 1);
    sealed(&mut next, 2);
    assert_eq!(counts(dir.path()), (1, 0, 1), "the interrupted writer's is given up");
    next.close().unwrap();
    assert_eq!(counts(dir.path()), (0, 1, 1));
    assert_eq!(Vault::slabs(dir.path(), LEDGER).unwrap().total(), 2);
}

#[test]
fn a_copy_beside_a_writer_opens_what_was_sealed_before_it() {
    let (dir, mut vault) = new_vault();
    let parts: Vec<_> = (0..10).map(|of| sealed(&mut vault, of)).collect();
    let (copy, keys) = place();
    Vault::copy(dir.path(), LEDGER, &keys).unwrap();
    let later = sealed(&mut vault, 10);
    vault.close().unwrap();
    assert_eq!(fs::metadata(&keys).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(copy.path().join("vault")).unwrap().count(), 1, "no journal of the database is left");
    Vault::check(copy.path(), LEDGER).unwrap();
    let mut reader = Vault::open_read_only(copy.path(), &master(), LEDGER).unwrap();
    for (of, part) in (0..).zip(&parts) {
        assert_eq!(*reader.open_sealed(&header(of), part).unwrap(), PERSONAL);
    }
    assert_eq!(*reader.open_sealed(&header(10), &later).unwrap(), PERSONAL, "its slab was durable before");
}

#[test]
fn a_vault_is_copied_while_another_writer_makes_slabs() {
    let (dir, mut vault) = new_vault();
    let first = sealed(&mut vault, 1);
    let writer = std::thread::spawn(move || {
        for keys in 1..40 {
            vault.prepare(keys * 4_096).unwrap();
        }
        vault.close().unwrap();
    });
    for _ in 0..5 {
        let (copy, keys) = place();
        Vault::copy(dir.path(), LEDGER, &keys).unwrap();
        Vault::check(copy.path(), LEDGER).unwrap();
        let mut reader = Vault::open_read_only(copy.path(), &master(), LEDGER).unwrap();
        assert_eq!(*reader.open_sealed(&header(1), &first).unwrap(), PERSONAL);
    }
    writer.join().unwrap();
}

#[test]
fn closing_needs_no_key_and_no_slab_is_continued_after_it() {
    let (dir, mut vault) = new_vault();
    let before = sealed(&mut vault, 1);
    vault.close().unwrap();
    let (copy, keys) = place();
    Vault::copy(dir.path(), LEDGER, &keys).unwrap();
    let since = key_of(&sealed(&mut open(dir.path(), 1), 2));
    assert_eq!(Vault::close_slabs(copy.path(), LEDGER).unwrap(), 1);
    assert_eq!(Vault::close_slabs(copy.path(), LEDGER).unwrap(), 0);
    assert_eq!(counts(copy.path()), (0, 0, 1));
    let mut restored = open(copy.path(), 2);
    let next = key_of(&sealed(&mut restored, 3));
    assert!(slabs(&[since]).is_disjoint(&slabs(&[next])));
    assert_eq!(*restored.open_sealed(&header(1), &before).unwrap(), PERSONAL);
}

#[test]
fn what_is_no_vault_of_the_ledger_is_neither_copied_nor_closed() {
    let (dir, vault) = new_vault();
    vault.close().unwrap();
    let (_copy, keys) = place();
    let other = LedgerId([8; 16]);
    assert!(matches!(Vault::copy(dir.path(), other, &keys), Err(VaultError::OtherLedger { .. })));
    assert!(matches!(Vault::close_slabs(dir.path(), other), Err(VaultError::OtherLedger { .. })));
    assert!(!keys.exists());
    fs::write(&keys, "what was there").unwrap();
    assert!(matches!(Vault::copy(dir.path(), LEDGER, &keys), Err(VaultError::Io { doing: "create", .. })));
    assert_eq!(fs::read(&keys).unwrap(), b"what was there");
    assert_eq!(Vault::master_key_fingerprint(dir.path()).unwrap(), master().fingerprint());
}
