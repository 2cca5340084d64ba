//! Money: unsigned whole minor units of a currency. The fact gives the direction, never a sign. Invariants:
//! - an amount is at most 10^12 minor units
//! - a sum of amounts cannot overflow: 2^53 facts x 10^12 < 2^93, and sums are 128 bits wide
//!
//! This module does not round or convert.

use std::fmt;

mod words;

/// ISO 4217, three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Euro; two decimals.
    pub const EUR: Self = Self(*b"EUR");

    /// Reads three capital letters; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 3] = text.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_uppercase).then_some(Self(code))
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many decimals its amounts are written with (ISO 4217; two where it has no entry here).
    pub const fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Minor units, 0 to 10^12.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

impl Amount {
    /// The largest amount a fact may carry.
    pub const MAX: Self = Self(1_000_000_000_000);
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of so many minor units; `None` above [`Amount::MAX`].
    pub const fn new(minor_units: u64) -> Option<Self> {
        if minor_units > Self::MAX.0 { None } else { Some(Self(minor_units)) }
    }

    /// The number of minor units.
    pub const fn minor_units(self) -> u64 {
        self.0
    }

    /// The sum, if it is still an amount.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Self::new(sum),
            None => None,
        }
    }
}

/// An amount with its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    /// The currency.
    pub currency: Currency,
    /// How much.
    pub amount: Amount,
}

impl Money {
    /// So many euro cents; `None` above [`Amount::MAX`].
    pub fn eur(cents: u64) -> Option<Self> {
        Amount::new(cents).map(|amount| Self { currency: Currency::EUR, amount })
    }
}

/// Sums of money, one for each currency, in the order of their codes. Currencies are never mixed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals(Vec<(Currency, u128)>);

impl Totals {
    /// Adds money to its currency's sum.
    pub fn add(&mut self, money: Money) {
        let amount = u128::from(money.amount.minor_units());
        match self.0.binary_search_by_key(&money.currency, |entry| entry.0) {
            Ok(at) => {
                if let Some(entry) = self.0.get_mut(at) {
                    entry.1 = entry.1.saturating_add(amount);
                }
            }
            Err(at) => self.0.insert(at, (money.currency, amount)),
        }
    }

    /// The sum in one currency, in minor units.
    pub fn of(&self, currency: Currency) -> u128 {
        self.iter().find(|entry| entry.0 == currency).map_or(0, |entry| entry.1)
    }

    /// Whether nothing was ever added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each currency and its sum.
    pub fn iter(&self) -> impl Iterator<Item = (Currency, u128)> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Money> for Totals {
    fn from_iter<I: IntoIterator<Item = Money>>(all: I) -> Self {
        let mut totals = Self::default();
        all.into_iter().for_each(|money| totals.add(money));
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_an_end() {
        assert_eq!(Amount::new(1_000_000_000_001), None);
        assert_eq!(Amount::MAX.checked_add(Amount(1)), None);
        assert_eq!(Amount(2).checked_add(Amount(3)), Some(Amount(5)));
    }

    #[test]
    fn currencies_are_summed_apart() {
        let usd = Currency::parse("USD").expect("a code");
        let five = Money { currency: usd, amount: Amount(5) };
        let totals: Totals = [five, Money::eur(7).expect("small"), five].into_iter().collect();
        assert_eq!((totals.of(usd), totals.of(Currency::EUR)), (10, 7));
        assert_eq!(Currency::parse("eur"), None);
    }
}
