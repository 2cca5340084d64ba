//! Brokers that die, stand still and come back while records are appended: what was acknowledged is there, once, at the
//! place that was told. Needs three brokers (`cargo xtask kafka up --brokers 3`); with one all but the bad network is left
//! out.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{Journal, Positions, partition_of};
use talon_kafka::{AppendPatience, Connection, KafkaJournal};
use talon_testkit::kafka::{BadNet, Weather};
use talon_testkit::{batch_of, genesis, kafka, ledger_id, record};

use crate::broker::{Topic, alone};

/// Records of one batch.
const BATCH: u64 = 20;
/// Longer than a session of a broker: whoever is silent for so long is missed.
const MISSED: Duration = Duration::from_secs(4);

/// What became of numbered records.
#[derive(Default)]
struct Told {
    places: BTreeMap<u64, (PartitionId, Position)>,
    in_doubt: BTreeSet<u64>,
}

const fn merchant(number: u64) -> MerchantId {
    MerchantId(732_829_320 + number % 5)
}

fn bytes(number: u64) -> Vec<u8> {
    record(merchant(number), number, 40)
}

fn append_until(journal: &dyn Journal, stop: &AtomicBool) -> Told {
    let mut told = Told::default();
    for first in (0u64..).step_by(20) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let records: Vec<_> = (first..first + BATCH).map(|number| (merchant(number), bytes(number))).collect();
        let batch = batch_of(records.iter().map(|(merchant, bytes)| (*merchant, bytes.as_slice())));
        match journal.append(batch).wait() {
            Ok(appended) => told.places.extend((first..).zip(appended.places())),
            Err(_) => told.in_doubt.extend(first..first + BATCH),
        }
    }
    told
}

/// A journal that waits so long for an append. Brokers that have come back a moment ago need longer for the beginning.
fn begun(topic: &Topic, patience: Duration) -> KafkaJournal {
    let long = AppendPatience(Duration::from_mins(2));
    drop(KafkaJournal::create(topic.0.clone(), ledger_id(), genesis(ledger_id()), long).expect("a journal"));
    KafkaJournal::open(topic.0.clone(), AppendPatience(patience)).expect("a journal")
}

/// Every record of the topic by its number, with its places.
fn found(journal: &dyn Journal) -> BTreeMap<Vec<u8>, Vec<(PartitionId, Position)>> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    let mut reader = journal.scan(&Positions::beginning()).expect("a scan");
    while let Some(stored) = reader.next().expect("dense positions") {
        found.entry(stored.bytes.to_vec()).or_default().push((stored.partition, stored.position));
    }
    found
}

#[test]
fn whatever_becomes_of_brokers_what_was_acknowledged_is_there_once() {
    if kafka::servers().is_none_or(|servers| servers.split(',').count() != 3) {
        return;
    }
    let _alone = alone();
    let topic = Topic::for_faults().expect("a Kafka");
    // Longer than any of the faults: so nothing is in doubt.
    let patience = AppendPatience(Duration::from_mins(2));
    let journal =
        KafkaJournal::create(topic.0.clone(), ledger_id(), genesis(ledger_id()), patience).expect("a journal");
    let stop = AtomicBool::new(false);
    let told = thread::scope(|scope| {
        let appender = scope.spawn(|| append_until(&journal, &stop));
        for faults in [["kill 1", "start 1"], ["pause 2", "resume 2"], ["kill 3", "start 3"]] {
            for fault in faults {
                kafka::tell(&fault.split(' ').collect::<Vec<_>>());
                thread::sleep(MISSED);
            }
        }
        // Two of three: nobody can acknowledge anything until one of them is back.
        for fault in ["kill 1", "kill 2", "start 1", "start 2"] {
            kafka::tell(&fault.split(' ').collect::<Vec<_>>());
        }
        thread::sleep(MISSED);
        stop.store(true, Ordering::Relaxed);
        appender.join().expect("an appender")
    });
    drop(journal);
    let journal = KafkaJournal::open_to_read(topic.0.clone()).expect("the journal");
    let found = found(&journal);
    assert!(told.places.len() > 1_000, "{}", told.places.len());
    for (number, place) in &told.places {
        assert_eq!(place.0, partition_of(merchant(*number)));
        assert_eq!(found.get(&bytes(*number)), Some(&vec![*place]), "record {number}");
    }
    assert_eq!(told.in_doubt.len(), 0, "the brokers came back before anybody lost patience");
    let genesis_records = 64;
    assert_eq!(found.values().map(Vec::len).sum::<usize>(), told.places.len() + genesis_records);
}

