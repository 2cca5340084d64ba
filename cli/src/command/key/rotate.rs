//! `talon key rotate`: the vault under a new master key. Invariant: at every moment one of the files at hand opens the vault,
//! and asking again finishes what was killed.
//!
//! ```text
//! FILE.new is written --> the vault is wrapped under it, all or nothing --> the ledger says so --> FILE becomes
//! FILE.<old fingerprint>, and FILE.new becomes FILE
//! ```

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;
use talon_domain::fact::Kind;
use talon_journal::Journal as _;
use talon_vault::{Entropy, Located, MasterKey, Vault};

use crate::args::Common;
use crate::exit::Exit;
use crate::ledger::Writing;
use crate::show::Screen;
use crate::{files, keys, ledger};

pub(super) fn run(author: &str, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    let located = keys::place(dir, common);
    let old = MasterKey::read(&located)?;
    let next = Located { path: beside(&located.path, "new"), ..located.clone() };
    // Whoever writes holds the ledger: no key is made under the old wrapping meanwhile.
    let Writing { journal, door, .. } = ledger::open_to_write(dir, common)?;
    let new = new_key(&next)?;
    let is_wrapped = Vault::master_key_fingerprint(dir)? == new.fingerprint();
    if !is_wrapped {
        Vault::rotate(dir, (&old, &new), journal.identity().ledger_id, &mut Entropy::from_os()?)?;
    }
    let said = json!({
        "oldFingerprint": old.fingerprint(), "newFingerprint": new.fingerprint(), "authorCode": author,
    });
    ledger::append_technical(&journal, Kind::MASTER_KEY_ROTATED, &said)?;
    door.close()?;
    let kept = put_in_place(&located.path, &next.path, &old)?;
    if screen.is_json() {
        screen.json(&json!({
            "type": "rotation", "masterKey": located.path.display().to_string(),
            "masterKeyFingerprint": new.fingerprint(), "oldKey": kept.display().to_string(),
            "oldFingerprint": old.fingerprint(),
        }))?;
        return Ok(Exit::Done);
    }
    screen.line(&format!("{} {}", located.path.display(), new.fingerprint()))?;
    let old = screen.say("l'ancienne clé, pour les sauvegardes d'avant", "the old key, for backups made before");
    screen.line(&format!("{old}: {}", kept.display()))?;
    Ok(Exit::Done)
}

/// The key that an earlier try left, else one that is drawn now; it is durable before anything is wrapped under it.
fn new_key(place: &Located) -> anyhow::Result<MasterKey> {
    if place.path.exists() {
        return Ok(MasterKey::read(place)?);
    }
    let key = MasterKey::generate(&mut Entropy::from_os()?);
    key.write_new(&place.path)?;
    Ok(key)
}

/// The new key's file takes the old one's place, which stays under its fingerprint's name.
fn put_in_place(key: &Path, next: &Path, old: &MasterKey) -> anyhow::Result<PathBuf> {
    let kept = beside(key, &old.fingerprint());
    let moved = || -> std::io::Result<()> {
        if !kept.exists() {
            fs::hard_link(key, &kept)?;
        }
        fs::rename(next, key)?;
        files::sync(files::parent(key))
    };
    let words = || {
        let (key, next) = (key.display(), next.display());
        format!("the vault is wrapped by {next}: put it in the place of {key}, which could not be done here")
    };
    moved().with_context(words)?;
    Ok(kept)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}
