//! Card numbers in free text. None may enter, anywhere.
//!
//! A run is digits with single spaces, dashes or dots between its groups. Every part of a run that begins and ends at
//! its groups is held against the brands: length, issuer prefix, then the Luhn sum. So an expiry date behind a number,
//! or a till number before it, hides nothing.
//!
//! Source of lengths and prefixes: ISO/IEC 7812 and the card schemes' published ranges. A SIRET has 14 digits and its
//! first nine, the SIREN, pass Luhn: it is no Diners number.

/// Digits of the longest run that is looked at: two numbers with what may stand around them. A free text has at most
/// 256 bytes; what is longer than this is looked at from each of its groups.
const DIGITS_MAX: usize = 19;
const DIGITS_MIN: usize = 13;

/// Whether a text holds what may be a card number. Allocates nothing.
pub fn holds_card_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let starts = (0..bytes.len()).filter(|&at| is_digit(bytes.get(at)) && !is_digit(before(bytes, at)));
    starts.into_iter().any(|start| begins_card_number(bytes.get(start..).unwrap_or_default()))
}

fn before(bytes: &[u8], at: usize) -> Option<&u8> {
    at.checked_sub(1).and_then(|before| bytes.get(before))
}

fn is_digit(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_digit)
}

/// Whether a card number begins with the first digit of `run` and ends at the end of a group.
fn begins_card_number(run: &[u8]) -> bool {
    let mut digits = [0u8; DIGITS_MAX];
    let mut count = 0;
    for (at, byte) in run.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                let Some(slot) = digits.get_mut(count) else { return false };
                *slot = byte.wrapping_sub(b'0');
                count = count.saturating_add(1);
                let ends_group = !is_digit(run.get(at.saturating_add(1)));
                if ends_group && count >= DIGITS_MIN && is_card_number(digits.get(..count).unwrap_or_default()) {
                    return true;
                }
            }
            b' ' | b'-' | b'.' if is_digit(run.get(at.saturating_add(1))) => {}
            _ => return false,
        }
    }
    false
}

fn is_card_number(digits: &[u8]) -> bool {
    let is_siret = digits.len() == 14 && passes_luhn(digits.get(..9).unwrap_or_default());
    !is_siret && has_brand(digits) && passes_luhn(digits)
}

/// Whether the first six digits and the length are some brand's.
fn has_brand(digits: &[u8]) -> bool {
    let prefix = |count: usize| digits.iter().take(count).fold(0u32, |sum, digit| sum * 10 + u32::from(*digit));
    let (two, three, four) = (prefix(2), prefix(3), prefix(4));
    match digits.len() {
        13 => prefix(1) == 4,
        14 => matches!(three, 300..=305) || matches!(two, 36 | 38 | 39),
        15 => matches!(two, 34 | 37),
        16 if matches!(two, 51..=55) || matches!(four, 2221..=2720) => true,
        16 | 19 if prefix(1) == 4 => true,
        16..=19 => {
            // Discover, JCB, UnionPay, Maestro and Diners on sixteen digits.
            matches!(two, 30 | 36 | 38 | 39 | 50 | 56..=69) || matches!(four, 3528..=3589)
        }
        _ => false,
    }
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_brand_are_found() {
        // Test numbers that the schemes publish for integrators.
        for text in [
            "4111111111111111",
            "4970 1012 3456 7890 is long, but 4111-1111-1111-1111 is one",
            "4222222222222",
            "5555.5555.5555.4444",
            "2223003122003222",
            "378282246310005",
            "30569309025904",
            "6011111111111117",
            "3530111333300000",
            "6759649826438453",
            "CB 4111 1111 1111 1111 04/25",
            "12 4111111111111111",
            "4111 1111 1111 1111 0425",
        ] {
            assert!(holds_card_number(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_card_number_passes() {
        for text in [
            "",
            "payment_11xkE4gQSNsZGZQ9GYvz",
            "4111111111111112", // Luhn
            "9111111111111111", // no brand
            "73282932000017",   // a SIRET: fourteen digits, a SIREN in front
            "36252187900034",   // a SIRET that begins like Diners
            "2026-11-25 09:30:00",
            "0042",
            "12345678901234567890123456", // longer than any card
            "4111/1111/1111/1111",
        ] {
            assert!(!holds_card_number(text), "{text}");
        }
    }
}
