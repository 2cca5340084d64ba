//! Sets of numbers, held as ranges. A range costs what one number costs, so a hostile number of four billion costs
//! nothing. Invariants:
//! - ranges are disjoint and never touch: two that do become one
//! - a range's mark is the smallest mark of all that was put into it
//! - the set depends on what was put in, never on the order
//!
//! Nothing here walks from number to number.

use std::collections::BTreeMap;

/// Numbers with a mark: the smallest of those with which a range was put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervals<M = ()> {
    /// From the first number of a range to its last, and its mark.
    ranges: BTreeMap<u32, (u32, M)>,
}

impl<M> Default for Intervals<M> {
    fn default() -> Self {
        Self { ranges: BTreeMap::new() }
    }
}

impl<M: Copy + Ord> Intervals<M> {
    /// Puts in the numbers from `first` to `last`, both included; nothing where `last` comes before `first`.
    pub fn insert(&mut self, first: u32, last: u32, mark: M) {
        if last < first {
            return;
        }
        let (mut first, mut last, mut mark) = (first, last, mark);
        while let Some((start, (end, other))) = self.touching(first, last) {
            self.ranges.remove(&start);
            first = first.min(start);
            last = last.max(end);
            mark = mark.min(other);
        }
        self.ranges.insert(first, (last, mark));
    }

    /// A range that shares a number with this one, or is its neighbour.
    fn touching(&self, first: u32, last: u32) -> Option<(u32, (u32, M))> {
        let (start, range) = self.ranges.range(..=last.saturating_add(1)).next_back()?;
        (range.0.saturating_add(1) >= first).then_some((*start, *range))
    }

    /// The ranges in their order: first number, last number, mark.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, u32, M)> + '_ {
        self.ranges.iter().map(|(first, (last, mark))| (*first, *last, *mark))
    }

    /// The largest number.
    pub fn last(&self) -> Option<u32> {
        self.iter().next_back().map(|(_, last, _)| last)
    }

    /// Whether a number is in it.
    pub fn contains(&self, number: u32) -> bool {
        self.overlaps(number, number).next().is_some()
    }

    /// What of `first..=last` is in the set.
    pub fn overlaps(&self, first: u32, last: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let begun = self.ranges.range(..first).next_back().map_or(first, |(start, _)| *start);
        let within = self.ranges.range(begun..).take_while(move |(start, _)| **start <= last);
        let cut = within.map(move |(start, (end, _))| ((*start).max(first), (*end).min(last)));
        cut.filter(|(first, last)| first <= last)
    }

    /// What of `first..=last` is not in the set.
    pub fn gaps(&self, first: u32, last: u32) -> Vec<(u32, u32)> {
        let mut gaps = Vec::new();
        let mut next = Some(first);
        for (start, end) in self.overlaps(first, last) {
            if let Some((open, before)) = next.zip(start.checked_sub(1)).filter(|(open, before)| open <= before) {
                gaps.push((open, before));
            }
            next = end.checked_add(1);
        }
        gaps.extend(next.filter(|open| *open <= last).map(|open| (open, last)));
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ranges: &[(u32, u32)]) -> Intervals {
        let mut set = Intervals::default();
        ranges.iter().for_each(|(first, last)| set.insert(*first, *last, ()));
        set
    }

    fn ranges(set: &Intervals) -> Vec<(u32, u32)> {
        set.iter().map(|(first, last, ())| (first, last)).collect()
    }

    #[test]
    fn ranges_that_touch_become_one() {
        assert_eq!(ranges(&of(&[(1, 2), (5, 6), (3, 4)])), [(1, 6)]);
        assert_eq!(ranges(&of(&[(1, 2), (4, 5)])), [(1, 2), (4, 5)]);
        assert_eq!(ranges(&of(&[(1, 100), (40, 50)])), [(1, 100)]);
        assert_eq!(ranges(&of(&[(7, 3)])), []);
    }

    #[test]
    fn the_end_of_the_numbers_is_a_number() {
        let all = of(&[(0, 0), (u32::MAX, u32::MAX)]);
        assert_eq!(all.gaps(0, u32::MAX), [(1, u32::MAX - 1)]);
        assert_eq!(ranges(&of(&[(u32::MAX, u32::MAX), (0, u32::MAX)])), [(0, u32::MAX)]);
        assert_eq!(of(&[(0, u32::MAX)]).gaps(0, u32::MAX), []);
        assert_eq!(all.last(), Some(u32::MAX));
    }

    #[test]
    fn a_gap_is_what_is_not_in_it() {
        let set = of(&[(116, 116), (118, 119)]);
        assert_eq!(set.gaps(116, 119), [(117, 117)]);
        assert_eq!(set.gaps(100, 130), [(100, 115), (117, 117), (120, 130)]);
        assert_eq!(set.overlaps(117, 118).collect::<Vec<_>>(), [(118, 118)]);
        assert!(set.contains(119) && !set.contains(117));
    }

    #[test]
    fn a_range_keeps_its_smallest_mark() {
        let mut set = Intervals::default();
        for (number, mark) in [(1, 30), (3, 10), (2, 20), (9, 5)] {
            set.insert(number, number, mark);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), [(1, 3, 10), (9, 9, 5)]);
    }
}
