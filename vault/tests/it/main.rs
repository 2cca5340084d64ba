//! The vault as the other rooms see it: a folder, a master key, headers and sealed parts.

#![allow(clippy::unwrap_used, reason = "a helper of tests may fail as loudly as a test")]

mod erasing;
mod keys;
mod page;
mod rotating;
mod sealing;
mod slabs;
mod upkeep;

use std::collections::BTreeSet;
use std::path::Path;

use talon_domain::ids::LedgerId;
use talon_vault::{Entropy, KeyId, MasterKey, SealedPart, Vault};
use tempfile::TempDir;

const LEDGER: LedgerId = LedgerId([7; 16]);
const PHONE: &str = "+33612345612";
const PERSONAL: &[u8] = b"\x0a\x0c+33612345612\x1a\x0dJeanne Modele";

/// A stream of randomness that no other start in a test shares.
fn entropy(start: u8) -> Entropy {
    Entropy::from_seed([start; 32])
}

fn master() -> MasterKey {
    MasterKey::generate(&mut entropy(200))
}

fn new_vault() -> (TempDir, Vault) {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::create(dir.path(), &master(), LEDGER, entropy(0)).unwrap();
    (dir, vault)
}

fn open(dir: &Path, start: u8) -> Vault {
    Vault::open(dir, &master(), LEDGER, entropy(start)).unwrap()
}

/// A header with flag b0 and otherwise arbitrary bytes.
fn header(of: u64) -> [u8; 104] {
    let [low, ..] = of.to_le_bytes();
    let mut header = [0; 104];
    for (byte, filler) in header.iter_mut().zip((0..=u8::MAX).step_by(2)) {
        *byte = filler.wrapping_add(low);
    }
    header[56..64].copy_from_slice(&of.to_be_bytes());
    header[6] |= 1;
    header
}

fn sealed(vault: &mut Vault, of: u64) -> Vec<u8> {
    let mut out = Vec::new();
    vault.seal(&header(of), PERSONAL, Some(PHONE), &mut out).unwrap();
    out
}

fn key_of(sealed: &[u8]) -> KeyId {
    SealedPart::parse(sealed).unwrap().key_id()
}

/// The numbers of the slabs that keys come from.
fn slabs(keys: &[KeyId]) -> BTreeSet<u64> {
    keys.iter().map(|key| key.0 >> 12).collect()
}
