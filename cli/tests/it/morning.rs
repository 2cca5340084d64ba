//! The morning of the reconciliation team: the list, the notes on it, the page and the workbook.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::talon::{Scratch, code, done, err, files, json, on, on_with, out, state_digest, talon};

/// When the demo's morning is.
const MORNING: &str = "2026-11-25T08:00";
/// The language of a page that nobody asked in another one.
const FRENCH: &[&str] = &["--lang", "fr"];

/// A day, whose next morning has come: the working days are stated, and the provider's files are read.
fn morning(scratch: &Scratch, seed: &str) -> (PathBuf, Value) {
    let dir = scratch.path(seed);
    let played = talon().args(["--output", "json", "demo", "--seed", seed, "--dir"]).arg(&dir).output();
    let played = json(&done(played.expect("the command runs")));
    let ledger = dir.join("ledger");
    for calendar in ["TARGET", "FR"] {
        done(on(&ledger, &["calendar", "add", calendar, "2026", "--as", "c1", "--reason", "year"]));
    }
    for statement in played["statements"].as_array().expect("statements") {
        let (merchant, file) = (text(statement, "merchant"), text(statement, "file"));
        let imported = on(&ledger, &["import", "alma", &file, "--merchant", &merchant]);
        assert_eq!(code(&imported), 3, "one object has no time: {}", err(&imported));
    }
    (ledger, played)
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}")).to_owned()
}

fn list(ledger: &Path, words: &[&str]) -> Vec<Value> {
    let told = json(&done(on(ledger, &[&["--output", "json", "note", "list"], words].concat())));
    told["items"].as_array().expect("items").clone()
}

/// What is wrong on purpose, of one merchant and of these kinds.
fn seeded(played: &Value, merchant: &str, kinds: &[&str]) -> Vec<String> {
    let statements = played["statements"].as_array().expect("statements").iter();
    let of = statements.filter(|statement| statement["merchant"] == merchant);
    let all = of.flat_map(|statement| statement["differences"].as_array().expect("differences"));
    let mut ids: Vec<_> =
        all.filter(|of| kinds.iter().any(|kind| of["what"] == *kind)).map(|of| text(of, "id")).collect();
    ids.sort();
    ids
}

/// The provider's ids of the items of some kinds.
fn found(items: &[Value], merchant: &str, kinds: &[&str]) -> Vec<String> {
    let meant =
        items.iter().filter(|item| item["merchant"] == merchant && kinds.iter().any(|kind| item["kind"] == *kind));
    let mut ids: Vec<_> = meant.map(|item| text(item, "reference")).collect();
    ids.sort();
    ids
}

#[test]
fn the_list_has_what_is_wrong_and_nothing_else_of_what_was_settled() {
    let scratch = Scratch::new();
    for seed in ["1", "7"] {
        let (ledger, played) = morning(&scratch, seed);
        let (items, later) = (list(&ledger, &[]), list(&ledger, &["--at", "2026-12-10T09:00"]));
        for statement in played["statements"].as_array().expect("statements") {
            let merchant = &text(statement, "merchant");
            for (kind, wrong) in [
                ("amount_differs", &["amount"][..]),
                ("fee_differs", &["fee"]),
                ("unexpected", &["unknown", "refund"]),
                ("payout_differs", &["payout"]),
            ] {
                let context = format!("seed {seed}, {merchant}, {kind}");
                assert_eq!(found(&items, merchant, &[kind]), seeded(&played, merchant, wrong), "{context}");
            }
            let owed = ["late", "missing"];
            assert_eq!(
                found(&items, merchant, &owed),
                seeded(&played, merchant, &["overdue"]),
                "seed {seed}, {merchant}"
            );
            let alma = later.iter().filter(|item| item["provider"] == "alma").cloned().collect::<Vec<_>>();
            let due = found(&alma, merchant, &owed);
            for id in seeded(&played, merchant, &["missing", "unreadable"]) {
                assert!(due.contains(&id), "{id} was never booked: {due:?}");
            }
            let lines = items.iter().filter(|item| item["merchant"] == *merchant && item["kind"] == "contradiction");
            let lines = lines.filter(|item| text(item, "slot").starts_with("line("));
            assert_eq!(lines.count(), seeded(&played, merchant, &["two_contents"]).len(), "seed {seed}, {merchant}");
        }
        assert!(items.iter().all(|item| item["note"].is_null() && !text(item, "says").is_empty()));
    }
}

