//! A tree that only grows, in the memory of its right edge: the roots of the complete subtrees that its size is made of,
//! the largest first.
//!
//! Invariant: there are as many of them as the size has bits set, each of a different power of two.

use crate::TreeHead;
use crate::hash::{Hash, node_hash};

/// The right edge of a tree: enough to go on, and to know the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    peaks: Vec<Hash>,
    size: u64,
}

impl Frontier {
    /// A tree of no leaves.
    pub const fn new() -> Self {
        Self { peaks: Vec::new(), size: 0 }
    }

    /// Appends a leaf, by its hash.
    pub fn push(&mut self, leaf: Hash) {
        // As in a binary addition of one: each bit that is set carries, and its subtree is completed by the new one.
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
        }
        self.peaks.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// How many leaves it has seen.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over them: the smaller subtrees hang below the larger ones, from the right.
    pub fn root(&self) -> Hash {
        let smallest_first = self.peaks.iter().rev().copied();
        smallest_first.reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(Hash::of_empty_tree)
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root() }
    }
}

impl Extend<Hash> for Frontier {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}
