//! Files as providers and people hand them over, each with the exact answer: lines, refusals with their line and column,
//! and what is worth a look.
#![expect(clippy::tests_outside_test_module, clippy::expect_used, clippy::indexing_slicing, reason = "these are tests")]

mod alma;
mod bad_input;
mod laws;
mod other_maps;
mod told;
