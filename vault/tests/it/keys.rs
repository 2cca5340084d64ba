//! The master key's file, where it lies, and vaults that it does not open.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use talon_domain::ids::LedgerId;
use talon_vault::{
    CREDENTIAL, Entropy, KeyOrigin, KeySources, Located, MasterKey, MasterKeyError, Vault, VaultError, locate,
};

use crate::{LEDGER, entropy, master, new_vault};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn at(path: PathBuf, origin: KeyOrigin) -> Located {
    Located { path, origin, inside_ledger: false }
}

#[test]
fn a_master_key_is_written_once_for_its_owner_and_reads_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.key");
    let located = at(path.clone(), KeyOrigin::Beside);
    assert!(matches!(MasterKey::read(&located), Err(MasterKeyError::Missing { .. })));
    master().write_new(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(MasterKey::read(&located).unwrap().fingerprint(), master().fingerprint());
    let other = MasterKey::generate(&mut Entropy::from_os().unwrap());
    assert!(matches!(other.write_new(&path), Err(MasterKeyError::Exists { .. })));

    set_mode(&path, 0o640);
    let refused = MasterKey::read(&located).unwrap_err();
    assert!(refused.to_string().ends_with(&format!("(mode 0640): chmod 600 {}", path.display())), "{refused}");
    assert!(MasterKey::read(&at(path.clone(), KeyOrigin::Credential)).is_ok(), "systemd grants by an access list");
    set_mode(&path, 0o604);
    for origin in [KeyOrigin::Flag, KeyOrigin::Credential] {
        let refused = MasterKey::read(&at(path.clone(), origin)).unwrap_err();
        assert!(matches!(refused, MasterKeyError::LoosePermissions { mode: 0o604, .. }));
    }
    set_mode(&path, 0o600);
    fs::write(&path, [0xff; 64]).unwrap();
    assert!(matches!(MasterKey::read(&located), Err(MasterKeyError::Malformed { .. })));
}

#[test]
fn a_recovery_copy_is_a_master_key_again_and_shows_itself_only_when_asked() {
    let sheet = master().recovery_copy();
    let again = MasterKey::from_recovery(&sheet.to_string()).unwrap();
    assert_eq!(again.fingerprint(), master().fingerprint());
    assert_eq!(format!("{sheet:?} {again:?}"), "RecoverySheet MasterKey");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("typed.key");
    fs::write(&path, sheet.to_string()).unwrap();
    set_mode(&path, 0o600);
    assert!(MasterKey::read(&at(path, KeyOrigin::Flag)).is_ok(), "a typed sheet is a key file");
}

#[test]
fn the_key_is_looked_for_in_the_documented_order() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, credentials) = (dir.path().join("shop"), dir.path().join("credentials"));
    fs::create_dir(&credentials).unwrap();
    let (flag, file) = (dir.path().join("flag.key"), ledger.join("inside.key"));
    let all = KeySources { flag: Some(&flag), master_key_file: Some(&file), credentials_directory: Some(&credentials) };
    let found = |sources: &KeySources<'_>| {
        let located = locate(&ledger, sources);
        (located.path, located.origin, located.inside_ledger)
    };
    assert_eq!(found(&all), (flag.clone(), KeyOrigin::Flag, false));
    let no_flag = KeySources { flag: Some(Path::new("")), ..all };
    assert_eq!(found(&no_flag), (file.clone(), KeyOrigin::Environment, true));
    let service = KeySources { master_key_file: None, ..no_flag };
    let beside = (dir.path().join("shop.key"), KeyOrigin::Beside, false);
    assert_eq!(found(&service), beside, "a service may have other credentials");
    fs::write(credentials.join(CREDENTIAL), "").unwrap();
    assert_eq!(found(&service), (credentials.join(CREDENTIAL), KeyOrigin::Credential, false));
    assert_eq!(found(&KeySources::default()), beside);

    fs::create_dir(&ledger).unwrap();
    std::os::unix::fs::symlink(&ledger, dir.path().join("link")).unwrap();
    let through_link = dir.path().join("link/x.key");
    assert!(locate(&ledger, &KeySources { flag: Some(&through_link), ..all }).inside_ledger);
    let dotted = ledger.join("..").join("shop").join(".");
    assert!(!locate(&dotted, &KeySources::default()).inside_ledger);
}

#[test]
fn a_wrong_key_another_ledger_and_a_missing_vault_are_told_apart_before_anything_is_sealed() {
    let (dir, vault) = new_vault();
    drop(vault);
    let wrong = MasterKey::generate(&mut entropy(99));
    match Vault::open(dir.path(), &wrong, LEDGER, entropy(1)).unwrap_err() {
        VaultError::WrongKey { wanted, given, .. } => {
            assert_eq!((wanted, given), (master().fingerprint(), wrong.fingerprint()));
        }
        other => panic!("{other}"),
    }
    assert!(matches!(Vault::open_read_only(dir.path(), &wrong, LEDGER), Err(VaultError::WrongKey { .. })));
    match Vault::open(dir.path(), &master(), LedgerId([9; 16]), entropy(1)).unwrap_err() {
        VaultError::OtherLedger { held, wanted, .. } => assert_eq!((held, wanted), (LEDGER, LedgerId([9; 16]))),
        other => panic!("{other}"),
    }
    let made_again = Vault::create(dir.path(), &master(), LEDGER, entropy(1));
    assert!(matches!(made_again, Err(VaultError::Exists { .. })));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Vault::open(empty.path(), &master(), LEDGER, entropy(1)), Err(VaultError::Absent { .. })));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}

/// Every page of the file is looked at, and nothing is unwrapped.
#[test]
fn without_the_master_key_a_whole_vault_is_told_from_a_damaged_one() {
    let (dir, mut vault) = new_vault();
    vault.prepare(2_000).unwrap();
    vault.close().unwrap();
    Vault::check(dir.path(), LEDGER).unwrap();
    assert!(matches!(Vault::check(dir.path(), LedgerId([9; 16])), Err(VaultError::OtherLedger { .. })));
    let file = dir.path().join("vault/keys.sqlite");
    let whole = fs::read(&file).unwrap();
    for page in (0..whole.len()).step_by(4_096) {
        let mut damaged = whole.clone();
        damaged[page..page + 16].fill(0xff); // the page's head
        fs::write(&file, damaged).unwrap();
        assert!(matches!(Vault::check(dir.path(), LEDGER), Err(VaultError::Damaged { .. })), "page at {page}");
    }
}

#[test]
fn a_vault_is_its_owners_alone_and_a_damaged_or_unfinished_one_says_so() {
    let (dir, vault) = new_vault();
    drop(vault);
    let (folder, file) = (dir.path().join("vault"), dir.path().join("vault/keys.sqlite"));
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    for (bytes, unfinished) in [(Vec::new(), true), (vec![7; 4096], false)] {
        fs::write(&file, bytes).unwrap();
        match Vault::open(dir.path(), &master(), LEDGER, entropy(1)).unwrap_err() {
            VaultError::Unfinished { .. } => assert!(unfinished),
            VaultError::Damaged { .. } => assert!(!unfinished),
            other => panic!("{other}"),
        }
    }
}
