//! Changes in memory. They are written one behind the other and looked at by nobody until somebody reads or commits;
//! then their places are sorted, and what one key was told several times becomes one saying.
//!
//! ```text
//! put, delete, add --> tail, as they come --first read--> places, sorted --next change--> chunks, oldest first
//! ```
//!
//! Invariants:
//! - of one key a newer saying stands behind an older one: in the tail by its place, among chunks by theirs
//! - a chunk shows each key once, in the order of keys
//! - what was written is not moved when it is sorted, and a chunk joins one that is not much longer: a change is copied
//!   about as often as the logarithm of all there are, however often somebody reads between two of them
//!
//! This module does not read runs: what it is told is put over them unread.

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use super::super::entry::{Said, joined};
use super::{Merge, Table, Tables};
use crate::cells::Cells;

/// What is gathered in memory of one table.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// Oldest first; readers of an earlier state may have them too.
    chunks: Vec<Arc<Chunk>>,
    /// Sayings as they come.
    tail: Vec<Slot>,
    bytes: Vec<u8>,
    /// The tail's places in the order of keys, once somebody has looked.
    sorted: OnceLock<Places>,
}

/// Sayings in the order of keys, each key once.
#[derive(Clone, Debug)]
struct Chunk {
    bytes: Vec<u8>,
    places: Places,
}

/// Where sayings are, in the order of keys, each key once.
#[derive(Clone, Debug, Default)]
struct Places {
    slots: Vec<Slot>,
    /// What several sayings of one key came to.
    joined: Vec<u8>,
}

/// A saying: where its key and, behind it, its value are.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The key's first bytes, which tell most keys apart.
    prefix: u128,
    start: usize,
    value_len: u32,
    key_len: u16,
    kind: Kind,
    /// It is among what was joined.
    is_joined: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gone,
    Set,
    Add,
}

/// Sorted sayings as they are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'m> {
    bytes: &'m [u8],
    places: &'m Places,
}

/// A key's first sixteen bytes as a number; a shorter key is filled with zeros, so that order is kept.
fn prefix_of(key: &[u8]) -> u128 {
    let mut first = [0; 16];
    first.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    u128::from_be_bytes(first)
}

impl Slot {
    fn kept_in<'b>(self, bytes: &'b [u8], joined: &'b [u8]) -> &'b [u8] {
        if self.is_joined { joined } else { bytes }
    }

    /// Where its value ends.
    const fn end(self) -> usize {
        self.start.saturating_add(self.key_len as usize).saturating_add(self.value_len as usize)
    }

    fn key<'b>(self, bytes: &'b [u8], joined: &'b [u8]) -> &'b [u8] {
        let end = self.start.saturating_add(self.key_len.into());
        self.kept_in(bytes, joined).get(self.start..end).unwrap_or_default()
    }

    fn said<'b>(self, bytes: &'b [u8], joined: &'b [u8]) -> Said<'b> {
        let start = self.start.saturating_add(self.key_len.into());
        let value = self.kept_in(bytes, joined).get(start..self.end()).unwrap_or_default();
        match self.kind {
            Kind::Gone => Said::Gone,
            Kind::Set => Said::Set(value),
            Kind::Add => Said::Add(value),
        }
    }
}

/// Writes a saying behind others; the value is written by the caller.
fn pushed(bytes: &mut Vec<u8>, key: &[u8], kind: Kind, is_joined: bool, write: impl FnOnce(&mut Vec<u8>)) -> Slot {
    let start = bytes.len();
    bytes.extend_from_slice(key);
    let value_at = bytes.len();
    write(bytes);
    let value_len = u32::try_from(bytes.len().saturating_sub(value_at)).unwrap_or(u32::MAX);
    let key_len = u16::try_from(key.len()).unwrap_or(u16::MAX);
    Slot { prefix: prefix_of(key), start, value_len, key_len, kind, is_joined }
}

impl Places {
    /// The places of sayings that came one behind the other.
    fn of(tail: &[Slot], bytes: &[u8]) -> Self {
        let order = |a: &Slot, b: &Slot| a.prefix.cmp(&b.prefix).then_with(|| a.key(bytes, &[]).cmp(b.key(bytes, &[])));
        let mut sorted = tail.to_vec();
        sorted.sort_unstable_by(|a, b| order(a, b).then(a.start.cmp(&b.start)));
        let mut places = Self { slots: Vec::with_capacity(sorted.len()), joined: Vec::new() };
        for same in sorted.chunk_by(|a, b| order(a, b) == Ordering::Equal) {
            match same {
                [] => {}
                [only] => places.slots.push(*only),
                [first, ..] => {
                    let newest_first = same.iter().rev().map(|slot| slot.said(bytes, &[]));
                    places.push_joined(first.key(bytes, &[]), newest_first);
                }
            }
        }
        places
    }

