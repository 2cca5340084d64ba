//! docs/views.md, executed: every command of its blocks answers, and every column that it tells of is one of an answer of
//! its section, or a name of the domain's; every such name has a row.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;
use talon_domain::open::OpenReason;
use talon_projections::days::Measure;
use talon_projections::instalments::Course;
use talon_projections::settlement::Status;

use crate::clocked::clocked;
use crate::talon::{done, json, on};

/// A section: its commands, and the names in the first column of its tables.
#[derive(Default)]
struct Section {
    commands: Vec<String>,
    names: BTreeSet<String>,
}

fn sections() -> BTreeMap<String, Section> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/views.md")).expect("the page");
    let mut sections = BTreeMap::new();
    for text in page.split("\n## ").skip(1) {
        let (name, body) = text.split_once('\n').expect("a heading");
        let mut section = Section::default();
        for line in body.lines() {
            section.commands.extend(line.strip_prefix("talon ").map(str::to_owned));
            let first = line.strip_prefix("| `").and_then(|rest| rest.split(" |").next());
            let names = first.into_iter().flat_map(|cell| cell.split(", "));
            section.names.extend(names.map(|name| name.trim_matches('`').to_owned()));
        }
        sections.insert(name.to_owned(), section);
    }
    sections
}

/// The names of all fields of an answer, each also below the one that holds it: `expected.gross`.
fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields_of) => {
            for (name, field) in fields_of {
                found.insert(name.clone());
                let below = field.as_object().into_iter().flat_map(|below| below.keys());
                found.extend(below.map(|below| format!("{name}.{below}")));
                fields(field, found);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| fields(entry, found)),
        _ => {}
    }
}

/// The names of the domain that a section has to explain, each with a row.
fn spoken(section: &str) -> BTreeSet<String> {
    let owned = |names: &mut dyn Iterator<Item = &'static str>| names.map(str::to_owned).collect();
    match section {
        "days" => Measure::all().map(Measure::name).collect(),
        "settlement" => owned(&mut Status::ALL.into_iter().map(Status::name)),
        "instalments" => owned(&mut Course::ALL.into_iter().map(Course::name)),
        "open_items" => owned(&mut OpenReason::ALL.into_iter().map(OpenReason::name)),
        _ => BTreeSet::new(),
    }
}

#[test]
fn every_command_answers_and_every_column_is_there() {
    let sections = sections();
    let named =
        ["anomalies", "days", "instalments", "open_items", "registry", "settlement", "terminals", "transactions"];
    assert_eq!(sections.keys().map(String::as_str).collect::<Vec<_>>(), named);
    for (name, section) in &sections {
        assert!(!section.commands.is_empty(), "{name} names no command");
        let mut known = spoken(name);
        let unsaid: Vec<_> = known.difference(&section.names).collect();
        assert!(unsaid.is_empty(), "{name}: no row for {unsaid:?}");
        for command in &section.commands {
            let args: Vec<_> = ["--output", "json"].into_iter().chain(command.split_whitespace()).collect();
            fields(&json(&done(on(clocked(), &args))), &mut known);
        }
        let unknown: Vec<_> = section.names.difference(&known).collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?} is in no answer");
    }
}
