//! History as people ask for it: what is no fact, what was known then, and the story of a payment.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod as_of;
mod digests;
mod golden;
mod ledgers;
mod letting_go;
mod mixture;
mod pins;
mod remade;
mod story;
mod strange;
