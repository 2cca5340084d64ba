//! One thing in the store, in as many blocks as it needs, bound to its name by a checksum.
//!
//! ```text
//! key    'r', run u64, shelf u8, number u32, part u16, big endian: what belongs to a run lies together
//! bytes  length u32 and crc32c u32 little endian, then the content; cut into parts of at most 24 KiB
//! ```
//!
//! Invariants:
//! - the checksum covers the table, the key's run, shelf and number, and the content: a block in another's place fails
//! - no block is longer than a part: what sled would put into a file of its own is cut here
//! - what is missing or fails is [`StoreError::Broken`]
//!
//! This module does not know what the content means.

use super::{Batch, Store, StoreError};

/// The longest block. Up to 17 of them lie in one leaf of sled, which must stay below a quarter of its segment: a longer
/// leaf becomes a file of its own.
const PART_BYTES: usize = 24 << 10;
/// Length and checksum.
const FRONT_BYTES: usize = 8;
/// What a blob may hold at most: its parts are counted in two bytes.
const CONTENT_BYTES_MAX: usize = 1 << 30;

/// What kind of thing of a run it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shelf {
    /// The list of runs; it belongs to run 0, which is none.
    Manifest = 0,
    /// Rows.
    Page = 1,
    /// First keys of a section's pages.
    Index = 2,
    /// The filter of a section's keys.
    Filter = 3,
}

/// The name of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// The table that it was made for.
    pub(super) table: u16,
    pub(super) run: u64,
    pub(super) shelf: Shelf,
    pub(super) number: u32,
}

impl Name {
    fn key(&self, part: u16) -> Vec<u8> {
        let mut key = Vec::with_capacity(16);
        key.push(b'r');
        key.extend_from_slice(&self.run.to_be_bytes());
        key.push(self.shelf as u8);
        key.extend_from_slice(&self.number.to_be_bytes());
        key.extend_from_slice(&part.to_be_bytes());
        key
    }

    fn crc(&self, content: &[u8]) -> u32 {
        let fields = [&self.table.to_le_bytes()[..], &self.run.to_le_bytes(), &[self.shelf as u8]];
        let name = fields.into_iter().fold(0, crc32c::crc32c_append);
        crc32c::crc32c_append(crc32c::crc32c_append(name, &self.number.to_le_bytes()), content)
    }

    fn broken(&self, how: &str) -> StoreError {
        let Self { table, run, shelf, number } = self;
        StoreError::broken(format!("{shelf:?} {number} of run {run}, table {table}, {how}"))
    }

    /// Says in a batch that this blob is to hold `content`; what parts it had beyond those, stay.
    /// Answers how many parts it takes.
    pub(super) fn put(&self, batch: &mut Batch, content: &[u8]) -> Result<u16, StoreError> {
        let too_long = || StoreError::TooLong { bytes: content.len(), bytes_max: CONTENT_BYTES_MAX };
        let fits = Some(content.len()).filter(|bytes| *bytes <= CONTENT_BYTES_MAX);
        let length = fits.and_then(|bytes| u32::try_from(bytes).ok()).ok_or_else(too_long)?;
        let mut bytes = Vec::with_capacity(content.len().saturating_add(FRONT_BYTES));
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&self.crc(content).to_le_bytes());
        bytes.extend_from_slice(content);
        let mut parts = 0u16;
        if bytes.len() <= PART_BYTES {
            batch.put(self.key(0), bytes);
            return Ok(1);
        }
        for part in bytes.chunks(PART_BYTES) {
            batch.put(self.key(parts), part.to_vec());
            parts = parts.checked_add(1).ok_or_else(too_long)?;
        }
        Ok(parts)
    }

    /// Says in a batch that the parts from one on are no more.
    pub(super) fn delete_parts(&self, batch: &mut Batch, from: u16, below: u16) {
        (from..below).for_each(|part| batch.delete(self.key(part)));
    }

    /// Reads the blob; `None` if there is nothing under its name.
    pub(super) fn read_if_any(&self, store: &dyn Store) -> Result<Option<Blob>, StoreError> {
        let Some(mut bytes) = store.read(&self.key(0))? else { return Ok(None) };
        let front = bytes.first_chunk::<FRONT_BYTES>().map(|front| front.as_chunks::<4>().0);
        let Some([length, crc]) = front else { return Err(self.broken("is cut")) };
        let (length, crc) = (u32::from_le_bytes(*length), u32::from_le_bytes(*crc));
        let whole = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(FRONT_BYTES);
        let mut parts = 1u16;
        while bytes.len() < whole {
            let part = store.read(&self.key(parts))?.ok_or_else(|| self.broken("lacks a part"))?;
            bytes.extend_from_slice(&part);
            parts = parts.checked_add(1).ok_or_else(|| self.broken("has too many parts"))?;
        }
        let blob = Blob { bytes, parts };
        if blob.bytes.len() != whole || self.crc(blob.content()) != crc {
            return Err(self.broken("contradicts its checksum"));
        }
        Ok(Some(blob))
    }

    /// Reads the blob, which must be there.
    pub(super) fn read(&self, store: &dyn Store) -> Result<Blob, StoreError> {
        self.read_if_any(store)?.ok_or_else(|| self.broken("is missing"))
    }
}

/// A blob that was read, and kept its checksum.
pub(super) struct Blob {
    bytes: Vec<u8>,
    /// Blocks that it lies in.
    pub(super) parts: u16,
}

impl Blob {
    pub(super) fn content(&self) -> &[u8] {
        self.bytes.get(FRONT_BYTES..).unwrap_or_default()
    }
}

/// The keys of all that may belong to runs from one on: the first, and the first that is none of them.
pub(super) fn keys_from(run: u64) -> (Vec<u8>, Vec<u8>) {
    let mut first = vec![b'r'];
    first.extend_from_slice(&run.to_be_bytes());
    (first, vec![b's'])
}

/// The keys of all that belongs to one run.
pub(super) fn keys_of(run: u64) -> (Vec<u8>, Vec<u8>) {
    let (first, end) = keys_from(run);
    (first, run.checked_add(1).map_or(end, |next| keys_from(next).0))
}

/// The run that a key belongs to.
pub(super) fn run_of(key: &[u8]) -> Option<u64> {
    let (run, _) = key.strip_prefix(b"r")?.split_first_chunk::<8>()?;
    Some(u64::from_be_bytes(*run))
}
