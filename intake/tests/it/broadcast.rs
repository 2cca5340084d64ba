//! What names no merchant reaches every partition: at once, or in as many goes as it takes.

use std::collections::BTreeMap;

use talon_domain::claim::natural_stream;
use talon_domain::fact::{Kind, Payload, Source};
use talon_domain::ids::{EventId, MerchantId, PartitionId, PrincipalId};
use talon_domain::time::Instant;
use talon_intake::{Broadcast, BroadcastError, Door, Refusal, Seals, Told};
use talon_journal::{AppendError, Batch, IdIndex, Journal as _, Positions, Record};
use talon_proto::{decode, payload_from_json};
use talon_vault::Entropy;

use crate::bench::{Bench, NOW};
use crate::failing::Failing;

const KEY: &str = "calendar:TARGET-2026:1";

fn payload(reason: &str) -> Vec<u8> {
    let text = format!(
        r#"{{"id":"TARGET-2026","version":1,"closedDays":[{{"day":"2026-12-25","label":"Christmas Day"}}],"authorCode":"op-1","reason":"{reason}"}}"#
    );
    payload_from_json(Kind::CALENDAR_REGISTERED, text.as_bytes()).expect("a calendar")
}

fn calendar(payload: &[u8]) -> Broadcast<'_> {
    Broadcast { kind: Kind::CALENDAR_REGISTERED, source_key: KEY, payload, principal: PrincipalId(1) }
}

/// What the copies are: by partition, all records of the kind in their order.
fn copies(bench: &Bench) -> BTreeMap<PartitionId, Vec<Vec<u8>>> {
    let mut copies: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut reader = bench.journal.scan(&Positions::beginning()).expect("a reader");
    while let Some(stored) = reader.next().expect("a record") {
        if Record::parse(stored.bytes).expect("a record").kind() == Kind::CALENDAR_REGISTERED {
            copies.entry(stored.partition).or_default().push(stored.bytes.to_vec());
        }
    }
    copies
}

fn ids(bench: &Bench) -> Vec<(PartitionId, EventId)> {
    let of = |bytes: &Vec<u8>| Record::parse(bytes).expect("a record").event_id();
    copies(bench).iter().flat_map(|(partition, all)| all.iter().map(|bytes| (*partition, of(bytes)))).collect()
}

fn tell(bench: &mut Bench, payload: &[u8], at: Instant) -> Told {
    bench.door.broadcast(&calendar(payload), at, &bench.journal).expect("told")
}

fn later(minutes: i64) -> Instant {
    Instant(NOW.0 + minutes * 60_000_000)
}

#[test]
fn every_partition_gets_one_copy_of_its_own() {
    let mut bench = Bench::new();
    let payload = payload("a year");
    let told = tell(&mut bench, &payload, NOW);
    assert_eq!((told.appended, told.known, told.occurred_at), (64, 0, NOW));
    assert_eq!(told.original.to_string(), "01a211ee-ea80-8046-a207-0d6e3d2e40d9");
    let copies = copies(&bench);
    assert_eq!(copies.keys().map(|partition| partition.0).collect::<Vec<_>>(), (0..64).collect::<Vec<_>>());
    let stream = natural_stream(&decode(Kind::CALENDAR_REGISTERED, 1, &payload)).expect("a stream");
    for (partition, records) in &copies {
        let [bytes] = &records[..] else { panic!("one copy in {partition}") };
        let record = Record::parse(bytes).expect("a record");
        let header = record.fact_header();
        assert_eq!((header.merchant, header.source, header.principal.0), (MerchantId(0), Source::Ledger, 1));
        assert_eq!((header.stream, header.occurred_at, header.recorded_at), (stream, NOW, NOW));
        assert_eq!(record.payload(), payload, "byte for byte");
        assert!(matches!(decode(header.kind, header.schema, record.payload()), Payload::Calendar(_)));
    }
}

#[test]
fn the_ids_of_copies_are_golden() {
    let mut bench = Bench::new();
    tell(&mut bench, &payload("a year"), NOW);
    let ids: BTreeMap<_, _> = ids(&bench).into_iter().map(|(partition, id)| (partition.0, id.to_string())).collect();
    for (partition, id) in [
        (0, "01a211ee-ea80-8680-b078-950e7d280c5a"),
        (1, "01a211ee-ea80-8f03-9942-021d3500d139"),
        (37, "01a211ee-ea80-8fb5-a6c1-deda1c342044"),
        (63, "01a211ee-ea80-8e95-84eb-0b2d1d702040"),
    ] {
        assert_eq!(ids[&partition], id, "{partition}");
    }
}

