//! Fuzz input taken apart: numbers and runs of bytes, one after the other. Behind the end everything is 0 or empty, so
//! that every input means something.

/// What is left of an input.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next `N` bytes, filled up with zeros.
    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        let taken = self.take(N);
        std::array::from_fn(|at| taken.get(at).copied().unwrap_or(0))
    }

    pub(crate) fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub(crate) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// The next `count` bytes, or as many as there are.
    pub(crate) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Changes single bytes of `whole`: a count, then so many places (u24, modulo the length) and values.
    pub(crate) fn edit(&mut self, whole: &mut [u8]) {
        for _ in 0..self.u8() {
            if self.is_empty() || whole.is_empty() {
                return;
            }
            let [a, b, c, value] = self.array();
            let at = usize::try_from(u32::from_le_bytes([a, b, c, 0])).expect("24 bits") % whole.len();
            whole[at] = value;
        }
    }
}
