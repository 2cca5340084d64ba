//! What stands in columns: amounts, without their currency where the head names it, and moments in Paris.

use talon_domain::anomaly::Language;
use talon_domain::money::Currency;
use talon_domain::time::Instant;

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

    /// The same where rows have several currencies: one cell for people, and two for a spreadsheet, which adds up numbers.
    pub(crate) fn amount_cells(&self, amount: Option<(Currency, i128)>) -> Vec<String> {
        let written = amount.map_or_else(String::new, |(currency, minor_units)| self.amount(currency, minor_units));
        let code = amount.map_or_else(String::new, |(currency, _)| currency.code().to_owned());
        if self.is_csv() { vec![written, code] } else { vec![[written, code].join(" ").trim_end().to_owned()] }
    }

    /// The heads of such cells.
    pub(crate) fn amount_heads(&self) -> Vec<String> {
        let amount = format!(">{}", self.say("Montant", "Amount"));
        if self.is_csv() { vec![amount, self.say("Devise", "Currency").to_owned()] } else { vec![amount] }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_no_currency() {
        assert_eq!(plain(Currency::EUR, 123_456, Language::French), "1 234,56");
        assert_eq!(plain(Currency::EUR, -5, Language::English), "-0.05");
        assert_eq!(local_time(Instant(1_795_525_500_000_000)), "2026-11-24 14:05");
    }
}
