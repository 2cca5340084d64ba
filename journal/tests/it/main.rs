//! The journal, seen from outside: bytes, engines, damage, crashes, processes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod aftermath;
mod backup;
mod bytes;
mod campaign;
mod crashes;
mod damage;
mod engines;
mod followers;
mod golden;
mod hints;
mod ids;
mod layout;
mod model;
mod processes;
mod repairs;
mod room;
mod stat;
