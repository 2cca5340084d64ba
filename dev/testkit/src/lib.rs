//! Shared test instruments: the conformance suite of journals, the tables of docs/format.md, ledgers to test with.
//!
//! Everything here panics where a test should fail. Nothing here is linked into the product.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // tests fail by panicking
#![allow(clippy::missing_panics_doc)] // every function here panics where a test fails

mod format_page;

pub use format_page::{format_table, unhex};
