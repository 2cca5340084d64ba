//! Who and what there is: stated one by one, imported as a whole park, listed, written out again.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::talon::{Scratch, code, done, err, json, on, on_with, out};

mod park;

const BY: [&str; 4] = ["--as", "op-7", "--reason", "a test"];
const SIREN: &str = "732829320";

fn add(ledger: &Path, args: &[&str]) -> Output {
    on(ledger, &[args, &BY].concat())
}

/// The park of the page, in English or French.
fn park(mark: &str) -> String {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/registry.md")).expect("the page");
    let block = page.split(&format!("<!-- {mark} -->\n```csv\n")).nth(1).expect("the mark");
    block.split("```").next().expect("a block").to_owned()
}

fn import(ledger: &Path, file: &str, more: &[&str]) -> Output {
    on_with(ledger, &[&["--output", "json", "registry", "import", "-"][..], more, &BY].concat(), file.as_bytes())
}

/// The answer's objects: rows, then the total.
fn told(output: &Output) -> Vec<Value> {
    out(output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn outcomes(output: &Output) -> Vec<String> {
    let rows = told(output).into_iter().filter(|value| value["type"] == "statement");
    rows.map(|row| row["outcome"].as_str().expect("an outcome").to_owned()).collect()
}

fn total(output: &Output) -> Value {
    told(output).pop().expect("a total")
}

fn export(ledger: &Path) -> String {
    out(&done(on(ledger, &["registry", "export"])))
}

fn records(ledger: &Path) -> usize {
    out(&done(on(ledger, &["--output", "json", "tail", "-n", "100000"]))).lines().count()
}

#[test]
fn the_page_s_park_is_imported_once_and_written_out_again_to_the_byte() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let preview = done(import(&ledger, &park("park"), &["--preview"]));
    assert_eq!((outcomes(&preview), records(&ledger)), (vec!["new".to_owned(); 8], 64), "nothing but the genesis");
    let first = done(import(&ledger, &park("park"), &[]));
    assert_eq!(outcomes(&first), ["new"; 8]);
    let after = records(&ledger);
    let again = done(import(&ledger, &park("park"), &[]));
    assert_eq!((outcomes(&again), records(&ledger), after), (vec!["same".to_owned(); 8], 72, 72));

    let written = export(&ledger);
    let copy = scratch.ledger("copy");
    done(import(&copy, &written, &[]));
    assert_eq!(export(&copy), written);
    let french = out(&done(on(&ledger, &["--lang", "fr", "registry", "export"])));
    assert!(french.starts_with("type;commerçant;magasin;TPE;"), "{french}");
    let other = scratch.ledger("other");
    done(import(&other, &french, &[]));
    assert_eq!(export(&other), written, "whichever language it travelled in");
}

#[test]
fn the_french_park_is_the_same_park() {
    let scratch = Scratch::new();
    let (english, french) = (scratch.ledger("english"), scratch.ledger("french"));
    done(import(&english, &park("park"), &[]));
    done(import(&french, &format!("\u{feff}{}", park("parc").replace('\n', "\r\n")), &[]));
    assert_eq!(export(&french), export(&english));
}

#[test]
fn bad_rows_are_named_and_lose_nothing_of_the_others() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let file = [
        "type;merchant;shop;terminal;label;country;nic;range;from;until;plan;provider;installments;merchant_fee;payout",
        "terminal;732829320;PAR1;417;;;;tetra_move;;;;;;;", // before its shop: order does not matter
        "shop;732829320;PAR1;;;;74;;;;;;;;",
        "merchant;732829320;;;Halles du Lin;FR;;;;;;;;;",
        "merchant;732829321;;;Halles du Lin;FR;;;;;;;;;",
        "merchant;732829321;;;Linnenhallen;BE;;;;;;;;;",
        "shop;732829320;PAR2;;;;75;;;;;;;;",
        "shop;732829320;PAR2;;;;74;;;;;;;;",
        "shop;839100575;X;;;;17;;;;;;;;",
        "terminal;732829320;PAR9;418;;;;;;;;;;;",
        "terminal;732829320;PAR1;0;;;;;;;;;;;",
        "terminal;732829320;PAR1;419;;;;tetra;;;;;;;",
        "terminal;732829320;PAR1;419;;;;;2026-02-01;2026-01-31;;;;;",
        "terminal;732829320;PAR1;419;;;;;someday;;;;;;",
        "terminal;732829320;PAR1;417;;;;tetra_desk;;;;;;;",
        "terminal;732829320;PAR1;417;;;;tetra_move;;;;;;;",
        "fee_plan;732829320;;;;;;;;;alma-3x;alma;3;2.535;",
        "fee_plan;732829320;;;;;;;;;alma-3x;alma;3;2.53;T3",
        "fee_plan;732829320;;;;;;;;;alma-3x;alma;65;2.53;",
        "fee_plan;732829320;PAR1;;;;;;;;alma-3x;alma;3;2.53;",
        "fee_plan;732829320;;;;;;;;;alma-3x;;3;2.53;",
        "merchant;1;;;Carte 4111 1111 1111 1111;BE;;;;;;;;;",
        "merchant;1;;;Halles;belge;;;;;;;;;",
        "vessel;1;;;;;;;;;;;;;",
    ]
    .join("\n");
    let imported = import(&ledger, &file, &[]);
    assert_eq!(code(&imported), 3);
    let rows: Vec<_> = told(&imported).into_iter().filter(|value| value["type"] == "statement").collect();
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            let refused =
                row["code"].as_u64().map(|code| format!("{code} {}", row["place"].as_str().unwrap_or_default()));
            (
                row["row"].as_u64().expect("a line"),
                refused.unwrap_or_else(|| row["outcome"].as_str().expect("one").into()),
            )
        })
        .collect();
    let expected = [
        (2, "new"),
        (3, "new"),
        (4, "new"),
        (5, "206 merchant"),
        (6, "new"),
        (7, "207 nic"),
        (8, "217 nic"),
        (9, "215 merchant"),
        (10, "216 shop"),
        (11, "205 terminal"),
        (12, "210 range"),
        (13, "209 until"),
        (14, "208 from"),
        (15, "218 "),
        (16, "same"),
        (17, "211 merchant_fee"),
        (18, "214 payout"),
        (19, "205 installments"),
        (20, "204 shop"),
        (21, "203 provider"),
        (22, "20 merchantRegistered.label"),
        (23, "30 merchantRegistered.country"),
        (24, "202 type"),
    ];
    assert_eq!(seen, expected.map(|(line, told)| (line, told.to_owned())));
    assert!(rows.iter().all(|row| row["code"].is_null() || !row["advice"].as_str().expect("advice").is_empty()));
    let total = total(&imported);
    assert_eq!((&total["new"], &total["same"], &total["refused"]), (&4.into(), &1.into(), &18.into()));
    // For people: each line that is not as it was, with its code.
    let shown = on_with(&ledger, &[&["registry", "import", "-"][..], &BY].concat(), file.as_bytes());
    let shown = out(&shown);
    assert!(
        shown.contains("207 siret_must_be_valid at nic: ") && shown.contains("0 new, 0 changed, 5 same, 18 refused")
    );
}

