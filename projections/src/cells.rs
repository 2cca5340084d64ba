//! A value that is a sum: numbers under codes, which are added where two of them meet.
//!
//! ```text
//! a code      31 30 29 .. 0
//!              0  0  name     a sum
//!              0  1  name     a maximum: "last seen"
//!              1  0  name     a minimum: "first seen"
//! as bytes    for each cell, in the order of codes: code less the one before it, number in zigzag, both as varints
//! ```
//!
//! Invariants:
//! - codes rise strictly, and a sum of 0 is not there: equal cells are equal bytes
//! - merging is associative and commutative, so the order in which contributions arrive changes nothing
//! - a maximum or a minimum is never taken back: [`Cells::negated`] leaves it out
//! - numbers stop at the ends of `i128`, which no sum of amounts comes near
//!
//! This module does not know what a code counts.

use std::fmt;

use crate::varint;

mod code;

pub use code::{Code, Meeting};

/// Numbers under codes; empty cells are no row.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Cells(Vec<(Code, i128)>);

/// Bytes that are no cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes of a sum's cells must be codes that rise, each with its number")]
pub struct MalformedCells;

impl Cells {
    /// No cells.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// No cells, and room for so many.
    pub fn with_room_for(cells: usize) -> Self {
        Self(Vec::with_capacity(cells))
    }

    /// One cell.
    pub fn of(code: Code, number: i128) -> Self {
        let mut cells = Self::new();
        cells.add(code, number);
        cells
    }

    /// Lets a number meet what is under its code.
    pub fn add(&mut self, code: Code, number: i128) {
        match self.0.binary_search_by_key(&code, |cell| cell.0) {
            Ok(at) => {
                let Some(held) = self.0.get_mut(at) else { return };
                held.1 = code.meet(held.1, number);
                if code.is_nothing(held.1) {
                    self.0.remove(at);
                }
            }
            Err(_) if code.is_nothing(number) => {}
            Err(at) => self.0.insert(at, (code, number)),
        }
    }

    /// Lets a number meet what is under its code, which mostly lies behind all that there are.
    pub fn push(&mut self, code: Code, number: i128) {
        if self.0.last().is_none_or(|last| last.0 < code) && !code.is_nothing(number) {
            self.0.push((code, number));
        } else {
            self.add(code, number);
        }
    }

    /// Lets all cells of another value meet these.
    pub fn merge(&mut self, other: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&other.0);
            return;
        }
        for (place, (code, number)) in other.0.iter().enumerate() {
            // Mostly both have the same codes at the same places, and nothing has to be looked for.
            match self.0.get_mut(place).filter(|held| held.0 == *code) {
                Some(held) if !code.is_nothing(code.meet(held.1, *number)) => held.1 = code.meet(held.1, *number),
                _ => self.add(*code, *number),
            }
        }
    }

    /// Lets cells as bytes meet these; whoever adds many rows up needs no memory for each of them. After an error some of
    /// them have met.
    pub fn merge_encoded(&mut self, mut bytes: &[u8]) -> Result<(), MalformedCells> {
        let (mut place, mut before) = (0usize, None);
        while !bytes.is_empty() {
            let (code, number) = take_cell(&mut bytes, before).ok_or(MalformedCells)?;
            before = Some(code);
            place = place.saturating_add(self.0.iter().skip(place).take_while(|held| held.0 < code).count());
            match self.0.get_mut(place).filter(|held| held.0 == code) {
                Some(held) if !code.is_nothing(code.meet(held.1, number)) => held.1 = code.meet(held.1, number),
                _ => self.add(code, number),
            }
        }
        Ok(())
    }

    /// What takes these sums back. Maxima and minima stay as they are, so they are not in it.
    #[must_use]
    pub fn negated(&self) -> Self {
        let sums = self.0.iter().filter(|(code, _)| code.meeting() == Meeting::Sum);
        Self(sums.map(|(code, number)| (*code, number.saturating_neg())).collect())
    }

    /// Lets the sums of another value meet these, and none of its maxima and minima.
    pub fn extend_sums(&mut self, other: &Self) {
        let sums = other.0.iter().filter(|(code, _)| code.meeting() == Meeting::Sum);
        sums.for_each(|(code, number)| self.push(*code, *number));
    }

    /// The number under a code, if there is one. A sum that is not there is 0.
    pub fn get(&self, code: Code) -> Option<i128> {
        let at = self.0.binary_search_by_key(&code, |cell| cell.0).ok()?;
        self.0.get(at).map(|cell| cell.1)
    }

    /// Forgets all cells; the room stays.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The cells, in the order of their codes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Code, i128)> {
        self.0.iter().copied()
    }

    /// The cells as bytes; equal cells are equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len().saturating_mul(6));
        self.encode_into(&mut bytes);
        bytes
    }

    /// Appends the cells as bytes.
    pub fn encode_into(&self, bytes: &mut Vec<u8>) {
        let mut before = 0;
        for (code, number) in &self.0 {
            varint::put(bytes, u128::from(code.number().wrapping_sub(before)));
            varint::put(bytes, zigzag(*number));
            before = code.number();
        }
    }

    /// Reads cells; bytes that [`Self::encode`] would not have written are refused.
    pub fn decode(mut bytes: &[u8]) -> Result<Self, MalformedCells> {
        // A cell takes two bytes or more, and mostly about four.
        let mut cells: Vec<(Code, i128)> = Vec::with_capacity(bytes.len().div_ceil(4));
        while !bytes.is_empty() {
            let cell = take_cell(&mut bytes, cells.last().map(|cell| cell.0)).ok_or(MalformedCells)?;
            cells.push(cell);
        }
        Ok(Self(cells))
    }
}

fn take_cell(bytes: &mut &[u8], before: Option<Code>) -> Option<(Code, i128)> {
    let step = varint::take(bytes).and_then(|step| u32::try_from(step).ok())?;
    let number = match before {
        Some(before) => before.number().checked_add(step).filter(|_| step > 0)?,
        None => step,
    };
    let code = Code::from_number(number)?;
    let number = unzigzag(varint::take(bytes)?);
    (!code.is_nothing(number)).then_some((code, number))
}

/// Small numbers of either sign as small numbers without one.
fn zigzag(number: i128) -> u128 {
    ((number << 1) ^ (number >> 127)).cast_unsigned()
}

fn unzigzag(number: u128) -> i128 {
    (number >> 1).cast_signed() ^ (number & 1).cast_signed().wrapping_neg()
}

impl FromIterator<(Code, i128)> for Cells {
    fn from_iter<I: IntoIterator<Item = (Code, i128)>>(cells: I) -> Self {
        let mut all = Self::new();
        cells.into_iter().for_each(|(code, number)| all.add(code, number));
        all
    }
}

impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests;
