//! A batch of events on their way in: encoded events one behind the other, each with the number it came under. What
//! could not even be read is in it too, as a refusal, so that answers keep the order of the file.

use crate::refusal::Refusal;

/// Events in the largest batch.
pub const BATCH_EVENTS_MAX: usize = 10_000;
/// Bytes of events in the largest batch.
pub const BATCH_BYTES_MAX: usize = 4 << 20;

/// Events in the order in which they came.
#[derive(Debug, Default)]
pub struct EventBatch {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    event: Result<(usize, usize), Refusal>,
}

impl EventBatch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    /// How many events it holds, refused ones included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether another event of at most `bytes` bytes finds room.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.entries.len() < BATCH_EVENTS_MAX && self.bytes.len().saturating_add(bytes) <= BATCH_BYTES_MAX
    }

    /// Takes what `write` appends to the buffer as one event, or its refusal. `number` is its line or place in its
    /// source, from 1.
    ///
    /// # Panics
    /// If the batch is full, in events or in bytes: the caller asks [`EventBatch::has_room`] first.
    pub fn push_with(&mut self, number: u64, write: impl FnOnce(&mut Vec<u8>) -> Result<(), Refusal>) {
        assert!(self.entries.len() < BATCH_EVENTS_MAX, "a full batch is admitted before it takes more");
        let start = self.bytes.len();
        let event = write(&mut self.bytes).map(|()| (start, self.bytes.len()));
        if event.is_err() {
            self.bytes.truncate(start);
        }
        assert!(self.bytes.len() <= BATCH_BYTES_MAX, "a full batch is admitted before it takes more");
        self.entries.push(Entry { number, event });
    }

    /// Takes one encoded `talon.v1.Event`.
    pub fn push(&mut self, number: u64, event: &[u8]) {
        self.push_with(number, |bytes| {
            bytes.extend_from_slice(event);
            Ok(())
        });
    }

    /// The number under which an event came.
    pub fn number(&self, index: usize) -> Option<u64> {
        self.entries.get(index).map(|entry| entry.number)
    }

    /// Every event's bytes, or why it could not be read.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Result<&[u8], &Refusal>> {
        self.entries.iter().map(|entry| match &entry.event {
            Ok((start, end)) => Ok(self.bytes.get(*start..*end).unwrap_or_default()),
            Err(refusal) => Err(refusal),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_room_up_to_its_last_byte() {
        let mut batch = EventBatch::new();
        batch.push(1, &vec![0; BATCH_BYTES_MAX - 1]);
        assert!(batch.has_room(1) && !batch.has_room(2));
        batch.push(2, &[0]);
        assert_eq!((batch.len(), batch.has_room(1)), (2, false));
    }

    #[test]
    fn a_batch_takes_no_byte_more() {
        let too_much = std::panic::catch_unwind(|| EventBatch::new().push(1, &vec![0; BATCH_BYTES_MAX + 1]));
        assert!(too_much.is_err());
    }
}
