//! Figures as French tickets write them: `1 234,56 EUR`, `24/11/2025 14:05`, `17,19 %`, `732 829 320 00074`. Spaces
//! are plain ones.
//!
//! This module changes how a figure looks, never what it is: no sum, no rounding, no shift of a date.

use talon_domain::ids::{MerchantId, ShopId};
use talon_domain::money::{Currency, Money};
use talon_domain::time::{Day, Instant};

/// Minor units of a currency, with its decimals and its code.
pub(crate) fn sum(currency: Currency, minor_units: u128) -> String {
    let decimals = usize::try_from(currency.decimals()).unwrap_or(0);
    let digits = format!("{minor_units:0>width$}", width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let comma = if part.is_empty() { "" } else { "," };
    format!("{}{comma}{part} {currency}", grouped(whole))
}

/// Minor units that may be less than nothing.
pub(crate) fn signed(currency: Currency, minor_units: i128) -> String {
    let sign = if minor_units < 0 { "-" } else { "" };
    format!("{sign}{}", sum(currency, minor_units.unsigned_abs()))
}

/// One amount.
pub(crate) fn money(money: Money) -> String {
    sum(money.currency, money.amount.minor_units().into())
}

/// Digits in groups of three, from the right.
fn grouped(digits: &str) -> String {
    let left = digits.len();
    let spaced = |(at, digit): (usize, char)| {
        let space = at > 0 && (left - at).is_multiple_of(3);
        space.then_some(' ').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(spaced).collect()
}

/// A calendar date.
pub(crate) fn date(day: Day) -> String {
    day.date().format("%d/%m/%Y").to_string()
}

/// The date in Paris of an instant that a provider or a publisher gave.
pub(crate) fn date_of(instant: Instant) -> String {
    instant.paris_day().map_or_else(|| "DATE INCONNUE".to_owned(), date)
}

/// Date, hour and minute in Paris.
pub(crate) fn moment(instant: Instant) -> String {
    let (hour, minute) = instant.paris_time();
    format!("{} {hour:02}:{minute:02}", date_of(instant))
}

/// A rate in hundredths of a percent.
pub(crate) fn rate(bps: u32) -> String {
    format!("{},{:02} %", grouped(&(bps / 100).to_string()), bps % 100)
}

/// Whom the shop is: SIRET, or SIREN where no shop is named; another ledger's numbers, as they are.
pub(crate) fn identity(merchant: MerchantId, shop: ShopId) -> Vec<String> {
    const SIREN_MAX: u64 = 999_999_999;
    const NIC_MAX: u32 = 99_999;
    let siren = || grouped(&format!("{merchant:09}", merchant = merchant.0));
    match (merchant.0, shop.0) {
        (1..=SIREN_MAX, 0) => vec![format!("SIREN {}", siren())],
        (1..=SIREN_MAX, nic @ 1..=NIC_MAX) => vec![format!("SIRET {} {nic:05}", siren())],
        (merchant, 0) => vec![format!("COMMERCANT {merchant}")],
        (merchant, shop) => vec![format!("COMMERCANT {merchant}"), format!("MAGASIN {shop}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_carry_their_currency_s_decimals() {
        let of = |code, minor| sum(Currency::parse(code).expect("a code"), minor);
        for (minor, written) in [
            (0, "0,00 EUR"),
            (5, "0,05 EUR"),
            (123_456, "1 234,56 EUR"),
            (99_999, "999,99 EUR"),
            (100_000_000, "1 000 000,00 EUR"),
            (24_000_000_000_000, "240 000 000 000,00 EUR"),
        ] {
            assert_eq!(of("EUR", minor), written);
        }
        assert_eq!((of("JPY", 0), of("XPF", 1_500)), ("0 JPY".into(), "1 500 XPF".into()));
        assert_eq!(of("TND", 1_234_567), "1 234,567 TND");
        assert_eq!(of("EUR", u128::MAX).matches(' ').count(), 13, "no sum is too large to be written");
    }

    #[test]
    fn a_sum_below_nothing_has_its_sign_in_front() {
        assert_eq!([-6_000, 0, 123_456].map(|n| signed(Currency::EUR, n)), ["-60,00 EUR", "0,00 EUR", "1 234,56 EUR"]);
        assert!(signed(Currency::EUR, i128::MIN).starts_with("-1 701 411 834"));
    }

    #[test]
    fn instants_are_shown_on_a_clock_in_paris() {
        let at = |seconds| Instant::from_seconds(seconds).expect("in range");
        assert_eq!(moment(at(1_759_271_400)), "01/10/2025 00:30"); // 22:30 UTC on 30 September
        assert_eq!(moment(at(1_638_978_621)), "08/12/2021 16:50");
        assert_eq!(date_of(Instant(0)), "DATE INCONNUE");
        assert_eq!(moment(Instant(i64::MIN)).get(..13), Some("DATE INCONNUE"));
    }

    #[test]
    fn rates_keep_their_hundredths() {
        assert_eq!([0, 7, 1_719, 2_200].map(rate), ["0,00 %", "0,07 %", "17,19 %", "22,00 %"]);
        assert_eq!(rate(u32::MAX), "42 949 672,95 %");
    }

    #[test]
    fn a_shop_is_named_by_its_siret_where_it_has_one() {
        let of = |merchant, shop| identity(MerchantId(merchant), ShopId(shop));
        assert_eq!(of(732_829_320, 74), ["SIRET 732 829 320 00074"]);
        assert_eq!(of(5_520_135, 12), ["SIRET 005 520 135 00012"]);
        assert_eq!(of(732_829_320, 0), ["SIREN 732 829 320"]);
        assert_eq!(of(732_829_320, 100_000), ["COMMERCANT 732829320", "MAGASIN 100000"]);
        assert_eq!(of(1_000_000_000, 0), ["COMMERCANT 1000000000"]);
    }
}
