//! Keys that are destroyed: what they sealed stays closed for ever, to everybody, and nothing else does.

use std::fs;

use talon_vault::{OpenError, Vault};

use crate::{LEDGER, PERSONAL, entropy, header, key_of, master, new_vault, open, sealed};

#[test]
fn what_was_erased_opens_for_nobody_and_everything_else_does() {
    let (dir, mut vault) = new_vault();
    let parts: Vec<_> = (0..10).map(|of| sealed(&mut vault, of)).collect();
    let mut beside = Vault::open_read_only(dir.path(), &master(), LEDGER).unwrap();
    assert_eq!(*beside.open_sealed(&header(3), &parts[3]).unwrap(), PERSONAL);

    assert_eq!(vault.erase(&[key_of(&parts[3]), key_of(&parts[7])]).unwrap(), 2);
    assert_eq!(vault.erase(&[key_of(&parts[3])]).unwrap(), 0, "it is not there any more");
    // To this process, to one beside it that had the key in memory, and to one that begins.
    let later = sealed(&mut vault, 10);
    vault.close().unwrap();
    let mut next = open(dir.path(), 1);
    for (of, part) in (0..).zip(parts.iter().chain([&later])) {
        for reader in [&mut beside, next.reader()] {
            match reader.open_sealed(&header(of), part) {
                Err(OpenError::KeyUnavailable { key_id }) if [3, 7].contains(&of) => assert_eq!(key_id, key_of(part)),
                opened => assert_eq!(*opened.unwrap(), PERSONAL, "{of}"),
            }
        }
    }
    // Keys that nobody had used are handed out as ever.
    assert_eq!(*next.open_sealed(&header(11), &sealed(&mut open(dir.path(), 2), 11)).unwrap(), PERSONAL);
}

#[test]
fn the_old_slab_is_in_no_file() {
    let (dir, mut vault) = new_vault();
    let part = sealed(&mut vault, 1);
    let file = dir.path().join("vault/keys.sqlite");
    let before = fs::read(&file).unwrap();
    vault.erase(&[key_of(&part)]).unwrap();
    let after = fs::read(&file).unwrap();
    // The slab's bytes are wrapped anew, all of them: of 64 bytes in a row that were there, none of the slab's are left.
    let slab = before.windows(64).skip(8 * 4096).step_by(4096).filter(|window| window.iter().any(|byte| *byte != 0));
    let left = slab.filter(|window| after.windows(64).any(|of| of == *window)).count();
    assert_eq!(left, 0);
    assert_eq!(fs::read_dir(dir.path().join("vault")).unwrap().count(), 1, "no journal of the database is left");
}

#[test]
fn keys_of_a_slab_that_is_not_there_are_nothing_to_erase() {
    let (_dir, mut vault) = new_vault();
    let folder = tempfile::tempdir().unwrap();
    let mut another = Vault::create(folder.path(), &master(), LEDGER, entropy(9)).unwrap();
    let part = sealed(&mut another, 1);
    assert_eq!(vault.erase(&[]).unwrap(), 0);
    assert_eq!(vault.erase(&[key_of(&part)]).unwrap(), 0);
    assert_eq!(*another.open_sealed(&header(1), &part).unwrap(), PERSONAL);
}
