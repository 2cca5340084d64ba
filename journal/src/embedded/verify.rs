//! Verifying: every byte that is in use held against what vouches for it, and all damage named.
//!
//! - segments, groups and frames against their checksums and against the chain that ties them together
//! - padding, gaps and the rest of closed segments against zero
//! - the mark and the summaries against the segments
//!
//! One flipped bit is found wherever it is. Damage does not end the search: what lies behind it is found again and
//! verified too. This module repairs nothing, and believes no header that another one contradicts.

use std::path::Path;

use talon_domain::ids::PartitionId;

use super::mark::{MARK_BYTES, MARK_NAME, Mark, MarkFound};
use super::recovery::TornTail;
use super::repair::refuse_begun;
use super::segment::{HeaderFlaw, SEGMENT_HEADER_BYTES, SegmentHeader, first_lsn_of, segment_name};
use super::summary::{Summary, summary_name};
use super::survey::{header_damage, read_header, segment_names};
use super::view::{GroupAt, SegmentView, unreadable};
use crate::error::{Damage, Flaw, OpenError, ReadError, Span};
use crate::partition::{PARTITIONS, Positions};
use crate::storage::{Access, Folder, Storage};

mod findings;
mod segment;

use findings::Findings;
use segment::SegmentCheck;

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of segments that were looked at.
    pub bytes: u64,
    /// Bytes of all segments.
    pub bytes_total: u64,
    /// Records that were verified.
    pub records: u64,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Segments.
    pub segments: u64,
    /// Bytes of all segments.
    pub bytes: u64,
    /// Groups: syncs that returned.
    pub groups: u64,
    /// Records whose checksum holds.
    pub records: u64,
    /// The next position of each partition.
    pub ends: Positions,
    /// A last group that was never durable. No damage: the next writer cuts it.
    pub torn: Option<TornTail>,
    /// What is wrong, in the order of the log: the first thousand places.
    pub damages: Vec<Damage>,
    /// How many more places there are, and runs of records that no damage names.
    pub damages_beyond: u64,
}

/// Verifies the journal of a ledger; while a writer is at work, up to its mark.
///
/// # Errors
/// When there is no journal, a repair of it has not ended, or nothing can be read at all. Damage is no error: it is what is looked for.
pub fn verify(ledger: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Verified, OpenError> {
    verify_in(&Folder::new(ledger), progress)
}

/// `verify` in any storage.
pub fn verify_in(storage: &dyn Storage, progress: &mut dyn FnMut(Progress)) -> Result<Verified, OpenError> {
    refuse_begun(storage)?;
    let is_live = storage.holder().map_err(|source| unreadable("the lock", source))?.is_some();
    let mark = MarkFound::read(storage).map_err(|source| unreadable("the mark", source))?;
    let mut names: Vec<String> = segment_names(storage)?.into_iter().collect();
    if is_live && let Some(mark) = mark.mark() {
        names.retain(|name| first_lsn_of(name).is_some_and(|first| first < mark.next_lsn));
    }
    if names.is_empty() {
        return Err(OpenError::NoJournal { path: storage.path() });
    }
    let live_until = mark.mark().filter(|_| is_live);
    let mut verifier = Verifier::new(storage, mark.mark(), live_until, &names)?;
    for (number, name) in names.iter().enumerate() {
        verifier.segment(number as u64, name, progress);
    }
    verifier.check_mark(mark)?;
    Ok(verifier.finish(names.len() as u64))
}

struct Verifier<'s> {
    storage: &'s dyn Storage,
    live_until: Option<Mark>,
    last: String,
    before: Option<SegmentHeader>,
    findings: Findings,
    progress: Progress,
}

impl<'s> Verifier<'s> {
    fn new(
        storage: &'s dyn Storage,
        mark: Option<Mark>,
        live_until: Option<Mark>,
        names: &[String],
    ) -> Result<Self, OpenError> {
        let mut bytes_total = 0;
        for name in names {
            let file = storage.open(name, Access::Read).map_err(|source| unreadable(name, source))?;
            bytes_total += file.size().map_err(|source| unreadable(name, source))?;
        }
        Ok(Self {
            storage,
            live_until,
            last: names.last().cloned().unwrap_or_default(),
            before: None,
            findings: Findings::new(mark),
            progress: Progress { bytes: 0, bytes_total, records: 0 },
        })
    }

    /// Verifies one segment. What cannot be read is damage like any other.
    fn segment(&mut self, number: u64, name: &str, progress: &mut dyn FnMut(Progress)) {
        let found = self.findings.count();
        let begun = self.progress.bytes;
        match self.try_segment(number, name, progress) {
            Ok(Some(header)) => {
                self.progress.bytes = begun + header.size();
                if self.findings.count() == found && name != self.last {
                    self.check_summary(&header);
                }
                self.before = Some(header);
            }
            Ok(None) => self.before = None,
            Err(_) => {
                self.findings.lose(header_damage(name, Flaw::Unreadable));
                self.before = None;
            }
        }
        progress(self.progress);
    }

