//! Wrapping under the master key: AES-256-GCM, a random 96-bit nonce each time. What is wrapped is bound to its ledger,
//! and to its own name within it, so that no wrapped blob can stand in for another.
//!
//! ```text
//! wrapped = nonce 12, ciphertext, tag 16
//! AAD     = ledger_id 16, then  slab: slab_id u64, generation u64      bucket key: "talon.bucket"
//! ```
//!
//! A random nonce is safe for 2^32 wrappings under one master key: 2^44 sealed records.

use aes_gcm::aead::Nonce;
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use talon_domain::ids::LedgerId;
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::master::MasterKey;
use crate::slab::{Generation, SLAB_BYTES, Slab, SlabId};

const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const BUCKET_NAME: &[u8] = b"talon.bucket";

/// A master key at work for one ledger.
#[derive(Clone)]
pub(crate) struct Wrapping {
    cipher: Aes256Gcm,
    ledger: LedgerId,
}

impl Wrapping {
    pub(crate) fn new(master: &MasterKey, ledger: LedgerId) -> Self {
        Self { cipher: Aes256Gcm::new(master.bytes().into()), ledger }
    }

    pub(crate) fn wrap_slab(&self, id: SlabId, generation: Generation, slab: &Slab, entropy: &mut Entropy) -> Vec<u8> {
        assert_eq!(slab.bytes().len(), SLAB_BYTES, "a slab is whole");
        self.wrap(&slab_name(id, generation), slab.bytes(), entropy)
    }

    pub(crate) fn unwrap_slab(&self, id: SlabId, generation: Generation, wrapped: &[u8]) -> Option<Slab> {
        self.unwrap(&slab_name(id, generation), wrapped).and_then(Slab::from_bytes)
    }

    pub(crate) fn wrap_bucket_key(&self, key: &[u8; 32], entropy: &mut Entropy) -> Vec<u8> {
        self.wrap(BUCKET_NAME, key, entropy)
    }

    pub(crate) fn unwrap_bucket_key(&self, wrapped: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let key = self.unwrap(BUCKET_NAME, wrapped)?;
        key.as_slice().try_into().ok().map(Zeroizing::new)
    }

    fn wrap(&self, name: &[u8], plain: &[u8], entropy: &mut Entropy) -> Vec<u8> {
        self.wrap_under(entropy.bytes(), name, plain)
    }

    fn wrap_under(&self, nonce: [u8; NONCE_BYTES], name: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut wrapped = Vec::with_capacity(NONCE_BYTES + plain.len() + TAG_BYTES);
        wrapped.extend_from_slice(&nonce);
        wrapped.extend_from_slice(plain);
        let (_, body) = wrapped.split_at_mut(NONCE_BYTES);
        let Ok(tag) = self.cipher.encrypt_inout_detached(&nonce.into(), &self.aad(name), body.into()) else {
            unreachable!("a slab is far below the cipher's limit of 64 GiB")
        };
        wrapped.extend_from_slice(&tag);
        wrapped
    }

    fn unwrap(&self, name: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, rest) = wrapped.split_first_chunk::<NONCE_BYTES>()?;
        let (body, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
        let mut plain = Zeroizing::new(body.to_vec());
        let nonce: &Nonce<Aes256Gcm> = nonce.into();
        self.cipher.decrypt_inout_detached(nonce, &self.aad(name), plain.as_mut_slice().into(), tag.into()).ok()?;
        Some(plain)
    }

    fn aad(&self, name: &[u8]) -> Vec<u8> {
        [&self.ledger.0, name].concat()
    }
}

fn slab_name(id: SlabId, generation: Generation) -> [u8; 16] {
    let mut name = [0; 16];
    let (left, right) = name.split_at_mut(8);
    left.copy_from_slice(&id.number().to_le_bytes());
    right.copy_from_slice(&u64::from(generation.0).to_le_bytes());
    name
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::slab::SLAB_KEYS;

    /// Made by `dev/reader/golden_ledger.py`, which shares no code with this crate.
    const GOLDEN: &str = include_str!("../tests/golden/sealed_records.txt");

    fn lines(first: &str, second: &str) -> Vec<Vec<&'static str>> {
        let words = GOLDEN.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        words.filter(|line| line.first() == Some(&first) && (second.is_empty() || line[1] == second)).collect()
    }

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    fn golden() -> (Wrapping, Vec<u8>, Vec<u8>) {
        let line = lines("wrapped", "bucket_key").remove(0);
        let master = MasterKey::from_bytes(Zeroizing::new(bytes(line[2]).try_into().unwrap()));
        (Wrapping::new(&master, LedgerId(bytes(line[3]).try_into().unwrap())), bytes(line[4]), bytes(line[5]))
    }

    #[test]
    fn a_bucket_key_is_wrapped_as_another_writer_wraps_it() {
        let (wrapping, plain, wrapped) = golden();
        assert_eq!(wrapping.unwrap_bucket_key(&wrapped).unwrap().as_slice(), plain);
        let nonce = wrapped[..NONCE_BYTES].try_into().unwrap();
        assert_eq!(wrapping.wrap_under(nonce, BUCKET_NAME, &plain), wrapped);
    }

    /// A slab with four keys, the others erased; told by the SHA-256 of its 131,100 bytes.
    #[test]
    fn a_slab_is_wrapped_as_another_writer_wraps_it() {
        let (wrapping, _, bucket) = golden();
        let mut keys: Vec<u8> = lines("sealed", "").iter().flat_map(|line| bytes(line[2])).collect();
        keys.resize(SLAB_BYTES, 0);
        let slabs = lines("wrapped", "slab");
        assert_eq!(slabs.len(), 2);
        for line in slabs {
            let id = SlabId::from_number(line[2].parse().unwrap()).unwrap();
            let generation = Generation(line[3].parse().unwrap());
            let nonce = bucket[..NONCE_BYTES].try_into().unwrap();
            let wrapped = wrapping.wrap_under(nonce, &slab_name(id, generation), &keys);
            assert_eq!((Sha256::digest(&wrapped).to_vec(), wrapped.len()), (bytes(line[4]), 12 + SLAB_BYTES + 16));
            let slab = wrapping.unwrap_slab(id, generation, &wrapped).unwrap();
            assert!(slab.key(3).is_some() && slab.key(4).is_none() && slab.key(SLAB_KEYS - 1).is_none());
            assert!(wrapping.unwrap_slab(id, generation.next(), &wrapped).is_none(), "an old copy is no new one");
        }
    }
}
