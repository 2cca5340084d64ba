//! The workload is accepted by the door, and contradicts itself nowhere.

use talon_domain::anomaly::Persistence;
use talon_intake::{Door, Group, Outcome, Publisher, Seals, genesis, new_ledger_id};
use talon_journal::{IdIndex, Journal, MemoryJournal, Positions};
use talon_vault::Entropy;

use super::*;

/// 2026-11-25T09:00:00Z.
const NOW: Instant = Instant(1_795_597_200_000_000);

fn ledger() -> (MemoryJournal, Door) {
    let mut entropy = Entropy::from_seed([7; 32]);
    let id = new_ledger_id(NOW, &mut entropy);
    let journal = MemoryJournal::create(id, genesis(id, "bench.example", NOW, &mut entropy).unwrap()).unwrap();
    let index = IdIndex::of(&journal).unwrap();
    (journal, Door::new(index, Seals::imagined(), entropy))
}

#[test]
fn every_event_is_taken_and_no_payment_contradicts_itself() {
    let (journal, mut door) = ledger();
    let (mut workload, mut batch, mut group) = (Workload::of(1), EventBatch::new(), Group::new());
    for round in 0..10 {
        let now = Instant(NOW.0 + round * 1_000_000);
        workload.fill(&mut batch, 1_000, now);
        let outcomes = door.publish(&batch, &Publisher::local(), now, &journal, &mut group).unwrap();
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Appended(_))), "{outcomes:?}");
    }
    let mut fold = talon_domain::fold::Fold::new();
    let mut reader = journal.scan(&Positions::beginning()).unwrap();
    let mut sealed = 0;
    while let Some(stored) = reader.next().unwrap() {
        let record = talon_journal::Record::parse(stored.bytes).unwrap();
        sealed += u32::from(record.sealed().is_some());
        let payload = talon_proto::decode(record.kind(), record.schema(), record.payload());
        fold.apply(stored.partition, talon_domain::fact::Fact { header: record.fact_header(), payload });
    }
    assert_eq!(fold.counts().facts, 10_000 + 64);
    assert!((1_500..=2_500).contains(&sealed), "{sealed} of 10,000 are sealed");
    for (key, stream) in fold.payments().filter(|(_, stream)| stream.facts().count() >= 5) {
        let state = stream.state(key);
        let permanent: Vec<_> =
            state.anomalies.iter().filter(|anomaly| anomaly.code.persistence() == Persistence::Permanent).collect();
        assert!(permanent.is_empty(), "{permanent:?}");
        let mut counted: Vec<_> =
            stream.facts().map(|fact| fact.header.terminal_seq.0).filter(|seq| *seq != 0).collect();
        counted.sort_unstable();
        assert!(counted.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{counted:?} has no hole");
    }
}

#[test]
fn one_seed_is_one_sequence_and_a_few_merchants_sell_most() {
    let sequence = |seed| {
        let (mut workload, mut bytes) = (Workload::of(seed), Vec::new());
        (0..2_000).for_each(|_| workload.write(&mut bytes, NOW));
        bytes
    };
    assert_eq!(sequence(3), sequence(3));
    assert_ne!(sequence(3), sequence(4));
    let mut workload = Workload::of(3);
    let mut merchants = std::collections::BTreeMap::<_, u32>::new();
    for _ in 0..3_000 {
        *merchants.entry(workload.begin(NOW).blanks.merchant()).or_default() += 1;
    }
    let mut sales: Vec<_> = merchants.values().copied().collect();
    sales.sort_unstable_by(|a, b| b.cmp(a));
    let top: u32 = sales.iter().take(50).sum();
    assert!(top > 1_200 && sales.len() > 500, "{top} of 3000, {} merchants", sales.len());
}
