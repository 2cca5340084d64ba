//! Following a writer in another process: as far as its mark while it lives, and to the end that recovery would find
//! once nobody writes; then as far as the next writer's mark.
//!
//! - every group is held against its checksums here too, so a reader shows nothing that no writer wrote
//! - what no mark vouches for is shown only if nobody came to write while it was read, and is synced before
//!
//! This module writes nothing.

use std::io;
use std::sync::Arc;

use super::Chain;
use super::catalog::{Catalog, End, News, Segment};
use super::group::GROUP_HEADER_BYTES;
use super::index::{Index, Spot};
use super::mark::{Mark, MarkFound};
use super::recovery::sync_shown;
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader, segment_name};
use super::survey::{header_damage, read_header, segment_names, survey};
use super::torn::{Verdict, judge};
use super::view::{SegmentView, is_zero, unreadable};
use super::walk::{Passed, Step, step};
use crate::error::{Damage, Flaw, OpenError, ReadError};
use crate::partition::Positions;
use crate::storage::Storage;
use talon_domain::ids::PartitionId;

/// A place in a log that another process writes.
#[derive(Debug)]
pub(crate) struct Follower {
    view: SegmentView,
    at: u64,
    chain: Chain,
    /// What was seen and is not published yet: it stays if a read fails on the way, and is published by the next try.
    unpublished: Unpublished,
    /// The header of a group here that was judged to be torn: it is not read again and again.
    torn: Option<Vec<u8>>,
    /// Whether syncing what lies here failed: only a writer, who writes it again, can vouch for it now.
    is_doubtful: bool,
}

#[derive(Debug, Default)]
struct Unpublished {
    opened: Option<Arc<Segment>>,
    spots: Vec<(PartitionId, Spot)>,
}

impl Follower {
    /// A follower that goes on behind an end that is known.
    pub(crate) fn behind(storage: &dyn Storage, header: &SegmentHeader, end: &End) -> Result<Self, ReadError> {
        let view = SegmentView::open(storage, header)?;
        Ok(Self::at(view, end.offset, end.chain.clone()))
    }

    /// Opens a log while its writer is at work.
    pub(crate) fn open(storage: &Arc<dyn Storage>) -> Result<(Self, Catalog), OpenError> {
        let mark = MarkFound::read(storage.as_ref()).map_err(|source| unreadable("the mark", source))?.mark();
        let mut segments = survey(storage.as_ref())?;
        let mark = mark.ok_or_else(|| OpenError::Unavailable {
            what: "reading the mark of a journal that has only begun".to_owned(),
            source: io::ErrorKind::WouldBlock.into(),
        })?;
        segments.retain(|segment| segment.header.segment_no <= mark.segment_no);
        let last = segments.pop().ok_or_else(|| OpenError::NoJournal { path: storage.path() })?;
        let header = last.header.clone();
        let at = SEGMENT_HEADER_BYTES as u64;
        let (segment_no, chain) = (header.segment_no, header.chain());
        let end = End { segment_no, offset: at, chain: chain.clone(), last_group: (segment_no, at) };
        segments.push(Arc::new(Segment::active(header.clone(), Index::new(header.next.clone()))));
        let catalog = Catalog::new(Arc::clone(storage), segments, end);
        let view = SegmentView::open(storage.as_ref(), &header)?;
        let mut follower = Self::at(view, at, chain);
        follower.go_to(&catalog, mark)?;
        Ok((follower, catalog))
    }

    fn at(view: SegmentView, at: u64, chain: Chain) -> Self {
        Self { view, at, chain, unpublished: Unpublished::default(), torn: None, is_doubtful: false }
    }

    /// Takes in what has become durable since.
    pub(crate) fn refresh(&mut self, catalog: &Catalog) -> Result<(), ReadError> {
        let found = MarkFound::read(catalog.storage().as_ref()).map_err(|source| unreadable("the mark", source))?;
        if let Some(mark) = found.mark().filter(|mark| mark.next_lsn > self.chain.lsn) {
            self.go_to(catalog, mark)?;
        }
        self.go_on_alone(catalog)
    }

    /// Takes in what a writer that is gone left behind its mark, segment by segment.
    fn go_on_alone(&mut self, catalog: &Catalog) -> Result<(), ReadError> {
        let storage = catalog.storage().as_ref();
        while !self.is_doubtful && !is_written(storage)? {
            if self.begins_group()? && self.walk_alone(storage)? {
                self.publish(catalog, (self.view.header().segment_no, self.at));
            } else if self.is_followed(storage)? {
                self.unpublished.opened = Some(self.next_segment(storage)?);
                self.publish(catalog, catalog.end().last_group);
            } else {
                break;
            }
        }
        Ok(())
    }

    /// Whether something lies where the next group would begin, other than a group that is torn.
    fn begins_group(&mut self) -> Result<bool, ReadError> {
        self.view.set_limit(self.at + GROUP_HEADER_BYTES as u64);
        let header = self.view.bytes(self.at, GROUP_HEADER_BYTES as u64)?;
        let begins = header.is_some_and(|header| !is_zero(header) && self.torn.as_deref() != Some(header));
        self.view.forget();
        Ok(begins)
    }

