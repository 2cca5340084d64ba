//! Times as files write them, into instants. Invariants: a time without an offset is read by the map's zone alone; the
//! doubled hour of October is named, the hour that March leaves out is refused; a date without a time begins its day in UTC.

use serde::Deserialize;
use talon_domain::time::{Day, Instant};

use crate::fault::Rule;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
/// The serial number that Excel gives to 1970-01-01.
const EXCEL_1970: i64 = 25_569;

/// By which clock times without an offset are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Zone {
    /// Local time in Paris.
    #[default]
    #[serde(rename = "Europe/Paris")]
    Paris,
    /// Coordinated universal time.
    #[serde(rename = "UTC")]
    Utc,
}

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) at: Instant,
    /// Its day: in Paris, or the date itself where no time was stated.
    pub(crate) day: Day,
    /// Its hour comes twice that night.
    pub(crate) is_doubled: bool,
}

/// `2026-11-25 10:00:00`, `2026-11-25T10:00:00.250+01:00`, `25/11/2026 10:00`, `2026-11-25`.
pub(crate) fn read(text: &str, zone: Zone) -> Result<Moment, Rule> {
    let text = text.trim();
    let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let day = date_of(date).ok_or(Rule::MomentReadable)?;
    if clock.trim().is_empty() {
        return Ok(of_day(day));
    }
    let clock = clock.trim();
    let (time, offset) = clock.find(['Z', '+', '-']).and_then(|at| clock.split_at_checked(at)).unwrap_or((clock, ""));
    let seconds = time_of(time.trim_end()).ok_or(Rule::MomentReadable)?;
    let local = i64::from(day.0) * DAY_S + seconds;
    match (offset, zone) {
        ("", Zone::Paris) => {
            let (at, is_doubled) = Instant::from_paris(local).ok_or(Rule::MomentExists)?;
            Ok(Moment { is_doubled, ..of_instant(at)? })
        }
        ("", Zone::Utc) => of_seconds(local),
        (offset, _) => of_seconds(local - offset_of(offset).ok_or(Rule::MomentReadable)?),
    }
}

/// Seconds since 1970, as the provider's API tells them.
pub(crate) fn of_seconds(seconds: i64) -> Result<Moment, Rule> {
    of_instant(Instant::from_seconds(seconds).ok_or(Rule::MomentReadable)?)
}

/// A number in a column of dates of a sheet: days, and decimals of a day, by the clock of the map's zone.
pub(crate) fn of_serial(text: &str, zone: Zone) -> Result<Moment, Rule> {
    let (days, decimals) = text.split_once('.').unwrap_or((text, ""));
    let days: i64 = days.parse().map_err(|_| Rule::MomentReadable)?;
    let day = u16::try_from(days - EXCEL_1970).map(Day).ok().filter(|day| in_range(*day));
    let day = day.ok_or(Rule::MomentReadable)?;
    let decimals = decimals.get(..decimals.len().min(12)).unwrap_or_default();
    if decimals.is_empty() {
        return Ok(of_day(day));
    }
    let scale = 10i64.pow(u32::try_from(decimals.len()).unwrap_or(12));
    let part: i64 = decimals.parse().map_err(|_| Rule::MomentReadable)?;
    let local = i64::from(day.0) * DAY_S + (part * DAY_S + scale / 2) / scale;
    match zone {
        Zone::Utc => of_seconds(local),
        Zone::Paris => {
            let (at, is_doubled) = Instant::from_paris(local).ok_or(Rule::MomentExists)?;
            Ok(Moment { is_doubled, ..of_instant(at)? })
        }
    }
}

fn of_instant(at: Instant) -> Result<Moment, Rule> {
    Ok(Moment { at, day: at.paris_day().ok_or(Rule::MomentReadable)?, is_doubled: false })
}

fn of_day(day: Day) -> Moment {
    Moment { at: Instant(i64::from(day.0) * DAY_S * 1_000_000), day, is_doubled: false }
}

fn in_range(day: Day) -> bool {
    of_day(day).at.is_in_range()
}

