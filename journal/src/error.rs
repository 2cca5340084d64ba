//! What can go wrong, sorted by what is true afterwards and what the caller does next.
//!
//! This module does not decide what is damaged; it names where.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use talon_domain::ids::{PartitionId, Position};

/// The five kinds of error of every room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Not well formed: nothing was written, and the same bytes would fail again.
    Rejected,
    /// Contradicts what is held: read, then choose.
    Conflict,
    /// It did not happen, and might later.
    Unavailable,
    /// It may have happened: retry with the same event ids.
    Indeterminate,
    /// Bytes contradict their checksum or their place: stop, and call someone.
    Corrupt,
}

/// Why an append did not succeed, and how much of it did.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The engine does not take this batch; nothing was written.
    #[error("the journal does not take this batch: {reason}")]
    Rejected {
        /// What to mend.
        reason: Arc<str>,
    },
    /// The first `durable` records are in, the others are not.
    #[error("the journal takes nothing ({durable} records of the batch are in): {reason}")]
    Unavailable {
        /// Records of the batch, from its first, that are durable.
        durable: usize,
        /// What happened.
        reason: Arc<str>,
    },
    /// The first `durable` records are in, the next `in_doubt` may be, the others are not.
    #[error("{in_doubt} records behind the first {durable} may be in: {reason}; retry with the same event ids")]
    Indeterminate {
        /// Records of the batch, from its first, that are durable.
        durable: usize,
        /// Records behind them that may become durable.
        in_doubt: usize,
        /// What happened.
        reason: Arc<str>,
    },
}

impl AppendError {
    /// Which of the five kinds.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Rejected { .. } => ErrorKind::Rejected,
            Self::Unavailable { .. } => ErrorKind::Unavailable,
            Self::Indeterminate { .. } => ErrorKind::Indeterminate,
        }
    }
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No such partition.
    #[error("there is no partition {0}, only 0 to 63")]
    NoSuchPartition(PartitionId),
    /// Whoever asks has seen more than the journal holds: an acknowledgement was lost.
    #[error("position {from} of partition {partition} lies beyond the journal's end {end}")]
    Beyond {
        /// The partition.
        partition: PartitionId,
        /// What was asked for.
        from: Position,
        /// The durable end.
        end: Position,
    },
    /// Stored bytes contradict their checksum or their place.
    #[error("the journal is damaged: {0}")]
    Corrupt(Box<Damage>),
    /// The storage or the broker did not answer.
    #[error("{what} could not be read")]
    Unavailable {
        /// What was read.
        what: String,
        /// Why not.
        source: io::Error,
    },
}

impl ReadError {
    /// Which of the five kinds.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NoSuchPartition(_) => ErrorKind::Rejected,
            Self::Beyond { .. } | Self::Corrupt(_) => ErrorKind::Corrupt,
            Self::Unavailable { .. } => ErrorKind::Unavailable,
        }
    }
}

/// Why a journal could not be made, opened or repaired.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process writes.
    #[error("{path} is held by {holder}: one process writes at a time")]
    Held {
        /// The ledger.
        path: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// There is no journal.
    #[error("{path} holds no journal")]
    NoJournal {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is a journal already.
    #[error("{path} holds a journal already")]
    Exists {
        /// Where it is.
        path: PathBuf,
    },
    /// A journal begins with one genesis record for each partition, all of this ledger.
    #[error("the genesis records do not begin a journal: {reason}")]
    Genesis {
        /// What is wrong with them.
        reason: &'static str,
    },
    /// A format that this release does not write: its events are published again.
    #[error(
        "{file} has format {format} with {partitions} partitions: this release reads format 1 with 64; publish its events again"
    )]
    Unsupported {
        /// Which file says so.
        file: String,
        /// Its format.
        format: u16,
        /// Its partitions.
        partitions: u16,
    },
    /// The log ends before a record that was named.
    #[error("there is no record with lsn {lsn}: the log ends at {end}")]
    NoSuchRecord {
        /// The record's number over all partitions.
        lsn: u64,
        /// The number that the next record would have.
        end: u64,
    },
    /// A repair was begun: until it has ended, the log may be shorter than it was.
    #[error("{path}: a repair that cuts after record {cut_after} was begun and has not ended; the same repair ends it")]
    RepairBegun {
        /// The ledger.
        path: PathBuf,
        /// The last record that the repair keeps.
        cut_after: u64,
    },
    /// Stored bytes contradict their checksum or their place.
    #[error("the journal is damaged and stays closed: {0}")]
    Corrupt(Box<Damage>),
    /// The storage did not do what it was asked.
    #[error("{what} failed")]
    Unavailable {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl OpenError {
    /// Which of the five kinds.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Held { .. } | Self::Exists { .. } => ErrorKind::Conflict,
            Self::NoJournal { .. } | Self::Genesis { .. } | Self::Unsupported { .. } | Self::NoSuchRecord { .. } => {
                ErrorKind::Rejected
            }
            Self::Corrupt(_) | Self::RepairBegun { .. } => ErrorKind::Corrupt,
            Self::Unavailable { .. } => ErrorKind::Unavailable,
        }
    }
}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Corrupt(damage) => Self::Corrupt(damage),
            ReadError::Unavailable { what, source } => Self::Unavailable { what: format!("reading {what}"), source },
            other => Self::Unavailable { what: other.to_string(), source: io::ErrorKind::InvalidInput.into() },
        }
    }
}

