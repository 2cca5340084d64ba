//! Days and moments as they are typed: a span of days, and the words for what is none.

use std::ops::RangeInclusive;

use clap::Args;
use talon_domain::time::{Day, Instant};

use crate::exit::UsageError;
use crate::park;

/// A span of days; an end that is not given is open.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DaysArgs {
    /// From this day in Paris on.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) from: Option<String>,
    /// Up to and with this day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) to: Option<String>,
}

impl DaysArgs {
    /// The span; `None` where neither end is given.
    pub(crate) fn read(&self) -> anyhow::Result<Option<RangeInclusive<Day>>> {
        let read = |text: &Option<String>, option| text.as_deref().map(|text| typed_day(text, option)).transpose();
        let (from, to) = (read(&self.from, "--from")?, read(&self.to, "--to")?);
        if from.is_none() && to.is_none() {
            return Ok(None);
        }
        span(from.unwrap_or(Day(0)), to.unwrap_or(Day(u16::MAX))).map(Some)
    }
}

/// One day after the other.
pub(crate) fn span(from: Day, to: Day) -> anyhow::Result<RangeInclusive<Day>> {
    if to < from {
        return Err(UsageError("--to lies before --from".to_owned()).into());
    }
    Ok(from..=to)
}

/// A day that somebody typed as this option.
pub(crate) fn typed_day(text: &str, option: &str) -> anyhow::Result<Day> {
    let wanted = || UsageError(format!("{option} wants a date from 2000 to 2148, as 2026-11-24"));
    Ok(park::day(text).ok_or_else(wanted)?)
}

/// A moment that somebody typed as `--at`.
pub(crate) fn typed_moment(text: &str) -> anyhow::Result<Instant> {
    let wanted = || UsageError("--at wants a moment, as 2026-11-25T09:00, or a date".to_owned());
    Ok(park::moment(text).ok_or_else(wanted)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(from: Option<&str>, to: Option<&str>) -> Result<Option<(u16, u16)>, String> {
        let days = DaysArgs { from: from.map(str::to_owned), to: to.map(str::to_owned) }.read();
        days.map(|days| days.map(|days| (days.start().0, days.end().0))).map_err(|error| error.to_string())
    }

    #[test]
    fn an_end_that_is_not_given_is_open() {
        assert_eq!(read(None, None), Ok(None));
        assert_eq!(read(Some("2026-11-24"), None), Ok(Some((20_781, u16::MAX))));
        assert_eq!(read(None, Some("24/11/2026")), Ok(Some((0, 20_781))));
        assert_eq!(read(Some("2026-11-24"), Some("2026-11-24")), Ok(Some((20_781, 20_781))));
        assert_eq!(read(Some("2026-11-25"), Some("2026-11-24")), Err("--to lies before --from".to_owned()));
        let wrong = read(None, Some("soon")).expect_err("no day");
        assert_eq!(wrong, "--to wants a date from 2000 to 2148, as 2026-11-24");
    }
}
