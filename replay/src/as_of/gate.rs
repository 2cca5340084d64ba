//! The gate of a walk: which records belong to the prefix that is meant, and how far each partition was read.
//!
//! Invariant: once a partition has ended, nothing more of it is let through.
//!
//! This module does not read the journal.

use talon_domain::ids::Position;
use talon_domain::time::Instant;
use talon_journal::{PARTITIONS, Positions, Record, Stored};

use super::{AsOfError, Known};

/// What stands between the journal and whoever walks it.
pub(super) struct Gate {
    limit: Limit,
    reached: Positions,
    /// Records that were let through.
    passed: u64,
}

enum Limit {
    None,
    /// Where each partition ends, and how many records that is.
    Before(Box<Positions>, u64),
    /// What was recorded up to then; the bits of partitions that have ended.
    At(Instant, u64),
}

/// Every partition has ended.
const ALL_ENDED: u64 = u64::MAX;
const _: () = assert!(PARTITIONS as u32 == u64::BITS);

impl Gate {
    pub(super) fn of(known: &Known) -> Self {
        let limit = match known {
            Known::Everything => Limit::None,
            Known::Before(ends) => Limit::Before(ends.clone(), ends.total()),
            Known::At(moment) => Limit::At(*moment, 0),
        };
        Self { limit, reached: Positions::beginning(), passed: 0 }
    }

    /// How many records there are to walk, if the journal ends there.
    pub(super) fn total(&self, ends: &Positions) -> u64 {
        match &self.limit {
            Limit::Before(_, total) => *total,
            Limit::None | Limit::At(..) => ends.total(),
        }
    }

    /// Whether records are told apart by what their headers say.
    pub(super) const fn looks_at_headers(&self) -> bool {
        matches!(self.limit, Limit::At(..))
    }

    /// Whether nothing more can be let through.
    pub(super) fn is_shut(&self) -> bool {
        match &self.limit {
            Limit::None => false,
            Limit::Before(_, total) => self.passed >= *total,
            Limit::At(_, ended) => *ended == ALL_ENDED,
        }
    }

    /// Takes the next record of its partition; bytes that are no record have no time of their own.
    pub(super) fn lets_through(&mut self, stored: &Stored<'_>, record: Option<&Record<'_>>) -> bool {
        let is_in = match &mut self.limit {
            Limit::None => true,
            Limit::Before(ends, _) => stored.position < ends.next(stored.partition),
            Limit::At(moment, ended) => {
                let bit = 1u64.checked_shl(stored.partition.0.into()).unwrap_or(0);
                if record.is_some_and(|record| record.recorded_at() > *moment) {
                    *ended |= bit;
                }
                *ended & bit == 0
            }
        };
        if is_in {
            self.passed = self.passed.saturating_add(1);
            self.reached.set(stored.partition, Position(stored.position.0.saturating_add(1)));
        }
        is_in
    }

    /// How far each partition was read.
    ///
    /// # Errors
    /// Rejected if one was to be read further than it goes.
    pub(super) fn reached(self) -> Result<Positions, AsOfError> {
        let beyond = match &self.limit {
            Limit::Before(asked, _) => asked.first_beyond(&self.reached),
            Limit::None | Limit::At(..) => None,
        };
        match beyond {
            Some((partition, asked)) => Err(AsOfError::Beyond { partition, asked, end: self.reached.next(partition) }),
            None => Ok(self.reached),
        }
    }
}
