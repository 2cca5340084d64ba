//! What a question of many days needs, read in three walks over rows that lie together, in place of a look-up for each id.
//!
//! ```text
//! LINES, whole --> lines by stream      LINES, by name --> names that lines bear
//!                                       EXPECTED, by name --> who claims one of these names
//! ```
//!
//! Invariants:
//! - it answers what look-ups answer, and nothing else
//! - it reads so many rows for each that was asked for, and no more: where a merchant has far more, look-ups are cheaper
//!
//! This module does not know which question is large.

use std::ops::{ControlFlow, Range};
use std::rc::Rc;

use hashbrown::HashMap;
use talon_domain::ids::{MerchantId, StreamId, StreamKey};

use super::desk::{Found, no_line};
use super::row::{BY_NAME, Named, Place, WHOLE, read_line_key};
use crate::key::{Fields, Key};
use crate::reading::{Reading, read_row, strange_key};
use crate::store::{StoreError, Table};
use crate::table::{EXPECTED, LINES};

/// The lines of a merchant, and who claims them.
#[derive(Default)]
pub(super) struct Bulk {
    /// In the order of days, accounts and streams.
    lines: Vec<Rc<Found>>,
    /// Which of them is whose.
    places: HashMap<StreamId, usize>,
    /// By the bytes of a name, as keys have them.
    names: HashMap<Box<[u8]>, Borne>,
    /// In the order of names.
    named: Vec<Rc<Found>>,
    claimants: Vec<(StreamKey, Place)>,
}

/// A name that lines bear: which of the named, and which of the claimants.
#[derive(Clone, Default)]
struct Borne {
    lines: Range<usize>,
    claimants: Range<usize>,
}

impl Bulk {
    /// Reads it; `None` where more than so many rows of a kind would have to be read.
    pub(super) fn read(reading: &dyn Reading, merchant: MerchantId, most: usize) -> Result<Option<Self>, StoreError> {
        let mut bulk = Self::default();
        let is_read = bulk.read_lines(reading, merchant, most)?
            && bulk.read_names(reading, merchant, most)?
            && bulk.read_claimants(reading, merchant, most)?;
        Ok(is_read.then_some(bulk))
    }

    fn read_lines(&mut self, reading: &dyn Reading, merchant: MerchantId, most: usize) -> Result<bool, StoreError> {
        at_most(reading, LINES, (merchant, WHOLE), most, &mut |key, value| {
            let place = read_line_key(key).ok_or_else(strange_key)?;
            self.places.insert(place.2, self.lines.len());
            self.lines.push(Rc::new(Found { place, line: read_row(value)? }));
            Ok(())
        })
    }

    fn read_names(&mut self, reading: &dyn Reading, merchant: MerchantId, most: usize) -> Result<bool, StoreError> {
        at_most(reading, LINES, (merchant, BY_NAME), most, &mut |key, _| {
            let (name, _) = name_and_rest(key).ok_or_else(strange_key)?;
            // A line's key ends with its stream, whatever is before.
            let stream = key.last_chunk().map(|id| StreamId(*id)).ok_or_else(strange_key)?;
            let line = self.line(stream).ok_or_else(no_line)?;
            let (at, end) = (self.named.len(), self.named.len().saturating_add(1));
            self.named.push(line);
            match self.names.get_mut(name) {
                Some(borne) => borne.lines.end = end,
                None => _ = self.names.insert(name.into(), Borne { lines: at..end, claimants: 0..0 }),
            }
            Ok(())
        })
    }

    fn read_claimants(&mut self, reading: &dyn Reading, merchant: MerchantId, most: usize) -> Result<bool, StoreError> {
        at_most(reading, EXPECTED, (merchant, BY_NAME), most, &mut |key, value| {
            let (name, mut rest) = name_and_rest(key).ok_or_else(strange_key)?;
            let Some(borne) = self.names.get_mut(name) else { return Ok(()) };
            let stream = rest.stream(merchant).ok_or_else(strange_key)?;
            let at = self.claimants.len();
            self.claimants.push((stream, read_row(value)?));
            let from = if borne.claimants.is_empty() { at } else { borne.claimants.start };
            borne.claimants = from..at.saturating_add(1);
            Ok(())
        })
    }

    /// A line.
    pub(super) fn line(&self, stream: StreamId) -> Option<Rc<Found>> {
        self.lines.get(*self.places.get(&stream)?).cloned()
    }

    /// The lines that bear a name, in the order of their keys.
    pub(super) fn lines(&self, name: &Named, merchant: MerchantId) -> &[Rc<Found>] {
        self.borne(name, merchant).and_then(|borne| self.named.get(borne.lines.clone())).unwrap_or_default()
    }

    /// Who bears a name that lines bear, in the order of their keys.
    pub(super) fn claimants(&self, name: &Named, merchant: MerchantId) -> &[(StreamKey, Place)] {
        self.borne(name, merchant).and_then(|borne| self.claimants.get(borne.claimants.clone())).unwrap_or_default()
    }

    fn borne(&self, name: &Named, merchant: MerchantId) -> Option<&Borne> {
        let mut key = Key::new();
        name.write(&mut key, merchant);
        self.names.get(key.as_bytes().get(NAME_AT..)?)
    }
}

/// Bytes of a key before a name: the merchant, and what kind of row it is.
const NAME_AT: usize = 8 + 1;

/// The bytes of a name in a row's key, and the fields behind them.
fn name_and_rest(key: &[u8]) -> Option<(&[u8], Fields<'_>)> {
    let named = key.get(NAME_AT..)?;
    let mut fields = Fields::of(named);
    fields.u8()?;
    fields.text()?;
    let length = named.len().checked_sub(fields.rest().len())?;
    Some((named.get(..length)?, fields))
}

/// Takes a row: its key and its value.
type Take<'t> = &'t mut dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError>;

/// Hands over the rows of a merchant and a kind, if there are no more than so many; whether that is so.
fn at_most(
    reading: &dyn Reading,
    table: Table,
    (merchant, kind): (MerchantId, u8),
    most: usize,
    take: Take<'_>,
) -> Result<bool, StoreError> {
    let (mut count, mut end) = (0usize, Ok(true));
    let mut prefix = Key::new();
    prefix.merchant(merchant).u8(kind);
    reading.scan_prefix(table, &prefix, &mut |key, value| {
        count = count.saturating_add(1);
        end = if count > most { Ok(false) } else { take(key, value).map(|()| true) };
        if matches!(end, Ok(true)) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    end
}