#[test]
fn a_file_that_cannot_be_read_as_a_park_states_nothing() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    for (file, said) in [
        ("type,merchant,libel\nmerchant,732829320,Halles\n", "no column is called \"libel\""),
        ("merchant,label\n732829320,Halles\n", "no column is called type"),
    ] {
        let refused = on_with(&ledger, &[&["registry", "import", "-"][..], &BY].concat(), file.as_bytes());
        assert_eq!(code(&refused), 2, "{}", out(&refused));
        assert!(err(&refused).contains(said), "{}", err(&refused));
    }
    let missing = add(&ledger, &["registry", "import", "/nowhere.csv"]);
    assert_eq!(code(&missing), 2);
    let unsaid = on(&ledger, &["registry", "import", "-"]);
    assert!(code(&unsaid) == 2 && err(&unsaid).contains("--as"), "who decides is always said");
    assert_eq!(records(&ledger), 64);
}

#[test]
fn a_statement_counts_whole_and_the_same_again_appends_nothing() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let told = |args: &[&str]| out(&done(add(&ledger, args)));
    assert_eq!(told(&["merchant", "add", SIREN, "--label", "Halles du Lin"]), "merchant 732829320: new\n");
    assert_eq!(
        told(&["merchant", "add", SIREN, "--label", "Halles du Lin"]),
        "merchant 732829320: nothing to change\n"
    );
    told(&["shop", "add", "PAR1", "--merchant", SIREN, "--town", "Paris", "--nic", "74"]);
    assert_eq!(
        told(&["shop", "add", "PAR1", "--merchant", SIREN, "--nic", "74 82@2026-12-01"]),
        "shop PAR1: changed\n  town: Paris -> (nothing)\n  nic: 00074 -> 00074 00082@2026-12-01\n"
    );
    let before = records(&ledger);
    told(&["shop", "add", "PAR1", "--merchant", SIREN, "--nic", "82@2026-12-01 73282932000074"]);
    assert_eq!(records(&ledger), before, "the same, however it is written");
    let listed = json(&done(on(&ledger, &["--output", "json", "shop", "list"])));
    let shop = &listed["shops"][0];
    assert_eq!((&shop["revision"], &shop["town"], &shop["authorCode"]), (&1.into(), &Value::Null, &"op-7".into()));
    assert_eq!(shop["establishments"][1]["fromDay"], "2026-12-01");
    let none = on(&ledger, &["shop", "list", "--merchant", "1"]);
    assert_eq!(out(&done(none)), "0 shops\n");
}

