//! A park's file as it should not be: cut off, badly quoted, with numbers that move between shops.

use std::process::Output;

use serde_json::Value;

use super::{BY, export, import};
use crate::talon::{Scratch, code, done, err, json, on, on_with, out};

/// Line and outcome, or code, of each row.
fn told(output: &Output) -> Vec<String> {
    let rows = out(output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect::<Vec<Value>>();
    let rows = rows.iter().filter(|value| value["type"] == "statement");
    let words = |row: &Value| match row["code"].as_u64() {
        Some(code) => format!("{} {code}", row["row"]),
        None => format!("{} {}", row["row"], row["outcome"].as_str().expect("an outcome")),
    };
    rows.map(words).collect()
}

const SHOPS: &str = "type,merchant,shop,label,nic\nmerchant,732829320,,Halles du Lin,\nshop,732829320,PAR1,,74\nshop,732829320,LYO2,,90\n";

fn with_shops(scratch: &Scratch, name: &str) -> std::path::PathBuf {
    let ledger = scratch.ledger(name);
    done(import(&ledger, SHOPS, &[]));
    ledger
}

#[test]
fn a_quote_that_is_not_closed_loses_its_own_row_only() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let open = "type,merchant,country,label\nmerchant,732829320,FR,\"Halles\nmerchant,839100575,FR,Deux\nmerchant,552100554,FR,\"A\"B\nmerchant,542065479,FR\n";
    let imported = import(&ledger, open, &[]);
    assert_eq!((code(&imported), told(&imported)), (3, ["2 201", "3 new", "4 201", "5 201"].map(Into::into).to_vec()));
    let within = "type,merchant,country,label\nmerchant,732829320,FR,\"Halles\nmerchant,552100554,FR,Deux\"\nmerchant,542065479,FR,Trois\n";
    let imported = import(&ledger, within, &[]);
    assert_eq!((code(&imported), told(&imported)), (3, ["2 201", "3 201", "4 new"].map(Into::into).to_vec()));
    let listed = json(&done(on(&ledger, &["--output", "json", "merchant", "list"])));
    assert_eq!(listed["merchants"].as_array().map(Vec::len), Some(2), "{listed}");
}

#[test]
fn a_number_may_move_between_shops_whatever_the_order_of_rows() {
    let scratch = Scratch::new();
    let head = "type,merchant,shop,nic\n";
    for (name, rows, expected) in [
        ("behind", "shop,732829320,NEW,74\nshop,732829320,PAR1,82\n", ["2 new", "3 changed"]),
        ("before", "shop,732829320,PAR1,82\nshop,732829320,NEW,74\n", ["2 changed", "3 new"]),
        ("swap", "shop,732829320,PAR1,90\nshop,732829320,LYO2,74\n", ["2 changed", "3 changed"]),
    ] {
        let ledger = with_shops(&scratch, name);
        let file = format!("{head}{rows}");
        assert_eq!(told(&done(import(&ledger, &file, &["--preview"]))), expected, "{name}");
        assert_eq!(told(&done(import(&ledger, &file, &[]))), expected, "{name}");
        assert_eq!(told(&done(import(&ledger, &file, &[]))), ["2 same", "3 same"], "{name}");
    }
}

#[test]
fn a_number_that_another_shop_keeps_is_refused_once_and_again() {
    let scratch = Scratch::new();
    let ledger = with_shops(&scratch, "ledger");
    // LYO2 keeps 90, so PAR1 keeps 74, so NEW has nothing; its terminal has no shop.
    let file = "type,merchant,shop,terminal,nic\nterminal,732829320,NEW,417,\nshop,732829320,NEW,,74\nshop,732829320,PAR1,,90\nshop,732829320,NEW,,74\n";
    for _ in 0..2 {
        let imported = import(&ledger, file, &[]);
        assert_eq!(told(&imported), ["2 216", "3 217", "4 217", "5 217"]);
    }
    assert!(export(&ledger).contains("PAR1") && !export(&ledger).contains("NEW"));
}

#[test]
fn a_preview_makes_no_event() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let ids = |more: &[&str]| {
        let imported = done(import(&ledger, SHOPS, more));
        let rows = out(&imported).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect::<Vec<Value>>();
        rows.iter().filter(|row| row["type"] == "statement").filter(|row| row["eventId"].is_string()).count()
    };
    assert_eq!((ids(&["--preview"]), ids(&[])), (0, 3));
}

#[test]
fn a_siren_is_typed_with_all_its_digits_and_written_so() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    // Both pass the check of their digits: the second is 732829320 without its fifth.
    for short in ["18", "73229320"] {
        let refused = on(&ledger, &[&["merchant", "add", short, "--label", "Halles"][..], &BY].concat());
        assert!(code(&refused) == 3 && err(&refused).contains("206 "), "{short} {}", err(&refused));
    }
    done(on(&ledger, &[&["merchant", "add", "000 000 018", "--label", "Halles"][..], &BY].concat()));
    done(on(&ledger, &[&["merchant", "add", "417", "--label", "Linnen", "--country", "BE"][..], &BY].concat()));
    let written = export(&ledger);
    assert!(written.contains("merchant,000000018,"), "{written}");
    assert_eq!(told(&done(import(&ledger, &written, &[]))), ["2 same", "3 same"]);
    let copy = scratch.ledger("copy");
    done(import(&copy, &written, &[]));
    assert_eq!(export(&copy), written);
}

#[test]
fn what_another_door_took_is_nothing_new_when_it_comes_back() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let said = |n: usize, merchant: &str, body: &str| {
        format!(
            r#"{{"sourceKey":"gateway:{n}","merchant":"{merchant}","occurredAt":"2025-11-24T10:00:00Z","source":"gateway",{body}}}"#
        )
    };
    let lines: Vec<_> = [
        ("123456789", r#""merchantRegistered":{"label":"Halles","country":"FR"}"#),
        ("732829320", r#""merchantRegistered":{"label":" =lead ","country":"FR"}"#),
        ("732829320", r#""shopRegistered":{"code":" S1 ","establishments":[{"nic":74}]}"#),
        ("732829320", r#""shopRegistered":{"code":"S1"}"#),
        ("839100575", r#""shopRegistered":{"code":"S1","establishments":[{"nic":75}]}"#),
        ("732829320", r#""terminalAssigned":{"terminal":417,"fromDay":"2026-02-01","untilDay":"2026-01-31"}"#),
    ]
    .iter()
    .enumerate()
    .map(|(n, (merchant, body))| said(n, merchant, body))
    .collect();
    done(on_with(&ledger, &["publish", "-"], lines.join("\n").as_bytes()));
    let written = export(&ledger);
    assert!(written.contains(",' S1 ',") && written.contains(",' =lead ',"), "{written}");
    assert_eq!(told(&done(import(&ledger, &written, &[]))), [2, 3, 4, 5, 6, 7].map(|line| format!("{line} same")));
    assert_eq!(export(&ledger), written);
}
