//! Repair: cutting everything behind one record, because a person said so.
//!
//! Recovery never cuts what might have been acknowledged. Where damage keeps a journal closed and no better copy is
//! left, an operator may name the last record to keep. Everything behind it is kept beside the segments under
//! `.torn-<lsn>` names and leaves the log.
//!
//! ```text
//! find the cut --> the caller's word --> copy --> note --> mark, later segments, group, zeros --> mark --> no note
//!       nothing is changed, and all is there       |    nothing opens, the same repair ends it    |   it is cut
//! ```
//!
//! Invariants:
//! - what needs room is done before anything is changed
//! - a log that is shorter than it was does not open before the cut is whole and durable
//! - what an interrupted repair wrote is written again: after a failed sync the cache shows what no disk has
//!
//! This module does not know what a record says, nor who is told of the cut.

use std::io;
use std::path::Path;

use super::Chain;
use super::group::{GROUP_HEADER_BYTES, GroupBuffer, group_start};
use super::mark::{MARK_NAME, Mark};
use super::recovery::{TornTail, failed, free_name, keep_copy, longest_cut, mark_at, rewrite, write_zeros};
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader, first_lsn_of};
use super::summary::summary_name;
use super::survey::{read_header, segment_names};
use super::view::{FrameAt, GroupAt, SegmentView};
use super::walk::{Step, step};
use crate::error::{Damage, Flaw, OpenError};
use crate::partition::PARTITIONS;
use crate::storage::{Access, Claim, Folder, Storage};

mod note;

pub(crate) use note::refuse_begun;

/// Cuts the log of a ledger behind the record with this lsn. `holder` is told to whoever comes meanwhile; `before_cut` is
/// called in the writer's place, when it is known that the cut can be made and nothing is changed yet.
///
/// # Errors
/// Conflict while another process writes; corrupt when what is to be kept does not verify itself, or when a repair that
/// cuts elsewhere was begun and not ended; what `before_cut` says.
pub fn repair_cut_after(
    ledger: &Path,
    lsn: u64,
    holder: &str,
    before_cut: &mut dyn FnMut() -> io::Result<()>,
) -> Result<TornTail, OpenError> {
    repair_cut_after_in(&Folder::new(ledger), lsn, holder, before_cut)
}

/// `repair_cut_after` in any storage.
pub fn repair_cut_after_in(
    storage: &dyn Storage,
    lsn: u64,
    holder: &str,
    before_cut: &mut dyn FnMut() -> io::Result<()>,
) -> Result<TornTail, OpenError> {
    let _lock = match storage.claim(holder).map_err(|source| failed("claiming the writer's place", source))? {
        Claim::Ours(lock) => lock,
        Claim::Held { holder } => return Err(OpenError::Held { path: storage.path(), holder }),
    };
    if lsn < u64::from(PARTITIONS) - 1 {
        return Err(OpenError::Genesis { reason: "a cut keeps all of them" });
    }
    let is_begun = note::begun(storage)?.is_some();
    if is_begun {
        note::refuse_other(storage, lsn)?;
    }
    let (header, later) = segments(storage, lsn)?;
    let mut place = find_cut(storage, &header, lsn)?;
    let torn = place.what_goes(storage, &header, lsn)?;
    before_cut().map_err(|source| failed("what comes before the cut", source))?;
    if !is_begun {
        begin(storage, &torn, lsn).map_err(|source| failed("making ready for the cut", source))?;
    }
    place.cut(storage, &header, &later, &torn).map_err(|source| failed("cutting the log", source))?;
    note::remove(storage, lsn).map_err(|source| failed("ending the cut", source))?;
    Ok(torn)
}

/// Whether a repair of a ledger was begun and not ended, and which record it cuts after.
///
/// # Errors
/// Unavailable when the folder cannot be read.
pub fn repair_begun(ledger: &Path) -> Result<Option<u64>, OpenError> {
    Ok(note::begun(&Folder::new(ledger))?)
}

