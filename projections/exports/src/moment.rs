//! A moment as a clock in Paris shows it, and by how many hours that clock is ahead of UTC.

use talon_domain::time::{Day, Instant};

/// What a clock in Paris shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) day: Day,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    /// Behind the second.
    pub(crate) microseconds: u32,
    /// 1 in winter, 2 in summer.
    pub(crate) ahead_hours: u32,
}

impl Clock {
    /// `None` of a moment that belongs to no day.
    pub(crate) fn at(moment: Instant) -> Option<Self> {
        let day = moment.paris_day()?;
        let (hour, minute) = moment.paris_time();
        let small = |number: i64| u32::try_from(number).unwrap_or(0);
        let hour_in_utc = small(moment.seconds().rem_euclid(86_400).div_euclid(3_600));
        Some(Self {
            day,
            hour,
            minute,
            second: small(moment.seconds().rem_euclid(60)),
            microseconds: small(moment.0.rem_euclid(1_000_000)),
            ahead_hours: hour.saturating_add(24).saturating_sub(hour_in_utc).rem_euclid(24),
        })
    }
}

/// `2025-11-24T14:00:03.120000+01:00`, or what it is in microseconds where it belongs to no day. Texts of one offset are
/// in the order of moments.
pub(crate) fn iso(moment: Instant) -> String {
    let Some(clock) = Clock::at(moment) else { return moment.rfc3339() };
    let Clock { day, hour, minute, second, microseconds, ahead_hours } = clock;
    format!("{day}T{hour:02}:{minute:02}:{second:02}.{microseconds:06}+{ahead_hours:02}:00")
}

/// `24/11/2025 14:00:03 +01:00`.
pub(crate) fn french(moment: Instant) -> String {
    let Some(clock) = Clock::at(moment) else { return moment.rfc3339() };
    let Clock { hour, minute, second, ahead_hours, .. } = clock;
    format!("{} {hour:02}:{minute:02}:{second:02} +{ahead_hours:02}:00", french_day(clock.day))
}

/// `24/11/2025`.
pub(crate) fn french_day(day: Day) -> String {
    day.date().format("%d/%m/%Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_that_comes_twice_is_told_apart() {
        for (seconds, shown) in [(1_761_438_600, (2, 30, 2)), (1_761_442_200, (2, 30, 1)), (1_764_025_199, (23, 59, 1))]
        {
            let clock = Clock::at(Instant(seconds * 1_000_000)).expect("a day");
            assert_eq!((clock.hour, clock.minute, clock.ahead_hours), shown);
        }
        assert_eq!(Clock::at(Instant(i64::MIN)), None);
    }
}
