//! The auditor and the fold, held against each other on traffic from a seed.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod audited;
mod difference;
