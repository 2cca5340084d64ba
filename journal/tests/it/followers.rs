//! Readers beside a writer that fails, dies and is followed by another one: they see what a reader that opens the ledger
//! now would see, and go on.

use std::io::ErrorKind;
use std::sync::Arc;

use talon_domain::ids::MerchantId;
use talon_journal::{EmbeddedJournal, Journal, Positions, SegmentSizes, Storage, WriterSettings};
use talon_testkit::{Disk, Fault, batch_of, genesis, ledger_id, record, seeds};

const MERCHANT: MerchantId = MerchantId(1);

fn settings(seed: u64) -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(seed)) }
}

fn reader(disk: &Disk) -> EmbeddedJournal {
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    EmbeddedJournal::open_read_only_in(&storage).expect("a reader")
}

/// Appends until it fails, or so many records of 20,000 bytes are in.
fn append(journal: &EmbeddedJournal, first: u64, count: u64) -> u64 {
    let add = |n: u64| {
        let bytes = record(MERCHANT, n, 20_000);
        journal.append(batch_of([(MERCHANT, bytes.as_slice())])).wait()
    };
    (first..first + count).find(|n| add(*n).is_err()).unwrap_or(first + count) - first
}

fn shown(journal: &EmbeddedJournal) -> Vec<Vec<u8>> {
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let mut found = Vec::new();
    while let Some(stored) = reader.next().expect("a record") {
        found.push(stored.bytes.to_vec());
    }
    found.split_off(64)
}

/// The writer fails at each of its steps and goes; the follower takes in what recovery would, and follows the next one.
#[test]
fn a_follower_outlives_its_writer() {
    let (mut behind_the_mark, mut torn) = (0, 0);
    for step in 0..90 {
        let disk = Disk::new();
        let create =
            EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(3), &genesis(ledger_id()));
        let writer = create.expect("a journal");
        append(&writer, 0, 2);
        let follower = reader(&disk);
        disk.arm(disk.operations() + step, Fault::Error(ErrorKind::Other));
        let acknowledged = 2 + append(&writer, 2, 28);
        let ends = writer.ends();
        drop(writer);
        let alone = reader(&disk);
        torn += u32::from(alone.torn_tail().is_some());
        let left = shown(&alone);
        let seen = shown(&follower);
        // Whoever was told that a sync failed shows nothing that only a writer can vouch for now.
        assert!(left.starts_with(&seen) && seen.len() as u64 >= acknowledged, "step {step}: {} seen", seen.len());
        behind_the_mark += u32::from(alone.ends().is_beyond(&ends) && seen == left);

        let next = EmbeddedJournal::open_in(Arc::new(disk.clone()), settings(4 + step)).expect("the next writer");
        for length in left.len() + 1..left.len() + 21 {
            append(&next, 100 + length as u64, 1);
            let seen = shown(&follower);
            assert_eq!((seen.len(), &seen[..left.len()]), (length, &left[..]), "step {step}");
        }
        drop(next);
        assert_eq!(shown(&follower), shown(&reader(&disk)), "step {step}");
    }
    assert!(behind_the_mark > 5 && torn > 2, "{behind_the_mark} behind the mark, {torn} torn");
}

/// What a follower shows of a writer that is gone is on the disk, not in memory alone.
#[test]
fn what_a_follower_took_in_alone_survives_a_power_cut() {
    for step in 0..60 {
        let disk = Disk::new();
        let create =
            EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(3), &genesis(ledger_id()));
        let writer = create.expect("a journal");
        append(&writer, 0, 2);
        disk.arm(disk.operations() + step, Fault::PowerCut);
        append(&writer, 2, 20);
        drop(writer);
        let same_boot = disk.after_kill();
        let follower = reader(&same_boot);
        let left = shown(&follower);
        let after = same_boot.after_power_cut(talon_testkit::Survivors::Nothing);
        assert_eq!(shown(&reader(&after)), left, "step {step}");
    }
}
