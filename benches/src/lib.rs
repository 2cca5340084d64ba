//! The canonical workload and its numbers: how long each step of the ledger takes for one event.
//!
//! ```text
//! Workload --> events as they are sent --> each step by itself, and the whole path --> Report
//! ```
//!
//! A benchmark is no test: it fails on no number. It warms up, repeats, and prints what it measured beside the floor that
//! the step is held against. Figures of two machines say nothing to each other; those of one run do.
//!
//! This crate judges no fact, and no room but the command line depends on it.

mod append;
mod bare;
mod chance;
mod clock;
mod day;
mod days;
mod fold;
mod follow;
mod ids;
mod laps;
mod ledger;
mod memory;
mod read;
mod report;
mod statements;
mod steps;
mod sustained;
mod views;
mod workload;

use std::io;
use std::path::Path;
use std::time::Duration;

pub use append::batch_bytes;
pub use bare::{Space, bare};
pub use clock::{Watch, now};
pub use days::{Totals, days_kept, facts_of, ledger_of};
pub use laps::{Laps, laps};
pub use report::{Machine, Report, Row, Section};
pub use sustained::{Sustained, sustained};
pub use workload::Workload;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bench {
    /// Each step of the door by itself.
    Steps,
    /// Records that are made already, at several sizes of a group, beside a bare loop.
    Append,
    /// The whole path, sustained.
    Sustained,
    /// The id index: new ids, known ones, late ones.
    Ids,
    /// Scans, checks and folds of a journal that is there, and opening it after a crash.
    Read,
    /// The fold of decoded facts.
    Fold,
    /// Views, made in memory and in the store, and asked.
    Views,
    /// The projector at the head of a journal that grows.
    Follow,
    /// Files of a provider, read row by row.
    Statements,
}

impl Bench {
    /// All of them, in the order of the path.
    pub const ALL: [Self; 9] = [
        Self::Steps,
        Self::Append,
        Self::Sustained,
        Self::Ids,
        Self::Read,
        Self::Fold,
        Self::Views,
        Self::Follow,
        Self::Statements,
    ];
}

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Events of what is counted in events.
    pub events: u64,
    /// How long what is sustained goes on.
    pub how_long: Duration,
    /// How often what is repeated is repeated.
    pub repeats: u32,
}

/// Measures what is asked for, in a folder that is empty and on the disk that is meant; what it leaves there is the
/// caller's to remove. `begins` hears of each before it starts.
///
/// # Errors
/// The folder cannot be written, or the ledger did not do what it must: a benchmark of something broken says nothing.
pub fn measure(asked: &[Bench], dir: &Path, extent: Extent, begins: &mut dyn FnMut(Bench)) -> io::Result<Report> {
    let mut machine = Machine::seen();
    let mut sections = Vec::new();
    for bench in asked {
        begins(*bench);
        sections.push(match bench {
            Bench::Steps => steps::measured(dir, extent.events.min(1_000_000))?,
            Bench::Append => append::measured(dir)?,
            Bench::Sustained => sustained::measured(dir, 1_000, extent.how_long)?,
            Bench::Ids => ids::measured(dir, extent.events)?,
            Bench::Read => read::measured(dir, extent.events, extent.repeats)?,
            Bench::Fold => fold::measured(200_000, extent.repeats),
            Bench::Views => views::measured(dir, extent.events, extent.repeats)?,
            Bench::Follow => follow::measured(dir, extent.events, extent.how_long)?,
            Bench::Statements => statements::measured(extent.events.min(1_000_000), extent.repeats)?,
        });
    }
    machine.load[1] = report::load();
    Ok(Report { machine, sections })
}
