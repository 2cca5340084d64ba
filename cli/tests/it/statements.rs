//! `talon import`: a provider's file becomes facts that fulfil what was sold; the same lines of whatever file are taken
//! once, whatever is killed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::talon::{Scratch, done, err, json, on, out, state_digest, talon, timed};

const MERCHANT: &str = "732829320";
const HEADER: &str = "Créée (Heure Europe/Paris);Montant brut (centimes);Frais Alma (centimes);Montant net (centimes);\
                      Montant TVA (centimes);Nombre d'échéances;Nom client;Email client;Identifiant ligne comptable;\
                      Identifiant paiement;Identifiant remboursement";

fn row(number: u64) -> String {
    let (gross, fee) = (1_000 + number * 37, 30 + number);
    let (day, net) = (1 + number % 28, gross - fee);
    format!(
        "2025-11-{day:02} 10:00:00;{gross};{fee};{net};{};3;Durand;durand@exemple.fr;balance_txn_{number};payment_{number};",
        fee / 5
    )
}

fn file(scratch: &Scratch, name: &str, rows: impl Iterator<Item = u64>) -> String {
    let rows: Vec<_> = std::iter::once(HEADER.to_owned()).chain(rows.map(row)).collect();
    let path = scratch.path(name);
    fs::write(&path, rows.join("\n") + "\n").expect("room");
    path.to_str().expect("a path").to_owned()
}

fn import(ledger: &Path, words: &[&str]) -> Output {
    on(ledger, &[&["import", "alma", "--merchant", MERCHANT], words].concat())
}

/// What the file came to.
fn total(output: &Output) -> Value {
    let said = out(output);
    serde_json::from_str(said.lines().last().expect("an answer")).expect("json")
}

fn counts(output: &Output) -> [u64; 3] {
    let total = total(output);
    ["new", "known", "refused"].map(|name| total[name].as_u64().expect("a number"))
}

#[test]
fn what_files_have_in_common_is_taken_once() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let (first, second) = (file(&scratch, "first.csv", 0..600), file(&scratch, "second.csv", 500..900));
    let import = |file: &str, more: &[&str]| done(import(&ledger, &[&[file, "--output", "json"], more].concat()));
    assert_eq!(counts(&import(&first, &["--preview"])), [600, 0, 0]);
    assert_eq!(counts(&import(&first, &[])), [600, 0, 0]);
    let digest = state_digest(&ledger);
    assert_eq!(counts(&import(&first, &[])), [0, 600, 0]);
    assert_eq!(counts(&import(&first, &["--preview"])), [0, 600, 0]);
    assert_eq!(state_digest(&ledger), digest, "the same file again changes nothing");
    assert_eq!(counts(&import(&second, &[])), [400 - 100, 100, 0]);
    // In one go and in another order: the same books but for which files were read.
    let whole = scratch.ledger("whole");
    done(self::import(&whole, &[&file(&scratch, "whole.csv", (0..900).rev())]));
    let lines = |ledger: &Path| {
        let told = json(&done(on(
            ledger,
            &["settlement", MERCHANT, "--from", "2025-11-01", "--to", "2025-11-30", "--output", "json"],
        )));
        let mut lines: Vec<_> = told["lines"].as_array().expect("lines").iter().map(ToString::to_string).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines(&whole), lines(&ledger));
    assert_eq!(lines(&whole).len(), 900);
}

#[test]
fn nobodys_name_reaches_the_ledger() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(import(&ledger, &[&file(&scratch, "day.csv", 0..50)]));
    done(on(&ledger, &["project"]));
    let mut folders = vec![ledger];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).expect("a file");
            let holds = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
            assert!(!holds(b"Durand") && !holds(b"durand@exemple.fr"), "{}", path.display());
        }
    }
}

#[test]
fn a_refused_row_is_named_and_costs_no_other() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let path = file(&scratch, "day.csv", 0..4);
    let text = fs::read_to_string(&path).expect("the file").replace(";1037;", ";dix;");
    fs::write(&path, text).expect("room");
    let refused = import(&ledger, &[&path]);
    assert_eq!(refused.status.code(), Some(3));
    let said = err(&refused);
    assert!(said.contains("line 3: 304 amount_must_be_readable \"Montant brut (centimes)\""), "{said}");
    assert!(out(&refused).contains("4 rows read, 3 new, 0 known already, 1 refused"), "{}", out(&refused));
    let french = import(&ledger, &[&path, "--lang", "fr"]);
    assert!(err(&french).contains("ligne 3: 304") && out(&french).contains("3 déjà connues"), "{french:?}");
    // What is no file of Alma's is refused as a whole, and nothing is appended.
    let digest = state_digest(&ledger);
    fs::write(&path, "Date;Libellé\n1;2\n").expect("room");
    let other = import(&ledger, &[&path]);
    assert_eq!(other.status.code(), Some(1));
    assert!(
        err(&other).contains("no header") && err(&other).contains("Identifiant ligne comptable"),
        "{}",
        err(&other)
    );
    assert_eq!(state_digest(&ledger), digest);
}

