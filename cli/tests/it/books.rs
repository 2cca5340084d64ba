//! `talon export day` and `talon export period`: files that a second reader adds up to the ledger's own answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clocked::{AT, clocked};
use crate::talon::{Scratch, code, day, demo, done, err, files, json, on, on_with, out, state_digest, talon, timed};

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/books.py");

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

/// Exports some days in French, and lets Python hold the files against what the ledger answers of the same days.
fn read_twice(scratch: &Scratch, ledger: &Path, [from, to]: [&str; 2], at: &str) -> Value {
    let folder = scratch.path("books");
    let words = ["--lang", "fr", "--output", "json", "export", "period", "--from", from, "--to", to, "--at", at];
    let told = json(&done(on(ledger, &[&words[..], &["--out", text(&folder)]].concat())));
    let ask =
        |words: &[&str]| json(&done(on(ledger, &[words, &["--from", from, "--to", to, "--output", "json"]].concat())));
    let answer = |merchant: &str| {
        let settlement = ["settlement", merchant, "--at", at, "--by", "shop,provider,status", "--totals"];
        json!({ "merchant": merchant, "day": ask(&["day", merchant]), "settlement": ask(&settlement) })
    };
    let merchants = told["merchants"].as_array().expect("merchants").iter();
    let answers: Vec<_> = merchants.map(|merchant| answer(merchant.as_str().expect("a SIREN"))).collect();
    let asked = scratch.path("answers.json");
    fs::write(&asked, json!(answers).to_string()).expect("room");
    let read = Command::new("python3").arg(READER).args([&folder, &asked]).output().expect("python runs");
    json(&done(read))
}

#[test]
fn rows_come_to_the_ledgers_own_totals() {
    let scratch = Scratch::new();
    let played = scratch.path("played");
    done(talon().args(["demo", "--seed", "1", "--dir"]).arg(&played).output().expect("the command runs"));
    let ledger = played.join("ledger");
    let statement = played.join("alma-123456782.json");
    assert_eq!(code(&on(&ledger, &["import", "alma", text(&statement), "--merchant", "123456782"])), 3);
    let read = read_twice(&scratch, &ledger, ["2026-10-01", "2026-12-31"], "2026-12-10T09:00");
    let number = |name: &str| read[name].as_u64().expect("a number");
    assert!(number("figures") > 20 && number("lines") > 60 && number("cells") > 20_000, "{read}");
    let has = |name: &str, value: &str| read[name].as_array().expect("a list").iter().any(|of| of == value);
    for account in ["sale", "collected", "suspense", "refund_cash", "refund_rebate"] {
        assert!(has("accounts", account), "{account}: {read}");
    }
    for status in ["differs", "due_unknown", "unexpected"] {
        assert!(has("statuses", status), "{status}: {read}");
    }
}

/// Cash and rebate, a payout, a fee that differs, money that came early.
#[test]
fn rows_of_several_days_come_to_their_totals() {
    let scratch = Scratch::new();
    let read = read_twice(&scratch, clocked(), ["2025-11-01", "2025-12-31"], AT);
    assert!(
        read["figures"].as_u64().expect("a number") >= 4 && read["lines"].as_u64().expect("a number") > 10,
        "{read}"
    );
}

#[test]
fn two_currencies_and_words_that_want_to_be_computed_stay_what_they_are() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let hostile = ["=HYPERLINK(0)", "+33", "-1+2", "@SUM(A1)", "a;b,c", "'=1"];
    let lines = day().into_iter().map(|line| {
        // By the ticket's own number, so that a fact that is told twice is told alike.
        let number = line.split("\"tillTicket\":\"C1-").nth(1).map_or(0, |rest| usize::from(rest.as_bytes()[3]));
        let ticket = format!("\"tillTicket\":\"{}", hostile[number % hostile.len()]);
        let line = line.replace("\"tillTicket\":\"C1-", &ticket);
        line.replace("paymentId\":\"payment_11x", "paymentId\":\"=payment_11x")
    });
    let lines: Vec<_> = lines.collect();
    done(on_with(&ledger, &["publish", "-"], lines.join("\n").as_bytes()));
    read_twice(&scratch, &ledger, ["2026-10-01", "2026-11-30"], "2026-11-30");
    let tickets = fs::read_to_string(scratch.path("books/csv/payments.csv")).expect("a table");
    for ticket in [",'=HYPERLINK(0)", ",'+33", ",'-1+2", ",'@SUM(A1)", ",\"a;b,c", ",'=1", ",'=payment_11x"] {
        assert!(tickets.contains(ticket), "{ticket}");
    }
    let scratch = Scratch::new();
    let francs = crate::currencies::ledger(&scratch);
    read_twice(&scratch, &francs, ["2026-11-24", "2026-11-24"], "2026-11-24");
    let sold = fs::read_to_string(scratch.path("books/csv/day_totals.csv")).expect("a table");
    assert!(sold.contains(",CHF,") && sold.contains(",EUR,"), "{sold}");
}

/// The bytes of every file, by its path.
fn bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found: Vec<_> = files(folder).into_iter().collect();
    found.sort();
    let relative =
        |path: PathBuf| (path.strip_prefix(folder).expect("inside").to_owned(), fs::read(&path).expect("a file"));
    found.into_iter().map(relative).collect()
}

