//! What an operator asks of a ledger and does to it: numbers, a repair that is told.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::talon::{Scratch, code, copy, day, demo, done, err, json, on, on_with, out, state_digest};

fn stat(ledger: &Path) -> Value {
    json(&done(on(ledger, &["--output", "json", "stat"])))
}

/// How many records a list of a stat counts.
fn sum(list: &Value) -> u64 {
    list.as_array().expect("a list").iter().map(|row| row["records"].as_u64().expect("a count")).sum()
}

/// Every record as `tail` shows it.
fn tail(ledger: &Path) -> Vec<Value> {
    let shown = out(&done(on(ledger, &["--output", "json", "tail", "-n", "1000000"])));
    shown.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
}

#[test]
fn a_stat_counts_every_record_once_in_each_list() {
    let ledger = demo().join("ledger");
    let (stat, records) = (stat(&ledger), tail(&ledger));
    let count = records.len() as u64;
    assert_eq!((stat["records"].as_u64(), &stat["counts"]), (Some(count), &"records".into()));
    assert_eq!((sum(&stat["segments"]), sum(&stat["kinds"]), sum(&stat["days"])), (count, count, count));
    assert_eq!(sum(&stat["merchants"]) + stat["otherMerchants"]["records"].as_u64().expect("a count"), count);
    let of_kind = |kind: u64| records.iter().filter(|record| record["kind"] == kind).count() as u64;
    for row in stat["kinds"].as_array().expect("kinds") {
        assert_eq!(row["records"].as_u64(), row["kind"].as_u64().map(of_kind), "{}", row["name"]);
    }
    let times = || records.iter().map(|record| record["recordedAt"].as_str().expect("a time"));
    assert_eq!((stat["recordedFirst"].as_str(), stat["recordedLast"].as_str()), (times().min(), times().max()));
    assert_eq!(stat["vault"]["slabs"]["free"].as_u64(), Some(1));
    let bytes = stat["usedBytes"].as_u64().expect("a count");
    assert_eq!(stat["bytesPerRecord"].as_u64(), Some(bytes / count));

    // Each event that was told, once: the day tells some twice, and the genesis is no event.
    let events: std::collections::BTreeSet<_> = records
        .iter()
        .filter(|record| record["name"] != "Genesis")
        .map(|record| record["eventId"].to_string())
        .collect();
    let index = &stat["index"];
    assert_eq!((&index["state"], index["coveredRecords"].as_u64()), (&"present".into(), Some(count)));
    assert_eq!(index["ids"].as_u64(), Some(events.len() as u64 + 64), "with 64 that begin the ledger");

    let two = json(&done(on(&ledger, &["--output", "json", "stat", "--top", "2"])));
    assert_eq!((two["merchants"].as_array().map(Vec::len), &two["otherMerchants"]["merchants"]), (Some(2), &2.into()));
    assert_eq!(sum(&two["merchants"]) + two["otherMerchants"]["records"].as_u64().expect("a count"), count);
}

#[test]
fn a_stat_is_told_to_people_in_both_languages() {
    let ledger = demo().join("ledger");
    let english = out(&done(on(&ledger, &["stat"])));
    for words in ["what was told twice counts twice", "PaymentInitiated", "the ledger itself", "2026-11-24", "1 free"] {
        assert!(english.contains(words), "{words}: {english}");
    }
    let french = out(&done(on(&ledger, &["--lang", "fr", "stat"])));
    for words in ["compte deux fois", "PaymentInitiated", "le registre lui-même", "1 libres", "place libre"] {
        assert!(french.contains(words), "{words}: {french}");
    }
}

/// A ledger of 40 events with a flipped bit near its end.
fn damaged(scratch: &Scratch) -> PathBuf {
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "--batch", "8", "-"], day()[..40].join("\n").as_bytes()));
    let segment = ledger.join("journal/00000000000000000000.seg");
    let mut bytes = fs::read(&segment).expect("the segment");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("records");
    bytes[end - 40] ^= 1;
    fs::write(&segment, bytes).expect("the segment");
    ledger
}

