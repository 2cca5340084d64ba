//! Which segments there are, and whether their headers make one log.
//!
//! This module reads headers only.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::catalog::Segment;
use super::mark::MARK_NAME;
use super::repair::refuse_begun;
use super::segment::{HeaderFlaw, SEGMENT_HEADER_BYTES, SegmentHeader, first_lsn_of, segment_name};
use super::view::unreadable;
use crate::error::{Damage, Flaw, OpenError, ReadError};
use crate::storage::{Access, Storage};

/// The names of the segments, in the order of the log.
pub(crate) fn segment_names(storage: &dyn Storage) -> Result<BTreeSet<String>, ReadError> {
    let names = storage.list().map_err(|source| unreadable("the folder of the journal", source))?;
    Ok(names.into_iter().filter(|name| first_lsn_of(name).is_some()).collect())
}

/// A segment's header as it lies in its file, and the file's length.
pub(crate) fn read_header(
    storage: &dyn Storage,
    name: &str,
) -> Result<(Option<[u8; SEGMENT_HEADER_BYTES]>, u64), ReadError> {
    let file = storage.open(name, Access::Read).map_err(|source| unreadable(name, source))?;
    let size = file.size().map_err(|source| unreadable(name, source))?;
    if size < SEGMENT_HEADER_BYTES as u64 {
        return Ok((None, size));
    }
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    file.read_at(&mut bytes, 0).map_err(|source| unreadable(name, source))?;
    Ok((Some(bytes), size))
}

/// Where there is no segment there is no mark: it is written once the first segment has its name, so a mark alone
/// vouches for records that are gone.
pub(crate) fn refuse_lost(storage: &dyn Storage) -> Result<(), OpenError> {
    let names = storage.list().map_err(|source| unreadable("the folder of the journal", source))?;
    if names.iter().any(|name| name == MARK_NAME) {
        return Err(OpenError::Corrupt(Box::new(header_damage(&segment_name(0), Flaw::SegmentMissing))));
    }
    Ok(())
}

/// Damage to a segment's header.
pub(crate) fn header_damage(name: &str, flaw: Flaw) -> Damage {
    Damage { file: name.to_owned(), offset: 0, bytes: SEGMENT_HEADER_BYTES as u64, records: Vec::new(), flaw }
}

/// All segments, held against one another.
///
/// # Errors
/// No journal without a segment; corrupt when one is missing, damaged or out of its place, or a repair has not ended.
pub(crate) fn survey(storage: &dyn Storage) -> Result<Vec<Arc<Segment>>, OpenError> {
    refuse_begun(storage)?;
    let mut segments: Vec<Arc<Segment>> = Vec::new();
    for name in segment_names(storage)? {
        let header = sound_header(storage, &name)?;
        let in_place = match segments.last() {
            Some(before) => header.may_follow(&before.header),
            None => header.is_first(),
        };
        if !in_place || header.name() != name {
            let missing = segments.len() as u64 != header.segment_no;
            let flaw = if missing { Flaw::SegmentMissing } else { Flaw::SegmentOrder };
            return Err(OpenError::Corrupt(Box::new(header_damage(&name, flaw))));
        }
        segments.push(Arc::new(Segment::closed(header)));
    }
    if segments.is_empty() {
        return Err(OpenError::NoJournal { path: storage.path() });
    }
    Ok(segments)
}

fn sound_header(storage: &dyn Storage, name: &str) -> Result<SegmentHeader, OpenError> {
    let corrupt = |flaw| OpenError::Corrupt(Box::new(header_damage(name, flaw)));
    let (bytes, size) = read_header(storage, name)?;
    let bytes = bytes.ok_or_else(|| corrupt(Flaw::SegmentLength))?;
    let header = SegmentHeader::parse(&bytes).map_err(|flaw| match flaw {
        HeaderFlaw::Damaged => corrupt(Flaw::SegmentHeader),
        HeaderFlaw::Unsupported { format, partitions } => {
            OpenError::Unsupported { file: name.to_owned(), format, partitions }
        }
    })?;
    if header.size() == size { Ok(header) } else { Err(corrupt(Flaw::SegmentLength)) }
}
