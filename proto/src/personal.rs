//! What identifies a person: the one message that is sealed. Read where it lies; nothing of it is copied or shown.
//!
//! This module does not seal, and does not tell whose number it is; it says whether a number could be one.

use crate::check::check_message;
use crate::fault::Fault;
use crate::fields::{Fields, Value};
use crate::schema::Schema;

const PHONE: u32 = 1;
const EMAIL: u32 = 2;
const NAME: u32 = 3;
const NOTE: u32 = 4;
const PHONE_DIGITS_MIN: usize = 8;
const PHONE_DIGITS_MAX: usize = 15;

/// Holds an encoded `Personal` against its schema: the phone in E.164, a plausible e-mail, nothing unknown.
///
/// # Errors
/// A [`Fault`], which never holds what it found.
pub fn check_personal(personal: &[u8]) -> Result<(), Fault> {
    let (field, message) = Schema::of_talon().personal();
    check_message(field, message, personal, &mut |_| true)
}

/// Whether nothing is in it: then it counts as none, and nothing is sealed.
pub fn personal_is_empty(personal: &[u8]) -> bool {
    [PHONE, EMAIL, NAME, NOTE].into_iter().all(|number| text(personal, number).is_none())
}

/// The phone number, in E.164 with its plus sign.
pub fn personal_phone(personal: &[u8]) -> Option<&str> {
    text(personal, PHONE)
}

/// The e-mail address.
pub fn personal_email(personal: &[u8]) -> Option<&str> {
    text(personal, EMAIL)
}

/// The name.
pub fn personal_name(personal: &[u8]) -> Option<&str> {
    text(personal, NAME)
}

/// What a clerk wrote about an item.
pub fn personal_note(personal: &[u8]) -> Option<&str> {
    text(personal, NOTE)
}

fn text(personal: &[u8], wanted: u32) -> Option<&str> {
    Fields::new(personal).find_map(|field| match field {
        Ok((number, Value::Bytes(bytes))) if number == wanted && !bytes.is_empty() => std::str::from_utf8(bytes).ok(),
        _ => None,
    })
}

/// A plus sign, then 8 to 15 digits that do not begin with 0.
pub(crate) fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&digits.len())
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && !digits.starts_with('0')
}

/// One @ with something on both sides, no spaces and nothing that a terminal would obey. More only a mail server knows.
pub(crate) fn is_address(text: &str) -> bool {
    let mut halves = text.split('@');
    let sides = [halves.next(), halves.next()];
    halves.next().is_none()
        && sides.iter().all(|side| side.is_some_and(|side| !side.is_empty()))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_e164() {
        for good in ["+33639980010", "+12025550143", "+12345678"] {
            assert!(is_e164(good), "{good}");
        }
        for bad in
            ["", "+", "0639980010", "+033639980010", "+1234567", "+1234567890123456", "+33 639980010", "+٣٣٦٣٩٩٨٠٠١٠"]
        {
            assert!(!is_e164(bad), "{bad}");
        }
    }

    #[test]
    fn an_address_has_two_sides() {
        assert!(is_address("client@example.org"));
        for bad in ["", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\n", "plain"] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn empty_texts_are_nothing() {
        assert!(personal_is_empty(&[]));
        assert!(personal_is_empty(&[0x0a, 0x00, 0x12, 0x00]));
        assert!(!personal_is_empty(b"\x1a\x01A"));
    }
}
