//! Why a projector cannot go on.

use talon_domain::ids::{PartitionId, Position};
use talon_journal::ReadError;
use talon_projections::projection::ProjectionError;
use talon_projections::store::StoreError;

use crate::place::PlaceError;

/// Why a projector cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectorError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] ReadError),
    /// The place cannot be had.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The store does not do what it is asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The projection cannot go on.
    #[error(transparent)]
    Projection(ProjectionError),
    /// The views were made of more than the journal holds.
    #[error(
        "the views have read partition {partition} up to position {read}, and the journal ends at {end}: it is an older \
         one that was restored, or one that was cut; publish again what is missing, and have the views made anew"
    )]
    Further {
        /// Where.
        partition: PartitionId,
        /// What the views would read next.
        read: Position,
        /// What the journal's next record will be.
        end: Position,
    },
    /// The views were made of other records.
    #[error(
        "record {position} of partition {partition} is not the one that the views have read: the journal is another one, \
         or an older one that was restored and has grown since; have the views made anew"
    )]
    OtherJournal {
        /// Where.
        partition: PartitionId,
        /// Which record.
        position: Position,
    },
    /// The store broke again and again.
    #[error("the views were moved aside {times} times, and broke again: {reason}")]
    Hopeless {
        /// How often.
        times: u32,
        /// What broke last.
        reason: String,
    },
    /// A record cannot be folded, and nothing can be set aside.
    #[error("a record cannot be folded ({reason}): whoever keeps the views sets it aside")]
    Unfoldable {
        /// What happened.
        reason: String,
    },
    /// A view that was to be switched in was made of other records than the views that are kept.
    #[error("the view was made of other records than those that are kept: make it anew")]
    OtherRecords,
    /// Somebody asked to stop.
    #[error("it was asked to stop before everything was read")]
    Stopped,
    /// An error closed the views before.
    #[error("the views are closed after an error")]
    Closed,
}

impl From<ProjectionError> for ProjectorError {
    fn from(error: ProjectionError) -> Self {
        match error {
            ProjectionError::Store(error) => Self::Store(error),
            other => Self::Projection(other),
        }
    }
}

impl ProjectorError {
    /// Whether the views are of another journal than this one.
    pub const fn is_other_journal(&self) -> bool {
        matches!(self, Self::Further { .. } | Self::OtherJournal { .. })
    }
}
