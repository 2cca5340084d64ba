//! What holds for every history: ranges are sets, numbers cost nothing, and asking is cheap.

use std::collections::BTreeSet;

use proptest::prelude::*;
use talon_domain::anomaly::Code;
use talon_projections::finding::findings;
use talon_projections::intervals::Intervals;
use talon_projections::registry::Registry;
use talon_projections::terminals::Terminals;

use crate::facts::{fact, moment};
use crate::tables::folded;

proptest! {
    /// Ranges against a plain set of numbers.
    #[test]
    fn intervals_are_sets(put in proptest::collection::vec((0u32..60, 0u32..12, 0u8..9), 0..40), low in 0u32..70, more in 0u32..70) {
        let mut intervals = Intervals::default();
        let mut set = BTreeSet::new();
        for (first, length, mark) in &put {
            intervals.insert(*first, first + length, *mark);
            set.extend(*first..=first + length);
        }
        let high = low + more;
        let walked = |ranges: Vec<(u32, u32)>| ranges.into_iter().flat_map(|(first, last)| first..=last).collect::<BTreeSet<_>>();
        let asked: BTreeSet<u32> = (low..=high).collect();
        prop_assert_eq!(walked(intervals.gaps(low, high)), &asked - &set);
        prop_assert_eq!(walked(intervals.overlaps(low, high).collect()), &asked & &set);
        prop_assert_eq!(intervals.last(), set.last().copied());
        let ranges: Vec<_> = intervals.iter().collect();
        prop_assert!(ranges.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "they never touch: {:?}", ranges);
        for (first, last, mark) in ranges {
            let inside = put.iter().filter(|(from, ..)| (first..=last).contains(from)).map(|(.., mark)| *mark);
            prop_assert_eq!(Some(mark), inside.min());
        }
        let mut turned = Intervals::default();
        put.iter().rev().for_each(|(first, length, mark)| turned.insert(*first, first + length, *mark));
        prop_assert_eq!(turned, intervals);
    }
}

#[test]
fn a_thousand_hostile_numbers_are_a_thousand_ranges() {
    let told: Vec<_> =
        (1..=1_000u32).map(|n| fact(&format!("SmsSent t417 n={n} seq={}", u32::MAX - n * 4_000_000), n)).collect();
    let fold = folded(told.iter());
    let (registry, terminals) = (Registry::of(&fold), Terminals::of(&fold));
    let mut all = terminals.list(&registry, moment("25T12:00"));
    let terminal = all.next().expect("a terminal");
    assert_eq!(terminal.holes.len(), 1_000);
    let missing: u64 = terminal.holes.iter().map(|hole| u64::from(hole.last.0 - hole.first.0) + 1).sum();
    assert_eq!(missing, u64::from(u32::MAX - 4_000_000) - 1_000);
}

/// A counter that steps by two: were each hole to look at all numbers behind it, this would take minutes.
#[test]
fn as_many_holes_as_numbers_are_told_in_one_walk() {
    let told: Vec<_> = (1..=40_000u32).map(|n| fact(&format!("SmsSent t417 n={n} p{n} seq={}", n * 2), n)).collect();
    let fold = folded(told.iter());
    let (registry, terminals) = (Registry::of(&fold), Terminals::of(&fold));
    let terminal = terminals.list(&registry, moment("25T12:00")).next().expect("a terminal");
    assert_eq!((terminal.holes.len(), terminal.holes[39_999].first.0), (40_000, 79_999));
}

#[test]
fn every_code_of_these_views_is_found() {
    let told: Vec<_> = (1..)
        .zip([
            "SmsSent t417 shop=74 seq=1 n=1 at=20T10:00",
            "SmsSent t417 shop=74 seq=3 n=2 at=20T10:00",
            "TerminalAssigned t418 range=other",
            "FeePlanRegistered id=a3 by=alma n=3",
            "TerminalTotals t418 e1 day=2026-11-20 alma=1/10.00",
        ])
        .map(|(number, line)| fact(line, number))
        .collect();
    let fold = folded(told.iter());
    let found = findings(&Terminals::of(&fold), &Registry::of(&fold), moment("25T12:00"));
    let codes: Vec<_> = found.iter().map(|finding| finding.code).collect();
    let expected: Vec<_> = Code::ALL.iter().filter(|code| (901..=906).contains(&code.number())).copied().collect();
    assert_eq!(expected.len(), 6);
    assert_eq!(codes, expected);
}
