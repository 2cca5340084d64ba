//! What stands in columns: amounts without their currency, which the head names, moments in Paris, spans of days, and
//! texts that somebody else made long.

use std::ops::RangeInclusive;

use serde_json::Value;
use talon_domain::anomaly::Language;
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

use super::{Screen, money};

/// `1,234.56`, or `-5.00`.
pub(crate) fn plain(currency: Currency, minor_units: i128, language: Language) -> String {
    let written = money(currency, minor_units.unsigned_abs(), language);
    let amount = written.strip_suffix(currency.code()).unwrap_or(&written).trim_end();
    if minor_units < 0 { format!("-{amount}") } else { amount.to_owned() }
}

impl Screen {
    /// An amount in a column: as people write it, and for a spreadsheet with a point and nothing else.
    pub(crate) fn amount(&self, currency: Currency, minor_units: i128) -> String {
        if self.is_csv() {
            return plain(currency, minor_units, Language::English).replace(',', "");
        }
        plain(currency, minor_units, self.language)
    }
}

/// `09:05`.
pub(crate) fn clock_time(at: Instant) -> String {
    let (hour, minute) = at.paris_time();
    format!("{hour:02}:{minute:02}")
}

/// `2026-11-24 09:05`.
pub(crate) fn local_time(at: Instant) -> String {
    let day = at.paris_day().map(|day| day.to_string()).unwrap_or_default();
    format!("{day} {}", clock_time(at))
}

/// A text in so many characters; where it was longer, its end says so.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// `2026-11-24`, `2026-11-24 - 2026-11-30`, `2026-11-24 -`: an end that nobody gave is left out.
pub(crate) fn days_words(days: &RangeInclusive<Day>) -> String {
    let (first, last) = ends(days);
    match (first, last) {
        (Some(first), Some(last)) if first == last => first.to_string(),
        (first, last) => {
            let text = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
            format!("{} - {}", text(first), text(last)).trim().to_owned()
        }
    }
}

/// Puts the span that was asked for into an answer: `from` and `to`, null where nobody gave that end.
pub(crate) fn days_json(answer: &mut Value, days: Option<&RangeInclusive<Day>>) {
    let (first, last) = days.map_or((None, None), ends);
    if let Value::Object(fields) = answer {
        for (name, day) in [("from", first), ("to", last)] {
            fields.insert(name.to_owned(), day.map_or(Value::Null, |day| day.to_string().into()));
        }
    }
}

fn ends(days: &RangeInclusive<Day>) -> (Option<Day>, Option<Day>) {
    let is_given = |day: &Day| day.0 != 0 && day.0 != u16::MAX;
    (Some(*days.start()).filter(is_given), Some(*days.end()).filter(is_given))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_no_currency() {
        assert_eq!(plain(Currency::EUR, 123_456, Language::French), "1 234,56");
        assert_eq!(plain(Currency::EUR, -5, Language::English), "-0.05");
        assert_eq!(local_time(Instant(1_795_525_500_000_000)), "2026-11-24 14:05");
    }

    #[test]
    fn what_is_long_is_cut_and_an_end_that_nobody_gave_is_left_out() {
        assert_eq!([cut("Rezé", 4), cut("Rezé-lès", 5)], ["Rezé", "Rezé…"]);
        let day = Day(20_781);
        let spans = [day..=day, day..=Day(20_782), day..=Day(u16::MAX), Day(0)..=day];
        let words = ["2026-11-24", "2026-11-24 - 2026-11-25", "2026-11-24 -", "- 2026-11-24"];
        assert_eq!(spans.each_ref().map(days_words), words);
        let mut answer = serde_json::json!({});
        days_json(&mut answer, Some(&(Day(0)..=day)));
        assert_eq!(answer.to_string(), r#"{"from":null,"to":"2026-11-24"}"#);
    }
}