#[test]
fn the_second_time_nothing_is_appended() {
    let mut bench = Bench::new();
    let first = tell(&mut bench, &payload("a year"), NOW);
    let again = tell(&mut bench, &payload("a year"), later(10));
    assert_eq!((again.appended, again.known), (0, 64));
    assert_eq!((again.original, again.occurred_at), (first.original, NOW));
    assert_eq!(ids(&bench).len(), 64);
}

/// A bench whose journal holds some of another's copies, behind a door that has just read it.
fn cut_off(whole: &Bench, holds: impl Fn(u16) -> bool) -> Bench {
    let mut bench = Bench::new();
    let mut batch = Batch::new();
    for (partition, records) in copies(whole).iter().filter(|(partition, _)| holds(partition.0)) {
        records.iter().for_each(|bytes| batch.push(*partition, &[bytes]).expect("room"));
    }
    bench.journal.append(batch).wait().expect("an answer");
    let index = IdIndex::of(&bench.journal).expect("an index");
    let seals = Seals::later(Box::new(|| panic!("nothing is sealed")));
    bench.door = Door::new(index, seals, Entropy::from_seed([9; 32]));
    bench
}

#[test]
fn cut_off_after_any_number_of_copies_it_is_taken_up_under_the_same_ids() {
    let mut whole = Bench::new();
    let payload = payload("a year");
    tell(&mut whole, &payload, NOW);
    let expected = ids(&whole);
    for copies in 1..=64 {
        let mut bench = cut_off(&whole, |partition| partition < copies);
        let told = tell(&mut bench, &payload, later(90));
        assert_eq!((told.appended, told.known, told.occurred_at), (usize::from(64 - copies), usize::from(copies), NOW));
        assert_eq!(ids(&bench), expected, "cut after {copies}");
    }
}

#[test]
fn whichever_partitions_have_heard_the_others_are_told() {
    let mut whole = Bench::new();
    let payload = payload("a year");
    tell(&mut whole, &payload, NOW);
    let expected = ids(&whole);
    for seed in 1..40u32 {
        let holds = |partition: u16| {
            let partition = u32::from(partition);
            partition == seed || (partition * 37 + seed * 11).is_multiple_of(3 + seed % 7)
        };
        let mut bench = cut_off(&whole, holds);
        tell(&mut bench, &payload, later(seed.into()));
        assert_eq!(ids(&bench), expected, "seed {seed}");
    }
}

#[test]
fn another_content_is_another_statement() {
    let mut bench = Bench::new();
    let first = tell(&mut bench, &payload("a year"), NOW);
    let second = tell(&mut bench, &payload("a better year"), later(1));
    assert_eq!((second.appended, second.known), (64, 0));
    assert_ne!(first.original, second.original);
    assert_eq!(ids(&bench).len(), 128);
    // Each of the two is known again.
    assert_eq!(tell(&mut bench, &payload("a year"), later(2)).known, 64);
    assert_eq!(tell(&mut bench, &payload("a better year"), later(2)).known, 64);
}

#[test]
fn another_content_of_one_name_and_millisecond_is_refused() {
    let mut bench = Bench::new();
    tell(&mut bench, &payload("a year"), NOW);
    let other = payload("a better year");
    let refused = bench.door.broadcast(&calendar(&other), NOW, &bench.journal);
    assert!(matches!(refused, Err(BroadcastError::Refused(Refusal::Conflict { .. }))), "{refused:?}");
    assert_eq!(ids(&bench).len(), 64);
}

#[test]
fn what_is_not_fit_to_be_kept_is_refused() {
    let mut bench = Bench::new();
    for (payload, rule) in [
        (&b"\xff"[..], "event_must_be_protobuf"),
        (&[][..], "field_must_be_stated"),
        (&payload("4111 1111 1111 1111"), "text_must_hold_no_card_number"),
    ] {
        match bench.door.broadcast(&calendar(payload), NOW, &bench.journal) {
            Err(BroadcastError::Refused(refusal)) => assert_eq!(refusal.name(), rule),
            other => panic!("{other:?}"),
        }
    }
    let clock = bench.door.broadcast(&calendar(&payload("a year")), Instant(0), &bench.journal);
    assert!(matches!(clock, Err(BroadcastError::Clock)), "{clock:?}");
    assert!(ids(&bench).is_empty());
}

#[test]
fn a_journal_that_fails_leaves_a_broadcast_that_can_be_said_again() {
    let mut bench = Bench::new();
    let error = AppendError::Indeterminate { durable: 3, in_doubt: 2, reason: "disk full".into() };
    let failing = Failing::with(&bench.journal, error);
    let failed = bench.door.broadcast(&calendar(&payload("a year")), NOW, &failing);
    assert!(matches!(failed, Err(BroadcastError::Append(_))), "{failed:?}");
    assert_eq!(tell(&mut bench, &payload("a year"), later(1)).appended, 64);
}
