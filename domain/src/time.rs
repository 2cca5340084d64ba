//! Instants and business days. The fold owns no clock and no time-zone data: an instant is handed in, and the day in
//! Paris follows from it by a numbered rule.
//!
//! Source of rule 1: directive 2000/84/EC (summer time begins and ends at 01:00 UTC on the last Sundays of March and
//! October). It holds for 1996 and later; Talon uses it for 2000 to 2148.

use std::fmt;

use chrono::{DateTime, Datelike, Months, NaiveDate, Timelike, Utc};

const SECOND_US: i64 = 1_000_000;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// 2000-01-01 in Paris is the first day that a fact may carry.
    pub const FIRST: Self = Self(946_681_200 * SECOND_US);
    /// The first instant too late: 2149-01-01 in Paris.
    pub const END: Self = Self(5_648_742_000 * SECOND_US);

    /// An instant of whole seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Option<Self> {
        match seconds.checked_mul(SECOND_US) {
            Some(us) => Some(Self(us)),
            None => None,
        }
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND_US)
    }

    /// Whether its day in Paris lies in 2000..=2148.
    pub const fn is_in_range(self) -> bool {
        self.0 >= Self::FIRST.0 && self.0 < Self::END.0
    }

    /// The same time of day, so many calendar months later on the UTC clock, clamped to the month's last day (R3, R8
    /// of the schedule rules). `None` beyond the calendar.
    pub fn plus_months(self, months: u32) -> Option<Self> {
        let date = DateTime::<Utc>::from_timestamp_micros(self.0)?;
        date.checked_add_months(Months::new(months)).map(|d| Self(d.timestamp_micros()))
    }

    /// Exactly so many times 86,400 seconds later (R5). `None` beyond the calendar.
    pub fn plus_days(self, days: u32) -> Option<Self> {
        let us = i64::from(days).checked_mul(DAY_S.checked_mul(SECOND_US)?)?;
        self.0.checked_add(us).map(Self)
    }

    /// What a clock in Paris shows, given as seconds since 1970 as if it stood in UTC, made an instant again, and whether
    /// that hour comes twice. Of the hour that an autumn night has twice it is the second one; `None` for the hour that a
    /// spring night leaves out.
    pub fn from_paris(clock: i64) -> Option<(Self, bool)> {
        let shows = |hours: i64| {
            let at = clock.checked_sub(hours.saturating_mul(HOUR_S)).and_then(Self::from_seconds)?;
            (at.paris_seconds() == clock).then_some(at)
        };
        let (winter, summer) = (shows(1), shows(2));
        Some((winter.or(summer)?, winter.is_some() && summer.is_some()))
    }

    /// The date in Paris, by rule 1; `None` outside 2000..=2148.
    pub fn paris_day(self) -> Option<Day> {
        if !self.is_in_range() {
            return None;
        }
        u16::try_from(self.paris_seconds().div_euclid(DAY_S)).ok().map(Day)
    }

    /// Hour and minute on a clock in Paris, by rule 1.
    pub fn paris_time(self) -> (u32, u32) {
        let of_day = self.paris_seconds().rem_euclid(DAY_S);
        let minutes = u32::try_from(of_day.div_euclid(60)).unwrap_or(0);
        (minutes.div_euclid(60), minutes.rem_euclid(60))
    }

    fn paris_seconds(self) -> i64 {
        let utc = self.seconds();
        utc.saturating_add(if is_summer(utc) { 2 * HOUR_S } else { HOUR_S })
    }

    /// RFC 3339 in UTC, with as many decimals as it needs (0, 3 or 6).
    pub fn rfc3339(self) -> String {
        let Some(at) = DateTime::<Utc>::from_timestamp_micros(self.0) else {
            return format!("{} us", self.0);
        };
        let (us, plain) = (at.nanosecond().div_euclid(1_000), at.format("%Y-%m-%dT%H:%M:%S"));
        match us {
            0 => format!("{plain}Z"),
            us if us.rem_euclid(1_000) == 0 => format!("{plain}.{:03}Z", us.div_euclid(1_000)),
            us => format!("{plain}.{us:06}Z"),
        }
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Whether Paris keeps summer time at this second.
fn is_summer(utc_seconds: i64) -> bool {
    // About new year this may be the year beside, which has winter then as well.
    let year = utc_seconds.saturating_sub(YEAR_2000_S).div_euclid(MEAN_YEAR_S);
    if !(0..=148).contains(&year) {
        return is_summer_by_date(utc_seconds);
    }
    let is_leap = year.rem_euclid(4) == 0 && year != 100;
    let leap_days = year.saturating_add(3).div_euclid(4).saturating_sub((year > 100).into());
    let first = year.saturating_mul(365).saturating_add(leap_days).saturating_add(i64::from(is_leap));
    let change = |last_of_month: i64| last_sunday_from_2000(first.saturating_add(last_of_month));
    (change(MARCH_31)..change(OCTOBER_31)).contains(&utc_seconds)
}

/// 2000-01-01T00:00:00Z, a Saturday.
const YEAR_2000_S: i64 = 946_684_800;
/// A 400th of 400 years.
const MEAN_YEAR_S: i64 = 31_556_952;
/// Days from the first of January, in a year without a leap day.
const MARCH_31: i64 = 89;
const OCTOBER_31: i64 = 303;

/// One o'clock of the last Sunday up to a day that is so many days behind 2000-01-01.
fn last_sunday_from_2000(day: i64) -> i64 {
    let sunday = day.saturating_sub(day.saturating_sub(1).rem_euclid(7));
    sunday.saturating_mul(DAY_S).saturating_add(YEAR_2000_S).saturating_add(HOUR_S)
}

/// The same by the calendar, for any year: the rule as it is written.
fn is_summer_by_date(utc_seconds: i64) -> bool {
    let Some(date) = DateTime::<Utc>::from_timestamp(utc_seconds, 0) else { return false };
    let is_before_change = |month| last_sunday_one_utc(date.year(), month).is_some_and(|change| utc_seconds < change);
    match date.month() {
        3 => !is_before_change(3),
        4..=9 => true,
        10 => is_before_change(10),
        _ => false,
    }
}

fn last_sunday_one_utc(year: i32, month: u32) -> Option<i64> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    let sunday = last.checked_sub_days(chrono::Days::new(last.weekday().num_days_from_sunday().into()))?;
    sunday.and_hms_opt(1, 0, 0).map(|at| at.and_utc().timestamp())
}

