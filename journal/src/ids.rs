//! Which event ids are in the journal, and where.
//!
//! ```text
//! look_up a batch --> hits (places under an equal fingerprint; the stored 16-byte id decides, and the caller asks it)
//! begin --> claim each new id --> append --> settle with the places, or forget; or abandon instead of the append
//! ```
//!
//! - the scope is the merchant: another merchant's id is no hit
//! - an id is known from its claim on, so that one in flight is recognised too
//! - a fingerprint narrows and never decides; equal ones may be there more than once, and an id under one place twice
//! - derived: what it holds can be read from record headers at any time
//! - of any number of ids, the last few millions are in memory, and the others in files that only a writer opens
//!
//! Memory: three tables of 32 MiB, 32 MiB of filters, 40 bytes for each million ids, and what the sealer works with: the
//! entries of a generation, and one section's fingerprints while their filter is made.
//!
//! One flight after the other is settled or forgotten, in the order in which they began. This module compares no
//! records and reads no clock.

use std::collections::VecDeque;

use talon_domain::ids::{EventId, MerchantId, PartitionId, Position};
use talon_domain::time::Instant;

use crate::partition::Positions;

mod cold;
mod error;
mod filter;
mod generations;
mod health;
mod hot;
mod manifest;
mod merge;
mod open;
mod place;
mod run;
mod sealer;
mod shelves;

use cold::Cold;
pub use error::IndexError;
use generations::Generations;
pub use health::IndexHealth;
pub use open::{IndexProgress, IndexSettings};
use place::Place;
use run::RunKind;
use shelves::Asked;

/// An id's own time may be so far behind its record's, in milliseconds: an hour.
const BEHIND_MS: i64 = 3_600_000;
/// And so far ahead: five minutes.
const AHEAD_MS: i64 = 300_000;

/// What an id is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdKey {
    /// Whose id it is.
    pub merchant: MerchantId,
    /// The id.
    pub id: EventId,
}

/// Ids that are appended together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight(pub(crate) u32);

/// Where an id is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// In the journal.
    Kept {
        /// The partition.
        partition: PartitionId,
        /// The place in it.
        position: Position,
    },
    /// On its way there.
    InFlight {
        /// With which flight.
        flight: Flight,
        /// Which of the flight's records it is, from 0.
        record: usize,
    },
}

/// An id that may be known: an equal fingerprint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which of the keys that were looked up.
    pub key: usize,
    /// Where to look.
    pub known: Known,
}

/// The ids of a flight, in the order of its records.
#[derive(Debug, Default)]
struct Ids {
    number: u32,
    fingerprints: Vec<u64>,
    places: Vec<Place>,
}

/// The first place of each (merchant, event id), and those of other records under the same id.
#[derive(Debug)]
pub struct IdIndex {
    seed: u64,
    generations: Generations,
    /// What is in files; `None` for an index in memory alone.
    cold: Option<Cold>,
    flights: VecDeque<Ids>,
    spare: Vec<Ids>,
    next_flight: u32,
    now: Instant,
    fingerprints: Vec<u64>,
    asked: Vec<Asked>,
    /// Every record before these is known.
    covered: Positions,
    /// Records were appended past this index.
    is_behind: bool,
}

impl IdIndex {
    /// Whether records may be in the journal that this index has not seen: after an append that failed half-way, or one
    /// that went past it.
    pub const fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Looks a batch of ids up; what may be known is added to `hits`, in the order of the keys as far as one place of the
    /// index goes.
    ///
    /// # Errors
    /// Unavailable while files cannot be read or full generations not be written; damaged files are made again by
    /// [`rebuild`](Self::rebuild).
    pub fn look_up(&mut self, keys: &[IdKey], hits: &mut Vec<Hit>) -> Result<(), IndexError> {
        self.make_room(keys.len())?;
        self.fingerprints.clear();
        self.fingerprints.extend(keys.iter().map(|key| fingerprint(self.seed, *key)));
        self.generations.look_up(&self.fingerprints, &mut |key, place| hits.push(Hit { key, known: place.known() }));
        let Some(cold) = &mut self.cold else { return Ok(()) };
        self.asked.clear();
        let asked = self.fingerprints.iter().zip(keys);
        self.asked.extend(asked.map(|(fingerprint, key)| Asked { fingerprint: *fingerprint, ms: time_of(key.id) }));
        cold.look_up(&self.asked, &mut |key, place| {
            let (partition, position) = Place(place).kept_at();
            hits.push(Hit { key, known: Known::Kept { partition, position } });
        })
    }

    /// Begins a flight, of records that are recorded at `now`.
    pub fn begin(&mut self, now: Instant) -> Flight {
        let flight = Flight(self.next_flight);
        self.next_flight = self.next_flight.wrapping_add(1);
        self.now = now;
        let mut ids = self.spare.pop().unwrap_or_default();
        ids.number = flight.0;
        self.flights.push_back(ids);
        flight
    }

