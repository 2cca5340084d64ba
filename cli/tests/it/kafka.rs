//! A ledger on a real Kafka: the same commands, the same answers, the same digests and roots as an embedded one, and a copy
//! each way. Left out where there can be no Kafka; `CI` wants one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use talon_domain::ids::MerchantId;
use talon_journal::{Claim, EmbeddedJournal, Folder, Journal as _, Storage as _, WriterSettings};
use talon_kafka::{Connection, Role, Topics};
use talon_testkit::{batch_of, genesis, kafka, ledger_id, record, seeds};

use crate::talon::{Scratch, day, done, err, on, out, talon as program};

fn talon(words: &[&str]) -> Output {
    program().args(words).output().expect("talon runs")
}

/// An address of a topic that no other test has.
fn address(name: &str) -> Option<String> {
    Some(format!("kafka://{}/cli.{}.{name}", kafka::servers()?, std::process::id()))
}

#[test]
fn a_ledger_on_kafka_answers_as_one_in_a_folder_does_and_copies_go_both_ways() {
    let Some(url) = address("ledger") else { return };
    let scratch = Scratch::new();
    let lines = &day()[..400];
    let file = scratch.path("day.jsonl");
    fs::write(&file, lines.join("\n")).expect("room");
    let embedded = scratch.ledger("embedded");
    done(on(&embedded, &["publish", file.to_str().expect("a path")]));
    let state = scratch.path("state");
    let at = |url: &str, state: &str, words: &[&str]| {
        let place = ["--ledger", url, "--state", state];
        done(talon(&[words, &place[..]].concat()))
    };
    let state = state.to_str().expect("a path");
    let on_kafka = |words: &[&str]| at(&url, state, words);

    done(talon(&["init", &url, "--state", state]));
    let published = out(&on_kafka(&["publish", file.to_str().expect("a path")]));
    assert!(published.contains(" appended"), "{published}");
    let again = out(&on_kafka(&["publish", file.to_str().expect("a path")]));
    assert!(again.starts_with("0 appended"), "{again}");

    // The same facts are the same state, whatever holds them; and the views are what the journal makes of them.
    let state_of = |answer: &str| answer.split("\"state\":").nth(1).map(|rest| rest[..66].to_owned()).expect("a state");
    let digests =
        [out(&on_kafka(&["digest", "--output", "json"])), out(&done(on(&embedded, &["digest", "--output", "json"])))];
    assert_eq!(state_of(&digests[0]), state_of(&digests[1]));
    assert!(out(&on_kafka(&["project"])).contains("records are in the views"));
    let verified = out(&on_kafka(&["verify"]));
    assert!(verified.contains("the same as the journal") && verified.contains("all is well"), "{verified}");

    // A copy each way has the same roots, and a pin of one holds on the others.
    let pin = scratch.path("pin.json");
    on_kafka(&["root", "--out", pin.to_str().expect("a path")]);
    let copy = scratch.path("copy");
    let copy = copy.to_str().expect("a path");
    let copied = out(&done(talon(&["copy", "--from", &url, "--to", copy])));
    assert!(copied.contains("0 records behind: the same roots"), "{copied}");
    let back = address("back").expect("a Kafka");
    let copied = out(&done(talon(&["copy", "--from", copy, "--to", &back])));
    assert!(copied.contains("0 records behind: the same roots"), "{copied}");
    let second = scratch.path("second");
    let verified = at(&back, second.to_str().expect("a path"), &["verify", "--pin", pin.to_str().expect("a path")]);
    assert!(out(&verified).contains("unchanged"), "{}", out(&verified));

    // What was recorded since a moment is found by the brokers as it is in files.
    let recorded = |said: &str| {
        let record: Value = serde_json::from_str(said).expect("json");
        record["recordedAt"].as_str().expect("a time").to_owned()
    };
    let all = out(&on_kafka(&["tail", "-n", "1000000", "--output", "json"]));
    let mut moments: Vec<_> = all.lines().map(recorded).collect();
    moments.sort_unstable();
    for moment in [&moments[0], &moments[moments.len() / 2], &moments[moments.len() - 1], &"2001-01-01".to_owned()] {
        let sorted = |said: String| said.lines().map(str::to_owned).collect::<BTreeSet<_>>();
        let words = ["tail", "--since", moment, "--output", "json"];
        let by_brokers = sorted(out(&on_kafka(&words)));
        assert_eq!(by_brokers, sorted(out(&done(on(Path::new(copy), &words)))), "{moment}");
        assert_eq!(by_brokers.len() == all.lines().count(), moment.starts_with("2001"), "{moment}");
    }

    // A copy of another ledger is refused, and so is what asks for segment files.
    let other = talon(&["copy", "--from", embedded.to_str().expect("a path"), "--to", copy]);
    assert!(!other.status.success() && err(&other).contains("is of the ledger"), "{}", err(&other));
    let stat = talon(&["--ledger", &url, "--state", state, "stat"]);
    assert_eq!(stat.status.code(), Some(2), "{}", err(&stat));
    assert!(err(&stat).contains("has no segment files"), "{}", err(&stat));
}