/// `2026-11-25`, `25/11/2026`, `25.11.2026`.
fn date_of(text: &str) -> Option<Day> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [first, month, last] = parts[..] else { return None };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    let is_year = year.len() == 4 && (first.len() == 4) == text.contains('-');
    let number = |text: &str, most| number(text, most).and_then(|number| u32::try_from(number).ok());
    let day = Day::of(i32::try_from(number(year, 4)?).ok()?, number(month, 2)?, number(day, 2)?)?;
    Some(day).filter(|day| is_year && in_range(*day))
}

/// Hours, minutes, and if there are any seconds and a fraction, which is cut.
fn time_of(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let parts: Vec<i64> = whole.split(':').map(|part| number(part, 2)).collect::<Option<_>>()?;
    let seconds = match parts[..] {
        [hour @ 0..24, minute @ 0..60] => hour * HOUR_S + minute * MINUTE_S,
        [hour @ 0..24, minute @ 0..60, second @ 0..60] => hour * HOUR_S + minute * MINUTE_S + second,
        _ => return None,
    };
    number(fraction, 9).map(|_| seconds)
}

fn offset_of(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let seconds = number(hours, 2)? * HOUR_S + number(minutes, 2)? * MINUTE_S;
    Some(if text.starts_with('-') { -seconds } else { seconds })
}

fn number(text: &str, most: usize) -> Option<i64> {
    let is_number = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(read: Result<Moment, Rule>) -> String {
        match read {
            Ok(Moment { at, day, is_doubled }) => {
                format!("{} {day}{}", at.rfc3339(), if is_doubled { " twice" } else { "" })
            }
            Err(rule) => rule.name().to_owned(),
        }
    }

    #[test]
    fn a_time_is_read_by_its_zone_or_refused() {
        for (text, paris, utc) in [
            ("2026-11-25 10:00:00", "2026-11-25T09:00:00Z 2026-11-25", "2026-11-25T10:00:00Z 2026-11-25"),
            ("2026-07-14 00:30:00", "2026-07-13T22:30:00Z 2026-07-14", "2026-07-14T00:30:00Z 2026-07-14"),
            ("25/11/2026 23:30", "2026-11-25T22:30:00Z 2026-11-25", "2026-11-25T23:30:00Z 2026-11-26"),
            ("25.11.2026", "2026-11-25T00:00:00Z 2026-11-25", "2026-11-25T00:00:00Z 2026-11-25"),
            ("2026-10-25 02:30:00", "2026-10-25T01:30:00Z 2026-10-25 twice", "2026-10-25T02:30:00Z 2026-10-25"),
            ("2026-03-29 02:30:00", "moment_must_exist", "2026-03-29T02:30:00Z 2026-03-29"),
            ("2026-11-25T10:00:00.999Z", "2026-11-25T10:00:00Z 2026-11-25", "2026-11-25T10:00:00Z 2026-11-25"),
            ("2026-11-25T10:00:00+02:00", "2026-11-25T08:00:00Z 2026-11-25", "2026-11-25T08:00:00Z 2026-11-25"),
            ("2026-02-30", "moment_must_be_readable", "moment_must_be_readable"),
            ("11/25/2026", "moment_must_be_readable", "moment_must_be_readable"),
            ("25-11-2026", "moment_must_be_readable", "moment_must_be_readable"),
            ("2026/11/25", "moment_must_be_readable", "moment_must_be_readable"),
            ("1999-12-31", "moment_must_be_readable", "moment_must_be_readable"),
            ("2026-11-25 24:00", "moment_must_be_readable", "moment_must_be_readable"),
            ("yesterday", "moment_must_be_readable", "moment_must_be_readable"),
            ("", "moment_must_be_readable", "moment_must_be_readable"),
        ] {
            assert_eq!((told(read(text, Zone::Paris)).as_str(), told(read(text, Zone::Utc)).as_str()), (paris, utc));
        }
    }

    #[test]
    fn excels_days_are_days() {
        let serial = |text| told(of_serial(text, Zone::Paris));
        assert_eq!(serial("46351"), "2026-11-25T00:00:00Z 2026-11-25");
        assert_eq!(serial("46351.416666667"), "2026-11-25T09:00:00Z 2026-11-25");
        for wrong in ["12000", "0", "-1", "9999999", "46351.x"] {
            assert_eq!(serial(wrong), "moment_must_be_readable", "{wrong}");
        }
    }
}
