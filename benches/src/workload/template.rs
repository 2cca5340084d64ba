//! An encoded event with blanks: where its ids, numbers and texts are, and what is written over them.
//!
//! Every blank has the same length in every event: numbers are chosen from a range of one length on the wire.

use talon_domain::time::Instant;
use talon_proto::event_from_json;

use crate::chance::Chance;

pub(super) const EVENT_ID: &str = "019ab9f4-d580-7aaa-8bbb-0123456789ab";
pub(super) const TRANSACTION_ID: &str = "019ab9f4-d1a0-7c3e-9a51-33c0ffee0001";
/// Twelve letters, as a provider makes ids of.
pub(super) const LETTERS: &str = "zzzzzzzzzzzz";
pub(super) const PHONE: &str = "+33639980000";
pub(super) const MERCHANT: u64 = 999_999_937;
pub(super) const SHOP: u32 = 9_973;
pub(super) const TERMINAL: u32 = 97;
pub(super) const SEQ: u32 = 1_999_993;
/// The first number of three bytes on the wire.
const SEQ_FIRST: u64 = 16_384;
/// As `TIME_S` reads.
pub(super) const TIME: &str = "2026-11-25T09:00:01Z";
const TIME_S: u64 = 1_795_597_201;

/// What fills the blanks of one payment's events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blanks {
    event_id: [u8; 36],
    transaction_id: [u8; 36],
    letters: [u8; 12],
    phone: [u8; 4],
    merchant: [u8; 5],
    shop: [u8; 2],
    terminal: [u8; 1],
    /// The last number that its terminal counted.
    seq: u32,
    time: [u8; 5],
}

impl Blanks {
    /// Of a payment whose terminal has counted so far.
    pub(super) fn of(merchant: u64, seq: u32, chance: &mut Chance, now: Instant) -> Self {
        let rolled = chance.roll();
        let mut letters = [b'a'; 12];
        letters.iter_mut().zip(rolled.to_le_bytes()).for_each(|(letter, byte)| *letter += byte & 15);
        let mut phone = [b'0'; 4];
        phone.iter_mut().zip(rolled.to_be_bytes()).for_each(|(digit, byte)| *digit += byte & 7);
        Self {
            event_id: [0; 36],
            transaction_id: text_of(chance.uuid(now.0 / 1_000)),
            letters,
            phone,
            merchant: varint(merchant),
            shop: varint(128 + rolled % 900),
            terminal: varint(1 + (rolled >> 32) % 90),
            seq,
            time: [0; 5],
        }
    }

    #[cfg(test)]
    pub(super) const fn merchant(&self) -> [u8; 5] {
        self.merchant
    }

    /// The next event gets an id and a time of its own, and a number if its terminal counts it.
    pub(super) fn is_told(&mut self, chance: &mut Chance, is_counted: bool, now: Instant) {
        self.event_id = text_of(chance.uuid(now.0 / 1_000));
        self.seq += u32::from(is_counted);
        self.time = varint(now.0.cast_unsigned() / 1_000_000);
    }
}

/// An event with blanks.
#[derive(Debug)]
pub(super) struct Template {
    bytes: Vec<u8>,
    event_id: usize,
    transaction_id: usize,
    merchant: usize,
    shop: usize,
    terminal: usize,
    time: usize,
    seq: Option<usize>,
    phone: Option<usize>,
    letters: Vec<usize>,
}

impl Template {
    /// Of an event in JSON, with the placeholders of this module in its blanks.
    pub(super) fn of(json: &str) -> Self {
        let mut bytes = Vec::new();
        let read = event_from_json(json.as_bytes(), &mut bytes);
        assert!(read.is_ok(), "a template is an event: {json}: {read:?}");
        let one = |what: &[u8]| match &places(&bytes, what)[..] {
            [place] => *place,
            several => unreachable!("{several:?} of one blank in {json}"),
        };
        let tagged = |tag: u8, value: &[u8]| one(&[&[tag], value].concat()) + 1;
        Self {
            event_id: one(EVENT_ID.as_bytes()),
            transaction_id: one(TRANSACTION_ID.as_bytes()),
            merchant: tagged(0x18, &varint::<5>(MERCHANT)),
            shop: tagged(0x20, &varint::<2>(SHOP.into())),
            terminal: tagged(0x28, &varint::<1>(TERMINAL.into())),
            time: tagged(0x08, &varint::<5>(TIME_S)),
            seq: places(&bytes, &varint::<3>(SEQ.into())).first().copied(),
            phone: places(&bytes, PHONE.as_bytes()).first().map(|at| at + PHONE.len() - 4),
            letters: places(&bytes, LETTERS.as_bytes()),
            bytes,
        }
    }

    /// Whether its terminal counts it in its sequence.
    pub(super) const fn is_counted(&self) -> bool {
        self.seq.is_some()
    }

    /// Appends the event with its blanks filled.
    pub(super) fn write(&self, blanks: &Blanks, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.bytes);
        let Some(event) = out.get_mut(start..) else { return };
        put(event, self.event_id, &blanks.event_id);
        put(event, self.transaction_id, &blanks.transaction_id);
        put(event, self.merchant, &blanks.merchant);
        put(event, self.shop, &blanks.shop);
        put(event, self.terminal, &blanks.terminal);
        put(event, self.time, &blanks.time);
        self.seq.iter().for_each(|at| put(event, *at, &varint::<3>(SEQ_FIRST + u64::from(blanks.seq))));
        self.phone.iter().for_each(|at| put(event, *at, &blanks.phone));
        self.letters.iter().for_each(|at| put(event, *at, &blanks.letters));
    }
}

fn put(event: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(blank) = event.get_mut(at..at + bytes.len()) {
        blank.copy_from_slice(bytes);
    }
}

fn places(bytes: &[u8], what: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(what.len()).enumerate();
    windows.filter(|(_, window)| *window == what).map(|(at, _)| at).collect()
}

/// A varint of `N` bytes.
fn varint<const N: usize>(value: u64) -> [u8; N] {
    std::array::from_fn(|at| {
        let [low, ..] = (value >> (7 * at)).to_le_bytes();
        if at + 1 < N { low | 0x80 } else { low & 0x7f }
    })
}

/// A UUID as it is written.
fn text_of(id: [u8; 16]) -> [u8; 36] {
    let mut text = [b'-'; 36];
    let digits = id.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let places = (0..8).chain(9..13).chain(14..18).chain(19..23).chain(24..36);
    for (place, digit) in places.zip(digits) {
        if let Some(to) = text.get_mut(place) {
            *to = if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
        }
    }
    text
}
