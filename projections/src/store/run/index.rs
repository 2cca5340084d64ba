//! The index of a section: the first key of each page, packed.
//!
//! ```text
//! count of pages as varint, then each first key: how much it shares with the one before it, length of the rest, rest
//! ```
//!
//! Invariant: first keys rise strictly; an index of none, or of keys that do not rise, is refused.
//!
//! This module does not read pages.

use std::sync::OnceLock;

use super::super::filter::Filter;
use crate::varint;

/// Keys in one piece of memory.
#[derive(Debug, Default)]
pub(super) struct Keys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Keys {
    pub(super) fn push(&mut self, key: &[u8]) {
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len());
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, index: usize) -> &[u8] {
        let begin = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(index).copied().unwrap_or(begin);
        self.bytes.get(begin..end).unwrap_or_default()
    }

    /// How many keys, from the first on, are this key or smaller.
    fn not_above(&self, key: &[u8]) -> usize {
        let (mut low, mut high) = (0usize, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle) <= key { low = middle.saturating_add(1) } else { high = middle }
        }
        low
    }
}

/// A section in memory.
#[derive(Debug)]
pub(super) struct Section {
    first_page: u32,
    keys: Keys,
    filter: OnceLock<Option<Filter>>,
}

impl Section {
    /// Of keys whose filter is read when the first of them is looked for: most tables are only scanned.
    pub(super) const fn new(first_page: u32, keys: Keys) -> Self {
        Self { first_page, keys, filter: OnceLock::new() }
    }

    pub(super) fn first_key(&self) -> &[u8] {
        self.keys.get(0)
    }

    /// The page behind its last one.
    pub(super) fn end_page(&self) -> u32 {
        self.first_page.saturating_add(u32::try_from(self.keys.len()).unwrap_or(u32::MAX))
    }

    /// Its last page that begins with this key or with a smaller one.
    pub(super) fn page_of(&self, key: &[u8]) -> Option<u32> {
        let before = self.keys.not_above(key).checked_sub(1)?;
        Some(self.first_page.saturating_add(u32::try_from(before).ok()?))
    }

    pub(super) const fn filter(&self) -> &OnceLock<Option<Filter>> {
        &self.filter
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        varint::put_len(&mut bytes, self.keys.len());
        let mut before = &[][..];
        for index in 0..self.keys.len() {
            let key = self.keys.get(index);
            let shared = key.iter().zip(before).take_while(|(a, b)| a == b).count();
            let rest = key.get(shared..).unwrap_or_default();
            varint::put_len(&mut bytes, shared);
            varint::put_len(&mut bytes, rest.len());
            bytes.extend_from_slice(rest);
            before = key;
        }
        bytes
    }

    /// Reads the index of a section that begins with a page; its filter is not read yet.
    pub(super) fn decode(mut bytes: &[u8], first_page: u32) -> Option<Self> {
        let bytes = &mut bytes;
        let mut keys = Keys::default();
        let mut key = Vec::new();
        for index in 0..varint::take_len(bytes)? {
            let shared = varint::take_len(bytes).filter(|shared| *shared <= key.len())?;
            let length = varint::take_len(bytes)?;
            key.truncate(shared);
            key.extend_from_slice(varint::take_bytes(bytes, length)?);
            if index > 0 && keys.get(index.saturating_sub(1)) >= key.as_slice() {
                return None;
            }
            keys.push(&key);
        }
        let whole = bytes.is_empty() && keys.len() > 0;
        whole.then(|| Self::new(first_page, keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(keys: &[&[u8]]) -> Section {
        let mut packed = Keys::default();
        keys.iter().for_each(|key| packed.push(key));
        Section::new(10, packed)
    }

    #[test]
    fn a_key_belongs_to_the_last_page_that_does_not_begin_behind_it() {
        let one = section(&[b"b", b"bb", b"d"]);
        for section in [Section::decode(&one.encode(), 10).expect("its own bytes"), one] {
            let pages = [&b""[..], b"a", b"b", b"b1", b"bb", b"c", b"d", b"e"].map(|key| section.page_of(key));
            assert_eq!(pages, [None, None, Some(10), Some(10), Some(11), Some(11), Some(12), Some(12)]);
            assert_eq!((section.first_key(), section.end_page()), (&b"b"[..], 13));
        }
    }

    #[test]
    fn an_index_of_nothing_or_of_keys_that_do_not_rise_is_refused() {
        for keys in [&[][..], &[&b"b"[..], b"b"], &[b"b", b"a"]] {
            assert!(Section::decode(&section(keys).encode(), 0).is_none(), "{keys:?}");
        }
        let bytes = section(&[b"b", b"bb"]).encode();
        assert!(Section::decode(&bytes[..bytes.len() - 1], 0).is_none());
    }
}
