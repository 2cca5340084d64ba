//! Decoded pages that were asked for lately, within a budget of bytes; the one that was not asked for longest goes.
//!
//! Invariant: a page is named by its run, and no two runs ever have one number: nothing here is ever stale.
//!
//! This module does not read pages.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;

/// Rows of a page, decoded.
pub(super) type Rows = Arc<Vec<u8>>;
/// A run, and a page in it.
pub(super) type PageName = (u64, u32);

#[derive(Debug, Default)]
struct Held {
    pages: HashMap<PageName, (Rows, u64)>,
    /// Pages by when they were asked for.
    turns: BTreeMap<u64, PageName>,
    turn: u64,
    bytes: usize,
}

/// The cache, which readers share.
#[derive(Debug)]
pub(super) struct Cache {
    held: Mutex<Held>,
    bytes_max: usize,
}

impl Cache {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { held: Mutex::default(), bytes_max }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find(&self, name: PageName) -> Option<Rows> {
        self.held().touch(name)
    }

    pub(super) fn keep(&self, name: PageName, rows: &Rows) {
        let mut held = self.held();
        if rows.len() > self.bytes_max || held.touch(name).is_some() {
            return;
        }
        held.bytes = held.bytes.saturating_add(rows.len());
        held.turn = held.turn.saturating_add(1);
        let turn = held.turn;
        held.turns.insert(turn, name);
        held.pages.insert(name, (Arc::clone(rows), turn));
        while held.bytes > self.bytes_max {
            held.let_go();
        }
    }
}

impl Held {
    fn touch(&mut self, name: PageName) -> Option<Rows> {
        let (rows, turn) = self.pages.get_mut(&name)?;
        self.turn = self.turn.saturating_add(1);
        self.turns.remove(turn);
        self.turns.insert(self.turn, name);
        *turn = self.turn;
        Some(Arc::clone(rows))
    }

    fn let_go(&mut self) {
        let Some((_, name)) = self.turns.pop_first() else {
            self.bytes = 0;
            return;
        };
        if let Some((rows, _)) = self.pages.remove(&name) {
            self.bytes = self.bytes.saturating_sub(rows.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(bytes: usize) -> Rows {
        Arc::new(vec![0; bytes])
    }

    #[test]
    fn what_was_not_asked_for_longest_goes_first() {
        let cache = Cache::new(300);
        (0..3).for_each(|number| cache.keep((1, number), &page(100)));
        assert!(cache.find((1, 0)).is_some());
        cache.keep((2, 0), &page(150));
        let left = [(1, 0), (1, 1), (1, 2), (2, 0)].map(|name| cache.find(name).is_some());
        assert_eq!(left, [true, false, false, true]);
        assert_eq!(cache.held().bytes, 250);
    }

    #[test]
    fn a_page_beyond_the_budget_is_not_kept_and_one_kept_twice_counts_once() {
        let cache = Cache::new(300);
        cache.keep((1, 0), &page(301));
        assert!(cache.find((1, 0)).is_none());
        (0..5).for_each(|_| cache.keep((1, 1), &page(100)));
        let held = cache.held();
        assert_eq!((held.bytes, held.turns.len()), (100, 1));
    }
}