/// Killed anywhere, and read again: the ledger holds what one that was never stopped holds.
#[test]
fn a_file_whose_reading_was_killed_is_read_again() {
    let scratch = Scratch::new();
    let path = file(&scratch, "long.csv", 0..8_000);
    let (calm, killed) = (scratch.ledger("calm"), scratch.ledger("killed"));
    let whole = timed(|| drop(done(import(&calm, &[&path]))));
    for round in 1..6u32 {
        let mut command = talon();
        command.arg("--ledger").arg(&killed).args(["import", "alma", "--merchant", MERCHANT, &path]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command runs");
        thread::sleep(whole.mul_f64(f64::from(round) / 7.0) + Duration::from_millis(5));
        let _ = child.kill();
        child.wait().expect("it ends");
    }
    let last = total(&done(import(&killed, &[&path, "--output", "json"])));
    assert_eq!(last["new"].as_u64().zip(last["known"].as_u64()).map(|(new, known)| new + known), Some(8_000));
    assert_eq!(state_digest(&killed), state_digest(&calm));
}

/// What the API answers later replaces what the export said of a line, without an anomaly.
#[test]
fn the_api_says_more_of_a_line_than_its_export() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(import(&ledger, &[&file(&scratch, "day.csv", 0..1)]));
    let balance = scratch.path("balance.json");
    let object = r#"{"data": [{"id": "balance_txn_0", "amount": 1000, "net_amount": 970, "merchant_fee": 30,
        "payment_id": "payment_0", "included_in_payout_id": "payout_1", "kind": "from_transaction",
        "created": 1761987600, "updated": 1762000000}]}"#;
    fs::write(&balance, object).expect("room");
    done(import(&ledger, &[balance.to_str().expect("a path")]));
    let anomalies = json(&done(on(&ledger, &["anomalies", "--output", "json"])));
    assert_eq!(anomalies["anomalies"].as_array().map(Vec::len), Some(0), "{anomalies}");
    let told = json(&done(on(&ledger, &["settlement", MERCHANT, "2025-11-01", "--output", "json"])));
    let lines = told["lines"].as_array().expect("lines");
    assert_eq!((lines.len(), &lines[0]["payouts"][0]["payoutId"]), (1, &"payout_1".into()), "{told}");
}

/// The page's codes are the code's own.
#[test]
fn the_page_lists_every_code() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reconciliation.md")).expect("the page");
    let rows = page.lines().filter(|line| line.starts_with("| 3"));
    let listed: Vec<_> = rows.map(|row| row.split('|').map(str::trim).skip(1).take(3).collect::<Vec<_>>()).collect();
    let english = talon_domain::anomaly::Language::English;
    let rules = talon_statements::Rule::ALL
        .iter()
        .map(|of| vec![of.number().to_string(), format!("`{}`", of.name()), of.advice(english).to_owned()]);
    let warnings = talon_statements::WarningKind::ALL
        .iter()
        .map(|of| vec![of.number().to_string(), format!("`{}`", of.name()), of.advice(english).to_owned()]);
    assert_eq!(listed, rules.chain(warnings).collect::<Vec<_>>());
    // The map of the page is a map.
    let map = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a map");
    assert_eq!(talon_statements::Map::parse(map).expect("a map").format(), "klarna.settlement");
}

