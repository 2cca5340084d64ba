//! The proof tree: RFC 6962 over SHA-256, one leaf for each record, over the bytes as they are stored.
//!
//! ```text
//! record --> leaf_hash --> Frontier::push --> root, at every size      talon root, talon verify --pin
//! leaves --> prove_inclusion, prove_consistency --> verify_inclusion, verify_consistency
//! ```
//!
//! Invariants:
//! - a root is a function of the leaves and their order, and of nothing else: any engine, any copy gives the same one
//! - a frontier keeps one hash for each bit of its size that is set, however many leaves it has seen
//! - a verifier takes nothing from a proof on trust: what it does not recompute, it refuses
//!
//! This crate does not know what a record is, signs nothing, and reads and writes nothing.
//!
//! ```
//! use talon_tlog::{Frontier, leaf_hash, prove_consistency, verify_consistency};
//!
//! let leaves: Vec<_> = [&b"initiated"[..], b"accepted", b"debited"].map(leaf_hash).into();
//! let mut tree = Frontier::new();
//! tree.extend(leaves.iter().copied().take(2));
//! let pinned = tree.head();
//! tree.push(leaf_hash(b"debited"));
//! let path = prove_consistency(&leaves, pinned.size)?;
//! verify_consistency(pinned, tree.head(), &path)?; // what was pinned is still there, and nothing else
//! # Ok::<(), talon_tlog::ProofError>(())
//! ```

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod climb;
mod consistency;
mod frontier;
mod hash;
mod inclusion;
mod span;

use std::error::Error;
use std::fmt;

pub use consistency::{consistency_spans, prove_consistency, verify_consistency};
pub use frontier::Frontier;
pub use hash::{Hash, leaf_hash, node_hash};
pub use inclusion::{inclusion_spans, prove_inclusion, verify_inclusion};

/// A tree as it stood once: how many leaves, and the root over them. Nobody has signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// How many leaves.
    pub size: u64,
    /// The root over all of them.
    pub root: Hash,
}

/// Why a proof is not made, or not believed. Whoever holds one of these holds no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofError {
    /// There is no such leaf in a tree of that size.
    LeafBeyondTree,
    /// The tree that is called the older one is larger than the other.
    OldTreeLarger,
    /// A proof between trees of these sizes has another number of hashes.
    PathLength,
    /// The hashes do not lead to the root, or to the older one of two.
    Root,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LeafBeyondTree => "the tree has no such leaf",
            Self::OldTreeLarger => "the older tree is larger than the newer one",
            Self::PathLength => "the proof has another number of hashes than the sizes ask for",
            Self::Root => "the proof does not lead to the root",
        })
    }
}

impl Error for ProofError {}
