//! Inclusion: this leaf stands at this place of a tree with this root (RFC 9162, 2.1.3).

use std::ops::Range;

use crate::climb::{Climb, Side};
use crate::hash::{Hash, node_hash};
use crate::span::{middle, roots};
use crate::{ProofError, TreeHead};

/// The subtrees whose roots prove that a leaf is in a tree: its sibling first, the root's child last.
///
/// # Errors
/// The tree has no such leaf.
pub fn inclusion_spans(index: u64, size: u64) -> Result<Vec<Range<u64>>, ProofError> {
    if index >= size {
        return Err(ProofError::LeafBeyondTree);
    }
    let (mut tree, mut spans) = (0..size, Vec::new());
    while tree.end.saturating_sub(tree.start) > 1 {
        let middle = middle(&tree);
        let (left, right) = (tree.start..middle, middle..tree.end);
        let (inside, beside) = if index < middle { (left, right) } else { (right, left) };
        spans.push(beside);
        tree = inside;
    }
    spans.reverse();
    Ok(spans)
}

/// The proof that a leaf is in the tree of these leaves.
///
/// # Errors
/// The tree has no such leaf.
pub fn prove_inclusion(leaves: &[Hash], index: u64) -> Result<Vec<Hash>, ProofError> {
    roots(leaves, &inclusion_spans(index, leaves.len() as u64)?)
}

/// Whether a proof shows that a leaf stands at an index of a tree.
///
/// # Errors
/// What is wrong with the proof.
pub fn verify_inclusion(leaf: Hash, index: u64, tree: TreeHead, path: &[Hash]) -> Result<(), ProofError> {
    if index >= tree.size {
        return Err(ProofError::LeafBeyondTree);
    }
    let (mut climb, mut hash) = (Climb::new(index, tree.size), leaf);
    for beside in path {
        hash = match climb.step()? {
            Side::Left => node_hash(beside, &hash),
            Side::Right => node_hash(&hash, beside),
        };
    }
    climb.arrive()?;
    if hash == tree.root { Ok(()) } else { Err(ProofError::Root) }
}
