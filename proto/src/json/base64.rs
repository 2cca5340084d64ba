//! Bytes as text: base64 of RFC 4648, written with the standard alphabet and padding, as proto3's JSON wants it. Read is
//! either alphabet, with or without padding; bits that no byte holds must be zero, so that a text has one meaning.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Digits of a whole group, and bits of each.
const GROUP: usize = 4;
const DIGIT_BITS: u32 = 6;

/// Writes bytes.
pub(super) fn write(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * GROUP);
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(three.get(at).copied().unwrap_or(0)));
        for place in 0..GROUP {
            let digit = STANDARD.get(bits >> (18 - 6 * place) & 0x3f).copied().unwrap_or(b'=');
            text.push(if place <= three.len() { digit.into() } else { '=' });
        }
    }
    text
}

/// Reads bytes; anything that is not exactly base64 is `None`.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let digits = unpadded(text)?;
    let mut bytes = Vec::with_capacity(digits.len() / GROUP * 3 + 2);
    for group in digits.as_bytes().chunks(GROUP) {
        let bits = group.iter().try_fold(0u32, |bits, digit| Some(bits << DIGIT_BITS | value(*digit)?))?;
        let whole = match group.len() {
            4 => bits,
            3 if bits.trailing_zeros() >= 2 => bits >> 2,
            2 if bits.trailing_zeros() >= 4 => bits >> 4,
            _ => return None,
        };
        bytes.extend(whole.to_be_bytes().into_iter().skip(5 - group.len()));
    }
    Some(bytes)
}

/// The digits alone. Padding fills up a group, or is not there.
fn unpadded(text: &str) -> Option<&str> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    (padding == 0 || padding < 3 && text.len().is_multiple_of(GROUP)).then_some(digits)
}

fn value(digit: u8) -> Option<u32> {
    let standard = match digit {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    };
    STANDARD.iter().position(|known| *known == standard).and_then(|at| u32::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_hold_both_ways() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg=="),
            (b"\x66\x6f", "Zm8="),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg=="),
            (b"fooba", "Zm9vYmE="),
            (b"foobar", "Zm9vYmFy"),
            (b"\xfb\xff\xfe", "+//+"),
        ] {
            assert_eq!(write(bytes), text);
            for spelt in [text.to_owned(), text.replace('=', ""), text.replace('+', "-").replace('/', "_")] {
                assert_eq!(read(&spelt).as_deref(), Some(bytes), "{spelt}");
            }
        }
    }

    #[test]
    fn what_is_not_exactly_base64_is_none() {
        for text in
            ["Z", "Zg=", "Zg===", "====", "=", "Zh==", "Zm9=", "Zm9v=", "Zm 9v", "Zm9vY", "Zm9v\n", "Zg==Zg==", "é"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
