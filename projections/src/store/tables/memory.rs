//! Changes in memory. They are written one behind the other and looked at by nobody until somebody reads or commits;
//! then they are sorted, and what one key was told several times becomes one saying.
//!
//! ```text
//! put, delete, add --> tail, as they come --first read--> chunk: sorted, each key once --next change--> chunks, oldest first
//! ```
//!
//! Invariants:
//! - of one key a newer saying stands behind an older one: in the tail by its place, among chunks by theirs
//! - a chunk holds each key once, in the order of keys
//! - what was written is not moved until it is sorted: a change costs a copy of its bytes, whatever there is already
//!
//! This module does not read runs: what it is told is put over them unread.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::OnceLock;

use super::super::entry::{Said, joined};
use super::{Merge, Table, Tables};
use crate::cells::Cells;

/// How many chunks are walked together before they become one.
const CHUNKS_MAX: usize = 6;

/// What is gathered in memory of one table.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Oldest first.
    chunks: Vec<Chunk>,
    tail: Chunk,
    /// The tail as a chunk, once somebody has looked.
    sorted: OnceLock<Chunk>,
}

/// Sayings one behind the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    slots: Vec<Slot>,
    bytes: Vec<u8>,
}

/// A saying: where its key and its value are.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The key's first bytes, which tell most keys apart.
    prefix: u128,
    start: usize,
    value_len: u32,
    key_len: u16,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gone,
    Set,
    Add,
}

impl Slot {
    fn key(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start..self.start.saturating_add(self.key_len.into())).unwrap_or_default()
    }

    fn said(self, bytes: &[u8]) -> Said<'_> {
        let start = self.start.saturating_add(self.key_len.into());
        let value = bytes.get(start..start.saturating_add(self.value_len as usize)).unwrap_or_default();
        match self.kind {
            Kind::Gone => Said::Gone,
            Kind::Set => Said::Set(value),
            Kind::Add => Said::Add(value),
        }
    }

    fn order(self, other: Self, bytes: &[u8]) -> Ordering {
        self.prefix.cmp(&other.prefix).then_with(|| self.key(bytes).cmp(other.key(bytes)))
    }
}

/// A key's first sixteen bytes as a number; a shorter key is filled with zeros, so that order is kept.
fn prefix_of(key: &[u8]) -> u128 {
    let mut first = [0; 16];
    first.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    u128::from_be_bytes(first)
}

impl Chunk {
    /// Writes a saying behind the others; the value is written by the caller.
    fn push(&mut self, key: &[u8], kind: Kind, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(key);
        let value_at = self.bytes.len();
        write(&mut self.bytes);
        let value_len = u32::try_from(self.bytes.len().saturating_sub(value_at)).unwrap_or(u32::MAX);
        let key_len = u16::try_from(key.len()).unwrap_or(u16::MAX);
        self.slots.push(Slot { prefix: prefix_of(key), start, value_len, key_len, kind });
    }

    fn push_said(&mut self, key: &[u8], said: Said<'_>) {
        match said {
            Said::Gone => self.push(key, Kind::Gone, |_| ()),
            Said::Set(value) => self.push(key, Kind::Set, |bytes| bytes.extend_from_slice(value)),
            Said::Add(value) => self.push(key, Kind::Add, |bytes| bytes.extend_from_slice(value)),
        }
    }

    /// The same sayings in the order of keys, each key once.
    fn sorted(&self) -> Self {
        let mut order = self.slots.clone();
        order.sort_unstable_by(|a, b| a.order(*b, &self.bytes).then(a.start.cmp(&b.start)));
        let mut sorted = Self { slots: Vec::with_capacity(order.len()), bytes: Vec::with_capacity(self.bytes.len()) };
        for same in order.chunk_by(|a, b| a.order(*b, &self.bytes) == Ordering::Equal) {
            let Some((first, later)) = same.split_first() else { continue };
            let key = first.key(&self.bytes);
            if later.is_empty() {
                sorted.push_said(key, first.said(&self.bytes));
                continue;
            }
            // What was put in a table of sums is cells; other bytes count as none, as nothing was put.
            if let Ok(joined) = joined(same.iter().rev().map(|slot| slot.said(&self.bytes))) {
                sorted.push_said(key, joined.said());
            }
        }
        sorted
    }

    /// Where the first key is that is not before this one.
    pub(super) fn seek(&self, key: &[u8]) -> usize {
        let prefix = prefix_of(key);
        self.slots.partition_point(|slot| {
            slot.prefix.cmp(&prefix).then_with(|| slot.key(&self.bytes).cmp(key)) == Ordering::Less
        })
    }

    /// The key and the saying at a place.
    pub(super) fn at(&self, place: usize) -> Option<(&[u8], Said<'_>)> {
        let slot = self.slots.get(place)?;
        Some((slot.key(&self.bytes), slot.said(&self.bytes)))
    }

    /// All of it, in its order.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&[u8], Said<'_>)> {
        self.slots.iter().map(|slot| (slot.key(&self.bytes), slot.said(&self.bytes)))
    }

    fn find(&self, key: &[u8]) -> Option<Said<'_>> {
        self.at(self.seek(key)).filter(|(found, _)| *found == key).map(|(_, said)| said)
    }

    fn memory_bytes(&self) -> usize {
        self.bytes.len().saturating_add(self.slots.len().saturating_mul(size_of::<Slot>()))
    }
}

