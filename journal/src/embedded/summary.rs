//! A closed segment's summary, `<segment>.sum`: where its records are, when they were recorded, and of what they are.
//!
//! Derived from the segment alone and so the same whoever makes it; versioned; no evidence. One that is missing, of
//! another version, damaged or of another segment is made again. It binds nobody: readers check what it points at.

use std::io;

use talon_domain::ids::{PartitionId, Position};

use super::index::{Index, Spot};
use super::keeper::Cancel;
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};
use super::view::{SegmentView, unreadable};
use super::walk::{Passed, Step, step};
use crate::error::{Flaw, ReadError};
use crate::partition::{PARTITIONS, Positions};
use crate::storage::{Access, Storage};

mod bytes;
mod contents;

pub use contents::Contents;

use bytes::{Sink, Source};

const MAGIC: [u8; 8] = *b"TALONSUM";
const VERSION: u16 = 2;
const HASH_CHUNK_BYTES: u64 = 256 << 10;

/// What a closed segment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    segment_salt: u64,
    hash: [u8; 32],
    next: Positions,
    index: Index,
    contents: Contents,
}

/// A summary as it is found in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoredSummary {
    /// It is the segment's.
    Of(Box<Summary>),
    Missing,
    /// Damaged, another segment's, or of another version.
    Wrong,
}

/// The name of a segment's summary.
pub(crate) fn summary_name(segment: &str) -> String {
    format!("{segment}.sum")
}

impl Summary {
    /// A segment's summary: the stored one, or one made from the segment.
    pub(crate) fn of(storage: &dyn Storage, header: &SegmentHeader) -> Result<Self, ReadError> {
        match Self::stored(storage, header) {
            StoredSummary::Of(summary) => Ok(*summary),
            StoredSummary::Missing | StoredSummary::Wrong => Self::make(storage, header, &Cancel::default()),
        }
    }

    /// The stored summary, if there is one that is this segment's.
    pub(crate) fn stored(storage: &dyn Storage, header: &SegmentHeader) -> StoredSummary {
        match stored_bytes(storage, header) {
            Ok(None) => StoredSummary::Missing,
            Ok(Some(bytes)) => Self::decode(&bytes, header)
                .map_or(StoredSummary::Wrong, |summary| StoredSummary::Of(Box::new(summary))),
            Err(_) => StoredSummary::Wrong,
        }
    }

    /// Stores a segment's summary if it is not there yet. The segment must be closed.
    pub(crate) fn store(storage: &dyn Storage, header: &SegmentHeader, cancel: &Cancel) -> Result<(), ReadError> {
        if matches!(Self::stored(storage, header), StoredSummary::Of(_)) {
            return Ok(());
        }
        let bytes = Self::make(storage, header, cancel)?.encode();
        let name = summary_name(&header.name());
        let new_name = format!("{name}.new");
        let stored = (|| {
            let file = storage.open(&new_name, Access::Create)?;
            file.write_at(&bytes, 0)?;
            file.sync()?;
            storage.rename(&new_name, &name)
        })();
        if stored.is_err() {
            let _ = storage.remove(&new_name); // what is left of it the next writer clears away
        }
        stored.map_err(|source| unreadable(&name, source))
    }

    /// Whether the stored summary, if there is one, is the one that the segment gives. Of one that another release made
    /// nothing is known: it is made again.
    pub(crate) fn is_as_stored(storage: &dyn Storage, header: &SegmentHeader) -> Result<bool, ReadError> {
        match stored_bytes(storage, header).map_err(|source| unreadable(&header.name(), source))? {
            Some(stored) if !is_of_another_version(&stored) => {
                Ok(stored == Self::make(storage, header, &Cancel::default())?.encode())
            }
            _ => Ok(true),
        }
    }

