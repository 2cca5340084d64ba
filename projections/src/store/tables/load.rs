//! Rows that were never in memory: they come in the order of their keys and go into a run at once.
//!
//! Invariants:
//! - what is loaded becomes part of its table with the next commit, above the runs that are there and below memory;
//!   before that nobody reads it
//! - one page and one batch are in memory, whatever the number of rows
//!
//! This module does not sort.

use super::super::StoreError;
use super::super::entry::Said;
use super::{Merge, RunWriter, Table, Tables};

/// A run that rows are put into, in the order of their keys. One that is not finished was never there.
pub struct Load<'t> {
    tables: &'t mut Tables,
    table: Table,
    adds: bool,
    writer: RunWriter,
}

impl Tables {
    /// Begins to load rows into a table; what is being written behind is waited for.
    pub fn load(&mut self, table: Table) -> Result<Load<'_>, StoreError> {
        let run = self.kept()?.new_run();
        let writer = RunWriter::new(table.0, run);
        Ok(Load { adds: (self.merge)(table) == Merge::Cells, table, writer, tables: self })
    }
}

impl Load<'_> {
    /// Appends a row, whose key lies behind the last one. In a table of sums, it is cells that are added.
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let said = if self.adds { Said::Add(value) } else { Said::Set(value) };
        self.writer.push(&*self.tables.layers.store, key, said)
    }

    /// Ends the run; the next commit makes it part of its table.
    pub fn finish(self) -> Result<(), StoreError> {
        if let Some(run) = self.writer.finish(&*self.tables.layers.store)? {
            self.tables.kept()?.load(self.table, run);
        }
        Ok(())
    }
}
