//! Writing a run from entries that come in order, in bounded memory: a section's fingerprints, and a buffer.
//!
//! - the header is written last, and the file synced after it: a run that was cut off has no header
//! - an entry that comes twice is kept once
//!
//! This module makes no name durable and no run live: the manifest does.

use std::io;
use std::sync::Arc;

use super::block::{BLOCK_BYTES, BLOCK_ENTRIES, Binding, Entry, encode_block};
use super::header::{Draft, Header, Section, header_crc};
use crate::ids::filter::Filter;
use crate::storage::{Access, Storage, StorageFile};

/// What is written at once.
const BUFFER_BYTES: usize = 256 << 10;

/// A run that is being written.
#[derive(Debug)]
pub(crate) struct RunWriter {
    draft: Draft,
    sink: Sink,
    /// The entries of the block that is being filled.
    block: Vec<Entry>,
    /// The distinct fingerprints of the section that is being filled.
    fingerprints: Vec<u64>,
    /// Entries of that section whose block is laid out.
    section_entries: usize,
    section_at: u64,
    sections: Vec<Section>,
    last: Option<Entry>,
    count: u64,
}

impl RunWriter {
    pub(crate) fn create(storage: &dyn Storage, name: &str, draft: Draft) -> io::Result<Self> {
        let file = storage.open(name, Access::Create)?;
        let at = BLOCK_BYTES as u64;
        Ok(Self {
            draft,
            sink: Sink { file, buffer: Vec::new(), at },
            block: Vec::with_capacity(BLOCK_ENTRIES),
            fingerprints: Vec::new(),
            section_entries: 0,
            section_at: at,
            sections: Vec::new(),
            last: None,
            count: 0,
        })
    }

    /// Takes the next entry, which is not smaller than the one before.
    pub(crate) fn push(&mut self, entry: Entry) -> io::Result<()> {
        if self.last == Some(entry) {
            return Ok(());
        }
        if self.block.len() == BLOCK_ENTRIES {
            self.end_block()?;
            if self.section_entries >= self.section_entries_max() {
                self.end_section()?;
            }
        }
        if self.fingerprints.last() != Some(&entry.fingerprint) {
            self.fingerprints.push(entry.fingerprint);
        }
        self.block.push(entry);
        self.last = Some(entry);
        self.count += 1;
        Ok(())
    }

    fn section_entries_max(&self) -> usize {
        usize::try_from(self.draft.section_blocks).unwrap_or(usize::MAX).saturating_mul(BLOCK_ENTRIES)
    }

    fn end_block(&mut self) -> io::Result<()> {
        let binding = Binding { salt: self.draft.salt, number: self.sink.end() / BLOCK_BYTES as u64 };
        self.sink.write(&encode_block(&self.block, binding))?;
        self.section_entries += self.block.len();
        self.block.clear();
        Ok(())
    }

    fn end_section(&mut self) -> io::Result<()> {
        let (Some(first), Some(last)) = (self.fingerprints.first().copied(), self.fingerprints.last().copied()) else {
            return Ok(());
        };
        let mut filter = Filter::of(&self.fingerprints).map_or_else(Vec::new, |filter| filter.encode());
        let filter_bytes = u32::try_from(filter.len()).map_err(io::Error::other)?;
        filter.resize(filter.len().next_multiple_of(BLOCK_BYTES), 0);
        let binding = Binding { salt: self.draft.salt, number: self.sink.end() / BLOCK_BYTES as u64 };
        self.sections.push(Section {
            first,
            last,
            at: self.section_at,
            entries: u32::try_from(self.section_entries).map_err(io::Error::other)?,
            filter_bytes,
            filter_crc: binding.crc(&filter),
        });
        self.sink.write(&filter)?;
        self.fingerprints.clear();
        (self.section_entries, self.section_at) = (0, self.sink.end());
        Ok(())
    }

    /// Writes what is left, then the header, and makes the file durable; answers the header and its checksum.
    pub(crate) fn finish(mut self) -> io::Result<(Header, u32)> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        self.end_section()?;
        let table_at = self.sink.end();
        let table: Vec<u8> = self.sections.iter().flat_map(Section::encode).collect();
        self.sink.write(&table)?;
        self.sink.flush()?;
        let header = Header {
            draft: self.draft,
            count: self.count,
            sections: u32::try_from(self.sections.len()).map_err(io::Error::other)?,
            table_at,
            table_crc: Binding { salt: self.draft.salt, number: table_at }.crc(&table),
        };
        let bytes = header.encode();
        self.sink.file.write_at(&bytes, 0)?;
        self.sink.file.sync()?;
        Ok((header, header_crc(&bytes)))
    }
}

/// Bytes on their way to a file, in order.
#[derive(Debug)]
struct Sink {
    file: Arc<dyn StorageFile>,
    buffer: Vec<u8>,
    /// Where the buffer goes.
    at: u64,
}

impl Sink {
    fn end(&self) -> u64 {
        self.at + self.buffer.len() as u64
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_at(&self.buffer, self.at)?;
        self.at = self.end();
        self.buffer.clear();
        Ok(())
    }
}
