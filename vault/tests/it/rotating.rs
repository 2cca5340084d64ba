//! A vault under another master key: what was sealed opens as before, and nothing is left under the old one.

use std::fs;

use talon_domain::ids::{LedgerId, MerchantId};
use talon_vault::{MasterKey, Vault, VaultError};

use crate::{LEDGER, PERSONAL, entropy, header, key_of, master, new_vault, sealed};

#[test]
fn what_was_sealed_opens_with_the_new_key_alone() {
    let (dir, mut vault) = new_vault();
    let parts: Vec<_> = (0..6).map(|of| sealed(&mut vault, of)).collect();
    vault.erase(&[key_of(&parts[2])]).unwrap();
    let bucket = vault.phone_bucket(MerchantId(7), "+33639980010");
    vault.close().unwrap();
    let next = MasterKey::generate(&mut entropy(5));
    let before = fs::read(dir.path().join("vault/keys.sqlite")).unwrap();
    assert!(Vault::rotate(dir.path(), (&master(), &next), LEDGER, &mut entropy(6)).unwrap() >= 1);

    let mut opened = Vault::open(dir.path(), &next, LEDGER, entropy(7)).unwrap();
    for (of, part) in (0..).zip(&parts).filter(|(of, _)| *of != 2) {
        assert_eq!(*opened.open_sealed(&header(of), part).unwrap(), PERSONAL, "{of}");
    }
    assert!(opened.open_sealed(&header(2), &parts[2]).is_err(), "what was erased stays closed");
    assert_eq!(opened.phone_bucket(MerchantId(7), "+33639980010"), bucket, "a phone keeps its group");
    let later = sealed(&mut opened, 9);
    assert_eq!(*opened.open_sealed(&header(9), &later).unwrap(), PERSONAL);
    opened.close().unwrap();
    let old = Vault::open(dir.path(), &master(), LEDGER, entropy(8));
    assert!(matches!(old, Err(VaultError::WrongKey { .. })), "{old:?}");
    // Of 64 bytes in a row that were there under the old key, none of a slab's are left.
    let after = fs::read(dir.path().join("vault/keys.sqlite")).unwrap();
    let slab = before.windows(64).skip(8 * 4096).step_by(4096).filter(|window| window.iter().any(|byte| *byte != 0));
    assert_eq!(slab.filter(|window| after.windows(64).any(|of| of == *window)).count(), 0);
}

#[test]
fn with_another_key_or_for_another_ledger_nothing_changes() {
    let (dir, mut vault) = new_vault();
    let part = sealed(&mut vault, 1);
    vault.close().unwrap();
    let before = fs::read(dir.path().join("vault/keys.sqlite")).unwrap();
    let (stranger, next) = (MasterKey::generate(&mut entropy(4)), MasterKey::generate(&mut entropy(5)));
    let wrong = Vault::rotate(dir.path(), (&stranger, &next), LEDGER, &mut entropy(6));
    assert!(matches!(wrong, Err(VaultError::WrongKey { .. })), "{wrong:?}");
    let other = Vault::rotate(dir.path(), (&master(), &next), LedgerId([9; 16]), &mut entropy(6));
    assert!(matches!(other, Err(VaultError::OtherLedger { .. })), "{other:?}");
    assert_eq!(fs::read(dir.path().join("vault/keys.sqlite")).unwrap(), before);
    let mut opened = Vault::open(dir.path(), &master(), LEDGER, entropy(7)).unwrap();
    assert_eq!(*opened.open_sealed(&header(1), &part).unwrap(), PERSONAL);
}

/// A slab that does not unwrap ends it, and all the others are as they were.
#[test]
fn a_damaged_slab_ends_it_and_nothing_changes() {
    let (dir, mut vault) = new_vault();
    vault.prepare(3 * 4096).unwrap();
    let part = sealed(&mut vault, 1);
    vault.close().unwrap();
    let file = dir.path().join("vault/keys.sqlite");
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.len() - 20_000;
    bytes[at] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let next = MasterKey::generate(&mut entropy(5));
    let damaged = Vault::rotate(dir.path(), (&master(), &next), LEDGER, &mut entropy(6));
    assert!(matches!(damaged, Err(VaultError::Damaged { .. })), "{damaged:?}");
    let mut opened = Vault::open(dir.path(), &master(), LEDGER, entropy(7)).unwrap();
    assert_eq!(*opened.open_sealed(&header(1), &part).unwrap(), PERSONAL);
}
