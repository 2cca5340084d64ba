//! The `talon` command as people and scripts use it: the real binary, on real files.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod anomalies;
mod as_of;
mod audit;
mod backup;
mod bad_input;
mod books;
mod clocked;
mod consume;
mod crash;
mod currencies;
mod damage;
#[path = "../../src/demo"]
mod demo {
    pub(crate) mod script;
}
mod digest;
mod doctor;
mod erase;
mod export;
mod first_steps;
mod full;
mod history;
mod json_page;
mod kafka;
mod keys;
mod kills;
mod making;
mod morning;
mod operations;
mod operator;
mod pins;
mod project;
mod published;
mod readme;
mod rebuild;
mod receipts;
mod registry;
mod repairs;
mod replicas;
mod script;
mod statements;
mod strangers;
mod talon;
mod terminals;
mod views;
mod views_page;