/// The segment in which the cut lies, and the names of those behind it.
fn segments(storage: &dyn Storage, lsn: u64) -> Result<(SegmentHeader, Vec<String>), OpenError> {
    let mut names: Vec<String> = segment_names(storage)?.into_iter().collect();
    let kept = names.iter().rposition(|name| first_lsn_of(name).is_some_and(|first| first <= lsn));
    let later = names.split_off(kept.map_or(0, |kept| kept + 1));
    let kept = names.last().ok_or_else(|| OpenError::NoJournal { path: storage.path() })?;
    let header = read_header(storage, kept)?.0.and_then(|bytes| SegmentHeader::parse(&bytes).ok());
    Ok((header.ok_or_else(|| corrupt(kept, 0, Flaw::SegmentHeader))?, later))
}

/// Copies what goes, then leaves the note.
fn begin(storage: &dyn Storage, torn: &TornTail, lsn: u64) -> io::Result<()> {
    if torn.bytes > 0 {
        keep_copy(storage, torn)?;
    }
    note::leave(storage, lsn)
}

/// Where the log will end, and what must be rewritten so that it can.
struct CutPlace {
    /// The log before the group in which the cut lies.
    chain: Chain,
    /// Where that group begins.
    group_at: u64,
    /// Where the group before it begins, and where it ends, without padding.
    before: (u64, u64),
    /// Its frames that stay; empty if the cut lies between groups.
    kept: GroupBuffer,
}

fn find_cut(storage: &dyn Storage, header: &SegmentHeader, lsn: u64) -> Result<CutPlace, OpenError> {
    let mut view = SegmentView::open(storage, header)?;
    let mut chain = header.chain();
    let mut group_at = SEGMENT_HEADER_BYTES as u64;
    let mut before = (group_at, group_at);
    while chain.lsn <= lsn {
        let mut after = chain.clone();
        match step(&mut view, group_at, &mut after, &mut |_, _| ())? {
            Step::Group { next } if after.lsn <= lsn.saturating_add(1) => {
                before = (group_at, group_end(&mut view, group_at)?);
                (chain, group_at) = (after, next);
            }
            // The cut lies in this group, whether the rest of it holds or not.
            Step::Group { .. } | Step::Flawed(_) => {
                let kept = keep_frames(&mut view, group_at, chain.clone(), lsn)?;
                return Ok(CutPlace { chain, group_at, before, kept });
            }
            Step::Nothing => return Err(OpenError::NoSuchRecord { lsn, end: chain.lsn }),
        }
    }
    Ok(CutPlace { chain, group_at, before, kept: GroupBuffer::new() })
}

/// Where a sound group ends, without padding.
fn group_end(view: &mut SegmentView, group_at: u64) -> Result<u64, OpenError> {
    match view.group_at(group_at)? {
        GroupAt::Header(group) => Ok(group_at + u64::from(group.bytes)),
        GroupAt::Nothing | GroupAt::Unreadable => Err(corrupt(view.name(), group_at, Flaw::GroupHeader)),
    }
}

/// The frames of a group up to a record; every one of them must hold.
fn keep_frames(view: &mut SegmentView, group_at: u64, mut chain: Chain, lsn: u64) -> Result<GroupBuffer, OpenError> {
    let mut kept = GroupBuffer::new();
    let GroupAt::Header(group) = view.group_at(group_at)? else {
        return Err(corrupt(view.name(), group_at, Flaw::GroupHeader));
    };
    let end = group_at + u64::from(group.bytes);
    let mut at = group_at + GROUP_HEADER_BYTES as u64;
    while chain.lsn <= lsn {
        let FrameAt::Intact(frame) = view.frame_at(at, end)? else {
            return Err(corrupt(view.name(), at, Flaw::Record));
        };
        if frame.position != chain.next.take(frame.partition) {
            return Err(corrupt(view.name(), at, Flaw::RecordOrder));
        }
        let salt = view.header().salt;
        kept.push(salt, frame.partition, frame.position, view.record(at, &frame)?.unwrap_or_default());
        chain.lsn += 1;
        at += frame.size();
    }
    Ok(kept)
}

