//! What stands in a cell, and the words for it: numbers, days, shares, amounts, choices. Whole numbers only.
//!
//! People write `732 829 320`, `25/11/2026`, `2,53 %` and `1 234,50`; a file is written in one form of these.

use talon_domain::fact::PayoutRule;
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::time::Day;

use super::column::folded;

/// The days of a week, Monday first.
const WEEK: [(&str, &str); 7] = [
    ("monday", "lundi"),
    ("tuesday", "mardi"),
    ("wednesday", "mercredi"),
    ("thursday", "jeudi"),
    ("friday", "vendredi"),
    ("saturday", "samedi"),
    ("sunday", "dimanche"),
];

/// A whole number; spaces set its digits apart.
pub(super) fn number(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    (!digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// How many digits are typed.
pub(super) fn digits_count(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// A date of 2000 to 2148: `2026-11-25`, or `25/11/2026`.
pub(crate) fn day(text: &str) -> Option<Day> {
    let text = text.trim();
    let parts = |mark: char| text.split(mark).map(|part| digits(part, 4)).collect::<Option<Vec<_>>>();
    let (year, month, day) = match (parts('-').as_deref(), parts('/').as_deref()) {
        (Some([year, month, day]), _) | (_, Some([day, month, year])) => (*year, *month, *day),
        _ => return None,
    };
    Day::of(i32::try_from(year).ok()?, month, day)
}

/// Up to so many digits and nothing else.
pub(super) fn digits(text: &str, most: usize) -> Option<u32> {
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    fits.then(|| text.parse().ok())?
}

/// A percentage as basis points: `2.53`, `2,53 %`; at most 100.
pub(super) fn percent(text: &str) -> Option<u32> {
    let points = minor(text.trim().trim_end_matches('%'), 2)?;
    u32::try_from(points).ok().filter(|points| *points <= 10_000)
}

/// Basis points as a percentage.
pub(super) fn percent_text(points: u32) -> String {
    decimal(points.into(), 2)
}

/// An amount in euros, or in the currency whose code stands behind it: `0,25`, `1 234.50 EUR`.
pub(crate) fn money(text: &str) -> Option<Money> {
    let text = text.trim();
    let code = text.get(text.len().saturating_sub(3)..).filter(|code| code.bytes().all(|b| b.is_ascii_alphabetic()));
    let (figure, currency) = match code {
        Some(code) => (text.strip_suffix(code)?, Currency::parse(&code.to_ascii_uppercase())?),
        None => (text.trim_end_matches('€'), Currency::EUR),
    };
    let amount = Amount::new(minor(figure, currency.decimals() as usize)?)?;
    Some(Money { currency, amount })
}

/// An amount as a file has it: the currency stands behind it unless it is the euro.
pub(super) fn money_text(money: Money) -> String {
    let figure = decimal(money.amount.minor_units(), money.currency.decimals() as usize);
    if money.currency == Currency::EUR { figure } else { format!("{figure} {}", money.currency) }
}

/// A figure with a point or comma, as so many of its smallest units.
fn minor(text: &str, decimals: usize) -> Option<u64> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((&text, ""));
    let part_is_fit = part.len() <= decimals && part.bytes().all(|digit| digit.is_ascii_digit());
    let whole = number(whole).filter(|_| part_is_fit)?;
    let part = format!("{part:0<decimals$}");
    let part = if part.is_empty() { 0 } else { part.parse::<u64>().ok()? };
    whole.checked_mul(10u64.checked_pow(u32::try_from(decimals).ok()?)?)?.checked_add(part)
}

/// The other way round.
fn decimal(minor: u64, decimals: usize) -> String {
    let digits = format!("{minor:0>width$}", width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// The choice of this name: case, spaces and marks do not matter. `also` are further words for it.
pub(super) fn choice<T: Copy>(text: &str, all: &[T], name: fn(T) -> &'static str, also: &[(&str, &str)]) -> Option<T> {
    let text = folded(text);
    let meant = also.iter().find(|(word, _)| folded(word) == text).map_or(text.clone(), |(_, name)| folded(name));
    all.iter().copied().find(|choice| folded(name(*choice)) == meant)
}

/// When a provider pays: `T+3`, `weekly:monday`, `monthly:15`, `unknown`; with the day that goes with it.
pub(super) fn payout(text: &str) -> Option<(PayoutRule, u32)> {
    let text = text.trim();
    let (rule, day) = text.split_once([':', '+']).map_or((text, None), |(rule, day)| (rule, Some(day.trim())));
    let within = |least, most| digits(day?, 2).filter(|day| (least..=most).contains(day));
    match folded(rule).as_str() {
        "t" | "j" if text.contains('+') => Some((PayoutRule::AfterDays, within(0, 31)?)),
        "weekly" | "hebdo" | "hebdomadaire" => Some((PayoutRule::Weekly, weekday(day?)?)),
        "monthly" | "mensuel" => Some((PayoutRule::Monthly, within(1, 31)?)),
        "unknown" | "inconnu" if day.is_none() => Some((PayoutRule::Unknown, 0)),
        _ => None,
    }
}

fn weekday(text: &str) -> Option<u32> {
    let text = folded(text);
    (1..).zip(WEEK).find(|(_, (english, french))| text == *english || text == *french).map(|(number, _)| number)
}

/// A payout rule as a file has it.
pub(super) fn payout_text(rule: PayoutRule, day: u32) -> String {
    match rule {
        PayoutRule::AfterDays => format!("T+{day}"),
        PayoutRule::Weekly => {
            let named = usize::try_from(day).ok().and_then(|day| WEEK.get(day.checked_sub(1)?));
            format!("weekly:{}", named.map_or_else(|| day.to_string(), |(english, _)| (*english).to_owned()))
        }
        PayoutRule::Monthly => format!("monthly:{day}"),
        PayoutRule::Unknown => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        for (text, read) in [
            ("2026-11-25", Some("2026-11-25")),
            (" 25/11/2026 ", Some("2026-11-25")),
            ("1/2/2026", Some("2026-02-01")),
            ("29/02/2026", None),
            ("25-11-2026", None),
            ("2026/11/25", None),
            ("25/11/26", None),
            ("2026-11", None),
            ("2149-01-01", None),
            ("+026-01-01", None),
            ("45986", None),
        ] {
            assert_eq!(day(text).map(|day| day.to_string()).as_deref(), read, "{text}");
        }
    }

    #[test]
    fn shares_and_amounts_are_exact() {
        for (text, points) in [
            ("2.53", Some(253)),
            ("2,53 %", Some(253)),
            ("20", Some(2_000)),
            ("0,8%", Some(80)),
            ("100", Some(10_000)),
            ("100.01", None),
            ("2.531", None),
            ("-1", None),
            ("", None),
            (".5", None),
            ("2,5,3", None),
        ] {
            assert_eq!(percent(text), points, "{text}");
        }
        for (text, written) in [
            ("0,25", Some("0.25")),
            ("1 234,5", Some("1234.50")),
            ("50 €", Some("50.00")),
            ("12.30eur", Some("12.30")),
            ("12.30 CHF", Some("12.30 CHF")),
            ("1200 JPY", Some("1200 JPY")),
            ("12.5 JPY", None),
            ("0.255", None),
            ("EUR", None),
            ("10000000000.01", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(money(text).map(money_text).as_deref(), written, "{text}");
        }
    }

    #[test]
    fn payout_rules_are_read_and_written() {
        for (text, written) in [
            ("T+3", Some("T+3")),
            ("j + 0", Some("T+0")),
            ("weekly:monday", Some("weekly:monday")),
            ("Hebdo : dimanche", Some("weekly:sunday")),
            ("mensuel:31", Some("monthly:31")),
            ("inconnu", Some("unknown")),
            ("T+32", None),
            ("T3", None),
            ("T:3", None),
            ("weekly:8", None),
            ("monthly:0", None),
            ("unknown:1", None),
            ("", None),
        ] {
            assert_eq!(payout(text).map(|(rule, day)| payout_text(rule, day)).as_deref(), written, "{text}");
        }
    }
}
