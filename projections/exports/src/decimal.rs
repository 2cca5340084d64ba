//! Amounts as decimal numbers without groups: `-1234.56`. Whole numbers only: a currency's decimals are set by moving the
//! point.

use talon_domain::money::Currency;

/// So many minor units in major ones, with this decimal point. What has no decimals has no point.
pub fn decimal(currency: Currency, minor: i128, point: char) -> String {
    let decimals = usize::try_from(currency.decimals()).unwrap_or(0);
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = decimals.saturating_add(1));
    let (whole, part) = digits.split_at(digits.len().saturating_sub(decimals));
    let sign = if minor < 0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}{point}{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_is_moved() {
        let currency = |code| Currency::parse(code).expect("a code");
        for (code, minor, plain, french) in [
            ("EUR", 0, "0.00", "0,00"),
            ("EUR", -5, "-0.05", "-0,05"),
            ("EUR", 123_456, "1234.56", "1234,56"),
            ("JPY", -1_234, "-1234", "-1234"),
            ("TND", 1, "0.001", "0,001"),
            (
                "EUR",
                i128::MIN,
                "-1701411834604692317316873037158841057.28",
                "-1701411834604692317316873037158841057,28",
            ),
        ] {
            assert_eq!(decimal(currency(code), minor, '.'), plain);
            assert_eq!(decimal(currency(code), minor, ','), french);
        }
    }
}
