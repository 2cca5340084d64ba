//! How far a follower is behind. Invariant: no lag is no time, too.

use std::fmt;

use talon_domain::time::Instant;

const SECOND: i64 = 1_000_000;

/// How far a follower is behind the durable end of its journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Records that it has not applied, over all partitions.
    pub records: u64,
    /// When the oldest of them that is known was recorded.
    pub since: Option<Instant>,
}

impl Lag {
    /// For how long the oldest record has been waiting: whole seconds, and none for a clock that went back.
    pub fn seconds(&self, now: Instant) -> u64 {
        let since = self.since.filter(|_| self.records > 0);
        let waited = since.map_or(0, |since| now.0.saturating_sub(since.0));
        u64::try_from(waited.div_euclid(SECOND)).unwrap_or(0)
    }
}

impl fmt::Display for Lag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records", self.records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_read_everything_is_not_late_and_a_clock_that_went_back_makes_nobody_late() {
        let since = Some(Instant(10 * SECOND));
        assert_eq!(Lag { records: 0, since }.seconds(Instant(90 * SECOND)), 0);
        assert_eq!(Lag { records: 3, since }.seconds(Instant(12 * SECOND + 5)), 2);
        assert_eq!(Lag { records: 3, since }.seconds(Instant(9 * SECOND)), 0);
        assert_eq!(Lag { records: 3, since: None }.seconds(Instant(90 * SECOND)), 0);
    }
}
