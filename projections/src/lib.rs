//! What history adds up to: views, which are folds of facts with their queries.
//!
//! ```text
//! domain::Fold --> registry: who and what there is      --> who, where, on which day, at what price, open or closed
//!             \--> terminals: numbers seen, sums stated --> holes with their owners, totals that agree or do not
//!                                    both --> findings: what the registry does not know, what is missing
//! cells: sums that meet --> store: ordered tables of rows, on disk or in memory, at their last commit or broken
//! ```
//!
//! Invariants:
//! - a view is a function of the set of facts: order, repetition and delay change nothing
//! - a view owns no clock: what is late, and what holds today, is asked with a moment
//! - numbers from outside are held as ranges and added with checks: none of them is walked to
//!
//! This crate does not read a journal or a clock, and no file but those of [`store`]; it prints nothing, and decides nothing about money.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod anomalies;
pub mod calendar;
pub mod cells;
pub mod compare;
pub mod days;
pub mod describe;
pub mod digest;
pub mod explain;
pub mod finding;
pub mod instalments;
pub mod intervals;
mod kept;
pub mod key;
pub mod notes;
pub mod open_items;
pub mod projection;
pub mod reading;
pub mod registry;
pub mod rows;
pub mod settlement;
pub mod siren;
pub mod store;
pub mod streams;
pub mod table;
pub mod terminals;
pub mod transactions;
mod varint;
pub mod view;
pub mod views;
pub mod working_days;
pub mod worklist;
