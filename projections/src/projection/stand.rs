//! How far a projection has come: what it stores beside its rows, in the same batch.

use serde::{Deserialize, Serialize};
use talon_domain::fold::{Counts, FOLD_VERSION, Verdict};
use talon_domain::ids::{PartitionId, Position};
use talon_domain::time::Instant;

use super::clock::Clock;
use crate::view::View;

/// What a store holds beside rows. Another layout of it, or another fold, is a rebuilt store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stand {
    fold: u16,
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
        (self.fold, &self.views) == (other.fold, &other.views)
    }

    /// Its views in words.
    pub(super) fn views_in_words(&self) -> String {
        let views: Vec<_> = self.views.iter().map(|(name, version)| format!("{name} {version}")).collect();
        format!("fold {}: {}", self.fold, views.join(", "))
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
        self.clocks
            .iter()
            .map(|latest| if *latest == i64::MIN { Clock::default() } else { Clock::at(Instant(*latest)) })
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
