//! Working days: which days are open, and which is the n-th of them after another. Saturdays and Sundays are closed in
//! every calendar. Invariant: a year whose calendar nobody has stated is unknown, never open.
//!
//! This module does not know holidays; calendars are facts ([`crate::registry`]).

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::time::Day;

/// What 1970-01-01 is among the days of a week that begins on Monday as 0: a Thursday.
const FIRST_DAY: u16 = 3;
/// Saturday, where Monday is 0.
const SATURDAY: u16 = 5;

/// The closed days of some years of one calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingDays {
    years: BTreeMap<i32, BTreeSet<Day>>,
}

/// A day's place in its week: 0 Monday to 6 Sunday.
pub const fn weekday(day: Day) -> u16 {
    (day.0 % 7).saturating_add(FIRST_DAY) % 7
}

/// The year of a day: what a calendar is stated for.
pub fn year(day: Day) -> i32 {
    // A day is written YYYY-MM-DD.
    day.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or_default()
}

impl WorkingDays {
    /// States the closed days of a year.
    pub fn state(&mut self, year: i32, closed: impl IntoIterator<Item = Day>) {
        self.years.insert(year, closed.into_iter().collect());
    }

    /// Whether a day is a working day; `None` in a year that nobody has stated.
    pub fn is_open(&self, day: Day) -> Option<bool> {
        let closed = self.years.get(&year(day))?;
        Some(weekday(day) < SATURDAY && !closed.contains(&day))
    }

    /// This day if it is a working day, else the next one.
    pub fn on_or_after(&self, day: Day) -> Option<Day> {
        let mut day = day;
        while !self.is_open(day)? {
            day = Day(day.0.checked_add(1)?);
        }
        Some(day)
    }

    /// The next working day.
    pub fn next(&self, day: Day) -> Option<Day> {
        self.on_or_after(Day(day.0.checked_add(1)?))
    }

    /// T+n: the n-th working day after a day, which counts for none itself; T+0 is the day itself if it is open, else the
    /// next working day. `None` beyond what is stated.
    pub fn after(&self, day: Day, n: u32) -> Option<Day> {
        if n == 0 {
            return self.on_or_after(day);
        }
        (0..n).try_fold(day, |day, _| self.next(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Computed;

    fn target(years: &[i32]) -> WorkingDays {
        let mut days = WorkingDays::default();
        for year in years {
            let closed = Computed::Target.closed_days(*year).expect("a computed year");
            days.state(*year, closed.into_iter().map(|(day, _)| day));
        }
        days
    }

    fn day(month: u32, day: u32) -> Day {
        Day::of(2026, month, day).expect("a day")
    }

    #[test]
    fn weekdays_are_those_of_the_almanac() {
        assert_eq!(weekday(Day(0)), 3, "a Thursday");
        assert_eq!(weekday(day(11, 25)), 2, "a Wednesday");
        assert_eq!(weekday(Day(u16::MAX)), 4, "a Friday");
        assert_eq!((year(Day(0)), year(day(12, 31)), year(Day(u16::MAX))), (1970, 2026, 2149));
    }

    #[test]
    fn the_days_around_easter_and_christmas() {
        let open = target(&[2026, 2027]);
        // Thursday before Good Friday: T+1 is Tuesday.
        assert_eq!(open.after(day(4, 2), 1), Some(day(4, 7)));
        assert_eq!(open.after(day(4, 2), 3), Some(day(4, 9)));
        assert_eq!(open.next(day(12, 24)), Some(day(12, 28)), "25 and 26 are closed, 27 is a Sunday");
        assert_eq!(open.after(day(12, 31), 1), Day::of(2027, 1, 4), "over the year's end");
        assert_eq!(open.is_open(day(7, 14)), Some(true), "a holiday in France alone");
    }

    #[test]
    fn t_plus_nothing_is_the_day_itself_or_the_next_open_one() {
        let open = target(&[2026]);
        assert_eq!(open.after(day(11, 25), 0), Some(day(11, 25)));
        assert_eq!(open.after(day(11, 28), 0), Some(day(11, 30)), "a Saturday");
        assert_eq!(open.after(day(11, 28), 1), Some(day(11, 30)), "its first working day after");
    }

    #[test]
    fn a_year_that_nobody_stated_is_unknown() {
        let open = target(&[2026]);
        assert_eq!(open.next(day(12, 31)), None);
        assert_eq!(open.is_open(Day::of(2025, 12, 31).expect("a day")), None);
        assert_eq!(open.after(day(1, 2), u32::MAX), None, "and a hostile number ends there");
        assert_eq!(WorkingDays::default().after(Day(u16::MAX), 0), None);
    }
}
