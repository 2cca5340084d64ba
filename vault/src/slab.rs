//! A slab: 4,096 keys under one number. Invariants:
//! - `key_id = slab_id x 4096 + slot`, `slab_id < 2^52`, `slot < 4096`
//! - a slot of zeros holds no key: that is what erasing a key leaves
//! - the keys in memory are wiped when the slab is let go
//!
//! This module does not know which keys were used: that is `pool`'s concern.

use std::fmt;

use zeroize::Zeroizing;

use crate::entropy::Entropy;

/// Keys in a slab.
pub const SLAB_KEYS: u16 = 4096;
const SLOT_BITS: u32 = 12;
const KEY_BYTES: usize = 32;
/// 4,096 keys x 32 bytes = 128 KiB.
pub(crate) const SLAB_BYTES: usize = SLAB_KEYS as usize * KEY_BYTES;

const _: () = assert!(1 << SLOT_BITS == SLAB_KEYS);

/// Names the key that seals one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u64);

impl KeyId {
    pub(crate) fn new(slab: SlabId, slot: u16) -> Self {
        assert!(slot < SLAB_KEYS, "a slot is a place in its slab");
        Self((slab.0 << SLOT_BITS) | u64::from(slot))
    }

    pub(crate) const fn slab(self) -> SlabId {
        SlabId(self.0 >> SLOT_BITS)
    }

    pub(crate) const fn slot(self) -> u16 {
        let [a, b, ..] = self.0.to_le_bytes();
        u16::from_le_bytes([a, b]) % SLAB_KEYS
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:013x}/{}", self.slab().0, self.slot())
    }
}

/// Names a slab: 52 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SlabId(u64);

impl SlabId {
    pub(crate) fn random(entropy: &mut Entropy) -> Self {
        Self(u64::from_le_bytes(entropy.bytes()) >> SLOT_BITS)
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    pub(crate) const fn from_number(number: u64) -> Option<Self> {
        if number >> (u64::BITS - SLOT_BITS) == 0 { Some(Self(number)) } else { None }
    }
}

/// How often a slab was rewritten, from 1. Bound into its wrapping, so that an old copy does not pass for the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation(pub(crate) u32);

impl Generation {
    pub(crate) const FIRST: Self = Self(1);

    pub(crate) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// One key, wiped when it is let go.
pub(crate) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// The keys of a slab, in clear.
pub(crate) struct Slab(Zeroizing<Vec<u8>>);

impl Slab {
    /// Draws 4,096 keys.
    pub(crate) fn random(entropy: &mut Entropy) -> Self {
        let mut keys = Zeroizing::new(vec![0; SLAB_BYTES]);
        entropy.fill(&mut keys);
        entropy.ratchet();
        Self(keys)
    }

    /// Takes the bytes of a slab; `None` if they are not as long as one.
    pub(crate) fn from_bytes(keys: Zeroizing<Vec<u8>>) -> Option<Self> {
        (keys.len() == SLAB_BYTES).then_some(Self(keys))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes keys out; how many were there.
    pub(crate) fn erase(&mut self, slots: &[u16]) -> usize {
        let (keys, _) = self.0.as_chunks_mut::<KEY_BYTES>();
        let mut erased = 0;
        for slot in slots {
            let key = keys.get_mut(usize::from(*slot)).filter(|key| **key != [0; KEY_BYTES]);
            erased += usize::from(key.map(|key| *key = [0; KEY_BYTES]).is_some());
        }
        erased
    }

    /// The key in a slot; `None` if it was erased.
    pub(crate) fn key(&self, slot: u16) -> Option<Key> {
        let (keys, _) = self.0.as_chunks::<KEY_BYTES>();
        keys.get(usize::from(slot)).filter(|key| **key != [0; KEY_BYTES]).map(|key| Zeroizing::new(*key))
    }
}

impl fmt::Debug for Slab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slab")
    }
}
