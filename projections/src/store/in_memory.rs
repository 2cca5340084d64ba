//! The store that lies in memory: for replays, which keep nothing, and for tests.
//!
//! This module does not survive its process.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use super::{Batch, Store, StoreError};

/// A store in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(BTreeMap<Vec<u8>, Vec<u8>>);

impl MemoryStore {
    /// An empty store.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }
}

impl Store for MemoryStore {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(key).cloned())
    }

    fn keys(
        &self,
        from: &[u8],
        below: &[u8],
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        if from < below {
            let range = (Bound::Included(from), Bound::Excluded(below));
            let _ = self.0.range::<[u8], _>(range).try_for_each(|(key, _)| each(key));
        }
        Ok(())
    }

    fn write(&mut self, batch: Batch) -> Result<(), StoreError> {
        for (key, value) in batch.into_changes() {
            match value {
                Some(value) => self.0.insert(key, value),
                None => self.0.remove(&key),
            };
        }
        Ok(())
    }

    fn bytes(&self) -> Result<u64, StoreError> {
        let lengths = self.0.iter().map(|(key, value)| key.len().saturating_add(value.len()) as u64);
        Ok(lengths.fold(0, u64::saturating_add))
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
