//! Roots and pins: what was pinned still holds as the ledger grows, and a change that mends every checksum is found by
//! nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::talon::{Scratch, code, copy, day, demo, done, err, json, on, on_with, out, state_digest};

mod forger;

/// A ledger with so many events of the day, told in groups of eight.
fn told(scratch: &Scratch, name: &str, events: usize) -> PathBuf {
    let ledger = scratch.ledger(name);
    tell(&ledger, &day()[..events]);
    ledger
}

fn tell(ledger: &Path, lines: &[String]) {
    done(on_with(ledger, &["publish", "--batch", "8", "-"], lines.join("\n").as_bytes()));
}

/// Pins a ledger; the pin's file.
fn pin(scratch: &Scratch, ledger: &Path, name: &str) -> String {
    let file = scratch.path(name).to_string_lossy().into_owned();
    let said = done(on(ledger, &["root", "--out", &file]));
    assert!(out(&said).contains("roots pinned in"), "{}", out(&said));
    file
}

/// Verifies as a script does: the code, and what became of the pins.
fn verified(ledger: &Path, pins: &[&str]) -> (i32, Value) {
    let output = on(ledger, &[&["--output", "json", "verify", "--pin"], pins].concat());
    (code(&output), json(&output))
}

#[test]
fn what_was_pinned_still_holds_as_the_ledger_grows() {
    let scratch = Scratch::new();
    let ledger = told(&scratch, "ledger", 20);
    let early = pin(&scratch, &ledger, "early.json");
    tell(&ledger, &day()[20..60]);
    let late = pin(&scratch, &ledger, "late.json");
    tell(&ledger, &day()[60..80]);
    assert_ne!(fs::read(&early).expect("a pin"), fs::read(&late).expect("a pin"));
    let (exit, said) = verified(&ledger, &[&early, &late]);
    assert_eq!((exit, &said["ok"]), (0, &Value::Bool(true)));
    for (pin, file) in said["pins"].as_array().expect("a list").iter().zip([&early, &late]) {
        assert_eq!((pin["state"].as_str(), pin["file"].as_str()), (Some("kept"), Some(file.as_str())), "{pin}");
    }
    let words = out(&done(on(&ledger, &["verify", "--pin", &early, "--pin", &late])));
    assert_eq!(words.matches("all of it is there, unchanged").count(), 2, "{words}");
    assert_eq!(json(&done(on(&ledger, &["verify", "--output", "json"])))["pins"], Value::Array(Vec::new()));
}

#[test]
fn roots_are_printed_and_pinned_alike_and_need_no_key() {
    let scratch = Scratch::new();
    let ledger = scratch.path("copy");
    copy(&demo().join("ledger/journal"), &ledger.join("journal"));
    let told = json(&done(on(&ledger, &["root", "--output", "json"])));
    let file = pin(&scratch, &ledger, "pin.json");
    let pinned: Value = serde_json::from_slice(&fs::read(&file).expect("a pin")).expect("JSON");
    assert_eq!((&told["ledgerId"], &told["partitions"]), (&pinned["ledger"], &pinned["partitions"]));
    assert_eq!(pinned["talon_pin"], 1);
    let sizes = told["partitions"].as_array().expect("a list").iter().map(|row| row["size"].as_u64());
    let digest = json(&done(on(&ledger, &["digest"])));
    let positions = digest["positions"].as_array().expect("a list").iter().map(Value::as_u64);
    assert!(sizes.eq(positions), "leaf and position are one number");
    let shown = out(&done(on(&ledger, &["root"])));
    let roots = told["partitions"].as_array().expect("a list").iter().map(|row| row["root"].as_str().expect("text"));
    assert!(roots.into_iter().all(|root| shown.contains(root)), "{shown}");
}

