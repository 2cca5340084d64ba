//! What others do to a ledger's topic: write to it, shorten it, make it anew, widen it; and two who publish one id at once.
//! All of it on a real Kafka, with Kafka's own tools.

use std::fs;
use std::process::{Output, Stdio};

use talon_domain::ids::MerchantId;
use talon_journal::{Record, partition_of};
use talon_kafka::{Connection, Letter, Outbox};
use talon_testkit::kafka;

use crate::talon::{Scratch, day, done, err, json, out, talon as program};

struct Ledger {
    scratch: Scratch,
    url: String,
    topic: String,
}

impl Ledger {
    /// A ledger that holds some of the demo's day; `None` where there can be no Kafka.
    fn make(name: &str) -> Option<Self> {
        let topic = format!("strangers.{}.{name}", std::process::id());
        let ledger = Self { url: format!("kafka://{}/{topic}", kafka::servers()?), topic, scratch: Scratch::new() };
        done(program().args(["init", &ledger.url, "--state", &ledger.state("state")]).output().expect("talon runs"));
        let file = ledger.scratch.path("day.jsonl");
        fs::write(&file, day()[..300].join("\n")).expect("room");
        done(ledger.talon("state", &["publish", file.to_str().expect("a path")]));
        Some(ledger)
    }

    fn state(&self, name: &str) -> String {
        self.scratch.path(name).to_str().expect("a path").to_owned()
    }

    fn talon(&self, state: &str, words: &[&str]) -> Output {
        let place = ["--ledger", &self.url, "--state", &self.state(state)].map(str::to_owned);
        program().args(place).args(words).output().expect("talon runs")
    }

    fn digest(&self) -> String {
        let digest = json(&done(self.talon("state", &["digest", "--output", "json"])));
        digest["state"].as_str().expect("a digest").to_owned()
    }

    fn kafka(class: &str, words: &[&str]) {
        let server = ["--bootstrap-server", kafka::servers().expect("a Kafka")];
        let mut tool = kafka::tool(class, &[&server[..], words].concat());
        let told = tool.stdout(Stdio::null()).output().expect("java runs");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    }

    /// Writes as somebody who knows nothing of ledgers.
    fn write(&self, key: &str, value: Option<&[u8]>) {
        let letter = Letter { key: Some(key.into()), value: value.map(<[u8]>::to_vec), ..Letter::default() };
        let connection = Connection::parse(&self.url).expect("an address");
        Outbox::to(&connection).and_then(|topic| topic.send(&[letter])).expect("brokers");
    }
}

#[test]
fn what_a_stranger_writes_is_named_and_counts_nothing() {
    let Some(ledger) = Ledger::make("writes") else { return };
    let digest = ledger.digest();
    let merchant = 732_829_320;
    ledger.write(&merchant.to_string(), Some(b"not a record"));
    ledger.write(&merchant.to_string(), None);
    // A whole record, in a partition that is not its merchant's.
    let home = ledger.state("home");
    done(program().args(["copy", "--from", &ledger.url, "--to", &home]).output().expect("talon runs"));
    let segment = fs::read(format!("{home}/journal/00000000000000000000.seg")).expect("a segment");
    let record_at = |at: usize| {
        let length = usize::from(u16::from_le_bytes([segment[at - 16], segment[at - 15]]));
        let whole = segment.get(at..at + length).and_then(|bytes| Some((bytes, Record::parse(bytes).ok()?.merchant())));
        whole.filter(|(_, of)| partition_of(*of) != partition_of(MerchantId(1))).map(|(bytes, _)| bytes)
    };
    let mut begins = (4096..segment.len() - 1).rev().filter(|at| segment[*at..*at + 2] == [0x54, 1]);
    let (record, stranger) = (begins.find_map(record_at).expect("a record"), 1);
    assert_ne!(partition_of(MerchantId(merchant)), partition_of(MerchantId(stranger)));
    ledger.write(&stranger.to_string(), Some(record));

    assert_eq!(ledger.digest(), digest);
    let verified = ledger.talon("state", &["verify"]);
    assert_eq!(verified.status.code(), Some(4), "somebody has to look: {verified:?}");
    let verified = out(&verified);
    for why in ["no record", "another partition"] {
        assert!(verified.contains(why), "{verified}");
    }
    // The ledger goes on: what comes is folded behind them, and the views are what the journal makes.
    let file = ledger.scratch.path("more.jsonl");
    fs::write(&file, day()[300..340].join("\n")).expect("room");
    done(ledger.talon("state", &["publish", file.to_str().expect("a path")]));
    done(ledger.talon("state", &["project"]));
    assert_ne!(ledger.digest(), digest);
    done(ledger.talon("state", &["rebuild", "all"]));
    let copied = program().args(["copy", "--from", &ledger.url, "--to", &home]).output().expect("talon runs");
    assert!(out(&done(copied)).contains("the same roots"));
}

