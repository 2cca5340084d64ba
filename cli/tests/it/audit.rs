//! What an auditor does without us: the Python reader, and a search for what must not be there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::talon::{day, demo, done, files, json, on, out};

fn reader(args: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../dev/reader/talon_reader.py");
    let output = Command::new("python3").arg(script).arg(demo().join("ledger")).args(args).output();
    out(&done(output.expect("python3 is installed: the gate needs it")))
}

#[test]
fn a_reader_that_shares_no_code_finds_the_same_records_and_the_same_money() {
    let records: Vec<Value> = reader(&[]).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let own = done(on(&demo().join("ledger"), &["tail", "-n", "1000000", "--output", "json"]));
    let own: Vec<Value> = out(&own).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(records.len(), own.len());
    for (theirs, ours) in records.iter().zip(&own) {
        for (their_name, our_name) in [
            ("partition", "partition"),
            ("position", "position"),
            ("kind", "kind"),
            ("name", "name"),
            ("merchant", "merchant"),
            ("shop", "shop"),
            ("terminal", "terminal"),
            ("terminal_seq", "terminalSeq"),
            ("principal", "principal"),
            ("event_id", "eventId"),
            ("stream_id", "streamId"),
        ] {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(text(&theirs[their_name]), text(&ours[our_name]), "{theirs} {ours}");
        }
    }

    let summary: Value = serde_json::from_str(&reader(&["--summary"])).expect("JSON");
    let listed = json(&done(on(&demo().join("ledger"), &["transactions", "--output", "json"])));
    let (mut debited, mut refunded) = (0u64, 0u64);
    for payment in listed["transactions"].as_array().expect("a list").iter().filter(|p| p["training"] == false) {
        debited += ["collected", "suspense"].map(|name| minor_units(&payment[name])).iter().sum::<u64>();
        refunded += minor_units(&payment["refunded"]);
    }
    // The naive reader counts a debit that two mouths told, with and without an id, twice; the fold does not.
    let twice_told: u64 = listed["transactions"].as_array().expect("a list").iter().map(told_twice).sum();
    assert_eq!(summary["debited"]["EUR"].as_u64(), Some(debited + twice_told));
    assert!(refunded > 0);
    assert_eq!(summary["refunded"]["EUR"].as_u64(), Some(refunded));
}

fn minor_units(sums: &Value) -> u64 {
    let amounts = sums.as_array().expect("sums").iter();
    amounts.map(|sum| sum["minorUnits"].as_str().expect("text").parse::<u64>().expect("a number")).sum()
}

/// Money that was told once with an id and once without.
fn told_twice(payment: &Value) -> u64 {
    let mouths = |slot: &str| {
        let moment = payment["timeline"].as_array().expect("moments").iter().find(|moment| moment["slot"] == slot);
        moment.and_then(|moment| moment["witnesses"].as_u64()).unwrap_or(0)
    };
    let debits = payment["debits"].as_array().expect("debits").iter();
    debits
        .filter(|debit| debit["debitId"].as_str().is_some_and(|id| mouths(&format!("debit({id})")) == 2))
        .map(|debit| debit["amount"]["minorUnits"].as_str().expect("text").parse::<u64>().expect("a number"))
        .sum()
}

#[test]
fn nobody_can_be_found_in_any_file_of_the_ledger() {
    let mut secrets = Vec::new();
    for line in day() {
        let event: Value = serde_json::from_str(&line).expect("JSON");
        let personal = event["personal"].as_object().into_iter().flatten();
        secrets.extend(personal.filter_map(|(_, value)| value.as_str().map(str::to_owned)));
    }
    secrets.sort();
    secrets.dedup();
    assert!(secrets.len() > 300, "{} values", secrets.len());
    let short: Vec<String> = secrets.iter().filter(|s| s.starts_with('+')).map(|s| s[3..].to_owned()).collect();
    secrets.extend(short); // a number without its country
    let people = People::new(&secrets);
    let mut searched = 0;
    for path in files(&demo().join("ledger")) {
        let bytes = fs::read(&path).expect("a file");
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
        searched += end;
        assert!(people.found_in(&bytes[..end]).is_empty(), "{} holds a person", path.display());
    }
    assert!(searched > 100_000);
    assert!(demo().join("ledger/views/db").exists(), "the views were among them");
    // The search finds what is there: the same values stand in the file that was published.
    let published = fs::read(demo().join("day.jsonl")).expect("the day");
    assert_eq!(people.found_in(&published), secrets.iter().map(String::as_bytes).collect());
}

/// Values to look for, by their first two bytes.
struct People<'s>(BTreeMap<Vec<u8>, Vec<&'s [u8]>>);

impl<'s> People<'s> {
    fn new(secrets: &'s [String]) -> Self {
        let mut by_start: BTreeMap<Vec<u8>, Vec<&[u8]>> = BTreeMap::new();
        for secret in secrets {
            let bytes = secret.as_bytes();
            by_start.entry(bytes[..2].to_vec()).or_default().push(bytes);
        }
        Self(by_start)
    }

    fn found_in(&self, bytes: &[u8]) -> BTreeSet<&'s [u8]> {
        let starts = bytes.windows(2).enumerate().filter_map(|(at, start)| Some((at, self.0.get(start)?)));
        let here = |(at, all): (usize, &Vec<&'s [u8]>)| {
            all.iter().copied().filter(|secret| bytes[at..].starts_with(secret)).collect::<Vec<_>>()
        };
        starts.flat_map(here).collect()
    }
}