    /// What was put in a table of sums is cells; other bytes count as none, as nothing was put.
    fn push_joined<'b>(&mut self, key: &[u8], newest_first: impl Iterator<Item = Said<'b>>) {
        let Ok(one) = joined(newest_first) else { return };
        let (kind, value) = match one.said() {
            Said::Gone => (Kind::Gone, &[][..]),
            Said::Set(value) => (Kind::Set, value),
            Said::Add(value) => (Kind::Add, value),
        };
        self.slots.push(pushed(&mut self.joined, key, kind, true, |bytes| bytes.extend_from_slice(value)));
    }

    /// Keeps a place of others: what was joined there is copied.
    fn keep(&mut self, slot: Slot, joined: &[u8]) {
        let start = if slot.is_joined { self.joined.len() } else { slot.start };
        if slot.is_joined {
            self.joined.extend_from_slice(joined.get(slot.start..slot.end()).unwrap_or_default());
        }
        self.slots.push(Slot { start, ..slot });
    }
}

impl Chunk {
    const fn look(&self) -> Look<'_> {
        Look { bytes: self.bytes.as_slice(), places: &self.places }
    }

    /// One chunk of this and a newer one.
    fn join(mut self, newer: &Self) -> Self {
        let behind = self.bytes.len();
        self.bytes.extend_from_slice(&newer.bytes);
        let (old, new) = (self.look(), newer.look());
        let mut places = Places::default();
        places.slots.reserve(old.len().saturating_add(new.len()));
        let (mut at, mut new_at) = (0usize, 0usize);
        while let Some((older, newest, order)) = old.side_by_side(at, new, new_at) {
            at = at.saturating_add(order.is_le().into());
            new_at = new_at.saturating_add(order.is_ge().into());
            match order {
                Ordering::Less => places.keep(older, &old.places.joined),
                Ordering::Equal if newest.kind == Kind::Add => {
                    places.push_joined(new.key_of(newest), [new.said_of(newest), old.said_of(older)].into_iter());
                }
                _ if newest.is_joined => places.keep(newest, &new.places.joined),
                _ => places.keep(Slot { start: newest.start.saturating_add(behind), ..newest }, &[]),
            }
        }
        self.places = places;
        self
    }
}

impl<'m> Look<'m> {
    const fn len(self) -> usize {
        self.places.slots.len()
    }

    fn key_of(self, slot: Slot) -> &'m [u8] {
        slot.key(self.bytes, &self.places.joined)
    }

    fn said_of(self, slot: Slot) -> Said<'m> {
        slot.said(self.bytes, &self.places.joined)
    }

    /// The sayings at a place here and at one there, and which key comes first; the one that is not there stands for the
    /// other. `None` behind both ends.
    fn side_by_side(self, at: usize, other: Self, other_at: usize) -> Option<(Slot, Slot, Ordering)> {
        match (self.places.slots.get(at).copied(), other.places.slots.get(other_at).copied()) {
            (None, None) => None,
            (Some(here), None) => Some((here, here, Ordering::Less)),
            (None, Some(there)) => Some((there, there, Ordering::Greater)),
            (Some(here), Some(there)) => {
                let order = here.prefix.cmp(&there.prefix);
                Some((here, there, order.then_with(|| self.key_of(here).cmp(other.key_of(there)))))
            }
        }
    }

    /// Where the first key is that is not before this one.
    pub(super) fn seek(self, key: &[u8]) -> usize {
        let prefix = prefix_of(key);
        self.places.slots.partition_point(|slot| {
            slot.prefix.cmp(&prefix).then_with(|| self.key_of(*slot).cmp(key)) == Ordering::Less
        })
    }

    /// The key and the saying at a place.
    pub(super) fn at(self, place: usize) -> Option<(&'m [u8], Said<'m>)> {
        let slot = *self.places.slots.get(place)?;
        Some((self.key_of(slot), self.said_of(slot)))
    }

    fn find(self, key: &[u8]) -> Option<Said<'m>> {
        self.at(self.seek(key)).filter(|(found, _)| *found == key).map(|(_, said)| said)
    }
}

