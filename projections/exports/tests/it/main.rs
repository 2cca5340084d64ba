//! What the files of this room say, read by programs that did not write them.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod comma;
mod folder;
mod sheet;
mod sql;
mod tables;
