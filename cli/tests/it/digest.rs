//! The same facts give the same state, in whatever order and however often they come.

use crate::talon::{Scratch, day, demo, done, on, on_with, out, state_digest};

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
    let would: serde_json::Value = serde_json::from_str(&would).expect("JSON");
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
