//! A ledger whose making was stopped: `init` begins it anew, and never over anything else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use crate::talon::{Scratch, code, copy, day, done, err, files, json, on_with, out, talon};

fn init(dir: &Path) -> Output {
    talon().args(["--output", "json", "init"]).arg(dir).output().expect("the command runs")
}

/// Publishes events with persons, whose keys only the ledger's own master key wraps.
fn publish(dir: &Path) {
    let published = on_with(dir, &["publish", "-"], day()[..60].join("\n").as_bytes());
    assert!(out(&done(published)).contains("0 refused"));
}

/// All files under a folder, and what is in them.
fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found: Vec<_> =
        files(dir).into_iter().map(|path| (path.clone(), fs::read(path).expect("a file"))).collect();
    found.sort();
    found
}

#[test]
fn a_making_that_is_killed_is_begun_anew_or_was_finished() {
    let scratch = Scratch::new();
    let (mut anew, mut finished) = (0, 0);
    for round in 0..20 {
        let dir = scratch.path(&format!("ledger-{round}"));
        let mut child = talon().arg("init").arg(&dir).stdout(Stdio::null()).spawn().expect("the command runs");
        std::thread::sleep(Duration::from_micros(round * 1_500));
        child.kill().expect("SIGKILL");
        child.wait().expect("it ends");
        let again = init(&dir);
        match code(&again) {
            0 => anew += 1,
            2 => finished += 1,
            other => panic!("round {round} ended with {other}: {}", err(&again)),
        }
        publish(&dir);
        assert_eq!(code(&init(&dir)), 2, "no ledger is made over one that is there");
    }
    assert!(anew > 0, "{anew} began anew, {finished} were finished");
}

/// A ledger as it is just before its first segment gets its name.
fn unfinished(dir: &Path) -> String {
    let fingerprint = json(&done(init(dir)))["masterKeyFingerprint"].as_str().expect("it").to_owned();
    fs::rename(dir.join("journal/00000000000000000000.seg"), dir.join("journal/ahead-0.new")).expect("a segment");
    fs::remove_file(dir.join("journal/durable")).expect("the mark");
    fs::write(dir.join("init"), format!("{fingerprint}\n")).expect("room");
    fingerprint
}

#[test]
fn what_a_making_leaves_at_any_step_is_begun_anew() {
    let scratch = Scratch::new();
    for (step, leave) in [
        &(|_: &Path| ()) as &dyn Fn(&Path),
        &|dir| fs::remove_dir_all(dir.join("journal")).expect("it"),
        &|dir| fs::remove_file(dir.join("vault/keys.sqlite")).expect("it"),
        &|dir| fs::remove_dir_all(dir.join("vault")).expect("it"),
        &|dir| fs::write(dir.with_extension("key"), "# Talon master key: opens\n").expect("it"),
        &|dir| fs::write(dir.with_extension("key"), "").expect("it"),
        &|dir| fs::remove_file(dir.with_extension("key")).expect("it"),
    ]
    .into_iter()
    .enumerate()
    {
        let dir = scratch.path(&format!("ledger-{step}"));
        let before = unfinished(&dir);
        leave(&dir);
        let made = json(&done(init(&dir)));
        assert_ne!(made["masterKeyFingerprint"], before, "step {step}");
        assert!(!dir.join("init").exists());
        publish(&dir);
    }
}

#[test]
fn nothing_else_is_taken_for_what_a_making_left() {
    let scratch = Scratch::new();
    let whole = scratch.ledger("whole");
    for (step, spoil) in [
        // A ledger that is whole, with the note and without; segments or a mark that are lost, and no note.
        &(|dir: &Path| {
            copy(&scratch.path("whole"), dir);
            fs::write(dir.join("init"), "").expect("room");
        }) as &dyn Fn(&Path),
        &|dir| copy(&whole, dir),
        &|dir| {
            unfinished(dir);
            fs::remove_file(dir.join("init")).expect("the note");
        },
        &|dir| {
            unfinished(dir);
            fs::write(dir.join("journal/durable"), [0; 32]).expect("a mark");
        },
        &|dir| {
            unfinished(dir);
            fs::write(dir.join("notes.txt"), "mine").expect("a file");
        },
        &|dir| {
            unfinished(dir);
            fs::copy(scratch.path("whole.key"), dir.with_extension("key")).expect("the key of another ledger");
        },
    ]
    .into_iter()
    .enumerate()
    {
        let dir = scratch.path(&format!("ledger-{step}"));
        spoil(&dir);
        let key = fs::read(dir.with_extension("key")).ok();
        let (before, refused) = (contents(&dir), init(&dir));
        assert!(code(&refused) != 0, "step {step}");
        assert!(fs::read(dir.with_extension("key")).ok() == key, "step {step}: the key is as it was");
        if step < 5 {
            assert_eq!(code(&refused), 2, "step {step}: {}", err(&refused));
            assert!(contents(&dir) == before, "step {step}");
        }
    }
}
