//! What a cell is called, and what its numbers do where two of them meet.
//!
//! Invariant: a code's two highest bits say how its numbers meet; both set mean nothing yet, and no code has them.

/// How two numbers of one code become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meeting {
    /// They are added; a sum of 0 is not kept.
    Sum,
    /// The larger one stays.
    Maximum,
    /// The smaller one stays.
    Minimum,
}

/// The name of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u32);

const MEETING_SHIFT: u32 = 30;
const NAME_MASK: u32 = (1 << MEETING_SHIFT) - 1;

impl Code {
    /// The code of a sum; of the name, the lowest 30 bits count.
    pub const fn sum(name: u32) -> Self {
        Self(name & NAME_MASK)
    }

    /// The code of a maximum; of the name, the lowest 30 bits count.
    pub const fn maximum(name: u32) -> Self {
        Self(name & NAME_MASK | 1 << MEETING_SHIFT)
    }

    /// The code of a minimum; of the name, the lowest 30 bits count.
    pub const fn minimum(name: u32) -> Self {
        Self(name & NAME_MASK | 2 << MEETING_SHIFT)
    }

    /// The code with this number, if its highest bits say how numbers meet.
    pub const fn from_number(number: u32) -> Option<Self> {
        if number >> MEETING_SHIFT == 3 { None } else { Some(Self(number)) }
    }

    /// The code as a number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The lowest 30 bits.
    pub const fn name(self) -> u32 {
        self.0 & NAME_MASK
    }

    /// What its numbers do where two of them meet.
    pub const fn meeting(self) -> Meeting {
        match self.0 >> MEETING_SHIFT {
            0 => Meeting::Sum,
            1 => Meeting::Maximum,
            _ => Meeting::Minimum,
        }
    }

    pub(super) fn meet(self, one: i128, other: i128) -> i128 {
        match self.meeting() {
            Meeting::Sum => one.saturating_add(other),
            Meeting::Maximum => one.max(other),
            Meeting::Minimum => one.min(other),
        }
    }

    /// Whether this number says no more than the absence of its cell.
    pub(super) fn is_nothing(self, number: i128) -> bool {
        number == 0 && self.meeting() == Meeting::Sum
    }
}
