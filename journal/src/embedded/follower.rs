//! Following a writer in another process: as far as its mark, and no further.
//!
//! Every group is held against its checksums here too, so a reader shows nothing that the writer did not write.
//! This module writes nothing.

use std::io;
use std::sync::Arc;

use super::Chain;
use super::catalog::{Catalog, End, News, Segment};
use super::index::{Index, Spot};
use super::mark::{Mark, MarkFound};
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader, segment_name};
use super::survey::{header_damage, read_header, survey};
use super::view::{SegmentView, unreadable};
use super::walk::{Passed, Step, step};
use crate::error::{Flaw, OpenError, ReadError};
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
        Ok(Self { view, at: end.offset, chain: end.chain.clone(), unpublished: Unpublished::default() })
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
        let mut follower = Self { view, at, chain, unpublished: Unpublished::default() };
        follower.go_to(&catalog, mark)?;
        Ok((follower, catalog))
    }

    /// Takes in what has become durable since.
    pub(crate) fn refresh(&mut self, catalog: &Catalog) -> Result<(), ReadError> {
        let found = MarkFound::read(catalog.storage().as_ref()).map_err(|source| unreadable("the mark", source))?;
        match found.mark() {
            Some(mark) if mark.next_lsn > self.chain.lsn => self.go_to(catalog, mark),
            _ => Ok(()),
        }
    }

    fn go_to(&mut self, catalog: &Catalog, mark: Mark) -> Result<(), ReadError> {
        loop {
            let is_last = self.view.header().segment_no >= mark.segment_no;
            self.walk(mark, is_last)?;
            let segment_no = self.view.header().segment_no;
            let last_group = (mark.segment_no, mark.offset);
            let end = End { segment_no, offset: self.at, chain: self.chain.clone(), last_group };
            let Unpublished { opened, spots } = std::mem::take(&mut self.unpublished);
            catalog.publish(News { opened, end, spots: &spots });
            if is_last {
                return Ok(());
            }
            self.unpublished.opened = Some(self.next_segment(catalog.storage().as_ref())?);
        }
    }

    /// Walks the segment in hand to its end, or to the mark, group by group: a group that cannot be read leaves no trace.
    fn walk(&mut self, mark: Mark, is_last: bool) -> Result<(), ReadError> {
        self.view.set_limit(if is_last { mark.offset } else { u64::MAX });
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
                Step::Nothing => break,
                Step::Flawed(damage) => return Err(ReadError::Corrupt(Box::new(damage))),
            }
            self.unpublished.spots.append(&mut spots);
        }
        let reached = (self.at, self.chain.lsn, self.chain.group_crc);
        if is_last && reached != (mark.offset, mark.next_lsn, mark.group_crc) {
            return Err(ReadError::Corrupt(Box::new(self.view.damage(self.at, 0, Flaw::MarkDisagrees))));
        }
        Ok(())
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
