//! Recall: before a fact is admitted, its stream is here if it was ever anywhere, and so is the stream that its event id
//! belongs to. So the fold admits it as if nothing had been let go.

use talon_domain::fact::Fact;
use talon_domain::ids::{PartitionId, StreamKey};

use super::commit::{id_key, ms_of, stream_key};
use super::{Projection, ProjectionError, Resident, resident_of, rows_of};
use crate::kept;
use crate::key::Fields;
use crate::store::StoreError;
use crate::table::{IDS, STREAMS};

impl Projection {
    pub(super) fn recall_pending(&mut self) -> Result<(), ProjectionError> {
        if self.tables.state().is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let recalled = pending.iter().try_for_each(|(partition, fact)| self.recall_for(*partition, fact));
        self.pending = pending;
        recalled
    }

    fn recall_for(&mut self, partition: PartitionId, fact: &Fact) -> Result<(), ProjectionError> {
        let key = fact.header.stream_key();
        self.recall(partition, key)?;
        let id = fact.header.event_id;
        // Ids begin with their moment: one that is newer than all that were let go was never told before.
        if ms_of(id) > self.stand.newest_id_ms || self.fold.knows(partition, fact) {
            return Ok(());
        }
        let Some(value) = self.tables.get(IDS, id_key(partition, key, id).as_bytes())? else { return Ok(()) };
        let unread = || StoreError::Broken("the stream of an event id cannot be read".to_owned());
        let holder = Fields::of(&value).stream(key.merchant).ok_or_else(unread)?;
        self.recall(partition, holder)?;
        if self.fold.knows(partition, fact) {
            return Ok(());
        }
        // To take the fact as a new one would count it twice.
        Err(StoreError::Broken("an event id names a stream that does not have it".to_owned()).into())
    }

    /// Brings a stream back, if it was let go.
    fn recall(&mut self, partition: PartitionId, key: StreamKey) -> Result<(), ProjectionError> {
        if self.fold.number_of(partition, key).is_some() {
            return Ok(());
        }
        let Some(row) = self.kept_row(partition, key)? else { return Ok(()) };
        let unread = || StoreError::Broken("a stream's facts cannot be read".to_owned());
        let restored = kept::restore(key, &row).ok_or_else(unread)?;
        let committed = restored.facts.len();
        let number = self.fold.restore(partition, restored.facts, &restored.conflicts).ok_or_else(unread)?;
        self.resident_facts = self.resident_facts.saturating_add(committed);
        let (arrivals, bytes) = (restored.arrivals, restored.bytes);
        let mut resident = Resident { arrivals, bytes, committed, ..Resident::default() };
        if let Some((key, stream)) = self.fold.numbered(partition, number)
            && (key.merchant.0 != 0 || partition == PartitionId(0))
        {
            rows_of(&self.views, key, stream, &resident.arrivals, &mut resident.rows);
        }
        if let Some(place) = resident_of(&mut self.residents, partition, number) {
            *place = resident;
        }
        Ok(())
    }

    /// What the store keeps of a stream, all its parts together.
    fn kept_row(&self, partition: PartitionId, key: StreamKey) -> Result<Option<Vec<u8>>, StoreError> {
        let unread = || StoreError::Broken("a part of a stream is missing".to_owned());
        let Some(first) = self.tables.get(STREAMS, &stream_key(partition, key, 0))? else { return Ok(None) };
        let (further, part) = kept::first_part(&first).ok_or_else(unread)?;
        let mut row = part.to_vec();
        for number in 1..=further {
            let part = self.tables.get(STREAMS, &stream_key(partition, key, number))?;
            row.extend_from_slice(&part.ok_or_else(unread)?);
        }
        Ok(Some(row))
    }
}
