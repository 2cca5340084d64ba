//! Keys of rows: fields one behind the other, so that the order of bytes is the order of fields. Invariants:
//! - numbers are big endian, so that a smaller one comes first
//! - a text ends with two zeros, and a zero within it is told apart, so that no key is mistaken for another's beginning,
//!   whatever follows the text
//!
//! This module does not know what a key means.

use std::borrow::Cow;

use talon_domain::ids::{MerchantId, ShopId, StreamId, StreamKey, TerminalEpoch, TerminalId};
use talon_domain::time::{Day, Instant};

/// Twice, the end of a text.
const END: u8 = 0;
/// What follows a zero that is part of a text.
const PART: u8 = 0xff;
/// Instants may lie before 1970; the lowest is 0 in a key.
const SIGN: u64 = 1 << 63;

/// A key that is being written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(Vec<u8>);

impl Key {
    /// An empty key: before all others.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// What was written so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Forgets what was written; the room stays.
    pub fn clear(&mut self) -> &mut Self {
        self.0.clear();
        self
    }

    /// A byte.
    pub fn u8(&mut self, number: u8) -> &mut Self {
        self.0.push(number);
        self
    }

    /// Two bytes.
    pub fn u16(&mut self, number: u16) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Four bytes.
    pub fn u32(&mut self, number: u32) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Eight bytes.
    pub fn u64(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Bytes of a length that every reader knows.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// A merchant.
    pub fn merchant(&mut self, merchant: MerchantId) -> &mut Self {
        self.u64(merchant.0)
    }

    /// A shop.
    pub fn shop(&mut self, shop: ShopId) -> &mut Self {
        self.u32(shop.0)
    }

    /// A terminal.
    pub fn terminal(&mut self, terminal: TerminalId) -> &mut Self {
        self.u32(terminal.0)
    }

    /// A terminal's epoch.
    pub fn epoch(&mut self, epoch: TerminalEpoch) -> &mut Self {
        self.u16(epoch.0)
    }

    /// A day.
    pub fn day(&mut self, day: Day) -> &mut Self {
        self.u16(day.0)
    }

    /// A moment.
    pub fn instant(&mut self, at: Instant) -> &mut Self {
        self.u64(at.0.cast_unsigned() ^ SIGN)
    }

    /// A stream of a merchant that the key names already.
    pub fn stream(&mut self, stream: StreamId, training: bool) -> &mut Self {
        self.bytes(&stream.0).u8(training.into())
    }

    /// A stream with its merchant.
    pub fn stream_key(&mut self, key: StreamKey) -> &mut Self {
        self.merchant(key.merchant).stream(key.stream, key.training)
    }

    /// A text of any length.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for byte in text.bytes() {
            self.0.push(byte);
            if byte == END {
                self.0.push(PART);
            }
        }
        self.u8(END).u8(END)
    }
}

/// A key that is being read, field by field; `None` where it is shorter than asked for.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The fields of a key.
    pub const fn of(key: &'a [u8]) -> Self {
        Self(key)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    /// A byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// A merchant.
    pub fn merchant(&mut self) -> Option<MerchantId> {
        self.u64().map(MerchantId)
    }

    /// A shop.
    pub fn shop(&mut self) -> Option<ShopId> {
        self.u32().map(ShopId)
    }

    /// A terminal.
    pub fn terminal(&mut self) -> Option<TerminalId> {
        self.u32().map(TerminalId)
    }

    /// A terminal's epoch.
    pub fn epoch(&mut self) -> Option<TerminalEpoch> {
        self.u16().map(TerminalEpoch)
    }

    /// A day.
    pub fn day(&mut self) -> Option<Day> {
        self.u16().map(Day)
    }

    /// A moment.
    pub fn instant(&mut self) -> Option<Instant> {
        self.u64().map(|number| Instant((number ^ SIGN).cast_signed()))
    }

    /// A stream of this merchant.
    pub fn stream(&mut self, merchant: MerchantId) -> Option<StreamKey> {
        let stream = StreamId(self.array()?);
        let training = self.u8()? != 0;
        Some(StreamKey { merchant, stream, training })
    }

    /// A stream with its merchant.
    pub fn stream_key(&mut self) -> Option<StreamKey> {
        let merchant = self.merchant()?;
        self.stream(merchant)
    }

    /// All that was not read yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// A text.
    pub fn text(&mut self) -> Option<String> {
        self.borrowed_text().map(Cow::into_owned)
    }

    /// A text, where it lies in the key if there is no zero in it.
    pub fn borrowed_text(&mut self) -> Option<Cow<'a, str>> {
        let length = self.0.iter().position(|byte| *byte == END)?;
        if self.0.get(length.checked_add(1)?) == Some(&END) {
            let (text, rest) = (self.0.get(..length)?, self.0.get(length.checked_add(2)?..)?);
            self.0 = rest;
            return std::str::from_utf8(text).ok().map(Cow::Borrowed);
        }
        self.text_with_zeros().map(Cow::Owned)
    }

    fn text_with_zeros(&mut self) -> Option<String> {
        let mut text = Vec::new();
        loop {
            let byte = self.u8()?;
            if byte != END {
                text.push(byte);
                continue;
            }
            match self.u8()? {
                PART => text.push(END),
                END => return String::from_utf8(text).ok(),
                _ => return None,
            }
        }
    }
}

/// The first key behind all that begin with these bytes; `None` where there is none.
pub fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if last < u8::MAX {
            next.push(last.saturating_add(1));
            return Some(next);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let key = StreamKey { merchant: MerchantId(7), stream: StreamId([3; 16]), training: true };
        let mut written = Key::new();
        written.u8(9).day(Day(20_000)).instant(Instant(-5)).text("a\0b").text("").stream_key(key).u32(4);
        let mut fields = Fields::of(written.as_bytes());
        assert_eq!((fields.u8(), fields.day(), fields.instant()), (Some(9), Some(Day(20_000)), Some(Instant(-5))));
        assert_eq!((fields.text().as_deref(), fields.text().as_deref()), (Some("a\0b"), Some("")));
        assert_eq!((fields.stream_key(), fields.u32(), fields.u8()), (Some(key), Some(4), None));
    }

    #[test]
    fn keys_are_in_the_order_of_their_fields() {
        let key = |text: &str, at: i64| {
            let mut key = Key::new();
            key.text(text).instant(Instant(at));
            key
        };
        let mut sorted = [key("b", 0), key("", 9), key("a\0", 0), key("a", 3), key("a", -3), key("a\0b", 0)];
        sorted.sort();
        assert_eq!(sorted, [key("", 9), key("a", -3), key("a", 3), key("a\0", 0), key("a\0b", 0), key("b", 0)]);
    }

    /// Hashes follow texts, and one in 256 of them begins like a part of a text.
    #[test]
    fn a_text_ends_whatever_follows_it() {
        for following in [[0u8; 2], [0, 0xff], [0xff, 0], [0xff; 2]] {
            for text in ["", "a", "a\0", "\0"] {
                let mut written = Key::new();
                written.text(text).bytes(&following);
                let mut fields = Fields::of(written.as_bytes());
                assert_eq!((fields.text().as_deref(), fields.rest()), (Some(text), &following[..]));
            }
        }
    }

    #[test]
    fn what_is_behind_a_prefix_begins_with_another() {
        assert_eq!(behind(&[1, 2]), Some(vec![1, 3]));
        assert_eq!(behind(&[1, 255]), Some(vec![2]));
        assert_eq!(behind(&[255, 255]), None);
    }
}
