//! Chance that can be repeated: one seed, one sequence, on every machine.

/// A sequence of numbers, made of a seed alone (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is above 0.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    /// A UUID of version 7: the moment in milliseconds, then chance.
    pub(crate) fn uuid(&mut self, at_ms: i64) -> [u8; 16] {
        let time = at_ms.cast_unsigned() << 16;
        let high = time | 0x7000 | (self.roll() & 0x0fff);
        let low = (self.roll() >> 2) | (1 << 63);
        ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
    }
}
