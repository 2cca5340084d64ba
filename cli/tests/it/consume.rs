//! Gateways that publish to a topic of a real Kafka: their events come through the door, once in effect however often they
//! come; what cannot be taken is a dead letter, and what is done about it is told.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Value;
use talon_kafka::{Connection, Letter, Outbox, Reason, Role, TopicError, Topics};
use talon_testkit::kafka;

use crate::talon::{Scratch, day, done, json, on, out, state_digest, talon as program};

/// The topic of one test, with its dead letters.
struct Topic {
    url: String,
    connection: Connection,
}

impl Topic {
    /// `None` where there can be no Kafka.
    fn make(name: &str) -> Option<Self> {
        let url = format!("kafka://{}/intake.{}.{name}", kafka::servers()?, std::process::id());
        let connection = Connection::parse(&url).expect("an address");
        let dead = connection.with_topic(&format!("{}.dlq", connection.topic())).expect("a name");
        for (connection, role) in [(&connection, Role::Intake), (&dead, Role::DeadLetters)] {
            match Topics::of(connection).and_then(|topics| topics.create(role)) {
                // The client asks again when a broker dies, and hears then that it is there.
                Ok(()) | Err(TopicError::Exists(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        Some(Self { url, connection })
    }

    fn publish(&self, letters: &[Letter]) {
        Outbox::to(&self.connection).and_then(|topic| topic.send(letters)).expect("brokers");
    }

    fn dead(&self) -> String {
        format!("{}.dlq", self.url)
    }

    /// What `talon consume` is told beside the ledger.
    fn words<'w>(&'w self, merchants: &'w str, group: &'w str) -> Vec<&'w str> {
        let who = ["--principal", "7", "--sources", "provider,bank,gateway,terminal,person"];
        [&["consume", "--from", &self.url, "--merchants", merchants, "--group", group], &who[..]].concat()
    }
}

fn letter(content_type: &str, key: Option<&str>, value: &[u8]) -> Letter {
    let headers = vec![("content-type".to_owned(), Some(content_type.as_bytes().to_vec()))];
    let key = key.map(|key| key.as_bytes().to_vec());
    Letter { key, value: Some(value.to_vec()), headers, ..Letter::default() }
}

fn event(line: &str) -> Letter {
    let merchant = serde_json::from_str::<Value>(line).expect("json")["merchant"].as_str().map(str::to_owned);
    letter("application/json", merchant.as_deref(), line.as_bytes())
}

/// Events of the demo's day, each told once.
fn lines(most: usize) -> Vec<String> {
    let mut told = BTreeSet::new();
    let id = |line: &str| {
        let event: Value = serde_json::from_str(line).expect("json");
        (event["merchant"].to_string(), event["eventId"].to_string(), event["sourceKey"].to_string())
    };
    day().into_iter().filter(|line| told.insert(id(line))).take(most).collect()
}

#[test]
fn a_day_that_comes_by_a_topic_is_the_day_that_comes_by_a_file_however_often_it_comes() {
    let Some(topic) = Topic::make("day") else { return };
    let scratch = Scratch::new();
    let lines = lines(600);
    let file = scratch.path("day.jsonl");
    fs::write(&file, lines.join("\n")).expect("room");
    let (by_file, by_topic) = (scratch.ledger("by-file"), scratch.ledger("by-topic"));
    done(on(&by_file, &["publish", file.to_str().expect("a path")]));

    topic.publish(&lines.iter().map(|line| event(line)).collect::<Vec<_>>());
    let taken = done(on(&by_topic, &[&topic.words("every", "talon"), &["--until-end"][..]].concat()));
    assert_eq!(out(&taken), format!("{} appended, 0 known already, 0 dead letters\n", lines.len()));
    assert_eq!(state_digest(&by_topic), state_digest(&by_file));

    // Committed: nothing comes again. The whole topic again, for another group: all is known.
    let again = |group| out(&done(on(&by_topic, &[&topic.words("every", group), &["--until-end"][..]].concat())));
    assert_eq!(again("talon"), "0 appended, 0 known already, 0 dead letters\n");
    assert_eq!(again("other"), format!("0 appended, {} known already, 0 dead letters\n", lines.len()));
    assert_eq!(state_digest(&by_topic), state_digest(&by_file));
}

/// A terminal's clock may be anything: what it says is kept, and marked.
#[test]
fn a_clock_that_runs_ahead_is_taken_and_marked() {
    let Some(topic) = Topic::make("ahead") else { return };
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let mut ahead: Value = serde_json::from_str(&lines(1)[0]).expect("json");
    ahead["occurredAt"] = "2099-01-01T10:00:00Z".into();
    topic.publish(&[event(&lines(2)[1]), event(&ahead.to_string())]);
    let taken = done(on(&ledger, &[&topic.words("every", "talon"), &["--until-end"][..]].concat()));
    assert_eq!(out(&taken), "2 appended, 0 known already, 0 dead letters\n");
    let told = out(&done(on(&ledger, &["tail", "--output", "json"])));
    let told = told.lines().map(|line| serde_json::from_str::<Value>(line).expect("json"));
    let doubtful: Vec<_> = told.filter(|record| record["clockDoubtful"] == true).collect();
    assert_eq!(doubtful.len(), 1, "{doubtful:?}");
    assert_eq!(doubtful[0]["occurredAt"], "2099-01-01T10:00:00Z");
}

#[test]
fn what_cannot_be_taken_waits_unchanged_until_somebody_decides() {
    let Some(topic) = Topic::make("dead") else { return };
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let good = lines(40);
    let garbage = letter("application/x-protobuf", Some("732829320"), b"\xff\x00garbage");
    let no_type = Letter { headers: vec![], ..event(&good[0]) };
    let tombstone = Letter { value: None, ..event(&good[0]) };
    let long = letter("application/json", None, &vec![b'x'; 700_000]);
    let wrong_key = letter("application/json", Some("1"), good[1].as_bytes());
    topic.publish(&good.iter().map(|line| event(line)).collect::<Vec<_>>());
    topic.publish(&[garbage.clone(), no_type, tombstone, long.clone(), wrong_key]);
    let taken = on(&ledger, &[&topic.words("every", "talon"), &["--until-end"][..]].concat());
    assert_eq!(taken.status.code(), Some(3), "{taken:?}");
    assert!(out(&taken).starts_with("40 appended, 0 known already, 5 dead letters"), "{}", out(&taken));

    let dead = topic.dead();
    let dlq = |words: &[&str]| on(&ledger, &[&["dlq", "--from", &dead], words].concat());
    let listed = || json(&done(dlq(&["list", "--output", "json"])))["letters"].as_array().expect("letters").clone();
    let codes: BTreeSet<_> = listed().iter().map(|letter| letter["code"].as_u64().expect("a code")).collect();
    assert_eq!(codes, BTreeSet::from([1, 106, 108, 109, 110]));
    let of = |code: u64| {
        let found = listed().into_iter().find(|letter| letter["code"] == code).expect("a letter");
        found["letter"].as_str().expect("a name").to_owned()
    };
    for (code, sent) in [(1, &garbage), (106, &long)] {
        assert_eq!(done(dlq(&["show", &of(code), "--value"])).stdout, sent.value.clone().expect("a value"));
    }
    let shown = out(&done(dlq(&["show", &of(1)])));
    assert!(
        shown.contains("talon-reason-code: 1") && shown.contains("content-type: application/x-protobuf"),
        "{shown}"
    );
    let fields: BTreeSet<_> = listed()[0].as_object().expect("an object").keys().cloned().collect();
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/kafka.md")).expect("the page");
    assert!(fields.iter().all(|field| page.contains(&format!("\"{field}\""))), "{fields:?}");

    // A letter that says it came from a journal is sent back to none.
    let journal = topic.connection.with_topic(&format!("{}.books", topic.connection.topic())).expect("a name");
    Topics::of(&journal).and_then(|topics| topics.create(Role::Journal)).expect("a topic");
    let (sentence, topic_name) = ("1 forged".to_owned(), journal.topic().to_owned());
    let forged =
        Reason { code: 1, sentence, topic: topic_name, partition: 9, offset: 999, written_at: None, attempts: 1 };
    let letters = topic.connection.with_topic(&format!("{}.dlq", topic.connection.topic())).expect("a name");
    Outbox::to(&letters).and_then(|topic| topic.send(&[garbage.dead(&forged)])).expect("brokers");
    let named = format!("{}/9/999", journal.topic());
    let refused = dlq(&["retry", &named, "--as", "op-7"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is no topic of events"), "{refused:?}");
    done(dlq(&["discard", &named, "--as", "op-7", "--reason", "forged"]));

    // Given up: listed no more. Sent again: it comes again, and fails again, with its attempts.
    done(dlq(&["discard", &of(109), "--as", "op-7", "--reason", "nobody sent it"]));
    done(dlq(&["retry", "--code", "1", "--as", "op-7"]));
    assert_eq!(listed().len(), 3);
    let taken = on(&ledger, &[&topic.words("every", "talon"), &["--until-end"][..]].concat());
    assert_eq!((taken.status.code(), out(&taken).contains("1 dead letter\n")), (Some(3), true), "{taken:?}");
    let again = listed().into_iter().find(|letter| letter["code"] == 1).expect("a letter");
    assert_eq!(again["attempts"], 2);
    let log = out(&done(on(&ledger, &["tail", "-n", "100"])));
    assert!(log.contains("DeadLetterRetried") && log.contains("DeadLetterDiscarded"), "{log}");
    let all = json(&done(dlq(&["list", "--all", "--output", "json"])));
    let states: Vec<_> = all["letters"].as_array().expect("letters").iter().map(|of| of["state"].clone()).collect();
    assert_eq!(states.iter().filter(|state| *state == "waits").count(), 4, "{states:?}");
}

/// Whoever may write can write a header whose name is no text, and a value that a broker takes compressed and no topic
/// takes as it is: neither stops the gate.
#[test]
fn what_no_topic_could_hold_stops_nobody() {
    let Some(topic) = Topic::make("monsters") else { return };
    if Command::new("kcat").arg("-V").output().is_err() {
        return assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "kcat is needed");
    }
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let good = lines(2);
    let write = |name: &str, content: &[u8], headers: &[&[u8]]| {
        let file = scratch.path(name);
        fs::write(&file, content).expect("room");
        let servers = kafka::servers().expect("a Kafka");
        let mut kcat = Command::new("kcat");
        kcat.args(["-P", "-b", servers, "-t", topic.connection.topic(), "-z", "lz4", "-D", "\u{1}"]);
        kcat.args(["-X", "message.max.bytes=8000000"]);
        headers.iter().for_each(|header| _ = kcat.arg("-H").arg(OsStr::from_bytes(header)));
        let told = kcat.arg(file).output().expect("kcat runs");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    };
    write("good", good[0].as_bytes(), &[b"\xff\xfe=1", b"content-type=application/json"]);
    write("long", &vec![b'0'; 3 << 20], &[b"content-type=application/json", b"\xff=2"]);
    write("behind", good[1].as_bytes(), &[b"content-type=application/json"]);
    let taken = on(&ledger, &[&topic.words("every", "talon"), &["--until-end"][..]].concat());
    assert_eq!(taken.status.code(), Some(3), "{taken:?}");
    assert!(out(&taken).starts_with("2 appended, 0 known already, 1 dead letter"), "{taken:?}");
    let dead = topic.dead();
    let listed = json(&done(on(&ledger, &["dlq", "--from", &dead, "list", "--output", "json"])));
    assert_eq!((&listed["letters"][0]["code"], &listed["letters"][0]["bytes"]), (&106.into(), &0.into()), "{listed}");
    let letter = listed["letters"][0]["letter"].as_str().expect("a name");
    let shown = out(&done(on(&ledger, &["dlq", "--from", &dead, "show", letter])));
    assert!(shown.contains("talon-value-bytes: 3145728") && shown.contains("talon-value-sha256: "), "{shown}");
}

/// Behind what was written in a transaction lies a place that holds no message: who takes until the end gets there.
#[test]
fn a_topic_with_transactions_has_an_end() {
    let Some(topic) = Topic::make("transactions") else { return };
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let servers = format!("bootstrap.servers={}", kafka::servers().expect("a Kafka"));
    let numbers = [["--num-records", "40"], ["--throughput", "-1"], ["--record-size", "40"]];
    let transactions = [["--transactional-id", "a-gateway"], ["--transaction-duration-ms", "100"]];
    let words: Vec<_> =
        [&numbers[..], &transactions[..], &[["--producer-props", &servers], ["--topic", topic.connection.topic()]]]
            .concat();
    let mut tool = kafka::tool("org.apache.kafka.tools.ProducerPerformance", &words.concat());
    let told = tool.output().expect("java runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let taken = on(&ledger, &[&topic.words("every", "talon"), &["--until-end"][..]].concat());
    assert!(out(&taken).starts_with("0 appended, 0 known already, 40 dead letters"), "{taken:?}");
}

#[test]
fn a_topic_speaks_for_whom_its_configuration_says_and_a_refused_event_of_a_terminal_owns_its_hole() {
    let Some(topic) = Topic::make("scope") else { return };
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let in_scope = |merchant: &str, seq: u32, kind: &str| {
        event(&format!(
            r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-{seq:012x}","merchant":"{merchant}","shop":17,"terminal":3,"terminalSeq":{seq},"transactionId":"019ab9f4-d500-7aaa-8bbb-0102030405bb","occurredAt":"2026-11-25T08:59:00Z","source":"gateway","{kind}":{{"amount":{{"currency":"EUR","minorUnits":"100"}}}}}}"#
        ))
    };
    topic.publish(&[
        in_scope("732829320", 1, "paymentInitiated"),
        in_scope("732829320", 2, "unheardOf"),
        in_scope("552100554", 3, "paymentInitiated"),
        in_scope("552100554", 4, "unheardOf"),
    ]);
    let consume =
        || on(&ledger, &[&topic.words("732829320", "talon"), &["--until-end", "--output", "json"][..]].concat());
    let counts = json(&consume());
    assert_eq!((&counts["appended"], &counts["deadLetters"]), (&1.into(), &3.into()), "{counts}");
    assert_eq!((&counts["refusedFacts"], &counts["untold"]), (&1.into(), &0.into()), "{counts}");
    let log = out(&done(on(&ledger, &["tail", "-n", "100"])));
    assert!(log.contains("EventRefused"), "{log}");

    // What failed for its merchant is taken once the configuration knows it.
    let dead = topic.dead();
    done(on(&ledger, &["dlq", "--from", &dead, "retry", "--code", "102", "--as", "op-7"]));
    let taken = on(&ledger, &[&topic.words("every", "talon"), &["--until-end"][..]].concat());
    assert_eq!(out(&taken), "1 appended, 0 known already, 0 dead letters\n");
}

/// Kills a consumer and a publisher at random moments: the state is that of a file. `TALON_ROUNDS` says how often, and
/// `TALON_SEED` when.
#[test]
fn consumers_and_publishers_that_are_killed_lose_and_double_nothing() {
    let Some(topic) = Topic::make("kills") else { return };
    let asked =
        |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (rounds, seed) = (asked("TALON_ROUNDS", 12), asked("TALON_SEED", std::process::id().into()));
    println!("TALON_ROUNDS={rounds} TALON_SEED={seed}");
    let mut dice = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.to_le_bytes(); 4].concat());
    let scratch = Scratch::new();
    let ledger = format!("{}.ledger", topic.url);
    let state = |name: &str| scratch.path(name).to_str().expect("a path").to_owned();
    done(program().args(["init", &ledger, "--state", &state("consumer")]).output().expect("talon runs"));
    let on_kafka = |name: &str, words: &[&str]| {
        let mut talon = program();
        talon.args(["--ledger", &ledger, "--state", &state(name)]).args(words);
        talon
    };
    // Whoever else publishes has the vault as `init` made it, before a key of it was used.
    done(on_kafka("publisher", &["digest"]).output().expect("talon runs"));
    crate::talon::copy(&scratch.path("consumer/vault"), &scratch.path("publisher/vault"));
    fs::copy(scratch.path("consumer.key"), scratch.path("publisher.key")).expect("room");
    let lines = lines(usize::MAX);
    let parts = lines.len() / usize::try_from(rounds).expect("some rounds");
    for (number, part) in lines.chunks(parts.max(2)).enumerate() {
        let (by_topic, by_file) = part.split_at(part.len() / 2);
        let file = state(&format!("part-{number}.jsonl"));
        fs::write(&file, by_file.join("\n")).expect("room");
        let silent =
            |talon: &mut Command| talon.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("talon runs");
        let consumer = silent(&mut on_kafka("consumer", &topic.words("every", "talon")));
        let publisher = silent(&mut on_kafka("publisher", &["publish", &file]));
        topic.publish(&by_topic.iter().map(|line| event(line)).collect::<Vec<_>>());
        for mut process in [publisher, consumer] {
            thread::sleep(Duration::from_millis(u64::from(dice.next_u32() % 700)));
            process.kill().expect("a process");
            process.wait().expect("a process");
        }
    }
    // Whoever was killed is begun again, until it is done.
    let whole = state("whole.jsonl");
    fs::write(&whole, lines.join("\n")).expect("room");
    for group in ["talon", "second"] {
        let words = [&topic.words("every", group), &["--until-end"][..]].concat();
        done(on_kafka("consumer", &words).output().expect("talon runs"));
    }
    done(on_kafka("publisher", &["publish", &whole]).output().expect("talon runs"));
    let by_file = scratch.ledger("by-file");
    done(on(&by_file, &["publish", &whole]));
    let digest = json(&done(on_kafka("consumer", &["digest", "--output", "json"]).output().expect("talon runs")));
    assert_eq!(digest["state"].as_str(), Some(&*state_digest(&by_file)));
}

#[test]
fn nothing_is_consumed_before_it_is_said_for_whom() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let words = ["consume", "--from", "kafka://127.0.0.1:1/topic", "--principal", "7", "--sources", "gateway"];
    let refused = on(&ledger, &words);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--merchants is not said"), "{refused:?}");
}
