//! The door, held to its promises on a journal in memory and a real vault.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod appended;
mod bench;
mod broadcast;
mod damaged;
mod documented;
mod erasure;
mod failing;
mod messages;
mod nonsense;
mod refused;
mod streams;
mod technical;
