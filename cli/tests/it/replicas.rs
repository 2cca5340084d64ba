//! Several processes fold one ledger on Kafka, each into views of its own: all partitions or some of them, restarted in
//! turn, asked for what was just written; and a whole day that a gateway publishes while things are killed.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use talon_domain::ids::MerchantId;
use talon_journal::partition_of;
use talon_kafka::{Connection, Role, TopicError, Topics};
use talon_testkit::kafka;

use crate::talon::{Scratch, day, done, err, json, on, out, talon as program};

/// A ledger on Kafka, and the folders of those who work on it.
struct House {
    scratch: Scratch,
    url: String,
}

impl House {
    /// `None` where there can be no Kafka.
    fn make(name: &str) -> Option<Self> {
        let url = format!("kafka://{}/replicas.{}.{name}", kafka::servers()?, std::process::id());
        let house = Self { scratch: Scratch::new(), url };
        done(house.talon("writer", &["init"]));
        Some(house)
    }

    fn words<'w>(&'w self, state: &'w str, words: &[&'w str]) -> Vec<&'w str> {
        match words {
            ["init", rest @ ..] => [&["init", &self.url, "--state", state], rest].concat(),
            words => [words, &["--ledger", &self.url, "--state", state]].concat(),
        }
    }

    fn state(&self, name: &str) -> String {
        self.scratch.path(name).to_str().expect("a path").to_owned()
    }

    fn talon(&self, state: &str, words: &[&str]) -> Output {
        program().args(self.words(&self.state(state), words)).output().expect("talon runs")
    }

    fn begin(&self, state: &str, words: &[&str]) -> Child {
        let mut talon = program();
        talon.args(self.words(&self.state(state), words)).stdout(Stdio::null()).stderr(Stdio::null());
        talon.spawn().expect("talon runs")
    }

    /// Publishes lines; where the last of them is, as `--after` wants it.
    fn publish(&self, lines: &[String]) -> String {
        let file = self.scratch.path("lines.jsonl");
        fs::write(&file, lines.join("\n")).expect("room");
        let told = done(self.talon("writer", &["publish", file.to_str().expect("a path"), "--output", "json"]));
        let events = out(&told);
        let last = events.lines().rev().find(|line| line.contains("\"appended\",\"partition\"")).map(str::to_owned);
        let last: serde_json::Value = serde_json::from_str(&last.expect("an event")).expect("json");
        format!("{}:{}", last["partition"], last["position"].as_u64().expect("a place") + 1)
    }

    /// The state that the journal makes.
    fn digest(&self, state: &str) -> String {
        let digest = json(&done(self.talon(state, &["digest", "--output", "json"])));
        digest["state"].as_str().unwrap_or_else(|| panic!("{digest}")).to_owned()
    }

    /// The digests of the views that are kept, and of which positions they are.
    fn views(&self, state: &str) -> serde_json::Value {
        let views = json(&done(self.talon(state, &["digest", "--views", "--output", "json"])));
        assert_eq!(views["behind"], 0);
        serde_json::json!([views["views"], views["as_of"]])
    }
}

fn embedded(scratch: &Scratch, lines: &[String]) -> String {
    let (ledger, file) = (scratch.ledger("embedded"), scratch.path("whole.jsonl"));
    fs::write(&file, lines.join("\n")).expect("room");
    let published = on(&ledger, &["publish", file.to_str().expect("a path")]);
    assert!(err(&published).is_empty(), "{}", err(&published));
    let digest = json(&done(on(&ledger, &["digest", "--output", "json"])));
    digest["state"].as_str().expect("a digest").to_owned()
}

fn merchant(line: &str) -> u64 {
    let event: serde_json::Value = serde_json::from_str(line).expect("json");
    event["merchant"].as_str().and_then(|merchant| merchant.parse().ok()).expect("a merchant")
}

fn end(mut process: Child, signal: &str) {
    let told = Command::new("kill").args([signal, &process.id().to_string()]).status();
    assert!(told.expect("kill runs").success());
    process.wait().expect("a process");
}

