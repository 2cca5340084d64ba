//! Slabs over the life of several writers: no key is ever used twice.

use std::collections::BTreeSet;
use std::fs;

use super::*;

#[test]
fn no_key_is_in_the_file_in_clear_while_it_is_open_or_after() {
    let dir = tempfile::tempdir().unwrap();
    let mut entropy = Entropy::from_seed([1; 32]);
    let master = MasterKey::generate(&mut entropy);
    let mut vault = Vault::create(dir.path(), &master, LedgerId([7; 16]), entropy).unwrap();
    vault.prepare(1).unwrap();
    let mut keys: Vec<[u8; 32]> = (0..SLAB_KEYS).map(|_| *vault.pool.take().unwrap().1).collect();
    keys.push(*master.bytes());
    let starts: BTreeSet<&[u8]> = keys.iter().map(|key| &key[..8]).collect();
    let clear = |bytes: &[u8]| bytes.windows(8).any(|window| starts.contains(window));
    assert!(clear(&keys[9]), "the search itself finds what is there");
    let path = keys_path(dir.path());
    assert!(!clear(&fs::read(&path).unwrap()));
    vault.close().unwrap();
    assert!(!clear(&fs::read(&path).unwrap()));
}
