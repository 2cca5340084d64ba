//! Which event ids are in the journal, and where.
//!
//! The index is derived: it is read from record headers when a journal is opened, and whoever appends keeps it up. Its
//! scope is the merchant, so that another merchant's id is no hit. It only ever says where to look: the stored record
//! decides. It is held in memory whole; nothing iterates over it.

use std::collections::HashMap;

use talon_domain::ids::{EventId, MerchantId, PartitionId, Position};

use crate::contract::{Journal, Reader};
use crate::error::ReadError;
use crate::partition::Positions;
use crate::record::Record;

/// The first place of each (merchant, event id).
#[derive(Debug, Default)]
pub struct IdIndex {
    places: HashMap<(MerchantId, EventId), (PartitionId, Position)>,
}

impl IdIndex {
    /// An index of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the index of everything that a journal holds.
    pub fn of(journal: &dyn Journal) -> Result<Self, ReadError> {
        let mut index = Self::new();
        index.read_on(journal.scan(&Positions::beginning())?.as_mut())?;
        Ok(index)
    }

    /// Takes in what a reader has. Bytes that are no record have no id.
    pub fn read_on(&mut self, reader: &mut dyn Reader) -> Result<(), ReadError> {
        while let Some(stored) = reader.next()? {
            if let Ok(record) = Record::parse(stored.bytes) {
                self.insert(record.merchant(), record.event_id(), (stored.partition, stored.position));
            }
        }
        Ok(())
    }

    /// Notes where an id is. The first place stays, and is the answer if there is one already.
    pub fn insert(
        &mut self,
        merchant: MerchantId,
        id: EventId,
        place: (PartitionId, Position),
    ) -> Option<(PartitionId, Position)> {
        let first = *self.places.entry((merchant, id)).or_insert(place);
        (first != place).then_some(first)
    }

    /// Where an id is.
    pub fn lookup(&self, merchant: MerchantId, id: EventId) -> Option<(PartitionId, Position)> {
        self.places.get(&(merchant, id)).copied()
    }

    /// How many ids it knows.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}
