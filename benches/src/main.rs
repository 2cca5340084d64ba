//! Benchmarks: how long each step takes for one fact of the canonical workload, on one core.
//!
//! ```text
//! cargo run --release -p talon-benches -- fold [--payments N] [--repeats N] [--output json]
//! ```
//!
//! A benchmark is no test: it fails on no number. It warms up, repeats, and prints the best and the median of what it
//! measured, beside the floor that the step is held against. Figures of two machines say nothing to each other; those
//! of two commits on one machine do.
//!
//! A fold of a whole day waits for memory. With glibc, `GLIBC_TUNABLES=glibc.malloc.hugetlb=1` lets it have huge pages, and
//! admission takes about an eighth less; a server should be started so, and figures say which of the two they are.
//!
//! This crate does not judge a fact, and no room depends on it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its numbers")]

mod args;
mod chance;
mod day;
mod fold;
mod report;

use std::process::ExitCode;

use args::Args;

fn main() -> ExitCode {
    match Args::read(std::env::args().skip(1)) {
        Ok(args) => {
            println!("{}", fold::measured(&args).shown(args.as_json));
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}\n\n{}", args::USAGE);
            ExitCode::FAILURE
        }
    }
}
