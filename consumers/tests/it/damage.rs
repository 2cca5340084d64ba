//! Bytes of a projector's store that are flipped, cut or zeroed, wherever they are: what the views come to then is what
//! the journal says, whether the damage was noticed and the store made anew, or hit nothing that is read.
//!
//! Damaged stores are opened in a child, which is this test binary with a role in an environment variable: sled may end
//! it, or never end. Then nothing was answered, and nothing wrong; but the next child of that store must come through.

use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use talon_consumers::Place;
use talon_projections::views::ALL;
use talon_testkit::traffic::Dice;

use crate::ledger::{append, expected, journal, news, project, setting};

const ROLE: &str = "TALON_TEST_DAMAGED_VIEWS";
const RANGE: &str = "TALON_TEST_DAMAGES";
/// Payments of each merchant that are in the store, and those that come once it is damaged.
const STORED: u64 = 25;
const LATER: Range<u64> = 20..32;
/// A store of this size is opened and made anew in far less than that.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);

/// The numbers of the damages of this run.
fn damages() -> Range<u64> {
    let torture = std::env::var("TALON_TORTURE_SEED").ok();
    let first = torture.as_ref().map_or(0, |seed| seed.parse::<u64>().expect("a number") * 1_000_000);
    first..first + if torture.is_some() { 4_000 } else { 100 }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

/// A copy of the store, with the damage of this number.
fn damaged(intact: &Path, to: &Path, number: u64) {
    let mut dice = Dice::of(number);
    let mut all: Vec<_> = files(intact).into_iter().map(|path| (fs::read(&path).expect("a file"), path)).collect();
    // Most of the store lies in one file, and much of that is of no use any more: at times several places are hit.
    for _ in 0..dice.one_of(&[1, 1, 1, 2, 6]) {
        let of = dice.below(all.len());
        let bytes = &mut all[of].0;
        let used = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1);
        let at = dice.below(used);
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => bytes.iter_mut().skip(at).take(512).for_each(|byte| *byte = 0),
            _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << dice.below(8)),
        }
    }
    for (bytes, path) in all {
        let to = to.join(path.strip_prefix(intact).expect("it lies in it"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("room");
        fs::write(to, bytes).expect("room");
    }
}

/// Not a test by itself: goes on with damaged stores, and notes what became of each.
#[test]
fn child_that_goes_on_with_damaged_stores() {
    let Some(folder) = std::env::var_os(ROLE).map(PathBuf::from) else { return };
    let range = std::env::var(RANGE).expect("a range");
    let (first, end) = range.split_once(' ').expect("two numbers");
    let journal = journal(STORED);
    append(&journal, LATER);
    let expected = expected(&journal);
    let mut notes = fs::OpenOptions::new().append(true).create(true).open(folder.join("notes")).expect("a file");
    for number in first.parse::<u64>().expect("a number")..end.parse().expect("a number") {
        let ledger = folder.join(format!("damaged-{number}"));
        if !ledger.exists() {
            damaged(&folder.join("intact"), &ledger, number);
        }
        let became = match project(&ledger, setting(&journal, ALL, 50)) {
            Ok((found, _)) if found != expected => "wrong".to_owned(),
            Ok((_, events)) if news(events.clone()).is_empty() => "whole".to_owned(),
            Ok(_) => "anew".to_owned(),
            Err(error) => format!("refused {error}").replace('\n', " "),
        };
        writeln!(notes, "{number} {became}").expect("room");
        if became == "whole" || became == "anew" {
            fs::remove_dir_all(&ledger).expect("its folder");
        }
    }
}

fn child(folder: &Path, range: &Range<u64>) -> Child {
    Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "damage::child_that_goes_on_with_damaged_stores", "--nocapture", "--test-threads=1"])
        .env(ROLE, folder)
        .env(RANGE, format!("{} {}", range.start, range.end))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child")
}

fn notes(folder: &Path) -> Vec<(u64, String)> {
    let text = fs::read_to_string(folder.join("notes")).unwrap_or_default();
    let note =
        |line: &str| line.split_once(' ').map(|(number, word)| (number.parse().expect("a number"), word.to_owned()));
    text.lines().filter_map(note).collect()
}

/// Waits for a child to end, or to make no progress any more.
fn wait(child: &mut Child, folder: &Path) {
    let (mut waited, mut noted) = (Duration::ZERO, 0);
    while waited < PATIENCE {
        if child.try_wait().expect("its end").is_some() {
            return;
        }
        thread::sleep(PAUSE);
        waited += PAUSE;
        let now = notes(folder).len();
        if now > noted {
            (waited, noted) = (Duration::ZERO, now);
        }
    }
    child.kill().and_then(|()| child.wait()).expect("its end");
}

#[test]
fn the_views_of_a_damaged_store_are_those_of_the_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let intact = folder.path().join("intact");
    fs::create_dir(&intact).expect("room");
    project(&intact, setting(&journal(STORED), ALL, 50)).expect("views");
    assert!(Place::of(&intact).views().is_dir());
    let (mut left, mut ended) = (damages(), Vec::new());
    while !left.is_empty() {
        wait(&mut child(folder.path(), &left), folder.path());
        let next = notes(folder.path()).last().map_or(left.start, |(number, _)| number + 1).max(left.start);
        if next < left.end {
            // The child came to no end with this one: a second one may, which is held against the same.
            ended.push(next);
            assert!(
                ended.iter().filter(|number| **number == next).count() <= 2,
                "damage {next}: no child comes through"
            );
        }
        left.start = next;
    }
    let became = notes(folder.path());
    let bad: Vec<_> = became.iter().filter(|(_, word)| word != "whole" && word != "anew").collect();
    assert!(bad.is_empty(), "{} of {}: {bad:?}; ended: {ended:?}", bad.len(), became.len());
    let count = |word: &str| became.iter().filter(|(_, of)| of == word).count();
    let (whole, anew) = (count("whole"), count("anew"));
    assert!(whole > 0 && anew > 0, "{whole} whole, {anew} made anew");
    println!("{whole} whole, {anew} made anew, {} children ended: {ended:?}", ended.len());
}
