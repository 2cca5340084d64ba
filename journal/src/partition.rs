//! Partitions: which one a merchant's records go to, and how far each has come.
//!
//! The function is the one that Kafka's own clients use, so that a ledger can move between engines and keep its
//! positions. This module does not know where records are stored.

use std::fmt;

use talon_domain::ids::{MerchantId, PartitionId, Position};

use crate::error::ReadError;

/// How many partitions a ledger has: on every engine, for ever.
pub const PARTITIONS: u16 = 64;

const COUNT: usize = PARTITIONS as usize;
const SEED: u32 = 0x9747_b28c;
const M: u32 = 0x5bd1_e995;
/// Decimal digits of `u64::MAX`.
const DIGITS_MAX: usize = 20;

/// The partition of a merchant: `(murmur2(decimal text) & 0x7fffffff) mod 64`.
pub fn partition_of(merchant: MerchantId) -> PartitionId {
    let mut digits = [0; DIGITS_MAX];
    let hash = murmur2(decimal(merchant.0, &mut digits)) & 0x7fff_ffff;
    let number = hash.rem_euclid(u32::from(PARTITIONS));
    PartitionId(u16::try_from(number).unwrap_or(PARTITIONS))
}

/// The digits of a number, written from the back of a buffer.
fn decimal(mut number: u64, digits: &mut [u8; DIGITS_MAX]) -> &[u8] {
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        used += 1;
        if number == 0 {
            break;
        }
    }
    digits.split_at(DIGITS_MAX - used).1
}

fn murmur2(key: &[u8]) -> u32 {
    let (words, rest) = key.as_chunks::<4>();
    let mut h = SEED ^ u32::try_from(key.len()).unwrap_or(u32::MAX);
    for word in words {
        let k = u32::from_le_bytes(*word).wrapping_mul(M);
        h = h.wrapping_mul(M) ^ (k ^ (k >> 24)).wrapping_mul(M);
    }
    if !rest.is_empty() {
        let last = rest.iter().rev().fold(0, |word, byte| (word << 8) | u32::from(*byte));
        h = (h ^ last).wrapping_mul(M);
    }
    h = (h ^ (h >> 13)).wrapping_mul(M);
    h ^ (h >> 15)
}

/// For each partition the position that its next record takes, which is also how many it holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Positions([u64; COUNT]);

impl Default for Positions {
    fn default() -> Self {
        Self([0; COUNT])
    }
}

impl Positions {
    /// The beginning: 0 everywhere.
    pub fn beginning() -> Self {
        Self::default()
    }

    pub(crate) const fn as_array_mut(&mut self) -> &mut [u64; COUNT] {
        &mut self.0
    }

    pub(crate) const fn as_array(&self) -> &[u64; COUNT] {
        &self.0
    }

    /// The next position of a partition; 0 for one that does not exist.
    pub fn next(&self, partition: PartitionId) -> Position {
        Position(self.0.get(usize::from(partition.0)).copied().unwrap_or(0))
    }

    /// Says what a partition's next position is. A partition that does not exist is ignored.
    pub fn set(&mut self, partition: PartitionId, next: Position) {
        if let Some(slot) = self.0.get_mut(usize::from(partition.0)) {
            *slot = next.0;
        }
    }

    /// Takes the next position of a partition.
    pub(crate) fn take(&mut self, partition: PartitionId) -> Position {
        let taken = self.next(partition);
        self.set(partition, Position(taken.0.saturating_add(1)));
        taken
    }

    /// Every partition with its next position, in order.
    pub fn iter(&self) -> impl Iterator<Item = (PartitionId, Position)> + '_ {
        (0..PARTITIONS).map(PartitionId).zip(self.0.iter().copied().map(Position))
    }

    /// How many records lie before these positions, over all partitions.
    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |sum, next| sum.saturating_add(*next))
    }

    /// The first partition in which these positions are further than `other`'s.
    pub fn first_beyond(&self, other: &Self) -> Option<(PartitionId, Position)> {
        self.iter().find(|(partition, next)| *next > other.next(*partition))
    }

    /// Whether a reader may start there, if these are the durable ends.
    ///
    /// # Errors
    /// Rejected for a partition that does not exist; corrupt beyond the end, because somebody saw more than is held.
    pub fn check_start(&self, partition: PartitionId, from: Position) -> Result<(), ReadError> {
        let end = self.next(partition);
        if partition.0 >= PARTITIONS {
            return Err(ReadError::NoSuchPartition(partition));
        }
        if from > end { Err(ReadError::Beyond { partition, from, end }) } else { Ok(()) }
    }

    /// Whether a scan may start at these places, if `self` are the durable ends.
    pub fn check_starts(&self, from: &Self) -> Result<(), ReadError> {
        from.iter().try_for_each(|(partition, next)| self.check_start(partition, next))
    }

    /// Whether they are further than `other`'s in some partition.
    pub fn is_beyond(&self, other: &Self) -> bool {
        self.first_beyond(other).is_some()
    }
}

impl fmt::Debug for Positions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used = self.iter().filter(|(_, next)| next.0 > 0);
        f.debug_map().entries(used.map(|(partition, next)| (partition.0, next.0))).finish()
    }
}
