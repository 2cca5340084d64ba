//! `talon-rivals`: the canonical workload into Talon, into PostgreSQL, and into a bare loop, or views of it in the first
//! two, in one run on one disk.
//!
//! ```text
//! Workload --> door, journal                                 events durable a second
//!     \------> rows, binary COPY --> PostgreSQL              the same, a transaction a batch
//!      \-----> as many bytes, one write and one sync a batch the floor of the disk
//! ```
//!
//! - all take the same events, a thousand at a time, each batch durable before it counts
//! - what is made ready for PostgreSQL is made by another thread, and not by the one that sends
//! - views are made of one journal: by Talon into its store, and by SQL of flattened columns; sums that differ end the run
//! - figures of two runs or two machines say nothing to each other; ratios are of one run
//!
//! It is no part of the gate: it wants the machine to itself. This crate judges no fact and keeps nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement speaks to whoever runs it")]

mod cluster;
mod copy;
mod place;
mod race;
mod rows;
mod views;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::race::Race;

const HELP: &str = "\
usage: talon-rivals [--dir DIR] [--seconds N | --views N] [--json]

Takes the canonical workload in with PostgreSQL, a bare loop and Talon, N seconds each (5 if nothing is said), in DIR:
a folder that does not exist yet, on the disk that is meant, and that is removed afterwards. PostgreSQL 15 must be
installed (Debian: postgresql-15); as root it runs as the user postgres. Nothing else should run meanwhile.
With --views it makes views of N events instead: Talon all of its own, PostgreSQL the one of days, by COPY and SQL.
A run that is interrupted leaves DIR and perhaps a server behind: `pg_ctl stop -D DIR/pg/data`.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match obey(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("talon-rivals: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Wish {
    dir: PathBuf,
    how_long: Duration,
    /// Views of so many events, instead of taking events in.
    views: Option<u64>,
    json: bool,
}

fn obey(words: &[&str]) -> Result<()> {
    if matches!(words, ["--help" | "-h" | "help"]) {
        println!("{HELP}");
        return Ok(());
    }
    let wish = read(words)?;
    fs::create_dir(&wish.dir).with_context(|| format!("{} must not exist yet", wish.dir.display()))?;
    let result = match wish.views {
        Some(events) => Race::to_views(&wish.dir, events),
        None => Race::to_take_in(&wish.dir, wish.how_long),
    };
    fs::remove_dir_all(&wish.dir).with_context(|| format!("{} is left behind", wish.dir.display()))?;
    let race = result?;
    println!("{}", if wish.json { race.json() } else { race.table() });
    Ok(())
}

fn read(words: &[&str]) -> Result<Wish> {
    let dir = PathBuf::from("talon-rivals");
    let mut wish = Wish { dir, how_long: Duration::from_secs(5), views: None, json: false };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match (*word, words.as_slice().first()) {
            ("--json", _) => wish.json = true,
            ("--dir", Some(dir)) => wish.dir = PathBuf::from(dir),
            ("--seconds", Some(number)) => {
                wish.how_long = Duration::from_secs(number.parse().context("--seconds takes a whole number")?);
            }
            ("--views", Some(number)) => {
                wish.views = Some(number.parse().context("--views takes a whole number of events")?);
            }
            _ => bail!("`{word}` cannot be carried out\n\n{HELP}"),
        }
        if *word != "--json" {
            words.next();
        }
    }
    Ok(wish)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_order() {
        let wish = Wish { dir: PathBuf::from("/d"), how_long: Duration::from_secs(9), views: None, json: true };
        assert_eq!(read(&["--seconds", "9", "--json", "--dir", "/d"]).unwrap(), wish);
        assert_eq!(read(&["--views", "20000"]).unwrap().views, Some(20_000));
        for wrong in [&["--dir"][..], &["--seconds", "soon"], &["--views", "all"], &["fast"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
