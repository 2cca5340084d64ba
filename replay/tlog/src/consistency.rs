//! Consistency: the tree of this size and root is the beginning of that larger one (RFC 9162, 2.1.4).

use std::ops::Range;

use crate::climb::{Climb, Side};
use crate::hash::{Hash, node_hash};
use crate::span::{middle, roots};
use crate::{ProofError, TreeHead};

/// The subtrees whose roots prove that a tree of one size is the beginning of one of another. None are needed for equal
/// sizes; nor for a tree of nothing, with which everything begins.
///
/// # Errors
/// The older tree is the larger one.
pub fn consistency_spans(old: u64, new: u64) -> Result<Vec<Range<u64>>, ProofError> {
    if old > new {
        return Err(ProofError::OldTreeLarger);
    }
    let (mut tree, mut spans) = (0..new, Vec::new());
    if old == 0 {
        return Ok(spans);
    }
    while tree.end != old {
        let middle = middle(&tree);
        let (left, right) = (tree.start..middle, middle..tree.end);
        let (inside, beside) = if old <= middle { (left, right) } else { (right, left) };
        spans.push(beside);
        tree = inside;
    }
    // What is left is the last complete part of the old tree; the verifier has it already if it is the whole of it.
    if tree.start != 0 {
        spans.push(tree);
    }
    spans.reverse();
    Ok(spans)
}

/// The proof that the tree of the first `old` leaves is the beginning of the tree of all.
///
/// # Errors
/// There are fewer leaves than that.
pub fn prove_consistency(leaves: &[Hash], old: u64) -> Result<Vec<Hash>, ProofError> {
    roots(leaves, &consistency_spans(old, leaves.len() as u64)?)
}

/// Whether a proof shows that one tree is the beginning of another.
///
/// # Errors
/// What is wrong with the proof.
pub fn verify_consistency(old: TreeHead, new: TreeHead, path: &[Hash]) -> Result<(), ProofError> {
    if old.size > new.size {
        return Err(ProofError::OldTreeLarger);
    }
    if old.size == new.size || old.size == 0 {
        return verify_without_path(old, new, path);
    }
    // A tree that is a power of two is its own last complete part.
    let whole = old.size.is_power_of_two().then_some(&old.root);
    let mut parts = whole.into_iter().chain(path);
    let first = *parts.next().ok_or(ProofError::PathLength)?;
    let mut climb = Climb::new(old.size.saturating_sub(1), new.size).above_complete();
    let (mut old_root, mut new_root) = (first, first);
    for part in parts {
        match climb.step()? {
            Side::Left => (old_root, new_root) = (node_hash(part, &old_root), node_hash(part, &new_root)),
            Side::Right => new_root = node_hash(&new_root, part), // what the older tree had not yet
        }
    }
    climb.arrive()?;
    if (old_root, new_root) == (old.root, new.root) { Ok(()) } else { Err(ProofError::Root) }
}

/// Equal trees need no proof, and a tree of nothing begins every other: no hash may stand there.
fn verify_without_path(old: TreeHead, new: TreeHead, path: &[Hash]) -> Result<(), ProofError> {
    let expected = if old.size == 0 { Hash::of_empty_tree() } else { new.root };
    if !path.is_empty() {
        Err(ProofError::PathLength)
    } else if old.root != expected || (old.size == new.size && old.root != new.root) {
        Err(ProofError::Root)
    } else {
        Ok(())
    }
}
