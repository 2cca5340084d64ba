//! How far a projection has come: what it stores beside its rows, in the same batch.

use serde::{Deserialize, Serialize};
use talon_domain::fold::{Counts, FOLD_VERSION, Verdict};
use talon_domain::ids::{PartitionId, Position};
use talon_domain::time::Instant;
use talon_proto::DESCRIPTOR_SET;

use super::clock::Clock;
use crate::view::View;

/// What a store holds beside rows. Another layout of it, or another fold, is a rebuilt store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stand {
    fold: u16,
    /// The checksum of the schema by which facts were read.
    schema: u32,
    views: Vec<(String, u16)>,
    /// By partition: the next position.
    next: Vec<u64>,
    /// By partition: the latest clock.
    clocks: Vec<i64>,
    /// Facts, duplicates, conflicts, parked, later.
    verdicts: [u64; 5],
    /// The latest moment that a committed event id names, in milliseconds.
    pub(super) newest_id_ms: u64,
    /// By partition: how many facts in the order of the ledger are kept.
    pub(super) ordered: Vec<u32>,
    pub(super) first_open_day: u16,
}

impl Stand {
    pub(super) fn of(views: &[&'static dyn View]) -> Self {
        Self {
            fold: FOLD_VERSION,
            schema: crc32c::crc32c(DESCRIPTOR_SET),
            views: views.iter().map(|view| (view.name().to_owned(), view.version())).collect(),
            next: Vec::new(),
            clocks: Vec::new(),
            verdicts: [0; 5],
            newest_id_ms: 0,
            ordered: Vec::new(),
            first_open_day: 0,
        }
    }

    /// Whether both were made by the same views.
    pub(super) fn has_views_of(&self, other: &Self) -> bool {
        self.views == other.views
    }

    /// Whether streams themselves may be others by the fold of that one, or by its schema: it may read facts that were
    /// parked, and those come to other streams, and their streams to other rows.
    pub(super) fn folds_otherwise(&self, made: &Self) -> bool {
        let [_, _, _, parked, _] = self.verdicts;
        self.fold != made.fold || self.schema != made.schema && parked > 0
    }

    /// Whether it was made by this version of a view.
    pub(super) fn has(&self, view: &'static dyn View) -> bool {
        self.views.iter().any(|(name, version)| (name.as_str(), *version) == (view.name(), view.version()))
    }

    /// Whether it was made by any version of a view.
    pub(super) fn names(&self, view: &str) -> bool {
        self.views.iter().any(|(name, _)| name == view)
    }

    /// The same, made by the views of that one, which read facts by its schema.
    pub(super) fn with_views_of(&self, made: &Self) -> Self {
        Self { views: made.views.clone(), schema: made.schema, ..self.clone() }
    }

    /// Its views in words.
    pub(super) fn views_in_words(&self) -> String {
        let views: Vec<_> = self.views.iter().map(|(name, version)| format!("{name} {version}")).collect();
        format!("fold {}, schema {:08x}: {}", self.fold, self.schema, views.join(", "))
    }

    pub(super) fn next(&self, partition: PartitionId) -> Position {
        Position(self.next.get(usize::from(partition.0)).copied().unwrap_or(0))
    }

    pub(super) fn advance(&mut self, partition: PartitionId) {
        let at = usize::from(partition.0);
        if self.next.len() <= at {
            self.next.resize(at.saturating_add(1), 0);
        }
        if let Some(next) = self.next.get_mut(at) {
            *next = next.saturating_add(1);
        }
    }

    pub(super) fn positions(&self) -> impl Iterator<Item = (PartitionId, Position)> + '_ {
        let all = (0..).map(PartitionId).zip(self.next.iter().copied().map(Position));
        all.filter(|(_, next)| next.0 > 0)
    }

    pub(super) fn count(&mut self, verdict: Verdict) {
        let [facts, duplicates, conflicts, parked, later] = &mut self.verdicts;
        let count = match verdict {
            Verdict::Fact => facts,
            Verdict::Duplicate => duplicates,
            Verdict::Conflict => conflicts,
            Verdict::Parked => parked,
            Verdict::Later => later,
        };
        *count = count.saturating_add(1);
    }

    pub(super) const fn counts(&self) -> Counts {
        let [facts, duplicates, conflicts, parked, later] = self.verdicts;
        Counts { facts, duplicates, conflicts, parked, later, copies: 0 }
    }

    pub(super) fn keep_clocks(&mut self, clocks: &[Clock]) {
        self.clocks = clocks.iter().map(|clock| clock.latest().0).collect();
    }

    pub(super) fn clocks(&self) -> impl Iterator<Item = Clock> + '_ {
        self.clocks.iter().map(|latest| Clock::at(Instant(*latest)))
    }

    /// Counts another fact of a partition in the order of the ledger; which one it is.
    pub(super) fn next_ordered(&mut self, partition: PartitionId) -> u32 {
        let at = usize::from(partition.0);
        if self.ordered.len() <= at {
            self.ordered.resize(at.saturating_add(1), 0);
        }
        self.ordered.get_mut(at).map_or(0, |count| {
            *count = count.saturating_add(1);
            count.saturating_sub(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use talon_domain::time::Day;

    use super::*;

    #[test]
    fn another_schema_matters_to_a_store_with_parked_facts_alone() {
        let made = Stand::of(&[]);
        let mut held = Stand { schema: made.schema ^ 1, ..made.clone() };
        assert!(!held.folds_otherwise(&made), "every fact was read, and still is");
        held.count(Verdict::Parked);
        assert!(held.folds_otherwise(&made), "a parked fact may be read now");
        held = held.with_views_of(&made);
        assert!(!held.folds_otherwise(&made), "it was parked by this very schema");
        assert!(held.views_in_words().contains("schema "), "{}", held.views_in_words());
    }

    #[test]
    fn clocks_come_back_with_their_days() {
        let mut clock = Clock::default();
        assert_eq!(clock.see(Instant::FIRST), clock.day());
        let day = clock.day();
        assert_eq!(clock.see(Instant(i64::MAX)), day);
        let mut stand = Stand::of(&[]);
        stand.keep_clocks(&[clock, Clock::default()]);
        let back: Vec<_> = stand.clocks().map(|clock| (clock.latest(), clock.day())).collect();
        assert_eq!(back, [(Instant::FIRST, day), (Instant(i64::MIN), Day(0))]);
    }
}