/// Between client and brokers everything is late, lost or broken off: what was acknowledged is there once all the same.
#[test]
fn whatever_becomes_of_the_network_what_was_acknowledged_is_there_once() {
    let Some(topic) = Topic::made() else { return };
    let Some(net) = BadNet::begin() else { return };
    let address = format!("kafka://{}/{}?socket.timeout.ms=3000", net.servers(), topic.0.topic());
    let by_net = Connection::parse(&address).expect("an address");
    let patience = AppendPatience(Duration::from_mins(2));
    let journal = KafkaJournal::create(by_net, ledger_id(), genesis(ledger_id()), patience).expect("a journal");
    let stop = AtomicBool::new(false);
    let told = thread::scope(|scope| {
        let appender = scope.spawn(|| append_until(&journal, &stop));
        let weathers = [Weather::Slow(40), Weather::Cut(30), Weather::Silent, Weather::Cut(700), Weather::Slow(250)];
        for weather in weathers {
            thread::sleep(Duration::from_millis(1_500));
            net.is(weather);
            thread::sleep(Duration::from_secs(4));
            net.is(Weather::Fair);
        }
        thread::sleep(MISSED);
        stop.store(true, Ordering::Relaxed);
        appender.join().expect("an appender")
    });
    drop(journal);
    let journal = KafkaJournal::open_to_read(topic.0.clone()).expect("the journal");
    let found = found(&journal);
    assert!(told.places.len() > 500, "{}", told.places.len());
    assert!(told.in_doubt.is_empty(), "the network was fair again before anybody lost patience");
    for (number, place) in &told.places {
        assert_eq!(found.get(&bytes(*number)), Some(&vec![*place]), "record {number}");
    }
    assert_eq!(found.values().map(Vec::len).sum::<usize>(), told.places.len() + 64);
}

/// While brokers stand still, the client takes so many records and no more: who appends waits for room, and is told in time
/// that there was none. What was taken is in the log later, and what was not taken is not.
#[test]
fn where_the_clients_queue_is_full_whoever_appends_waits_and_is_told() {
    if kafka::servers().is_none_or(|servers| servers.split(',').count() != 3) {
        return;
    }
    let _alone = alone();
    let topic = Topic::for_faults().expect("a Kafka");
    let journal = begun(&topic, Duration::from_secs(8));
    let batch = |of: u64| {
        let records: Vec<_> = (of * 2_000..(of + 1) * 2_000).map(|n| (merchant(n), bytes(n))).collect();
        batch_of(records.iter().map(|(merchant, bytes)| (*merchant, bytes.as_slice())))
    };
    let nodes = ["1", "2", "3"];
    nodes.iter().for_each(|node| kafka::tell(&["pause", node]));
    let under_way: Vec<_> = (0..51).map(|of| journal.append(batch(of))).collect();
    let mut told = under_way.into_iter().map(|completion| completion.wait().expect_err("nobody answers"));
    nodes.iter().for_each(|node| kafka::tell(&["resume", node]));
    let is_in_doubt = |told: &talon_journal::AppendError| told.kind() == talon_journal::ErrorKind::Indeterminate;
    assert!(told.by_ref().take(50).all(|told| is_in_doubt(&told)), "a hundred thousand records were taken");
    let full = told.next().expect("one more");
    assert!(!is_in_doubt(&full) && full.to_string().contains("queue was full"), "{full}");
    // There is room again, and in the log there is what was taken, each record once.
    while journal.append(batch(50)).wait().is_err() {}
    let found = found(&journal);
    assert_eq!(found.len(), 64 + 102_000);
    assert!(found.values().all(|places| places.len() == 1));
}

/// The deadline is ours: an append that nobody can acknowledge ends, and what is told of it is no more than anybody knows.
#[test]
fn without_brokers_the_outcome_is_unknown_and_what_was_under_way_comes_later() {
    if kafka::servers().is_none_or(|servers| servers.split(',').count() != 3) {
        return;
    }
    let _alone = alone();
    let topic = Topic::for_faults().expect("a Kafka");
    let journal = begun(&topic, Duration::from_secs(2));
    for node in ["1", "2", "3"] {
        kafka::tell(&["pause", node]);
    }
    let records: Vec<_> = (0..BATCH).map(|number| (merchant(number), bytes(number))).collect();
    let batch = batch_of(records.iter().map(|(merchant, bytes)| (*merchant, bytes.as_slice())));
    let unknown = journal.append(batch).wait().expect_err("nobody answers");
    // Who tries again meanwhile is told to wait: beside what is under way the same records would be in the log twice.
    let batch = batch_of(records.iter().map(|(merchant, bytes)| (*merchant, bytes.as_slice())));
    let again = journal.append(batch).wait().expect_err("it is under way");
    for node in ["1", "2", "3"] {
        kafka::tell(&["resume", node]);
    }
    assert_eq!(unknown.kind(), talon_journal::ErrorKind::Indeterminate, "{unknown}");
    assert_eq!(again.kind(), talon_journal::ErrorKind::Unavailable, "{again}");
    // The client has them still: they are handed over once, when the brokers are back.
    let mut ends = journal.ends();
    while ends.total() < 64 + BATCH {
        assert!(journal.wait(&ends, Duration::from_mins(1)).expect("brokers"), "{ends:?}");
        ends = journal.ends();
    }
    let found = found(&journal);
    assert!(records.iter().all(|(_, bytes)| found.get(bytes).is_some_and(|places| places.len() == 1)));
}
