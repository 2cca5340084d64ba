//! Rows of one stream: what it puts into tables, and what it adds to sums. Invariants:
//! - the rows of a stream are a function of its facts, so that what it put there before can be taken back
//! - a row that is put has a key that no other stream uses; what several streams share is a sum
//!
//! This module does not know which view a table belongs to.

use std::cmp::Ordering;

use serde::Serialize;

use crate::cells::{Cells, Code, Meeting};
use crate::key::Key;
use crate::store::{Table, Tables};

/// What one stream comes to, in all views.
#[derive(Debug, Default)]
pub struct Rows {
    bytes: Vec<u8>,
    puts: Vec<Put>,
    sums: Vec<Sum>,
    key: Key,
    /// The key that was written last: cells of one row mostly come one behind the other.
    last: Span,
}

#[derive(Clone, Copy, Debug)]
struct Put {
    table: Table,
    key: Span,
    value: Span,
}

#[derive(Clone, Copy, Debug)]
struct Sum {
    table: Table,
    key: Span,
    code: Code,
    amount: i128,
}

/// Where something is among the bytes. A stream comes to some hundreds of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// From a place to the end of what was written.
    fn from(start: usize, bytes: &[u8]) -> Self {
        let [start, end] = [start, bytes.len()].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        Self { start, end }
    }

    fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Cells of most rows: memory for so many is asked for at once.
const ROW_CELLS: usize = 24;

/// What a cell changes by: its row, its code, and by how much.
type Change<'r> = ((Table, &'r [u8]), Code, i128);

/// What changes of rows go into.
pub trait Sink {
    /// A row is put.
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]);

    /// A row is gone.
    fn delete(&mut self, table: Table, key: &[u8]);

    /// Something is added to a row that is a sum.
    fn add(&mut self, table: Table, key: &[u8], cells: &Cells);
}

impl Sink for Tables {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) {
        Self::put(self, table, key, value);
    }

    fn delete(&mut self, table: Table, key: &[u8]) {
        Self::delete(self, table, key);
    }

    fn add(&mut self, table: Table, key: &[u8], cells: &Cells) {
        Self::add(self, table, key, cells);
    }
}

impl Rows {
    /// Puts a row into a table.
    pub fn put(&mut self, table: Table, key: impl FnOnce(&mut Key), value: &impl Serialize) {
        let key = self.keep_key(key);
        let start = self.bytes.len();
        let bytes = std::mem::take(&mut self.bytes);
        // Numbers, texts and lists of them cannot fail to be written into memory.
        self.bytes = postcard::to_extend(value, bytes).unwrap_or_default();
        self.puts.push(Put { table, key, value: Span::from(start, &self.bytes) });
    }

    /// Adds to one cell of a row that streams share; the code says whether it is a sum, a maximum or a minimum.
    pub fn add(&mut self, table: Table, key: impl FnOnce(&mut Key), cells: &[(Code, i128)]) {
        self.add_some(table, key, cells.iter().copied());
    }

    /// The same for cells that are made one by one.
    pub fn add_some(&mut self, table: Table, key: impl FnOnce(&mut Key), cells: impl Iterator<Item = (Code, i128)>) {
        let key = self.keep_key(key);
        self.sums.extend(cells.map(|(code, amount)| Sum { table, key, code, amount }));
    }

    fn keep_key(&mut self, write: impl FnOnce(&mut Key)) -> Span {
        write(self.key.clear());
        if self.at(self.last) != self.key.as_bytes() {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(self.key.as_bytes());
            self.last = Span::from(start, &self.bytes);
        }
        self.last
    }

    fn at(&self, span: Span) -> &[u8] {
        span.of(&self.bytes)
    }

    /// Brings the rows into the order of tables and keys; cells that meet become one.
    pub fn finish(&mut self) {
        let Self { bytes, puts, sums, .. } = self;
        puts.sort_unstable_by(|a, b| a.table.cmp(&b.table).then_with(|| a.key.of(bytes).cmp(b.key.of(bytes))));
        let order = |a: &Sum, b: &Sum| {
            if a.key == b.key { (a.table, a.code).cmp(&(b.table, b.code)) } else { a.order(bytes, b, bytes) }
        };
        sums.sort_unstable_by(order);
        sums.dedup_by(|later, first| {
            let is_same = order(later, first).is_eq();
            if is_same {
                first.amount = first.code.meet(first.amount, later.amount);
            }
            is_same
        });
    }

