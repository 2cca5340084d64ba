//! Anomalies: rules that are not kept, since when, and those that were not kept for a time, with what cleared them. A fold
//! says what stands now; this view adds when it was seen, which the ledger's own days of recording tell.
//!
//! - an anomaly is one row: merchant, code, stream, slot
//! - days are days of recording: what stood when one ended was seen, what came and went within one was not
//! - so it does not matter how records were cut into batches, while the order in which they came does
//!
//! Not here: what needs the registry or several streams ([`crate::finding`]), which whoever asks puts beside these.

mod fold;
mod query;
mod row;
#[cfg(test)]
mod tests;

pub use fold::Anomalies;
pub use query::{AnomalyLine, Count, Filter, counts, list};
pub use row::Cleared;
