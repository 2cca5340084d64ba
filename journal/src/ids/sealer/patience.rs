//! How long a merge that failed waits for its next try: a turn, two, four, up to a minute of them.
//!
//! This module reads no clock: whoever waits says when a turn is over.

/// Turns of a second.
const TURNS_MAX: u32 = 60;

/// How many turns merges wait.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// After the failure before.
    turns: u32,
    /// Of these, turns to come.
    left: u32,
}

impl Patience {
    /// A merge has failed: the next one waits longer than this one did.
    pub(super) fn grow(&mut self) {
        self.turns = self.turns.saturating_mul(2).clamp(1, TURNS_MAX);
        self.left = self.turns;
    }

    /// Takes a turn; `false` if none is to come.
    pub(super) const fn waits_a_turn(&mut self) -> bool {
        let waits = self.left > 0;
        self.left = self.left.saturating_sub(1);
        waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(patience: &mut Patience) -> u32 {
        std::iter::repeat_with(|| patience.waits_a_turn()).take_while(|waits| *waits).map(|_| 1).sum()
    }

    #[test]
    fn each_failure_waits_longer_up_to_a_minute() {
        let mut patience = Patience::default();
        assert_eq!(turns(&mut patience), 0, "nothing has failed");
        let waited: Vec<_> = (0..9)
            .map(|_| {
                patience.grow();
                turns(&mut patience)
            })
            .collect();
        assert_eq!(waited, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
}
