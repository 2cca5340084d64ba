//! What chance decides: a small generator that starts from a seed. The same seed draws the same numbers, everywhere and
//! for ever, so a day can be played again.
//!
//! The steps are those of `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). It
//! is good enough for a play, and for nothing that has to be secret.

use std::ops::RangeInclusive;

use talon_domain::time::Instant;

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
const SYMBOLS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

pub(super) struct Chance(u64);

impl Chance {
    /// One stream of numbers of this seed; streams of different purposes have nothing to do with each other.
    pub(super) fn of(seed: u64, purpose: u64) -> Self {
        let mut chance = Self(seed);
        let start = chance.next();
        Self(start ^ purpose.wrapping_mul(GAMMA).rotate_left(32))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number from 0 up to, but not, the end.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number of the range, both ends among them.
    pub(super) fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    /// Whether it happens, so many times in a hundred.
    pub(super) fn percent(&mut self, times: u64) -> bool {
        self.below(100) < times
    }

    /// One of a list that is not empty.
    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let at = usize::try_from(self.below(of.len() as u64)).unwrap_or(0);
        of.get(at).copied().unwrap_or_else(|| unreachable!("there is always something to pick from"))
    }

    /// So many letters and digits, as providers like them in their ids.
    pub(super) fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(self.pick(SYMBOLS))).collect()
    }

    /// The bytes of a UUID of version 7, made at this instant.
    pub(super) fn uuid(&mut self, at: Instant) -> [u8; 16] {
        let ms = u128::from(at.0.div_euclid(1_000).unsigned_abs());
        let (rand_a, rand_b) = (u128::from(self.next() >> 52), u128::from(self.next() >> 2));
        (ms << 80 | 7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b).to_be_bytes()
    }
}
