//! A filter of a section's fingerprints: what it does not hold is not there; of what is not there it passes one in 256.
//!
//! - a binary fuse filter of 8 bits, 9 to 10 bits a fingerprint once a section is large
//! - stored with its descriptor in front, little endian: seed u64, segment length, its mask and all segments' length u32
//!
//! Nothing here is random: the same fingerprints give the same bytes. They depend on the index's own seed, so nobody
//! can choose ids that pass.

use xorf::{BinaryFuse8, Descriptor, Filter as _};

use crate::layout::{put, take};

const DESCRIPTOR_BYTES: usize = 20;

/// A filter in memory.
#[derive(Debug)]
pub(crate) struct Filter(BinaryFuse8);

impl Filter {
    /// The filter of fingerprints that are distinct; `None` if there is none of them, or if they fit no filter.
    pub(crate) fn of(fingerprints: &[u64]) -> Option<Self> {
        let some = (!fingerprints.is_empty()).then_some(fingerprints)?;
        BinaryFuse8::try_from(some).ok().map(Self)
    }

    /// Whether the fingerprint may be one of the section's.
    pub(crate) fn passes(&self, fingerprint: u64) -> bool {
        self.0.contains(&fingerprint)
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.fingerprints.len() as u64
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let Descriptor { seed, segment_length, segment_length_mask, segment_count_length } = self.0.descriptor;
        let mut front = [0; DESCRIPTOR_BYTES];
        put::<0, 8, _>(&mut front, seed.to_le_bytes());
        put::<8, 4, _>(&mut front, segment_length.to_le_bytes());
        put::<12, 4, _>(&mut front, segment_length_mask.to_le_bytes());
        put::<16, 4, _>(&mut front, segment_count_length.to_le_bytes());
        [&front, &*self.0.fingerprints].concat()
    }

    /// Reads a filter; `None` if the bytes are none in which every probe ends.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (front, fingerprints) = bytes.split_first_chunk::<DESCRIPTOR_BYTES>()?;
        let descriptor = Descriptor {
            seed: u64::from_le_bytes(take::<0, _, _>(front)),
            segment_length: u32::from_le_bytes(take::<8, _, _>(front)),
            segment_length_mask: u32::from_le_bytes(take::<12, _, _>(front)),
            segment_count_length: u32::from_le_bytes(take::<16, _, _>(front)),
        };
        let length = descriptor.segment_length;
        let reach = u64::from(descriptor.segment_count_length) + 2 * u64::from(length);
        let fits = length.is_power_of_two()
            && descriptor.segment_length_mask == length - 1
            && descriptor.segment_count_length.is_multiple_of(length)
            && reach == fingerprints.len() as u64;
        fits.then(|| Self(BinaryFuse8 { descriptor, fingerprints: fingerprints.into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scattered(count: u64) -> Vec<u64> {
        (1..=count).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect()
    }

    #[test]
    fn what_a_filter_was_made_of_passes_it_whatever_the_number() {
        for count in (1..300).chain([1_000, 4_095, 65_537]) {
            let held = scattered(count);
            let filter = Filter::of(&held).expect("a filter");
            let again = Filter::decode(&filter.encode()).expect("its own bytes");
            assert!(
                held.iter().all(|fingerprint| filter.passes(*fingerprint) && again.passes(*fingerprint)),
                "{count}"
            );
        }
    }

    #[test]
    fn few_others_pass() {
        let filter = Filter::of(&scattered(50_000)).expect("a filter");
        let passed = (50_001..=150_000u64).filter(|n| filter.passes(n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).count();
        assert!((1..1_000).contains(&passed), "{passed} of 100000");
    }

    #[test]
    fn bytes_in_which_a_probe_would_not_end_are_no_filter() {
        let bytes = Filter::of(&scattered(100)).expect("a filter").encode();
        assert!(Filter::decode(&bytes[..bytes.len() - 1]).is_none());
        for at in 8..DESCRIPTOR_BYTES {
            let mut other = bytes.clone();
            other[at] ^= 0x40;
            assert!(Filter::decode(&other).is_none(), "{at}");
        }
        assert!(Filter::of(&[]).is_none());
    }
}
