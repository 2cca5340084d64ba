//! Topics as they have to be, and what is told of those that are not.

use std::io::Write as _;
use std::process::Stdio;

use talon_domain::ids::{MerchantId, PartitionId};
use talon_journal::{Batch, Damage, Flaw, OpenError, partition_of};
use talon_kafka::{AppendPatience, KafkaJournal, Role, TopicError, read_letters};
use talon_testkit::{genesis, kafka, ledger_id};

use crate::broker::Topic;

/// Begins a topic with records that `change` makes of genesis records, and says why it does not open.
fn begun_with(topic: &Topic, change: impl Fn(PartitionId, &[u8]) -> Vec<u8>) -> OpenError {
    let mut begun = Batch::new();
    for (partition, bytes) in genesis(ledger_id()).iter() {
        begun.push(partition, &[&change(partition, bytes)]).expect("room");
    }
    let patience = AppendPatience::default();
    drop(KafkaJournal::create(topic.0.clone(), ledger_id(), begun, patience).expect("a beginning"));
    KafkaJournal::open_to_read(topic.0.clone()).map(drop).expect_err("no journal")
}

#[test]
fn all_partitions_name_one_ledger() {
    let Some(topic) = Topic::made() else { return };
    let other = |partition: PartitionId, bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[72..88].iter_mut().for_each(|byte| *byte ^= u8::from(partition.0 == 41));
        bytes
    };
    let refused = begun_with(&topic, other);
    let named = |of: &Damage| of.flaw == Flaw::Genesis && of.records[0].partition == PartitionId(41);
    assert!(matches!(&refused, OpenError::Corrupt(damage) if named(damage)), "{refused}");
}

#[test]
fn a_ledger_of_the_draft_is_refused_by_its_format() {
    let Some(topic) = Topic::made() else { return };
    let draft = |_: PartitionId, bytes: &[u8]| [&bytes[..1], &[0], &bytes[2..]].concat();
    let refused = begun_with(&topic, draft);
    assert!(matches!(&refused, OpenError::Unsupported { format: 0, .. }), "{refused}");
    assert!(refused.to_string().contains("publish its events again"), "{refused}");
}

#[test]
fn a_topic_that_was_made_is_as_it_has_to_be_and_is_made_once() {
    let Some(topic) = Topic::named() else { return };
    let admin = topic.admin();
    assert!(matches!(admin.check(Role::Journal), Err(TopicError::Absent(_))));
    admin.create(Role::Journal).expect("a topic");
    let findings = admin.check(Role::Journal).expect("a topic");
    let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
    // One broker is nobody's fault; with three there is nothing to say.
    let is_alone = !kafka::servers().unwrap_or_default().contains(',');
    assert_eq!(told, if is_alone { vec!["replication.factor is 1, and has to be 3"] } else { vec![] });
    assert!(findings.iter().all(|finding| !finding.is_fault));
    assert!(matches!(admin.create(Role::Journal), Err(TopicError::Exists(_))));
    let as_intake: Vec<_> = admin.check(Role::Intake).expect("a topic").into_iter().filter(|of| of.is_fault).collect();
    assert_eq!(as_intake.len(), 1, "{as_intake:?}");
    assert_eq!(as_intake[0].to_string(), "retention.ms is -1, and has to be 604800000");
}

/// A beginning that was broken off, and a topic that holds something else.
#[test]
fn a_topic_without_a_whole_beginning_is_no_journal() {
    let Some(topic) = Topic::made() else { return };
    let open = || KafkaJournal::open_to_read(topic.0.clone()).map(drop);
    assert!(matches!(open(), Err(OpenError::NoJournal { .. })));
    let mut some = Batch::new();
    genesis(ledger_id()).iter().take(3).for_each(|(partition, bytes)| some.push(partition, &[bytes]).expect("room"));
    let begun = KafkaJournal::create(topic.0.clone(), ledger_id(), some, AppendPatience::default());
    drop(begun.expect("three records"));
    let broken = open().expect_err("sixty-one partitions are empty");
    assert!(matches!(&broken, OpenError::Corrupt(damage) if damage.flaw == Flaw::Genesis), "{broken}");
    let again = KafkaJournal::create(topic.0.clone(), ledger_id(), genesis(ledger_id()), AppendPatience::default());
    assert!(matches!(again.map(drop), Err(OpenError::Exists { .. })));
}

/// Where Kafka's own client puts keys, by writing them with it: the partitions of merchants are its own.
#[test]
fn merchants_are_where_kafkas_own_client_puts_them() {
    let Some(topic) = Topic::named() else { return };
    topic.admin().create(Role::Intake).expect("a topic");
    let merchants: Vec<u64> = (0..60).chain((1..3_000).map(|of| of * 333_667)).chain([u64::MAX]).collect();
    let properties = ["--property", "parse.key=true", "--producer-property", "acks=all"];
    let words = ["--bootstrap-server", kafka::servers().expect("a Kafka"), "--topic", topic.0.topic()];
    let mut tool = kafka::tool("org.apache.kafka.tools.ConsoleProducer", &[&words[..], &properties[..]].concat());
    let mut tool = tool.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("java runs");
    let mut into = tool.stdin.take().expect("a pipe");
    merchants.iter().for_each(|merchant| writeln!(into, "{merchant}\tx").expect("it reads"));
    drop(into);
    assert!(tool.wait().expect("it ends").success());
    let mut seen = 0;
    read_letters(&topic.0, &mut |letter| {
        let key = String::from_utf8(letter.key.expect("a key")).expect("digits");
        let merchant = MerchantId(key.parse().expect("a number"));
        assert_eq!(letter.partition, i32::from(partition_of(merchant).0), "merchant {merchant}");
        seen += 1;
    })
    .expect("the topic");
    assert_eq!(seen, merchants.len());
}
