//! What was told of a stream, slot by slot: for reading and for the digest. No total comes from here.

use crate::fact::Source;
use crate::ids::EventId;
use crate::slot::Slot;
use crate::time::{Day, Instant};

/// Everything that is told of a stream, and still holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Each slot's winning witness, by its own clock.
    pub timeline: Vec<Moment>,
    /// Every slot with its witnesses, in the order of slots.
    pub slots: Vec<FilledSlot>,
}

/// A slot's winning witness in a stream's story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// By the witness's own clock: for reading only, it orders nothing.
    pub occurred_at: Instant,
    /// What it tells.
    pub slot: Slot,
    /// Whose mouth.
    pub source: Source,
    /// How many witnesses tell it.
    pub witnesses: usize,
    /// The winning witness.
    pub event_id: EventId,
}

/// A slot and who claims it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledSlot {
    /// The slot.
    pub slot: Slot,
    /// Whose word is shown.
    pub winner: EventId,
    /// Whose mouth that is.
    pub source: Source,
    /// When it happened, by that witness's clock.
    pub occurred_at: Instant,
    /// The day of that witness.
    pub day: Day,
    /// What is shown, field by field, as rows of the digest hold it.
    pub content: Vec<u8>,
    /// Everybody, smallest id first.
    pub witnesses: Vec<EventId>,
}
