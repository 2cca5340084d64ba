//! docs/operations.md, executed: every command of its blocks, in their order, on a ledger of its own. `/srv` and `/mnt`
//! are folders of the test; the moment of the page is one at which its ledger was written.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::talon::{Scratch, code, day, done, err, json, on, out, shell, state_digest};

/// The moment that the page restores to.
const MOMENT: &str = "2026-11-24T18:30:00+01:00";
/// What happens to the ledger at a place of the page.
const SPOIL: &str = "<!-- test: a byte of the journal is flipped -->";

/// What the page has done: its commands, and where something happens.
enum Step {
    Run { command: String, ends_with: i32 },
    Spoil,
}

fn page() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md")).expect("the page")
}

fn steps() -> Vec<Step> {
    let page = page();
    let mut steps = Vec::new();
    let mut in_block = false;
    for line in page.lines().map(str::trim) {
        match line {
            SPOIL => steps.push(Step::Spoil),
            "```sh" => in_block = true,
            "```" => in_block = false,
            line if in_block => {
                let (command, ends_with) = line.split_once(" # ends with ").unwrap_or((line, "0"));
                steps.push(Step::Run { command: command.to_owned(), ends_with: ends_with.parse().expect("a code") });
            }
            _ => {}
        }
    }
    steps
}

fn run(command: &str) -> (i32, String) {
    let output = shell(command).output().expect("a shell");
    (code(&output), out(&output) + &err(&output))
}

fn flip(segment: &Path) {
    let mut bytes = fs::read(segment).expect("the segment");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("records");
    bytes[end - 40] ^= 1;
    fs::write(segment, bytes).expect("room");
}

#[test]
fn every_command_of_the_page_does_what_it_says() {
    let scratch = Scratch::new();
    let (srv, mnt) = (scratch.path("srv"), scratch.path("mnt"));
    fs::create_dir(&srv).expect("a folder");
    fs::write(srv.join("day.jsonl"), day()[..200].join("\n")).expect("room");
    let here = |text: &str| text.replace("/srv", &srv.to_string_lossy()).replace("/mnt", &mnt.to_string_lossy());
    let mut runs = 0;
    for step in steps() {
        match step {
            Step::Spoil => flip(&srv.join("ledger/journal/00000000000000000000.seg")),
            Step::Run { command, ends_with } => {
                let now = if command.contains(MOMENT) { recorded_at(&srv.join("ledger")) } else { String::new() };
                let (code, said) = run(&here(&command).replace(MOMENT, &now));
                assert_eq!(code, ends_with, "{command}\n{said}");
                runs += 1;
            }
        }
    }
    assert!(runs > 25, "{runs} commands were run");
    let whole = scratch.ledger("whole");
    done(on(&whole, &["publish", &srv.join("day.jsonl").to_string_lossy()]));
    for ledger in ["ledger", "ledger.damaged", "restored"] {
        assert_eq!(state_digest(&srv.join(ledger)), state_digest(&whole), "{ledger}");
    }
    assert!(srv.join("until-record").exists() && srv.join("until-moment").exists());
}

#[test]
fn a_manifest_has_the_fields_of_the_page() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on(&ledger, &["backup", &scratch.path("backup").to_string_lossy()]));
    let manifest = fs::read(scratch.path("backup/manifest.json")).expect("the manifest");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("an object");
    let fields: BTreeSet<_> = manifest["backup"].as_object().expect("an object").keys().cloned().collect();
    let page = page();
    let table = page.split("| field of `backup` |").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a table");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(fields, rows.map(str::to_owned).collect());
    assert_eq!(manifest["backup"]["format"], 1);
    for file in manifest["backup"]["files"].as_array().expect("a list") {
        assert!(["name", "bytes", "blake3"].iter().all(|field| !file[field].is_null()), "{file}");
    }
}

/// When the last record of a ledger was written.
fn recorded_at(ledger: &Path) -> String {
    let last = json(&done(on(ledger, &["--output", "json", "tail", "-n", "1"])));
    last["recordedAt"].as_str().expect("a time").to_owned()
}
