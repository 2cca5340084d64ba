//! What a character is to the scan: a digit, something that may stand between the groups of a number, or neither.
//!
//! Source: Unicode 14. Digits are those of category Nd, of every script; separators are white space, dashes (Pd and the
//! minus sign), the dots that are typed in numbers, and what no printer shows: controls, formats (Cf) and the other
//! code points that are ignored by default (variation selectors, fillers, joiners).

use std::cmp::Ordering;

/// What a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Character {
    Digit(u8),
    Separator,
    Other,
}

impl Character {
    pub(super) fn of(c: char) -> Self {
        match c {
            '0'..='9' => c.to_digit(10).and_then(|digit| u8::try_from(digit).ok()).map_or(Self::Other, Self::Digit),
            '-' | '.' | ' ' => Self::Separator,
            c if c.is_ascii_graphic() => Self::Other,
            c => Self::beyond_ascii(c),
        }
    }

    fn beyond_ascii(c: char) -> Self {
        let code = u32::from(c);
        match digit(code) {
            Some(digit) => Self::Digit(digit),
            None if c.is_whitespace() || c.is_control() || is_listed(code) => Self::Separator,
            None => Self::Other,
        }
    }
}

/// The value of a decimal digit of any script: nine others follow each zero.
fn digit(code: u32) -> Option<u8> {
    let behind = ZEROS.partition_point(|zero| *zero <= code);
    let zero = behind.checked_sub(1).and_then(|at| ZEROS.get(at))?;
    code.checked_sub(*zero).filter(|digit| *digit < 10).and_then(|digit| u8::try_from(digit).ok())
}

fn is_listed(code: u32) -> bool {
    let place = |range: &(u32, u32)| match (range.1 < code, code < range.0) {
        (true, _) => Ordering::Less,
        (_, true) => Ordering::Greater,
        _ => Ordering::Equal,
    };
    SEPARATORS.binary_search_by(place).is_ok()
}

/// The zeros of all scripts, in order.
const ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60,
    0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// Dashes, dots and invisible characters beyond ASCII: first and last code point of each range, in order.
const SEPARATORS: [(u32, u32); 54] = [
    (0xad, 0xad),   // soft hyphen
    (0xb7, 0xb7),   // middle dot
    (0x34f, 0x34f), // grapheme joiner
    (0x58a, 0x58a),
    (0x5be, 0x5be),
    (0x600, 0x605),
    (0x61c, 0x61c),
    (0x6dd, 0x6dd),
    (0x70f, 0x70f),
    (0x890, 0x891),
    (0x8e2, 0x8e2),
    (0x115f, 0x1160), // fillers
    (0x1400, 0x1400),
    (0x17b4, 0x17b5),
    (0x1806, 0x1806),
    (0x180b, 0x180f),
    (0x200b, 0x200f), // zero width
    (0x2010, 0x2015), // hyphens and dashes
    (0x2022, 0x2022), // bullet
    (0x2024, 0x2024), // one dot leader
    (0x2027, 0x2027), // hyphenation point
    (0x202a, 0x202e), // directions
    (0x2060, 0x206f),
    (0x2212, 0x2212), // minus
    (0x22c5, 0x22c5), // dot operator
    (0x2e17, 0x2e17),
    (0x2e1a, 0x2e1a),
    (0x2e3a, 0x2e3b),
    (0x2e40, 0x2e40),
    (0x2e5d, 0x2e5d),
    (0x301c, 0x301c),
    (0x3030, 0x3030),
    (0x30a0, 0x30a0),
    (0x30fb, 0x30fb), // middle dot of katakana
    (0x3164, 0x3164),
    (0xfe00, 0xfe0f), // variation selectors
    (0xfe31, 0xfe32),
    (0xfe52, 0xfe52),
    (0xfe58, 0xfe58),
    (0xfe63, 0xfe63),
    (0xfeff, 0xfeff),
    (0xff0d, 0xff0e), // full width
    (0xff65, 0xff65),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffb),
    (0x10ead, 0x10ead),
    (0x110bd, 0x110bd),
    (0x110cd, 0x110cd),
    (0x13430, 0x13438),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0xe0001, 0xe0001),
    (0xe0020, 0xe007f), // tags
    (0xe0100, 0xe01ef),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order_and_share_nothing() {
        assert!(ZEROS.windows(2).all(|pair| matches!(pair, [a, b] if a + 9 < *b)));
        assert!(SEPARATORS.iter().all(|range| range.0 <= range.1));
        assert!(SEPARATORS.windows(2).all(|pair| matches!(pair, [a, b] if a.1 < b.0)));
        for code in SEPARATORS.iter().flat_map(|range| [range.0, range.1]) {
            let c = char::from_u32(code).expect("a character");
            assert_eq!((Character::of(c), digit(code)), (Character::Separator, None), "{code:x}");
        }
    }

    #[test]
    fn digits_of_every_script_have_their_value() {
        for zero in ZEROS {
            for value in 0..10u8 {
                let c = char::from_u32(zero + u32::from(value)).expect("a character");
                assert!(c.is_numeric(), "{c}");
                assert_eq!(Character::of(c), Character::Digit(value), "{c}");
            }
        }
    }

    /// What the standard library calls numeric and we do not has no decimal value: fractions, roman and circled numbers.
    #[test]
    fn letters_and_signs_are_neither() {
        for c in "aZé/:+_,½Ⅷ①²€漢".chars() {
            assert_eq!(Character::of(c), Character::Other, "{c}");
        }
        for c in "\t\n\r\u{0}\u{7f}\u{85}\u{a0}\u{202f}\u{3000}".chars() {
            assert_eq!(Character::of(c), Character::Separator, "{c:?}");
        }
    }
}
