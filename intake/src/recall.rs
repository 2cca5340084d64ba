//! Reading what was kept, for one batch: events that come again mostly come in the order in which they were kept, so a
//! reader of each partition is left where it stands and goes on from there.

use std::collections::BTreeMap;

use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Journal, ReadError, Reader};

/// How far a reader goes on rather than being set anew: about as many records as lie between two entries of an index.
const STRIDE_MAX: u64 = 256;

/// Readers of one journal, one for each partition that was asked for.
pub(crate) struct Recall<'j> {
    journal: &'j dyn Journal,
    readers: BTreeMap<PartitionId, (Position, Box<dyn Reader + 'j>)>,
}

impl<'j> Recall<'j> {
    pub(crate) const fn new(journal: &'j dyn Journal) -> Self {
        Self { journal, readers: BTreeMap::new() }
    }

    /// Reads one record into `out`, which is emptied first; `false` if the partition does not reach that far.
    pub(crate) fn read(
        &mut self,
        partition: PartitionId,
        position: Position,
        out: &mut Vec<u8>,
    ) -> Result<bool, ReadError> {
        out.clear();
        let (next, mut reader) = self.reader(partition, position)?;
        for _ in next.0..position.0 {
            reader.next()?;
        }
        let found = match reader.next()? {
            Some(stored) => {
                out.extend_from_slice(stored.bytes);
                true
            }
            None => false,
        };
        self.readers.insert(partition, (Position(position.0.saturating_add(1)), reader));
        Ok(found)
    }

    /// The reader of a partition, if it stands close before the position, else a new one.
    fn reader(
        &mut self,
        partition: PartitionId,
        position: Position,
    ) -> Result<(Position, Box<dyn Reader + 'j>), ReadError> {
        let is_close = |next: Position| position.0.checked_sub(next.0).is_some_and(|stride| stride < STRIDE_MAX);
        match self.readers.remove(&partition) {
            Some((next, reader)) if is_close(next) => Ok((next, reader)),
            _ => Ok((position, self.journal.read(partition, position)?)),
        }
    }
}
