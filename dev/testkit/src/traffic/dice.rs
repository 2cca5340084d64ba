//! Chance that can be repeated: one seed, one sequence, on every machine.

/// A sequence of numbers, made of a seed alone (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of this seed.
    pub const fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is above 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a length");
        usize::try_from(self.roll() % end).expect("it is below a length")
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: u32, last: u32) -> u32 {
        let span = usize::try_from(last - first).expect("32 bits");
        first + u32::try_from(self.below(span + 1)).expect("it is in the span")
    }

    /// Whether something happens that happens so often in a hundred times.
    pub fn percent(&mut self, often: u32) -> bool {
        self.between(1, 100) <= often
    }

    /// One of several.
    pub fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// One of several, or nothing: as often as that.
    pub fn maybe<T: Clone>(&mut self, often: u32, all: &[T]) -> Option<T> {
        self.percent(often).then(|| self.one_of(all))
    }

    /// The same things in another order.
    pub fn shuffled<T: Clone>(&mut self, all: &[T]) -> Vec<T> {
        let mut order = all.to_vec();
        for at in (1..order.len()).rev() {
            order.swap(at, self.below(at + 1));
        }
        order
    }
}
