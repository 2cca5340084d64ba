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
