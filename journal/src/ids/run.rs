//! A run: some ids' fingerprints and places, sorted, in one file that never changes.
//!
//! - entries lie in blocks of 255, blocks in sections, and each section has a filter of its own, so that none of these
//!   grows with the run
//! - in memory a run is its header and 40 bytes a section; no block of it is kept
//! - fingerprints are spread evenly, so a block is found by its share of the way between its section's ends
//!
//! This module decides nothing about an id: it shows every place under a fingerprint.

use std::sync::Arc;

use talon_domain::ids::LedgerId;

use super::error::IndexError;
use super::filter::Filter;
use crate::storage::{Access, Storage, StorageFile};

pub(crate) mod block;
mod cursor;
pub(crate) mod header;
mod writer;

pub(crate) use block::Entry;
use block::{BLOCK_BYTES, Binding, Block};
pub(crate) use cursor::Cursor;
pub(crate) use header::RunKind;
pub(crate) use header::{Draft, Times};
use header::{Header, SECTION_BYTES, Section, header_crc};
pub(crate) use writer::RunWriter;

/// So many probes go by share of the way; then the rest is halved, so that no spread of fingerprints makes many.
const SHARED_PROBES: u32 = 6;

/// The name of a run's file.
pub(crate) fn run_name(no: u64) -> String {
    format!("run-{no:020}")
}

/// Whether a file has the name of a run.
pub(crate) fn is_run_name(name: &str) -> bool {
    let no = name.strip_prefix("run-").and_then(|no| no.parse().ok());
    no.is_some_and(|no| run_name(no) == name)
}

/// A run that is whole.
#[derive(Debug)]
pub(crate) struct Run {
    name: String,
    header: Header,
    crc: u32,
    sections: Box<[Section]>,
    file: Arc<dyn StorageFile>,
}

impl Run {
    /// Opens the run with this number, if its header has this checksum.
    pub(crate) fn open(storage: &dyn Storage, ledger_id: LedgerId, no: u64, crc: u32) -> Result<Self, IndexError> {
        let name = run_name(no);
        let file = storage.open(&name, Access::Read).map_err(|error| IndexError::of_reading(&name, 0, error))?;
        let mut bytes = [0; BLOCK_BYTES];
        file.read_at(&mut bytes, 0).map_err(|error| IndexError::of_reading(&name, 0, error))?;
        let header = Header::decode(&bytes).filter(|header| header_crc(&bytes) == crc && header.draft.no == no);
        let header = header.filter(|header| header.draft.ledger_id == ledger_id);
        let header = header.ok_or_else(|| IndexError::damaged(&name, 0))?;
        let size = file.size().map_err(|error| IndexError::of_reading(&name, 0, error))?;
        if size != header.file_bytes() {
            return Err(IndexError::damaged(&name, size.min(header.file_bytes())));
        }
        let sections = read_table(&*file, &name, &header)?;
        Ok(Self { name, header, crc, sections, file })
    }