/// A number of an item of a kind.
fn number_of(items: &[Value], kind: &str) -> String {
    text(items.iter().find(|item| item["kind"] == kind).unwrap_or_else(|| panic!("no {kind}")), "item")
}

#[test]
fn a_note_takes_an_item_off_the_first_list_until_its_day() {
    let scratch = Scratch::new();
    let (ledger, _) = morning(&scratch, "7");
    let (items, digest) = (list(&ledger, &[]), state_digest(&ledger));
    let (fee, open) = (number_of(&items, "fee_differs"), number_of(&items, "payment_open"));
    let words = [
        "note",
        "add",
        &fee,
        "waiting",
        "--as",
        "c7",
        "--until",
        "2026-11-27",
        "--to",
        "c9",
        "--text",
        "Frais vérifiés",
    ];
    done(on(&ledger, &words));
    done(on_with(&ledger, &["note", "add", &open, "known", "--as", "c7", "--text", "-"], b"Client rappel\xc3\xa9\n"));

    let noted = list(&ledger, &["--noted"]);
    let of = |number: &str| noted.iter().find(|item| item["item"] == number).expect("it is noted")["note"].clone();
    assert_eq!(
        (&of(&fee)["state"], &of(&fee)["to"], &of(&fee)["rests"]),
        (&"waiting".into(), &"c9".into(), &true.into())
    );
    assert_eq!((noted.len(), &of(&open)["until"]), (2, &Value::Null));
    // On its day it is back; what has no day rests on.
    let later = list(&ledger, &["--noted", "--at", "2026-11-27T08:00"]);
    let rests =
        |number: &str| later.iter().find(|item| item["item"] == number).expect("noted")["note"]["rests"].clone();
    assert_eq!((rests(&fee), rests(&open)), (false.into(), true.into()));
    // No figure moved, and who noted is in the history; the words are sealed.
    assert_eq!(state_digest(&ledger), digest);
    let stream = text(items.iter().find(|item| item["item"] == *open).expect("an item"), "stream");
    let told = out(&done(on(&ledger, &["history", &stream])));
    assert!(told.contains("note: open, known, by c7"), "{told}");
    done(on(&ledger, &["verify"]));
    for file in files(&ledger) {
        let bytes = fs::read(&file).expect("a file");
        let holds = |words: &[u8]| bytes.windows(words.len()).any(|window| window == words);
        assert!(!holds("Frais vérifiés".as_bytes()) && !holds("Client rappelé".as_bytes()), "{}", file.display());
    }
    // As of before nobody had noted anything; another note takes the place of the first.
    assert!(list(&ledger, &["--noted", "--as-of", "2026-11-25T07:00"]).is_empty());
    done(on(&ledger, &["note", "add", &fee, "known", "--as", "c8", "--text", "accord"]));
    let again = list(&ledger, &["--noted"]);
    let of = again.iter().find(|item| item["item"] == *fee).expect("noted");
    assert_eq!((&of["note"]["author"], again.len()), (&"c8".into(), 2));
}