/// From the views that are kept, and made anew in memory as of the positions that the first export printed.
#[test]
fn the_same_ledger_is_the_same_bytes_now_and_as_of_then() {
    let (scratch, ledger) = (Scratch::new(), demo().join("ledger"));
    let export = |name: &str, more: &[&str]| {
        let folder = scratch.path(name);
        let words = ["--output", "json", "export", "day", "2026-11-24", "--roots", "--out", text(&folder)];
        let told = json(&done(on(&ledger, &[&words, more].concat())));
        (told, bytes(&folder))
    };
    let (told, first) = export("first", &[]);
    assert_eq!(first.len(), 24);
    assert!(first == export("second", &[]).1, "twice");
    assert!(first == export("third", &["--as-of", told["as_of"]["positions"].as_str().expect("positions")]).1, "as of");
    // The roots are those of the ledger, which nobody wrote to.
    let root = json(&done(on(&ledger, &["root", "--output", "json"])));
    assert_eq!((&told["roots"], &told["ledgerId"]), (&root["partitions"], &root["ledgerId"]));
}

/// Each table names the part of the page that says what it counts.
#[test]
fn the_dictionary_leads_to_the_page_of_views() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/views.md")).expect("the page");
    let scratch = Scratch::new();
    let folder = scratch.path("books");
    done(on(&demo().join("ledger"), &["export", "day", "2026-11-24", "--out", text(&folder)]));
    let dictionary = fs::read_to_string(folder.join("DICTIONARY.md")).expect("a dictionary");
    let tables: Vec<_> = dictionary.split("\n## ").skip(1).collect();
    assert_eq!(tables.len(), 10);
    for table in tables {
        let named = table.split("(docs/views.md, ").nth(1).and_then(|rest| rest.split(')').next()).expect("a part");
        assert!(page.contains(&format!("\n## {named}\n")), "{named}");
        assert!(table.lines().filter(|line| line.starts_with("| `")).all(|line| line.ends_with(". |")), "{table}");
    }
}

#[test]
fn nobody_is_in_an_export() {
    let (scratch, ledger) = (Scratch::new(), demo().join("ledger"));
    let folder = scratch.path("books");
    done(on(&ledger, &["export", "period", "--from", "2026-10-01", "--to", "2026-11-30", "--out", text(&folder)]));
    let events = day().into_iter().map(|line| serde_json::from_str::<Value>(&line).expect("an event"));
    let personal = events.filter_map(|event| event["personal"].as_object().cloned());
    let values: Vec<_> = personal.flat_map(|of| of.into_iter().map(|(_, value)| value)).collect();
    let values: Vec<_> = values.iter().filter_map(|value| value.as_str()).collect();
    assert!(values.len() > 100);
    // The workbook's bytes are packed; its texts are those of the tables beside it.
    for (path, bytes) in bytes(&folder).into_iter().filter(|(path, _)| !path.ends_with("talon.xlsx")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(values.iter().all(|value| !text.contains(value)), "{}", path.display());
    }
}

#[test]
fn an_export_begins_where_nothing_is_and_leaves_nothing_that_is_half() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], day().join("\n").as_bytes()));
    let (folder, filled, empty) = (scratch.path("books"), scratch.path("filled"), scratch.path("empty"));
    fs::create_dir_all(filled.join("mine")).expect("room");
    fs::create_dir_all(&empty).expect("room");
    let inside = ledger.join("books");
    for (out, more, why) in [
        (&filled, &["day", "2026-11-24"][..], "is not empty: an export needs a folder of its own"),
        (&inside, &["day", "2026-11-24"], "lies in the ledger's own folder"),
        (&folder, &["day", "soon"], "DATE wants a date"),
        (&folder, &["period", "--from", "2026-11-24", "--to", "2026-11-23"], "--to lies before --from"),
        (&folder, &["day", "2026-11-24", "--merchant", "everybody"], "--merchant wants a SIREN"),
        (&folder, &["day", "2026-11-24", "--as-of", "0:99999"], "99999"),
    ] {
        let refused = on(&ledger, &[&["export"], more, &["--out", text(out)]].concat());
        assert!(code(&refused) == 2 && err(&refused).contains(why), "{why}: {}", err(&refused));
    }
    assert!(!folder.exists() && !inside.exists() && bytes(&filled).is_empty());
    let told =
        out(&done(on(&ledger, &["export", "day", "2026-11-24", "--merchant", "123456782", "--out", text(&empty)])));
    assert!(told.contains("24 files in") && told.contains("terminal_totals"), "{told}");
    // A merchant of whom nothing is known has tables without rows.
    let nobody = scratch.path("nobody");
    done(on(&ledger, &["export", "day", "2026-11-24", "--merchant", "552100554", "--out", text(&nobody)]));
    assert_eq!(fs::read_to_string(nobody.join("csv/payments.csv")).expect("heads").lines().count(), 1);
}

/// Killed anywhere: the folder is whole or is not there, and the ledger is what it was.
#[test]
fn a_killed_export_has_no_name() {
    let (scratch, ledger) = (Scratch::new(), demo().join("ledger"));
    let digest = state_digest(&ledger);
    let command = |folder: &Path| {
        let mut command = talon();
        command.arg("--ledger").arg(&ledger).args(["export", "day", "2026-11-24", "--out"]).arg(folder);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let calm = scratch.path("calm");
    let whole = timed(|| assert!(command(&calm).status().expect("it runs").success()));
    let calm = bytes(&calm);
    for round in 1..9u32 {
        let folder = scratch.path(&format!("killed-{round}"));
        let mut child = command(&folder).spawn().expect("the command runs");
        thread::sleep(whole.mul_f64(f64::from(round) / 8.0) + Duration::from_millis(1));
        let _ = child.kill();
        child.wait().expect("it ends");
        assert!(!folder.exists() || bytes(&folder) == calm, "round {round}");
    }
    assert_eq!(state_digest(&ledger), digest);
}
