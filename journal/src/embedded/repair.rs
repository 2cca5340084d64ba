//! Repair: cutting everything behind one record, because a person said so.
//!
//! Recovery never cuts what might have been acknowledged. Where damage keeps a journal closed and no better copy is
//! left, an operator may name the last record to keep. Everything behind it is kept beside the segments under
//! `.torn-<lsn>` names and leaves the log. If the work is interrupted it is done again with the same lsn.

use std::io;
use std::path::Path;

use super::Chain;
use super::group::{GROUP_HEADER_BYTES, GroupBuffer, group_start};
use super::mark::{MARK_NAME, Mark};
use super::recovery::{TornTail, failed, free_name, keep_copy, write_zeros};
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader, first_lsn_of};
use super::summary::summary_name;
use super::survey::{read_header, segment_names};
use super::view::{FrameAt, GroupAt, SegmentView};
use super::walk::{Step, step};
use crate::error::{Damage, Flaw, OpenError};
use crate::partition::PARTITIONS;
use crate::storage::{Access, Claim, Folder, Storage};

/// Cuts the log of a ledger behind the record with this lsn. `holder` is told to whoever comes meanwhile.
///
/// # Errors
/// Conflict while another process writes; corrupt when what is to be kept does not verify itself.
pub fn repair_cut_after(ledger: &Path, lsn: u64, holder: &str) -> Result<TornTail, OpenError> {
    repair_cut_after_in(&Folder::new(ledger), lsn, holder)
}

/// `repair_cut_after` in any storage.
pub fn repair_cut_after_in(storage: &dyn Storage, lsn: u64, holder: &str) -> Result<TornTail, OpenError> {
    let _lock = match storage.claim(holder).map_err(|source| failed("claiming the writer's place", source))? {
        Claim::Ours(lock) => lock,
        Claim::Held { holder } => return Err(OpenError::Held { path: storage.path(), holder }),
    };
    if lsn < u64::from(PARTITIONS) - 1 {
        return Err(OpenError::Genesis { reason: "a cut keeps all of them" });
    }
    let names: Vec<String> = segment_names(storage)?.into_iter().collect();
    let kept = names.iter().rfind(|name| first_lsn_of(name).is_some_and(|first| first <= lsn));
    let kept = kept.ok_or_else(|| OpenError::NoJournal { path: storage.path() })?;
    let header = read_header(storage, kept)?.0.and_then(|bytes| SegmentHeader::parse(&bytes).ok());
    let header = header.ok_or_else(|| corrupt(kept, 0, Flaw::SegmentHeader))?;
    let place = find_cut(storage, &header, lsn)?;
    let later = names.iter().filter(|name| *name > kept);
    set_aside(storage, later.rev(), lsn.saturating_add(1))
        .map_err(|source| failed("setting later segments aside", source))?;
    place.apply(storage, &header, lsn)
}

/// Where the log will end, and what must be rewritten so that it can.
struct CutPlace {
    /// The log before the group in which the cut lies.
    chain: Chain,
    /// Where that group begins.
    group_at: u64,
    /// Where the group before it ends, without padding.
    before_end: u64,
    /// Its frames that stay; empty if the cut lies between groups.
    kept: GroupBuffer,
}

fn find_cut(storage: &dyn Storage, header: &SegmentHeader, lsn: u64) -> Result<CutPlace, OpenError> {
    let mut view = SegmentView::open(storage, header)?;
    let mut chain = header.chain();
    let mut group_at = SEGMENT_HEADER_BYTES as u64;
    let mut before_end = group_at;
    while chain.lsn <= lsn {
        let mut after = chain.clone();
        match step(&mut view, group_at, &mut after, &mut |_, _| ())? {
            Step::Group { next } if after.lsn <= lsn.saturating_add(1) => {
                before_end = group_end(&mut view, group_at)?;
                (chain, group_at) = (after, next);
            }
            // The cut lies in this group, whether the rest of it holds or not.
            Step::Group { .. } | Step::Flawed(_) => {
                let kept = keep_frames(&mut view, group_at, chain.clone(), lsn)?;
                return Ok(CutPlace { chain, group_at, before_end, kept });
            }
            Step::Nothing => return Err(OpenError::NoSuchRecord { lsn, end: chain.lsn }),
        }
    }
    Ok(CutPlace { chain, group_at, before_end, kept: GroupBuffer::new() })
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
    /// Cuts behind the place. The mark goes first: it would keep the shorter log closed. The shorter group gets its
    /// header before its old end is zero, so that at no moment it looks torn.
    fn apply(mut self, storage: &dyn Storage, header: &SegmentHeader, lsn: u64) -> Result<TornTail, OpenError> {
        remove_if_there(storage, MARK_NAME)?;
        remove_if_there(storage, &summary_name(&header.name()))?;
        let torn = self.what_goes(storage, header, lsn)?;
        self.write(storage, header, &torn).map_err(|source| failed("cutting the log", source))?;
        Ok(torn)
    }

    fn what_goes(&self, storage: &dyn Storage, header: &SegmentHeader, lsn: u64) -> Result<TornTail, OpenError> {
        // An interrupted repair has left the tail of a longer group in the padding: it goes too.
        let offset = if self.kept.count() == 0 { self.before_end } else { self.group_at + self.kept.size() };
        let last = SegmentView::open(storage, header)?.last_non_zero(offset, header.size())?;
        let bytes = last.map_or(0, |last| last + 1 - offset);
        Ok(TornTail { file: header.name(), offset, bytes, first_lsn: lsn + 1 })
    }

    fn write(&mut self, storage: &dyn Storage, header: &SegmentHeader, torn: &TornTail) -> io::Result<()> {
        storage.sync()?;
        if torn.bytes > 0 {
            keep_copy(storage, torn)?;
        }
        let mark = self.rewrite(storage, header)?;
        write_zeros(storage, torn)?;
        mark.map_or(Ok(()), |mark| write_mark(storage, &mark))
    }

    /// Gives the group in which the cut lies the header of the shorter group.
    fn rewrite(&mut self, storage: &dyn Storage, header: &SegmentHeader) -> io::Result<Option<Mark>> {
        if self.kept.count() == 0 {
            return Ok(None);
        }
        let group = self.kept.finish(header.salt, self.chain.lsn, self.chain.group_crc);
        let file = storage.open(&header.name(), Access::Write)?;
        file.write_at(self.kept.bytes(), self.group_at)?;
        file.sync()?;
        Ok(Some(Mark {
            next_lsn: self.chain.lsn + u64::from(group.count),
            segment_no: header.segment_no,
            offset: group_start(self.group_at + self.kept.size()),
            group_crc: group.crc,
        }))
    }
}

/// Takes segments out of the log, the last one first, so that what is left is a log at every moment.
fn set_aside<'n>(storage: &dyn Storage, names: impl Iterator<Item = &'n String>, lsn: u64) -> io::Result<()> {
    for name in names {
        storage.rename(name, &free_name(storage, name, lsn)?)?;
        storage.sync()?;
    }
    Ok(())
}

fn remove_if_there(storage: &dyn Storage, name: &str) -> Result<(), OpenError> {
    match storage.remove(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(|source| failed("removing what the cut makes wrong", source)),
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