    /// Which record of the flight that began last has an equal fingerprint.
    pub fn again(&self, key: IdKey) -> Option<usize> {
        let number = self.flights.back()?.number;
        let mut again = None;
        self.generations.find_open(fingerprint(self.seed, key), &mut |place| match place.known() {
            Known::InFlight { flight, record } if flight.0 == number => again = again.or(Some(record)),
            _ => {}
        });
        again
    }

    /// Claims an id for the next record of the flight that began last.
    pub fn claim(&mut self, key: IdKey) {
        let fingerprint = fingerprint(self.seed, key);
        let ms = time_of(key.id);
        let Some(ids) = self.flights.back_mut() else { return };
        let place = Place::in_flight(Flight(ids.number), ids.places.len() as u64, kind_of(ms, self.now));
        ids.fingerprints.push(fingerprint);
        ids.places.push(place);
        self.generations.insert(fingerprint, place, ms, &self.covered);
    }

    /// The oldest flight is durable: its records are at these places.
    pub fn settle(&mut self, places: impl Iterator<Item = (PartitionId, Position)>) {
        let Some(mut ids) = self.flights.pop_front() else { return };
        for ((fingerprint, from), (partition, position)) in ids.fingerprints.iter().zip(&ids.places).zip(places) {
            let to = Place::kept(partition, position, from.kind());
            self.generations.replace(*fingerprint, *from, to, &self.covered);
            self.cover(partition, position);
        }
        self.put_back(&mut ids);
    }

    /// The oldest flight was not appended, or only in part: none of its ids is known any more, and what the journal has
    /// of it must be read on from there.
    pub fn forget(&mut self) {
        if let Some(ids) = self.flights.pop_front() {
            self.is_behind = true;
            self.lose(ids);
        }
    }

    /// The flight that began last was not handed to the journal.
    pub fn abandon(&mut self) {
        if let Some(ids) = self.flights.pop_back() {
            self.lose(ids);
        }
    }

    fn lose(&mut self, mut ids: Ids) {
        for (fingerprint, from) in ids.fingerprints.iter().zip(&ids.places) {
            self.generations.replace(*fingerprint, *from, Place::GONE, &self.covered);
        }
        self.put_back(&mut ids);
    }

    /// Where an id is kept, or something with an equal fingerprint.
    ///
    /// # Errors
    /// As for [`look_up`](Self::look_up).
    pub fn places(&mut self, key: IdKey) -> Result<Vec<(PartitionId, Position)>, IndexError> {
        let mut hits = Vec::new();
        self.look_up(&[key], &mut hits)?;
        let kept = hits.into_iter().filter_map(|hit| match hit.known {
            Known::Kept { partition, position } => Some((partition, position)),
            Known::InFlight { .. } => None,
        });
        Ok(kept.collect())
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn put_back(&mut self, ids: &mut Ids) {
        let mut ids = std::mem::take(ids);
        ids.fingerprints.clear();
        ids.places.clear();
        self.spare.push(ids);
    }

    fn cover(&mut self, partition: PartitionId, position: Position) {
        if self.covered.next(partition) == position {
            self.covered.take(partition);
        } else {
            self.is_behind = true;
        }
    }
}

/// 64 bits of an id and its merchant, never 0. The seed is this index's own, so that nobody can choose ids that meet.
fn fingerprint(seed: u64, key: IdKey) -> u64 {
    let (front, back) = key.id.0.split_at(8);
    let word = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
    let merchant = fold(key.merchant.0 ^ seed, 0x9e37_79b9_7f4a_7c15);
    let mixed = fold(word(front) ^ merchant, word(back) ^ seed.rotate_left(32) ^ 0xd1b5_4a32_d192_ed03);
    fold(mixed ^ 0x8cb9_2ba7_2f3d_8dd7, 0xaef1_7502_b3e2_5a95 ^ merchant).max(1)
}

/// Both halves of a product, folded.
fn fold(a: u64, b: u64) -> u64 {
    let (low, high) = a.carrying_mul(b, 0);
    low ^ high
}

/// The millisecond that an id begins with.
fn time_of(id: EventId) -> u64 {
    let (front, _) = id.0.split_at(6);
    front.iter().fold(0, |ms, byte| ms << 8 | u64::from(*byte))
}

/// How an id's own time lies to the time of its record.
fn kind_of(ms: u64, recorded_at: Instant) -> RunKind {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    let now = recorded_at.0.div_euclid(1_000);
    if ms < now.saturating_sub(BEHIND_MS) {
        RunKind::Behind
    } else if ms > now.saturating_add(AHEAD_MS) {
        RunKind::Ahead
    } else {
        RunKind::Timely
    }
}
