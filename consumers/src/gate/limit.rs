//! How many refused events of a partition leave a fact, and how far partitions were taken.
//!
//! Invariant: what passes is a function of the messages' offsets and of how many passed before in the same window, and the
//! count is committed with the position. A partition that is gone on with, or taken from its beginning again, lets pass
//! what it let pass before.

use std::collections::BTreeMap;

use talon_kafka::{Letter, Taken};

/// So many offsets of a partition are a window.
pub const WINDOW: i64 = 1_000;
/// So many refused events of a window leave a fact.
pub const FACTS_MAX: u32 = 100;

/// What is known of the partitions that are ours.
#[derive(Debug, Default)]
pub(super) struct Limits(BTreeMap<i32, Limit>);

#[derive(Clone, Copy, Debug, Default)]
struct Limit {
    next: i64,
    window: i64,
    told: u32,
}

impl Limits {
    /// A partition was given to us, with the note of whoever had it.
    pub(super) fn begin(&mut self, given: &Taken) {
        let mut words = given.note.split(' ').map(str::parse);
        let (window, told) = match (words.next(), words.next()) {
            (Some(Ok(window)), Some(Ok(told))) => (window, u32::try_from(told).unwrap_or(0)),
            _ => (0, 0),
        };
        self.0.insert(given.partition, Limit { next: given.next, window, told });
    }

    /// A message is passed by; `false` if a fact is wanted and is one too many.
    pub(super) fn pass(&mut self, letter: &Letter, wants_fact: bool) -> bool {
        let limit = self.0.entry(letter.partition).or_default();
        limit.next = letter.offset.saturating_add(1);
        let window = letter.offset.div_euclid(WINDOW);
        if window != limit.window {
            (limit.window, limit.told) = (window, 0);
        }
        if !wants_fact {
            return true;
        }
        let passes = limit.told < FACTS_MAX;
        limit.told = limit.told.saturating_add(passes.into());
        passes
    }

    /// How far each partition was taken, with the note for whoever goes on.
    pub(super) fn positions(&self) -> Vec<Taken> {
        let taken = |(partition, limit): (&i32, &Limit)| Taken {
            partition: *partition,
            next: limit.next,
            note: format!("{} {}", limit.window, limit.told),
        };
        self.0.iter().map(taken).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(offset: i64) -> Letter {
        Letter { partition: 3, offset, ..Letter::default() }
    }

    /// Which of the offsets leave a fact, with a new member of the group before each of those in `restarts`.
    fn passed(offsets: std::ops::Range<i64>, restarts: &[i64]) -> Vec<i64> {
        let mut limits = Limits::default();
        let mut told = Vec::new();
        for offset in offsets {
            if restarts.contains(&offset) {
                let positions = limits.positions();
                limits = Limits::default();
                positions.iter().for_each(|taken| limits.begin(taken));
            }
            if limits.pass(&letter(offset), true) {
                told.push(offset);
            }
        }
        told
    }

    #[test]
    fn so_many_of_a_window_leave_a_fact_whoever_goes_on() {
        let whole = passed(950..2_300, &[]);
        let expected: Vec<_> = (950..1_000).chain(1_000..1_100).chain(2_000..2_100).collect();
        assert_eq!(whole, expected);
        assert_eq!(passed(950..2_300, &[951, 1_050, 1_099, 1_100, 1_500, 2_001]), whole);
    }

    #[test]
    fn a_note_that_is_none_begins_anew() {
        for note in ["", "x y", "1", "1 -1", "9 99999999999"] {
            let mut limits = Limits::default();
            limits.begin(&Taken { partition: 3, next: 7, note: note.to_owned() });
            assert!(limits.pass(&letter(7), true), "{note}");
        }
    }

    #[test]
    fn what_wants_no_fact_takes_nobodys_place() {
        let mut limits = Limits::default();
        assert!((0..500).all(|offset| limits.pass(&letter(offset), false)));
        assert!((500..600).all(|offset| limits.pass(&letter(offset), true)));
        assert!(!limits.pass(&letter(600), true));
        assert_eq!(limits.positions(), [Taken { partition: 3, next: 601, note: "0 100".to_owned() }]);
    }
}
