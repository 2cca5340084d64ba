//! The clock of a partition's records: the latest that was seen, and its day in Paris. It never goes back, so that a
//! clock that does opens no day again. A moment outside the days that facts may carry moves it nowhere: it has no day, and
//! a clock that stood there would be read back without one.

use talon_domain::time::{Day, Instant};

/// The latest clock of a partition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    latest: Instant,
    day: Day,
}

impl Default for Clock {
    fn default() -> Self {
        Self { latest: Instant(i64::MIN), day: Day(0) }
    }
}

impl Clock {
    /// A clock that has come this far; one that has seen no day has come nowhere.
    pub(super) fn at(latest: Instant) -> Self {
        latest.paris_day().map_or_else(Self::default, |day| Self { latest, day })
    }

    /// Whether a record of this moment begins another day.
    pub(super) fn turns_at(&self, recorded_at: Instant) -> bool {
        self.moved_by(recorded_at).is_some_and(|clock| clock.day != self.day)
    }

    /// Sees a record's moment; the day that it counts for.
    pub(super) fn see(&mut self, recorded_at: Instant) -> Day {
        *self = self.moved_by(recorded_at).unwrap_or(*self);
        self.day
    }

    fn moved_by(self, recorded_at: Instant) -> Option<Self> {
        let day = recorded_at.paris_day().filter(|_| recorded_at > self.latest)?;
        Some(Self { latest: recorded_at, day })
    }

    pub(super) const fn day(&self) -> Day {
        self.day
    }

    pub(super) const fn latest(&self) -> Instant {
        self.latest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine whose clock jumped behind 2148 once would else book nothing on its own day any more, and everything on
    /// the first day of all after the next start.
    #[test]
    fn a_moment_without_a_day_moves_nothing() {
        let mut clock = Clock::at(Instant::FIRST);
        let first = clock.day();
        for strange in [Instant(i64::MIN), Instant(0), Instant::END, Instant(i64::MAX)] {
            assert!(!clock.turns_at(strange));
            assert_eq!(clock.see(strange), first);
            assert_eq!(Clock::at(clock.latest()).day(), first, "read back as it stood");
        }
        let next = Instant(Instant::FIRST.0 + 86_400_000_000);
        assert!(clock.turns_at(next), "the day after is another one");
        assert_eq!(clock.see(next), Day(first.0 + 1));
    }
}
