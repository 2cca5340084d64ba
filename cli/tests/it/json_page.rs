//! `docs/json.md`, executed: every object that the commands answer with has the fields of the page, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::talon::{Scratch, code, copy, demo, done, err, on, on_with, out, talon};

/// What no command makes on purpose: a journal that was written by somebody else, and what no process writes yet.
const SELDOM: [&str; 16] = [
    "findings[].partition",
    "findings[].position",
    "findings[].oddity",
    "findings[].damage",
    "void[].partition",
    "void[].eventId",
    "void[].kind",
    "void[].reason",
    "incompleteBulks[].partition",
    "incompleteBulks[].bulkId",
    "incompleteBulks[].name",
    "records[].partition",
    "records[].position",
    "records[].reason",
    "records[].release",
    "withoutDevices",
];
/// Has a form of its own: an event's.
const OPAQUE: &str = "payload";

type Shapes = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_object_has_the_documented_fields_and_no_others() {
    let (documented, found) = (documented(), found());
    for (name, fields) in &documented {
        let made = if name == "foreign" { fields } else { found.get(name).unwrap_or_else(|| panic!("no {name}")) };
        let missing: Vec<_> = fields.difference(made).filter(|field| !SELDOM.contains(&field.as_str())).collect();
        let unsaid: Vec<_> = made.difference(fields).collect();
        assert!(missing.is_empty() && unsaid.is_empty(), "{name}: missing {missing:?}, not documented {unsaid:?}");
    }
    assert!(found.keys().all(|name| documented.contains_key(name)), "{:?}", found.keys());
}

/// The page: a heading for each type, a row for each field.
fn documented() -> Shapes {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/json.md")).expect("the page");
    let mut shapes = Shapes::new();
    for section in page.split("\n## `").skip(1) {
        let (name, body) = section.split_once('`').expect("a heading");
        let fields = body.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        shapes.insert(name.to_owned(), fields.map(str::to_owned).collect());
    }
    shapes
}

fn found() -> Shapes {
    let scratch = Scratch::new();
    let mut shapes = Shapes::new();
    let mut take = |output: &Output| {
        for line in (out(output) + &err(output)).lines() {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            let name = value["type"].as_str().unwrap_or_else(|| panic!("no type: {line}")).to_owned();
            let mut fields = BTreeSet::new();
            walk("", &value, &mut fields);
            shapes.entry(name).or_default().append(&mut fields);
            for payment in value["transactions"].as_array().into_iter().flatten() {
                let fields = shapes.entry("payment".into()).or_default();
                walk("", payment, fields);
            }
        }
    };
    readings(&mut take);
    crate::views::scripts().iter().for_each(|args| take(&done(json(crate::clocked::clocked(), args))));
    publications(&scratch, &mut take);
    erasure(&scratch, &mut take);
    statements(&scratch, &mut take);
    making(&scratch, &mut take);
    let (ledger, books) = (demo().join("ledger"), scratch.path("books"));
    let words = ["export", "day", "2026-11-24", "--roots", "--out", books.to_str().expect("a path")];
    take(&done(json(&ledger, &words)));
    let (from, to) = (demo().join("ledger"), scratch.path("copied"));
    let words = ["copy", "--from", from.to_str().expect("a path"), "--to", to.to_str().expect("a path")];
    take(&done(json(&from, &words)));
    registry(&scratch, &mut take);
    backup(&scratch, &mut take);
    damage(&scratch, &mut take);
    shapes
}

/// The paths to every value: `plan.instalments[].number`. An empty list or a null is a path of its own; a list of which
/// entries are seen is named by their fields.
fn walk(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) if path != OPAQUE => {
            if !path.is_empty() && !path.ends_with("[]") && !is_amount(fields) {
                found.insert(path.to_owned());
            }
            for (name, field) in fields {
                walk(&if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, field, found);
            }
        }
        Value::Array(entries) if entries.iter().any(Value::is_object) && path != "transactions" => {
            entries.iter().for_each(|entry| walk(&format!("{path}[]"), entry, found));
        }
        Value::Array(entries) if entries.is_empty() && path != "transactions" => {} // named by the fields of its entries
        _ => {
            found.insert(path.to_owned());
        }
    }
}

/// An amount inside a list's entry is named by its two fields; a nullable one has a row of its own too.
fn is_amount(fields: &serde_json::Map<String, Value>) -> bool {
    fields.len() == 2 && fields.contains_key("minorUnits") && fields.contains_key("currency")
}

fn json(ledger: &Path, args: &[&str]) -> Output {
    on(ledger, &[&["--output", "json"], args].concat())
}

