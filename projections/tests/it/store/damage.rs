//! Bytes of the files on disk that are flipped, cut or zeroed: a store is broken, or it is at a commit of its history.
//!
//! Damaged stores are opened in a child, which is this test binary with a role in an environment variable: sled may
//! end it, or never end. Both count as broken here; showing a wrong row does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use talon_projections::store::StoreError;

use super::history::{Rows, commit, commits_of};
use super::kills::open;
use super::{Dice, seed};

const ROLE: &str = "TALON_TEST_DAMAGED_STORE";
const COMMITS: u32 = 25;
/// Ends of the child, besides its being ended.
const WHOLE: i32 = 40;
const BROKEN: i32 = 41;
const EARLIER: i32 = 42;

/// Not a test by itself: reads a damaged store, and ends with what it found.
#[test]
fn child_that_reads_a_damaged_store() {
    let Some(folder) = std::env::var_os(ROLE).map(PathBuf::from) else { return };
    let read = open(&folder).and_then(|tables| {
        let commits = commits_of(&tables);
        assert!(commits <= COMMITS, "{commits} were never made");
        Rows::after(commits).check(&tables).map(|()| commits)
    });
    match read {
        Ok(COMMITS) => std::process::exit(WHOLE),
        Ok(_) => std::process::exit(EARLIER),
        Err(StoreError::Broken(_) | StoreError::Io { .. }) => std::process::exit(BROKEN),
        Err(other) => panic!("{other}"),
    }
}

/// How a damaged store was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Whole,
    /// At a commit of its history that is not the last one.
    Earlier,
    Broken,
    /// The child was ended, or never ended.
    Ended,
}

fn read(folder: &Path) -> Found {
    let mut child = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "store::damage::child_that_reads_a_damaged_store", "--nocapture", "--test-threads=1"])
        .env(ROLE, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    for _ in 0..3_000 {
        if let Some(status) = child.try_wait().expect("its end") {
            return match status.code() {
                Some(WHOLE) => Found::Whole,
                Some(BROKEN) => Found::Broken,
                Some(EARLIER) => Found::Earlier,
                Some(code) => panic!("wrong rows were shown: {code}, {}", folder.display()),
                None => Found::Ended,
            };
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill().and_then(|()| child.wait()).expect("its end");
    Found::Ended
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = entries.filter(|path| path.is_file()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(&path).expect("a file"))).collect()
}

/// Damages one of the files somewhere where there is something.
fn damage(files: &mut [(PathBuf, Vec<u8>)], dice: &mut Dice) {
    let whole: u64 = files.iter().map(|(_, bytes)| 64 + bytes.len() as u64).sum();
    let mut at = dice.below(whole);
    let hit = files.iter_mut().find(|(_, bytes)| {
        let length = 64 + bytes.len() as u64;
        let is_here = at < length;
        at -= if is_here { 0 } else { length };
        is_here
    });
    let bytes = &mut hit.expect("a file").1;
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0) as u64 + 1;
    let at = usize::try_from(dice.below(used)).expect("a place");
    match dice.below(4) {
        0 => bytes.truncate(at),
        1 => bytes.iter_mut().skip(at).take(512).for_each(|byte| *byte = 0),
        _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << dice.below(8)),
    }
}

#[test]
fn a_damaged_store_shows_no_row_that_was_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut tables = open(folder.path()).expect("a store");
    for number in 1..=COMMITS {
        commit(&mut tables, number).expect("a commit");
        while tables.merge_step().expect("a step") {}
    }
    drop(tables);
    let intact = files(folder.path());
    let mut dice = Dice::new(2);
    let mut found = Vec::new();
    for _ in 0..if seed().1 { 400 } else { 24 } {
        let copy = tempfile::tempdir().expect("a folder");
        fs::create_dir(copy.path().join("blobs")).expect("a folder");
        let mut damaged = intact.clone();
        // Much of the files is of no use any more, so one place alone mostly hits nothing.
        (0..=dice.below(12)).for_each(|_| damage(&mut damaged, &mut dice));
        for (path, bytes) in &damaged {
            fs::write(copy.path().join(path.file_name().expect("a name")), bytes).expect("a file");
        }
        found.push(read(copy.path()));
    }
    assert!(found.iter().any(|found| *found != Found::Whole), "nothing was hit: {found:?}");
}
