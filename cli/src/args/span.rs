//! A span of time as it is typed: `90m`, `26h`, `7d`.

use std::fmt;
use std::str::FromStr;

use talon_domain::time::Instant;

/// A span of whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span(u64);

/// Units, the largest first.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Span {
    /// Longer than any other.
    pub(crate) const MAX: Self = Self(u64::MAX);

    /// From one moment to a later one; none if it is earlier.
    pub(crate) fn between(from: Instant, to: Instant) -> Self {
        Self(u64::try_from(to.seconds().saturating_sub(from.seconds())).unwrap_or(0))
    }

    pub(crate) const fn seconds(self) -> u64 {
        self.0
    }
}

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = "a span is a number and s, m, h or d, as 26h";
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(wanted)?;
        let (_, seconds) = UNITS.iter().find(|(name, _)| unit.starts_with(*name)).ok_or(wanted)?;
        let number: u64 = number.parse().map_err(|_| wanted)?;
        number.checked_mul(*seconds).map(Self).ok_or(wanted)
    }
}

impl fmt::Display for Span {
    /// In the largest unit of which there is one, rounded down.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, seconds) = UNITS.into_iter().find(|(_, seconds)| self.0 >= *seconds).unwrap_or(('s', 1));
        write!(f, "{}{name}", self.0 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_as_it_is_typed() {
        for (text, read) in [
            ("0s", Some((0, "0s"))),
            ("59s", Some((59, "59s"))),
            ("90m", Some((5_400, "1h"))),
            ("26h", Some((93_600, "1d"))),
            ("7d", Some((604_800, "7d"))),
            ("", None),
            ("h", None),
            ("26", None),
            ("1.5h", None),
            ("-1h", None),
            ("9é", None),
            ("99999999999999999999d", None),
            ("999999999999999999d", None),
        ] {
            let span = text.parse::<Span>().ok();
            assert_eq!(span.map(Span::seconds), read.map(|(seconds, _)| seconds), "{text}");
            assert_eq!(span.map(|span| span.to_string()).as_deref(), read.map(|(_, told)| told), "{text}");
        }
        assert_eq!(Span::between(Instant(5_000_000), Instant(9_999_999)).seconds(), 4);
        assert_eq!(Span::between(Instant(9_000_000), Instant(5_000_000)).seconds(), 0);
    }
}
