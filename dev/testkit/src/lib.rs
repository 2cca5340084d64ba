//! Shared test instruments: the conformance suite of journals, a disk that fails on command, small ledgers, the tables
//! of docs/format.md, traffic from a seed, and an auditor who judges it a second time.
//!
//! Everything here panics where a test should fail. Nothing here is linked into the product.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // tests fail by panicking
#![allow(clippy::missing_panics_doc)] // every function here panics where a test fails

pub mod auditor;
mod disk;
mod format_page;
pub mod journal_conformance;
pub mod kafka;
mod ledger;
pub mod traffic;

pub use auditor::Auditor;
pub use disk::{Disk, Fault, Survivors};
pub use format_page::{format_table, hex, unhex};
pub use ledger::{batch_of, genesis, ledger_id, record, seeds};
