//! The store that lies in memory: for replays, which keep nothing, and for tests.
//!
//! This module does not survive its process.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use super::{Batch, Store, StoreError};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(RwLock<Blocks>);

type Blocks = BTreeMap<Vec<u8>, Vec<u8>>;

impl MemoryStore {
    /// An empty store.
    pub const fn new() -> Self {
        Self(RwLock::new(BTreeMap::new()))
    }

    fn blocks(&self) -> RwLockReadGuard<'_, Blocks> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for MemoryStore {
    fn clone(&self) -> Self {
        Self(RwLock::new(self.blocks().clone()))
    }
}

impl Store for MemoryStore {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.blocks().get(key).cloned())
    }

    fn keys(
        &self,
        from: &[u8],
        below: &[u8],
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        if from < below {
            let range = (Bound::Included(from), Bound::Excluded(below));
            let _ = self.blocks().range::<[u8], _>(range).try_for_each(|(key, _)| each(key));
        }
        Ok(())
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let mut blocks = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in batch.into_changes() {
            match value {
                Some(value) => blocks.insert(key, value),
                None => blocks.remove(&key),
            };
        }
        Ok(())
    }

    fn bytes(&self) -> Result<u64, StoreError> {
        let blocks = self.blocks();
        let lengths = blocks.iter().map(|(key, value)| key.len().saturating_add(value.len()) as u64);
        Ok(lengths.fold(0, u64::saturating_add))
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