impl CutPlace {
    /// Where the shorter log ends, without padding.
    fn end(&self) -> u64 {
        if self.kept.count() == 0 { self.before.1 } else { self.group_at + self.kept.size() }
    }

    /// What goes from the segment in which the cut lies.
    fn what_goes(&self, storage: &dyn Storage, header: &SegmentHeader, lsn: u64) -> Result<TornTail, OpenError> {
        // An interrupted repair has left the tail of a longer group in the padding: it goes too.
        let offset = self.end();
        let last = SegmentView::open(storage, header)?.last_non_zero(offset, header.size())?;
        let bytes = last.map_or(0, |last| last + 1 - offset);
        Ok(TornTail { file: header.name(), offset, bytes, first_lsn: lsn + 1 })
    }

    /// Cuts behind the place, durably. The shorter group gets its header before its old end is zero.
    fn cut(
        &mut self,
        storage: &dyn Storage,
        header: &SegmentHeader,
        later: &[String],
        torn: &TornTail,
    ) -> io::Result<()> {
        remove_if_there(storage, MARK_NAME)?;
        remove_if_there(storage, &summary_name(&torn.file))?;
        storage.sync()?;
        set_aside(storage, later.iter().rev(), torn.first_lsn)?;
        let mark = self.write_end(storage, header)?;
        // Zeros that an interrupted repair wrote show nothing of what they were to cover: the copy tells how long it was.
        let bytes = torn.bytes.max(longest_cut(storage, &torn.file)?).min(header.size().saturating_sub(torn.offset));
        write_zeros(storage, &TornTail { bytes, ..torn.clone() })?;
        write_mark(storage, &mark)
    }

    /// Writes the last group: shorter, if the cut lies in it, and else as it is.
    fn write_end(&mut self, storage: &dyn Storage, header: &SegmentHeader) -> io::Result<Mark> {
        if self.kept.count() == 0 {
            rewrite(storage, &header.name(), self.before.0, self.before.1)?;
            return Ok(mark_at(header, self.group_at, &self.chain));
        }
        let group = self.kept.finish(header.salt, self.chain.lsn, self.chain.group_crc);
        let file = storage.open(&header.name(), Access::Write)?;
        file.write_at(self.kept.bytes(), self.group_at)?;
        file.sync()?;
        Ok(Mark {
            next_lsn: self.chain.lsn + u64::from(group.count),
            segment_no: header.segment_no,
            offset: group_start(self.end()),
            group_crc: group.crc,
        })
    }
}

/// Takes segments out of the log, the last one first, so that what is left is a log at every moment. Their summaries go:
/// a segment that comes may have the same name.
fn set_aside<'n>(storage: &dyn Storage, names: impl Iterator<Item = &'n String>, lsn: u64) -> io::Result<()> {
    for name in names {
        remove_if_there(storage, &summary_name(name))?;
        storage.rename(name, &free_name(storage, name, lsn)?)?;
        storage.sync()?;
    }
    Ok(())
}

fn remove_if_there(storage: &dyn Storage, name: &str) -> io::Result<()> {
    match storage.remove(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn write_mark(storage: &dyn Storage, mark: &Mark) -> io::Result<()> {
    let file = storage.open(MARK_NAME, Access::Create)?;
    file.write_at(&mark.encode(), 0)?;
    file.sync()?;
    storage.sync()
}

fn corrupt(file: &str, offset: u64, flaw: Flaw) -> OpenError {
    OpenError::Corrupt(Box::new(Damage { file: file.to_owned(), offset, bytes: 0, records: Vec::new(), flaw }))
}
