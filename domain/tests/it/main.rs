//! The fold, told in tables that a clerk can read, and the laws that hold for every history.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod golden;
mod history;
mod laws;
mod letting_go;
mod sums;
mod tables;
