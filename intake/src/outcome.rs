//! Outcomes: what became of each event.

use std::fmt;
use std::sync::Arc;

use talon_domain::ids::{PartitionId, Position};
use talon_domain::time::Instant;

use crate::refusal::Refusal;

/// Where a record is kept, and when it was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The partition.
    pub partition: PartitionId,
    /// The place in it.
    pub position: Position,
    /// The appender's clock.
    pub recorded_at: Instant,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}/{}", self.partition, self.position)
    }
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable.
    Appended(Place),
    /// It was durable before, in equal words: the first one's place.
    Duplicate(Place),
    /// It was not appended, and would not be if it were sent again as it is.
    Refused(Refusal),
    /// It was not appended, and may be if it is sent again.
    NotAppended(Arc<str>),
    /// It may have been appended: send it again under the same id.
    Unknown(Arc<str>),
}
