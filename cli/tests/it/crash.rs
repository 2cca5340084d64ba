//! kill -9 at fifty instants of a publication, then the same file again: every fact is there, once.

use std::fs::File;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use crate::talon::{Scratch, demo, done, on, out, state_digest, talon};

#[test]
fn killed_at_fifty_instants_and_published_again_it_is_the_same_ledger() {
    let scratch = Scratch::new();
    let file = demo().join("day.jsonl");
    let expected = state_digest(&demo().join("ledger"));
    let whole = scratch.ledger("whole");
    let start = clock();
    done(on(&whole, &["publish", "--batch", "20", &file.to_string_lossy()]));
    let takes = start.elapsed();

    let ledger = scratch.ledger("killed");
    let mut killed = 0;
    for instant in 0u32..50 {
        // Instants are spread over a whole run, and none is a multiple of another.
        let after = takes * ((instant * 37) % 50 + 1) / 51;
        let mut child = talon()
            .arg("--ledger")
            .arg(&ledger)
            .args(["publish", "--batch", "20", "-"])
            .stdin(File::open(&file).expect("the day"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command runs");
        std::thread::sleep(after);
        killed += u32::from(child.try_wait().expect("a child").is_none());
        child.kill().expect("SIGKILL");
        child.wait().expect("it ends");
        if instant % 10 == 9 {
            done(on(&ledger, &["verify"]));
        }
    }
    assert!(killed > 10, "only {killed} publications were still running");
    let last = done(on(&ledger, &["publish", &file.to_string_lossy()]));
    assert!(out(&last).contains("0 refused"), "{}", out(&last));
    assert_eq!(state_digest(&ledger), expected);
    done(on(&ledger, &["verify"]));
}

#[expect(clippy::disallowed_methods, reason = "spreads the kills over a run; no assertion is about time")]
fn clock() -> Elapsed {
    Elapsed(std::time::Instant::now())
}

struct Elapsed(std::time::Instant);

impl Elapsed {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

#[test]
fn a_second_writer_is_told_who_writes() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    // A writer that waits for its standard input holds the ledger.
    let mut first = talon()
        .arg("--ledger")
        .arg(&ledger)
        .args(["publish", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the command runs");
    let held = (0..200).find_map(|_| {
        std::thread::sleep(Duration::from_millis(20));
        let second = on(&ledger, &["publish", "/dev/null"]);
        (second.status.code() == Some(1)).then(|| crate::talon::err(&second))
    });
    let said = held.expect("the second writer is refused");
    assert!(said.contains("held by") && said.contains(&first.id().to_string()), "{said}");
    done(on(&ledger, &["digest"])); // whoever reads is not in the way
    drop(first.stdin.take());
    first.wait().expect("it ends");
    done(on(&ledger, &["publish", "/dev/null"]));
}

/// A publication that is fed by hand: it has taken these lines.
fn fed(ledger: &std::path::Path, lines: &[String]) -> (std::process::Child, std::process::ChildStdin) {
    let mut child = talon()
        .arg("--ledger")
        .arg(ledger)
        .args(["--output", "json", "publish", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all((lines.join("\n") + "\n").as_bytes()).expect("room");
    (child, stdin)
}

/// Waits until the ledger holds so many records of payments.
fn until(ledger: &std::path::Path, records: usize) {
    let arrived = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        out(&done(on(ledger, &["dump"]))).lines().count() == records
    });
    assert!(arrived, "{records} records did not arrive");
}

#[test]
fn what_a_pipe_brings_is_not_held_back_for_what_may_come() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let (mut child, stdin) = fed(&ledger, &crate::talon::day()[..3]);
    until(&ledger, 3);
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn asked_to_stop_it_finishes_what_it_began() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let day = crate::talon::day();
    let (child, mut stdin) = fed(&ledger, &day[..3]);
    until(&ledger, 3);
    let asked = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(asked.expect("kill runs").success());
    stdin.write_all((day[3].clone() + "\n").as_bytes()).expect("room");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{}", crate::talon::err(&output));
    assert!(crate::talon::err(&output).contains("Interrupted"));
    let told = out(&output);
    let kept = out(&done(on(&ledger, &["dump"]))).lines().count();
    assert_eq!(told.lines().filter(|line| line.contains("\"appended\",")).count(), kept, "{told}");
    done(on(&ledger, &["verify"]));
}
