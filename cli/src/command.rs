//! One module for each thing that `talon` can be asked.

pub(crate) mod anomalies;
pub(crate) mod backup;
pub(crate) mod bench;
pub(crate) mod calendar;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod digest;
pub(crate) mod doctor;
pub(crate) mod dump;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod key;
pub(crate) mod publish;
pub(crate) mod receipt;
pub(crate) mod register;
pub(crate) mod registry;
pub(crate) mod repair;
pub(crate) mod restore;
pub(crate) mod stat;
pub(crate) mod tail;
pub(crate) mod terminals;
pub(crate) mod transaction;
pub(crate) mod transactions;
pub(crate) mod verify;
