//! SIREN and SIRET: the numbers of French companies and of their establishments, and what tells a true one from a slip.
//!
//! Sources: INSEE's rule is Luhn's formula over the nine digits of a SIREN, and over the fourteen of a SIRET, which is the
//! SIREN and five digits of the establishment (NIC). One company has outgrown the formula: under SIREN 356000000 the sum
//! of a SIRET's digits is divisible by 5 instead, and the head office keeps to Luhn's.
//!
//! This module does not know whether a company exists.

use talon_domain::ids::{MerchantId, ShopId};

/// The SIREN whose establishments follow a rule of their own.
const LA_POSTE: u64 = 356_000_000;
/// The first number with one digit too many for a SIREN.
const SIREN_END: u64 = 1_000_000_000;
/// The first number with one digit too many for a NIC.
const NIC_END: u64 = 100_000;

/// Whether a merchant's number is a SIREN. Leading zeros are part of it, and no part of the number.
pub fn is_siren(merchant: MerchantId) -> bool {
    (1..SIREN_END).contains(&merchant.0) && digits(merchant.0, luhn_weight).is_multiple_of(10)
}

/// Whether a merchant's number and a shop's are a SIRET together.
pub fn is_siret(merchant: MerchantId, shop: ShopId) -> bool {
    siret(merchant, shop).is_some_and(|siret| {
        let by_own_rule = merchant.0 == LA_POSTE && digits(siret, |_, digit| digit).is_multiple_of(5);
        digits(siret, luhn_weight).is_multiple_of(10) || by_own_rule
    })
}

/// The fourteen digits as one number, of a SIREN and a NIC that is one.
pub fn siret(merchant: MerchantId, shop: ShopId) -> Option<u64> {
    let nic = u64::from(shop.0);
    if !is_siren(merchant) || !(1..NIC_END).contains(&nic) {
        return None;
    }
    merchant.0.checked_mul(NIC_END)?.checked_add(nic)
}

/// Luhn's formula: from the right every second digit counts double, and a double of two digits for their sum.
const fn luhn_weight(place: usize, digit: u64) -> u64 {
    match digit {
        digit if place.is_multiple_of(2) => digit,
        9 => 9,
        digit => digit.wrapping_mul(2).wrapping_rem(9),
    }
}

/// The sum of a number's digits, each weighed by its place from the right.
fn digits(mut number: u64, weight: impl Fn(usize, u64) -> u64) -> u64 {
    let mut sum = 0u64;
    for place in 0.. {
        if number == 0 {
            break;
        }
        sum = sum.saturating_add(weight(place, number % 10));
        number /= 10;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_siren_is_nine_digits_that_pass() {
        for good in [732_829_320, 839_100_575, 356_000_000, 552_100_554, 542_065_479, 775_670_417, 18] {
            assert!(is_siren(MerchantId(good)), "{good}");
        }
        for bad in [0, 732_829_321, 123_456_789, 1_000_000_008, u64::MAX] {
            assert!(!is_siren(MerchantId(bad)), "{bad}");
        }
    }

    #[test]
    fn one_wrong_digit_is_always_seen() {
        let text = "732829320";
        for (at, right) in text.bytes().enumerate() {
            for digit in (b'0'..=b'9').filter(|digit| *digit != right) {
                let mut wrong = text.as_bytes().to_vec();
                wrong[at] = digit;
                let number = String::from_utf8(wrong).expect("digits").parse().expect("a number");
                assert!(!is_siren(MerchantId(number)), "{number}");
            }
        }
    }

    #[test]
    fn a_siret_is_a_siren_and_a_nic_that_pass_together() {
        let of = |siren, nic| is_siret(MerchantId(siren), ShopId(nic));
        // The example of INSEE's own page.
        assert!(of(732_829_320, 74));
        assert!(!of(732_829_320, 75));
        assert!(!of(732_829_321, 74), "the SIREN has to pass too");
        assert!(!of(732_829_320, 0), "none");
        assert!(!of(732_829_320, 100_074), "six digits");
        assert_eq!(siret(MerchantId(732_829_320), ShopId(74)), Some(73_282_932_000_074));
    }

    #[test]
    fn one_company_follows_a_rule_of_its_own() {
        let of = |nic| is_siret(MerchantId(356_000_000), ShopId(nic));
        assert!(of(48), "the head office, by Luhn's formula");
        assert!(of(49_837), "3+5+6 and 4+9+8+3+7 are 45");
        assert!(!of(49_838));
        // No other company may.
        assert!(!is_siret(MerchantId(732_829_320), ShopId(6)), "the digits' sum is divisible by 5");
    }
}
