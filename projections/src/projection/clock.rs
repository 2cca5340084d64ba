//! The clock of a partition's records: the latest that was seen, and its day in Paris. It never goes back, so that a
//! clock that does opens no day again.

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
    /// A clock that has come this far. Its day is not always that of its moment: one that no calendar has leaves the day
    /// as it was.
    pub(super) const fn at(latest: Instant, day: Day) -> Self {
        Self { latest, day }
    }

    /// Whether a record of this moment begins another day.
    pub(super) fn turns_at(&self, recorded_at: Instant) -> bool {
        recorded_at > self.latest && recorded_at.paris_day().is_some_and(|day| day != self.day)
    }

    /// Sees a record's moment; the day that it counts for.
    pub(super) fn see(&mut self, recorded_at: Instant) -> Day {
        if recorded_at > self.latest {
            *self = Self { latest: recorded_at, day: recorded_at.paris_day().unwrap_or(self.day) };
        }
        self.day
    }

    pub(super) const fn day(&self) -> Day {
        self.day
    }

    pub(super) const fn latest(&self) -> Instant {
        self.latest
    }
}
