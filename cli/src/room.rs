//! How much room the file system has, and how much the journal needs next.

use std::io;
use std::path::Path;

use indicatif::HumanBytes;
use talon_journal::{EmbeddedJournal, Folder, Storage as _};

use crate::show::Screen;

/// Segments double up to this size.
const SEGMENT_BYTES_MAX: u64 = 256 << 20;

/// Room for segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Bytes that are free.
    pub(crate) free: u64,
    /// Bytes for the next segment, and what the engine leaves free beside it.
    pub(crate) one: u64,
    /// Bytes for the next two.
    pub(crate) two: u64,
}

impl Room {
    /// The room of a ledger; `None` where the file system does not say. A journal that cannot be opened is taken for a
    /// large one.
    pub(crate) fn of(dir: &Path, journal: Option<&EmbeddedJournal>) -> io::Result<Option<Self>> {
        let last = journal.and_then(|journal| journal.segments().last().map(|segment| segment.bytes));
        let free = Folder::new(dir).free_bytes()?;
        Ok(free.map(|free| Self::behind(last.unwrap_or(SEGMENT_BYTES_MAX), free)))
    }

    /// What is needed behind a segment of so many bytes.
    fn behind(last: u64, free: u64) -> Self {
        let next = (2 * last).min(SEGMENT_BYTES_MAX);
        let after = (2 * next).min(SEGMENT_BYTES_MAX);
        Self { free, one: next + next / 16, two: next + after + after / 16 }
    }

    /// Whether the next segment does not fit.
    pub(crate) const fn is_full(&self) -> bool {
        self.free < self.one
    }

    /// How much is free, and how much was needed.
    pub(crate) fn words(&self, needed: u64, screen: &Screen) -> String {
        let words = screen.say("libres, le journal a besoin de", "free, the journal needs");
        format!("{} {words} {}", HumanBytes(self.free), HumanBytes(needed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_two_segments_double_up_to_the_largest() {
        const MIB: u64 = 1 << 20;
        for (last, one, two) in [(16, 34, 100), (64, 136, 400), (128, 272, 528), (256, 272, 528)] {
            let room = Room::behind(last * MIB, one * MIB);
            assert_eq!((room.one, room.two), (one * MIB, two * MIB), "behind {last} MiB");
            assert!(!room.is_full() && Room::behind(last * MIB, one * MIB - 1).is_full());
        }
    }
}
