//! Comparisons: two makings of one view, row by row, wherever each is kept.
//!
//! Invariant: both are walked once, in the order of keys, a chunk at a time: however many rows there are, few are held.
//!
//! This module does not say what a difference means.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::ops::ControlFlow;

use crate::reading::Reading;
use crate::store::{StoreError, Table};

/// How many rows are read together.
const CHUNK: usize = 1_024;

/// A row that is not the same in two makings: its key, and what each of them holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference<'r> {
    /// The row's key.
    pub key: &'r [u8],
    /// What the first one holds.
    pub first: Option<&'r [u8]>,
    /// What the second one holds.
    pub second: Option<&'r [u8]>,
}

/// Where a making of a table is kept.
#[derive(Clone, Copy)]
pub struct Making<'r> {
    /// Who reads it.
    pub reading: &'r dyn Reading,
    /// Under which number.
    pub table: Table,
}

/// Hands over every row that two makings do not share, in the order of keys, until told to stop.
pub fn compare(
    first: Making<'_>,
    second: Making<'_>,
    each: &mut dyn FnMut(Difference<'_>) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let (mut a, mut b) = (Cursor::over(first), Cursor::over(second));
    loop {
        a.fill()?;
        b.fill()?;
        let order = match (a.rows.front(), b.rows.front()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let left = if order.is_le() { a.rows.pop_front() } else { None };
        let right = if order.is_ge() { b.rows.pop_front() } else { None };
        let Some((key, _)) = left.as_ref().or(right.as_ref()) else { return Ok(()) };
        let (first, second) = (left.as_ref().map(value_of), right.as_ref().map(value_of));
        let difference = Difference { key, first, second };
        if difference.first != difference.second && each(difference).is_break() {
            return Ok(());
        }
    }
}

fn value_of(row: &Row) -> &[u8] {
    &row.1
}

/// Key and value.
type Row = (Vec<u8>, Vec<u8>);

/// A place in a table.
struct Cursor<'r> {
    making: Making<'r>,
    rows: VecDeque<Row>,
    /// Where the next chunk begins; `None` at the end.
    next: Option<Vec<u8>>,
}

impl<'r> Cursor<'r> {
    fn over(making: Making<'r>) -> Self {
        Self { making, rows: VecDeque::new(), next: Some(Vec::new()) }
    }

    /// Sees to it that there is a row, if there is one more.
    fn fill(&mut self) -> Result<(), StoreError> {
        let Some(from) = self.next.take_if(|_| self.rows.is_empty()) else { return Ok(()) };
        let (rows, next) = (&mut self.rows, &mut self.next);
        self.making.reading.scan(self.making.table, &from, None, &mut |key, value| {
            if rows.len() == CHUNK {
                *next = Some(key.to_vec());
                return ControlFlow::Break(());
            }
            rows.push_back((key.to_vec(), value.to_vec()));
            ControlFlow::Continue(())
        })
    }
}
