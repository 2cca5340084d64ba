//! Several sources as one: memory over runs, in the order of keys, each key once.
//!
//! Invariants:
//! - sources are ranked from the newest to the oldest; of one key, the newest decides, unless it adds
//! - what stands under one key in one source only is shown where it lies, and not copied
//!
//! This module does not write.

use std::cmp::Ordering;

use super::super::StoreError;
use super::super::entry::{Joined, Said, joined};
use super::super::run::{Cursor, Source};
use super::memory::Look;

/// What is in memory, walked as a run is.
#[derive(Debug)]
struct LookWalk<'m> {
    look: Look<'m>,
    place: usize,
    row: Option<(&'m [u8], Said<'m>)>,
}

impl<'m> LookWalk<'m> {
    fn new(look: Look<'m>, from: &[u8]) -> Self {
        let place = look.seek(from);
        Self { look, place, row: look.at(place) }
    }

    fn advance(&mut self) {
        self.place = self.place.saturating_add(1);
        self.row = self.look.at(self.place);
    }
}

/// One of the sources.
#[derive(Debug)]
enum Walk<'m> {
    Memory(LookWalk<'m>),
    Run(Box<Cursor>),
}

impl Walk<'_> {
    fn at_row(&self) -> bool {
        match self {
            Self::Memory(walk) => walk.row.is_some(),
            Self::Run(cursor) => cursor.at_row(),
        }
    }

    #[inline]
    fn key(&self) -> &[u8] {
        match self {
            Self::Memory(walk) => walk.row.map_or(&[], |(key, _)| key),
            Self::Run(cursor) => cursor.key(),
        }
    }

    fn said(&self) -> Said<'_> {
        match self {
            Self::Memory(walk) => walk.row.map_or(Said::Gone, |(_, said)| said),
            Self::Run(cursor) => cursor.said(),
        }
    }

    fn advance(&mut self, source: Source<'_>) -> Result<(), StoreError> {
        match self {
            Self::Memory(walk) => {
                walk.advance();
                Ok(())
            }
            Self::Run(cursor) => cursor.advance(source),
        }
    }
}

/// What several sources say together under one key.
#[derive(Clone, Copy, Debug)]
enum Together {
    /// What the first of them says, where it lies.
    First,
    Gone,
    Set,
    Add,
}

/// All sources, and a place in them.
#[derive(Debug)]
pub(super) struct Join<'m> {
    /// Newest first.
    walks: Vec<Walk<'m>>,
    /// Walks that stand at a row, by their key, then newest first.
    order: Vec<usize>,
    /// How many of them, from the first on, stand at the key that is shown.
    group: usize,
    together: Together,
    /// What they say together, if that is not what one of them says.
    value: Vec<u8>,
}

impl<'m> Join<'m> {
    /// Before the first row with this key or a larger one. What is in memory is given newest first, cursors oldest first.
    pub(super) fn new(
        looks: impl Iterator<Item = Look<'m>>,
        cursors: Vec<Cursor>,
        source: Source<'_>,
        from: &[u8],
    ) -> Result<Self, StoreError> {
        let mut walks: Vec<Walk<'m>> = Vec::new();
        walks.extend(looks.map(|look| Walk::Memory(LookWalk::new(look, from))));
        for mut cursor in cursors.into_iter().rev() {
            cursor.seek(source, from)?;
            walks.push(Walk::Run(Box::new(cursor)));
        }
        let order = (0..walks.len()).filter(|rank| walks.get(*rank).is_some_and(Walk::at_row)).collect();
        let mut join = Self { walks, order, group: 0, together: Together::Gone, value: Vec::new() };
        (0..join.order.len()).rev().for_each(|place| join.settle(place));
        Ok(join)
    }

    /// Goes to the next key; `false` if there is none.
    pub(super) fn advance(&mut self, source: Source<'_>) -> Result<bool, StoreError> {
        for place in (0..self.group).rev() {
            let Some(walk) = self.order.get(place).and_then(|rank| self.walks.get_mut(*rank)) else { continue };
            walk.advance(source)?;
            if walk.at_row() {
                self.settle(place);
            } else {
                self.order.remove(place);
            }
        }
        self.group = self.count_group();
        if self.group > 1 {
            self.join_group()?;
        } else {
            self.together = Together::First;
        }
        Ok(self.group > 0)
    }

    /// Moves the walk at a place behind those that come before it; all behind the place are in order.
    fn settle(&mut self, mut place: usize) {
        loop {
            let next = place.saturating_add(1);
            let (Some(here), Some(there)) = (self.order.get(place), self.order.get(next)) else { return };
            if self.compare(*here, *there) != Ordering::Greater {
                return;
            }
            self.order.swap(place, next);
            place = next;
        }
    }

    #[inline]
    fn compare(&self, one: usize, other: usize) -> Ordering {
        self.key_of(one).cmp(self.key_of(other)).then(one.cmp(&other))
    }

    #[inline]
    fn key_of(&self, rank: usize) -> &[u8] {
        self.walks.get(rank).map_or(&[], Walk::key)
    }

    fn count_group(&self) -> usize {
        let Some(first) = self.order.first() else { return 0 };
        let key = self.key_of(*first);
        self.order.iter().take_while(|rank| self.key_of(**rank) == key).count()
    }

    fn join_group(&mut self) -> Result<(), StoreError> {
        let ranks = self.order.iter().take(self.group);
        let said = ranks.map(|rank| self.walks.get(*rank).map_or(Said::Gone, Walk::said));
        let (together, value) = match joined(said)? {
            // The first of those that are not added to is the first of all.
            Joined::As(Said::Gone) => (Together::Gone, Vec::new()),
            Joined::As(_) => (Together::First, Vec::new()),
            Joined::Set(row) => (Together::Set, row),
            Joined::Add(cells) => (Together::Add, cells),
        };
        (self.together, self.value) = (together, value);
        Ok(())
    }

    /// The key that it stands at.
    pub(super) fn key(&self) -> &[u8] {
        self.order.first().map_or(&[], |rank| self.key_of(*rank))
    }

    /// What all sources together say of it.
    pub(super) fn said(&self) -> Said<'_> {
        match self.together {
            Together::First => self.order.first().and_then(|rank| self.walks.get(*rank)).map_or(Said::Gone, Walk::said),
            Together::Gone => Said::Gone,
            Together::Set => Said::Set(&self.value),
            Together::Add => Said::Add(&self.value),
        }
    }
}