#[test]
fn a_repair_is_told_in_the_journal_and_raises_the_incarnation() {
    let scratch = Scratch::new();
    let ledger = damaged(&scratch);
    assert_eq!(code(&on(&ledger, &["stat"])), 4, "a damaged journal is not counted");
    let cut = json(&done(on(&ledger, &["--output", "json", "repair", "--cut-after", "80", "--as", "op-7"])));
    assert_eq!((&cut["firstLsn"], &cut["incarnation"]), (&81.into(), &2.into()));
    let kept = cut["kept"].as_array().expect("a list");
    assert_eq!(kept.len(), 1);
    let file = kept[0]["file"].as_str().expect("a name");
    let bytes = fs::metadata(ledger.join("journal").join(file)).expect("what was cut").len();
    assert_eq!((kept[0]["bytes"].as_u64(), &kept[0]["bytes"]), (Some(bytes), &cut["bytes"]));

    let last = tail(&ledger).pop().expect("a record");
    assert_eq!((&last["name"], &last["partition"], &last["merchant"]), (&"Repaired".into(), &4.into(), &"0".into()));
    assert_eq!((&last["source"], &last["principal"]), (&"ledger".into(), &0.into()));
    let payload = &last["payload"];
    assert_eq!((&payload["cutAfter"], &payload["authorCode"]), (&"80".into(), &"op-7".into()));
    assert_eq!((&payload["cutBytes"], &payload["incarnation"]), (&bytes.to_string().into(), &2.into()));

    let stat = stat(&ledger);
    assert_eq!((&stat["setAside"][0]["file"], &stat["incarnation"]), (&file.into(), &2.into()));
    let total = out(&done(on_with(&ledger, &["--output", "json", "publish", "-"], day()[..40].join("\n").as_bytes())));
    let total: Value = serde_json::from_str(total.lines().last().expect("a total")).expect("an object");
    assert_eq!((&total["type"], &total["incarnation"]), (&"total".into(), &2.into()));
    let whole = scratch.ledger("whole");
    done(on_with(&whole, &["publish", "-"], day()[..40].join("\n").as_bytes()));
    assert_eq!(total["appended"].as_u64(), Some(tail(&whole).len() as u64 - 81), "what had stayed is known");
    assert_eq!(state_digest(&ledger), state_digest(&whole));
}

/// Runs a command at a terminal, where somebody types one line.
fn at_a_terminal(ledger: &Path, args: &[&str], typed: &str) -> (i32, String) {
    let script = "import os, pty, sys\n\
        pid, terminal = pty.fork()\n\
        if pid == 0: os.execv(sys.argv[2], sys.argv[2:])\n\
        os.write(terminal, sys.argv[1].encode())\n\
        said = b''\n\
        try:\n    while piece := os.read(terminal, 4096): said += piece\n\
        except OSError: pass\n\
        sys.stdout.buffer.write(said)\n\
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n";
    let mut python = std::process::Command::new("python3");
    python.args(["-c", script, typed, env!("CARGO_BIN_EXE_talon"), "--ledger"]).arg(ledger).args(args);
    let output = python.env("TALON_LANG", "en").output().expect("python3 runs");
    (code(&output), out(&output) + &err(&output))
}

/// The index of ids knew more than the journal holds after a cut: what is gone is new again, what stayed is known.
#[test]
fn ids_are_recognised_behind_a_cut_as_before_it() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let lines: Vec<String> = crate::full::large(20).lines().map(Into::into).collect();
    let publish = |lines: &[String], said: &str| {
        let told = out(&done(on_with(&ledger, &["publish", "-"], lines.join("\n").as_bytes())));
        assert!(told.contains(said), "{said}: {told}");
    };
    publish(&lines[..10], "10 appended");
    for _ in 0..2 {
        done(on(&ledger, &["repair", "--cut-after", "68", "--as", "op-7"])); // 64 that begin it, and 5
        publish(&lines[10..15], "5 appended"); // where the others had been
        publish(&lines, "10 appended, 10 known already");
        publish(&lines, "0 appended, 20 known already");
    }
}

