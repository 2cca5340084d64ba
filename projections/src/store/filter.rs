//! A filter of a section's keys: what it does not hold is not there; of what is not there it passes one in 256.
//!
//! - a binary fuse filter of 8 bits, 9 to 10 bits a key
//! - as bytes, little endian: seed u64, segment length, its mask and all segments' length u32, then the fingerprints
//! - made of 64-bit hashes of the keys, which are part of the format: other hashes would hide rows
//!
//! This module does not read a store.

use xorf::{BinaryFuse8, Descriptor, Filter as _};

const DESCRIPTOR_BYTES: usize = 20;

/// A filter in memory.
#[derive(Debug)]
pub(super) struct Filter(BinaryFuse8);

/// The hash of a key: whole words are folded in one after the other, then its last bytes with its length.
pub(super) fn hash(key: &[u8]) -> u64 {
    let (words, rest) = key.as_chunks::<8>();
    let mut tail = [0u8; 8];
    tail.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let folded = words.iter().fold(SEED, |hash, word| fold(hash, u64::from_le_bytes(*word)));
    fold(fold(folded, u64::from_le_bytes(tail)), key.len() as u64)
}

const SEED: u64 = 0x5441_4c4f_4e20_3031;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Both halves of a product, so that each bit of a word reaches each bit of the hash.
fn fold(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash.rotate_left(23) ^ word ^ FACTOR).wrapping_mul(u128::from(FACTOR));
    let high = u64::try_from(product >> 64).unwrap_or(0);
    let low = u64::try_from(product & u128::from(u64::MAX)).unwrap_or(0);
    high ^ low ^ hash.wrapping_mul(0xd6e8_feb8_6659_fd93)
}

impl Filter {
    /// The filter of these hashes; `None` if there are none, or if they fit no filter.
    pub(super) fn of(hashes: &mut Vec<u64>) -> Option<Self> {
        // Two keys of one hash would keep a filter from being made.
        hashes.sort_unstable();
        hashes.dedup();
        let some = (!hashes.is_empty()).then_some(hashes.as_slice())?;
        BinaryFuse8::try_from(some).ok().map(Self)
    }

    /// Whether the key of this hash may be in the section.
    pub(super) fn passes(&self, hash: u64) -> bool {
        self.0.contains(&hash)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let Descriptor { seed, segment_length, segment_length_mask, segment_count_length } = self.0.descriptor;
        let mut bytes = Vec::with_capacity(self.0.fingerprints.len().saturating_add(DESCRIPTOR_BYTES));
        bytes.extend_from_slice(&seed.to_le_bytes());
        for number in [segment_length, segment_length_mask, segment_count_length] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.0.fingerprints);
        bytes
    }

    /// Reads a filter; `None` if the bytes are none in which every probe ends.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (seed, rest) = bytes.split_first_chunk::<8>()?;
        let (numbers, fingerprints) = rest.split_first_chunk::<12>()?;
        let [length, mask, all] = <[[u8; 4]; 3]>::try_from(numbers.as_chunks::<4>().0).ok()?.map(u32::from_le_bytes);
        let reach = u64::from(length).saturating_mul(2).saturating_add(u64::from(all));
        let fits = length.is_power_of_two()
            && mask == length.saturating_sub(1)
            && all.is_multiple_of(length)
            && reach == fingerprints.len() as u64;
        let descriptor = Descriptor {
            seed: u64::from_le_bytes(*seed),
            segment_length: length,
            segment_length_mask: mask,
            segment_count_length: all,
        };
        fits.then(|| Self(BinaryFuse8 { descriptor, fingerprints: fingerprints.into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(numbers: impl Iterator<Item = u64>) -> Vec<u64> {
        numbers.map(|number| hash(&number.to_be_bytes()[3..])).collect()
    }

    #[test]
    fn what_a_filter_was_made_of_passes_it_and_few_others_do() {
        for count in (1..60).chain([1_000, 40_000]) {
            let filter = Filter::of(&mut hashes(0..count)).expect("a filter");
            let filter = Filter::decode(&filter.encode()).expect("its own bytes");
            assert!(hashes(0..count).iter().all(|hash| filter.passes(*hash)), "{count}");
            let others = hashes(count..count + 100_000).iter().filter(|hash| filter.passes(**hash)).count();
            assert!(others < 1_000, "{others} others pass {count}");
        }
    }

    #[test]
    fn a_hash_that_comes_twice_is_no_hindrance() {
        let mut twice = hashes((0..500).chain(100..110));
        let filter = Filter::of(&mut twice).expect("a filter");
        assert!(hashes(0..500).iter().all(|hash| filter.passes(*hash)));
        assert!(Filter::of(&mut Vec::new()).is_none());
    }

    #[test]
    fn bytes_in_which_a_probe_would_not_end_are_no_filter() {
        let bytes = Filter::of(&mut hashes(0..100)).expect("a filter").encode();
        assert!(Filter::decode(&bytes[..bytes.len() - 1]).is_none());
        for at in 8..DESCRIPTOR_BYTES {
            let mut other = bytes.clone();
            other[at] ^= 0x40;
            assert!(Filter::decode(&other).is_none(), "{at}");
        }
    }

    #[test]
    fn hashes_are_part_of_the_format() {
        let keys = [&b""[..], b"a", b"12345678", b"a longer key"];
        assert_eq!(
            keys.map(hash),
            [0xad91_df77_9fbb_7207, 0xe0b2_7e46_e6c1_7d52, 0x0847_e08e_67b7_db3e, 0xd6cf_c60f_6df4_a422]
        );
    }

    #[test]
    fn keys_that_differ_in_little_differ_in_their_hash() {
        let keys = (0u32..100_000).map(|n| [&[0; 9][..], &n.to_be_bytes()].concat());
        let mut all: Vec<u64> = keys.map(|key| hash(&key)).chain((20..60).map(|n| hash(&vec![0; n]))).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 100_040);
    }
}