impl Memory {
    /// What there is, sorted, newest first.
    pub(super) fn looks(&self) -> impl Iterator<Item = Look<'_>> {
        let newest = (!self.tail.is_empty()).then(|| {
            let places = self.sorted.get_or_init(|| Places::of(&self.tail, &self.bytes));
            Look { bytes: &self.bytes, places }
        });
        newest.into_iter().chain(self.chunks.iter().rev().map(|chunk| chunk.look()))
    }

    /// What is said under a key, newest first.
    pub(super) fn find<'m>(&'m self, key: &'m [u8]) -> impl Iterator<Item = Said<'m>> {
        self.looks().filter_map(move |look| look.find(key))
    }

    /// Whether nothing is said.
    pub(super) const fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.chunks.is_empty()
    }

    /// How many sayings there are; one key may have several.
    pub(super) fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.look().len()).fold(self.tail.len(), usize::saturating_add)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let of = |bytes: usize, slots: usize| bytes.saturating_add(slots.saturating_mul(size_of::<Slot>()));
        let chunks = self.chunks.iter();
        let chunks = chunks.map(|chunk| of(chunk.bytes.len(), chunk.look().len()));
        chunks.fold(of(self.bytes.len(), self.tail.len()), usize::saturating_add)
    }

    /// Writes a saying; how many bytes it takes.
    fn say(&mut self, key: &[u8], kind: Kind, write: impl FnOnce(&mut Vec<u8>)) -> usize {
        if let Some(places) = self.sorted.take() {
            self.keep_sorted(places);
        }
        let before = self.bytes.len();
        self.tail.push(pushed(&mut self.bytes, key, kind, false, write));
        self.bytes.len().saturating_sub(before).saturating_add(size_of::<Slot>())
    }

    /// What somebody has looked at stands as a chunk of its own from now on, or of one with those that are not much
    /// longer.
    fn keep_sorted(&mut self, places: Places) {
        self.tail.clear();
        let mut newest = Chunk { bytes: std::mem::take(&mut self.bytes), places };
        while let Some(older) = self.chunks.pop_if(|older| older.look().len() / 2 <= newest.look().len()) {
            newest = Arc::unwrap_or_clone(older).join(&newest);
        }
        self.chunks.push(Arc::new(newest));
    }

    /// The same as it is now, for somebody who goes on reading it whatever is said here.
    pub(super) fn share(&mut self) -> Self {
        if !self.tail.is_empty() {
            let places = self.sorted.take().unwrap_or_else(|| Places::of(&self.tail, &self.bytes));
            self.keep_sorted(places);
        }
        Self { chunks: self.chunks.clone(), ..Self::default() }
    }

    /// Forgets everything; the room of the tail stays.
    pub(super) fn clear(&mut self) {
        self.chunks.clear();
        self.tail.clear();
        self.bytes.clear();
        self.sorted.take();
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
        let said = self.layers.memory.entry(table).or_default().say(key, kind, write);
        self.memory_bytes = self.memory_bytes.saturating_add(said);
        // A key whose length does not fit into its place is nothing that a commit takes.
        self.longest = self.longest.max(if u16::try_from(key.len()).is_ok() { said } else { usize::MAX });
    }

    /// Bytes that changes take in memory which no commit has been given, roughly.
    pub const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Counts again what is in memory, after more than one row has changed.
    pub(super) fn count_memory(&mut self) {
        self.memory_bytes = self.layers.memory.values().map(Memory::memory_bytes).fold(0, usize::saturating_add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(memory: &mut Memory, key: &str, value: &[u8]) {
        memory.say(key.as_bytes(), Kind::Set, |bytes| bytes.extend_from_slice(value));
    }

    fn add(memory: &mut Memory, key: &str, number: i128) {
        let cells = Cells::of(crate::cells::Code::sum(1), number);
        memory.say(key.as_bytes(), Kind::Add, |bytes| cells.encode_into(bytes));
    }

    fn told(memory: &Memory) -> Vec<String> {
        let mut lines = Vec::new();
        for look in memory.looks() {
            let mut place = 0;
            while let Some((key, said)) = look.at(place) {
                lines.push(format!("{} {said:?}", String::from_utf8_lossy(key)));
                place += 1;
            }
        }
        lines
    }

    #[test]
    fn what_was_looked_at_stays_where_it_is_and_newer_words_come_first() {
        let mut memory = Memory::default();
        (0..9).for_each(|row| put(&mut memory, &format!("z{row}"), &[]));
        put(&mut memory, "b", &[1]);
        put(&mut memory, "a", &[2]);
        put(&mut memory, "b", &[3]);
        assert_eq!(told(&memory)[..2], ["a Set([2])", "b Set([3])"]);
        put(&mut memory, "b", &[4]);
        assert_eq!(told(&memory)[..3], ["b Set([4])", "a Set([2])", "b Set([3])"]);
        assert_eq!(memory.find(b"b").next(), Some(Said::Set(&[4])));
    }

    /// Whoever reads after each change makes no more chunks than a logarithm, and no words are lost in them.
    #[test]
    fn many_looks_make_few_chunks_and_sums_meet_in_them() {
        let mut memory = Memory::default();
        for round in 0..200u8 {
            put(&mut memory, &format!("row {:02}", round % 40), &[round]);
            add(&mut memory, "sum", 1);
            assert_eq!(memory.find(format!("row {:02}", round % 40).as_bytes()).next(), Some(Said::Set(&[round])));
        }
        assert!(memory.chunks.len() <= 9, "{}", memory.chunks.len());
        let sums = memory.find(b"sum").map(|said| match said {
            Said::Add(cells) => Cells::decode(cells).expect("cells").get(crate::cells::Code::sum(1)).unwrap_or(0),
            other => unreachable!("{other:?}"),
        });
        assert_eq!(sums.sum::<i128>(), 200);
        for row in 0..40u8 {
            assert_eq!(memory.find(format!("row {row:02}").as_bytes()).next(), Some(Said::Set(&[row + 160])));
        }
    }
}
