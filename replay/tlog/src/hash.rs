//! The two hashes of the tree. A leaf and a node begin with different bytes, so that no node can be passed off as a
//! record, nor a record as a node.

use std::fmt;

use sha2::{Digest as _, Sha256};

const LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];

/// A hash of the tree: of a leaf, of a node, or the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The root over no leaves: the hash of nothing.
    pub fn of_empty_tree() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// Reads 64 lower-case hexadecimal digits; anything else is `None`, so that a hash is written in one way only.
    pub fn parse(text: &str) -> Option<Self> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let pairs: &[[u8; 2]; 32] = pairs.try_into().ok().filter(|_| rest.is_empty())?;
        let mut hash = [0; 32];
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(hash))
    }
}

const fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => digit.checked_sub(b'0'),
        b'a'..=b'f' => digit.wrapping_sub(b'a').checked_add(10),
        _ => None,
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The hash of a leaf: of a record, byte for byte as it is stored.
pub fn leaf_hash(record: &[u8]) -> Hash {
    Hash(Sha256::new_with_prefix(LEAF).chain_update(record).finalize().into())
}

/// The hash of the node above two hashes.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new_with_prefix(NODE).chain_update(left.0).chain_update(right.0).finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_as_it_is_written_and_in_no_other_form() {
        let hash = Hash::of_empty_tree();
        let text = hash.to_string();
        assert_eq!(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Hash::parse(&text), Some(hash));
        for wrong in [text.to_uppercase(), text[1..].to_owned(), format!("{text}0"), text.replace('4', "g")] {
            assert_eq!(Hash::parse(&wrong), None, "{wrong}");
        }
        assert_eq!(Hash::parse(&format!("{}é", &text[..62])), None);
    }

    #[test]
    fn a_node_is_no_leaf_of_the_same_bytes() {
        let half = leaf_hash(b"");
        assert_eq!(half.to_string(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_ne!(node_hash(&half, &half), leaf_hash(&[half.0, half.0].concat()));
    }
}
