//! Reading what was kept, for one batch: in the order of the places, so that a reader that stands close before the next
//! one goes on from there, whatever the order in which events come again.
//!
//! This module does not judge what it reads, but for one thing: what stands in another merchant's partition is foreign. No
//! fold counts it, so the door does not know its id either.

use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{Hit, Journal, Known, ReadError, Reader, Record, partition_of};

/// How far a reader goes on rather than being set anew: about as many records as lie between two entries of an index.
const STRIDE_MAX: u64 = 256;

/// Where a record is.
type Spot = (PartitionId, Position);

/// Which records to read, each for which key; in the order of their places.
pub(crate) struct Asked(std::vec::IntoIter<(Spot, usize)>);

impl Asked {
    /// What hits name; what is in flight has no place yet.
    pub(crate) fn from(hits: &[Hit]) -> Self {
        let kept = hits.iter().filter_map(|hit| match hit.known {
            Known::Kept { partition, position } => Some(((partition, position), hit.key)),
            Known::InFlight { .. } => None,
        });
        let mut asked: Vec<_> = kept.collect();
        asked.sort_unstable();
        Self(asked.into_iter())
    }

    pub(crate) fn next(&mut self) -> Option<(usize, Spot)> {
        self.0.next().map(|(spot, key)| (key, spot))
    }
}

/// A reader of one journal, and the place of the record that it reads next.
pub(crate) struct Recall<'j> {
    journal: &'j dyn Journal,
    standing: Option<(Spot, Box<dyn Reader + 'j>)>,
}

impl<'j> Recall<'j> {
    pub(crate) const fn new(journal: &'j dyn Journal) -> Self {
        Self { journal, standing: None }
    }

    /// The record that claims its id there; `None` if there is none.
    pub(crate) fn record(&mut self, spot: Spot) -> Result<Option<Record<'_>>, ReadError> {
        let record = self.read(spot)?.and_then(|bytes| Record::parse(bytes).ok());
        Ok(record.filter(|record| record.merchant() == MerchantId(0) || partition_of(record.merchant()) == spot.0))
    }

    /// Reads one record's bytes; `None` if the partition does not reach that far.
    fn read(&mut self, (partition, position): Spot) -> Result<Option<&[u8]>, ReadError> {
        let is_close = |next: Position| position.0.checked_sub(next.0).is_some_and(|stride| stride < STRIDE_MAX);
        // A reader that comes to the end is given up: where it stands is not known.
        let (from, mut reader) = match self.standing.take() {
            Some(((its, next), reader)) if its == partition && is_close(next) => (next, reader),
            _ => match self.journal.read(partition, position) {
                Ok(reader) => (position, reader),
                Err(ReadError::Beyond { .. }) => return Ok(None),
                Err(error) => return Err(error),
            },
        };
        for _ in from.0..position.0 {
            if reader.next()?.is_none() {
                return Ok(None);
            }
        }
        let (_, reader) = self.standing.insert(((partition, Position(position.0.saturating_add(1))), reader));
        Ok(reader.next()?.map(|stored| stored.bytes))
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
    fn each_record_is_read_at_its_own_place_in_any_order() {
        let mut entropy = Entropy::from_seed([7; 32]);
        let journal = MemoryJournal::create(LedgerId([7; 16]), batch(&mut entropy)).expect("a journal");
        for _ in 0..6 {
            journal.append(batch(&mut entropy)).wait().expect("appended");
        }
        let mut recall = Recall::new(&journal);
        for (partition, position) in [(3, 0), (3, 2), (3, 5), (3, 5), (4, 6), (3, 6), (3, 1)] {
            let spot = (PartitionId(partition), Position(position));
            let mut reader = journal.read(spot.0, spot.1).expect("a reader");
            let expected = reader.next().expect("readable").map(|stored| stored.bytes.to_vec());
            assert_eq!(recall.read(spot).expect("readable"), expected.as_deref(), "{spot:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_found_and_does_not_disturb_what_is() {
        let mut entropy = Entropy::from_seed([7; 32]);
        let journal = MemoryJournal::create(LedgerId([7; 16]), batch(&mut entropy)).expect("a journal");
        let mut recall = Recall::new(&journal);
        for (position, is_there) in [(0, true), (1, false), (2, false), (0, true), (9, false)] {
            let found = recall.read((PartitionId(3), Position(position))).expect("readable");
            assert_eq!(found.is_some(), is_there, "{position}");
        }
    }
}
