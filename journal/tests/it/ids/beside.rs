//! The index beside a journal on a disk: the power goes for both, in the middle of whatever each was writing.

use talon_journal::{EmbeddedJournal, Positions, SegmentSizes, WriterSettings};
use talon_testkit::{Fault, Survivors, seeds};

use super::*;

fn writer(seed: u64) -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(seed)) }
}

/// Publishes until the journal stops; answers what was acknowledged.
fn publish(journal: &EmbeddedJournal, index: &mut IdIndex) -> Vec<IdKey> {
    let mut acknowledged = Vec::new();
    for keys in timely(0..600).chunks(25) {
        let _ = index.look_up(keys, &mut Vec::new());
        index.begin(NOW);
        let mut batch = Batch::new();
        for key in keys {
            batch.push(partition_of(key.merchant), &[&record_of(*key, NOW)]).unwrap();
            index.claim(*key);
        }
        let Ok(appended) = journal.append(batch).wait() else {
            index.forget();
            break;
        };
        index.settle(appended.places());
        acknowledged.extend_from_slice(keys);
    }
    acknowledged
}

/// Where each id is that the journal holds.
fn stored(journal: &EmbeddedJournal) -> Vec<(IdKey, (PartitionId, Position))> {
    let mut reader = journal.scan(&Positions::beginning()).unwrap();
    let mut found = Vec::new();
    while let Some(stored) = reader.next().unwrap() {
        let record = Record::parse(stored.bytes).unwrap();
        found.push((IdKey { merchant: record.merchant(), id: record.event_id() }, (stored.partition, stored.position)));
    }
    found
}

#[test]
fn what_the_journal_holds_is_known_after_the_power_went_for_both() {
    for seed in 0..240u64 {
        let (of_journal, of_index) = (Disk::new(), Disk::new());
        let create =
            EmbeddedJournal::create_in(Arc::new(of_journal.clone()), ledger_id(), writer(1), &genesis(ledger_id()));
        let journal = create.unwrap();
        let open = |disk: &Disk, journal: &EmbeddedJournal| {
            IdIndex::open(Arc::new(disk.clone()), journal, &settings(), &mut |_| ()).unwrap()
        };
        let mut index = open(&of_index, &journal);
        of_journal.arm(of_journal.operations() + seed % 60, Fault::PowerCut);
        of_index.arm(of_index.operations() + seed * 7 % 80, Fault::PowerCut);
        let acknowledged = publish(&journal, &mut index);
        let (of_journal, of_index) = match seed % 3 {
            0 => (of_journal.after_power_cut(Survivors::Nothing), of_index.after_power_cut(Survivors::Everything)),
            1 => (of_journal.after_power_cut(Survivors::Some(seed)), of_index.after_power_cut(Survivors::Nothing)),
            _ => (of_journal.after_power_cut(Survivors::Everything), of_index.after_power_cut(Survivors::Some(seed))),
        };
        drop((journal, index));
        let journal = EmbeddedJournal::open_in(Arc::new(of_journal), writer(2)).unwrap();
        let mut index = open(&of_index, &journal);
        let stored = stored(&journal);
        assert!(stored.len() >= 64 + acknowledged.len(), "seed {seed}");
        index.rest().unwrap();
        assert_eq!(index.len(), stored.len() as u64, "seed {seed}");
        for (key, place) in stored {
            assert_eq!(index.places(key).unwrap(), [place], "seed {seed}");
        }
    }
}