#[test]
fn an_item_that_says_something_else_is_listed_first_again() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let event = |id: u8, at: &str, said: &str| {
        format!(
            r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-0102030405{id:02x}","merchant":"732829320","shop":7,"terminal":3,"transactionId":"019ab9f4-d500-7aaa-8bbb-0102030405bb","occurredAt":"{at}","source":"SOURCE_GATEWAY",{said}}}"#
        )
    };
    let began =
        event(1, "2025-11-25T10:00:00Z", r#""paymentInitiated":{"amount":{"currency":"EUR","minorUnits":"20934"}}"#);
    done(on_with(&ledger, &["publish", "-"], began.as_bytes()));
    let at = ["--date", "2025-11-25"];
    let items = list(&ledger, &at);
    let open = number_of(&items, "payment_open");
    done(on(&ledger, &[&["note", "add", &open, "taken", "--as", "c7", "--text", "vu"][..], &at].concat()));
    assert_eq!(list(&ledger, &at)[0]["note"]["rests"], true);
    let refused = event(2, "2025-11-25T10:05:00Z", r#""outcomeUnknown":{}"#);
    done(on_with(&ledger, &["publish", "-"], refused.as_bytes()));
    let now = list(&ledger, &at);
    assert_eq!((&now[0]["item"], &now[0]["note"]["rests"]), (&open.into(), &false.into()), "{now:?}");
}

#[test]
fn what_cannot_be_noted_is_refused_and_nothing_is_appended() {
    let scratch = Scratch::new();
    let (ledger, _) = morning(&scratch, "1");
    let item = number_of(&list(&ledger, &[]), "fee_differs");
    let records = || json(&done(on(&ledger, &["verify", "--output", "json"])))["records"].clone();
    let before = records();
    let long = "é".repeat(129);
    for (words, said) in [
        (vec!["00000000", "taken", "--as", "c7", "--text", "x"], "no item of this morning"),
        (vec![&item, "done", "--as", "c7", "--text", "x"], "invalid value"),
        (vec![&item, "taken", "--text", "x"], "--as"),
        (vec![&item, "taken", "--as", "c7", "--text", "x", "--until", "tomorrow"], "--until wants a date"),
        (vec![&item, "taken", "--as", "c7", "--text", "x", "--group", "Nobody"], "no merchant's label has"),
    ] {
        let refused = on(&ledger, &[&["note", "add"], &words[..]].concat());
        assert_eq!(code(&refused), 2, "{words:?}: {}", err(&refused));
        assert!(err(&refused).contains(said), "{words:?}: {}", err(&refused));
    }
    assert_eq!(records(), before);
    for (words, said) in [(long.as_str(), "text_must_be_at_most_256_bytes"), ("4111 1111 1111 1111", "card_number")] {
        let refused = on(&ledger, &["note", "add", &item, "taken", "--as", "c7", "--text", words]);
        assert!(code(&refused) != 0 && err(&refused).contains(said), "{}", err(&refused));
        assert!(!err(&refused).contains(words), "it says nothing of what was typed");
    }
    assert!(list(&ledger, &["--noted"]).is_empty());
}

/// The page of a ledger, in a folder of its own.
fn page(ledger: &Path, folder: &Path, words: &[&str]) -> (String, Vec<u8>) {
    let told = json(&done(on(
        ledger,
        &[&["--output", "json", "morning", "--out", &folder.to_string_lossy()], words].concat(),
    )));
    let (page, workbook) = (text(&told, "page"), text(&told, "workbook"));
    (fs::read_to_string(page).expect("a page"), fs::read(workbook).expect("a workbook"))
}

#[test]
fn the_page_says_what_is_wrong_and_what_to_do_first() {
    let scratch = Scratch::new();
    let (ledger, _) = morning(&scratch, "7");
    let (html, workbook) = page(&ledger, &scratch.path("a"), FRENCH);
    let items = list(&ledger, &["--lang", "fr"]);
    for item in items.iter().filter(|item| item["kind"] != "payment_open") {
        assert!(html.contains(&text(item, "item")), "{item}");
        assert!(html.contains(&text(item, "advice").replace('\'', "&#39;")), "{item}");
    }
    let things = format!("{} points à traiter", items.len());
    assert!(
        html.contains(&things) && html.contains("Commencer par : Montant différent chez le prestataire"),
        "{things}"
    );
    // It asks no server, runs nothing, and stands in both languages.
    for never in ["http", "<script", "<link", "@import", "url(h"] {
        assert!(!html.contains(never), "{never}");
    }
    assert!(html.starts_with("<!doctype html>\n<html lang=\"fr\">"));
    let (english, _) = page(&ledger, &scratch.path("b"), &["--lang", "en"]);
    assert!(
        english.contains("<html lang=\"en\">")
            && english.contains("To look at first")
            && !english.contains("À traiter")
    );
    // The same ledger and moment give the same bytes; so does what was kept as of these positions.
    let again = page(&ledger, &scratch.path("c"), &["--at", MORNING, "--lang", "fr"]);
    assert!(again == (html.clone(), workbook.clone()), "the same bytes");
    let positions = text(&json(&done(on(&ledger, &["--output", "json", "digest"])))["as_of"], "positions");
    let then = page(&ledger, &scratch.path("d"), &["--as-of", &positions, "--lang", "fr"]);
    assert!(then == (html, workbook), "made anew of the journal it is the same");
    // A note takes its item off the first list, and is counted.
    let fee = number_of(&items, "fee_differs");
    done(on(&ledger, &["note", "add", &fee, "taken", "--as", "c7", "--text", "vu"]));
    let (noted, _) = page(&ledger, &scratch.path("e"), FRENCH);
    assert!(noted.contains("1 noté, 0,03 EUR"), "{noted}");
    // One merchant's page, and a chain's.
    let (one, _) = page(&ledger, &scratch.path("f"), &["--merchant", "123456782"]);
    let (chain, _) = page(&ledger, &scratch.path("g"), &["--group", "cardamine nord"]);
    assert!(one.contains("Cardamine Bellecour") && !one.contains("Cardamine Bouffay"));
    assert!(chain.contains("Cardamine Grand-Place") && !chain.contains("Cardamine Bellecour"));
}

/// What each shop's line says is what its day and its settlement say.
#[test]
fn the_shops_of_the_page_are_those_of_the_views() {
    let scratch = Scratch::new();
    let (ledger, _) = morning(&scratch, "7");
    let (_, workbook) = page(&ledger, &scratch.path("m"), FRENCH);
    let path = scratch.path("book.xlsx");
    fs::write(&path, workbook).expect("room");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/shops.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(&path);
    let mut views = Vec::new();
    for merchant in ["123456782", "135792463", "987654324"] {
        for (name, words) in [
            ("day", vec!["day", merchant, "2026-11-24", "--by", "shop"]),
            ("settlement", vec!["settlement", merchant, "--at", MORNING]),
        ] {
            let file = scratch.path(&format!("{name}-{merchant}.json"));
            fs::write(&file, out(&done(on(&ledger, &[&["--output", "json"], &words[..]].concat())))).expect("room");
            views.push(file);
        }
    }
    let read = done(command.args(&views).output().expect("python3"));
    assert!(out(&read).starts_with("6 shops, "), "{}", out(&read));
}

/// What is new since the morning before, says something else, or is gone, is what two lists say that were asked by themselves.
#[test]
fn the_page_tells_what_changed_since_the_morning_before() {
    let (scratch, ledger) = (Scratch::new(), crate::clocked::clocked());
    let mut seen = [0; 3];
    for day in 24..=28 {
        let (date, at) = (format!("2025-11-{day}"), format!("2025-11-{}T08:00", day + 1));
        let before = format!("2025-11-{day}T08:00");
        let asked = ["--date", &date];
        let now = list(ledger, &[&asked[..], &["--at", &at]].concat());
        let was = list(ledger, &[&asked[..], &["--at", &before, "--as-of", &before]].concat());
        let in_list = |list: &[Value], item: &Value| list.iter().find(|of| of["item"] == item["item"]).cloned();
        let says = |item: &Value| [&item["kind"], &item["says"], &item["minorUnits"]].map(ToString::to_string);
        let new = now.iter().filter(|item| in_list(&was, item).is_none()).count();
        let gone = was.iter().filter(|item| in_list(&now, item).is_none()).count();
        let other = now.iter().filter(|item| in_list(&was, item).is_some_and(|of| says(&of) != says(item))).count();
        let folder = scratch.path(&date);
        let words =
            ["morning", "--out", folder.to_str().expect("a path"), "--at", &at, "--lang", "en", "--output", "json"];
        let made = json(&done(on(ledger, &[&words[..], &asked].concat())));
        let html = fs::read_to_string(text(&made, "page")).expect("a page");
        for (name, count) in [("New", new), ("Changed", other), ("Gone", gone)] {
            assert!(html.contains(&format!("<h3>{name} ({count}, ")), "{date}: {name} {count}");
        }
        assert_eq!(made["changes"], new + other + gone, "{date}");
        seen = [seen[0] + new, seen[1] + other, seen[2] + gone];
    }
    assert!(seen[0] > 2 && seen[2] > 0, "{seen:?}");
    let folder = scratch.path("bare");
    let words = ["morning", "--out", folder.to_str().expect("a path"), "--no-changes", "--output", "json"];
    assert_eq!(json(&done(on(ledger, &words)))["changes"], Value::Null);
}
