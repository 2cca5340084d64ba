//! `docs/events.md` is executed: examples go through the door's checks, tables are held against the schema, and what a
//! table calls required is missed when it is left out.

use std::collections::BTreeSet;

use prost_reflect::DescriptorPool;
use serde_json::Value;
use talon_domain::fact::Kind;
use talon_proto::{DESCRIPTOR_SET, Rule, check_personal, event_from_json, is_ledgers_own, walk};

use crate::checked;

const PAGE: &str = include_str!("../../../docs/events.md");

/// The text below each heading that a table or an example stands under: (title, text).
fn sections() -> Vec<(&'static str, &'static str)> {
    let heads = PAGE.split("\n## ").flat_map(|part| part.split("\n### "));
    heads.skip(1).filter_map(|part| part.split_once('\n')).collect()
}

/// The first example of a section.
fn example(text: &'static str) -> Option<&'static str> {
    Some(text.split_once("```json\n")?.1.split_once("\n```")?.0)
}

/// The rows of a section's table: a field, and whether it is required.
fn rows(text: &'static str) -> Vec<(&'static str, bool)> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    lines.map(|(field, rest)| (field, rest.trim_start().starts_with("yes"))).collect()
}

/// The kinds in the order of the page: (kind, its name, the section).
fn kinds() -> Vec<(Kind, &'static str, &'static str)> {
    let numbered = sections().into_iter().filter_map(|(title, text)| {
        let (number, name) = title.split_once(". ")?;
        Some((Kind(number.parse().ok()?), name, text))
    });
    numbered.collect()
}

/// The kinds that a publisher may state.
fn publishers() -> impl Iterator<Item = (Kind, &'static str, &'static str)> {
    kinds().into_iter().filter(|row| !is_ledgers_own(row.0))
}

/// The first rule that stops an event.
fn stopped_by(line: &str) -> Option<Rule> {
    let mut event = Vec::new();
    if let Err(fault) = event_from_json(line.as_bytes(), &mut event) {
        return Some(fault.rule());
    }
    let checks = walk(&event).and_then(|envelope| {
        envelope.identity()?;
        envelope.stream()?;
        envelope.personal.map_or(Ok(()), check_personal)?;
        checked(&envelope)
    });
    checks.err().map(|fault| fault.rule)
}

#[test]
fn every_kind_has_its_section_and_every_section_its_kind() {
    let listed: BTreeSet<_> = kinds().into_iter().map(|(kind, name, _)| (kind, name)).collect();
    let known: BTreeSet<_> = Kind::KNOWN.iter().map(|&kind| (kind, kind.name())).collect();
    assert_eq!((listed, kinds().len()), (known, Kind::KNOWN.len()));
    for kind in Kind::RESERVED {
        assert!(PAGE.contains(&format!("| {} | {} |", kind.0, kind.name())), "{}", kind.name());
    }
}

#[test]
fn every_example_is_taken() {
    for (kind, name, text) in publishers() {
        let line = example(text).unwrap_or_else(|| panic!("{name} has no example"));
        assert_eq!(stopped_by(line), None, "{name}");
        let mut event = Vec::new();
        event_from_json(line.as_bytes(), &mut event).expect("checked above");
        assert_eq!(walk(&event).expect("checked above").kind, kind);
        assert!(text.contains("**Slot**: ") && text.contains("**Refused**: "), "{name}");
    }
}

#[test]
fn the_table_of_the_envelope_is_what_is_asked_of_one() {
    let (_, text) = sections().into_iter().find(|section| section.0 == "Event").expect("the table");
    let payment: Value =
        serde_json::from_str(example(publishers().next().expect("a kind").2).expect("an example")).expect("JSON");
    for (field, required) in rows(text) {
        let mut without = payment.clone();
        let removed = without.as_object_mut().expect("an object").remove(field);
        let expected = match field {
            "eventId" => Some(Rule::OneId),
            "transactionId" => Some(Rule::FieldStated),
            // The door refuses merchant 0, with a reason of its own.
            "merchant" => None,
            _ if required => Some(Rule::FieldStated),
            _ => None,
        };
        assert!(removed.is_some() || expected.is_none(), "{field}");
        assert_eq!(stopped_by(&without.to_string()), expected, "{field}");
    }
}

#[test]
fn what_a_table_requires_is_missed_and_nothing_else() {
    for (_, name, text) in publishers() {
        let event: Value = serde_json::from_str(example(text).expect("an example")).expect("JSON");
        let member = event.as_object().and_then(|event| event.keys().find(|key| key.eq_ignore_ascii_case(name)));
        let member = member.unwrap_or_else(|| panic!("{name}: the example is another kind")).clone();
        let own = text.split("\n### ").next().expect("a part");
        for (field, required) in rows(own) {
            let mut without = event.clone();
            let removed = without[&member].as_object_mut().and_then(|payload| payload.remove(field));
            let expected = if required { Some(Rule::FieldStated) } else { None };
            assert!(removed.is_some() || !required, "{name}.{field} is required and not in the example");
            assert_eq!(stopped_by(&without.to_string()), expected, "{name}.{field}");
        }
    }
}

#[test]
fn tables_list_the_fields_of_the_schema() {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).expect("the embedded set");
    let mut messages = 0;
    for (title, text) in sections() {
        let name = title.split_once(". ").map_or(title, |(_, name)| name);
        let Some(message) = pool.get_message_by_name(&format!("talon.v1.{name}")) else { continue };
        let mut fields: Vec<_> = message.fields().filter(|field| field.number() < 100).collect();
        fields.sort_by_key(prost_reflect::FieldDescriptor::number);
        let names: Vec<_> = fields.iter().map(|field| field.json_name().to_owned()).collect();
        let listed: Vec<_> = rows(text.split("\n# ").next().expect("a part")).into_iter().map(|row| row.0).collect();
        assert_eq!(listed, names, "{name}");
        messages += 1;
    }
    let ours = pool.all_messages().filter(|message| message.package_name() == "talon.v1");
    let all = ours.filter(|message| message.name() != "LedgerFact").count();
    assert_eq!(messages, all, "a message has no table");
}

#[test]
fn the_list_of_reasons_is_complete() {
    let table = PAGE.split("<!-- made: rules -->").nth(1).and_then(|rest| rest.split("<!-- end -->").next());
    let listed: Vec<_> = table.expect("the table").lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let rules = Rule::ALL.iter().map(|rule| format!("| {} | `{}` | {} |", rule.number(), rule.name(), rule.advice()));
    assert_eq!(listed, rules.collect::<Vec<_>>());
}