    /// The cells of a table, in the order of keys and codes; several of one row follow one another.
    pub fn sums_in(&self, table: Table) -> impl Iterator<Item = (&[u8], Code, i128)> {
        let of = self.sums.iter().filter(move |sum| sum.table == table);
        of.map(|sum| (self.at(sum.key), sum.code, sum.amount))
    }

    /// Forgets all rows; the room stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.puts.clear();
        self.sums.clear();
        self.last = Span::default();
    }

    /// Becomes what others are, and takes no more room than they need.
    pub fn copy(&mut self, others: &Self) {
        self.bytes.clone_from(&others.bytes);
        self.puts.clone_from(&others.puts);
        self.sums.clone_from(&others.sums);
    }

    /// Carries the difference from the rows of before on: both finished.
    pub fn replace(&self, before: &Self, sink: &mut impl Sink) {
        self.replace_puts(before, sink);
        self.replace_sums(before, sink);
    }

    fn replace_puts(&self, before: &Self, sink: &mut impl Sink) {
        let (mut old, mut new) = (before.puts.iter().peekable(), self.puts.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => (a.table, before.at(a.key)).cmp(&(b.table, self.at(b.key))),
            };
            let gone = if order.is_le() { old.next() } else { None };
            let come = if order.is_ge() { new.next() } else { None };
            match (gone, come) {
                (Some(gone), None) => sink.delete(gone.table, before.at(gone.key)),
                (Some(gone), Some(come)) if before.at(gone.value) == self.at(come.value) => {}
                (_, Some(come)) => sink.put(come.table, self.at(come.key), self.at(come.value)),
                (None, None) => {}
            }
        }
    }

    fn replace_sums(&self, before: &Self, sink: &mut impl Sink) {
        let (mut old, mut new) = (before.sums.iter().peekable(), self.sums.iter().peekable());
        let mut cells = Cells::with_room_for(ROW_CELLS);
        let mut row: Option<(Table, &[u8])> = None;
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => a.order(&before.bytes, b, &self.bytes),
            };
            let gone = if order.is_le() { old.next() } else { None };
            let come = if order.is_ge() { new.next() } else { None };
            let Some((here, code, amount)) = difference(gone.map(|sum| (before, sum)), come.map(|sum| (self, sum)))
            else {
                continue;
            };
            if row != Some(here) {
                tell(row, &mut cells, sink);
                row = Some(here);
            }
            cells.push(code, amount);
        }
        tell(row, &mut cells, sink);
    }
}

impl Sum {
    /// By table, key and code.
    fn order(&self, bytes: &[u8], other: &Self, others: &[u8]) -> Ordering {
        let by_key = || self.key.of(bytes).cmp(other.key.of(others));
        self.table.cmp(&other.table).then_with(by_key).then(self.code.cmp(&other.code))
    }
}

/// What a cell changes by: a sum by the difference; a maximum or a minimum is told again, and never taken back.
fn difference<'r>(gone: Option<(&'r Rows, &'r Sum)>, come: Option<(&'r Rows, &'r Sum)>) -> Option<Change<'r>> {
    let (rows, sum) = come.or(gone)?;
    let here = (sum.table, rows.at(sum.key));
    let old = gone.map(|(_, sum)| sum.amount);
    let new = come.map(|(_, sum)| sum.amount);
    if sum.code.meeting() != Meeting::Sum {
        return new.filter(|_| old != new).map(|amount| (here, sum.code, amount));
    }
    let amount = new.unwrap_or(0).saturating_sub(old.unwrap_or(0));
    (amount != 0).then_some((here, sum.code, amount))
}

fn tell(row: Option<(Table, &[u8])>, cells: &mut Cells, sink: &mut impl Sink) {
    if let Some((table, key)) = row.filter(|_| !cells.is_empty()) {
        sink.add(table, key, cells);
        cells.clear();
    }
}