    fn make(storage: &dyn Storage, header: &SegmentHeader, cancel: &Cancel) -> Result<Self, ReadError> {
        let mut view = SegmentView::open(storage, header)?;
        let mut index = Index::new(header.next.clone());
        let mut contents = Contents::default();
        let mut chain = header.chain();
        let mut at = SEGMENT_HEADER_BYTES as u64;
        loop {
            cancel.check().map_err(|source| unreadable(view.name(), source))?;
            let mut seen = |passed: Passed, record: &[u8]| {
                index.pass(passed);
                contents.add(record);
            };
            match step(&mut view, at, &mut chain, &mut seen)? {
                Step::Group { next } => at = next,
                Step::Nothing => break,
                Step::Flawed(damage) => return Err(ReadError::Corrupt(Box::new(damage))),
            }
        }
        if view.first_non_zero(at, header.size())?.is_some() {
            return Err(ReadError::Corrupt(Box::new(view.damage(at, header.size() - at, Flaw::NotZero))));
        }
        let hash = hash_of(&mut view, cancel)?;
        Ok(Self { segment_salt: header.salt, hash, next: chain.next, index, contents })
    }

    pub(crate) const fn contents(&self) -> &Contents {
        &self.contents
    }

    pub(crate) fn into_index(self) -> Index {
        self.index
    }

    fn encode(&self) -> Vec<u8> {
        let mut to = Sink::new();
        to.bytes(&MAGIC);
        to.bytes(&VERSION.to_le_bytes());
        to.u64(self.segment_salt);
        to.bytes(&self.hash);
        for (((_, first), (_, next)), spots) in self.index.first().iter().zip(self.next.iter()).zip(self.index.spots())
        {
            to.u64(first.0);
            to.u64(next.0);
            to.list(spots.iter(), |to, spot| {
                to.u64(spot.group_at());
                to.u64(spot.frame_at());
            });
        }
        self.contents.encode(&mut to);
        to.finish()
    }

    fn decode(bytes: &[u8], header: &SegmentHeader) -> Option<Self> {
        let mut from = Source::new(bytes)?;
        let is_ours = from.bytes::<8>()? == MAGIC && u16::from_le_bytes(from.bytes()?) == VERSION;
        if !is_ours || from.u64()? != header.salt {
            return None;
        }
        let hash = from.bytes()?;
        let mut index = Index::new(header.next.clone());
        let mut next = Positions::beginning();
        for partition in (0..PARTITIONS).map(PartitionId) {
            if from.u64()? != header.next.next(partition).0 {
                return None;
            }
            next.set(partition, Position(from.u64()?));
            for _ in 0..from.u64()? {
                index.push(partition, Spot::new(from.u64()?, from.u64()?));
            }
        }
        let contents = Contents::decode(&mut from)?;
        from.is_at_end().then_some(Self { segment_salt: header.salt, hash, next, index, contents })
    }
}

fn is_of_another_version(bytes: &[u8]) -> bool {
    let version = Source::new(bytes).and_then(|mut from| {
        let is_summary = from.bytes::<8>()? == MAGIC;
        from.bytes().map(u16::from_le_bytes).filter(|_| is_summary)
    });
    version.is_some_and(|version| version != VERSION)
}

fn stored_bytes(storage: &dyn Storage, header: &SegmentHeader) -> io::Result<Option<Vec<u8>>> {
    let file = match storage.open(&summary_name(&header.name()), Access::Read) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let size = file.size()?;
    if size > header.size() {
        return Ok(Some(Vec::new())); // larger than what it sums up: not one of ours
    }
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    file.read_at(&mut bytes, 0)?;
    Ok(Some(bytes))
}

fn hash_of(view: &mut SegmentView, cancel: &Cancel) -> Result<[u8; 32], ReadError> {
    let mut hasher = blake3::Hasher::new();
    let mut at = 0;
    while at < view.limit() {
        cancel.check().map_err(|source| unreadable(view.name(), source))?;
        let len = HASH_CHUNK_BYTES.min(view.limit() - at);
        hasher.update(view.bytes(at, len)?.unwrap_or_default());
        at += len;
    }
    Ok(hasher.finalize().into())
}
