//! Torn and short writes at every byte of the last two groups, and every way to lose sectors.

use super::{Dice, Expect, Files, Given, Ledger, MARK, Place, Scenario, groups, index, is_torture, segments};

const SECTOR: usize = 512;

/// A ledger whose last two groups may be torn: its files, with the mark as it was before each of them.
struct Tail {
    files: Files,
    given: Vec<Given>,
    segment: String,
    /// The last two groups.
    groups: [std::ops::Range<usize>; 2],
    /// The mark before the first of them, between them, and behind the last.
    marks: [Vec<u8>; 3],
    /// How many records were given up to each mark.
    records: [usize; 3],
}

impl Tail {
    fn of(before: &[usize], last_two: [&[usize]; 2]) -> Self {
        let mut ledger = Ledger::new(11);
        ledger.give(before);
        let mut marks = vec![ledger.files()[MARK].clone()];
        let mut records = vec![ledger.given.len()];
        for sizes in last_two {
            ledger.give(sizes);
            marks.push(ledger.files()[MARK].clone());
            records.push(ledger.given.len());
        }
        let (files, given) = ledger.close();
        let segment = segments(&files).pop().expect("a segment");
        let found = groups(&files[&segment]);
        let last = found.len() - 2;
        let groups = [found[last].clone(), found[last + 1].clone()];
        let marks = marks.try_into().expect("three marks");
        Self { files, given, segment, groups, marks, records: records.try_into().expect("three counts") }
    }

    /// The ledger with only some bytes of one of the two groups, and the mark with this number.
    fn torn(&self, what: String, group: usize, mark: usize, keeps: impl Fn(usize) -> bool) -> Scenario<'_> {
        let mut files = self.files.clone();
        files.insert(MARK.to_owned(), self.marks[mark].clone());
        let bytes = files.get_mut(&self.segment).expect("a segment");
        let range = self.groups[group].clone();
        let whole = bytes[range.clone()].to_vec();
        for at in range.clone().filter(|at| !keeps(*at)) {
            bytes[at] = 0;
        }
        let is_whole = bytes[range.clone()] == whole;
        let is_gone = bytes[range.clone()].iter().all(|byte| *byte == 0);
        let last = group == 1;
        let expect = match (last, mark) {
            _ if is_whole => Expect::Whole,
            // The mark vouches for it, or the group behind it does: that one was written after the sync of this one.
            (false, _) | (true, 2) => Expect::Refused,
            (true, _) if is_gone => Expect::Lawful,
            (true, 1) if is_sector_wise(&bytes[range.clone()], &whole, range.start) => Expect::Cut,
            (true, _) => Expect::Lawful,
        };
        Scenario { what, given: &self.given, acknowledged: self.records[mark], files, expect }
    }
}

/// Whether what is left of a group is what is left of it when whole sectors are lost: each is as it was, or zero. A
/// single bit that is left is taken for rot.
fn is_sector_wise(left: &[u8], whole: &[u8], start: usize) -> bool {
    let sectors = |at: usize| (start + at) / SECTOR;
    let is_kept = |sector: usize| {
        let mut pairs =
            left.iter().zip(whole).enumerate().filter(|(at, _)| sectors(*at) == sector).map(|(_, pair)| pair);
        pairs.clone().all(|(left, whole)| left == whole) || pairs.all(|(left, _)| *left == 0)
    };
    let bits: u32 = left.iter().map(|byte| byte.count_ones()).sum();
    bits > 1 && (sectors(0)..=sectors(left.len() - 1)).all(is_kept)
}

fn tails() -> Vec<(&'static str, Tail)> {
    vec![
        ("small groups", Tail::of(&[10], [&[60, 0, 200], &[300, 5]])),
        ("one record in many sectors", Tail::of(&[1_000], [&[2_500], &[3_100]])),
        ("many records", Tail::of(&[400], [&[90; 5], &[30; 8]])),
    ]
}

/// Writes that stopped short, and writes whose beginning was lost, at every byte.
#[test]
fn a_group_torn_at_any_byte_is_cut_or_named_and_never_shown() {
    for (what, tail) in tails() {
        for (group, mark) in [(1, 1), (1, 2), (1, 0), (0, 0), (0, 1)] {
            let range = tail.groups[group].clone();
            let step = if is_torture() || (group, mark) == (1, 1) { 1 } else { 7 };
            for cut in (range.start..=range.end).step_by(step) {
                let name = |side| format!("{what}: {side} byte {} of group {group}, mark {mark}", cut - range.start);
                let before = tail.torn(name("only what is before"), group, mark, |at| at < cut);
                let from = tail.torn(name("only what is from"), group, mark, |at| at >= cut);
                if cut % 64 == 0 {
                    [before, from].iter().for_each(|scenario| scenario.play(Place::Memory));
                } else {
                    [before, from].iter().for_each(Scenario::play_opening);
                }
            }
        }
    }
}

/// Any sectors of the last group are lost, in any combination.
#[test]
fn a_group_that_lost_any_sectors_is_cut_whole_and_kept() {
    let mut dice = Dice::new(1);
    for (what, tail) in tails() {
        let range = tail.groups[1].clone();
        let (first, count) = (range.start / SECTOR, (range.end - 1) / SECTOR - range.start / SECTOR + 1);
        let all = 1u64 << count.min(16);
        let tries = if is_torture() { all.min(4_096) } else { all.min(128) };
        for n in 0..tries {
            let kept = if all == tries { n } else { dice.below(all) };
            let keeps = |at: usize| kept >> (at / SECTOR - first) & 1 == 1;
            for mark in [1, 2] {
                let place = if n % 16 == 0 { Place::Folder } else { Place::Memory };
                tail.torn(format!("{what}: sectors {kept:b} of the last group, mark {mark}"), 1, mark, keeps)
                    .play(place);
            }
        }
    }
}

/// Bytes of the last group lost here and there, which no power cut does: it may be refused, and is never shown.
#[test]
fn a_group_with_holes_is_never_shown() {
    let mut dice = Dice::new(2);
    for (what, tail) in tails() {
        for n in 0..if is_torture() { 2_000 } else { 60 } {
            let range = tail.groups[1].clone();
            let holes: Vec<_> = (0..=dice.below(4))
                .map(|_| {
                    let from = range.start + index(dice.below(range.len() as u64));
                    from..from + 1 + index(dice.below(700))
                })
                .collect();
            let keeps = |at: usize| holes.iter().all(|hole| !hole.contains(&at));
            tail.torn(format!("{what}: holes {holes:?}, try {n}"), 1, 1, keeps).play(Place::Memory);
        }
    }
}
