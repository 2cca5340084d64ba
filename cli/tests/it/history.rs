//! The story of a payment as people and scripts read it. `TALON_BLESS=1` writes the two stories anew.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::receipts::{PAYMENT, lines};
use crate::talon::{Scratch, code, done, err, json, on, on_with, out};

/// A payment that was refunded twice, then: an event again, one in other words, and a late word of the gateway.
fn ledger(scratch: &Scratch) -> PathBuf {
    let ledger = scratch.ledger("ledger");
    let mut told = lines();
    let late = told[4].replace("SOURCE_PROVIDER", "SOURCE_GATEWAY").replace("010203040504", "010203040560");
    told.push(late.replace(r#","debitId":"debit_1""#, ""));
    let long = told[0].replace("010203040500", "010203040561").replace("SOURCE_GATEWAY", "SOURCE_PERSON");
    told.push(long.replace("T-77", &["T-78"; 50].join(" ")));
    done(on_with(&ledger, &["publish", "-"], told.join("\n").as_bytes()));
    ledger
}

/// The clock of the machine is no part of a story that is compared.
fn without_clock(story: &str, word: &str) -> String {
    let line = |line: &str| match line.split_once(word) {
        Some((before, _)) if line.starts_with('p') => format!("{before}{word} ...\n"),
        _ => format!("{line}\n"),
    };
    story.lines().map(line).collect()
}

#[test]
fn the_story_is_told_in_both_languages_and_fits_a_page() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    for (language, word) in [("fr", "enregistré le"), ("en", "recorded")] {
        let told = out(&done(on(&ledger, &["--lang", language, "history", PAYMENT])));
        assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
        let told = without_clock(&told, word);
        let path = PathBuf::from(format!("{}/tests/it/history/{language}.txt", env!("CARGO_MANIFEST_DIR")));
        if std::env::var_os("TALON_BLESS").is_some() {
            fs::write(&path, &told).expect("the story");
        }
        assert_eq!(told, fs::read_to_string(&path).expect("the story"), "{language}");
    }
}

#[test]
fn the_story_for_scripts_says_what_changed_by_stable_names() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let told = json(&done(on(&ledger, &["--output", "json", "history", PAYMENT])));
    let records = told["records"].as_array().expect("records");
    assert_eq!((records.len(), &told["as_of"]["positions"]), (13, &Value::from("0:15,12:2")));
    let debit = &records[4];
    assert_eq!((&debit["fate"], &debit["says"]), (&"fact".into(), &"debit debit_1: 100.00 EUR, instalment 1".into()));
    let collected = &debit["changes"].as_array().expect("changes")[1];
    assert_eq!(
        collected.to_string(),
        r#"{"is":"10000 EUR","was":null,"what":"collected","which":null,"words":"collected: 100.00 EUR"}"#
    );
    let late = &records[11];
    assert_eq!(
        (late["changes"].as_array().map(Vec::len), late["toldBefore"][0]["position"].as_u64()),
        (Some(0), Some(5))
    );
}

#[test]
fn a_story_as_of_then_ends_then_and_what_is_not_there_is_said() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let told = out(&done(on(&ledger, &["history", PAYMENT, "--as-of", "0:3"])));
    assert!(told.contains("p0/2") && !told.contains("p0/3") && told.ends_with("\nas of 0:3\n"), "{told}");
    for (args, exit, said) in [
        (&["history", "019ab9f4-d580-7aaa-8bbb-010203040999"][..], 1, "nothing in this ledger"),
        (&["history", PAYMENT, "--as-of", "0:1"], 1, "nothing in this ledger"),
        (&["history", PAYMENT, "--as-of", "9:9"], 2, "partition 9 ends at"),
        (&["history", "x"], 2, "x is no transaction's id"),
    ] {
        let refused = on(&ledger, args);
        assert_eq!((code(&refused), out(&refused).as_str()), (exit, ""), "{args:?}");
        assert!(err(&refused).contains(said), "{args:?}: {}", err(&refused));
    }
}
