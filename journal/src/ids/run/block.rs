//! A block of a run: up to 255 entries in order, and a trailer that binds them to their place.
//!
//! - the checksum covers the run's salt and the block's number in the file, so that a block of another run, or of
//!   another place, is no block
//! - a block has at least one entry; what no entry takes is zero
//!
//! This module reads no file.

use crate::layout::{put, take};

/// Bytes of a block, and of everything that a run aligns.
pub(crate) const BLOCK_BYTES: usize = 4096;
/// Entries of a full block.
pub(crate) const BLOCK_ENTRIES: usize = 255;

const ENTRY_BYTES: usize = 16;
const LEN_AT: usize = BLOCK_ENTRIES * ENTRY_BYTES;
const CRC_AT: usize = BLOCK_BYTES - 4;

/// A fingerprint and where its record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) fingerprint: u64,
    pub(crate) place: u64,
}

/// What binds bytes to their run and their place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) salt: u64,
    pub(crate) number: u64,
}

impl Binding {
    pub(crate) fn crc(self, bytes: &[u8]) -> u32 {
        let bound = crc32c::crc32c_append(crc32c::crc32c(&self.salt.to_le_bytes()), &self.number.to_le_bytes());
        crc32c::crc32c_append(bound, bytes)
    }
}

/// Lays a block out; entries beyond a full block are the caller's mistake, and left out.
pub(crate) fn encode_block(entries: &[Entry], binding: Binding) -> [u8; BLOCK_BYTES] {
    let mut bytes = [0; BLOCK_BYTES];
    let slots = bytes.as_chunks_mut::<ENTRY_BYTES>().0;
    for (slot, entry) in slots.iter_mut().zip(entries).take(BLOCK_ENTRIES) {
        put::<0, 8, _>(slot, entry.fingerprint.to_le_bytes());
        put::<8, 8, _>(slot, entry.place.to_le_bytes());
    }
    let len = u16::try_from(entries.len().min(BLOCK_ENTRIES)).unwrap_or_default();
    put::<LEN_AT, 2, _>(&mut bytes, len.to_le_bytes());
    let (covered, _) = bytes.split_at(CRC_AT);
    let crc = binding.crc(covered);
    put::<CRC_AT, 4, _>(&mut bytes, crc.to_le_bytes());
    bytes
}

/// The entries of a block, in order; never none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'a>(&'a [[u8; ENTRY_BYTES]]);

impl<'a> Block<'a> {
    /// Reads a block; `None` if the bytes are not the block that belongs there.
    pub(crate) fn read(bytes: &'a [u8; BLOCK_BYTES], binding: Binding) -> Option<Self> {
        let (covered, _) = bytes.split_at(CRC_AT);
        if binding.crc(covered) != u32::from_le_bytes(take::<CRC_AT, _, _>(bytes)) {
            return None;
        }
        Self::trusted(bytes)
    }

    /// Reads a block whose checksum was looked at before.
    pub(crate) fn trusted(bytes: &'a [u8; BLOCK_BYTES]) -> Option<Self> {
        let len = usize::from(u16::from_le_bytes(take::<LEN_AT, _, _>(bytes)));
        let entries = bytes.as_chunks::<ENTRY_BYTES>().0.get(..len)?;
        (1..=BLOCK_ENTRIES).contains(&len).then_some(Self(entries))
    }

    pub(crate) fn entries(self) -> impl DoubleEndedIterator<Item = Entry> + 'a {
        self.0.iter().map(entry)
    }

    pub(crate) fn first(self) -> u64 {
        self.0.first().map_or(0, |slot| entry(slot).fingerprint)
    }

    pub(crate) fn last(self) -> u64 {
        self.0.last().map_or(0, |slot| entry(slot).fingerprint)
    }

    /// The entries of one fingerprint.
    pub(crate) fn of(self, fingerprint: u64) -> impl Iterator<Item = Entry> + 'a {
        let from = self.0.partition_point(|slot| entry(slot).fingerprint < fingerprint);
        let rest = self.0.iter().skip(from).map(entry);
        rest.take_while(move |entry| entry.fingerprint == fingerprint)
    }
}

fn entry(slot: &[u8; ENTRY_BYTES]) -> Entry {
    Entry { fingerprint: u64::from_le_bytes(take::<0, _, _>(slot)), place: u64::from_le_bytes(take::<8, _, _>(slot)) }
}
