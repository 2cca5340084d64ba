//! Pins against journals that grew, were cut, or say something else than they did.

use talon_domain::fact::Kind;
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Batch, Journal as _, MemoryJournal, PARTITIONS, Positions};
use talon_replay::{Identities, Pin, PinState, Roots};
use talon_tlog::{Frontier, leaf_hash};

use crate::ledgers::{LEDGER, NOW, genesis_header, genesis_payload, header, ledger, push};

const HOME: PartitionId = PartitionId(5);
const SMALL: [u8; 5] = [1, 2, 3, 4, 5];

/// A ledger in which a partition holds these records behind its genesis. What they say is nothing that can be read:
/// roots do not ask.
fn journal(records: &[u8]) -> MemoryJournal {
    let journal = ledger(None);
    let mut batch = Batch::new();
    for record in records {
        push(&mut batch, HOME, &header(Kind(999), *record), &[*record]);
    }
    if !records.is_empty() {
        journal.append(batch).wait().expect("durable");
    }
    journal
}

fn pin(journal: &MemoryJournal) -> Pin {
    let roots = Roots::of(journal, &mut |_| {}).expect("a journal");
    Pin::of(LEDGER, NOW, roots.heads()).expect("records")
}

fn states(journal: &MemoryJournal, pins: &[Pin]) -> Vec<PinState> {
    let (checked, states) = Identities::check_pinned(journal, pins, &mut |_| {}).expect("a journal");
    let alone = Identities::check(journal, &mut |_| {}).expect("a journal");
    assert_eq!((checked.records, checked.findings), (alone.records, alone.findings), "pins change no finding");
    states
}

#[test]
fn roots_are_those_of_the_stored_bytes() {
    let journal = journal(&SMALL);
    let mut trees = vec![Frontier::new(); usize::from(PARTITIONS)];
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    while let Some(stored) = reader.next().expect("a record") {
        trees[usize::from(stored.partition.0)].push(leaf_hash(stored.bytes));
    }
    let heads: Vec<_> = trees.iter().zip(0..).map(|(tree, number)| (PartitionId(number), tree.head())).collect();
    assert_eq!(heads[5].1.size, 6);
    assert_eq!(Roots::of(&journal, &mut |_| {}).expect("a journal").heads().collect::<Vec<_>>(), heads);
}

#[test]
fn a_pin_holds_while_the_ledger_grows() {
    let pins: Vec<_> = (0..=5).map(|count| pin(&journal(&SMALL[..count]))).collect();
    for count in 0..=5usize {
        for (pinned, state) in states(&journal(&SMALL[..count]), &pins).into_iter().enumerate() {
            let (size, end) = (pinned as u64 + 1, Position(count as u64 + 1));
            let lost = PinState::Beyond { partition: HOME, size, end };
            assert_eq!(state, if pinned <= count { PinState::Kept } else { lost }, "{pinned} pinned, {count} there");
        }
    }
}

#[test]
fn a_changed_record_is_seen_by_every_pin_that_covers_it() {
    let pins: Vec<_> = (1..=5).map(|count| pin(&journal(&SMALL[..count]))).collect();
    for changed in 0..5usize {
        let mut other = SMALL;
        other[changed] = 77;
        for (state, count) in states(&journal(&other), &pins).into_iter().zip(1..) {
            let differs = PinState::Differs { partition: HOME, size: count as u64 + 1 };
            let expected = if count > changed { differs } else { PinState::Kept };
            assert_eq!(state, expected, "record {changed} changed, {count} pinned");
        }
    }
}

/// The first partition is named, in their order, whatever is wrong with it.
#[test]
fn the_first_partition_that_is_wrong_is_named() {
    let whole = journal(&SMALL);
    let mut genesis = Batch::new();
    for partition in (0..PARTITIONS).map(PartitionId) {
        let mut payload = genesis_payload(LEDGER, partition);
        payload.extend([0; 3].iter().filter(|_| partition.0 == 7));
        push(&mut genesis, partition, &genesis_header(100), &payload);
    }
    let other = MemoryJournal::create(LEDGER, genesis).expect("a journal");
    let beyond = PinState::Beyond { partition: HOME, size: 6, end: Position(1) };
    assert_eq!(states(&other, &[pin(&whole)]), [beyond], "partition 7 differs too, behind it");
    let empty = pin(&journal(&[]));
    assert_eq!(states(&other, &[empty]), [PinState::Differs { partition: PartitionId(7), size: 1 }]);
}
