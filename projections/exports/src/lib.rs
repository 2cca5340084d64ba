//! Tables of the views as files that other programs open. A [`Table`] is a value of columns and cells; writers turn it into
//! bytes.
//!
//! ```text
//! tables --> sheet: a workbook of Excel, a sheet each
//! ```
//!
//! Invariants:
//! - the same tables give the same bytes, whenever and wherever they are written
//! - money is whole minor units until its decimal text is written; nothing is added up or rounded here
//! - no text of a cell is ever a formula
//!
//! This crate does not open a file, read a clock or a ledger, or know a person.

mod decimal;
mod error;
mod moment;
mod sheet;
mod table;

pub use decimal::decimal;
pub use error::ExportError;
pub use sheet::workbook;
pub use table::{Cell, Column, Kind, Table};
