//! What becomes of golden records (journal/tests/golden/families.txt), for ever: which are foreign, which tell of something
//! for the first time, which again, which otherwise; and whether they have the ids and streams that they must have.

use talon_domain::claim::natural_stream;
use talon_domain::digest;
use talon_domain::fact::{Kind, Payload};
use talon_domain::fold::{Fold, Verdict};
use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_domain::ordered::Ruling;
use talon_domain::stream::Stream;
use talon_journal::{Positions, Record, Stored};
use talon_proto::{broadcast_id_of, decode, erasure_id_of, event_id_of};
use talon_replay::{Entry, Foreign, classify};
use talon_testkit::{hex, unhex};

const RECORDS: &str = include_str!("../../../journal/tests/golden/families.txt");
const ROWS: &str = include_str!("../golden/rows.txt");
const DIGEST: &str = include_str!("../golden/digest.txt");

struct Golden {
    name: &'static str,
    partition: PartitionId,
    position: Position,
    verdict: &'static str,
    bytes: Vec<u8>,
}

fn goldens() -> Vec<Golden> {
    let mut next = Positions::beginning();
    let lines = RECORDS.lines().filter(|line| !line.starts_with('#'));
    let golden = |line: &'static str| {
        let [name, partition, verdict, bytes, _] = line.split(' ').collect::<Vec<_>>().try_into().expect("five words");
        let partition = PartitionId(partition.parse().expect("a number"));
        let position = next.next(partition);
        next.set(partition, Position(position.0 + 1));
        Golden { name, partition, position, verdict, bytes: unhex(bytes) }
    };
    lines.map(golden).collect()
}

fn named(name: &str) -> Golden {
    goldens().into_iter().find(|golden| golden.name == name).expect("a golden")
}

fn entry(Golden { partition, position, bytes, .. }: &Golden) -> Entry {
    classify(&Stored { partition: *partition, position: *position, bytes })
}

#[test]
fn golden_records_are_always_judged_the_same() {
    let mut fold = Fold::new();
    for golden in goldens() {
        let verdict = match entry(&golden) {
            Entry::Control => "control",
            Entry::Foreign(_) => "foreign",
            Entry::Fact(fact) => match fold.apply(golden.partition, *fact) {
                Verdict::Fact => "fact",
                Verdict::Duplicate => "duplicate",
                Verdict::Conflict => "conflict",
                Verdict::Parked => "parked",
                Verdict::Later => "later",
            },
        };
        assert_eq!(verdict, golden.verdict, "{}", golden.name);
    }
    let of = |partition| fold.partitions().find(|(of, _)| *of == PartitionId(partition)).expect("it").1;
    let rulings = of(22).rulings();
    assert!(rulings.all().iter().all(|(.., ruling)| *ruling == Ruling::Valid));
    let header = Record::parse(&named("subject_erased").bytes).expect("a record").fact_header();
    assert!(rulings.is_erased(header.stream_key()) && rulings.is_active(Kind::SMS_SENT, 2));
    let [bulk] = of(4).bulks().applied() else { panic!("one bulk") };
    assert_eq!((&bulk.content[..], bulk.kind, bulk.schema), (&b"a part and another"[..], 3001, 1));
    assert_eq!(fold.digest().to_string(), DIGEST.trim(), "under version 1 of the fold");
}

/// Rows that another writer made: a stream of one fact, and what the digest adds of it.
#[test]
fn golden_rows_are_what_the_digest_adds() {
    let rows: Vec<Vec<&str>> =
        ROWS.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(' ').collect()).collect();
    assert_eq!(rows.len(), 4);
    for row in rows {
        let golden = named(row[0]);
        let Entry::Fact(fact) = entry(&golden) else { panic!("{}", row[0]) };
        let key = fact.header.stream_key();
        let stream: Stream = [*fact].into_iter().collect();
        assert_eq!(hex(&digest::row(key, &stream)), row[1], "{}", row[0]);
    }
}

#[test]
fn what_is_foreign_is_so_for_one_reason() {
    for (name, why) in [
        ("stub", Foreign::Stub),
        ("draft", Foreign::NoRecord),
        ("late_genesis", Foreign::LateGenesis),
        ("in_another_partition", Foreign::OtherPartition),
        ("technical_by_a_publisher", Foreign::NotTheLedger),
        ("nobodys_by_a_person", Foreign::NotTheLedger),
    ] {
        assert!(matches!(entry(&named(name)), Entry::Foreign(found) if found == why), "{name}");
    }
}

/// Another writer named them from docs/format.md and docs/events.md; so would the door.
#[test]
fn golden_records_have_the_ids_and_streams_that_they_must_have() {
    let (mut natural, mut made) = (0, 0);
    for Golden { name, partition, bytes, .. } in goldens() {
        let Ok(record) = Record::parse(&bytes) else { continue };
        let header = record.fact_header();
        let payload = decode(header.kind, header.schema, record.payload());
        if let Some(stream) = natural_stream(&payload) {
            assert_eq!(header.stream, stream, "{name}");
            natural += 1;
        }
        let of_key = |merchant, key: &str| event_id_of(merchant, header.occurred_at, key);
        let copy_of = |key: &str| broadcast_id_of(of_key(MerchantId(0), key), partition);
        let id = match (name, &payload) {
            ("named_by_its_key", _) => of_key(header.merchant, "alma:payment_11x:debit:2"),
            (_, Payload::EventRefused(refused)) => of_key(header.merchant, &format!("refused:{}", refused.event_id)),
            (_, Payload::SubjectErased(_)) => erasure_id_of(header.merchant, header.stream, header.training),
            ("calendar_in_0" | "calendar_in_22" | "calendar_in_63", _) => copy_of("calendar:TARGET-2026:1"),
            (_, Payload::SchemaActivated(_)) => copy_of("schema:3:2"),
            _ => continue,
        };
        assert_eq!(header.event_id, id, "{name}");
        made += 1;
    }
    assert_eq!((natural, made), (8, 7));
}

#[test]
fn a_golden_day_is_the_day_in_paris() {
    let days = goldens().into_iter().filter_map(|golden| {
        let header = Record::parse(&golden.bytes).ok()?.fact_header();
        Some((golden.name, header.occurred_at.paris_day(), header.day))
    });
    days.for_each(|(name, day, stated)| assert_eq!(day, Some(stated), "{name}"));
}