/// A date in Paris: days since 1970-01-01.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u16);

impl Day {
    /// The rule that makes a day of an instant; stored with every record.
    pub const RULE: u8 = 1;

    /// The calendar date.
    pub fn date(self) -> NaiveDate {
        NaiveDate::default().checked_add_days(chrono::Days::new(self.0.into())).unwrap_or_default()
    }

    /// The day of a calendar date; `None` outside 2000..=2148.
    pub fn of(year: i32, month: u32, day: u32) -> Option<Self> {
        let days = NaiveDate::from_ymd_opt(year, month, day)?.signed_duration_since(NaiveDate::default()).num_days();
        ((2000..=2148).contains(&year)).then(|| u16::try_from(days).ok().map(Self))?
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;

    use super::*;

    fn day(text: &str) -> String {
        let at = DateTime::parse_from_rfc3339(text).expect("a time").timestamp_micros();
        Instant(at).paris_day().map_or_else(|| "-".into(), |day| day.to_string())
    }

    #[test]
    fn summer_time_changes_at_one_in_the_morning_utc() {
        // The change dates that EU calendars list, in seconds.
        for change in [1_743_296_400, 1_761_440_400, 1_774_746_000, 1_792_890_000] {
            assert_ne!(is_summer(change - 1), is_summer(change), "{change}");
        }
    }

    #[test]
    fn each_year_has_its_summer_by_the_calendar() {
        for year in 1996..=2152 {
            let changes = [3, 10].map(|month| last_sunday_one_utc(year, month).expect("a Sunday"));
            let new_year = NaiveDate::from_ymd_opt(year, 1, 1).expect("a date").and_time(NaiveTime::default());
            let new_year = new_year.and_utc().timestamp();
            let about_new_year = (-72..=72).map(|hours| new_year + hours * HOUR_S);
            let about_changes = changes.into_iter().flat_map(|change| [-1, 0, 1].map(|second| change + second));
            for second in about_new_year.chain(about_changes) {
                assert_eq!(is_summer(second), is_summer_by_date(second), "{second} in {year}");
            }
            assert_eq!(
                changes.map(|change| (is_summer(change - 1), is_summer(change))),
                [(false, true), (true, false)]
            );
        }
    }

    #[test]
    fn the_day_is_the_one_in_paris() {
        assert_eq!(day("2025-09-30T22:30:00Z"), "2025-10-01");
        assert_eq!(day("2026-01-31T22:59:59Z"), "2026-01-31");
        assert_eq!(day("1999-12-31T22:59:59Z"), "-");
        assert_eq!(day("1999-12-31T23:00:00Z"), "2000-01-01");
        assert_eq!(day("2148-12-31T22:59:59Z"), "2148-12-31");
        assert_eq!(day("2148-12-31T23:00:00Z"), "-");
    }

    #[test]
    fn month_ends_clamp_from_the_start_date() {
        let start = Instant(DateTime::parse_from_rfc3339("2026-01-31T14:00:00Z").expect("a time").timestamp_micros());
        let dates: Vec<_> = (1..=3).filter_map(|k| start.plus_months(k)).map(Instant::rfc3339).collect();
        assert_eq!(dates, ["2026-02-28T14:00:00Z", "2026-03-31T14:00:00Z", "2026-04-30T14:00:00Z"]);
    }
}
