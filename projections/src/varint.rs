//! Whole numbers in as few bytes as they need: seven bits a byte, the lowest first, the last byte below 128.
//!
//! Invariant: one number has one spelling; a longer one is refused, so that equal values are equal bytes.
//!
//! This module does not know what a number counts.

/// Bytes that the largest number takes.
const LONGEST: usize = 19;

/// Appends a number.
#[inline]
pub(crate) fn put(bytes: &mut Vec<u8>, number: u128) {
    // Most numbers fit into a word of the machine, and mostly into a byte.
    match usize::try_from(number) {
        Ok(number) => put_len(bytes, number),
        Err(_) => put_long(bytes, number),
    }
}

fn put_long(bytes: &mut Vec<u8>, mut number: u128) {
    while number > 0x7f {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Appends a number that says how many or how long.
#[inline]
pub(crate) fn put_len(bytes: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Takes a number from the front; `None` if there is none, or one that is spelled too long.
#[inline]
pub(crate) fn take(bytes: &mut &[u8]) -> Option<u128> {
    match bytes.split_first() {
        Some((byte, rest)) if *byte < 0x80 => {
            *bytes = rest;
            Some(u128::from(*byte))
        }
        _ => take_long(bytes),
    }
}

fn take_long(bytes: &mut &[u8]) -> Option<u128> {
    let mut number = 0u128;
    let mut shift = 0u32;
    for (index, byte) in bytes.iter().copied().enumerate().take(LONGEST) {
        let bits = u128::from(byte & 0x7f);
        let placed = bits.checked_shl(shift).filter(|placed| placed >> shift == bits)?;
        number |= placed;
        if byte < 0x80 {
            let minimal = byte != 0 || index == 0;
            *bytes = bytes.get(index.saturating_add(1)..)?;
            return minimal.then_some(number);
        }
        shift = shift.saturating_add(7);
    }
    None
}

/// Takes a number that says how many or how long.
#[inline]
pub(crate) fn take_len(bytes: &mut &[u8]) -> Option<usize> {
    match bytes.split_first() {
        Some((byte, rest)) if *byte < 0x80 => {
            *bytes = rest;
            Some(usize::from(*byte))
        }
        _ => take(bytes).and_then(|number| usize::try_from(number).ok()),
    }
}

/// Takes so many bytes from the front.
#[inline]
pub(crate) fn take_bytes<'b>(bytes: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (front, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(front)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_and_leaves_what_follows() {
        let numbers = (0..128).flat_map(|bit| [(1u128 << bit) - 1, 1 << bit, (1 << bit) + 1]).chain([u128::MAX]);
        for number in numbers {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            assert!(bytes.len() <= LONGEST);
            bytes.push(9);
            let mut rest = bytes.as_slice();
            assert_eq!(take(&mut rest), Some(number));
            assert_eq!(rest, [9]);
        }
    }

    #[test]
    fn lengths_are_spelled_as_numbers_are() {
        for number in [0usize, 1, 127, 128, 300, 65_536, usize::MAX] {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            put(&mut one, number as u128);
            put_len(&mut other, number);
            assert_eq!(one, other);
            assert_eq!(take_len(&mut one.as_slice()), Some(number));
        }
        assert_eq!(take_len(&mut [].as_slice()), None);
    }

    #[test]
    fn a_number_that_is_cut_too_long_or_too_large_is_refused() {
        let mut largest = Vec::new();
        put(&mut largest, u128::MAX);
        let mut larger = largest.clone();
        larger[LONGEST - 1] += 4;
        for bytes in [&[][..], &[0x80], &[0x80, 0x00], &[0xff; 19], &[0x80; 20], &largest[..18], &larger] {
            assert_eq!(take(&mut &*bytes), None, "{bytes:?}");
        }
    }
}
