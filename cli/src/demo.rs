//! A trading day of a small chain: the script that tells it. Playing and showing it is a command like any other.

mod script;

pub(crate) use script::{Day, Shop, Statement, day};
