//! Where a follower stands: how much it has applied of how much there is, and whether it has caught up or fallen
//! behind since. Invariant: the two are told in turn, and the first word is that it caught up.

use talon_domain::time::Instant;
use talon_journal::Positions;

use crate::event::Event;
use crate::lag::Lag;

/// Whoever is later than this has fallen behind.
const BEHIND_SECONDS: u64 = 10;

/// How far a follower has come.
pub(super) struct Standing {
    applied: Positions,
    ends: Positions,
    oldest: Option<Instant>,
    has_caught_up: bool,
    is_at_end: bool,
}

impl Standing {
    pub(super) fn at(applied: &Positions) -> Self {
        let (applied, ends) = (applied.clone(), applied.clone());
        Self { applied, ends, oldest: None, has_caught_up: false, is_at_end: false }
    }

    /// A batch is about to be applied.
    pub(super) fn begin(&mut self, ends: &Positions, oldest: Option<Instant>) {
        self.ends.clone_from(ends);
        self.oldest = oldest;
        self.is_at_end = false;
    }

    pub(super) fn applied(&mut self, after: &Positions) {
        self.applied.clone_from(after);
    }

    /// All that was durable is applied.
    pub(super) fn end(&mut self) {
        self.ends.clone_from(&self.applied);
        self.is_at_end = true;
    }

    pub(super) fn lag(&self) -> Lag {
        let records = self.ends.total().saturating_sub(self.applied.total());
        Lag { records, since: self.oldest.filter(|_| records > 0) }
    }

    /// Tells what is new.
    pub(super) fn tell(&mut self, now: Instant, tell: &mut dyn FnMut(Event)) {
        let (lag, done) = (self.lag(), self.applied.total());
        let seconds = lag.seconds(now);
        if self.is_at_end && !self.has_caught_up {
            self.has_caught_up = true;
            tell(Event::CaughtUp { records: done });
        } else if self.has_caught_up && seconds >= BEHIND_SECONDS {
            self.has_caught_up = false;
            tell(Event::FellBehind { lag, seconds });
        } else if !self.has_caught_up {
            tell(Event::Progress { done, total: done.saturating_add(lag.records) });
        }
    }
}

#[cfg(test)]
mod tests {
    use talon_domain::ids::{PartitionId, Position};

    use super::*;

    fn at(next: u64) -> Positions {
        let mut positions = Positions::beginning();
        positions.set(PartitionId(3), Position(next));
        positions
    }

    fn told(standing: &mut Standing, seconds: i64) -> Vec<Event> {
        let mut told = Vec::new();
        standing.tell(Instant(seconds * 1_000_000), &mut |event| told.push(event));
        told
    }

    #[test]
    fn who_catches_up_and_falls_behind_says_each_once() {
        let mut standing = Standing::at(&at(0));
        standing.begin(&at(8), Some(Instant(0)));
        standing.applied(&at(5));
        assert_eq!(told(&mut standing, 99), [Event::Progress { done: 5, total: 8 }]);
        standing.begin(&at(8), Some(Instant(0)));
        standing.applied(&at(8));
        standing.end();
        assert_eq!(told(&mut standing, 99), [Event::CaughtUp { records: 8 }]);
        assert_eq!(told(&mut standing, 999), []);
        standing.begin(&at(20), Some(Instant(1_000_000_000)));
        assert_eq!(told(&mut standing, 1_003), [], "a few seconds are no lag");
        let lag = Lag { records: 12, since: Some(Instant(1_000_000_000)) };
        assert_eq!(told(&mut standing, 1_010), [Event::FellBehind { lag, seconds: 10 }]);
        assert_eq!(told(&mut standing, 1_011), [Event::Progress { done: 8, total: 20 }]);
    }
}
