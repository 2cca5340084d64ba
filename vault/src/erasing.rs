//! Erasing: keys are destroyed, and what they sealed can never be opened again. Invariants:
//! - a slab is rewritten without the keys, under its next generation, in the transaction that removes its old bytes
//! - what a call erased is gone from the file when it returns; backups that were made before still hold it, until they are
//!   thrown away
//! - keys that were not named stay what they were, also those that a writer has not used yet
//!
//! This module does not know whose keys they are: the journal says who was erased.

use std::collections::BTreeMap;

use crate::error::VaultError;
use crate::slab::{KeyId, SlabId};
use crate::store::WrappedSlab;
use crate::vault::Vault;

impl Vault {
    /// Destroys keys; how many of them were there. Those that are not there (any more) are nothing to destroy.
    ///
    /// # Errors
    /// Nothing was destroyed.
    pub fn erase(&mut self, keys: &[KeyId]) -> Result<usize, VaultError> {
        let mut slots: BTreeMap<SlabId, Vec<u16>> = BTreeMap::new();
        keys.iter().for_each(|key| slots.entry(key.slab()).or_default().push(key.slot()));
        let (reader, entropy) = self.parts();
        let (mut erased, mut rewritten) = (0, Vec::new());
        for (id, slots) in slots {
            let Some(wrapped) = reader.store.slab(id)? else { continue };
            let mut slab = reader.unwrap(&wrapped)?;
            erased += slab.erase(&slots);
            let generation = wrapped.generation.next();
            let keys = reader.wrapping.wrap_slab(id, generation, &slab, entropy);
            rewritten.push(WrappedSlab { id, generation, keys });
        }
        reader.store.replace(&rewritten)?;
        Ok(erased)
    }
}