#[test]
fn shares_of_the_partitions_add_up_to_the_whole() {
    let Some(house) = House::make("shares") else { return };
    let lines: Vec<_> = day().into_iter().take(400).collect();
    house.publish(&lines);
    for (state, partitions) in [("low", "0-15"), ("high", "16-63")] {
        done(house.talon(state, &["project", "--partitions", partitions]));
    }
    done(house.talon("whole", &["project"]));
    let mut merchants: Vec<u64> = lines.iter().map(|line| merchant(line)).collect();
    merchants.sort_unstable();
    merchants.dedup();
    let mut seen = [0, 0];
    for merchant in merchants {
        let partition = partition_of(MerchantId(merchant)).0;
        let merchant = merchant.to_string();
        let asked = |state| {
            house.talon(state, &["day", &merchant, "--from", "2026-11-01", "--to", "2026-12-31", "--output", "json"])
        };
        let expected = json(&done(asked("whole")));
        for (which, (state, holds)) in
            [("low", partition < 16), ("high", partition == 0 || partition > 15)].iter().enumerate()
        {
            if *holds {
                seen[which] += 1;
                assert_eq!(json(&done(asked(state)))["rows"], expected["rows"], "{state}");
            } else {
                let refused = asked(state);
                assert!(err(&refused).contains(&format!("is in partition {partition}")), "{}", err(&refused));
            }
        }
    }
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
    let said = err(&done(house.talon("low", &["open-items"])));
    assert!(said.contains("the views are made of partitions 0-15 alone"), "{said}");
    let lag = json(&done(house.talon("low", &["lag", "--output", "json"])));
    assert_eq!((lag["records"].as_u64(), lag["partitions"].as_str()), (Some(0), Some("0-15")), "{lag}");

    for (state, asked, why) in [
        ("low", "0-16", "are made of partitions 0-15, and not of 0-16"),
        ("whole", "0-15", "are made of all partitions"),
    ] {
        let refused = house.talon(state, &["project", "--partitions", asked]);
        assert!(refused.status.code() == Some(2) && err(&refused).contains(why), "{}", err(&refused));
    }
    let folder = house.scratch.ledger("folder");
    let refused = on(&folder, &["project", "--partitions", "0-15"]);
    assert!(err(&refused).contains("is for a ledger on Kafka"), "{}", err(&refused));
}

#[test]
fn replicas_that_are_restarted_in_turn_lose_and_double_nothing_and_show_what_was_written() {
    let Some(house) = House::make("rolling") else { return };
    let lines: Vec<_> = day().into_iter().take(500).collect();
    let names = ["first", "second"];
    let follow = |name: &str| house.begin(name, &["project", "--follow", "--commit-every", "40"]);
    let mut replicas: Vec<_> = names.iter().map(|name| Some(follow(name))).collect();
    for (turn, part) in lines.chunks(100).enumerate() {
        let after = house.publish(part);
        let which = turn % names.len();
        // Whoever wrote sees it on each replica, also on one that was just begun again.
        let asked = house.talon(names[1 - which], &["digest", "--views", "--after", &after]);
        assert!(asked.status.success(), "{}", err(&asked));
        let replica = replicas[which].take().expect("a replica");
        end(replica, if turn % 3 == 2 { "-KILL" } else { "-TERM" });
        replicas[which] = Some(follow(names[which]));
    }
    let expected = embedded(&house.scratch, &lines);
    assert_eq!(house.digest("writer"), expected);
    assert_eq!(house.views(names[0]), house.views(names[1]));
    let lag = house.talon("first", &["lag", "--max", "60s"]);
    assert!(out(&done(lag)).contains("0 records, 0 s behind"));
    replicas.into_iter().flatten().for_each(|replica| end(replica, "-TERM"));
    for name in names {
        let verified = out(&done(house.talon(name, &["verify"])));
        assert!(verified.contains("the same as the journal"), "{verified}");
    }
    let beyond = house.talon("first", &["digest", "--views", "--after", "5:999999"]);
    assert!(beyond.status.code() == Some(1) && err(&beyond).contains("before 5:999999 yet"), "{}", err(&beyond));
}

/// The README's own commands, on topics of this test's own.
#[test]
fn the_readme_moves_a_day_to_kafka_and_home() {
    let Some(servers) = kafka::servers() else { return };
    if Command::new("kcat").arg("-V").output().is_err() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "kcat is missing (Debian: kcat)");
        return;
    }
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).expect("the page");
    let block = readme.split("<!-- kafka -->\n").nth(1).and_then(|rest| rest.split("<!-- end -->").next());
    let own = |name: &str| format!("readme.{}.{name}", std::process::id());
    let intake = Connection::parse(&format!("kafka://{servers}/{}", own("intake"))).expect("a name");
    make_intake(&intake);
    let scratch = Scratch::new();
    fs::create_dir(scratch.path("talon-demo")).expect("a folder");
    fs::copy(crate::talon::demo().join("day.jsonl"), scratch.path("talon-demo/day.jsonl")).expect("room");
    let mut digests = Vec::new();
    for line in block.expect("the block").lines().filter(|line| !line.starts_with("```") && !line.starts_with("cargo "))
    {
        let line = line.replace("127.0.0.1:19091", servers);
        let line = line.replace("talon.journal.v1", &own("journal")).replace("talon.intake.v1", &own("intake"));
        let told = crate::talon::shell(&line).current_dir(scratch.path("")).output().expect("a shell");
        let told = done(told);
        if line.contains("digest") {
            digests.push(out(&told));
        }
    }
    assert_eq!(digests[0], digests[1], "the replicas'");
    let at_home: serde_json::Value = serde_json::from_str(&digests[2]).expect("json");
    let demo = crate::talon::state_digest(&crate::talon::demo().join("ledger"));
    assert_eq!(at_home["state"].as_str(), Some(&*demo));
}

