//! A store that outlives the tables on it, as a directory does.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use talon_projections::store::{Batch, MemoryStore, Store, StoreError};

/// A store in memory, which can be opened again.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<MemoryStore>>);

impl Shared {
    pub(super) fn new(store: MemoryStore) -> Self {
        Self(Arc::new(Mutex::new(store)))
    }

    /// What would be found if the process ended now.
    pub(super) fn as_it_is(&self) -> Self {
        Self::new(self.0.lock().expect("no panic").clone())
    }
}

impl Store for Shared {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.lock().expect("no panic").read(key)
    }

    fn keys(
        &self,
        from: &[u8],
        below: &[u8],
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.0.lock().expect("no panic").keys(from, below, each)
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        self.0.lock().expect("no panic").write(batch)
    }

    fn bytes(&self) -> Result<u64, StoreError> {
        self.0.lock().expect("no panic").bytes()
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
