//! Terminals against plain sets of numbers, and rows that were kept against rows that are made at once.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::fact::{Fact, Family};
use talon_domain::fold::Fold;
use talon_domain::ids::{PartitionId, Position};
use talon_domain::time::Instant;
use talon_testkit::traffic::{Histories, History};

use super::row::{BLOCK, block, moment, number, seconds};
use super::{Terminals, TerminalsView};
use crate::projection::{Projection, Taken, TakenFact};
use crate::registry::{Registry, epoch};

const HISTORIES: usize = 600;

fn folded(records: &[(PartitionId, Fact)]) -> Fold {
    let mut fold = Fold::new();
    records.iter().for_each(|(partition, fact)| _ = fold.apply(*partition, fact.clone()));
    fold
}

fn projected(records: &[(PartitionId, Fact)], settle_after: usize) -> Projection {
    let mut projection = Projection::in_memory(vec![&TerminalsView]);
    let mut next = BTreeMap::<PartitionId, u64>::new();
    for (told, (partition, fact)) in (1..).zip(records) {
        let position = next.entry(*partition).or_default();
        let (recorded_at, fact) = (fact.header.recorded_at, fact.clone());
        let fact = Some(TakenFact { fact, payload: &[], phone_bucket: 0 });
        let taken = Taken { partition: *partition, position: Position(*position), recorded_at, fact };
        projection.take(taken).expect("the next record");
        *position += 1;
        if told % settle_after == 0 {
            projection.settle().expect("memory");
        }
    }
    projection.settle().expect("memory");
    projection
}

#[test]
fn what_is_kept_answers_as_what_is_made_at_once() {
    for history in Histories::of(91_000).take(HISTORIES) {
        let once = Terminals::of(&folded(&history.records));
        let kept = Terminals::read(projected(&history.records, 3).tables(), None).expect("memory");
        assert_eq!(kept, once, "seed {}\n{}", history.seed, history.in_words());
    }
}

#[test]
fn a_merchant_alone_is_as_it_is_among_all() {
    for history in Histories::of(92_000).take(HISTORIES) {
        let projection = projected(&history.records, 7);
        let (all, registry) = (Terminals::read(projection.tables(), None).expect("memory"), Registry::default());
        let at = Instant(i64::MAX / 2);
        for merchant in all.merchants() {
            let alone = Terminals::read(projection.tables(), Some(merchant)).expect("memory");
            assert_eq!(alone.merchants().collect::<Vec<_>>(), [merchant]);
            let among: Vec<_> = all.list(&registry, at).filter(|one| one.merchant == merchant).collect();
            assert_eq!(format!("{:?}", alone.list(&registry, at).collect::<Vec<_>>()), format!("{among:?}"));
            for terminal in among {
                let totals = |of: &Terminals| of.day_totals(merchant, terminal.terminal, &registry);
                assert_eq!(totals(&alone), totals(&all), "seed {}", history.seed);
            }
        }
    }
}

/// A number is seen if any fact of the first records of their ids carries it: no view, no fold of rows.
#[test]
fn numbers_are_seen_or_they_are_in_a_hole() {
    let mut repeated = 0;
    for History { seed, records } in Histories::of(93_000).take(HISTORIES) {
        let fold = folded(&records);
        let mut seen = BTreeMap::<_, BTreeSet<u32>>::new();
        for fact in fold.partitions().flat_map(|(_, partition)| partition.facts()) {
            let header = &fact.header;
            let is_counted = header.merchant.0 != 0 && header.terminal.0 != 0 && header.terminal_seq.0 != 0;
            if is_counted && header.kind.family() != Family::Registry {
                let device = (header.merchant, header.terminal, epoch(header.terminal_epoch));
                seen.entry(device).or_default().insert(header.terminal_seq.0);
            }
        }
        let (registry, terminals) = (Registry::default(), Terminals::of(&fold));
        for terminal in terminals.list(&registry, Instant(0)) {
            let seen = seen.remove(&(terminal.merchant, terminal.terminal, terminal.epoch)).unwrap_or_default();
            let holes: BTreeSet<u32> = terminal.holes.iter().flat_map(|hole| hole.first.0..=hole.last.0).collect();
            let all: BTreeSet<u32> = (1..=terminal.last_seq.0).collect();
            assert_eq!(holes, &all - &seen, "seed {seed}");
            assert!(seen.is_subset(&all), "seed {seed}");
            let twice = terminal.repeats.iter().flat_map(|repeat| repeat.first.0..=repeat.last.0);
            assert!(twice.inspect(|_| repeated += 1).all(|number| seen.contains(&number)), "seed {seed}");
        }
        assert!(seen.is_empty(), "seed {seed}: a device is missing");
    }
    assert!(repeated > 100, "only {repeated} numbers were repeated");
}

#[test]
fn a_number_is_in_one_block_and_comes_back() {
    for seq in [1, BLOCK - 1, BLOCK, BLOCK + 1, u32::MAX] {
        let (block, place) = block(seq);
        assert!(place < BLOCK);
        assert_eq!(number(block, place), seq);
    }
    assert_eq!(moment(seconds(Instant(-1))), Instant(-1_000_000), "the second in which it lies");
    assert_eq!(moment(seconds(Instant(i64::MIN))).0, i64::MIN);
}