/// A topic of events, and its dead letters.
fn make_intake(intake: &Connection) {
    let dead = intake.with_topic(&format!("{}.dlq", intake.topic())).expect("a name");
    for (connection, role) in [(intake, Role::Intake), (&dead, Role::DeadLetters)] {
        match Topics::of(connection).and_then(|topics| topics.create(role)) {
            // The client asks again when a broker dies, and hears then that it is there.
            Ok(()) | Err(TopicError::Exists(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// A gateway's own process writes to the topic of events, with Kafka's own tool.
fn gateway(house: &House, topic: &str, lines: &[String]) -> Child {
    let servers = kafka::servers().expect("a Kafka");
    let words = ["--bootstrap-server", servers, "--topic", topic, "--producer-property", "acks=all"];
    let reading = ["--property", "parse.headers=true", "--property", "parse.key=false"];
    let mut gateway = kafka::tool("org.apache.kafka.tools.ConsoleProducer", &[&words[..], &reading[..]].concat());
    let log = fs::File::create(house.scratch.path("gateway.log")).expect("a file");
    let mut gateway = gateway.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().expect("java runs");
    let mut into = gateway.stdin.take().expect("a pipe");
    let messages: Vec<_> = lines.iter().map(|line| format!("content-type:application/json\t{line}\n")).collect();
    thread::spawn(move || {
        for part in messages.chunks(150) {
            into.write_all(part.concat().as_bytes()).expect("the gateway reads");
            thread::sleep(Duration::from_millis(400));
        }
    });
    gateway
}

#[test]
fn a_day_of_a_gateway_is_the_same_everywhere_whatever_is_killed() {
    let Some(house) = House::make("day") else { return };
    let topic = format!("intake.{}.day", std::process::id());
    let intake = Connection::parse(&format!("kafka://{}/{topic}", kafka::servers().expect("a Kafka"))).expect("a name");
    make_intake(&intake);
    let lines = day();
    let from = intake.to_string();
    let who = ["--principal", "7", "--merchants", "every", "--sources", "provider,bank,gateway,terminal,person"];
    let words = [&["consume", "--from", &from], &who[..]].concat();
    let mut consumer = house.begin("writer", &words);
    let follow = |name: &str| house.begin(name, &["project", "--follow"]);
    let mut replicas = [follow("first"), follow("second")];
    let mut gateway = gateway(&house, &topic, &lines);
    let brokers = kafka::servers().unwrap_or_default().matches(',').count() + 1;
    for round in 0..4 {
        thread::sleep(Duration::from_millis(700));
        end(consumer, "-KILL");
        consumer = house.begin("writer", &words);
        let replica = std::mem::replace(&mut replicas[round % 2], follow("third"));
        end(replica, "-KILL");
        end(std::mem::replace(&mut replicas[round % 2], follow(["first", "second"][round % 2])), "-TERM");
        if brokers == 3 {
            let broker = (round % 3 + 1).to_string();
            kafka::tell(&["kill", &broker]);
            thread::sleep(Duration::from_millis(500));
            kafka::tell(&["start", &broker]);
        }
    }
    assert!(gateway.wait().expect("a gateway").success(), "{}", log(&house));
    end(consumer, "-TERM");
    let rest = done(house.talon("writer", &[&words[..], &["--until-end"]].concat()));
    assert!(out(&rest).contains("0 dead letters"), "{}", out(&rest));
    replicas.into_iter().for_each(|replica| end(replica, "-TERM"));

    let expected = embedded(&house.scratch, &lines);
    assert_eq!(house.digest("writer"), expected);
    for name in ["first", "second", "third"] {
        assert_eq!(house.views(name), house.views("first"), "{name}");
        let verified = out(&done(house.talon(name, &["verify"])));
        assert!(verified.contains("the same as the journal"), "{verified}");
    }
    let home = house.state("home");
    let copied = program().args(["copy", "--from", &house.url, "--to", &home]).output().expect("talon runs");
    assert!(out(&done(copied)).contains("0 records behind: the same roots"));
    let verified = out(&done(on(Path::new(&home), &["verify"])));
    assert!(verified.contains("all is well"), "{verified}");
    let at_home = json(&done(on(Path::new(&home), &["digest", "--output", "json"])));
    assert_eq!(at_home["state"].as_str(), Some(&*expected));
}

fn log(house: &House) -> String {
    fs::read_to_string(house.scratch.path("gateway.log")).unwrap_or_default()
}
