//! Tickets of payments that were folded from facts: golden papers, their page, and the laws that hold for every payment.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod days;
mod golden;
mod laws;
mod page;
mod paper;
mod refusals;
mod situations;
mod story;
mod strange;
mod sums;
mod wording;
