//! The clocks of a measurement.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads a clock")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use talon_domain::time::Instant;

/// What the machine's clock shows.
pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A stopwatch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch(std::time::Instant);

impl Watch {
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub(crate) fn read(self) -> Duration {
        self.0.elapsed()
    }
}
