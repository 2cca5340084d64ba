//! The roots of a journal: one tree for each partition, over the record bytes as they are stored, in one pass. Held
//! against pins they say whether the ledger still begins as it once was.
//!
//! Invariant: position and leaf index are the same number, and a root depends on no engine, file or checksum.

use std::collections::BTreeMap;

use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Journal, Positions, ReadError, Stored};
use talon_tlog::{Frontier, TreeHead, leaf_hash};

use crate::as_of::walk_everything;
use crate::history::Progress;
use crate::pin::Pin;

/// What a ledger makes of a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinState {
    /// Every pinned root is the ledger's: what was pinned is there, byte for byte.
    Kept,
    /// Among the first records of a partition, as many as were pinned, one is another than it was.
    Differs {
        /// The first partition of which it is true.
        partition: PartitionId,
        /// How many of its records were pinned.
        size: u64,
    },
    /// More records were pinned than the ledger holds: an acknowledgement was lost.
    Beyond {
        /// The first partition of which it is true.
        partition: PartitionId,
        /// How many of its records were pinned.
        size: u64,
        /// Its end now.
        end: Position,
    },
}

/// The trees of a journal's partitions.
#[derive(Debug, Default)]
pub struct Roots {
    trees: BTreeMap<PartitionId, Tree>,
}

/// A partition's tree, and what it was at the sizes that somebody asks for.
#[derive(Debug, Default)]
struct Tree {
    frontier: Frontier,
    /// Sizes that have not been reached yet, the next one last.
    asked: Vec<u64>,
    known: Vec<TreeHead>,
}

impl Roots {
    /// The roots of everything that a journal holds now.
    pub fn of(journal: &dyn Journal, progress: &mut dyn FnMut(Progress)) -> Result<Self, ReadError> {
        let mut roots = Self::default();
        walk_everything(journal, progress, &mut |stored| roots.take(stored))?;
        Ok(roots)
    }

    /// The roots of what a journal held as far as these positions.
    pub fn up_to(
        ends: &Positions,
        journal: &dyn Journal,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, ReadError> {
        let mut roots = Self::default();
        walk_everything(journal, progress, &mut |stored| {
            if stored.position < ends.next(stored.partition) {
                roots.take(stored);
            }
        })?;
        Ok(roots)
    }

    /// Size and root of every partition that holds a record, in their order.
    pub fn heads(&self) -> impl Iterator<Item = (PartitionId, TreeHead)> + '_ {
        let heads = self.trees.iter().map(|(partition, tree)| (*partition, tree.frontier.head()));
        heads.filter(|(_, head)| head.size > 0)
    }

    /// Trees of nothing yet, which will remember what they were at the sizes of these pins.
    pub(crate) fn asked_by(pins: &[Pin]) -> Self {
        let mut roots = Self::default();
        for (partition, head) in pins.iter().flat_map(Pin::partitions) {
            roots.trees.entry(*partition).or_default().asked.push(head.size);
        }
        for tree in roots.trees.values_mut() {
            tree.asked.sort_unstable_by(|one, other| other.cmp(one));
            tree.asked.dedup();
        }
        roots
    }

    /// Takes the next record of its partition.
    pub(crate) fn take(&mut self, stored: &Stored<'_>) {
        let tree = self.trees.entry(stored.partition).or_default();
        debug_assert_eq!(tree.frontier.size(), stored.position.0, "positions are dense: the journal's promise");
        tree.frontier.push(leaf_hash(stored.bytes));
        if tree.asked.last() == Some(&tree.frontier.size()) {
            tree.asked.pop();
            tree.known.push(tree.frontier.head());
        }
    }

    /// What becomes of a pin that asked, once everything has been taken.
    pub(crate) fn state_of(&self, pin: &Pin) -> PinState {
        let states = pin.partitions().iter().map(|(partition, head)| self.part_of(*partition, *head));
        states.into_iter().find(|state| *state != PinState::Kept).unwrap_or(PinState::Kept)
    }

    fn part_of(&self, partition: PartitionId, pinned: TreeHead) -> PinState {
        let tree = self.trees.get(&partition);
        let end = tree.map_or(0, |tree| tree.frontier.size());
        if pinned.size > end {
            return PinState::Beyond { partition, size: pinned.size, end: Position(end) };
        }
        if tree.is_some_and(|tree| tree.known.contains(&pinned)) {
            PinState::Kept
        } else {
            PinState::Differs { partition, size: pinned.size }
        }
    }
}
