//! The hot part of the id index: open addressing in memory, one table a generation.
//!
//! - a generation takes `GENERATION_IDS` ids and has twice as many slots, so that a probe is short
//! - a slot is a fingerprint and a place; a fingerprint of 0 is an empty slot, and no id has it
//! - nothing is removed: a place that came to nothing becomes `Place::GONE`, and matches nobody
//!
//! Equal fingerprints may be there more than once: whoever finds them asks the stored records. This module writes no
//! file and knows no id.

use super::manifest::Witness;
use super::place::Place;
use super::run::{RunKind, Times};
use crate::partition::Positions;

/// Ids of one generation. A table of twice as many slots of 16 bytes is 32 MiB, of which untouched pages cost nothing.
pub(crate) const GENERATION_IDS: usize = 1 << 20;
/// So many probes are begun before the first one is looked at: they wait for memory together.
const CHUNK: usize = 64;

/// A fingerprint and where the id is, or will be.
type Slot = [u64; 2];

/// One table.
#[derive(Debug)]
pub(crate) struct Generation {
    slots: Box<[Slot]>,
    /// How far a fingerprint is shifted for its first slot.
    shift: u32,
    capacity: usize,
    len: usize,
    in_flight: usize,
    /// The times of its ids, by kind.
    times: [Times; 3],
    /// Records before these were known before any of its own.
    begins: Option<Positions>,
    /// The id whose place was known last.
    witness: Option<Witness>,
}

impl Generation {
    /// An empty table for `capacity` ids, a power of two.
    pub(crate) fn new(capacity: usize) -> Self {
        let slots = capacity.next_power_of_two() * 2;
        Self {
            slots: vec![[0; 2]; slots].into_boxed_slice(),
            shift: u64::BITS - slots.trailing_zeros(),
            capacity,
            len: 0,
            in_flight: 0,
            times: [Times::NONE; 3],
            begins: None,
            witness: None,
        }
    }

    /// How many more ids it takes.
    pub(crate) const fn room(&self) -> usize {
        self.capacity.saturating_sub(self.len)
    }

    /// Bytes of the table.
    pub(crate) const fn bytes(&self) -> u64 {
        (self.slots.len() * size_of::<Slot>()) as u64
    }

    /// The times of its ids of one kind.
    pub(crate) fn times(&self, kind: RunKind) -> Times {
        self.times.get(kind as usize).copied().unwrap_or(Times::NONE)
    }

    /// Records before these were known before any of its own; `None` while none of its own is known.
    pub(crate) const fn begins(&self) -> Option<&Positions> {
        self.begins.as_ref()
    }

    /// The id whose place was known last.
    pub(crate) const fn witness(&self) -> Option<Witness> {
        self.witness
    }

    /// Notes that a place is known, when records before `covered` were known before it.
    pub(crate) fn begin(&mut self, fingerprint: u64, place: Place, covered: &Positions) {
        if self.begins.is_none() {
            self.begins = Some(covered.clone());
        }
        self.witness = Some(Witness { fingerprint, place: place.bare() });
    }

    /// How many ids it has taken, those included that came to nothing.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.len >= self.capacity
    }

    /// Whether every place in it is known.
    pub(crate) const fn is_settled(&self) -> bool {
        self.in_flight == 0
    }

    /// Every fingerprint with its place, in no order that means anything.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (u64, Place)> + '_ {
        let taken = self.slots.iter().filter(|slot| slot[0] != 0 && slot[1] != Place::GONE.0);
        taken.map(|slot| (slot[0], Place(slot[1])))
    }

    /// Shows `seen` what is there under each fingerprint, with the fingerprint's number in the list.
    pub(crate) fn look_up(&self, fingerprints: &[u64], seen: &mut impl FnMut(usize, Place)) {
        for (chunk, part) in fingerprints.chunks(CHUNK).enumerate() {
            let touched = part.iter().fold(0, |all, fingerprint| all ^ self.first(*fingerprint));
            std::hint::black_box(touched);
            for (index, fingerprint) in part.iter().enumerate() {
                self.find(*fingerprint, &mut |place| seen(chunk * CHUNK + index, place));
            }
        }
    }

    fn first(&self, fingerprint: u64) -> u64 {
        self.slots.get(self.start(fingerprint)).map_or(0, |slot| slot[0])
    }

    /// Shows every place under a fingerprint.
    pub(crate) fn find(&self, fingerprint: u64, seen: &mut impl FnMut(Place)) {
        let mut at = self.start(fingerprint);
        while let Some([found, place]) = self.slots.get(at) {
            if *found == fingerprint && *place != Place::GONE.0 {
                seen(Place(*place));
            }
            if *found == 0 {
                return;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Adds an entry of an id of this millisecond; the caller knows that there is room.
    pub(crate) fn insert(&mut self, fingerprint: u64, place: Place, ms: u64) {
        if let Some(times) = self.times.get_mut(place.kind() as usize) {
            *times = times.and(Times { first: ms, last: ms });
        }
        let mask = self.slots.len() - 1;
        let mut at = self.start(fingerprint);
        while let Some(slot) = self.slots.get_mut(at) {
            if slot[0] == 0 {
                *slot = [fingerprint, place.0];
                self.len += 1;
                self.in_flight += usize::from(place.is_in_flight());
                return;
            }
            at = (at + 1) & mask;
        }
    }

    /// Puts a known place where one in flight was; `false` if it is not in this table.
    pub(crate) fn replace(&mut self, fingerprint: u64, from: Place, to: Place) -> bool {
        let mask = self.slots.len() - 1;
        let mut at = self.start(fingerprint);
        while let Some(slot) = self.slots.get_mut(at) {
            if slot[0] == 0 {
                return false;
            }
            if *slot == [fingerprint, from.0] {
                slot[1] = to.0;
                self.in_flight -= 1;
                return true;
            }
            at = (at + 1) & mask;
        }
        false
    }

    fn start(&self, fingerprint: u64) -> usize {
        usize::try_from(fingerprint >> self.shift).unwrap_or(0)
    }
}
