//! The embedded engine against the one in memory: whatever is appended, in whatever portions, closed and opened in
//! between, both hold the same records at the same positions.

use std::sync::Arc;

use proptest::prelude::*;
use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{
    Batch, EmbeddedJournal, Journal, MemoryJournal, PARTITIONS, SegmentSizes, WriterSettings, partition_of,
};
use talon_testkit::{Disk, genesis, ledger_id, record, seeds};

/// What a run does next.
#[derive(Clone, Debug)]
enum Act {
    Append(Vec<(u64, usize)>),
    Reopen,
    Read(u16, u64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let records = proptest::collection::vec((0u64..9, 0usize..30_000), 0..12);
    let act = prop_oneof![
        6 => records.prop_map(Act::Append),
        1 => Just(Act::Reopen),
        3 => (0..PARTITIONS, any::<u64>()).prop_map(|(partition, from)| Act::Read(partition, from)),
    ];
    proptest::collection::vec(act, 1..40)
}

fn settings(seed: u64) -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 1 << 20), ..WriterSettings::new("a test", seeds(seed)) }
}

fn batch(records: &[(u64, usize)]) -> Batch {
    let mut batch = Batch::new();
    for (n, (merchant, bytes)) in records.iter().enumerate() {
        let merchant = MerchantId(*merchant);
        batch.push(partition_of(merchant), &[&record(merchant, n as u64, *bytes)]).unwrap();
    }
    batch
}

fn read(journal: &dyn Journal, partition: PartitionId, from: Position) -> Vec<(Position, Vec<u8>)> {
    let mut reader = journal.read(partition, from).unwrap();
    let mut found = Vec::new();
    while let Some(stored) = reader.next().unwrap() {
        found.push((stored.position, stored.bytes.to_vec()));
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_engines_hold_the_same(acts in acts()) {
        let disk = Disk::new();
        let simple = MemoryJournal::create(ledger_id(), genesis(ledger_id())).unwrap();
        let create = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(0), &genesis(ledger_id()));
        let mut journal = create.unwrap();
        for (n, act) in acts.iter().enumerate() {
            match act {
                Act::Append(records) => {
                    let expected: Vec<_> = simple.append(batch(records)).wait().unwrap().places().collect();
                    let found: Vec<_> = journal.append(batch(records)).wait().unwrap().places().collect();
                    prop_assert_eq!(found, expected);
                }
                Act::Reopen => {
                    drop(journal);
                    journal = EmbeddedJournal::open_in(Arc::new(disk.clone()), settings(n as u64 + 1)).unwrap();
                }
                Act::Read(partition, from) => {
                    let partition = PartitionId(*partition % 16);
                    let from = Position(from % (simple.ends().next(partition).0 + 1));
                    prop_assert_eq!(read(&journal, partition, from), read(&simple, partition, from));
                }
            }
            prop_assert_eq!(journal.ends(), simple.ends());
        }
        for partition in (0..PARTITIONS).map(PartitionId) {
            let whole = Position(0);
            prop_assert_eq!(read(&journal, partition, whole), read(&simple, partition, whole));
        }
    }
}
