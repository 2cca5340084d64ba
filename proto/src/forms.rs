//! Forms of text that stand for something else: a day, a hash, a country. What is read here is what the domain keeps.
//!
//! This module does not know which field has which form; the schema's demands do.

use talon_domain::time::Day;

/// Reads a date of the calendar in the years 2000 to 2148: `2026-11-25`, and nothing else.
pub(crate) fn day(text: &str) -> Option<Day> {
    let [y @ .., b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let year = number(y).filter(|_| y.len() == 4)?;
    Day::of(i32::try_from(year).ok()?, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
}

fn number(digits: &[u8]) -> Option<u32> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    digits.iter().try_fold(0u32, |number, byte| number.checked_mul(10)?.checked_add(digit(byte)?))
}

/// Reads 64 lower-case hexadecimal digits.
pub(crate) fn hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    let mut hash = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().try_fold(0, |byte, digit| Some(byte << 4 | hexadecimal(*digit)?))?;
    }
    Some(hash)
}

const fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Whether a text is two capital letters.
pub(crate) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_date_of_the_calendar() {
        for good in ["2000-01-01", "2026-11-25", "2028-02-29", "2148-12-31"] {
            assert_eq!(day(good).map(|day| day.to_string()).as_deref(), Some(good));
        }
        for bad in [
            "",
            "1999-12-31",
            "2149-01-01",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-01",
            "26-01-01",
            "02026-01-01",
            "2026-01-01T",
            "20260101",
            "2026/01/01",
            "+026-01-01",
            "２０２６-01-01",
        ] {
            assert_eq!(day(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_hash_is_64_lower_case_digits() {
        let text = "0123456789abcdef".repeat(4);
        assert_eq!(hash(&text).map(|bytes| (bytes[0], bytes[7], bytes[31])), Some((0x01, 0xef, 0xef)));
        for bad in ["", &text[1..], &format!("{text}0"), &text.to_uppercase(), &text.replace('a', "g")] {
            assert_eq!(hash(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_country_is_two_capitals() {
        assert!(is_country("FR"));
        for bad in ["", "F", "FRA", "fr", "F1", "É"] {
            assert!(!is_country(bad), "{bad}");
        }
    }
}
