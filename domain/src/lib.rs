//! What the ledger means: ids, money, days, plans, facts, and the fold that judges them.
//!
//! ```text
//! fact --> admission (first, duplicate, conflict) --> stream: slots, witnesses --> state: status, money, anomalies
//! ```
//!
//! Invariants:
//! - the fold is total: no sequence of facts makes it panic, and it drops none
//! - a stream's state is a function of the set of its facts: order, repetition and delay change nothing
//! - amounts are whole minor units and are added with checks
//!
//! This crate does not read a clock, a file, a random number or a socket, and knows neither bytes nor JSON.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod anomaly;
pub mod claim;
pub mod contribution;
pub mod digest;
pub mod fact;
pub mod fold;
pub mod ids;
pub mod money;
pub mod open;
pub mod ordered;
pub mod plan;
pub mod regime;
pub mod slot;
pub mod state;
pub mod stream;
pub mod time;

mod claims;
mod content;
mod judge;
mod witness;
