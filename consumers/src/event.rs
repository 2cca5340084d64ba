//! What a follower tells its caller while it runs. Words for people are the caller's.

use std::path::PathBuf;

use talon_domain::ids::{PartitionId, Position};

use crate::lag::Lag;

/// Something that happened on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// So many records are applied, of so many.
    Progress {
        /// Applied, over all partitions.
        done: u64,
        /// Durable in the journal, as far as it is known.
        total: u64,
    },
    /// Everything that was durable is applied.
    CaughtUp {
        /// Records that are applied, over all partitions.
        records: u64,
    },
    /// It had caught up, and is behind now.
    FellBehind {
        /// By how much.
        lag: Lag,
        /// For how long the oldest record has been waiting.
        seconds: u64,
    },
    /// What was stored was of no use; it was moved aside, and is made anew from the journal.
    MovedAside {
        /// Where it is now.
        to: PathBuf,
        /// Why.
        reason: String,
    },
    /// The store held these views in another version, or not at all: they were made anew from the streams that it keeps,
    /// and the other views stayed as they were.
    Remade {
        /// Their names.
        views: Vec<&'static str>,
    },
    /// Folding broke down; the last records are gone through again in smaller lots, to find the one at fault.
    Searching {
        /// What broke down.
        reason: String,
        /// Among how many records it is looked for.
        among: u64,
    },
    /// A record cannot be folded.
    SetAside {
        /// Its partition.
        partition: PartitionId,
        /// Its place there.
        position: Position,
        /// Why not.
        reason: String,
    },
    /// Nobody can ask this projector anything.
    Unasked {
        /// Why not.
        reason: String,
    },
}
