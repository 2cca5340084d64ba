//! What is true of every tree, whatever its leaves.

use proptest::collection::vec;
use proptest::prelude::*;
use talon_tlog::{
    Frontier, Hash, TreeHead, consistency_spans, inclusion_spans, leaf_hash, prove_consistency, prove_inclusion,
    verify_consistency, verify_inclusion,
};

use crate::naive;

fn tree(leaves: &[Hash]) -> Frontier {
    let mut tree = Frontier::new();
    tree.extend(leaves.iter().copied());
    tree
}

fn hashes(records: &[Vec<u8>]) -> Vec<Hash> {
    records.iter().map(|record| leaf_hash(record)).collect()
}

proptest! {
    #[test]
    fn a_tree_that_grew_is_the_tree_that_was_built_at_once(
        records in vec(vec(any::<u8>(), 0..200), 0..300), at in any::<prop::sample::Index>()
    ) {
        let leaves = hashes(&records);
        let middle = at.index(leaves.len() + 1);
        let mut grown = tree(&leaves[..middle]);
        prop_assert_eq!(grown.root(), naive::root(&leaves[..middle]));
        grown.extend(leaves[middle..].iter().copied());
        prop_assert_eq!(grown.root(), naive::root(&leaves));
        prop_assert_eq!(&grown, &tree(&leaves));
        prop_assert_eq!(grown.size(), leaves.len() as u64);
    }

    #[test]
    fn any_change_of_any_record_is_another_root(
        records in vec(vec(any::<u8>(), 1..60), 1..80), which in any::<prop::sample::Index>(),
        byte in any::<prop::sample::Index>(), bit in 0u8..8
    ) {
        let root = tree(&hashes(&records)).root();
        let at = which.index(records.len());
        let mut changed = records.clone();
        let byte = byte.index(changed[at].len());
        changed[at][byte] ^= 1 << bit;
        prop_assert_ne!(tree(&hashes(&changed)).root(), root);
        let mut shorter = records.clone();
        shorter.remove(at);
        prop_assert_ne!(tree(&hashes(&shorter)).root(), root);
        let mut longer = records.clone();
        longer.insert(at, records[at].clone());
        prop_assert_ne!(tree(&hashes(&longer)).root(), root);
        let mut swapped = records.clone();
        swapped.swap(at, 0);
        prop_assert_eq!(tree(&hashes(&swapped)).root() == root, swapped == records);
    }

    #[test]
    fn proofs_hold_in_trees_of_any_size(
        size in 1u64..2_000, index in any::<prop::sample::Index>(), old in any::<prop::sample::Index>()
    ) {
        let leaves = naive::leaves(size);
        let (index, old) = (index.index(leaves.len()) as u64, old.index(leaves.len()) as u64 + 1);
        let (new, older) = (tree(&leaves).head(), tree(&leaves[..old as usize]).head());
        let path = prove_inclusion(&leaves, index).unwrap();
        prop_assert_eq!(verify_inclusion(leaves[index as usize], index, new, &path), Ok(()));
        prop_assert_eq!(path, naive::inclusion(index as usize, &leaves));
        let path = prove_consistency(&leaves, old).unwrap();
        prop_assert_eq!(verify_consistency(older, new, &path), Ok(()));
        prop_assert_eq!(path, naive::consistency(old as usize, &leaves, true));
    }

    #[test]
    fn a_path_of_chance_proves_nothing(
        index in 0u64..5_000, size in 0u64..5_000, path in vec(any::<[u8; 32]>(), 0..14), root in any::<[u8; 32]>()
    ) {
        let path: Vec<_> = path.into_iter().map(Hash).collect();
        let tree = TreeHead { size, root: Hash(root) };
        prop_assert!(verify_inclusion(Hash([1; 32]), index, tree, &path).is_err());
        let old = TreeHead { size: index, root: Hash([1; 32]) };
        prop_assert!(verify_consistency(old, tree, &path).is_err());
    }

    #[test]
    fn a_plan_covers_every_other_leaf_once(size in 1u64..100_000, at in any::<prop::sample::Index>()) {
        let index = at.index(size as usize) as u64;
        let mut spans = inclusion_spans(index, size).unwrap();
        spans.push(index..index + 1);
        prop_assert!(covers(spans, 0, size));
        let old = index + 1;
        let spans = consistency_spans(old, size).unwrap();
        let from = if old.is_power_of_two() || old == size { old } else { 0 };
        prop_assert!(covers(spans, from, size));
    }
}

/// Whether spans, in some order, are everything between two leaves, without a gap and without doubles.
fn covers(mut spans: Vec<std::ops::Range<u64>>, from: u64, to: u64) -> bool {
    spans.sort_by_key(|span| span.start);
    let mut at = from;
    for span in spans {
        if span.start != at {
            return false;
        }
        at = span.end;
    }
    at == to
}
