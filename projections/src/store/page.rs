//! A page: rows in the order of their keys, as many as fit into 16 KiB, compressed as one.
//!
//! ```text
//! row    shared length, rest length, tagged length as varints; the rest of the key; the value
//!        shared: how much of the key before it begins this one; tagged length: 0 gone, else 2 n + 1 set, 2 n + 2 add
//! page   length of its rows u32 little endian, then the rows as one LZ4 block
//! ```
//!
//! A row that is longer than a page has one of its own, which its blob cuts into blocks.
//!
//! Invariant: a page decodes to exactly the rows that were put, or is refused.
//!
//! This module does not know where a page lies, and keeps no checksum: its blob does.

use super::StoreError;
use super::entry::Said;
use crate::varint;

/// Rows of a page take about so much before they are compressed.
pub(super) const ROW_BYTES: usize = 16 << 10;
/// The most that key and value of one row may be.
pub(super) const ROW_BYTES_MAX: usize = 64 << 20;

/// Rows that become a page.
#[derive(Debug, Default)]
pub(super) struct PageBuilder {
    rows: Vec<u8>,
    last_key: Vec<u8>,
    count: u32,
}

impl PageBuilder {
    /// Whether a row of so many bytes still belongs to this page.
    pub(super) fn takes(&self, bytes: usize) -> bool {
        self.rows.is_empty() || self.rows.len().saturating_add(bytes) <= ROW_BYTES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Appends a row, whose key lies behind the last one.
    pub(super) fn push(&mut self, key: &[u8], said: Said<'_>) {
        let shared = if self.count == 0 { 0 } else { shared_length(&self.last_key, key) };
        let rest = key.get(shared..).unwrap_or_default();
        let (tagged, value) = match said {
            Said::Gone => (0, &[][..]),
            Said::Set(value) => (value.len().saturating_mul(2).saturating_add(1), value),
            Said::Add(value) => (value.len().saturating_mul(2).saturating_add(2), value),
        };
        varint::put_len(&mut self.rows, shared);
        varint::put_len(&mut self.rows, rest.len());
        varint::put_len(&mut self.rows, tagged);
        self.rows.extend_from_slice(rest);
        self.rows.extend_from_slice(value);
        self.last_key.truncate(shared);
        self.last_key.extend_from_slice(rest);
        self.count = self.count.saturating_add(1);
    }

    /// The page as it is stored; the builder is empty afterwards.
    pub(super) fn take(&mut self, stored: &mut Vec<u8>) {
        let length = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        stored.clear();
        stored.extend_from_slice(&length.to_le_bytes());
        stored.resize(lz4_flex::block::get_maximum_output_size(self.rows.len()).saturating_add(4), 0);
        let room = stored.get_mut(4..).unwrap_or_default();
        // There is always room: the block was sized for the worst case.
        let written = lz4_flex::block::compress_into(&self.rows, room).unwrap_or(0);
        stored.truncate(written.saturating_add(4));
        self.rows.clear();
        self.last_key.clear();
        self.count = 0;
    }
}

fn shared_length(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

/// The rows of a stored page, in a buffer that is used again.
pub(super) fn decode_into(stored: &[u8], rows: &mut Vec<u8>) -> Result<(), StoreError> {
    let broken = || StoreError::broken("a page does not decode");
    let (front, block) = stored.split_first_chunk::<4>().ok_or_else(broken)?;
    let length = usize::try_from(u32::from_le_bytes(*front)).map_err(|_| broken())?;
    // No block becomes more than 255 times as long; memory is not asked for what cannot be.
    if length > block.len().saturating_mul(255) {
        return Err(broken());
    }
    rows.resize(length, 0);
    let written = lz4_flex::block::decompress_into(block, rows).map_err(|_| broken())?;
    if written == length { Ok(()) } else { Err(broken()) }
}

/// A place in a page's rows: the row that was read last.
#[derive(Debug, Default)]
pub(super) struct RowReader {
    key: Vec<u8>,
    /// Where the next row begins.
    next: usize,
    value: (usize, usize),
    tag: Tag,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tag {
    #[default]
    Gone,
    Set,
    Add,
}

impl RowReader {
    /// Goes back to before the first row of another page.
    pub(super) fn rewind(&mut self) {
        self.key.clear();
        self.next = 0;
    }

    /// Reads the next row of a page; `false` at its end.
    pub(super) fn advance(&mut self, rows: &[u8]) -> Result<bool, StoreError> {
        let mut rest = rows.get(self.next..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(false);
        }
        self.take_row(rows.len(), &mut rest).map(|()| true).ok_or_else(|| StoreError::broken("a page's rows are cut"))
    }

    #[inline]
    fn take_row(&mut self, length: usize, rest: &mut &[u8]) -> Option<()> {
        let shared = varint::take_len(rest).filter(|shared| *shared <= self.key.len())?;
        let more = varint::take_len(rest)?;
        let tagged = varint::take_len(rest)?;
        let key = varint::take_bytes(rest, more)?;
        let (tag, bytes) = match tagged.checked_sub(1) {
            None => (Tag::Gone, 0),
            Some(tagged) if tagged & 1 == 0 => (Tag::Set, tagged >> 1),
            Some(tagged) => (Tag::Add, tagged >> 1),
        };
        let begin = length.checked_sub(rest.len())?;
        varint::take_bytes(rest, bytes)?;
        self.key.truncate(shared);
        self.key.extend_from_slice(key);
        self.next = length.checked_sub(rest.len())?;
        (self.value, self.tag) = ((begin, self.next), tag);
        Some(())
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// What the row says.
    pub(super) fn said<'b>(&self, rows: &'b [u8]) -> Said<'b> {
        let value = rows.get(self.value.0..self.value.1).unwrap_or_default();
        match self.tag {
            Tag::Gone => Said::Gone,
            Tag::Set => Said::Set(value),
            Tag::Add => Said::Add(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Row = (Vec<u8>, u8, Vec<u8>);

    fn said(row: &Row) -> Said<'_> {
        match row.1 {
            0 => Said::Gone,
            1 => Said::Set(&row.2),
            _ => Said::Add(&row.2),
        }
    }

    fn stored(rows: &[Row]) -> Vec<u8> {
        let (mut page, mut stored) = (PageBuilder::default(), Vec::new());
        rows.iter().for_each(|row| page.push(&row.0, said(row)));
        page.take(&mut stored);
        assert!(page.is_empty());
        stored
    }

    /// How many rows can be read before the end or an error.
    fn count(bytes: &[u8]) -> (usize, bool) {
        let (mut reader, mut count) = (RowReader::default(), 0);
        loop {
            match reader.advance(bytes) {
                Ok(true) => count += 1,
                Ok(false) => return (count, true),
                Err(_) => return (count, false),
            }
        }
    }

    proptest! {
        #[test]
        fn rows_come_back_from_their_page(rows in proptest::collection::vec(
            (proptest::collection::vec(0u8..3, 0..200), 0u8..3, proptest::collection::vec(any::<u8>(), 0..300)), 0..40)
        ) {
            let mut rows = rows;
            rows.sort();
            let mut bytes = Vec::new();
            decode_into(&stored(&rows), &mut bytes).expect("its own page");
            let mut reader = RowReader::default();
            for row in &rows {
                prop_assert!(reader.advance(&bytes).expect("a row"));
                prop_assert_eq!((reader.key(), reader.said(&bytes)), (row.0.as_slice(), said(row)));
            }
            prop_assert!(!reader.advance(&bytes).expect("the end"));
        }

        #[test]
        fn any_bytes_are_rows_or_an_error(bytes in proptest::collection::vec(prop_oneof![0u8..4, any::<u8>()], 0..60)) {
            count(&bytes);
            let _ = decode_into(&bytes, &mut Vec::new());
        }
    }

    #[test]
    fn a_page_that_is_cut_or_says_another_length_is_refused() {
        let rows = [(b"one".to_vec(), 1, vec![7; 900]), (b"two".to_vec(), 2, vec![1, 2])];
        let whole = stored(&rows);
        let mut bytes = Vec::new();
        for length in 0..whole.len() {
            assert!(decode_into(&whole[..length], &mut bytes).is_err(), "{length}");
        }
        for other in [whole[0] - 1, whole[0] + 1] {
            let changed = [&[other], &whole[1..]].concat();
            assert!(decode_into(&changed, &mut bytes).is_err());
        }
        decode_into(&whole, &mut bytes).expect("its own page");
        assert_eq!(count(&bytes), (2, true));
        assert_eq!(count(&bytes[..bytes.len() - 1]), (1, false));
    }
}
