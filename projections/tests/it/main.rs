//! The views, told in tables that a clerk can read, and the laws that hold for every history.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod anomalies;
mod auditor;
mod columns;
mod days;
mod facts;
mod laws;
mod open_items;
mod projected;
mod projection;
mod settled;
mod settled_laws;
mod statements;
mod store;
mod tables;
mod told;
mod worklist;
