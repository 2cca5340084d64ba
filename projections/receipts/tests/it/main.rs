//! Tickets of payments that were folded from facts: golden papers, their page, and the laws that hold for every payment.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod golden;
mod laws;
mod page;
mod refusals;
mod story;
mod wording;
