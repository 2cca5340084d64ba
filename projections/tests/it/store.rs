//! The store of the views, seen from outside: a model beside it, failures at every write, kills, damage.
//!
//! Seeds are fixed, unless `TALON_TORTURE_SEED` gives another one: then more is tried than a usual run samples.

mod conformance;
mod damage;
mod failures;
mod history;
mod kills;
mod model;
mod shared;

/// The seed of this run, and whether everything is tried, and not a sample of it.
fn seed() -> (u64, bool) {
    let torture = std::env::var("TALON_TORTURE_SEED").ok();
    let seed = torture.as_ref().map(|seed| seed.parse().expect("TALON_TORTURE_SEED is a number"));
    (seed.unwrap_or(0x7a10), torture.is_some())
}

/// Chances from a seed.
struct Dice(u64);

impl Dice {
    fn new(salt: u64) -> Self {
        Self(seed().0 ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }
}
