//! The same facts give the same state, in whatever order and however often they come.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::talon::{Scratch, day, demo, done, json, on, on_with, out, state_digest, talon};

/// Shuffles without a library: a fixed seed is all that is needed here.
fn shuffled(mut lines: Vec<String>, mut seed: u64) -> Vec<String> {
    for at in (1..lines.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        lines.swap(at, usize::try_from(seed >> 33).expect("31 bits") % (at + 1));
    }
    lines
}

#[test]
fn a_day_gives_one_digest_in_its_order_reversed_shuffled_and_doubled() {
    let scratch = Scratch::new();
    let expected = state_digest(&demo().join("ledger"));
    let mut reversed = day();
    reversed.reverse();
    let doubled = day().into_iter().flat_map(|line| [line.clone(), line]).collect();
    for (name, lines) in
        [("order", day()), ("reversed", reversed), ("shuffled", shuffled(day(), 42)), ("doubled", doubled)]
    {
        let ledger = scratch.ledger(name);
        done(on_with(&ledger, &["publish", "-"], lines.join("\n").as_bytes()));
        assert_eq!(state_digest(&ledger), expected, "{name}");
        let again = done(on_with(&ledger, &["publish", "-"], lines.join("\n").as_bytes()));
        assert!(out(&again).starts_with("0 appended"), "{name}: {}", out(&again));
        done(on(&ledger, &["verify"]));
    }
}

#[test]
fn what_is_dumped_gives_the_same_digest_elsewhere_with_and_without_the_key() {
    let scratch = Scratch::new();
    let source = demo().join("ledger");
    for (name, args) in [("closed", &["dump"][..]), ("open", &["dump", "--open"])] {
        let dump = done(on(&source, args)).stdout;
        assert_eq!(String::from_utf8_lossy(&dump).contains("\"personal\""), name == "open");
        let target = scratch.ledger(name);
        done(on_with(&target, &["publish", "-"], &dump));
        assert_eq!(state_digest(&target), state_digest(&source), "{name}");
    }
}

#[test]
fn a_check_appends_nothing_and_says_what_would_become() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let before = state_digest(&ledger);
    let lines = day();
    let check = done(on_with(&ledger, &["publish", "--check", "-"], lines.join("\n").as_bytes()));
    assert!(out(&check).contains("would be appended") && out(&check).contains("collected"), "{}", out(&check));
    assert_eq!(state_digest(&ledger), before);
    let check = done(on_with(&ledger, &["publish", "--check", "--output", "json", "-"], lines.join("\n").as_bytes()));
    let would = out(&check).lines().last().expect("a line").to_owned();
    let would: Value = serde_json::from_str(&would).expect("JSON");
    done(on_with(&ledger, &["publish", "-"], lines.join("\n").as_bytes()));
    let facts = out(&done(on(&ledger, &["dump"]))).lines().count();
    assert_eq!(would["wouldAppend"], facts);
}

#[test]
fn protobuf_and_json_are_one_history() {
    use prost::Message as _;
    let scratch = Scratch::new();
    let mut bytes = Vec::new();
    for line in day() {
        let mut event = Vec::new();
        talon_proto::event_from_json(line.as_bytes(), &mut event).expect("an event");
        talon_proto::wire::Event::decode(event.as_slice())
            .expect("an event")
            .encode_length_delimited(&mut bytes)
            .expect("room");
    }
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "--format", "protobuf", "-"], &bytes));
    assert_eq!(state_digest(&ledger), state_digest(&demo().join("ledger")));
    let again = done(on_with(&ledger, &["publish", "-"], day().join("\n").as_bytes()));
    assert!(out(&again).starts_with("0 appended"), "{}", out(&again));
}

/// Views by their names, with their digests.
fn of_views(ledger: &Path, args: &[&str]) -> Value {
    let told = json(&done(on(ledger, &[&["--output", "json", "digest", "--views"], args].concat())));
    assert!(told["views"].as_array().is_some_and(|views| views.len() > 5), "{told}");
    told
}

#[test]
fn views_that_are_thrown_away_come_back_with_the_same_digests() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let lines = day();
    done(on_with(&ledger, &["publish", "-"], lines[..600].join("\n").as_bytes()));
    let before = of_views(&ledger, &[]);
    assert!(before["views"].as_array().expect("views").iter().any(|view| view["rows"].as_u64() > Some(100)));
    fs::remove_dir_all(ledger.join("views")).expect("they were kept");
    done(on(&ledger, &["project"]));
    assert_eq!(of_views(&ledger, &[]), before);

    // What is published later is in the digests, and as of the positions that were told it is not.
    done(on_with(&ledger, &["publish", "-"], lines[600..900].join("\n").as_bytes()));
    let (after, then) = (of_views(&ledger, &[]), before["as_of"]["positions"].as_str().expect("a vector"));
    assert_ne!(after["views"], before["views"]);
    assert_eq!(of_views(&ledger, &["--as-of", then]), before);
    let told = out(&done(on(&ledger, &["digest", "--views"])));
    let of_days = after["views"][1]["digest"].as_str().expect("a digest");
    let vector = after["as_of"]["positions"].as_str().expect("a vector");
    assert!(told.contains(of_days) && told.contains(&format!("at the positions {vector}")), "{told}");
}

#[test]
fn all_views_but_the_one_with_phones_are_the_same_on_every_ledger() {
    let scratch = Scratch::new();
    let played = talon().args(["--output", "json", "demo", "--dir"]).arg(scratch.path("demo")).output();
    let second = json(&done(played.expect("the command runs")));
    let first = of_views(&demo().join("ledger"), &[]);
    let [first, second] = [&first, &second].map(|told| told["views"].as_array().expect("views"));
    let differing = first.iter().zip(second).filter(|(one, other)| one != other).map(|(one, _)| &one["view"]);
    assert_eq!(differing.collect::<Vec<_>>(), ["transactions"]);
}
