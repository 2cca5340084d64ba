//! Card numbers in free text. None may enter, anywhere.
//!
//! A run is decimal digits of any script, with any number of spaces, dashes, dots and invisible characters between its
//! groups (`character` lists them). Every part of a run that begins and ends at its groups is held against the brands:
//! length, issuer prefix, then the Luhn sum. So an expiry date behind a number, or a till number before it, hides
//! nothing. A single group longer than any card number is an identifier: looking for cards inside those would refuse
//! facts that hold none.
//!
//! Source of lengths and prefixes: ISO/IEC 7812 and the card schemes' published ranges. A SIRET has 14 digits and its
//! first nine, the SIREN, pass Luhn: it is no Diners number.

mod character;

use character::Character;

const DIGITS_MAX: usize = 19;
const DIGITS_MIN: usize = 13;
/// Digits of a run that are looked at: no free text has more than 256 bytes.
const RUN_MAX: usize = 256;

/// Whether a text holds what may be a card number. Allocates nothing.
pub fn holds_card_number(text: &str) -> bool {
    // A digit is an ASCII digit, or has two bytes and more that no ASCII character has.
    let may_be_digit = |byte: &u8| byte.is_ascii_digit() || !byte.is_ascii();
    if text.len() < DIGITS_MIN || text.bytes().filter(may_be_digit).count() < DIGITS_MIN {
        return false;
    }
    let mut run = Run::new();
    for c in text.chars() {
        match Character::of(c) {
            Character::Digit(digit) => run.push(digit),
            Character::Separator => run.end_group(),
            Character::Other if run.holds_card_number() => return true,
            Character::Other => run.clear(),
        }
    }
    run.holds_card_number()
}

/// Digits, and behind which of them a group ends.
struct Run {
    digits: [u8; RUN_MAX],
    ends: [bool; RUN_MAX],
    count: usize,
}

impl Run {
    const fn new() -> Self {
        Self { digits: [0; RUN_MAX], ends: [false; RUN_MAX], count: 0 }
    }

    fn clear(&mut self) {
        self.ends.iter_mut().take(self.count).for_each(|end| *end = false);
        self.count = 0;
    }

    fn push(&mut self, digit: u8) {
        if let Some(slot) = self.digits.get_mut(self.count) {
            *slot = digit;
            self.count += 1;
        }
    }

    fn end_group(&mut self) {
        if let Some(end) = self.count.checked_sub(1).and_then(|last| self.ends.get_mut(last)) {
            *end = true;
        }
    }

    fn ends_at(&self, last: usize) -> bool {
        last + 1 == self.count || self.ends.get(last).is_some_and(|end| *end)
    }

    fn holds_card_number(&self) -> bool {
        let starts = (0..self.count).filter(|start| *start == 0 || self.ends_at(start - 1));
        starts.into_iter().any(|start| {
            (DIGITS_MIN..=DIGITS_MAX).any(|length| {
                let part = self.digits.get(start..start + length).filter(|_| start + length <= self.count);
                part.is_some_and(|part| self.ends_at(start + length - 1) && is_card_number(part))
            })
        })
    }
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
            "4111  1111 - 1111--1111",
            "4111\u{a0}1111\u{2011}1111\u{200b}1111",
            "４１１１ １１１１ １１１１ １１１１",
            "4111\u{2066}1111\u{2069}1111\u{fe0f}1111",
            "4111\u{0}1111\u{1b}1111\u{7f}1111",
            "4111\u{2e3a}1111・1111\u{10ead}1111",
            "༤༡༡༡༡༡༡༡༡༡༡༡༡༡༡༡",
            "\u{1d7d2}\u{1d7cf}\u{1d7cf}\u{1d7cf}1111 1111 1111",
            "٤١١١١١١١١١١١١١١١",
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
            "41111111111111110425", // one group that is longer than any card: an identifier
            "4111/1111/1111/1111",
        ] {
            assert!(!holds_card_number(text), "{text}");
        }
    }
}
