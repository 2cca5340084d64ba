//! From moments to waits: when a batch was durable, beside when an answer first held it.
//!
//! Invariant: a wait ends with the first answer whose positions are past the batch's in every partition; a batch that is
//! in no answer has none. This module reads no clock.

use std::time::Duration;

use talon_journal::Positions;

/// When positions were reached.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    /// On the stopwatch of the phase.
    pub(super) at: Duration,
    /// The next position of each partition.
    pub(super) next: Positions,
}

/// How long each batch waited, the shortest first. Positions only grow, in both.
pub(super) fn waits(durable: &[Moment], answers: &[Moment]) -> Vec<Duration> {
    let mut answers = answers.iter().peekable();
    let mut waits = Vec::with_capacity(durable.len());
    for batch in durable {
        while answers.next_if(|answer| batch.next.first_beyond(&answer.next).is_some()).is_some() {}
        // An answer may come before the one who told the batch hears that it is durable.
        waits.extend(answers.peek().map(|answer| answer.at.saturating_sub(batch.at)));
    }
    waits.sort_unstable();
    waits
}

/// How many records an answer was behind what had become durable before it, at most.
pub(super) fn lag_at_most(durable: &[Moment], answers: &[Moment]) -> u64 {
    let behind = answers.iter().map(|answer| {
        let before = durable.partition_point(|batch| batch.at <= answer.at).checked_sub(1);
        let held = before.and_then(|at| durable.get(at)).map_or(0, |batch| batch.next.total());
        held.saturating_sub(answer.next.total())
    });
    behind.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use talon_domain::ids::{PartitionId, Position};

    use super::*;

    /// `ms one other`: a moment, and the next positions of two partitions.
    fn moments(lines: &[(u64, u64, u64)]) -> Vec<Moment> {
        let moment = |&(ms, one, other): &(u64, u64, u64)| {
            let mut next = Positions::beginning();
            next.set(PartitionId(0), Position(one));
            next.set(PartitionId(5), Position(other));
            Moment { at: Duration::from_millis(ms), next }
        };
        lines.iter().map(moment).collect()
    }

    #[test]
    fn a_batch_waits_for_the_first_answer_that_is_past_it_everywhere() {
        let durable = moments(&[(10, 5, 0), (20, 5, 5), (30, 9, 9)]);
        let answers = moments(&[(5, 0, 0), (12, 5, 0), (22, 9, 4), (35, 9, 9), (40, 9, 9)]);
        let ms: Vec<_> = waits(&durable, &answers).iter().map(Duration::as_millis).collect();
        assert_eq!(ms, [2, 5, 15]);
        assert_eq!(lag_at_most(&durable, &answers), 0, "the answer at 22 holds more records, if not those");
        assert_eq!(lag_at_most(&durable, &moments(&[(5, 0, 0), (29, 5, 0), (50, 5, 0), (60, 9, 9)])), 13);
    }

    #[test]
    fn an_answer_before_the_news_is_no_wait_and_none_at_all_is_no_answer() {
        let durable = moments(&[(10, 5, 0), (20, 9, 0)]);
        assert_eq!(waits(&durable, &moments(&[(8, 5, 0)])), [Duration::ZERO]);
        assert_eq!(waits(&durable, &[]), []);
    }
}
