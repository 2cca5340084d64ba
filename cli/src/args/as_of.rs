//! As of when something is asked, as people type it: a vector of positions that an answer printed, or a moment; and the
//! last day whose facts count.

use clap::Args;
use talon_domain::time::{Day, Instant};
use talon_journal::Positions;
use talon_replay::{AsOf, VectorError, parse_vector};

use crate::clock;
use crate::exit::UsageError;
use crate::park::{day, moment};

/// What is known, and which days count.
#[derive(Debug, Default, Args)]
pub(crate) struct AsOfArgs {
    /// As it was known then: the positions that an answer printed (4:120,22:31), RFC 3339, a time in Paris
    /// (2026-11-24T14:00), or a day, for its end.
    #[arg(long, value_name = "THEN", conflicts_with = "known_at", help_heading = "As of")]
    as_of: Option<String>,
    /// The same, beside --effective-at: what was known then.
    #[arg(long, value_name = "THEN", help_heading = "As of")]
    known_at: Option<String>,
    /// Of what was known, the facts of days in Paris up to this one.
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "As of")]
    effective_at: Option<String>,
    /// As of now, and not before what was written: the positions behind it (an event at p22/30 is in 22:31). It is waited
    /// for, and if it does not come the command fails.
    #[arg(long, value_name = "POSITIONS", conflicts_with_all = ["as_of", "known_at", "effective_at"],
        help_heading = "As of")]
    after: Option<String>,
}

impl AsOfArgs {
    /// What was known at a moment.
    pub(crate) fn known_at(at: Instant) -> Self {
        Self { known_at: Some(at.rfc3339()), ..Self::default() }
    }

    /// What has to be in an answer of now.
    pub(crate) fn after(&self) -> anyhow::Result<Option<Positions>> {
        let wrong = |error: VectorError| UsageError(format!("--after: {}: {error}", error.code()));
        Ok(self.after.as_deref().map(|text| parse_vector(text.trim()).map_err(wrong)).transpose()?)
    }

    /// What is asked, read and found to make sense.
    pub(crate) fn read(&self) -> anyhow::Result<Then> {
        let known = self.as_of.as_deref().map(|text| ("--as-of", text));
        let known = known.or_else(|| self.known_at.as_deref().map(|text| ("--known-at", text)));
        let is_asked = known.is_some() || self.effective_at.is_some();
        let known = known.map_or(Ok(AsOf::EVERYTHING), |(option, text)| then(option, text))?;
        let effective_at = self.effective_at.as_deref().map(effective_day).transpose()?;
        Ok(Then { as_of: AsOf { effective_at, ..known }, is_asked })
    }
}

/// As of when an answer is.
#[derive(Debug)]
pub(crate) struct Then {
    pub(crate) as_of: AsOf,
    /// Whether anybody asked: an answer of now needs no foot.
    pub(crate) is_asked: bool,
}

impl Then {
    /// One side of a comparison: what was known, if not everything, and the last day that counts, if not every day.
    pub(crate) fn of(known: Option<&str>, effective_at: Option<&str>) -> anyhow::Result<Self> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        AsOfArgs { known_at: owned(known), effective_at: owned(effective_at), ..AsOfArgs::default() }.read()
    }

    /// Now, as it was then: what depends on the time of asking is asked at the moment that is meant, and never later
    /// than now.
    pub(crate) fn now(&self) -> Instant {
        let now = clock::now();
        self.as_of.known_at().map_or(now, |then| then.min(now))
    }
}

/// A vector has digits, colons and commas, and no moment has these alone.
fn then(option: &str, text: &str) -> anyhow::Result<AsOf> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b',')) && text.contains(':') {
        let wrong = |error: VectorError| UsageError(format!("{option}: {}: {error}", error.code()));
        return Ok(AsOf::before(parse_vector(text).map_err(wrong)?));
    }
    let wanted = || {
        UsageError(format!(
            "{option} wants the positions that an answer printed (4:120,22:31), a moment (2026-11-24T14:00 in Paris, or \
             RFC 3339), or a day, for its end"
        ))
    };
    Ok(AsOf::at(moment(text).ok_or_else(wanted)?))
}

fn effective_day(text: &str) -> anyhow::Result<Day> {
    let wanted = || UsageError("--effective-at wants a day from 2000 to 2148, as 2026-11-24".into());
    Ok(day(text).ok_or_else(wanted)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use talon_replay::{Known, vector_text};

    fn read(as_of: Option<&str>, known_at: Option<&str>, effective_at: Option<&str>) -> Result<Then, String> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let (as_of, known_at, effective_at) = (owned(as_of), owned(known_at), owned(effective_at));
        let args = AsOfArgs { as_of, known_at, effective_at, after: None };
        args.read().map_err(|error| error.to_string())
    }

    fn known(text: &str) -> String {
        match read(Some(text), None, None).map(|then| then.as_of.known) {
            Ok(Known::At(moment)) => moment.rfc3339(),
            Ok(Known::Before(positions)) => vector_text(&positions),
            Ok(Known::Everything) => "everything".into(),
            Err(error) => error,
        }
    }

    #[test]
    fn then_is_read_as_it_is_typed() {
        for (text, expected) in [
            ("4:120,22:31", "4:120,22:31"),
            (" 4:120 ", "4:120"),
            ("2026-11-24T14:00", "2026-11-24T13:00:00Z"),
            ("2026-11-24 14:00", "2026-11-24T13:00:00Z"),
            ("2026-11-24", "2026-11-24T22:59:59.999999Z"),
            ("2026-11-24T14:00:00Z", "2026-11-24T14:00:00Z"),
            (
                "22:31,4:120",
                "--as-of: partitions_must_ascend: part 2 is out of order: each partition stands once, the smaller ones first",
            ),
            ("64:1", "--as-of: partition_must_exist: part 1 names no partition: they are 0 to 63"),
        ] {
            assert_eq!(known(text), expected, "{text}");
        }
        for text in ["", "yesterday", "14:00 2026-11-24", "2026-11-31", "120"] {
            assert!(known(text).starts_with("--as-of wants the positions"), "{text}: {}", known(text));
        }
    }

    #[test]
    fn what_nobody_asked_is_everything_of_every_day() {
        let then = read(None, None, None).expect("nothing");
        assert_eq!((then.as_of, then.is_asked), (AsOf::EVERYTHING, false));
        let then = read(None, Some("4:120"), Some("2026-11-24")).expect("both");
        assert_eq!((then.as_of.effective_at, then.is_asked), (Day::of(2026, 11, 24), true));
        let then = read(None, None, Some("24/11/2026")).expect("a day");
        assert_eq!((then.as_of, then.is_asked), (AsOf::EVERYTHING.effective_at(Day(20_781)), true));
        let wrong = read(None, Some("x"), None).expect_err("no moment");
        assert!(wrong.starts_with("--known-at wants"), "{wrong}");
        let wrong = read(None, None, Some("2026-11-24T14:00")).expect_err("no day");
        assert!(wrong.starts_with("--effective-at wants"), "{wrong}");
    }
}
