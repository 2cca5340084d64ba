//! The messages of `talon.v1` as prost structs, for whoever makes events: tests, the demo, adapters.
//!
//! Generated from `proto/talon/v1` by `cargo xtask generate`, and committed. Reading goes another way: [`crate::walk`]
//! and [`crate::check_payload`] look at bytes where they lie, and [`crate::decode`] hands out the domain's types.
#![allow(missing_docs, clippy::doc_markdown, clippy::large_enum_variant, clippy::pedantic, reason = "generated")]

include!("gen/talon.v1.rs");
