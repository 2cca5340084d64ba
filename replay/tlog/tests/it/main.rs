//! The tree against three others: the published reference, Python's, and a naive one that recurses.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, reason = "the trees of these tests are small")]

mod golden;
mod laws;
mod naive;
mod proofs;
