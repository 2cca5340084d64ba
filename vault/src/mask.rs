//! A phone number as a ticket shows it: enough for its owner to know it, too little for anyone else to call it.
//!
//! This module does not check numbers: what it cannot read, it shows as unknown.

use crate::phone::is_e164;

/// Shown where the number was erased, or its key is not at hand.
pub const MASKED_UNKNOWN: &str = "** ** ** ** **";

/// Country codes whose numbers are written the French way: nine digits behind a 0.
const FRENCH: [&str; 5] = ["33", "262", "590", "594", "596"];
const FRENCH_DIGITS: usize = 9;

/// Country codes of one digit; and of two, by their first digit. All others have three (ITU-T E.164, list of codes).
const TWO_DIGITS: [(u8, &[u8]); 7] = [
    (b'2', b"07"),
    (b'3', b"0123469"),
    (b'4', b"013456789"),
    (b'5', b"12345678"),
    (b'6', b"0123456"),
    (b'8', b"1246"),
    (b'9', b"0123458"),
];

/// Masks an E.164 number: `06 ** ** ** 12` for a French one, else `+44 ** ** ** 12`.
pub fn mask_phone(e164: &str) -> String {
    let Some(digits) = e164.strip_prefix('+').filter(|_| is_e164(e164)) else {
        return MASKED_UNKNOWN.to_owned();
    };
    let (country, national) = digits.split_at(country_code_len(digits.as_bytes()));
    let (_, last) = digits.split_at(digits.len() - 2);
    match national.get(..1) {
        Some(first) if FRENCH.contains(&country) && national.len() == FRENCH_DIGITS => {
            format!("0{first} ** ** ** {last}")
        }
        _ => format!("+{country} ** ** ** {last}"),
    }
}

fn country_code_len(digits: &[u8]) -> usize {
    match digits {
        [b'1' | b'7', ..] => 1,
        [first, second, ..] if TWO_DIGITS.iter().any(|(a, b)| a == first && b.contains(second)) => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_country_or_its_first_digits_and_its_last_two() {
        for (number, masked) in [
            ("+33612345612", "06 ** ** ** 12"),
            ("+33145678999", "01 ** ** ** 99"),
            ("+262692345678", "06 ** ** ** 78"),
            ("+447911123456", "+44 ** ** ** 56"),
            ("+12025550123", "+1 ** ** ** 23"),
            ("+79161234567", "+7 ** ** ** 67"),
            ("+352621123456", "+352 ** ** ** 56"),
            ("+212612345678", "+212 ** ** ** 78"),
            ("+3361234561", "+33 ** ** ** 61"),
            ("0612345612", MASKED_UNKNOWN),
            ("+336123456é2", MASKED_UNKNOWN),
            ("", MASKED_UNKNOWN),
        ] {
            assert_eq!(mask_phone(number), masked, "{number}");
        }
    }
}
