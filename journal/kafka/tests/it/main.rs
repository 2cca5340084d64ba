//! The journal on a real Apache Kafka. One broker is started for these tests if none runs; without Java or Maven they say
//! in one line that they were left out, and where `CI` is `true` that is a failure.
#![expect(clippy::tests_outside_test_module, clippy::expect_used, clippy::unwrap_used, reason = "these are tests")]

mod broker;
mod engine;
mod faults;
#[cfg(feature = "tls")]
mod guarded;
mod topics;
