//! Reading what was kept, for one batch: events that come again mostly come in the order in which they were kept, so a
//! reader of each partition is left where it stands and goes on from there. A reader that came to the end is given up:
//! where it stands is not known, and the partition may have grown.

use std::collections::BTreeMap;

use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Journal, ReadError, Reader};

/// How far a reader goes on rather than being set anew: about as many records as lie between two entries of an index.
const STRIDE_MAX: u64 = 256;

/// Readers of one journal, one for each partition that was asked for.
pub(crate) struct Recall<'j> {
    journal: &'j dyn Journal,
    readers: BTreeMap<PartitionId, Standing<'j>>,
}

/// A reader, and the place of the record that it reads next.
type Standing<'j> = (Position, Box<dyn Reader + 'j>);

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
        let Some((next, mut reader)) = self.reader(partition, position)? else { return Ok(false) };
        for _ in next.0..position.0 {
            if reader.next()?.is_none() {
                return Ok(false);
            }
        }
        let Some(stored) = reader.next()? else { return Ok(false) };
        out.extend_from_slice(stored.bytes);
        self.readers.insert(partition, (Position(position.0.saturating_add(1)), reader));
        Ok(true)
    }

    /// The reader of a partition, if it stands close before the position, else a new one; `None` beyond the end.
    fn reader(&mut self, partition: PartitionId, position: Position) -> Result<Option<Standing<'j>>, ReadError> {
        let is_close = |next: Position| position.0.checked_sub(next.0).is_some_and(|stride| stride < STRIDE_MAX);
        match self.readers.remove(&partition) {
            Some(standing) if is_close(standing.0) => Ok(Some(standing)),
            _ => match self.journal.read(partition, position) {
                Ok(reader) => Ok(Some((position, reader))),
                Err(ReadError::Beyond { .. }) => Ok(None),
                Err(error) => Err(error),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use talon_domain::ids::LedgerId;
    use talon_domain::time::Instant;
    use talon_journal::{Batch, MemoryJournal};
    use talon_vault::Entropy;

    use super::*;

    /// A record for each partition, told apart by chance.
    fn batch(entropy: &mut Entropy) -> Batch {
        crate::genesis(LedgerId([7; 16]), "ledger.example", Instant(1_795_597_200_000_000), entropy).expect("a genesis")
    }

    #[test]
    fn what_was_not_there_yet_is_found_at_its_own_place_later() {
        let mut entropy = Entropy::from_seed([7; 32]);
        let journal = MemoryJournal::create(LedgerId([7; 16]), batch(&mut entropy)).expect("a journal");
        let (partition, mut recall, mut out) = (PartitionId(3), Recall::new(&journal), Vec::new());
        assert!(recall.read(partition, Position(0), &mut out).expect("readable"));
        for missing in [1, 2, 4, 1] {
            assert!(!recall.read(partition, Position(missing), &mut out).expect("readable"), "{missing}");
            assert!(out.is_empty());
        }
        for _ in 0..6 {
            journal.append(batch(&mut entropy)).wait().expect("appended");
        }
        for position in [2, 5, 6, 1, 3, 4] {
            assert!(recall.read(partition, Position(position), &mut out).expect("readable"));
            let mut reader = journal.read(partition, Position(position)).expect("a reader");
            assert_eq!(Some(&out[..]), reader.next().expect("readable").map(|stored| stored.bytes), "{position}");
        }
        assert!(!recall.read(partition, Position(7), &mut out).expect("readable"));
    }
}
