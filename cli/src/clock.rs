//! The one clock of the command line. Every other room is handed the time as a value.

use std::time::{SystemTime, UNIX_EPOCH};

use talon_domain::time::Instant;

/// Microseconds since the epoch, by this machine. A clock before 1970 gives 0, which the door refuses to write.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_micros()).unwrap_or(0))
}
