//! The generations in memory: those that take ids or have some in flight, and those that wait to become runs.
//!
//! - ids are taken in by the newest; a full one whose ids are all settled is handed over, and stays until its run is
//!   durable
//! - what is handed over says which records it and all before it cover: those that were known before the first of the
//!   next generation
//!
//! This module waits for nobody: whoever uses it asks whether there is room.

use std::collections::VecDeque;
use std::sync::Arc;

use super::hot::Generation;
use super::manifest::{Covered, Witness};
use super::place::Place;
use crate::partition::Positions;

/// Generations in memory at most, as long as no single flight is larger than one.
const GENERATIONS_MAX: usize = 3;

/// A generation that is to become a run.
#[derive(Clone, Debug)]
pub(crate) struct Sealing {
    pub(crate) generation: Arc<Generation>,
    /// What is covered once it is a run.
    pub(crate) covered: Covered,
}

/// The generations, the newest last.
#[derive(Debug)]
pub(crate) struct Generations {
    open: VecDeque<Generation>,
    sealing: VecDeque<Arc<Generation>>,
    /// How many were let go.
    released: u64,
    /// Ids of one generation.
    capacity: usize,
    witness: Option<Witness>,
}

impl Generations {
    pub(crate) fn new(capacity: usize, witness: Option<Witness>) -> Self {
        Self { open: VecDeque::new(), sealing: VecDeque::new(), released: 0, capacity, witness }
    }

    fn all(&self) -> impl Iterator<Item = &Generation> {
        self.sealing.iter().map(|generation| &**generation).chain(&self.open)
    }

    /// Shows what is there under each fingerprint, with its number in the list.
    pub(crate) fn look_up(&self, fingerprints: &[u64], seen: &mut impl FnMut(usize, Place)) {
        self.all().filter(|generation| generation.len() > 0).for_each(|g| g.look_up(fingerprints, seen));
    }

    /// Shows what is there under one fingerprint among what may be in flight.
    pub(crate) fn find_open(&self, fingerprint: u64, seen: &mut impl FnMut(Place)) {
        self.open.iter().rev().for_each(|generation| generation.find(fingerprint, seen));
    }

    /// Takes in an id that goes somewhere, or is there already when records before `covered` are known.
    pub(crate) fn insert(&mut self, fingerprint: u64, place: Place, ms: u64, covered: &Positions) {
        if self.open.back().is_none_or(Generation::is_full) {
            self.open.push_back(Generation::new(self.capacity));
        }
        let Some(newest) = self.open.back_mut() else { return };
        newest.insert(fingerprint, place, ms);
        if !place.is_in_flight() {
            newest.begin(fingerprint, place, covered);
        }
    }

    /// Puts a known place where one in flight was.
    pub(crate) fn replace(&mut self, fingerprint: u64, from: Place, to: Place, covered: &Positions) {
        let holder = self.open.iter_mut().rev().find_map(|g| g.replace(fingerprint, from, to).then_some(g));
        if let Some(generation) = holder.filter(|_| to != Place::GONE) {
            generation.begin(fingerprint, to, covered);
        }
    }

    /// The oldest generation, if it is full and none of its ids is in flight.
    pub(crate) fn next_full(&mut self, covered: &Positions) -> Option<Sealing> {
        self.open.front().filter(|oldest| oldest.is_full())?;
        self.next_settled(covered)
    }

    /// The oldest generation, if none of its ids is in flight. It is kept until it is released.
    pub(crate) fn next_settled(&mut self, covered: &Positions) -> Option<Sealing> {
        self.open.front().filter(|oldest| oldest.is_settled())?;
        let generation = Arc::new(self.open.pop_front()?);
        self.witness = generation.witness().or(self.witness);
        let ends = self.open.iter().find_map(Generation::begins).unwrap_or(covered).clone();
        self.sealing.push_back(Arc::clone(&generation));
        Some(Sealing { generation, covered: Covered { ends, witness: self.witness } })
    }

    /// Lets those go that are runs by now: the first `sealed` of all.
    pub(crate) fn release(&mut self, sealed: u64) {
        while self.released < sealed && self.sealing.pop_front().is_some() {
            self.released += 1;
        }
    }

    /// Whether so many ids can be taken in within the bound.
    pub(crate) fn has_room(&self, ids: usize) -> bool {
        let tables = self.open.len().saturating_add(self.sealing.len());
        tables < GENERATIONS_MAX || self.open.back().is_some_and(|newest| newest.room() >= ids)
    }

    /// Whether the next id needs another generation.
    pub(crate) fn is_full(&self) -> bool {
        self.open.back().is_none_or(Generation::is_full)
    }

    /// How many ids the oldest generation took that was not handed over; 0 if there is none.
    pub(crate) fn oldest_len(&self) -> u64 {
        self.open.front().map_or(0, |oldest| oldest.len() as u64)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.capacity, None);
    }

    /// How many wait to become runs.
    pub(crate) fn waiting(&self) -> usize {
        self.sealing.len()
    }

    /// How many ids were taken in and are not in a run.
    pub(crate) fn len(&self) -> u64 {
        self.all().map(|generation| generation.len() as u64).sum()
    }

    /// Bytes of the tables.
    pub(crate) fn bytes(&self) -> u64 {
        self.all().map(Generation::bytes).sum()
    }
}
