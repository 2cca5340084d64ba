//! kill -9 at any moment of a process that commits and merges on disk: what it had said to be in is in, as a whole.
//!
//! The child is this test binary, run again with a role in an environment variable.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use talon_projections::store::{SledStore, StoreError, Tables};

use super::history::{Rows, commit, commits_of, merge, say};
use super::{Dice, seed};

const ROLE: &str = "TALON_TEST_STORE";

pub(super) fn open(folder: &Path) -> Result<Tables, StoreError> {
    Tables::open(Box::new(SledStore::open(folder)?), merge)
}

/// Not a test by itself: goes on with the history, and says after each commit that it is in.
#[test]
fn child_that_commits_until_it_is_killed() {
    let Some(folder) = std::env::var_os(ROLE).map(PathBuf::from) else { return };
    let mut tables = open(&folder).expect("a store");
    let mut out = std::io::stdout();
    for number in commits_of(&tables) + 1.. {
        // Every third one is made by the thread that writes behind, which merges then.
        if number % 3 == 0 {
            say(&mut tables, number);
            tables.commit_behind(&number.to_le_bytes()).expect("a commit that is begun");
            tables.finish().expect("a commit");
            tables.go_on().expect("a merge that is begun");
        } else {
            commit(&mut tables, number).expect("a commit");
        }
        writeln!(out, "\ncommitted {number}").and_then(|()| out.flush()).expect("somebody listens");
        while tables.merge_step().expect("a step") {}
    }
}

/// Lets a child go on for a while, and kills it: the last commit that it said to be in.
fn kill_after(folder: &Path, commits: u64, pause: Duration) -> Option<u32> {
    let mut child = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "store::kills::child_that_commits_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(ROLE, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let said = BufReader::new(child.stdout.take().expect("its words"));
    let mut numbers = said
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("committed ").and_then(|number| number.parse::<u32>().ok()));
    let mut last = None;
    for _ in 0..commits {
        last = numbers.next().or(last);
    }
    thread::sleep(pause);
    child.kill().expect("a kill");
    child.wait().expect("its end");
    numbers.last().or(last)
}

#[test]
fn a_killed_process_has_kept_what_it_said_to_be_in() {
    let (_, torture) = seed();
    let mut dice = Dice::new(1);
    for _ in 0..if torture { 20 } else { 2 } {
        let folder = tempfile::tempdir().expect("a folder");
        let mut acknowledged = 0;
        for round in 0..8 {
            let pause = Duration::from_micros(dice.below(20_000));
            let said = kill_after(folder.path(), 1 + dice.below(8), pause);
            let said = said.expect("a commit");
            assert!(said > acknowledged, "round {round}: {said} after {acknowledged}");
            let tables = open(folder.path()).expect("what was killed opens");
            let commits = commits_of(&tables);
            assert!((said..=said + 1).contains(&commits), "round {round}: {commits} after {said}");
            Rows::after(commits).check(&tables).expect("whole tables");
            acknowledged = commits;
        }
    }
}
