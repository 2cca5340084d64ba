//! Why tables could not be made or written.

use rust_xlsxwriter::XlsxError;
use talon_projections::store::StoreError;
use thiserror::Error;

/// Why tables could not be made or written. Nothing of them was: bytes are handed over whole.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The views cannot be read.
    #[error("the views cannot be read for the table {table}: {source}: see talon doctor")]
    Views {
        /// Which table.
        table: &'static str,
        /// What they said.
        source: StoreError,
    },
    /// The writer of workbooks refused.
    #[error("the workbook cannot be written at the table {table}: {source}: take fewer days or one merchant")]
    Workbook {
        /// Which table.
        table: &'static str,
        /// What it said.
        source: XlsxError,
    },
    /// The database refused.
    #[error("the database cannot be written at the table {table}: {source}: take fewer days or one merchant")]
    Sql {
        /// Which table.
        table: &'static str,
        /// What it said.
        source: rusqlite::Error,
    },
    /// An amount that no column of the database holds.
    #[error("an amount in the column {column} of the table {table} is beyond 64 bits: take fewer days or one merchant")]
    TooLarge {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
    },
}

impl ExportError {
    pub(crate) const fn views(table: &'static str) -> impl Fn(StoreError) -> Self {
        move |source| Self::Views { table, source }
    }

    pub(crate) const fn workbook(table: &'static str) -> impl Fn(XlsxError) -> Self {
        move |source| Self::Workbook { table, source }
    }

    pub(crate) const fn sql(table: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Sql { table, source }
    }
}