/// The reader in Python shares no code with ours: it computes the same roots, and believes the same pins.
#[test]
fn an_auditor_needs_no_talon_to_hold_a_ledger_against_a_pin() {
    let scratch = Scratch::new();
    let ledger = demo().join("ledger");
    let told = json(&done(on(&ledger, &["root", "--output", "json"])));
    let file = pin(&scratch, &ledger, "pin.json");
    let (exit, theirs) = forger::python_reader(&ledger, &["--roots"]);
    let theirs: Vec<Value> = theirs.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((exit, Value::Array(theirs)), (0, told["partitions"].clone()));
    assert_eq!(forger::python_reader(&ledger, &["--pin", &file]).0, 0);
    let root = told["partitions"][0]["root"].as_str().expect("text");
    let other = fs::read_to_string(&file).expect("a pin").replace(root, &"0".repeat(64));
    fs::write(&file, other).expect("room");
    let (exit, said) = forger::python_reader(&ledger, &["--pin", &file]);
    assert_eq!(exit, 4, "{said}");
}

/// The one that pins are for.
#[test]
fn an_amount_that_was_changed_under_mended_checksums_is_found_by_a_pin_alone() {
    let scratch = Scratch::new();
    let ledger = scratch.path("ledger");
    forger::in_small_segments(&demo().join("ledger"), &ledger);
    let honest = state_digest(&ledger);
    assert_eq!(honest, state_digest(&demo().join("ledger")), "the same records in other segments");
    let kept = pin(&scratch, &ledger, "pin.json");
    assert_eq!(verified(&ledger, &[&kept]).0, 0);

    let forged = forger::forge_an_amount(&ledger.join("journal"));
    assert!(forged.segments > 2, "every link between segments had to be mended");
    let without = done(on(&ledger, &["verify"]));
    assert!(out(&without).contains("all is well"), "{}", out(&without));
    assert_eq!(forger::python_reader(&ledger, &["--summary"]).0, 0, "nor does the second reader see it");
    assert_ne!(state_digest(&ledger), honest, "and the books say something else");

    let (exit, said) = verified(&ledger, &[&kept]);
    assert_eq!((exit, &said["ok"], &said["damage"]), (4, &Value::Bool(false), &Value::Array(Vec::new())));
    let found = &said["pins"][0];
    assert_eq!((found["state"].as_str(), found["partition"].as_u64()), (Some("differs"), Some(forged.partition)));
    assert!(found["size"].as_u64() > Some(forged.position), "{found}");
    let words = on(&ledger, &["verify", "--pin", &kept]);
    let place = format!("partition {}: a record is not the one that was pinned", forged.partition);
    assert!(code(&words) == 4 && out(&words).contains(&place), "{}", out(&words));
    assert_eq!(forger::python_reader(&ledger, &["--pin", &kept]).0, 4);
    // Who pins after the change pins the change: when a pin was taken, and where it was kept, is what it is worth.
    let late = pin(&scratch, &ledger, "late.json");
    let (exit, said) = verified(&ledger, &[&late, &kept]);
    let states: Vec<_> = said["pins"].as_array().expect("a list").iter().map(|pin| pin["state"].as_str()).collect();
    assert_eq!((exit, states), (4, vec![Some("kept"), Some("differs")]));
}

#[test]
fn a_ledger_that_lost_what_it_acknowledged_is_behind_its_pin() {
    let scratch = Scratch::new();
    let ledger = told(&scratch, "ledger", 40);
    let early = scratch.path("early");
    copy(&ledger, &early);
    tell(&ledger, &day()[40..80]);
    let kept = pin(&scratch, &ledger, "pin.json");
    done(on(&early, &["verify"]));
    let (exit, said) = verified(&early, &[&kept]);
    let found = &said["pins"][0];
    assert_eq!((exit, &found["state"]), (4, &Value::from("beyond")), "{said}");
    let partition = usize::try_from(found["partition"].as_u64().expect("a number")).expect("small");
    assert!(found["size"].as_u64() > said["positions"][partition].as_u64(), "{said}");
    let words = on(&early, &["verify", "--pin", &kept]);
    assert!(out(&words).contains("records were pinned, and the ledger holds"), "{}", out(&words));
}

