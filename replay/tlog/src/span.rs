//! Subtrees by the leaves that they cover. A proof is the roots of some of them: which ones follows from sizes alone, so
//! a proof can be planned before a leaf is read, and made in one pass.

use std::ops::Range;

use crate::ProofError;
use crate::frontier::Frontier;
use crate::hash::Hash;

/// Where a subtree of several leaves divides: the largest power of two below their number, from its start on. Whoever
/// calls has seen that there are at least two.
pub(crate) fn middle(span: &Range<u64>) -> u64 {
    let last = span.end.saturating_sub(span.start).saturating_sub(1);
    let half = last.checked_ilog2().and_then(|log| 1u64.checked_shl(log)).unwrap_or(0);
    span.start.saturating_add(half)
}

/// The roots of these subtrees of a tree whose leaves lie in memory.
pub(crate) fn roots(leaves: &[Hash], spans: &[Range<u64>]) -> Result<Vec<Hash>, ProofError> {
    spans.iter().map(|span| root(leaves, span).ok_or(ProofError::LeafBeyondTree)).collect()
}

fn root(leaves: &[Hash], span: &Range<u64>) -> Option<Hash> {
    let range = usize::try_from(span.start).ok()?..usize::try_from(span.end).ok()?;
    let mut tree = Frontier::new();
    tree.extend(leaves.get(range)?.iter().copied());
    Some(tree.root())
}
