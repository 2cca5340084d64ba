//! Where a query reads: rows by key, and in the order of keys. Tables of this process, a running projector's, or a replay
//! in memory answer alike, so that a query is written once.

use std::ops::ControlFlow;

use crate::cells::{Cells, MalformedCells};
use crate::key::{Key, behind};
use crate::store::{Snapshot, StoreError, Table, Tables};

/// What a scan hands over: key and value. It may end the scan.
pub type Each<'e> = &'e mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>;

/// What takes a row, key and value, if it can be read.
pub type TakeRow<'t> = &'t mut dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError>;

/// Rows that can be read.
pub trait Reading {
    /// The row of a key.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The rows from a key on, below another, in order.
    fn scan(&self, table: Table, from: &[u8], below: Option<&[u8]>, each: Each<'_>) -> Result<(), StoreError>;

    /// The rows whose keys begin with these bytes, in order.
    fn scan_prefix(&self, table: Table, prefix: &Key, each: Each<'_>) -> Result<(), StoreError> {
        self.scan(table, prefix.as_bytes(), behind(prefix.as_bytes()).as_deref(), each)
    }
}

impl Reading for Tables {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Self::get(self, table, key)
    }

    fn scan(&self, table: Table, from: &[u8], below: Option<&[u8]>, each: Each<'_>) -> Result<(), StoreError> {
        Self::scan(self, table, from, below, each)
    }
}

impl Reading for Snapshot {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Self::get(self, table, key)
    }

    fn scan(&self, table: Table, from: &[u8], below: Option<&[u8]>, each: Each<'_>) -> Result<(), StoreError> {
        Self::scan(self, table, from, below, each)
    }
}

/// Reads a row that was put.
pub fn read_row<'v, T: serde::Deserialize<'v>>(value: &'v [u8]) -> Result<T, StoreError> {
    postcard::from_bytes(value).map_err(|_| strange_row())
}

/// Reads a row that is a sum.
pub fn read_cells(value: &[u8]) -> Result<Cells, StoreError> {
    Cells::decode(value).map_err(strange_cells)
}

/// What is said of a sum that nobody could have written.
pub fn strange_cells(error: MalformedCells) -> StoreError {
    StoreError::Broken(error.to_string())
}

/// What is said of a row that nobody could have written.
pub fn strange_row() -> StoreError {
    StoreError::Broken("a row cannot be read".to_owned())
}

/// What is said of a key that is none of its table's.
pub fn strange_key() -> StoreError {
    StoreError::Broken("a key cannot be read".to_owned())
}

/// Hands over rows from a key on, below another, in order, until one of them cannot be read.
pub fn walk(
    reading: &dyn Reading,
    table: Table,
    from: &[u8],
    below: Option<&[u8]>,
    each: TakeRow<'_>,
) -> Result<(), StoreError> {
    let mut read = Ok(());
    reading.scan(table, from, below, &mut |key, value| {
        read = each(key, value);
        if read.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    read
}

/// Hands over the rows whose keys begin with these bytes, in order, until one of them cannot be read.
pub fn walk_prefix(reading: &dyn Reading, table: Table, prefix: &Key, each: TakeRow<'_>) -> Result<(), StoreError> {
    walk(reading, table, prefix.as_bytes(), behind(prefix.as_bytes()).as_deref(), each)
}
