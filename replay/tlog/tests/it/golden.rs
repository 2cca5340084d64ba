//! What others compute: the roots that logs of Certificate Transparency publish for the reference tree, and a file of
//! trees and proofs made by Python's hashlib (`dev/reader/tree_roots.py`).

use talon_tlog::{Frontier, Hash, leaf_hash, prove_consistency, prove_inclusion};

use crate::naive;

const TREES: &str = include_str!("../golden/trees.txt");

/// The reference tree of RFC 6962: eight leaves.
const REFERENCE: [&[u8]; 8] = [
    &[],
    &[0x00],
    &[0x10],
    &[0x20, 0x21],
    &[0x30, 0x31],
    &[0x40, 0x41, 0x42, 0x43],
    &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
    &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
];

/// Its roots, from one leaf to eight.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn the_reference_tree_has_its_published_roots() {
    let mut tree = Frontier::new();
    assert_eq!(tree.root(), Hash::of_empty_tree());
    for (leaf, root) in REFERENCE.iter().zip(ROOTS) {
        tree.push(leaf_hash(leaf));
        assert_eq!(tree.root().to_string(), root);
    }
}

/// The table of docs/format.md, section 12.
#[test]
fn the_page_has_the_same_roots() {
    let page = include_str!("../../../../docs/format.md");
    let table = page.split("<!-- table: tree -->\n").nth(1).and_then(|rest| rest.split("<!-- end -->").next());
    let rows: Vec<_> = table.expect("a table").lines().skip(2).map(str::to_owned).collect();
    let empty = Hash::of_empty_tree().to_string();
    let roots = [empty.as_str()].into_iter().chain(ROOTS).enumerate();
    assert_eq!(rows, roots.map(|(size, root)| format!("| {size} | {root} |")).collect::<Vec<_>>());
}

#[test]
fn pythons_trees_and_proofs_are_ours() {
    let reference: Vec<_> = REFERENCE.iter().map(|leaf| leaf_hash(leaf)).collect();
    let counted = naive::leaves(1_025);
    let mut compared = [0; 4];
    for line in TREES.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split(' ').collect();
        let number = |at: usize| words[at].parse::<usize>().expect("a number");
        let hashes = |from: usize| words[from..].iter().map(|word| Hash::parse(word).expect("a hash")).collect();
        let (which, theirs, ours): (_, Vec<Hash>, _) = match words[0] {
            "reference" => (0, hashes(2), vec![root(&reference[..number(1)])]),
            "inclusion" => (1, hashes(3), prove_inclusion(&reference[..number(2)], number(1) as u64).expect("a leaf")),
            "consistency" => {
                (2, hashes(3), prove_consistency(&reference[..number(2)], number(1) as u64).expect("an older tree"))
            }
            "counted" => (3, hashes(2), vec![root(&counted[..number(1)])]),
            word => panic!("{word}?"),
        };
        assert_eq!(ours, theirs, "{line}");
        compared[which] += 1;
    }
    assert_eq!(compared, [9, 36, 36, 81]);
}

fn root(leaves: &[Hash]) -> Hash {
    let mut tree = Frontier::new();
    tree.extend(leaves.iter().copied());
    assert_eq!(tree.size(), leaves.len() as u64);
    tree.root()
}
