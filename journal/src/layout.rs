//! Fixed layouts: little-endian fields at offsets that are checked when the code is compiled.
//!
//! This module does not know which layouts exist; each lives with the thing that it lays out.

/// The `N` bytes at offset `AT`.
#[expect(clippy::indexing_slicing, reason = "AT + N <= SIZE is asserted when compiled")]
pub(crate) fn take<const AT: usize, const N: usize, const SIZE: usize>(from: &[u8; SIZE]) -> [u8; N] {
    const { assert!(AT + N <= SIZE, "a field reaches past its layout") };
    std::array::from_fn(|i| from[AT + i])
}

/// Stores `N` bytes at offset `AT`.
pub(crate) fn put<const AT: usize, const N: usize, const SIZE: usize>(into: &mut [u8; SIZE], bytes: [u8; N]) {
    const { assert!(AT + N <= SIZE, "a field reaches past its layout") };
    for (to, byte) in into.iter_mut().skip(AT).zip(bytes) {
        *to = byte;
    }
}