/// A page of a provider's account: a payout that is not its lines, a field that nobody knows, an object without its time.
fn statements(scratch: &Scratch, take: &mut dyn FnMut(&Output)) {
    let ledger = scratch.ledger("statements");
    let file = scratch.path("balance.json");
    let objects = r#"[
        {"id": "a", "amount": 10, "kind": "from_transaction", "included_in_payout_id": "p", "created": 1764230400, "x": 1},
        {"id": "b", "amount": -9, "kind": "from_payout", "payout_id": "p", "created": 1764230400},
        {"id": "c", "amount": 1, "kind": "from_adjustment"}]"#;
    fs::write(&file, objects).expect("room");
    take(&json(&ledger, &["import", "alma", file.to_str().expect("a path"), "--merchant", "732829320"]));
    let morning = scratch.path("morning");
    done(talon().args(["demo", "--dir"]).arg(&morning).output().expect("the command runs"));
    let (ledger, merchant) = (morning.join("ledger"), "123456782");
    let file = morning.join(format!("alma-{merchant}.json"));
    json(&ledger, &["import", "alma", file.to_str().expect("a path"), "--merchant", merchant]);
    take(&done(json(&ledger, &["settlement", merchant, "--at", "2026-12-10T09:00"])));
    noted(&ledger, scratch, take);
}

/// The list of a morning, two notes on it, and the page.
fn noted(ledger: &Path, scratch: &Scratch, take: &mut dyn FnMut(&Output)) {
    let listed = crate::talon::json(&done(json(ledger, &["note", "list"])));
    let item = listed["items"][0]["item"].as_str().expect("an item");
    let words = ["note", "add", item, "waiting", "--as", "c7", "--to", "c9", "--until", "2026-11-30", "--text", "x"];
    take(&done(json(ledger, &words)));
    take(&done(json(ledger, &["note", "list"])));
    let folder = scratch.path("pages");
    take(&done(json(ledger, &["morning", "--out", folder.to_str().expect("a path")])));
}

fn json_with(ledger: &Path, args: &[&str], input: &str) -> Output {
    on_with(ledger, &[&["--output", "json"], args].concat(), input.as_bytes())
}

fn readings(take: &mut dyn FnMut(&Output)) {
    let ledger = demo().join("ledger");
    for args in [
        &["transactions"][..],
        &["anomalies"],
        &["tail", "-n", "100000"],
        &["export", "facts"],
        &["digest"],
        &["digest", "--views"],
        &["verify"],
        &["stat"],
        &["doctor"],
    ] {
        take(&done(json(&ledger, args)));
    }
    let listed = crate::talon::json(&done(json(&ledger, &["transactions", "--status", "in_progress"])));
    let id = listed["transactions"][0]["transactionId"].as_str().expect("an id").to_owned();
    assert_eq!(listed["transactions"][0]["status"], "in_progress", "what is printed can be typed");
    take(&done(json(&ledger, &["transaction", &id])));
    let told = crate::talon::json(&done(json(&ledger, &["transactions", "--status", "collected"])));
    for payment in told["transactions"].as_array().expect("a list") {
        take(&done(json(&ledger, &["history", payment["transactionId"].as_str().expect("an id")])));
    }
}

