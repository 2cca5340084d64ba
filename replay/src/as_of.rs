//! As of: which part of a ledger is meant, and the one walk over it.
//!
//! ```text
//! everything | a vector of positions | what was recorded up to T  --> of each partition a prefix --> walk: its records
//!                                                                 day <= E --> the fold: its facts
//! ```
//!
//! Invariants:
//! - what is meant is a prefix of each partition, so that what was told later never changes an answer as of before
//! - up to T is everything before the first record that was recorded later than T, partition by partition, although
//!   clocks may go back behind it: a prefix has no holes
//! - a day leaves out facts, never records: the technical log and control records are what they were
//!
//! This module reads no clock and knows no time zone: whoever asks hands in a moment.

use std::collections::BTreeSet;

use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_domain::time::{Day, Instant};
use talon_journal::{ErrorKind, Journal, Positions, ReadError, Record, Stored};

use crate::history::Progress;

mod gate;
mod vector;

use gate::Gate;
pub use vector::{VECTOR_BYTES_MAX, VectorError, parse_vector, vector_text};

/// How many records pass between two words of progress.
const PROGRESS_EVERY: u64 = 8_192;

/// What is meant by "then": what was known, and up to which day it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AsOf {
    /// Which records were known.
    pub known: Known,
    /// The last day whose facts count; `None` if all do.
    pub effective_at: Option<Day>,
    /// Records whose facts do not count: those that a projector had to set aside.
    pub without: BTreeSet<(PartitionId, Position)>,
}

/// Which records were known: of each partition a prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// All that the journal holds.
    #[default]
    Everything,
    /// The records before these positions.
    Before(Box<Positions>),
    /// Of each partition the records before the first one that was recorded later than this.
    At(Instant),
}

impl AsOf {
    /// All that the journal holds, and every day.
    pub const EVERYTHING: Self = Self { known: Known::Everything, effective_at: None, without: BTreeSet::new() };

    /// The records before these positions.
    pub fn before(positions: Positions) -> Self {
        Self { known: Known::Before(Box::new(positions)), ..Self::EVERYTHING }
    }

    /// What was recorded up to a moment.
    pub const fn at(moment: Instant) -> Self {
        Self { known: Known::At(moment), effective_at: None, without: BTreeSet::new() }
    }

    /// The same, and of its facts those of days up to this one.
    #[must_use]
    pub fn effective_at(self, day: Day) -> Self {
        Self { effective_at: Some(day), ..self }
    }

    /// The same without the facts of these records.
    #[must_use]
    pub fn without(self, records: BTreeSet<(PartitionId, Position)>) -> Self {
        Self { without: records, ..self }
    }

    /// The moment up to which something was known, if it was a moment that was asked for.
    pub const fn known_at(&self) -> Option<Instant> {
        match self.known {
            Known::At(moment) => Some(moment),
            Known::Everything | Known::Before(_) => None,
        }
    }
}

/// Whose records are walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's.
    #[default]
    All,
    /// One merchant's, and the ledger's own; the others' are passed over by their headers, and never decoded.
    Merchant(MerchantId),
}

impl Scope {
    /// Bytes that are no record are nobody's, and so everybody's.
    pub(crate) fn covers(self, record: Option<&Record<'_>>) -> bool {
        match (self, record) {
            (Self::Merchant(wanted), Some(record)) => record.merchant() == wanted || record.merchant().0 == 0,
            (Self::Merchant(_), None) | (Self::All, _) => true,
        }
    }
}

/// Why there is no answer as of then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AsOfError {
    /// The vector is another ledger's, or one of a later time.
    #[error("partition {partition} ends at {end}, before the position {asked} that is asked for")]
    Beyond {
        /// The partition.
        partition: PartitionId,
        /// What was asked for.
        asked: Position,
        /// Where the partition ends.
        end: Position,
    },
    /// The journal could not be read.
    #[error("the journal could not be read")]
    Read(#[from] ReadError),
}

impl AsOfError {
    /// Which of the five kinds.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Beyond { .. } => ErrorKind::Rejected,
            Self::Read(error) => error.kind(),
        }
    }
}

/// Walks the records that were known then, each partition in its order, once. Says up to which positions that was.
///
/// The day is not looked at here: it is the fold that leaves out facts ([`crate::History::as_of`]).
///
/// # Errors
/// Rejected for a vector that is further than the journal; else what reading gave.
pub fn walk(
    journal: &dyn Journal,
    as_of: &AsOf,
    progress: &mut dyn FnMut(Progress),
    each: &mut dyn FnMut(&Stored<'_>),
) -> Result<Positions, AsOfError> {
    walk_within(journal, as_of, Scope::All, progress, each)
}

/// The same for the records of a scope; the positions are those of the whole prefix.
///
/// # Errors
/// Rejected for a vector that is further than the journal; else what reading gave.
pub fn walk_within(
    journal: &dyn Journal,
    as_of: &AsOf,
    scope: Scope,
    progress: &mut dyn FnMut(Progress),
    each: &mut dyn FnMut(&Stored<'_>),
) -> Result<Positions, AsOfError> {
    let mut gate = Gate::of(&as_of.known);
    pass(journal, &mut gate, scope, progress, each)?;
    gate.reached()
}

/// Hands on what a gate lets through.
fn pass(
    journal: &dyn Journal,
    gate: &mut Gate,
    scope: Scope,
    progress: &mut dyn FnMut(Progress),
    each: &mut dyn FnMut(&Stored<'_>),
) -> Result<(), ReadError> {
    let total = gate.total(&journal.ends());
    let looks_at_headers = scope != Scope::All || gate.looks_at_headers();
    let mut reader = journal.scan(&Positions::beginning())?;
    let mut done = 0u64;
    while !gate.is_shut()
        && let Some(stored) = reader.next()?
    {
        let record = looks_at_headers.then(|| Record::parse(stored.bytes).ok()).flatten();
        if gate.lets_through(&stored, record.as_ref()) && scope.covers(record.as_ref()) {
            each(&stored);
        }
        done = done.saturating_add(1);
        if done.is_multiple_of(PROGRESS_EVERY) {
            progress(Progress { done, total });
        }
    }
    progress(Progress { done, total });
    Ok(())
}

/// Walks every record that a journal holds now.
pub(crate) fn walk_everything(
    journal: &dyn Journal,
    progress: &mut dyn FnMut(Progress),
    each: &mut dyn FnMut(&Stored<'_>),
) -> Result<(), ReadError> {
    pass(journal, &mut Gate::of(&Known::Everything), Scope::All, progress, each)
}
