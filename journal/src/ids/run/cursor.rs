//! Reading a run from its first entry to its last, some blocks at a time.
//!
//! Every block is held against its checksum, so that a merge copies no damage.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Run;
use super::block::{BLOCK_BYTES, Block, Entry};
use crate::ids::error::IndexError;

/// Blocks that are read at once.
const READ_BLOCKS: u64 = 16;

/// A place in a run.
#[derive(Debug)]
pub(crate) struct Cursor {
    run: Arc<Run>,
    section: usize,
    block: u64,
    bytes: Vec<u8>,
    entries: VecDeque<Entry>,
}

impl Cursor {
    pub(crate) const fn new(run: Arc<Run>) -> Self {
        Self { run, section: 0, block: 0, bytes: Vec::new(), entries: VecDeque::new() }
    }

    /// The next entry, or `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, IndexError> {
        if self.entries.is_empty() {
            self.fill()?;
        }
        Ok(self.entries.pop_front())
    }

    fn fill(&mut self) -> Result<(), IndexError> {
        let Some(section) = self.run.section(self.section).copied() else { return Ok(()) };
        let left = section.blocks().saturating_sub(self.block);
        if left == 0 {
            (self.section, self.block) = (self.section.saturating_add(1), 0);
            return self.fill();
        }
        let at = super::block_at(&section, self.block);
        let len = usize::try_from(left.min(READ_BLOCKS)).unwrap_or(1).saturating_mul(BLOCK_BYTES);
        self.bytes.resize(len, 0);
        let name = self.run.name();
        self.run.file.read_at(&mut self.bytes, at).map_err(|error| IndexError::of_reading(name, at, error))?;
        for (bytes, at) in self.bytes.as_chunks::<BLOCK_BYTES>().0.iter().zip((at..).step_by(BLOCK_BYTES)) {
            let block = Block::read(bytes, self.run.binding(at)).ok_or_else(|| IndexError::damaged(name, at))?;
            self.entries.extend(block.entries());
            self.block = self.block.saturating_add(1);
        }
        Ok(())
    }
}
