//! Followers from outside: a journal that grows, a store on disk, faults, and clients of the socket.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod aside;
mod asked;
mod damage;
mod follows;
mod from_memory;
mod ledger;
mod stored;