    pub(crate) const fn no(&self) -> u64 {
        self.header.draft.no
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The checksum of its header, which binds all else.
    pub(crate) const fn crc(&self) -> u32 {
        self.crc
    }

    pub(crate) const fn kind(&self) -> RunKind {
        self.header.draft.kind
    }

    pub(crate) const fn times(&self) -> Times {
        self.header.draft.times
    }

    /// How many entries it has.
    pub(crate) const fn count(&self) -> u64 {
        self.header.count
    }

    pub(crate) fn file_bytes(&self) -> u64 {
        self.header.file_bytes()
    }

    pub(crate) const fn sections(&self) -> &[Section] {
        &self.sections
    }

    fn section(&self, index: usize) -> Option<&Section> {
        self.sections.get(index)
    }

    /// In which section a fingerprint begins, if it is in the run.
    pub(crate) fn section_of(&self, fingerprint: u64) -> Option<usize> {
        let index = self.sections.partition_point(|section| section.last < fingerprint);
        self.section(index).filter(|section| section.first <= fingerprint).map(|_| index)
    }

    /// Reads a section's filter; `None` if it has none.
    pub(crate) fn filter(&self, index: usize) -> Result<Option<Filter>, IndexError> {
        let Some(section) = self.section(index).filter(|section| section.filter_bytes > 0) else { return Ok(None) };
        let at = section.filter_at();
        let mut bytes = vec![0; section.padded_filter_bytes()];
        self.file.read_at(&mut bytes, at).map_err(|error| IndexError::of_reading(&self.name, at, error))?;
        let filter = bytes.get(..usize::try_from(section.filter_bytes).unwrap_or(0)).and_then(Filter::decode);
        let filter = filter.filter(|_| self.binding(at).crc(&bytes) == section.filter_crc);
        filter.map(Some).ok_or_else(|| IndexError::damaged(&self.name, at))
    }

    /// Shows every place under a fingerprint of a section.
    pub(crate) fn find(
        &self,
        index: usize,
        fingerprint: u64,
        buffer: &mut BlockBuffer,
        seen: &mut impl FnMut(u64),
    ) -> Result<(), IndexError> {
        let Some(mut section) = self.section(index) else { return Ok(()) };
        let (mut index, mut number) = (index, self.first_block(section, fingerprint, buffer)?);
        loop {
            if number >= section.blocks() {
                index = index.saturating_add(1);
                let Some(next) = self.section(index).filter(|next| next.first == fingerprint) else { return Ok(()) };
                (section, number) = (next, 0);
            }
            let block = buffer.block(self, block_at(section, number))?;
            block.of(fingerprint).for_each(|entry| seen(entry.place));
            if block.last() > fingerprint {
                return Ok(());
            }
            number = number.saturating_add(1);
        }
    }

    /// The first block of a section that does not end before a fingerprint.
    fn first_block(&self, section: &Section, fingerprint: u64, buffer: &mut BlockBuffer) -> Result<u64, IndexError> {
        let mut range =
            Range { from: 0, to: section.blocks().saturating_sub(1), low: section.first, high: section.last };
        let mut probes = 0;
        let mut held = buffer.held_of(self, section).filter(|number| *number < range.to);
        while range.from < range.to {
            probes += 1;
            let number = held.take().unwrap_or_else(|| range.probe(fingerprint, probes));
            let block = buffer.block(self, block_at(section, number))?;
            if block.last() < fingerprint {
                (range.from, range.low) = (number.saturating_add(1), block.last());
            } else if block.first() < fingerprint {
                return Ok(number);
            } else {
                (range.to, range.high) = (number, block.first());
            }
        }
        Ok(range.from)
    }

    const fn binding(&self, at: u64) -> Binding {
        Binding { salt: self.header.draft.salt, number: at / BLOCK_BYTES as u64 }
    }
}

const fn block_at(section: &Section, number: u64) -> u64 {
    section.at.saturating_add(number.saturating_mul(BLOCK_BYTES as u64))
}

fn read_table(file: &dyn StorageFile, name: &str, header: &Header) -> Result<Box<[Section]>, IndexError> {
    let damaged = || IndexError::damaged(name, header.table_at);
    let len = usize::try_from(header.file_bytes().saturating_sub(header.table_at)).map_err(|_| damaged())?;
    let mut table = vec![0; len];
    file.read_at(&mut table, header.table_at).map_err(|error| IndexError::of_reading(name, header.table_at, error))?;
    let binding = Binding { salt: header.draft.salt, number: header.table_at };
    let sections: Box<[_]> = table.as_chunks::<SECTION_BYTES>().0.iter().map(Section::decode).collect();
    let is_sound = binding.crc(&table) == header.table_crc && are_whole(&sections, header);
    is_sound.then_some(sections).ok_or_else(damaged)
}

/// Whether the sections fill the file between header and table, in the order of their fingerprints.
fn are_whole(sections: &[Section], header: &Header) -> bool {
    let mut end = (BLOCK_BYTES as u64, 0, 0);
    for section in sections {
        let (at, entries, last) = end;
        if section.at != at || section.entries == 0 || section.first < last || section.last < section.first {
            return false;
        }
        end = (section.end(), u64::from(section.entries).saturating_add(entries), section.last);
    }
    (end.0, end.1) == (header.table_at, header.count)
}

/// Blocks of a section, and the fingerprints between which they lie. The last one is known not to end too early, so it
/// is not looked at.
struct Range {
    from: u64,
    to: u64,
    low: u64,
    high: u64,
}

impl Range {
    /// Which block to look at next.
    fn probe(&self, fingerprint: u64, probes: u32) -> u64 {
        let blocks = self.to.saturating_sub(self.from);
        if probes > SHARED_PROBES {
            return self.from.saturating_add(blocks / 2);
        }
        let way = u128::from(fingerprint.saturating_sub(self.low)) * u128::from(blocks.saturating_add(1));
        let share = way / (u128::from(self.high.saturating_sub(self.low)) + 1);
        let share = u64::try_from(share).unwrap_or(u64::MAX);
        self.from.saturating_add(share.min(blocks.saturating_sub(1)))
    }
}

/// The block that was read last: of fingerprints in order, several are often in one block.
#[derive(Debug)]
pub(crate) struct BlockBuffer {
    bytes: Box<[u8; BLOCK_BYTES]>,
    /// Run and offset.
    held: Option<(u64, u64)>,
    /// Blocks that were read from files.
    reads: u64,
}

impl BlockBuffer {
    pub(crate) fn new() -> Self {
        Self { bytes: Box::new([0; BLOCK_BYTES]), held: None, reads: 0 }
    }

    /// How many blocks were read so far.
    pub(crate) const fn reads(&self) -> u64 {
        self.reads
    }

    /// Which block of a section is held, if one is.
    fn held_of(&self, run: &Run, section: &Section) -> Option<u64> {
        let (_, at) = self.held.filter(|(no, _)| *no == run.no())?;
        at.checked_sub(section.at).map(|behind| behind / BLOCK_BYTES as u64)
    }

    fn block(&mut self, run: &Run, at: u64) -> Result<Block<'_>, IndexError> {
        let wanted = Some((run.no(), at));
        let damaged = || IndexError::damaged(&run.name, at);
        if self.held != wanted {
            self.held = None;
            self.reads += 1;
            run.file.read_at(&mut *self.bytes, at).map_err(|error| IndexError::of_reading(&run.name, at, error))?;
            Block::read(&self.bytes, run.binding(at)).ok_or_else(damaged)?;
            self.held = wanted;
        }
        Block::trusted(&self.bytes).ok_or_else(damaged)
    }
}

#[cfg(test)]
mod tests;
