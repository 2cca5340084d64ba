//! The clocks of a benchmark: it measures time, so it reads time.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads a clock")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use talon_domain::time::Instant;

/// What the machine's clock shows.
pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A stopwatch.
#[derive(Clone, Copy, Debug)]
pub struct Watch(std::time::Instant);

impl Watch {
    /// Begins to run.
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// How long it has run.
    pub fn read(self) -> Duration {
        self.0.elapsed()
    }
}

/// How long it takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let watch = Watch::start();
    let result = work();
    (result, watch.read())
}