    /// Whether there is a segment behind this one.
    fn is_followed(&self, storage: &dyn Storage) -> Result<bool, ReadError> {
        let name = segment_name(self.chain.lsn);
        let is_other = self.chain.lsn > self.view.header().first_lsn;
        Ok(is_other && segment_names(storage)?.contains(&name))
    }

    /// Walks to the end of the segment. If somebody came to write meanwhile, or nothing holds, it was for nothing.
    fn walk_alone(&mut self, storage: &dyn Storage) -> Result<bool, ReadError> {
        let before = (self.at, self.chain.clone(), self.unpublished.spots.len());
        let walked = self.walk_to_end();
        self.view.forget();
        let written = is_written(storage);
        if walked.is_ok() && self.at > before.0 && matches!(written, Ok(false)) {
            self.is_doubtful = sync_shown(storage, &self.view).is_err();
            if !self.is_doubtful {
                return Ok(true);
            }
        }
        (self.at, self.chain) = (before.0, before.1);
        self.unpublished.spots.truncate(before.2);
        if written? { Ok(false) } else { walked.map(|()| false) }
    }

    fn walk_to_end(&mut self) -> Result<(), ReadError> {
        self.view.set_limit(u64::MAX);
        let Some(damage) = self.walk_groups()? else { return Ok(()) };
        if judge(&mut self.view, self.at, &self.chain)? == Verdict::Damaged {
            return Err(ReadError::Corrupt(Box::new(damage)));
        }
        self.torn = self.view.bytes(self.at, GROUP_HEADER_BYTES as u64)?.map(<[u8]>::to_vec);
        Ok(())
    }

    fn publish(&mut self, catalog: &Catalog, last_group: (u64, u64)) {
        let segment_no = self.view.header().segment_no;
        let end = End { segment_no, offset: self.at, chain: self.chain.clone(), last_group };
        let Unpublished { opened, spots } = std::mem::take(&mut self.unpublished);
        catalog.publish(News { opened, end, spots: &spots });
    }

    fn go_to(&mut self, catalog: &Catalog, mark: Mark) -> Result<(), ReadError> {
        loop {
            let is_last = self.view.header().segment_no >= mark.segment_no;
            self.walk(mark, is_last)?;
            self.publish(catalog, (mark.segment_no, mark.offset));
            self.is_doubtful = false;
            if is_last {
                return Ok(());
            }
            self.unpublished.opened = Some(self.next_segment(catalog.storage().as_ref())?);
        }
    }

    /// Walks the segment in hand to its end, or to the mark.
    fn walk(&mut self, mark: Mark, is_last: bool) -> Result<(), ReadError> {
        self.view.set_limit(if is_last { mark.offset } else { u64::MAX });
        if let Some(damage) = self.walk_groups()? {
            return Err(ReadError::Corrupt(Box::new(damage)));
        }
        let reached = (self.at, self.chain.lsn, self.chain.group_crc);
        if is_last && reached != (mark.offset, mark.next_lsn, mark.group_crc) {
            return Err(ReadError::Corrupt(Box::new(self.view.damage(self.at, 0, Flaw::MarkDisagrees))));
        }
        Ok(())
    }

    /// Walks on, group by group: a group that cannot be read leaves no trace, and one that does not hold is named.
    fn walk_groups(&mut self) -> Result<Option<Damage>, ReadError> {
        let first: Positions = self.view.header().next.clone();
        loop {
            let (mut chain, mut spots) = (self.chain.clone(), Vec::new());
            let mut seen = |Passed { frame, spot }: Passed, _: &[u8]| {
                if Index::is_noted(first.next(frame.partition), frame.position) {
                    spots.push((frame.partition, spot));
                }
            };
            match step(&mut self.view, self.at, &mut chain, &mut seen)? {
                Step::Group { next } => (self.at, self.chain) = (next, chain),
                Step::Nothing => return Ok(None),
                Step::Flawed(damage) => return Ok(Some(damage)),
            }
            self.unpublished.spots.append(&mut spots);
        }
    }

    fn next_segment(&mut self, storage: &dyn Storage) -> Result<Arc<Segment>, ReadError> {
        let name = segment_name(self.chain.lsn);
        let header = read_header(storage, &name)?.0.and_then(|bytes| SegmentHeader::parse(&bytes).ok());
        let follows = |header: &SegmentHeader| header.may_follow(self.view.header()) && header.chain() == self.chain;
        let header = header
            .filter(follows)
            .ok_or_else(|| ReadError::Corrupt(Box::new(header_damage(&name, Flaw::SegmentOrder))))?;
        self.view = SegmentView::open(storage, &header)?;
        self.at = SEGMENT_HEADER_BYTES as u64;
        let index = Index::new(header.next.clone());
        Ok(Arc::new(Segment::active(header, index)))
    }
}

/// Whether somebody has the writer's place.
fn is_written(storage: &dyn Storage) -> Result<bool, ReadError> {
    Ok(storage.holder().map_err(|source| unreadable("the lock", source))?.is_some())
}
