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
        let nonce: [u8; NONCE_BYTES] = entropy.bytes();
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
