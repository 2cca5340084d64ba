//! The canonical workload and its numbers: how long each step of the ledger takes for one event.
//!
//! ```text
//! Workload --> events as they are sent --> each step by itself, and the whole path --> Report
//! ```
//!
//! A benchmark is no test: it fails on no number. It warms up, repeats, and prints what it measured beside the floor that
//! the step is held against. Figures of two machines say nothing to each other; those of one run do.
//!
//! This crate judges no fact, and no room but the command line depends on it.

mod chance;
mod clock;
mod ledger;
mod sustained;
mod workload;

pub use sustained::{Sustained, sustained};
pub use workload::Workload;
