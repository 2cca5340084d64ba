//! Amounts as files write them, into minor units. Invariants: nothing is rounded, no float is made, and what two
//! conventions would read as two amounts is read by the stated one or refused.

use serde::Deserialize;
use talon_domain::money::Currency;

use crate::fault::Rule;

/// What stands before the decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decimal {
    /// `1.234,56`
    Comma,
    /// `1,234.56`
    Point,
    /// Whichever it is, as long as there is one reading.
    #[default]
    Either,
}

/// What amounts are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// Euros.
    #[default]
    Major,
    /// Cents.
    Minor,
}

/// Longer is no amount.
const DIGITS_MAX: usize = 18;

/// How amounts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Convention {
    pub(crate) decimal: Decimal,
    pub(crate) unit: Unit,
}

impl Convention {
    /// Minor units, with their sign.
    pub(crate) fn read(self, text: &str, currency: Currency) -> Result<i64, Rule> {
        let (is_negative, digits) = signed(text.trim(), currency).ok_or(Rule::AmountReadable)?;
        let (whole, decimals) = self.split(digits)?;
        let places = if self.unit == Unit::Minor { 0 } else { currency.decimals() as usize };
        let kept = decimals.trim_end_matches('0');
        if kept.len() > places {
            return Err(Rule::AmountExact);
        }
        let digits = whole.bytes().filter(u8::is_ascii_digit).chain(kept.bytes());
        let padding = std::iter::repeat_n(b'0', places - kept.len());
        let mut number = 0i64;
        for (count, digit) in digits.chain(padding).enumerate() {
            if count >= DIGITS_MAX {
                return Err(Rule::AmountInRange);
            }
            number = number * 10 + i64::from(digit - b'0');
        }
        Ok(if is_negative { -number } else { number })
    }

    /// What stands before the decimals and what they are.
    fn split(self, text: &str) -> Result<(&str, &str), Rule> {
        let last = text.rfind(['.', ',']);
        let at = match self.decimal {
            Decimal::Comma => text.rfind(','),
            Decimal::Point => text.rfind('.'),
            Decimal::Either => last.filter(|at| !is_group(text, *at)),
        };
        let point = at.and_then(|at| text.as_bytes().get(at)).copied();
        let (whole, decimals) = at.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
        if self.decimal == Decimal::Either && at.is_none() && last.is_some_and(|at| is_single(text, at)) {
            return Err(Rule::AmountPlain);
        }
        let is_whole = !whole.is_empty() && are_groups(whole, point);
        let are_decimals = decimals.bytes().all(|byte| byte.is_ascii_digit()) && (at.is_none() || !decimals.is_empty());
        if is_whole && are_decimals { Ok((whole, decimals)) } else { Err(Rule::AmountReadable) }
    }
}

/// Three digits stand behind a separator: it may part groups.
fn is_group(text: &str, at: usize) -> bool {
    let behind = &text[at + 1..];
    let has_other = text.bytes().any(|byte| matches!(byte, b'.' | b',') && Some(&byte) != text.as_bytes().get(at));
    // `1.234,567` has three decimals, whatever they are of; `1.234.567` has none.
    behind.len() == 3 && !has_other
}

fn is_single(text: &str, at: usize) -> bool {
    text.find(['.', ',']) == Some(at)
}

/// Digits, alone or in groups of three by one separator that is not the decimals' own.
fn are_groups(whole: &str, point: Option<u8>) -> bool {
    let separator = whole.chars().find(|character| !character.is_ascii_digit());
    let Some(separator) = separator else { return true };
    let is_known = matches!(separator, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}');
    if !is_known || point.is_some_and(|point| char::from(point) == separator) {
        return false;
    }
    let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    whole
        .split(separator)
        .enumerate()
        .all(|(at, group)| is_digits(group) && if at == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 })
}

