//! How things are said on the page, in the reader's language: amounts, days, moments, ages, numbers of things.

use talon_domain::anomaly::Language;
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

/// The reader's language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice {
    pub(super) language: Language,
}

impl Voice {
    pub(super) const fn pick(self, french: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::French => french,
            Language::English => english,
        }
    }

    /// So many things; French counts none as one.
    pub(super) fn count(self, number: usize, [fr_one, fr_more]: [&str; 2], [en_one, en_more]: [&str; 2]) -> String {
        let words = match self.language {
            Language::French if number < 2 => fr_one,
            Language::French => fr_more,
            Language::English if number == 1 => en_one,
            Language::English => en_more,
        };
        format!("{number} {words}")
    }

    /// An amount with its currency; below nothing with a minus sign.
    pub(super) fn money(self, currency: Currency, minor: i128) -> String {
        let sign = if minor < 0 { "-" } else { "" };
        format!("{sign}{}", currency.words(minor.unsigned_abs(), self.language))
    }

    /// The same where it is known.
    pub(super) fn known(self, currency: Currency, minor: Option<i128>) -> String {
        minor.map(|minor| self.money(currency, minor)).unwrap_or_default()
    }

    /// Sums by currency.
    pub(super) fn sums(self, sums: impl IntoIterator<Item = (Currency, u128)>) -> String {
        let all: Vec<_> = sums.into_iter().map(|(currency, sum)| currency.words(sum, self.language)).collect();
        if all.is_empty() { "\u{2013}".to_owned() } else { all.join(" + ") }
    }

    /// `24/11/2026`, or `2026-11-24`.
    pub(super) fn day(self, day: Day) -> String {
        let iso = day.to_string();
        match (self.language, iso.split('-').collect::<Vec<_>>()[..].as_ref()) {
            (Language::French, [year, month, date]) => format!("{date}/{month}/{year}"),
            _ => iso,
        }
    }

    /// A day in a chart: `24/11`, or `11-24`.
    pub(super) fn short_day(self, day: Day) -> String {
        let iso = day.to_string();
        match (self.language, iso.split('-').collect::<Vec<_>>()[..].as_ref()) {
            (Language::French, [_, month, date]) => format!("{date}/{month}"),
            (Language::English, [_, month, date]) => format!("{month}-{date}"),
            _ => iso,
        }
    }

    /// A moment in Paris, to the minute.
    pub(super) fn moment(self, at: Instant) -> String {
        let (hour, minute) = at.paris_time();
        let day = at.paris_day().map(|day| self.day(day)).unwrap_or_default();
        format!("{day} {} {hour:02}:{minute:02}", self.pick("à", "at"))
    }
}
