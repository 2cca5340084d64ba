//! What was known then: answers that are given again, whatever came since.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::receipts::{PAYMENT, lines};
use crate::talon::{Scratch, code, done, err, json, on, on_with, out};

/// A payment in two, up to its debit and its papers; then its refunds.
const BEFORE_REFUNDS: usize = 6;

/// What was answered between two publishes.
struct Between {
    _scratch: Scratch,
    ledger: PathBuf,
    digest: Value,
    /// The moment of the last record.
    known_at: String,
    listed: Value,
    paper: String,
    duplicate: String,
}

fn publish(ledger: &Path, lines: &[String]) {
    done(on_with(ledger, &["publish", "-"], lines.join("\n").as_bytes()));
}

fn listed(ledger: &Path, then: &[&str]) -> Value {
    let mut listed = json(&done(on(ledger, &[&["--output", "json", "transactions"], then].concat())));
    listed["as_of"]["known_at"].take();
    listed
}

fn paper(ledger: &Path, copy: &str, then: &[&str]) -> String {
    let reprint = if copy == "1" { &[][..] } else { &["--at-reprint", "2026-11-25T10:00"] };
    out(&done(on(ledger, &[&["receipt", PAYMENT, "--kind", "t2", "--copy", copy], reprint, then].concat())))
}

fn between() -> Between {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    publish(&ledger, &lines()[..BEFORE_REFUNDS]);
    let digest = json(&done(on(&ledger, &["digest"])));
    let tail = json(&done(on(&ledger, &["--output", "json", "tail", "-n", "1"])));
    let known_at = tail["recordedAt"].as_str().expect("a moment").to_owned();
    let (listed, paper, duplicate) = (listed(&ledger, &[]), paper(&ledger, "1", &[]), paper(&ledger, "2", &[]));
    publish(&ledger, &lines()[BEFORE_REFUNDS..]);
    Between { _scratch: scratch, ledger, digest, known_at, listed, paper, duplicate }
}

#[test]
fn an_answer_between_two_publishes_is_given_again_by_its_positions_and_by_its_moment() {
    let then = between();
    let positions = then.digest["as_of"]["positions"].as_str().expect("a vector");
    assert_eq!(positions, "0:7", "the genesis and six facts of one merchant");
    assert_ne!(listed(&then.ledger, &[])["transactions"], then.listed["transactions"]);
    for as_of in [["--as-of", positions], ["--as-of", &then.known_at], ["--known-at", &then.known_at]] {
        assert_eq!(listed(&then.ledger, &as_of), then.listed, "{as_of:?}");
        assert_eq!(paper(&then.ledger, "1", &as_of), then.paper, "{as_of:?}");
        assert_eq!(paper(&then.ledger, "2", &as_of), then.duplicate, "{as_of:?}");
        let digest = json(&done(on(&then.ledger, &[&["digest"], &as_of[..]].concat())));
        let told = |digest: &Value| ["fold", "state", "positions"].map(|field| digest[field].clone()).to_vec();
        assert_eq!((told(&digest), &digest["as_of"]["positions"]), (told(&then.digest), &positions.into()));
    }
    let now = json(&done(on(&then.ledger, &["digest"])));
    assert_ne!(now["state"], then.digest["state"]);
    let statement = on(&then.ledger, &["receipt", PAYMENT, "--kind", "t5", "--as-of", positions]);
    assert_eq!((code(&statement), out(&statement).as_str()), (1, ""), "nothing had been refunded: {}", err(&statement));
}

#[test]
fn an_answer_as_of_then_ends_with_its_positions_and_one_of_now_does_not() {
    let then = between();
    let told = |args: &[&str]| out(&done(on(&then.ledger, args)));
    let foot = format!("as of 0:7, known at {}\n", then.known_at);
    for command in [&["transactions"][..], &["transaction", PAYMENT], &["anomalies"], &["terminals"]] {
        let answer = told(&[command, &["--as-of", &then.known_at]].concat());
        assert!(answer.ends_with(&foot), "{answer}");
        assert!(!told(command).contains("as of"), "{}", told(command));
        let french = told(&[&["--lang", "fr"], command, &["--as-of", "0:7"]].concat());
        assert!(french.ends_with("état aux positions 0:7\n"), "{french}");
        let answer = json(&done(on(&then.ledger, &[&["--output", "json"], command, &["--as-of", "0:7"]].concat())));
        assert_eq!(answer["as_of"].to_string(), r#"{"effective_at":null,"known_at":null,"positions":"0:7"}"#);
    }
    let receipt = done(on(&then.ledger, &["receipt", PAYMENT, "--kind", "t2", "--as-of", "0:7"]));
    assert_eq!((out(&receipt), err(&receipt).as_str()), (then.paper.clone(), "as of 0:7\n"), "paper holds no remark");
}

/// Told late, of the day before: known at the end, effective on its day.
#[test]
fn what_counts_by_a_day_is_asked_beside_what_was_known() {
    let then = between();
    let late = lines()[4].replace("2025-11-24", "2025-11-26").replace("010203040504", "010203040599");
    let late = late.replace("cardDebited", "instalmentDebited").replace("debit_1", "debit_2");
    let late = late.replace(r#""debitId""#, r#""instalment":2,"debitId""#);
    publish(&then.ledger, &[late]);
    let collected = |args: &[&str]| {
        let payment = listed(&then.ledger, args)["transactions"][0].clone();
        (payment["collected"][0]["minorUnits"].clone(), payment["refunds"].as_array().map(Vec::len))
    };
    let cents = |text: &str| Value::from(text);
    assert_eq!(collected(&[]), (cents("20000"), Some(2)));
    assert_eq!(collected(&["--effective-at", "2025-11-25"]), (cents("10000"), Some(2)));
    assert_eq!(collected(&["--effective-at", "2025-11-26"]), (cents("20000"), Some(2)));
    assert_eq!(collected(&["--known-at", &then.known_at, "--effective-at", "2025-11-26"]), (cents("10000"), Some(0)));
    let nothing = listed(&then.ledger, &["--effective-at", "2025-11-23"]);
    assert_eq!(nothing["transactions"], Value::Array(Vec::new()));
    assert_eq!(nothing["as_of"]["effective_at"], "2025-11-23");
    let before = json(&done(on(&then.ledger, &["digest", "--as-of", "2025-11-23"])));
    assert_eq!(before["as_of"]["positions"], "0:0", "there was no ledger yet");
    assert_eq!(before["as_of"]["known_at"], "2025-11-23T22:59:59.999999Z");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let then = between();
    for (args, said) in [
        (&["--as-of", "0:7", "--known-at", "0:7"][..], "cannot be used with"),
        (&["--as-of", "0:99"], "partition 0 ends at 13, before the position 99 that is asked for"),
        (&["--as-of", "0:7,63:2"], "partition 63 ends at 1, before the position 2"),
        (&["--as-of", "64:1"], "part 1 names no partition"),
        (&["--as-of", "once"], "--as-of wants the positions"),
        (&["--effective-at", "once"], "--effective-at wants a day"),
    ] {
        let refused = on(&then.ledger, &[&["transactions"], args].concat());
        assert_eq!((code(&refused), out(&refused).as_str()), (2, ""), "{args:?}");
        assert!(err(&refused).contains(said), "{args:?}: {}", err(&refused));
    }
}