    fn try_segment(
        &mut self,
        number: u64,
        name: &str,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Option<SegmentHeader>, ReadError> {
        let Some(header) = self.header(number, name)? else { return Ok(None) };
        let mut view = SegmentView::open(self.storage, &header)?;
        let is_last = name == self.last;
        if let Some(mark) = self.live_until.filter(|_| is_last) {
            view.set_limit(mark.offset);
        }
        let may_be_torn = is_last && self.live_until.is_none();
        let begun = self.progress.bytes;
        let mut check = SegmentCheck::new(&mut view, &mut self.findings, may_be_torn);
        while check.step()? {
            let (bytes, records) = (begun + check.at(), check.records());
            progress(Progress { bytes, records, ..self.progress });
        }
        self.progress.records = self.findings.records;
        Ok(Some(header))
    }

    /// The header, as far as it can be believed; `None` if nothing behind it can be verified.
    fn header(&mut self, number: u64, name: &str) -> Result<Option<SegmentHeader>, ReadError> {
        let (bytes, size) = read_header(self.storage, name)?;
        let Some(bytes) = bytes else {
            self.findings.lose(header_damage(name, Flaw::SegmentLength));
            return Ok(None);
        };
        let header = match SegmentHeader::parse(&bytes) {
            Ok(header) => header,
            Err(flaw) => return self.doubtful_header(name, &bytes, size, flaw),
        };
        if header.size() != size {
            self.findings.note(header_damage(name, Flaw::SegmentLength));
        }
        self.check_order(number, name, &header);
        self.findings.begin(&header);
        let readable = header.bytes.min(u32::try_from(size).unwrap_or(u32::MAX));
        Ok(Some(SegmentHeader { bytes: readable, ..header }))
    }

    /// A header that contradicts its checksum may still have the right salt: the first group tells.
    fn doubtful_header(
        &mut self,
        name: &str,
        bytes: &[u8; SEGMENT_HEADER_BYTES],
        size: u64,
        flaw: HeaderFlaw,
    ) -> Result<Option<SegmentHeader>, ReadError> {
        let damage = header_damage(name, Flaw::SegmentHeader);
        let (Some(first_lsn), Ok(bytes_in_file)) = (first_lsn_of(name), u32::try_from(size)) else {
            self.findings.lose(damage);
            return Ok(None);
        };
        let next = self.findings.next.clone();
        let header = SegmentHeader { first_lsn, bytes: bytes_in_file, next, ..SegmentHeader::fields(bytes) };
        let mut view = SegmentView::open(self.storage, &header)?;
        let is_read = matches!(view.group_at(SEGMENT_HEADER_BYTES as u64)?, GroupAt::Header(_));
        if is_read && flaw == HeaderFlaw::Damaged {
            self.findings.note(damage);
            return Ok(Some(header));
        }
        self.findings.lose(damage);
        Ok(None)
    }

    /// Whether a segment continues what was found so far; if not, what is missing between.
    fn check_order(&mut self, number: u64, name: &str, header: &SegmentHeader) {
        let lost = spans_between(&self.findings.next, &header.next);
        if !lost.is_empty() {
            let is_missing = header.segment_no != number;
            let file = self.before.as_ref().map_or_else(|| name.to_owned(), SegmentHeader::name);
            let file = if is_missing { segment_name(self.findings.next.total()) } else { file };
            let flaw = if is_missing { Flaw::SegmentMissing } else { Flaw::GroupOrder };
            let offset = if is_missing { 0 } else { self.findings.groups_end };
            self.findings.lost(Damage { file, offset, bytes: 0, records: lost, flaw });
            return;
        }
        let follows = match &self.before {
            Some(before) => header.may_follow(before) && self.findings.is_continued_by(header),
            None => header.first_lsn > 0 || header.is_first(),
        };
        if !follows || header.name() != name || self.findings.next != header.next {
            self.findings.note(header_damage(name, Flaw::SegmentOrder));
        }
    }

    fn check_summary(&mut self, header: &SegmentHeader) {
        if !matches!(Summary::is_as_stored(self.storage, header), Ok(true)) {
            let file = summary_name(&header.name());
            let size = self.storage.open(&file, Access::Read).and_then(|file| file.size()).unwrap_or(0);
            self.findings.note(Damage { file, offset: 0, bytes: size, records: Vec::new(), flaw: Flaw::Summary });
        }
    }

    fn check_mark(&mut self, mark: MarkFound) -> Result<(), ReadError> {
        let flaw = match mark {
            MarkFound::Absent => return Ok(()),
            MarkFound::Unreadable => Flaw::Mark,
            MarkFound::Mark(_) if !self.findings.holds_mark => Flaw::MarkDisagrees,
            MarkFound::Mark(_) => {
                let file = self.storage.open(MARK_NAME, Access::Read).map_err(|e| unreadable(MARK_NAME, e))?;
                let size = file.size().map_err(|source| unreadable(MARK_NAME, source))?;
                if size == MARK_BYTES as u64 {
                    return Ok(());
                }
                Flaw::Mark
            }
        };
        let bytes = MARK_BYTES as u64;
        self.findings.note(Damage { file: MARK_NAME.to_owned(), offset: 0, bytes, records: Vec::new(), flaw });
        Ok(())
    }

    fn finish(self, segments: u64) -> Verified {
        let Findings { groups, records, next: ends, torn, damages, beyond: damages_beyond, .. } = self.findings;
        Verified { segments, bytes: self.progress.bytes_total, groups, records, ends, torn, damages, damages_beyond }
    }
}

/// The records between two sets of positions.
fn spans_between(from: &Positions, to: &Positions) -> Vec<Span> {
    let partitions = (0..PARTITIONS).map(PartitionId);
    partitions.filter_map(|partition| Span::between(partition, from.next(partition), to.next(partition))).collect()
}
