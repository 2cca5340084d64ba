//! Amounts as people write them. Whole numbers only: a currency's decimals are set by moving the point.

use talon_domain::anomaly::Language;
use talon_domain::money::{Currency, Totals};

/// `1 234,56 EUR` in French, `1,234.56 EUR` in English.
pub(crate) fn money(currency: Currency, minor_units: u128, language: Language) -> String {
    let (group, point) = match language {
        Language::French => (' ', ','),
        Language::English => (',', '.'),
    };
    let decimals = currency.decimals() as usize;
    let digits = format!("{minor_units:0>width$}", width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(group);
        }
        text.push(digit);
    }
    if decimals > 0 {
        text.push(point);
        text.push_str(part);
    }
    format!("{text} {currency}")
}

/// Each currency's sum, or a dash.
pub(crate) fn totals(totals: &Totals, language: Language) -> String {
    let all: Vec<_> = totals.iter().map(|(currency, minor)| money(currency, minor, language)).collect();
    if all.is_empty() { "-".into() } else { all.join(" + ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_do() {
        let yen = Currency::parse("JPY").expect("a code");
        for (currency, minor, french, english) in [
            (Currency::EUR, 0, "0,00 EUR", "0.00 EUR"),
            (Currency::EUR, 5, "0,05 EUR", "0.05 EUR"),
            (Currency::EUR, 123_456, "1 234,56 EUR", "1,234.56 EUR"),
            (Currency::EUR, 100_000_000, "1 000 000,00 EUR", "1,000,000.00 EUR"),
            (yen, 1_234, "1 234 JPY", "1,234 JPY"),
        ] {
            assert_eq!(money(currency, minor, Language::French), french);
            assert_eq!(money(currency, minor, Language::English), english);
        }
    }
}
