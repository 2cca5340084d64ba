//! What a journal holds, in numbers: its segments, and what their records are. Invariants:
//! - closed segments are counted by their summaries, so that a large journal is told of at once; only the segment in use,
//!   and one whose summary is missing or wrong, is read
//! - every number counts records, not distinct facts
//!
//! This module verifies nothing beyond what it reads, and writes nothing.

use super::EmbeddedJournal;
use super::catalog::End;
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};
use super::summary::{Contents, StoredSummary, Summary};
use super::view::SegmentView;
use super::walk::{Step, step};
use crate::error::ReadError;
use crate::storage::Storage;

/// How a segment's summary is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SummaryState {
    /// The segment is in use: it has none yet.
    InUse,
    /// It is there.
    Present,
    /// A writer that has the time makes it.
    Missing,
    /// It is damaged, another segment's, or another release's: a writer makes it again.
    Wrong,
}

/// One file of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentStat {
    /// Its name in the journal's folder.
    pub file: String,
    /// The number of its first record, over all partitions.
    pub first_lsn: u64,
    /// How many records it holds.
    pub records: u64,
    /// How long the file is.
    pub bytes: u64,
    /// How much of it is in use: all of it, once it is closed.
    pub used_bytes: u64,
    /// How its summary is.
    pub summary: SummaryState,
}

impl EmbeddedJournal {
    /// The segments, as far as the log is known to be durable. Reads summaries, no segments.
    pub fn segments(&self) -> Vec<SegmentStat> {
        let end = self.catalog.end();
        let headers = self.headers(&end);
        let nexts = headers.iter().skip(1).map(|header| header.first_lsn).chain([end.chain.lsn]);
        let storage = self.catalog.storage().as_ref();
        headers.iter().zip(nexts).map(|(header, next)| segment_stat(storage, header, next, &end)).collect()
    }

    /// What all records are. `passed` is told how many bytes of segments had to be read, a piece at a time.
    pub fn contents(&self, passed: &mut dyn FnMut(u64)) -> Result<Contents, ReadError> {
        let end = self.catalog.end();
        let storage = self.catalog.storage().as_ref();
        let mut contents = Contents::default();
        for header in self.headers(&end) {
            let is_closed = header.segment_no < end.segment_no;
            match Summary::stored(storage, &header) {
                StoredSummary::Of(summary) if is_closed => contents.add_all(summary.contents()),
                _ => contents.add_all(&read(storage, &header, &end, passed)?),
            }
        }
        Ok(contents)
    }

    fn headers(&self, end: &End) -> Vec<SegmentHeader> {
        let segments = (0..=end.segment_no).filter_map(|number| self.catalog.segment(number));
        segments.map(|segment| segment.header.clone()).collect()
    }
}

fn segment_stat(storage: &dyn Storage, header: &SegmentHeader, next: u64, end: &End) -> SegmentStat {
    let in_use = header.segment_no == end.segment_no;
    let summary = match Summary::stored(storage, header) {
        _ if in_use => SummaryState::InUse,
        StoredSummary::Of(_) => SummaryState::Present,
        StoredSummary::Missing => SummaryState::Missing,
        StoredSummary::Wrong => SummaryState::Wrong,
    };
    SegmentStat {
        file: header.name(),
        first_lsn: header.first_lsn,
        records: next.saturating_sub(header.first_lsn),
        bytes: header.size(),
        used_bytes: if in_use { end.offset } else { header.size() },
        summary,
    }
}

/// Reads a segment up to the durable end.
fn read(
    storage: &dyn Storage,
    header: &SegmentHeader,
    end: &End,
    passed: &mut dyn FnMut(u64),
) -> Result<Contents, ReadError> {
    let mut view = SegmentView::open(storage, header)?;
    if header.segment_no == end.segment_no {
        view.set_limit(end.offset);
    }
    let mut contents = Contents::default();
    let mut chain = header.chain();
    let mut at = SEGMENT_HEADER_BYTES as u64;
    loop {
        match step(&mut view, at, &mut chain, &mut |_, record| contents.add(record))? {
            Step::Group { next } => {
                passed(next - at);
                at = next;
            }
            Step::Nothing => return Ok(contents),
            Step::Flawed(damage) => return Err(ReadError::Corrupt(Box::new(damage))),
        }
    }
}