/// The sign, and what is left without it and without the currency's name.
fn signed(text: &str, currency: Currency) -> Option<(bool, &str)> {
    let text = unnamed(text, currency);
    if let Some(inner) = text.strip_prefix('(') {
        return Some((true, unnamed(inner.strip_suffix(')')?, currency)));
    }
    let minus = ['-', '\u{2212}'];
    if let Some(rest) = text.strip_prefix(minus).or_else(|| text.strip_suffix(minus)) {
        return Some((true, unnamed(rest, currency)));
    }
    Some((false, unnamed(text.strip_prefix('+').unwrap_or(text), currency)))
}

fn unnamed(text: &str, currency: Currency) -> &str {
    let sign = if currency == Currency::EUR { "€" } else { currency.code() };
    let mut text = text.trim();
    for name in [currency.code(), sign] {
        text = text.strip_suffix(name).or_else(|| text.strip_prefix(name)).unwrap_or(text).trim();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn by(decimal: Decimal, unit: Unit) -> Convention {
        Convention { decimal, unit }
    }

    #[test]
    fn an_amount_is_read_by_its_convention_or_refused() {
        use Rule::{AmountExact, AmountInRange, AmountPlain, AmountReadable};
        let table: &[(&str, [Result<i64, Rule>; 3])] = &[
            // written        comma                    point                    either
            ("1.234,56", [Ok(123_456), Err(AmountReadable), Ok(123_456)]),
            ("1,234.56", [Err(AmountReadable), Ok(123_456), Ok(123_456)]),
            ("1234,56", [Ok(123_456), Err(AmountReadable), Ok(123_456)]),
            ("1234.56", [Err(AmountReadable), Ok(123_456), Ok(123_456)]),
            ("(12,00)", [Ok(-1_200), Err(AmountReadable), Ok(-1_200)]),
            ("-12,5", [Ok(-1_250), Err(AmountReadable), Ok(-1_250)]),
            ("12,00-", [Ok(-1_200), Err(AmountReadable), Ok(-1_200)]),
            ("\u{2212}12", [Ok(-1_200); 3]),
            ("1 234 567", [Ok(123_456_700); 3]),
            ("1\u{202f}234,50\u{a0}€", [Ok(123_450), Err(AmountReadable), Ok(123_450)]),
            ("EUR 12.50", [Err(AmountReadable), Ok(1_250), Ok(1_250)]),
            ("1.234", [Ok(123_400), Err(AmountExact), Err(AmountPlain)]),
            ("1,234", [Err(AmountExact), Ok(123_400), Err(AmountPlain)]),
            ("1.234.567", [Ok(123_456_700), Err(AmountReadable), Ok(123_456_700)]),
            ("12,345", [Err(AmountExact), Ok(1_234_500), Err(AmountPlain)]),
            ("1.2345", [Err(AmountReadable), Err(AmountExact), Err(AmountExact)]),
            ("12,", [Err(AmountReadable); 3]),
            (",50", [Err(AmountReadable); 3]),
            ("", [Err(AmountReadable); 3]),
            ("12 50", [Err(AmountReadable); 3]),
            ("1e3", [Err(AmountReadable); 3]),
            ("=1+1", [Err(AmountReadable); 3]),
            ("--12", [Err(AmountReadable); 3]),
            ("(12", [Err(AmountReadable); 3]),
            ("0", [Ok(0); 3]),
            ("99999999999999999999", [Err(AmountInRange); 3]),
        ];
        for (text, read) in table {
            let by = |decimal| by(decimal, Unit::Major).read(text, Currency::EUR);
            assert_eq!([by(Decimal::Comma), by(Decimal::Point), by(Decimal::Either)], *read, "{text}");
        }
    }

    #[test]
    fn cents_have_no_decimals() {
        let cents = |text| by(Decimal::Comma, Unit::Minor).read(text, Currency::EUR);
        assert_eq!(cents("12000"), Ok(12_000));
        assert_eq!(cents("-283462"), Ok(-283_462));
        assert_eq!(cents("12000,00"), Ok(12_000));
        assert_eq!(cents("12000,5"), Err(Rule::AmountExact));
    }
}
