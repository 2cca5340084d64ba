//! A repair that was stopped: the ledger has everything, or stays closed and names the repair, or is cut under a new
//! incarnation; and the same command again ends it, and says so in the journal.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::talon::{Scratch, code, copy, day, done, err, json, on, on_with, out, talon};

const REPAIR: [&str; 7] = ["--output", "json", "repair", "--cut-after", "80", "--as", "op-7"];

fn ledger(scratch: &Scratch) -> PathBuf {
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "--batch", "8", "-"], day()[..40].join("\n").as_bytes()));
    ledger
}

fn stat(ledger: &Path) -> Value {
    json(&done(on(ledger, &["--output", "json", "stat"])))
}

/// The repair, once more, and what it leaves: its fact behind record 80.
fn end_it(ledger: &Path) -> Value {
    let cut = json(&done(on(ledger, &REPAIR)));
    let last = out(&done(on(ledger, &["--output", "json", "tail", "-n", "1"])));
    let last: Value = serde_json::from_str(last.trim()).expect("a record");
    assert_eq!((&last["name"], &last["payload"]["incarnation"]), (&"Repaired".into(), &cut["incarnation"]));
    let kept = cut["kept"].as_array().expect("a list").iter().map(|kept| kept["bytes"].as_u64().expect("a count"));
    let told = last["payload"]["cutBytes"].as_str().unwrap_or("0"); // a zero is not written
    assert_eq!(told, kept.sum::<u64>().to_string());
    assert_eq!((stat(ledger)["records"].as_u64(), &stat(ledger)["incarnation"]), (Some(82), &cut["incarnation"]));
    assert_eq!(code(&on(ledger, &["verify"])), 0);
    cut
}

/// Runs a command that may write no file longer than a block of the shell's.
fn without_room(ledger: &Path, args: &[&str]) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_talon"), "--ledger"]);
    shell.arg(ledger).args(args).env("TALON_LANG", "en").output().expect("a shell")
}

#[test]
fn a_repair_that_finds_no_room_cuts_nothing() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let before = stat(&ledger);
    let refused = without_room(&ledger, &REPAIR);
    assert_eq!(code(&refused), 1, "{}{}", out(&refused), err(&refused));
    let after = stat(&ledger);
    assert_eq!((&after["records"], &after["setAside"]), (&before["records"], &before["setAside"]));
    assert_eq!(after["incarnation"], 2, "raised for nothing, which harms nobody");
    assert_eq!(end_it(&ledger)["incarnation"], 3);
}

#[test]
fn a_repair_that_has_not_ended_keeps_the_ledger_closed() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let journal = ledger.join("journal");
    fs::write(journal.join("00000000000000000000.seg.torn-81"), [7; 700]).expect("what it had set aside");
    fs::write(journal.join("repair-after-80"), "").expect("its note");
    for (args, ends_with) in [
        (&["stat"] as &[&str], 4),
        (&["verify"], 4),
        (&["publish", "/dev/null"], 4),
        (&["repair", "--cut-after", "79", "--as", "op-7"], 4),
    ] {
        let refused = on(&ledger, args);
        assert_eq!(code(&refused), ends_with, "{args:?}");
        assert!(err(&refused).contains("cuts after record 80 was begun"), "{args:?}: {}", err(&refused));
    }
    let doctor = on(&ledger, &["doctor"]);
    assert!(code(&doctor) == 2 && out(&doctor).contains("cuts after record 80 was begun"), "{}", out(&doctor));
    assert!(!ledger.join("incarnation").exists(), "whoever is refused raises nothing");
    let kept = end_it(&ledger)["kept"].clone();
    assert_eq!(kept[0]["bytes"], 700, "what the first half of the repair set aside is told with the second: {kept}");
}

#[test]
fn a_repair_that_is_killed_is_ended_by_the_same_command() {
    let scratch = Scratch::new();
    let whole = ledger(&scratch);
    let records = stat(&whole)["records"].as_u64();
    let mut stopped = 0;
    for round in 0..16 {
        let ledger = scratch.path("killed");
        copy(&whole, &ledger);
        let mut child = talon()
            .arg("--ledger")
            .arg(&ledger)
            .args(REPAIR)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command runs");
        std::thread::sleep(Duration::from_micros(round * 1_200));
        stopped += u32::from(child.try_wait().expect("a child").is_none());
        child.kill().expect("SIGKILL");
        child.wait().expect("it ends");
        let found = on(&ledger, &["--output", "json", "stat"]);
        if code(&found) == 0 {
            let found = json(&found);
            let is_cut = found["records"].as_u64() != records;
            assert!(!is_cut || found["incarnation"].as_u64() > Some(1), "round {round}: cut, and nobody can see it");
        } else {
            assert!(code(&found) == 4 && err(&found).contains("was begun"), "round {round}: {}", err(&found));
        }
        end_it(&ledger);
        fs::remove_dir_all(&ledger).expect("a ledger");
    }
    assert!(stopped > 0, "no repair was stopped");
}

#[test]
fn a_number_that_is_lower_than_a_repair_told_is_warned_of() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    end_it(&ledger);
    let verify = || on(&ledger, &["--output", "json", "verify"]);
    assert!(err(&done(verify())).is_empty());
    assert_eq!(json(&verify())["incarnationTold"], 2);
    fs::remove_file(ledger.join("incarnation")).expect("the number");
    let warned = done(verify());
    assert_eq!((&json(&warned)["incarnation"], &json(&warned)["incarnationTold"]), (&1.into(), &2.into()));
    let said = err(&warned);
    assert!(said.contains("restored or repaired as 2, and this file says 1") && said.contains("incarnation"), "{said}");
    fs::write(ledger.join("incarnation"), "2\n").expect("room");
    assert!(err(&done(verify())).is_empty());
}
