//! The streams that a store keeps, read back: what the fold would have in memory if it had let nothing go.
//!
//! Invariants:
//! - a stream comes back as a whole, from all its parts, or the store is broken
//! - one stream is held at a time, however many there are
//!
//! This module does not admit facts, and changes nothing.

use std::ops::ControlFlow;

use talon_domain::digest::Digest;
use talon_domain::ids::{PartitionId, StreamKey};
use talon_domain::stream::Stream;

use crate::kept::{self, Restored};
use crate::key::{Fields, Key, behind};
use crate::reading::{Reading, walk};
use crate::store::StoreError;
use crate::table::STREAMS;

/// The state digest of the streams that are kept, and how many it covers: that of the journal's history, as far as it was
/// committed.
pub fn state_digest(reading: &dyn Reading) -> Result<(Digest, u64), StoreError> {
    let (mut digest, mut count) = (Digest::default(), 0u64);
    each_stream(reading, &Key::new(), &mut |partition, key, restored| {
        let stream = restored.into_stream();
        if !stream.is_parked() && (key.merchant.0 != 0 || partition == PartitionId(0)) {
            digest.add(key, &stream);
            count = count.saturating_add(1);
        }
        Ok(())
    })?;
    Ok((digest, count))
}

/// The facts of a stream, as a store keeps them; `None` where it keeps none. Of what is broadcast, the copy of the first
/// partition.
pub fn stream_of(reading: &dyn Reading, key: StreamKey) -> Result<Option<Stream>, StoreError> {
    let (mut prefix, mut found) = (Key::new(), None);
    prefix.stream_key(key);
    each_stream(reading, &prefix, &mut |_, _, restored| {
        found.get_or_insert_with(|| restored.into_stream());
        Ok(())
    })?;
    Ok(found)
}

/// What is shown a stream, and may end the walk with an error.
pub(crate) type TakeStream<'t> = &'t mut dyn FnMut(PartitionId, StreamKey, Restored) -> Result<(), StoreError>;

/// Hands over the streams whose keys begin with these bytes, in the order of keys and then of partitions.
pub(crate) fn each_stream(reading: &dyn Reading, prefix: &Key, each: TakeStream<'_>) -> Result<(), StoreError> {
    each_within(reading, prefix.as_bytes(), behind(prefix.as_bytes()).as_deref(), each)
}

fn each_within(
    reading: &dyn Reading,
    from: &[u8],
    below: Option<&[u8]>,
    each: TakeStream<'_>,
) -> Result<(), StoreError> {
    let mut gathered: Option<Gathered> = None;
    walk(reading, STREAMS, from, below, &mut |key, part| {
        let mut fields = Fields::of(key);
        let place = fields.stream_key().zip(fields.u16().map(PartitionId)).zip(fields.u32());
        let ((stream, partition), number) = place.ok_or_else(unread)?;
        if number > 0 {
            return gathered.as_mut().ok_or_else(unread)?.go_on(partition, stream, number, part);
        }
        let (further, part) = kept::first_part(part).ok_or_else(unread)?;
        let next = Gathered { partition, stream, last: 0, further, row: part.to_vec() };
        gathered.replace(next).map_or(Ok(()), |whole| whole.end(&mut *each))
    })?;
    gathered.map_or(Ok(()), |whole| whole.end(each))
}

/// Streams as they come back, each with its partition and key.
pub(crate) type Back = Vec<(PartitionId, StreamKey, Restored)>;

/// The next streams from a key on, at most so many, and the key behind them, if there are more.
pub(crate) fn next_streams(
    reading: &dyn Reading,
    from: &[u8],
    most: usize,
) -> Result<(Back, Option<Vec<u8>>), StoreError> {
    // Streams are whole, so one more is begun before it is known that the last one has ended.
    let (mut begun, mut below) = (0usize, None);
    reading.scan(STREAMS, from, None, &mut |key, _| {
        begun = begun.saturating_add(usize::from(key.ends_with(&[0; 4])));
        if begun <= most {
            return ControlFlow::Continue(());
        }
        below = Some(key.to_vec());
        ControlFlow::Break(())
    })?;
    let mut back = Back::new();
    each_within(reading, from, below.as_deref(), &mut |partition, key, restored| {
        back.push((partition, key, restored));
        Ok(())
    })?;
    Ok((back, below))
}

/// The parts of one stream, as far as they have come.
struct Gathered {
    partition: PartitionId,
    stream: StreamKey,
    /// The number of the last part that came, and how many come behind the first.
    last: u32,
    further: u32,
    row: Vec<u8>,
}

impl Gathered {
    fn go_on(&mut self, partition: PartitionId, stream: StreamKey, number: u32, part: &[u8]) -> Result<(), StoreError> {
        let is_next = (partition, stream) == (self.partition, self.stream) && Some(number) == self.last.checked_add(1);
        if !is_next {
            return Err(unread());
        }
        self.last = number;
        self.row.extend_from_slice(part);
        Ok(())
    }

    fn end(self, each: TakeStream<'_>) -> Result<(), StoreError> {
        if self.last != self.further {
            return Err(unread());
        }
        let restored = kept::restore(self.stream, &self.row).ok_or_else(unread)?;
        each(self.partition, self.stream, restored)
    }
}

fn unread() -> StoreError {
    StoreError::Broken("a stream's facts cannot be read".to_owned())
}
