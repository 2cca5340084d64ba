//! A publication beside another one, fed slowly, and asked to stop. What a kill leaves is seen in `kills`.

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use crate::talon::{Scratch, done, on, out, talon};

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
