//! Rows of one stream: what it puts into tables, and what it adds to sums. Invariants:
//! - the rows of a stream are a function of its facts, so that what it put there before can be taken back
//! - a row that is put has a key that no other stream uses; what several streams share is a sum
//!
//! This module does not know which view a table belongs to.

use std::cmp::Ordering;
use std::ops::Range;

use serde::Serialize;

use crate::cells::{Cells, Code, Meeting};
use crate::key::Key;
use crate::store::{Table, Tables};

/// What one stream comes to, in all views.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    bytes: Vec<u8>,
    puts: Vec<Put>,
    sums: Vec<Sum>,
    key: Key,
}

#[derive(Clone, Debug)]
struct Put {
    table: Table,
    key: Range<usize>,
    value: Range<usize>,
}

#[derive(Clone, Debug)]
struct Sum {
    table: Table,
    key: Range<usize>,
    code: Code,
    amount: i128,
}

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
        self.puts.push(Put { table, key, value: start..self.bytes.len() });
    }

    /// Adds to one cell of a row that streams share; the code says whether it is a sum, a maximum or a minimum.
    pub fn add(&mut self, table: Table, key: impl FnOnce(&mut Key), cells: &[(Code, i128)]) {
        let key = self.keep_key(key);
        self.sums.extend(cells.iter().map(|(code, amount)| Sum {
            table,
            key: key.clone(),
            code: *code,
            amount: *amount,
        }));
    }

    fn keep_key(&mut self, write: impl FnOnce(&mut Key)) -> Range<usize> {
        write(self.key.clear());
        let start = self.bytes.len();
        self.bytes.extend_from_slice(self.key.as_bytes());
        start..self.bytes.len()
    }

    fn at(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// Brings the rows into the order of tables and keys; cells that meet become one.
    pub fn finish(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let at = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or_default();
        self.puts.sort_unstable_by(|a, b| (a.table, at(&a.key)).cmp(&(b.table, at(&b.key))));
        let place = |sum: &Sum| (sum.table, sum.code);
        self.sums.sort_unstable_by(|a, b| (a.table, at(&a.key), a.code).cmp(&(b.table, at(&b.key), b.code)));
        self.sums.dedup_by(|later, first| {
            let is_same = place(later) == place(first) && at(&later.key) == at(&first.key);
            if is_same {
                first.amount = first.code.meet(first.amount, later.amount);
            }
            is_same
        });
        self.bytes = bytes;
    }

    /// The cells of a table, in the order of keys and codes; several of one row follow one another.
    pub fn sums_in(&self, table: Table) -> impl Iterator<Item = (&[u8], Code, i128)> {
        let of = self.sums.iter().filter(move |sum| sum.table == table);
        of.map(|sum| (self.at(&sum.key), sum.code, sum.amount))
    }

    /// Forgets all rows; the room stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.puts.clear();
        self.sums.clear();
    }

    /// Bytes of memory that they hold.
    pub fn memory_bytes(&self) -> usize {
        self.bytes.capacity().saturating_add(self.puts.capacity().saturating_mul(size_of::<Put>()))
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
                (Some(a), Some(b)) => (a.table, before.at(&a.key)).cmp(&(b.table, self.at(&b.key))),
            };
            let gone = if order.is_le() { old.next() } else { None };
            let come = if order.is_ge() { new.next() } else { None };
            match (gone, come) {
                (Some(gone), None) => sink.delete(gone.table, before.at(&gone.key)),
                (Some(gone), Some(come)) if before.at(&gone.value) == self.at(&come.value) => {}
                (_, Some(come)) => sink.put(come.table, self.at(&come.key), self.at(&come.value)),
                (None, None) => {}
            }
        }
    }

    fn replace_sums(&self, before: &Self, sink: &mut impl Sink) {
        let (mut old, mut new) = (before.sums.iter().peekable(), self.sums.iter().peekable());
        let mut cells = Cells::default();
        let mut row: Option<(Table, &[u8])> = None;
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => (a.table, before.at(&a.key), a.code).cmp(&(b.table, self.at(&b.key), b.code)),
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
            cells.add(code, amount);
        }
        tell(row, &mut cells, sink);
    }
}

/// What a cell changes by: a sum by the difference; a maximum or a minimum is told again, and never taken back.
fn difference<'r>(gone: Option<(&'r Rows, &'r Sum)>, come: Option<(&'r Rows, &'r Sum)>) -> Option<Change<'r>> {
    let (rows, sum) = come.or(gone)?;
    let here = (sum.table, rows.at(&sum.key));
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