/// Each thing that is wrong on purpose in the demo's next morning is found under its name, and nothing else is.
#[test]
fn a_morning_finds_what_is_wrong_and_nothing_else() {
    let scratch = Scratch::new();
    for seed in ["1", "7"] {
        let dir = scratch.path(seed);
        let played = talon().args(["--output", "json", "demo", "--seed", seed, "--dir"]).arg(&dir).output();
        let played = json(&done(played.expect("the command runs")));
        let ledger = dir.join("ledger");
        for statement in played["statements"].as_array().expect("statements") {
            let (merchant, file) = (statement["merchant"].as_str().expect("a merchant"), statement["file"].as_str());
            let words = ["import", "alma", file.expect("a file"), "--merchant", merchant, "--output", "json"];
            let imported = on(&ledger, &words);
            assert_eq!((imported.status.code(), counts(&imported)[2]), (Some(3), 1), "one object has no time");
            let answer = |at: &str| {
                json(&done(on(&ledger, &["settlement", merchant, "2026-11-24", "--at", at, "--output", "json"])))
            };
            let [morning, later] = [answer("2026-11-25T09:00"), answer("2026-12-10T09:00")];
            let seeded = |what: &str| {
                let all = statement["differences"].as_array().expect("differences").iter();
                let ids = all.filter(|of| of["what"] == what).map(|of| of["id"].as_str().expect("an id").to_owned());
                ids.collect::<Vec<_>>()
            };
            let found = |answer: &Value, is_it: &dyn Fn(&Value) -> bool| {
                let lines = answer["lines"].as_array().expect("lines").iter().filter(|line| line["provider"] == "alma");
                let ids = lines.filter(|line| is_it(line)).map(|line| line["id"].as_str().unwrap_or("-").to_owned());
                let mut ids: Vec<_> = ids.collect();
                ids.sort();
                ids
            };
            let sorted = |kinds: &[&str]| {
                let mut ids: Vec<_> = kinds.iter().flat_map(|kind| seeded(kind)).collect();
                ids.sort();
                ids
            };
            let context = format!("seed {seed}, merchant {merchant}");
            let by = |part: &'static str, by: &'static str| move |line: &Value| line["difference"][part] == by;
            let differs = |line: &Value| line["status"] == "differs";
            assert_eq!(found(&morning, &differs), sorted(&["fee", "amount"]), "{context}");
            assert_eq!(found(&morning, &by("fee", "3")), sorted(&["fee"]), "{context}");
            assert_eq!(found(&morning, &by("gross", "-1000")), sorted(&["amount"]), "{context}");
            let is_unexpected = |line: &Value| line["status"] == "unexpected";
            assert_eq!(found(&morning, &is_unexpected), sorted(&["unknown", "refund"]), "{context}");
            let is_waived = |line: &Value| line["waived"] != "0";
            assert_eq!(found(&morning, &is_waived), sorted(&["waiver"]), "{context}");
            let is_missing = |line: &Value| line["what"] == "payment" && line["booked"].is_null();
            assert_eq!(found(&later, &is_missing), sorted(&["missing", "unreadable"]), "{context}");
            assert_eq!(seeded("two_contents").len(), 1);
        }
    }
}

/// The page's walk, as it stands there.
#[test]
fn the_pages_morning_can_be_walked() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reconciliation.md")).expect("the page");
    let blocks = page.split("<!-- morning -->\n").skip(1).filter_map(|rest| rest.split("<!-- end -->").next());
    let scratch = Scratch::new();
    done(
        talon()
            .args(["demo", "--evening", "--dir"])
            .arg(scratch.path("talon-demo"))
            .output()
            .expect("the command runs"),
    );
    let lines: Vec<_> = blocks.flat_map(str::lines).filter(|line| !line.starts_with("```")).collect();
    assert!(lines.len() > 16, "the morning, and what is taken to accounting");
    let (settings, lines): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.starts_with("export "));
    let words = settings.iter().flat_map(|line| line.split(' ').skip(1));
    let settings: Vec<_> = words.map(|word| word.split_once('=').expect("a name and a value")).collect();
    for line in lines {
        let mut shell = crate::talon::shell(line);
        let told = shell.envs(settings.iter().copied()).current_dir(scratch.path("")).output().expect("a shell");
        let expected = if line.contains(" import ") { 3 } else { 0 };
        assert_eq!(told.status.code(), Some(expected), "{line}: {}{}", out(&told), err(&told));
    }
    // The page's question is put to the day that was taken.
    let question = page.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a question");
    let ask = "import sqlite3, sys; print(*sqlite3.connect('day-24/talon.sqlite').execute(sys.argv[1]), sep='\\n')";
    let asked = Command::new("python3").args(["-c", ask, question]).current_dir(scratch.path("")).output();
    let told = out(&done(asked.expect("python runs")));
    assert!(told.contains("'alma', 'sale'") && told.contains("'refund_cash'"), "{told}");
}
