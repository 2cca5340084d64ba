//! Every proof between trees of up to seventy leaves: as the naive one makes it, believed, and refused as soon as
//! anything in it or beside it is another.

use talon_tlog::{
    Frontier, Hash, ProofError, TreeHead, prove_consistency, prove_inclusion, verify_consistency, verify_inclusion,
};

use crate::naive;

const LEAVES_MAX: u64 = 70;

fn heads(leaves: &[Hash]) -> Vec<TreeHead> {
    let mut tree = Frontier::new();
    let mut heads = vec![tree.head()];
    heads.extend(leaves.iter().map(|leaf| {
        tree.push(*leaf);
        tree.head()
    }));
    heads
}

fn flipped(hash: Hash, seed: usize) -> Hash {
    let mut other = hash;
    other.0[seed % 32] ^= 1 << (seed % 8);
    other
}

/// A path in which one hash is another, is missing, stands twice, or changed places; and one that is longer.
fn tampered(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = Vec::new();
    for at in 0..path.len() {
        let mut change = |change: &dyn Fn(&mut Vec<Hash>)| {
            let mut other = path.to_vec();
            change(&mut other);
            all.extend((other != path).then_some(other));
        };
        change(&|path| path[at] = flipped(path[at], at + path.len()));
        change(&|path| {
            path.remove(at);
        });
        change(&|path| path.insert(at, path[at]));
        change(&|path| path.swap(at, 0));
    }
    all.push([path, &[Hash([0; 32])]].concat());
    all.push([&[Hash([0; 32])], path].concat());
    all
}

#[test]
fn every_leaf_of_every_tree_is_proven_and_no_other() {
    let leaves = naive::leaves(LEAVES_MAX);
    let heads = heads(&leaves);
    for size in 1..=LEAVES_MAX {
        let (tree, all) = (heads[size as usize], &leaves[..size as usize]);
        for index in 0..size {
            let path = prove_inclusion(all, index).expect("a leaf");
            assert_eq!(path, naive::inclusion(index as usize, all), "{index} of {size}");
            let leaf = leaves[index as usize];
            assert_eq!(verify_inclusion(leaf, index, tree, &path), Ok(()), "{index} of {size}");
            for other in tampered(&path) {
                assert!(verify_inclusion(leaf, index, tree, &other).is_err(), "{index} of {size}: {other:?}");
            }
            let lies = [
                (flipped(leaf, 3), index, tree),
                (leaf, index, TreeHead { root: flipped(tree.root, 9), ..tree }),
                (leaf, size, tree),
            ];
            for (leaf, index, tree) in lies {
                assert!(verify_inclusion(leaf, index, tree, &path).is_err(), "{index} of {size}");
            }
            for elsewhere in (0..size).filter(|elsewhere| *elsewhere != index) {
                assert!(verify_inclusion(leaf, elsewhere, tree, &path).is_err(), "{index} of {size} at {elsewhere}");
            }
        }
        assert_eq!(prove_inclusion(all, size), Err(ProofError::LeafBeyondTree));
    }
    assert_eq!(prove_inclusion(&[], 0), Err(ProofError::LeafBeyondTree));
}

#[test]
fn every_tree_is_the_beginning_of_every_larger_one_and_of_no_other() {
    let leaves = naive::leaves(LEAVES_MAX);
    let heads = heads(&leaves);
    for size in 0..=LEAVES_MAX {
        let (new, all) = (heads[size as usize], &leaves[..size as usize]);
        assert_eq!(new.root, naive::root(all), "{size}");
        for old_size in 0..=size {
            let old = heads[old_size as usize];
            let path = prove_consistency(all, old_size).expect("an older tree");
            if old_size > 0 {
                assert_eq!(path, naive::consistency(old_size as usize, all, true), "{old_size} of {size}");
            }
            assert_eq!(verify_consistency(old, new, &path), Ok(()), "{old_size} of {size}");
            for other in tampered(&path) {
                assert!(verify_consistency(old, new, &other).is_err(), "{old_size} of {size}: {other:?}");
            }
            let other_old = TreeHead { root: flipped(old.root, 5), ..old };
            assert!(verify_consistency(other_old, new, &path).is_err(), "{old_size} of {size}");
            // Of the larger tree an older one of nothing says nothing: there is no hash that could.
            let other_new = TreeHead { root: flipped(new.root, 11), ..new };
            let is_known = old_size > 0 || size == 0;
            assert_eq!(verify_consistency(old, other_new, &path).is_err(), is_known, "{old_size} of {size}");
            for other in heads.iter().filter(|head| head.size != old_size && old_size > 0) {
                assert!(verify_consistency(*other, new, &path).is_err() || path.is_empty(), "{old_size} of {size}");
            }
        }
        assert_eq!(prove_consistency(all, size + 1), Err(ProofError::OldTreeLarger));
        if let Some(larger) = heads.get(size as usize + 1) {
            assert_eq!(verify_consistency(*larger, new, &[]), Err(ProofError::OldTreeLarger));
        }
    }
}

#[test]
fn a_history_that_was_changed_has_no_proof() {
    let leaves = naive::leaves(LEAVES_MAX);
    let heads = heads(&leaves);
    for old in 1..LEAVES_MAX {
        for changed in 0..old {
            let mut other = leaves.clone();
            other[changed as usize] = flipped(other[changed as usize], 1);
            let mut tree = Frontier::new();
            tree.extend(other.iter().copied());
            let path = prove_consistency(&other, old).expect("an older tree");
            let said = verify_consistency(heads[old as usize], tree.head(), &path);
            assert_eq!(said, Err(ProofError::Root), "leaf {changed} of {old}");
        }
    }
}

#[test]
fn sizes_at_the_end_of_their_type_are_answered() {
    let head = |size| TreeHead { size, root: Hash([7; 32]) };
    let path = [Hash([1; 32]); 70];
    for size in [u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) + 1] {
        for length in [0, 1, 63, 64, 65, 70] {
            for index in [0, 1, 1 << 62, size - 1, size] {
                assert!(verify_inclusion(Hash([2; 32]), index, head(size), &path[..length]).is_err());
                assert!(verify_consistency(head(index), head(size), &path[..length]).is_err() || index == size);
            }
        }
        let spans = talon_tlog::inclusion_spans(size - 1, size).expect("the last leaf");
        assert!(spans.len() <= 64 && spans.iter().all(|span| span.start < span.end && span.end <= size));
        let spans = talon_tlog::consistency_spans(size / 2 + 1, size).expect("an older tree");
        assert!(spans.len() <= 65 && spans.iter().all(|span| span.start < span.end && span.end <= size));
    }
}
