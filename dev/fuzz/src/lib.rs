//! Fuzz targets: whatever reads bytes from outside, and what must be true of everything that it makes of them.
//!
//! ```text
//! libFuzzer --> targets/NAME.rs --> a check of this library --> the product's own readers, and a second reader
//! seeds/NAME --^      tests/it.rs --^
//! ```
//!
//! Invariants:
//! - a check asserts more than that nothing panics: what is read is written again as it was, what is accepted keeps its
//!   promises, what is refused is refused in words that repeat no value
//! - a check depends on its bytes alone: no clock, no chance, nothing left over from the bytes before
//! - seeds are run by the ordinary tests, so that a check that no longer holds is seen without a fuzzer
//!
//! `cargo xtask fuzz` runs the targets. This crate does not search; libFuzzer does. What it finds becomes a test of the
//! room that was wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a finding is a panic
#![allow(clippy::missing_panics_doc)] // every check panics on what it finds

mod admitted;
mod bytes;
mod event;
mod frame;
mod id_index;
mod json;
mod lines;
mod naive;
mod pin;
mod record;
mod reflected;
mod segment;
mod statement;
mod summary;
mod vault;
mod views_request;

pub use event::event;
pub use frame::{frame, group, mark};
pub use id_index::id_index;
pub use json::json;
pub use lines::lines;
pub use pin::pin;
pub use record::record;
pub use segment::segment;
pub use statement::statement;
pub use summary::summary;
pub use vault::{master_key, recovery_sheet, sealed_part, vault};
pub use views_request::views_request;

/// A check of some bytes: returns if all is as it must be.
pub type Check = fn(&[u8]);

/// Every target and its check.
pub const TARGETS: &[(&str, Check)] = &[
    ("event", event),
    ("frame", frame),
    ("group", group),
    ("id_index", id_index),
    ("json", json),
    ("lines", lines),
    ("mark", mark),
    ("master_key", master_key),
    ("pin", pin),
    ("record", record),
    ("recovery_sheet", recovery_sheet),
    ("sealed_part", sealed_part),
    ("segment", segment),
    ("statement", statement),
    ("summary", summary),
    ("vault", vault),
    ("views_request", views_request),
];
