//! Finding the record at fault: folding broke down somewhere among the records since the last commit. They are gone
//! through again with half as many to a commit, until one stands alone, which is set aside.
//!
//! Invariants:
//! - every record before the one at fault is committed, and every one behind it is taken afterwards
//! - what was gone through without a fault is not suspected any more: then commits are as large as before

use std::collections::BTreeMap;

use talon_domain::ids::{PartitionId, Position};

/// A search, or none.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// Records to a commit, while it is searched.
    window: Option<u64>,
    /// Records that are still suspected.
    suspected: u64,
    /// What was found, and why it cannot be folded: it is passed over.
    found: BTreeMap<(PartitionId, Position), String>,
}

/// What comes of a breakdown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The records are gone through again: so many are suspected.
    Search(u64),
    /// It is this one.
    Found(PartitionId, Position),
}

impl Search {
    /// Folding broke down among the last so many records, of which this is the last one.
    pub(super) fn break_down(&mut self, among: u64, last: (PartitionId, Position), reason: &str) -> Verdict {
        if among > 1 {
            self.window = Some(among.div_euclid(2));
            self.suspected = among;
            return Verdict::Search(among);
        }
        self.found.insert(last, reason.to_owned());
        (self.window, self.suspected) = (None, 0);
        Verdict::Found(last.0, last.1)
    }

    /// So many records were committed.
    pub(super) fn clear(&mut self, committed: u64) {
        self.suspected = self.suspected.saturating_sub(committed);
        if self.suspected == 0 {
            self.window = None;
        }
    }

    pub(super) fn is_window_full(&self, taken: u64) -> bool {
        self.window.is_some_and(|window| taken >= window)
    }

    /// Why a record is passed over, if it is.
    pub(super) fn found(&self, partition: PartitionId, position: Position) -> Option<&str> {
        self.found.get(&(partition, position)).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes through records as a projector does, of which some cannot be folded; what is set aside, and how many
    /// records were gone through in all.
    fn search(records: u64, budget: u64, at_fault: &[u64]) -> (Vec<u64>, u64) {
        let (mut search, mut found, mut work) = (Search::default(), Vec::new(), 0);
        let mut committed = 0;
        while committed < records {
            let (mut taken, mut broke) = (0, false);
            while committed + taken < records && !search.is_window_full(taken) && taken < budget {
                let at = committed + taken;
                (taken, work) = (taken + 1, work + 1);
                let is_passed = search.found(PartitionId(0), Position(at)).is_some();
                broke |= at_fault.contains(&at) && !is_passed;
            }
            if !broke {
                search.clear(taken);
                committed += taken;
            } else if let Verdict::Found(_, at) =
                search.break_down(taken, (PartitionId(0), Position(committed + taken - 1)), "no reason")
            {
                found.push(at.0);
            }
        }
        (found, work)
    }

    #[test]
    fn the_records_at_fault_are_found_wherever_they_are_and_no_others() {
        for at_fault in [&[0][..], &[999], &[500], &[3, 4, 5], &[0, 1, 998, 999], &[]] {
            let (found, work) = search(1_000, 300, at_fault);
            assert_eq!(found, at_fault);
            let most = 1_000 + 1_300 * u64::try_from(at_fault.len()).expect("few");
            assert!(work <= most, "{work} records were gone through for {at_fault:?}");
        }
    }
}
