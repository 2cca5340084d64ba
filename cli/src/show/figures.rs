//! Amounts as people write them, in the reader's language.

use talon_domain::anomaly::Language;
use talon_domain::money::{Currency, Totals};

/// `1 234,56 EUR` in French, `1,234.56 EUR` in English.
pub(crate) fn money(currency: Currency, minor_units: u128, language: Language) -> String {
    currency.words(minor_units, language)
}

/// Each currency's sum, or a dash.
pub(crate) fn totals(totals: &Totals, language: Language) -> String {
    totals.words(language)
}