/// The topic is for many; the ids and keys in one folder are one process's.
/// A folder is of one cluster: a mistyped address appends to no other ledger, and a new password is taken.
#[test]
fn an_address_that_is_not_the_folders_is_refused() {
    let Some(url) = address("folder") else { return };
    let scratch = Scratch::new();
    let state = scratch.path("state");
    let state = state.to_str().expect("a path");
    done(talon(&["init", &url, "--state", state]));
    let (_, topic) = url.rsplit_once('/').expect("a topic");
    let elsewhere = format!("kafka://elsewhere:9092/{topic}");
    let refused = talon(&["--ledger", &elsewhere, "--state", state, "publish", "/dev/null"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(err(&refused).contains("and not of kafka://elsewhere:9092/"), "{}", err(&refused));
    let slower = format!("{url}?socket.timeout.ms=5000");
    done(talon(&["--ledger", &slower, "--state", state, "digest"]));
    let held = || fs::read_to_string(scratch.path("state/journal.url")).expect("an address");
    assert!(held().contains("socket.timeout.ms=5000"));
    done(talon(&["--ledger", &url, "--state", state, "digest"]));
    assert!(held().contains("socket.timeout.ms=5000"), "who does not say how keeps what is kept");
}

/// What a wrong clock recorded is carried as it is, and the topic is as guarded behind it as before.
#[test]
fn a_journal_of_a_clock_that_ran_ahead_moves_as_well() {
    let Some(url) = address("ahead") else { return };
    let scratch = Scratch::new();
    let home = scratch.path("home");
    fs::create_dir(&home).expect("room");
    let settings = WriterSettings::new("a test", seeds(1));
    let journal = EmbeddedJournal::create(&home, ledger_id(), settings, &genesis(ledger_id())).expect("a journal");
    let merchant = MerchantId(732_829_320);
    let mut ahead = record(merchant, 1, 40);
    let year_2099 = 4_070_908_800_000_000_i64;
    ahead[8..16].copy_from_slice(&year_2099.to_le_bytes());
    let records = [record(merchant, 0, 40), ahead, record(merchant, 2, 40)];
    let batch = batch_of(records.iter().map(|bytes| (merchant, bytes.as_slice())));
    journal.append(batch).wait().expect("room");
    drop(journal);

    let home = home.to_str().expect("a path");
    let copied = out(&done(talon(&["copy", "--from", home, "--to", &url])));
    assert!(copied.contains("0 records behind: the same roots"), "{copied}");
    let topics = Connection::parse(&url).map(|url| Topics::of(&url).expect("a client")).expect("an address");
    let lifted = topics.check(Role::Journal).expect("a topic").into_iter().find(|of| of.setting == Topics::AHEAD);
    assert!(lifted.is_none(), "the time limit is back: {lifted:?}");
    // The way home needs no brokers' leave.
    let back = scratch.path("back");
    let copied = out(&done(talon(&["copy", "--from", &url, "--to", back.to_str().expect("a path")])));
    assert!(copied.contains("0 records behind: the same roots"), "{copied}");
}

#[test]
fn two_who_publish_need_a_folder_each() {
    let Some(url) = address("two") else { return };
    let scratch = Scratch::new();
    let state = scratch.path("state");
    let state = state.to_str().expect("a path");
    done(talon(&["init", &url, "--state", state]));
    let file = scratch.path("day.jsonl");
    fs::write(&file, day()[..3].join("\n")).expect("room");
    let publish = |state: &str| talon(&["--ledger", &url, "--state", state, "publish", file.to_str().expect("a path")]);
    let claimed = Folder::new(Path::new(state)).claim("a test").expect("a folder");
    assert!(matches!(claimed, Claim::Ours(_)), "{claimed:?}");
    let refused = publish(state);
    assert!(!refused.status.success() && err(&refused).contains("is held by a test"), "{}", err(&refused));
    let other = scratch.path("other");
    let other = out(&publish(other.to_str().expect("a path")));
    assert!(other.contains("appended") && other.contains("0 refused"), "{other}");
    drop(claimed);
    done(publish(state));
}

#[test]
fn a_ledger_on_kafka_is_asked_for_where_its_own_things_lie() {
    let nowhere = talon(&["--ledger", "kafka://127.0.0.1:1/books", "digest"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(err(&nowhere).contains("needs --state DIR"), "{}", err(&nowhere));
    let ours = talon(&["topics", "check", "kafka://127.0.0.1:1/books?message.timeout.ms=1000"]);
    assert_eq!(ours.status.code(), Some(2));
    assert!(err(&ours).contains("message.timeout.ms is not to be set"), "{}", err(&ours));
}
