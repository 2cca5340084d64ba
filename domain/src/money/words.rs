//! Amounts as people write them. Whole numbers only: a currency's decimals are set by moving the point.
//!
//! This module rounds nothing and converts nothing.

use super::{Currency, Money, Totals};
use crate::anomaly::Language;

impl Currency {
    /// So many minor units: `1 234,56 EUR` in French, `1,234.56 EUR` in English.
    pub fn words(self, minor_units: u128, language: Language) -> String {
        let (group, point) = match language {
            Language::French => (' ', ','),
            Language::English => (',', '.'),
        };
        let decimals = usize::try_from(self.decimals()).unwrap_or(0);
        let digits = format!("{minor_units:0>width$}", width = decimals.saturating_add(1));
        let whole_digits = digits.len().saturating_sub(decimals);
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at == whole_digits {
                text.push(point);
            } else if at > 0 && at < whole_digits && whole_digits.saturating_sub(at).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        format!("{text} {self}")
    }
}

impl Money {
    /// The amount with its currency, as people write it.
    pub fn words(self, language: Language) -> String {
        self.currency.words(self.amount.minor_units().into(), language)
    }
}

impl Totals {
    /// Each currency's sum, or a dash.
    pub fn words(&self, language: Language) -> String {
        let all: Vec<_> = self.iter().map(|(currency, minor)| currency.words(minor, language)).collect();
        if all.is_empty() { "-".into() } else { all.join(" + ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_do() {
        let currency = |code| Currency::parse(code).expect("a code");
        for (currency, minor, french, english) in [
            (Currency::EUR, 0, "0,00 EUR", "0.00 EUR"),
            (Currency::EUR, 5, "0,05 EUR", "0.05 EUR"),
            (Currency::EUR, 99_900, "999,00 EUR", "999.00 EUR"),
            (Currency::EUR, 123_456, "1 234,56 EUR", "1,234.56 EUR"),
            (Currency::EUR, 100_000_000, "1 000 000,00 EUR", "1,000,000.00 EUR"),
            (currency("JPY"), 1_234, "1 234 JPY", "1,234 JPY"),
            (currency("TND"), 1_234_567, "1 234,567 TND", "1,234.567 TND"),
        ] {
            assert_eq!(currency.words(minor, Language::French), french);
            assert_eq!(currency.words(minor, Language::English), english);
        }
    }

    #[test]
    fn sums_of_several_currencies_are_never_one() {
        let money = |code, cents| Money {
            currency: Currency::parse(code).expect("a code"),
            ..Money::eur(cents).expect("small")
        };
        let totals: Totals = [money("EUR", 150), money("CHF", 7)].into_iter().collect();
        assert_eq!(totals.words(Language::English), "0.07 CHF + 1.50 EUR");
        assert_eq!(Totals::default().words(Language::French), "-");
    }
}
