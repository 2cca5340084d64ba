//! What is published about the topics is enough for others: a consumer in Python reads the journal by the published schema,
//! record for record as Talon does; and the page of the topics has the code's own numbers. The consumer needs the gate's
//! tools (`cargo xtask setup`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use talon_kafka::Role;
use talon_testkit::kafka;

use crate::talon::{Scratch, done, out, talon};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// One of the gate's tools; `None` where they were not set up, which is a failure in `CI`.
fn tool(name: &str) -> Option<Command> {
    let path = root().join(".tools/venv/bin").join(name);
    if path.exists() {
        return Some(Command::new(path));
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} is missing: cargo xtask setup");
    None
}

fn lines(output: &Output) -> BTreeMap<(u64, u64), Value> {
    let line = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("json");
        ((value["partition"].as_u64().expect("a number"), value["position"].as_u64().expect("a number")), value)
    };
    out(output).lines().map(line).collect()
}

#[test]
fn a_consumer_in_python_reads_by_the_published_schema_what_talon_reads() {
    let (Some(servers), Some(mut buf), Some(mut python)) = (kafka::servers(), tool("buf"), tool("python")) else {
        return;
    };
    let scratch = Scratch::new();
    let topic = format!("published.{}", std::process::id());
    let (url, state) = (format!("kafka://{servers}/{topic}"), scratch.path("state"));
    let state = state.to_str().expect("a path");
    done(talon().args(["init", &url, "--state", state]).output().expect("talon runs"));
    let ledger = ["--ledger", &url, "--state", state];
    let on_kafka = |words: &[&str]| done(talon().args(ledger).args(words).output().expect("talon runs"));
    let file = crate::talon::demo().join("day.jsonl");
    on_kafka(&["publish", file.to_str().expect("a path")]);
    on_kafka(&["calendar", "add", "TARGET", "2026", "--as", "op-7", "--reason", "new year"]);
    let expected = lines(&on_kafka(&["tail", "-n", "1000000", "--output", "json"]));

    let schema = scratch.path("schema.binpb");
    done(buf.arg("build").arg(root().join("proto")).arg("-o").arg(&schema).output().expect("buf runs"));
    let script = root().join("dev/reader/talon_kafka.py");
    python.arg(script).args(["--servers", servers, "--topic", &topic, "--schema"]).arg(&schema);
    let read = lines(&done(python.output().expect("python runs")));
    assert_eq!(read.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    let same = ["kind", "name", "eventId", "merchant", "shop", "terminal", "terminalSeq", "terminalEpoch", "source"];
    let flags = ["sealed", "training", "imported", "clockDoubtful", "payload", "streamId", "principal"];
    for (place, record) in &expected {
        for field in same.iter().chain(&flags) {
            assert_eq!(read[place][field], record[field], "{field} at {place:?}: {record}");
        }
    }
}

/// The part of the page that is about one topic.
fn channel<'p>(page: &'p str, topic: &str) -> &'p str {
    let start = page.find(&format!("address: {topic}\n")).expect("a channel");
    let rest = &page[start..];
    rest.find("max.message.bytes").and_then(|end| rest.get(..end + 40)).unwrap_or(rest)
}

#[test]
fn the_page_of_the_topics_has_the_codes_own_numbers() {
    let page = std::fs::read_to_string(root().join("docs/asyncapi.yaml")).expect("the page");
    for role in [Role::Journal, Role::Intake, Role::DeadLetters] {
        let channel = channel(&page, role.topic());
        for line in [
            format!("topic: {}\n", role.topic()),
            format!("partitions: {}\n", talon_journal::PARTITIONS),
            format!("retention.ms: {}\n", role.retention_ms()),
            format!("max.message.bytes: {}\n", role.message_bytes()),
        ] {
            assert!(channel.contains(&line), "{line}{channel}");
        }
    }
}