#[test]
fn what_is_typed_wrong_is_coded_placed_and_advised_in_both_languages() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let refused = add(&ledger, &["merchant", "add", "732829321", "--label", "Halles du Lin"]);
    assert_eq!((code(&refused), out(&refused).as_str()), (3, ""));
    assert!(err(&refused).contains("206 siren_must_be_valid at merchant: nine digits"), "{}", err(&refused));
    let french = add(&ledger, &["--lang", "fr", "merchant", "add", "732829321", "--label", "Halles du Lin"]);
    assert!(err(&french).contains("206 siren_must_be_valid (commerçant): neuf chiffres"), "{}", err(&french));
    assert_eq!(code(&add(&ledger, &["merchant", "add", "732829321", "--label", "Linnenhallen", "--country", "BE"])), 0);
    for args in [
        &["merchant", "add", SIREN, "--label", "Halles", "--as", "op-7"][..],
        &["merchant", "add", SIREN, "--label", "Halles", "--as", "", "--reason", "none"],
        &["merchant", "add", SIREN, "--as", "op-7", "--reason", "none"],
    ] {
        assert_eq!(code(&on(&ledger, args)), 2, "{args:?}");
    }
}

#[test]
fn what_is_registered_is_decided_by_who_types_it() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let said = |key: u32, label: &str| {
        format!(
            r#"{{"sourceKey":"gateway:merchant:{key}","merchant":"732829320","occurredAt":"2025-11-24T10:00:00Z","source":"gateway","merchantRegistered":{{"label":"{label}","country":"FR","revision":"{key}"}}}}"#
        )
    };
    done(on_with(&ledger, &["publish", "-"], said(1, "Connected").as_bytes()));
    let typed = add(&ledger, &["merchant", "add", SIREN, "--label", "Typed", "--country", "FR"]);
    assert_eq!(out(&done(typed)), "merchant 732829320: changed\n  label: Connected -> Typed\n");
    done(on_with(&ledger, &["publish", "-"], said(7, "Connected again").as_bytes()));
    let same = add(&ledger, &["merchant", "add", SIREN, "--label", "Typed", "--country", "FR"]);
    assert_eq!(out(&done(same)), "merchant 732829320: nothing to change\n");
}

#[test]
fn calendars_reach_every_partition_and_are_stated_once() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let told = |args: &[&str]| out(&done(add(&ledger, args)));
    assert_eq!(told(&["calendar", "add", "TARGET", "2026"]), "TARGET-2026: new (6 closed days, 64 partitions told)\n");
    assert_eq!(
        told(&["calendar", "add", "TARGET", "2026"]),
        "TARGET-2026: nothing to change (6 closed days, 0 partitions told)\n"
    );
    assert_eq!(told(&["calendar", "add", "FR", "2027"]), "FR-2027: new (11 closed days, 64 partitions told)\n");
    let days = scratch.path("days.csv");
    fs::write(&days, "jour;nom\n03/04/2026;Vendredi saint\n2026-12-26\n").expect("a file");
    let file = days.to_string_lossy();
    assert!(
        told(&["calendar", "add", "ALSACE", "2026", "--file", &file]).starts_with("ALSACE-2026: new (2 closed days")
    );
    fs::write(&days, "2026-04-03;Vendredi saint\n").expect("a file");
    assert!(
        told(&["calendar", "add", "ALSACE", "2026", "--file", &file]).starts_with("ALSACE-2026: changed (1 closed")
    );
    let listed = json(&done(on(&ledger, &["--output", "json", "calendar", "list"])));
    let all = listed["calendars"].as_array().expect("a list");
    let seen: Vec<_> =
        all.iter().map(|one| (one["id"].as_str().expect("an id"), one["partitionsTold"].as_u64())).collect();
    assert_eq!(seen, [("ALSACE-2026", Some(64)), ("FR-2027", Some(64)), ("TARGET-2026", Some(64))]);
    assert_eq!(all[0]["revision"], 1);
    for (args, rule) in [
        (&["calendar", "add", "TARGET", "2031"][..], "220 calendar_must_be_computable"),
        (&["calendar", "add", "target", "2026"], "220 calendar_must_be_computable"),
        (&["calendar", "add", "ALSACE", "2027", "--file", &file], "221 day_must_lie_in_its_year"),
    ] {
        let refused = add(&ledger, args);
        assert!(code(&refused) == 3 && err(&refused).contains(rule), "{args:?} {}", err(&refused));
    }
    assert_eq!(records(&ledger), 64 + 4 * 64);
}

#[test]
fn a_calendar_that_was_cut_off_is_finished_under_its_own_name() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(add(&ledger, &["calendar", "add", "TARGET", "2026"]));
    // A machine that stopped in the middle: the last 24 copies never became durable.
    done(on(&ledger, &["repair", "--cut-after", "103", "--as", "op-7"]));
    let listed = out(&done(on(&ledger, &["calendar", "list"])));
    assert!(listed.contains("40/64 partitions told"), "{listed}");
    let other = ["calendar", "add", "TARGET", "2026", "--as", "op-9", "--reason", "again"];
    assert_eq!(out(&done(on(&ledger, &other))), "TARGET-2026: completed (6 closed days, 24 partitions told)\n");
    let listed = json(&done(on(&ledger, &["--output", "json", "calendar", "list"])));
    let calendar = &listed["calendars"][0];
    assert_eq!((&calendar["partitionsTold"], &calendar["authorCode"]), (&64.into(), &"op-7".into()), "its own author");
    assert_eq!(calendar["revision"], 0);
}
