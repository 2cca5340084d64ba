//! Where things are, by the hash of their name. The names themselves are kept where the things are, once: an entry is
//! 16 bytes, and whoever looks something up says whether it is the one that is meant. Looked up, never iterated: the
//! order of entries is nobody's, so that seeding the hash by chance changes nothing.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};

/// Places by the hash of a name.
#[derive(Clone, Debug)]
pub(super) struct Places<P> {
    table: HashTable<(u64, P)>,
    hasher: DefaultHashBuilder,
}

impl<P: Copy> Places<P> {
    pub(super) fn hash(&self, name: impl Hash) -> u64 {
        self.hasher.hash_one(name)
    }

    /// The place of a name of this hash that is the one that is meant.
    pub(super) fn find(&self, hash: u64, is_meant: impl Fn(P) -> bool) -> Option<P> {
        self.table.find(hash, |(other, place)| *other == hash && is_meant(*place)).map(|(_, place)| *place)
    }

    /// Keeps nothing any more; the room stays.
    pub(super) fn clear(&mut self) {
        self.table.clear();
    }

    /// Keeps the place of a name that has none yet.
    pub(super) fn insert(&mut self, hash: u64, place: P) {
        self.table.insert_unique(hash, (hash, place), |(hash, _)| *hash);
    }
}

impl<P> Default for Places<P> {
    fn default() -> Self {
        Self { table: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }
}
