//! The slabs that were opened last, unwrapped: records near each other in time lie in the same slab, and unwrapping one
//! costs as much as opening a hundred records. Invariants:
//! - at most `SLABS_MAX` slabs, 2 MiB; what is let go is wiped
//! - a slab answers only for the generation that the store holds now, so that an erased key is gone from here too
//!
//! This module does not read the store.

use crate::slab::{Generation, Slab, SlabId};

/// 16 slabs of 128 KiB.
const SLABS_MAX: usize = 16;

struct Entry {
    id: SlabId,
    generation: Generation,
    slab: Slab,
}

/// Least recently used first.
#[derive(Default)]
pub(crate) struct SlabCache(Vec<Entry>);

impl SlabCache {
    /// The slab, if it is held in this generation; an older one is let go.
    pub(crate) fn get(&mut self, id: SlabId, generation: Generation) -> Option<&Slab> {
        let at = self.0.iter().position(|entry| entry.id == id)?;
        let entry = self.0.remove(at);
        if entry.generation == generation {
            self.0.push(entry);
            return self.0.last().map(|entry| &entry.slab);
        }
        None
    }

    pub(crate) fn forget(&mut self, id: SlabId) {
        self.0.retain(|entry| entry.id != id);
    }

    /// Keeps a slab, in the place of the one that was asked for longest ago.
    pub(crate) fn keep(&mut self, id: SlabId, generation: Generation, slab: Slab) -> &Slab {
        self.forget(id);
        if self.0.len() == SLABS_MAX {
            self.0.remove(0);
        }
        &self.0.push_mut(Entry { id, generation, slab }).slab
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Entropy;

    #[test]
    fn a_slab_answers_for_its_generation_only_and_the_oldest_makes_room() {
        let mut entropy = Entropy::from_seed([1; 32]);
        let ids: Vec<_> = (0..=SLABS_MAX).map(|_| SlabId::random(&mut entropy)).collect();
        let mut cache = SlabCache::default();
        for id in &ids[..SLABS_MAX] {
            cache.keep(*id, Generation::FIRST, Slab::random(&mut entropy));
        }
        assert!(cache.get(ids[0], Generation::FIRST).is_some(), "now asked for last");
        cache.keep(ids[SLABS_MAX], Generation::FIRST, Slab::random(&mut entropy));
        let held = |cache: &mut SlabCache, id| cache.get(id, Generation::FIRST).is_some();
        assert_eq!([0, 1, SLABS_MAX].map(|at| held(&mut cache, ids[at])), [true, false, true]);
        assert!(cache.get(ids[0], Generation(2)).is_none());
        assert!(!held(&mut cache, ids[0]), "a rewritten slab is wiped");
    }
}
