//! Why tables could not be written.

use rust_xlsxwriter::XlsxError;
use thiserror::Error;

/// Why tables could not be written. Nothing of them was: bytes are handed over whole.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The writer of workbooks refused.
    #[error("the workbook cannot be written at the table {table}: {source}: take fewer days or one merchant")]
    Workbook {
        /// Which table.
        table: &'static str,
        /// What it said.
        source: XlsxError,
    },
}

impl ExportError {
    pub(crate) const fn workbook(table: &'static str) -> impl Fn(XlsxError) -> Self {
        move |source| Self::Workbook { table, source }
    }
}