#[test]
fn a_pin_is_not_believed_on_damaged_bytes() {
    let scratch = Scratch::new();
    let ledger = told(&scratch, "ledger", 40);
    let kept = pin(&scratch, &ledger, "pin.json");
    let segment = ledger.join("journal/00000000000000000000.seg");
    let mut bytes = fs::read(&segment).expect("the segment");
    bytes[4_096 + 200] ^= 1;
    fs::write(&segment, bytes).expect("room");
    let (exit, said) = verified(&ledger, &[&kept]);
    assert_eq!((exit, &said["pins"][0]["state"]), (4, &Value::from("not_checked")), "{said}");
    assert!(!said["damage"].as_array().expect("a list").is_empty());
    assert_eq!(code(&on(&ledger, &["root"])), 4, "nor are roots made of them");
}

#[test]
fn what_is_no_pin_of_this_ledger_is_a_mistake_and_no_damage() {
    let scratch = Scratch::new();
    let ledger = told(&scratch, "ledger", 8);
    let strange = pin(&scratch, &demo().join("ledger"), "strange.json");
    let own = pin(&scratch, &ledger, "own.json");
    let written = |name: &str, bytes: &[u8]| {
        fs::write(scratch.path(name), bytes).expect("room");
        scratch.path(name).to_string_lossy().into_owned()
    };
    let (own_bytes, large) = (fs::read(&own).expect("a pin"), vec![b' '; 70_000]);
    for (file, says) in [
        (strange, "is a pin of ledger"),
        (written("cut.json", &own_bytes[..own_bytes.len() / 2]), "pin_must_be_json"),
        (written("large.json", &large), "pin_must_be_small"),
        (written("other.json", b"{\"type\":\"root\"}"), "pin_form_must_be_known"),
        (scratch.path("nowhere.json").to_string_lossy().into_owned(), "cannot be read"),
    ] {
        let refused = on(&ledger, &["verify", "--pin", &own, &file]);
        assert_eq!((code(&refused), out(&refused).as_str()), (2, ""), "{file}");
        assert!(err(&refused).contains(says) && err(&refused).contains(&file), "{}", err(&refused));
    }
}

#[test]
fn a_pin_is_never_overwritten_and_lies_outside_the_ledger() {
    let scratch = Scratch::new();
    let ledger = told(&scratch, "ledger", 8);
    let own = pin(&scratch, &ledger, "own.json");
    let before = fs::read(&own).expect("a pin");
    let inside = ledger.join("journal/pin.json");
    for (file, says) in [(own.as_str(), "never overwritten"), (&inside.to_string_lossy(), "kept elsewhere")] {
        let refused = on(&ledger, &["root", "--out", file]);
        assert_eq!(code(&refused), 2, "{}", out(&refused));
        assert!(err(&refused).contains(says), "{}", err(&refused));
    }
    assert_eq!(fs::read(&own).expect("a pin"), before);
    assert!(!inside.exists());
}

/// The table of docs/format.md, section 12: a pin has its fields and no others.
#[test]
fn a_pin_has_the_fields_of_the_page() {
    let scratch = Scratch::new();
    let file = pin(&scratch, &demo().join("ledger"), "pin.json");
    let pinned: Value = serde_json::from_slice(&fs::read(&file).expect("a pin")).expect("JSON");
    let names = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<BTreeSet<_>>();
    let entries = names(&pinned["partitions"][0]).into_iter().map(|name| format!("partitions[].{name}"));
    let fields: BTreeSet<_> = names(&pinned).into_iter().chain(entries).collect();
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/format.md")).expect("the page");
    let table = page.split("<!-- table: pin -->").nth(1).and_then(|rest| rest.split("<!-- end -->").next());
    let rows = table.expect("a table").lines().skip(3).filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    assert_eq!(fields, rows.map(str::to_owned).collect());
}
