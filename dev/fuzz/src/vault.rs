//! What the vault reads: its file, a master key's file, a recovery sheet, and sealed parts. Whatever was done to them, a
//! key or a person comes out as it went in, or not at all.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use talon_domain::ids::LedgerId;
use talon_vault::{Entropy, KeyOrigin, Located, MasterKey, MasterKeyError, OpenError, SealedPart, Vault, VaultReader};
use tempfile::TempDir;

use crate::bytes::Bytes;

const LEDGER: LedgerId = LedgerId([7; 16]);
const PHONE: &str = "+33612345612";
const PERSONAL: &[u8] = b"\x0a\x0c+33612345612\x1a\x0dJeanne Modele";
/// The bytes of a header that a sealed part is bound to: kind and schema, merchant, ids.
const BOUND: [std::ops::Range<usize>; 3] = [2..6, 24..32, 56..88];

/// A vault with one sealed part, and a folder for what the fuzzer makes of it.
struct Safe {
    folder: TempDir,
    file: Vec<u8>,
    master: MasterKey,
    reader: VaultReader,
    header: [u8; 104],
    sealed: Vec<u8>,
}

thread_local! {
    static SAFE: RefCell<Safe> = RefCell::new(Safe::new());
}

impl Safe {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let master = MasterKey::generate(&mut Entropy::from_seed([1; 32]));
        let mut vault = Vault::create(folder.path(), &master, LEDGER, Entropy::from_seed([2; 32])).expect("a vault");
        let header = std::array::from_fn(|at| u8::try_from(at).expect("104 bytes") | u8::from(at == 6));
        let mut sealed = Vec::new();
        vault.seal(&header, PERSONAL, Some(PHONE), &mut sealed).expect("sealed");
        vault.close().expect("closed");
        let file = fs::read(folder.path().join("vault/keys.sqlite")).expect("its file");
        let reader = Vault::open_read_only(folder.path(), &master, LEDGER).expect("it opens");
        let spoilt = folder.path().join("spoilt/vault");
        fs::create_dir_all(spoilt).expect("a folder");
        Self { folder, file, master, reader, header, sealed }
    }
}

/// The vault's file with some bytes changed, or cut, or any bytes in its place.
pub fn vault(bytes: &[u8]) {
    SAFE.with_borrow(|safe| {
        let mut bytes = Bytes(bytes);
        let flags = bytes.u8();
        let mut file = safe.file.clone();
        bytes.edit(&mut file);
        match flags % 4 {
            0 | 1 => {}
            2 => file.truncate(file.len().saturating_sub(bytes.u16().into())),
            _ => file = bytes.0.to_vec(),
        }
        let folder = safe.folder.path().join("spoilt");
        fs::write(folder.join("vault/keys.sqlite"), &file).expect("a file");
        let is_whole = file == safe.file;
        let checked = Vault::check(&folder, LEDGER);
        assert!(!is_whole || checked.is_ok(), "an untouched vault is whole: {checked:?}");
        let Ok(mut reader) = Vault::open_read_only(&folder, &safe.master, LEDGER) else { return assert!(!is_whole) };
        match reader.open_sealed(&safe.header, &safe.sealed) {
            Ok(person) => assert_eq!(person.as_slice(), PERSONAL),
            Err(OpenError::KeyUnavailable { .. } | OpenError::Vault(_)) => assert!(!is_whole),
            Err(other) => panic!("a damaged vault does not blame the record: {other}"),
        }
    });
}

/// A sealed part and its header with some bytes changed: it opens as it was sealed, or not.
pub fn sealed_part(bytes: &[u8]) {
    SAFE.with_borrow_mut(|safe| {
        let mut bytes = Bytes(bytes);
        let (mut header, mut sealed) = (safe.header, safe.sealed.clone());
        bytes.edit(&mut header);
        bytes.edit(&mut sealed);
        sealed.truncate(sealed.len().saturating_sub(bytes.u8().into()));
        sealed.extend_from_slice(bytes.0);
        let bound = |header: &[u8; 104]| BOUND.map(|range| header[range].to_vec());
        let is_untouched = bound(&header) == bound(&safe.header) && sealed == safe.sealed;
        match safe.reader.open_sealed(&header, &sealed) {
            Ok(person) => assert!(is_untouched && person.as_slice() == PERSONAL, "somebody else came out"),
            Err(OpenError::Vault(error)) => panic!("the vault is whole: {error}"),
            Err(error) => assert!(!is_untouched, "what was sealed opens: {error}"),
        }
        if let Ok(part) = SealedPart::parse(&sealed) {
            let [alg, a, b, c, id @ ..]: [u8; 12] = sealed[..12].try_into().expect("12 bytes");
            assert_eq!(alg, 1);
            assert_eq!(part.phone_bucket(), u32::from_le_bytes([a, b, c, 0]));
            assert_eq!(part.key_id().0, u64::from_le_bytes(id));
        }
    });
}

/// Any text as a recovery sheet: a key that is read writes a sheet that says the same key.
pub fn recovery_sheet(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match MasterKey::from_recovery(text) {
        Ok(key) => reads_again(&key, text),
        Err(error) => assert!(error.to_string().len() < 200 + text.len()),
    }
    let sheet = SAFE.with_borrow(|safe| safe.master.recovery_copy().to_string());
    let mut spoilt = sheet.clone().into_bytes();
    Bytes(bytes).edit(&mut spoilt);
    if let Ok(key) =
        std::str::from_utf8(&spoilt).map_err(drop).and_then(|text| MasterKey::from_recovery(text).map_err(drop))
    {
        let held = SAFE.with_borrow(|safe| safe.master.fingerprint());
        assert_eq!(key.fingerprint(), held, "a sheet with other characters is another key");
    }
}

/// The key in a text stands there: its fingerprint, and every digit of its lines, in their order.
fn reads_again(key: &MasterKey, text: &str) {
    let sheet = key.recovery_copy().to_string();
    let again = MasterKey::from_recovery(&sheet).expect("our own sheet");
    assert_eq!(again.recovery_copy().to_string(), sheet);
    assert_eq!(said(text), said(&sheet));
}

/// What a sheet says, without what is for people.
fn said(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Any bytes as a master key's file, with the permissions that the input says.
pub fn master_key(bytes: &[u8]) {
    let (mut bytes, path) = (Bytes(bytes), SAFE.with_borrow(|safe| safe.folder.path().join("master.key")));
    let is_open_to_others = bytes.u8() & 1 == 1;
    let text = bytes.0;
    fs::write(&path, text).expect("a file");
    let mode = if is_open_to_others { 0o640 } else { 0o600 };
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("our own file");
    match MasterKey::read(&located(path)) {
        Ok(key) => {
            assert!(!is_open_to_others);
            reads_again(&key, std::str::from_utf8(text).expect("a key is text"));
        }
        Err(MasterKeyError::LoosePermissions { .. }) => assert!(is_open_to_others),
        Err(MasterKeyError::Malformed { .. }) => {
            let as_sheet = std::str::from_utf8(text).map(MasterKey::from_recovery);
            assert!(text.len() > 16_000 || !matches!(as_sheet, Ok(Ok(_))), "a sheet is a key's file");
        }
        Err(other) => panic!("the file is there: {other}"),
    }
}

const fn located(path: PathBuf) -> Located {
    Located { path, origin: KeyOrigin::Flag, inside_ledger: false }
}