/// Stored bytes that are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file, by its name in the journal's folder.
    pub file: String,
    /// Where the damaged range begins in it.
    pub offset: u64,
    /// How long that range is, as far as it is known.
    pub bytes: u64,
    /// The records that it touches, as far as they are known.
    pub records: Vec<Span>,
    /// What is wrong.
    pub flaw: Flaw,
}

/// Records of one partition that follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The partition.
    pub partition: PartitionId,
    /// The first.
    pub first: Position,
    /// The last.
    pub last: Position,
}

/// What is wrong with stored bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// The storage does not give the bytes.
    Unreadable,
    /// A segment's file is missing.
    SegmentMissing,
    /// A segment's file has another length than its header says.
    SegmentLength,
    /// A segment's header contradicts its checksum.
    SegmentHeader,
    /// A segment does not continue the one before it.
    SegmentOrder,
    /// A group's header contradicts its checksum.
    GroupHeader,
    /// A group does not continue the one before it.
    GroupOrder,
    /// A group contradicts its checksum.
    GroupChecksum,
    /// A record's frame contradicts its checksum.
    Record,
    /// A record does not take the next position of its partition.
    RecordOrder,
    /// Unused space is not zero.
    NotZero,
    /// Record 0 of a partition is not the genesis of this ledger.
    Genesis,
    /// The mark contradicts its checksum.
    Mark,
    /// The mark and the segments tell different ends: an acknowledgement was lost.
    MarkDisagrees,
    /// A summary is not the one of its segment. It is derived: delete it, and it is made again.
    Summary,
}

impl Flaw {
    /// Whether evidence is touched, or only what can be made again from it.
    pub const fn is_evidence(self) -> bool {
        !matches!(self, Self::Mark | Self::Summary)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "the file cannot be read",
            Self::SegmentMissing => "the segment is missing",
            Self::SegmentLength => "the file has another length than its header says",
            Self::SegmentHeader => "the segment's header contradicts its checksum",
            Self::SegmentOrder => "the segment does not continue the one before it",
            Self::GroupHeader => "the group's header contradicts its checksum",
            Self::GroupOrder => "the group does not continue the one before it",
            Self::GroupChecksum => "the group contradicts its checksum",
            Self::Record => "the record contradicts its checksum",
            Self::RecordOrder => "the record does not take the next position of its partition",
            Self::NotZero => "unused space is not zero",
            Self::Genesis => "record 0 is not the genesis of this ledger",
            Self::Mark => "the mark contradicts its checksum",
            Self::MarkDisagrees => "the mark and the segments tell different ends",
            Self::Summary => "the summary is not the one of its segment; delete it, and it is made again",
        })
    }
}

impl Span {
    /// The records from `from` to before `to`; `None` if there are none.
    pub(crate) fn between(partition: PartitionId, from: Position, to: Position) -> Option<Self> {
        let last = to.0.checked_sub(1).map(Position)?;
        (from <= last).then_some(Self { partition, first: from, last })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}/{}", self.partition, self.first)?;
        if self.last > self.first { write!(f, "-{}", self.last) } else { Ok(()) }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} offset {}", self.file, self.offset)?;
        if self.bytes > 0 {
            write!(f, " ({} bytes)", self.bytes)?;
        }
        for span in &self.records {
            write!(f, " {span}")?;
        }
        write!(f, ": {}", self.flaw)
    }
}
