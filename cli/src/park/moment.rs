//! A moment as people type it: RFC 3339, a clock in Paris, or a date, which stands for its last moment in Paris.

use talon_domain::time::{Day, Instant};

use super::value;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;

/// `2026-11-25T09:00:00Z`, `2026-11-25T10:00:00.250+01:00`, `2026-11-25 10:00` in Paris, or `2026-11-25`.
pub(crate) fn moment(text: &str) -> Option<Instant> {
    let Some((date, clock)) = text.split_once(['T', ' ']) else {
        return value::day(text).and_then(last_moment);
    };
    let day = value::day(date).filter(|_| date.contains('-'))?;
    let (time, offset) = match clock.find(['Z', '+', '-']) {
        Some(at) => clock.split_at_checked(at)?,
        None => (clock, ""),
    };
    let (time, fraction) = time.split_once('.').map_or((time, Some(0)), |(time, digits)| (time, micros(digits)));
    let clock = i64::from(day.0) * DAY_S + of_day(time)?;
    let whole = if offset.is_empty() {
        Instant::from_paris(clock)?.0
    } else {
        Instant::from_seconds(clock - offset_seconds(offset)?)?
    };
    let at = Instant(whole.0 + fraction?);
    Some(at).filter(|at| at.is_in_range())
}

/// Hours, minutes and, if there are any, seconds.
fn of_day(time: &str) -> Option<i64> {
    let parts: Vec<_> = time.split(':').map(two).collect::<Option<_>>()?;
    match parts[..] {
        [hour @ 0..24, minute @ 0..60] => Some(hour * HOUR_S + minute * MINUTE_S),
        [hour @ 0..24, minute @ 0..60, second @ 0..60] => Some(hour * HOUR_S + minute * MINUTE_S + second),
        _ => None,
    }
}

/// A fraction of a second: one to six digits.
fn micros(digits: &str) -> Option<i64> {
    let all_digits = (1..=6).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    all_digits.then(|| format!("{digits:0<6}").parse().ok())?
}

fn offset_seconds(offset: &str) -> Option<i64> {
    if offset == "Z" {
        return Some(0);
    }
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let seconds = two(hours)? * HOUR_S + two(minutes)? * MINUTE_S;
    Some(if offset.starts_with('-') { -seconds } else { seconds })
}

fn two(text: &str) -> Option<i64> {
    value::digits(text, 2).filter(|_| text.len() == 2).map(i64::from)
}

fn last_moment(day: Day) -> Option<Instant> {
    let (last_second, _) = Instant::from_paris((i64::from(day.0) + 1) * DAY_S - 1)?;
    Some(Instant(last_second.0 + 999_999))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_it_is_typed() {
        for (text, read) in [
            ("2026-11-25T09:00:00Z", Some("2026-11-25T09:00:00Z")),
            ("2026-11-25T10:00+01:00", Some("2026-11-25T09:00:00Z")),
            ("2026-11-25 04:00:30-05:00", Some("2026-11-25T09:00:30Z")),
            ("2026-11-25", Some("2026-11-25T22:59:59.999999Z")),
            ("2026-07-14", Some("2026-07-14T21:59:59.999999Z")),
            ("2026-03-29", Some("2026-03-29T21:59:59.999999Z")),
            ("2026-10-25", Some("2026-10-25T22:59:59.999999Z")),
            ("2026-11-25T09:00:00.25Z", Some("2026-11-25T09:00:00.250Z")),
            ("2026-11-25T10:00:00.000001+01:00", Some("2026-11-25T09:00:00.000001Z")),
            ("2026-11-25T09:00:00.Z", None),
            ("2026-11-25T09:00:00.1234567Z", None),
            ("2026-11-25T09:00:00.+1Z", None),
            ("2026-11-25T09:00:00", Some("2026-11-25T08:00:00Z")),
            ("2026-11-24 14:00", Some("2026-11-24T13:00:00Z")),
            ("2026-07-14T14:00:00.5", Some("2026-07-14T12:00:00.500Z")),
            ("2026-10-25T02:30", Some("2026-10-25T01:30:00Z")),
            ("2026-03-29T01:59", Some("2026-03-29T00:59:00Z")),
            ("2026-03-29T02:30", None),
            ("2000-01-01T00:00", Some("1999-12-31T23:00:00Z")),
            ("2026-11-24T14", None),
            ("2026-11-25T24:00:00Z", None),
            ("2026-11-25T9:00:00Z", None),
            ("25/11/2026T09:00:00Z", None),
            ("tomorrow", None),
            ("2026-11-25T09:00:00+1", None),
        ] {
            assert_eq!(moment(text).map(Instant::rfc3339).as_deref(), read, "{text}");
        }
    }
}
