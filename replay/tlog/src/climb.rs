//! The way from a leaf, or from the last complete part of an older tree, up to the root: on which side each hash of a
//! proof stands. Both verifiers climb in this way.

use crate::ProofError;

/// On which side of what was computed so far the proof's next hash stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// Where a climb has come to: a node of a level, and the last node of that level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Climb {
    at: u64,
    last: u64,
}

impl Climb {
    /// From a leaf of a tree that has it.
    pub(crate) const fn new(leaf: u64, size: u64) -> Self {
        Self { at: leaf, last: size.saturating_sub(1) }
    }

    /// The same, from the root of the largest complete subtree that ends with the leaf.
    pub(crate) fn above_complete(self) -> Self {
        self.up(self.at.trailing_ones())
    }

    /// One hash further.
    ///
    /// # Errors
    /// The root is reached already.
    pub(crate) fn step(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::PathLength);
        }
        let is_right = self.at & 1 == 1;
        if !is_right && self.at == self.last {
            // The right edge has no sibling on levels where it is a left child: they are passed by.
            *self = self.up(self.at.trailing_zeros());
        }
        let side = if self.at & 1 == 1 { Side::Left } else { Side::Right };
        *self = self.up(1);
        Ok(side)
    }

    /// The end of the proof.
    ///
    /// # Errors
    /// The root is not reached yet.
    pub(crate) fn arrive(self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::PathLength) }
    }

    fn up(self, levels: u32) -> Self {
        Self { at: self.at.checked_shr(levels).unwrap_or(0), last: self.last.checked_shr(levels).unwrap_or(0) }
    }
}