fn publications(scratch: &Scratch, take: &mut dyn FnMut(&Output)) {
    let ledger = scratch.ledger("published");
    let lines: Vec<_> = crate::talon::day().into_iter().take(60).collect();
    let file = format!("{}\n{}\nno event\n", lines.join("\n"), lines[0]);
    take(&json_with(&ledger, &["publish", "--check", "--batch", "7", "-"], &file));
    let published = json_with(&ledger, &["publish", "--batch", "8", "-"], &file);
    assert_eq!(code(&published), 3);
    take(&published);
    take(&done(json(&ledger, &["project"])));
    take(&done(json(&ledger, &["aside", "list"])));
    take(&done(json(&ledger, &["lag"])));
    fs::rename(scratch.path("published.key"), scratch.path("elsewhere.key")).expect("a rename");
    let person = crate::talon::day().into_iter().skip(60).find(|line| line.contains("personal")).expect("a person");
    let untaken = json_with(&ledger, &["publish", "-"], &person);
    assert_eq!((code(&untaken), out(&untaken).contains(r#""outcome":"not_appended""#)), (1, true), "{}", err(&untaken));
    take(&untaken);
}

fn erasure(scratch: &Scratch, take: &mut dyn FnMut(&Output)) {
    let ledger = scratch.ledger("erased");
    done(on_with(&ledger, &["publish", "-"], crate::keys::PERSON.as_bytes()));
    take(&done(json(&ledger, &["erase", "019ab9f4-d500-7aaa-8bbb-0102030405bb", "--as", "dpo-2"])));
}

fn making(scratch: &Scratch, take: &mut dyn FnMut(&Output)) {
    let run = |args: &[&str]| talon().args(["--output", "json"]).args(args).output().expect("the command runs");
    let path = |name: &str| scratch.path(name).to_string_lossy().into_owned();
    take(&done(run(&["init", &path("made")])));
    take(&done(run(&["demo", "--dir", &path("demo")])));
    take(&done(json(&scratch.path("made"), &["key", "rotate", "--as", "op-7"])));
    let sheet = out(&done(on(&scratch.path("made"), &["key", "recovery"])));
    fs::rename(scratch.path("made.key"), scratch.path("inside.key")).expect("a rename");
    take(&done(json_with(&scratch.path("made"), &["key", "restore"], &sheet)));
    for (args, exit) in [
        (&["digest", "--ledger", &path("nowhere")][..], 2),
        (&["publis"], 2),
        (&["receipt", "--ledger", &path("made"), "019ab9f4-d500-7aaa-8bbb-0102030405bb", "--kind", "t2"], 1),
    ] {
        let failed = run(args);
        let said: Value = serde_json::from_str(&err(&failed)).expect("one object");
        assert_eq!((code(&failed), said["exit"].as_i64(), out(&failed).as_str()), (exit, Some(exit.into()), ""));
        take(&failed);
    }
}

fn registry(scratch: &Scratch, take: &mut dyn FnMut(&Output)) {
    let ledger = scratch.ledger("registered");
    crate::terminals::story(&ledger);
    let by = ["--as", "op-7", "--reason", "a test"];
    let park = [
        "type,merchant,plan,provider,installments,merchant_fee_fixed,purchase_least,purchase_most",
        "fee_plan,732829320,a3,alma,3,0.25,50,3000",
        "fee_plan,732829320,a4,alma,4,,,",
        "fee_plan,732829320,a5,alma,65,,,",
    ];
    take(&json_with(&ledger, &[&["registry", "import", "-"][..], &by].concat(), &park.join("\n")));
    let run = |args: &[&str], exit: i32| {
        let output = json(&ledger, &[args, &by].concat());
        assert_eq!(code(&output), exit, "{args:?} {}", out(&output));
        output
    };
    take(&run(&["shop", "add", "PAR1", "--merchant", "732829320", "--nic", "74 82@2026-12-01"], 0));
    take(&run(&["calendar", "add", "TARGET", "2026"], 0));
    take(&run(&["calendar", "add", "TARGET", "2031"], 3));
    for what in ["merchant", "shop", "terminal", "fee-plan", "calendar"] {
        take(&done(json(&ledger, &[what, "list"])));
    }
    take(&done(json(&ledger, &["terminals", "--at", "2026-11-25"])));
}

fn backup(scratch: &Scratch, take: &mut dyn FnMut(&Output)) {
    let path = |name: &str| scratch.path(name).to_string_lossy().into_owned();
    take(&done(json(&scratch.path("published"), &["backup", &path("kept.tar")])));
    let pin = path("pin.json");
    take(&done(json(&scratch.path("published"), &["root", "--out", &pin])));
    take(&done(json(&scratch.path("published"), &["verify", "--pin", &pin])));
    take(&done(json(Path::new("none"), &["restore", &path("kept.tar"), "--to", &path("restored"), "--as", "op-7"])));
}

fn damage(scratch: &Scratch, take: &mut dyn FnMut(&Output)) {
    let spoil = |name: &str, with: &dyn Fn(&mut Vec<u8>, usize)| {
        let ledger = scratch.path(name);
        copy(&scratch.path("published"), &ledger);
        let segment = ledger.join("journal/00000000000000000000.seg");
        let mut bytes = fs::read(&segment).expect("the segment");
        let end = bytes.iter().rposition(|byte| *byte != 0).expect("records") + 1;
        with(&mut bytes, end);
        fs::write(&segment, bytes).expect("the segment");
        ledger
    };
    let damaged = spoil("damaged", &|bytes, end| bytes[end - 40] ^= 1);
    let verified = json(&damaged, &["verify"]);
    assert_eq!(code(&verified), 4);
    take(&verified);
    take(&done(json(&damaged, &["repair", "--cut-after", "70", "--as", "op-7"])));
    take(&done(json(&damaged, &["stat"])));
    // A power cut: the group's last sector never came, nor the mark that would vouch for it.
    let torn = spoil("torn", &|bytes, end| bytes[(end - 1) / 512 * 512..end].fill(0));
    fs::remove_file(torn.join("journal/durable")).expect("the mark");
    take(&done(json(&torn, &["verify"])));
    // A copy whose key does not fit: what is shown is masked, and a remark says why.
    fs::copy(scratch.path("made.key"), scratch.path("torn.key")).expect("a key");
    let listed = crate::talon::json(&done(json(&torn, &["transactions"])));
    let any = listed["transactions"].as_array().expect("a list").iter();
    let ids = any.map(|payment| payment["transactionId"].as_str().expect("an id"));
    let papers = ids.flat_map(|id| ["t1", "t2"].map(|kind| (id, kind)));
    let remark = papers.map(|(id, kind)| json(&torn, &["receipt", id, "--kind", kind])).find(|paper| code(paper) == 0);
    let mut remark = remark.expect("a ticket");
    remark.stdout.clear(); // the paper itself is text
    take(&remark);
}
