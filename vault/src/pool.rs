//! Keys that are durable, claimed, and not used yet: what sealing takes from. Invariants:
//! - a key leaves the pool once
//! - `next < 4096` for every slab held; a slab without keys left is let go, and wiped
//!
//! This module does not write the store: `vault` fills the pool with what it made durable.

use std::collections::VecDeque;

use crate::slab::{Key, KeyId, SLAB_KEYS, Slab, SlabId};

struct Claimed {
    id: SlabId,
    slab: Slab,
    next: u16,
}

#[derive(Default)]
pub(crate) struct Pool(VecDeque<Claimed>);

impl Pool {
    /// Adds a claimed slab whose slots from `next` on were never used.
    pub(crate) fn add(&mut self, id: SlabId, slab: Slab, next: u16) {
        if next < SLAB_KEYS {
            self.0.push_back(Claimed { id, slab, next });
        }
    }

    /// Keys at hand.
    pub(crate) fn available(&self) -> usize {
        self.0.iter().map(|claimed| usize::from(SLAB_KEYS - claimed.next)).sum()
    }

    /// Takes the next key, for good.
    pub(crate) fn take(&mut self) -> Option<(KeyId, Key)> {
        loop {
            let front = self.0.front_mut()?;
            let slot = front.next;
            let key = front.slab.key(slot).map(|key| (KeyId::new(front.id, slot), key));
            front.next += 1;
            if front.next == SLAB_KEYS {
                self.0.pop_front();
            }
            if key.is_some() {
                return key;
            }
        }
    }

    /// Where the next writer may go on.
    pub(crate) fn left(&self) -> Vec<(SlabId, u16)> {
        self.0.iter().map(|claimed| (claimed.id, claimed.next)).collect()
    }
}
