//! Timestamps as text: `2026-03-31T14:00:00Z`, with an offset in place of the Z and up to nine decimals.

use chrono::{DateTime, NaiveDate, Utc};

use crate::timestamp::Timestamp;

/// 0001-01-01T00:00:00Z and the last second of 9999: what RFC 3339 can write.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Reads a time; anything that is not exactly one is `None`.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let mut rest = Cursor(text.as_bytes());
    let (year, month, day) = (rest.number(4)?, rest.after(b'-', 2)?, rest.after(b'-', 2)?);
    let (hour, minute, second) = (rest.after(b'T', 2)?, rest.after(b':', 2)?, rest.after(b':', 2)?);
    let nanos = if rest.skip(b'.') { rest.decimals()? } else { 0 };
    let offset = rest.offset()?;
    if !rest.0.is_empty() {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let seconds = date.and_hms_opt(hour, minute, second)?.and_utc().timestamp().checked_sub(offset)?;
    SECONDS.contains(&seconds).then_some(Timestamp { seconds, nanos })
}

/// Writes a time in UTC, with 0, 3, 6 or 9 decimals; `None` outside the years 1 to 9999.
pub(super) fn write(at: Timestamp) -> Option<String> {
    if !SECONDS.contains(&at.seconds) {
        return None;
    }
    let plain = DateTime::<Utc>::from_timestamp(at.seconds, 0)?.format("%Y-%m-%dT%H:%M:%S");
    Some(match at.nanos {
        0 => format!("{plain}Z"),
        nanos if nanos % 1_000_000 == 0 => format!("{plain}.{:03}Z", nanos / 1_000_000),
        nanos if nanos % 1_000 == 0 => format!("{plain}.{:06}Z", nanos / 1_000),
        nanos => format!("{plain}.{nanos:09}Z"),
    })
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// Exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<u32> {
        let (head, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        head.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
    }

    fn skip(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((&first, rest)) if first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn after(&mut self, byte: u8, digits: usize) -> Option<u32> {
        if self.skip(byte) { self.number(digits) } else { None }
    }

    /// One to nine decimals, as nanoseconds.
    fn decimals(&mut self) -> Option<u32> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let missing = 9usize.checked_sub(digits).filter(|_| digits > 0)?;
        self.number(digits).map(|decimals| (0..missing).fold(decimals, |nanos, _| nanos * 10))
    }

    /// Seconds east of UTC.
    fn offset(&mut self) -> Option<i64> {
        if self.skip(b'Z') {
            return Some(0);
        }
        let sign = if self.skip(b'+') { 1 } else { -i64::from(self.skip(b'-')) };
        let (hours, minutes) = (self.number(2)?, self.after(b':', 2)?);
        (sign != 0 && hours < 24 && minutes < 60).then(|| sign * i64::from(hours * 3_600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_with_the_decimals_that_it_needs() {
        for (text, written) in [
            ("2026-03-31T14:00:00Z", "2026-03-31T14:00:00Z"),
            ("2026-03-31T16:00:00+02:00", "2026-03-31T14:00:00Z"),
            ("2026-03-31T13:30:00.5-00:30", "2026-03-31T14:00:00.500Z"),
            ("2026-03-31T14:00:00.000001Z", "2026-03-31T14:00:00.000001Z"),
            ("2026-03-31T14:00:00.123456789Z", "2026-03-31T14:00:00.123456789Z"),
            ("1969-12-31T23:59:59.250Z", "1969-12-31T23:59:59.250Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(parse(text).and_then(write).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn what_is_not_exactly_a_time_is_none() {
        for text in [
            "",
            "2026-03-31",
            "2026-03-31T14:00:00",
            "2026-03-31 14:00:00Z",
            "2026-02-30T14:00:00Z",
            "2026-03-31T24:00:00Z",
            "2026-03-31T14:00:60Z",
            "2026-03-31T14:00:00.Z",
            "2026-03-31T14:00:00.1234567890Z",
            "2026-03-31T14:00:00+2:00",
            "2026-03-31T14:00:00+24:00",
            "2026-03-31T14:00:00ZZ",
            "9999-12-31T23:59:59-00:01",
            "+2026-03-31T14:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
