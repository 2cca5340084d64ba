//! The hours of the day that is played, as clocks in Paris show them.
//!
//! This module converts three dates, each once and by hand; business days are the domain's.

use talon_domain::time::Instant;

/// The day, as facts write it.
pub(super) const TODAY: &str = "2026-11-24";
/// 2026-11-24 00:00 in Paris: winter time, one hour before the same hour in UTC.
const MIDNIGHT_S: i64 = 1_795_474_800;
/// 2026-10-24 00:00 in Paris: the last day of summer time, two hours before.
const MIDNIGHT_LAST_MONTH_S: i64 = 1_792_792_800;
/// 2026-08-24 00:00 in Paris: summer time.
const MIDNIGHT_IN_SUMMER_S: i64 = 1_787_522_400;
const SECOND_US: i64 = 1_000_000;
const DAY_S: i64 = 86_400;

/// The day at this hour and minute.
pub(super) const fn clock(hour: i64, minute: i64) -> Instant {
    Instant((MIDNIGHT_S + hour * 3_600 + minute * 60) * SECOND_US)
}

/// A month before, at this hour and minute.
pub(super) const fn last_month(hour: i64, minute: i64) -> Instant {
    Instant((MIDNIGHT_LAST_MONTH_S + hour * 3_600 + minute * 60) * SECOND_US)
}

/// Three months before, at this hour and minute.
pub(super) const fn in_summer(hour: i64, minute: i64) -> Instant {
    Instant((MIDNIGHT_IN_SUMMER_S + hour * 3_600 + minute * 60) * SECOND_US)
}

/// So many days before, at this hour and minute: back to the day on which summer time ended.
pub(super) const fn days_ago(days: i64, hour: i64, minute: i64) -> Instant {
    later(clock(hour, minute), -days * DAY_S)
}

/// So many seconds after an instant; before it, if they are negative.
pub(super) const fn later(at: Instant, seconds: i64) -> Instant {
    Instant(at.0 + seconds * SECOND_US)
}

/// So many milliseconds after an instant.
pub(super) const fn later_ms(at: Instant, ms: u64) -> Instant {
    Instant(at.0 + ms.cast_signed() * 1_000)
}

/// What a terminal's own clock shows; it may be days behind.
pub(super) fn shown(at: Instant, days_behind: i64) -> String {
    let at = later(at, -days_behind * DAY_S);
    let (hour, minute) = at.paris_time();
    at.paris_day().map(|day| format!("{day} {hour:02}:{minute:02}")).unwrap_or_default()
}
