//! What one file holds: what is seen, what is durable, and what lies between the two.
//!
//! A sector whose writing failed is lost for good, however often the file is synced again. If it was never durable, what
//! lies there after a power cut is what the medium held before, which is not zero here.

use std::collections::BTreeSet;

use super::survivors::Chance;

const SECTOR_BYTES: usize = 512;
/// What the medium held before a file got the space.
const STALE: u8 = 0xa5;

/// A file's bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    pub(super) seen: Vec<u8>,
    durable: Vec<u8>,
    unsynced: BTreeSet<usize>,
    /// How often writing it failed: a descriptor reports what happened since it was opened, once.
    pub(super) errors: u64,
}

impl Contents {
    /// A file all of whose bytes are durable.
    pub(super) fn durable(bytes: Vec<u8>) -> Self {
        Self { seen: bytes.clone(), durable: bytes, ..Self::default() }
    }

    pub(super) fn write(&mut self, bytes: &[u8], offset: usize) {
        let (old, end) = (self.seen.len(), offset + bytes.len());
        if old < end {
            self.seen.resize(end, 0);
        }
        self.seen[offset..end].copy_from_slice(bytes);
        self.unsynced.extend(old.min(offset) / SECTOR_BYTES..end.div_ceil(SECTOR_BYTES).min(self.sectors()));
    }

    fn sectors(&self) -> usize {
        self.seen.len().div_ceil(SECTOR_BYTES)
    }

    /// Only what is known to be unsynced is written.
    pub(super) fn sync(&mut self) {
        self.durable.resize(self.seen.len(), STALE);
        for sector in std::mem::take(&mut self.unsynced) {
            let end = ((sector + 1) * SECTOR_BYTES).min(self.seen.len());
            let start = (sector * SECTOR_BYTES).min(end);
            self.durable[start..end].copy_from_slice(&self.seen[start..end]);
        }
    }

    /// What was not synced is lost, and taken for written from now on.
    pub(super) fn lose(&mut self) {
        if !self.unsynced.is_empty() {
            self.unsynced.clear();
            self.errors += 1;
        }
    }

    /// What is left of it after a power cut.
    pub(super) fn survive(&self, chance: &mut Chance) -> Self {
        let mut found = self.durable.clone();
        for sector in self.unsynced.iter().filter(|_| chance.survives()) {
            let end = ((sector + 1) * SECTOR_BYTES).min(self.seen.len());
            let start = (sector * SECTOR_BYTES).min(end);
            if found.len() < end {
                found.resize(end, 0);
            }
            found[start..end].copy_from_slice(&self.seen[start..end]);
        }
        Self::durable(found)
    }
}