#[test]
fn a_topic_that_lost_its_beginning_is_refused() {
    let Some(ledger) = Ledger::make("shortened") else { return };
    let partition = partition_of(MerchantId(732_829_320)).0;
    let file = ledger.scratch.path("records.json");
    let records =
        format!(r#"{{"version":1,"partitions":[{{"topic":"{}","partition":{partition},"offset":3}}]}}"#, ledger.topic);
    fs::write(&file, records).expect("room");
    let words = ["--offset-json-file", file.to_str().expect("a path")];
    Ledger::kafka("org.apache.kafka.tools.DeleteRecordsCommand", &words);
    for words in [&["digest"][..], &["publish", "/dev/null"], &["project"]] {
        let refused = ledger.talon("state", words);
        let said = err(&refused);
        assert!(refused.status.code() == Some(4) && said.contains(&format!("{}/{partition}", ledger.topic)), "{said}");
    }
}

#[test]
fn a_topic_with_other_partitions_is_refused() {
    let Some(ledger) = Ledger::make("widened") else { return };
    let words = ["--alter", "--topic", &ledger.topic, "--partitions", "65"];
    Ledger::kafka("org.apache.kafka.tools.TopicCommand", &words);
    for words in [&["digest"][..], &["publish", "/dev/null"]] {
        // Brokers hear of it one after the other.
        let mut refused = ledger.talon("state", words);
        for _ in 0..20 {
            if !refused.status.success() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(250));
            refused = ledger.talon("state", words);
        }
        let said = err(&refused);
        assert!(!refused.status.success() && said.contains("65"), "{said}");
    }
}

#[test]
fn a_topic_that_was_made_anew_is_not_the_ledger_that_the_folder_knows() {
    let Some(ledger) = Ledger::make("anew") else { return };
    done(ledger.talon("state", &["project"]));
    Ledger::kafka("org.apache.kafka.tools.TopicCommand", &["--delete", "--topic", &ledger.topic]);
    let other = ledger.state("other");
    let make = || program().args(["init", &ledger.url, "--state", &other]).output().expect("talon runs");
    let mut made = make();
    for _ in 0..20 {
        if made.status.success() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
        let _ = fs::remove_dir_all(&other);
        let _ = fs::remove_file(format!("{other}.key"));
        made = make();
    }
    done(made);
    let refused = ledger.talon("state", &["project"]);
    assert!(!refused.status.success(), "{}", out(&refused));
    let said = err(&refused);
    assert!(said.contains("--anew") || said.contains("another"), "{said}");
    let person = day().into_iter().find(|line| line.contains("personal")).expect("a person");
    let file = ledger.scratch.path("one.jsonl");
    fs::write(&file, person).expect("room");
    let refused = ledger.talon("state", &["publish", file.to_str().expect("a path")]);
    assert!(!refused.status.success(), "another ledger's vault seals nothing here: {}", out(&refused));
}

/// A producer that writes in transactions leaves places that hold no record: the reader stops and names them.
#[test]
fn a_hole_stops_the_reader_and_is_named() {
    let Some(ledger) = Ledger::make("hole") else { return };
    let words = [
        ["--topic", &ledger.topic],
        ["--num-records", "2000"],
        ["--record-size", "50"],
        ["--throughput", "-1"],
        ["--transactional-id", "stranger"],
        ["--transaction-duration-ms", "100"],
    ]
    .concat();
    let servers = format!("bootstrap.servers={}", kafka::servers().expect("a Kafka"));
    let words = [&words[..], &["--producer-props", &servers]].concat();
    let told = kafka::tool("org.apache.kafka.tools.ProducerPerformance", &words).output().expect("java runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    ledger.write("732829320", Some(b"behind the hole"));
    let refused = ledger.talon("state", &["digest"]);
    let said = err(&refused);
    assert!(refused.status.code() == Some(4) && said.contains(&ledger.topic), "{said}");
}

/// X2 on two machines: whoever comes second is told so, or is the anomaly; one content counts.
#[test]
fn two_who_publish_one_id_at_once_make_one_fact() {
    let Some(ledger) = Ledger::make("race") else { return };
    let (mut both, rounds) = (0, 6);
    for round in 0..rounds {
        let event = |amount: u32| {
            format!(
                r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-{round:012x}","merchant":"732829320","transactionId":"019ab9f4-d500-7aaa-8bbb-{round:012x}","occurredAt":"2026-11-25T08:59:00Z","source":"gateway","paymentInitiated":{{"amount":{{"currency":"EUR","minorUnits":"{amount}"}}}}}}"#
            )
        };
        let publish = |state: &str, amount: u32| {
            let file = ledger.scratch.path(&format!("{state}.jsonl"));
            fs::write(&file, event(amount)).expect("room");
            let place = ["--ledger", &ledger.url, "--state", &ledger.state(state)].map(str::to_owned);
            let mut talon = program();
            talon.args(place).args(["publish", file.to_str().expect("a path")]).stdout(Stdio::piped());
            talon.stderr(Stdio::piped()).spawn().expect("talon runs")
        };
        let racers = [publish("one", 10_000), publish("two", 1_000)];
        let told = racers.map(|racer| out(&racer.wait_with_output().expect("it ends")));
        let appended = told.iter().filter(|said| said.starts_with("1 appended")).count();
        assert!(appended >= 1, "{told:?}");
        both += usize::from(appended == 2);
    }
    let anomalies = out(&done(ledger.talon("state", &["anomalies", "--output", "json"])));
    assert_eq!(anomalies.matches("event_id_must_name_one_content").count() > 0, both > 0, "{both} of {rounds}");
    let listed = json(&done(ledger.talon("state", &["transactions", "--output", "json"])));
    let payments = listed["transactions"].as_array().expect("payments").iter();
    let raced = payments.filter(|of| of["transactionId"].as_str().is_some_and(|id| id.starts_with("019ab9f4-d500")));
    assert_eq!(raced.count(), rounds);
}