/// A repair that is refused has taken nothing from the writer that is at work.
#[test]
fn a_repair_beside_a_writer_is_refused() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let mut writer = crate::talon::talon()
        .arg("--ledger")
        .arg(&ledger)
        .args(["publish", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the command runs");
    let repair = ["repair", "--cut-after", "63", "--as", "op-7"];
    let mut tries = (0..500).map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        on(&ledger, &repair)
    });
    let refused = tries.find(|output| code(output) == 1).expect("the writer comes");
    assert!(err(&refused).contains("is held by talon"), "{}", err(&refused));
    let before = fs::read_to_string(ledger.join("incarnation")).ok();
    assert_eq!(code(&on(&ledger, &repair)), 1);
    assert_eq!(fs::read_to_string(ledger.join("incarnation")).ok(), before, "no life began");
    // A number is read in the writer's place, where no repair raises it meanwhile.
    fs::write(ledger.join("incarnation"), "no number").expect("room");
    let second = on(&ledger, &["publish", "/dev/null"]);
    assert!(err(&second).contains("is held by talon"), "{}", err(&second));
    drop(writer.stdin.take());
    assert!(writer.wait().expect("it ends").success());
}

#[test]
fn a_person_is_asked_before_anything_is_cut() {
    let scratch = Scratch::new();
    let ledger = damaged(&scratch);
    let repair = ["repair", "--cut-after", "80", "--as", "op-7"];
    let before = fs::read(ledger.join("journal/00000000000000000000.seg")).expect("the segment");
    for typed in ["no\n", "\n", "y\n"] {
        let (code, said) = at_a_terminal(&ledger, &repair, typed);
        assert!(code == 1 && said.contains("Type yes to cut") && said.contains("Nothing was cut"), "{typed}: {said}");
    }
    assert!(before == fs::read(ledger.join("journal/00000000000000000000.seg")).expect("the segment"));
    let (code, said) = at_a_terminal(&ledger, &repair, "yes\n");
    assert!(code == 0 && said.contains("incarnation 2"), "{said}");
    let (code, said) = at_a_terminal(&ledger, &[&repair[..], &["--yes"]].concat(), "");
    assert!(code == 0 && !said.contains("Type yes"), "{said}");
}

/// A cut that was made and could not be told is made and told again under the same name.
#[test]
fn the_same_repair_again_cuts_nothing_that_it_kept() {
    let scratch = Scratch::new();
    let ledger = damaged(&scratch);
    let repair = ["repair", "--cut-after", "80", "--as", "op-7"];
    let said = out(&done(on(&ledger, &repair)));
    assert!(said.contains("bytes kept") && said.contains("incarnation 2"), "{said}");
    let digest = state_digest(&ledger);
    let again = out(&done(on(&ledger, &repair)));
    assert!(again.contains("incarnation 3"), "{again}");
    assert_eq!(state_digest(&ledger), digest);
    let repaired = tail(&ledger).iter().filter(|record| record["name"] == "Repaired").count();
    assert_eq!(repaired, 1, "the first one was behind the cut");
    let unsaid = on(&ledger, &["repair", "--cut-after", "80"]);
    assert!(code(&unsaid) == 2 && err(&unsaid).contains("--as"), "who decides is always said");
}

#[test]
fn a_torn_end_that_recovery_cuts_is_told_and_a_clean_start_is_not() {
    let scratch = Scratch::new();
    let whole = scratch.ledger("whole");
    done(on_with(&whole, &["publish", "--batch", "8", "-"], day()[..40].join("\n").as_bytes()));
    let torn = scratch.path("torn");
    copy(&whole, &torn);
    let segment = torn.join("journal/00000000000000000000.seg");
    let mut bytes = fs::read(&segment).expect("the segment");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("records") + 1;
    bytes[(end - 1) / 512 * 512..end].fill(0); // the group's last sector never came, nor the mark
    fs::write(&segment, bytes).expect("the segment");
    fs::remove_file(torn.join("journal/durable")).expect("the mark");
    for (ledger, told) in [(&torn, 1), (&whole, 0)] {
        done(on(ledger, &["publish", "/dev/null"]));
        let started: Vec<_> = tail(ledger).into_iter().filter(|record| record["name"] == "Started").collect();
        assert_eq!(started.len(), told);
        let kept = stat(ledger)["setAside"][0]["bytes"].as_u64();
        let told = started.first().and_then(|record| record["payload"]["tornBytes"].as_str()?.parse().ok());
        assert_eq!(told, kept, "as many bytes as lie beside the segment");
    }
}