impl Memory {
    /// Chunks to be walked, newest first.
    pub(super) fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        let newest = (!self.tail.slots.is_empty()).then(|| self.sorted.get_or_init(|| self.tail.sorted()));
        newest.into_iter().chain(self.chunks.iter().rev())
    }

    /// What is said under a key, newest first.
    pub(super) fn find<'m>(&'m self, key: &'m [u8]) -> impl Iterator<Item = Said<'m>> {
        self.chunks().filter_map(move |chunk| chunk.find(key))
    }

    /// All of it as one chunk.
    pub(super) fn whole(&self) -> Cow<'_, Chunk> {
        let mut chunks = self.chunks();
        match (chunks.next(), chunks.next()) {
            (Some(only), None) => Cow::Borrowed(only),
            _ => Cow::Owned(Self::joined(self.chunks.iter().chain(self.sorted.get()))),
        }
    }

    /// Whether nothing is said.
    pub(super) const fn is_empty(&self) -> bool {
        self.tail.slots.is_empty() && self.chunks.is_empty()
    }

    /// How many sayings there are; one key may have several.
    pub(super) fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.slots.len()).fold(self.tail.slots.len(), usize::saturating_add)
    }

    fn memory_bytes(&self) -> usize {
        self.chunks.iter().map(Chunk::memory_bytes).fold(self.tail.memory_bytes(), usize::saturating_add)
    }

    /// The tail to write to: what somebody has looked at meanwhile stands as a chunk of its own.
    fn tail(&mut self) -> &mut Chunk {
        if let Some(sorted) = self.sorted.take() {
            self.tail.slots.clear();
            self.tail.bytes.clear();
            self.chunks.push(sorted);
            if self.chunks.len() > CHUNKS_MAX {
                self.join();
            }
        }
        &mut self.tail
    }

    /// Makes one chunk of all that were looked at.
    fn join(&mut self) {
        self.chunks = vec![Self::joined(self.chunks.iter())];
    }

    /// One chunk of several, the oldest first: their places say what is newer.
    fn joined<'c>(chunks: impl Iterator<Item = &'c Chunk>) -> Chunk {
        let mut all = Chunk::default();
        chunks.flat_map(Chunk::rows).for_each(|(key, said)| all.push_said(key, said));
        all.sorted()
    }
}

impl Tables {
    /// Puts a row under a key, in place of what is there. In a table of sums the row is [`Cells`] as bytes.
    pub fn put(&mut self, table: Table, key: &[u8], value: &[u8]) {
        // Empty cells are no row.
        let is_row = (self.merge)(table) == Merge::Latest || !value.is_empty();
        let kind = if is_row { Kind::Set } else { Kind::Gone };
        self.say(table, key, kind, |bytes| bytes.extend_from_slice(value));
    }

    /// Takes the row under a key away, if there is one.
    pub fn delete(&mut self, table: Table, key: &[u8]) {
        self.say(table, key, Kind::Gone, |_| ());
    }

    /// Adds cells to the row under a key, which begins as no cells.
    pub fn add(&mut self, table: Table, key: &[u8], cells: &Cells) {
        debug_assert_eq!((self.merge)(table), Merge::Cells, "only sums are added to");
        if !cells.is_empty() {
            self.say(table, key, Kind::Add, |bytes| cells.encode_into(bytes));
        }
    }

    fn say(&mut self, table: Table, key: &[u8], kind: Kind, write: impl FnOnce(&mut Vec<u8>)) {
        let tail = self.content.entry(table).or_default().memory.tail();
        let before = tail.memory_bytes();
        tail.push(key, kind, write);
        self.memory_bytes = self.memory_bytes.saturating_add(tail.memory_bytes().saturating_sub(before));
    }

    /// Bytes that uncommitted changes take in memory, roughly.
    pub const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Counts again what is in memory, after more than one row has changed.
    pub(super) fn count_memory(&mut self) {
        let bytes = self.content.values().map(|content| content.memory.memory_bytes());
        self.memory_bytes = bytes.fold(0, usize::saturating_add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(memory: &Memory) -> Vec<String> {
        let mut lines = Vec::new();
        for chunk in memory.chunks() {
            let mut place = 0;
            while let Some((key, said)) = chunk.at(place) {
                lines.push(format!("{} {said:?}", String::from_utf8_lossy(key)));
                place += 1;
            }
        }
        lines
    }

    #[test]
    fn what_was_looked_at_stays_where_it_is_and_newer_words_come_first() {
        let mut memory = Memory::default();
        let put = |memory: &mut Memory, key: &str, value: &[u8]| {
            memory.tail().push(key.as_bytes(), Kind::Set, |bytes| bytes.extend_from_slice(value));
        };
        put(&mut memory, "b", &[1]);
        put(&mut memory, "a", &[2]);
        put(&mut memory, "b", &[3]);
        assert_eq!(told(&memory), ["a Set([2])", "b Set([3])"]);
        put(&mut memory, "b", &[4]);
        assert_eq!(told(&memory), ["b Set([4])", "a Set([2])", "b Set([3])"]);
        assert_eq!(memory.find(b"b").next(), Some(Said::Set(&[4])));
        for round in 0..20 {
            put(&mut memory, "c", &[round]);
            assert_eq!(memory.find(b"c").next(), Some(Said::Set(&[round])));
        }
        assert!(memory.chunks.len() <= CHUNKS_MAX);
        assert_eq!(memory.find(b"a").next(), Some(Said::Set(&[2])));
    }
}
