//! Tables of the views as files that other programs open. A [`Table`] is a value of columns and cells; writers turn it into
//! bytes.
//!
//! ```text
//! views --> books: payments, movements, days, settlement, ... --> Table
//! tables --> sheet: a workbook of Excel, a sheet each
//!        --> comma: text, for programs and for a French spreadsheet
//!        --> sql: a file of SQLite
//!        --> folder: all of these, a dictionary of columns, a manifest with sums
//! ```
//!
//! Invariants:
//! - the same tables give the same bytes, whenever and wherever they are written
//! - a figure is a view's, or what a payment contributes to one: nothing is computed here that a view does not have
//! - money is whole minor units until its decimal text is written; nothing is rounded
//! - no text of a cell is ever a formula
//!
//! This crate does not open a file, read a clock or a journal, or know a person.
//!
//! ```
//! use talon_domain::money::Currency;
//! use talon_exports::{Cell, Column, Convention, Table, comma};
//!
//! let columns = vec![
//!     Column::text("ticket", ["Ticket", "Ticket"], "The till's number of it."),
//!     Column::money("sale", ["Vente", "Sale"], "What was sold."),
//! ];
//! let rows = vec![vec![Cell::text("=0042"), Cell::money(Currency::EUR, -123_456)]];
//! let table = Table { name: "sales", title: ["Ventes", "Sales"], about: "A row is a sale.", columns, key: 1, rows };
//! assert_eq!(comma(&table, Convention::Plain), "ticket,sale\n'=0042,-1234.56\n");
//! assert_eq!(comma(&table, Convention::French), "\u{feff}Ticket;Vente\r\n'=0042;-1234,56\r\n");
//! ```

mod books;
mod comma;
mod decimal;
mod error;
mod folder;
mod moment;
pub mod morning;
mod sheet;
mod sql;
mod table;

pub use books::{Asked, StateOf, books};
pub use comma::{Convention, comma};
pub use decimal::decimal;
pub use error::ExportError;
pub use folder::{File, MANIFEST, SCHEMA, files};
pub use sheet::workbook;
pub use sql::database;
pub use table::{Cell, Column, Kind, Table, Word};
