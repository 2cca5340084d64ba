//! Commits: what was taken since the last one goes to the store, with positions, in one step; then all streams are let
//! go. A store that was left in the middle of a commit is as it was before it.

use talon_domain::ids::{EventId, PartitionId, StreamKey};
use talon_domain::time::Day;

use super::{Projection, ProjectionError, Resident, Stand};
use crate::kept;
use crate::key::{Fields, Key};
use crate::store::StoreError;
use crate::table::{IDS, ORDERED, STREAMS};

/// Rows in the order of their keys.
type Sorted = Vec<(Vec<u8>, Vec<u8>)>;

impl Projection {
    /// Writes everything behind, and lets streams go. In memory it only settles.
    pub fn commit(&mut self) -> Result<(), ProjectionError> {
        self.settle()?;
        if !self.keeps {
            return Ok(());
        }
        let mut bulk = vec![(STREAMS, self.stream_rows()), (IDS, self.id_rows()), (ORDERED, self.ordered_rows())];
        bulk.retain(|(_, rows)| !rows.is_empty());
        self.stand.keep_clocks(&self.clocks);
        self.stand.first_open_day = self.first_open_day.0;
        // Writing numbers and texts into memory cannot fail.
        let state = postcard::to_allocvec(&self.stand).unwrap_or_default();
        self.tables.commit(bulk, &state)?;
        self.let_go();
        Ok(())
    }

    fn let_go(&mut self) {
        self.fold.forget();
        self.residents.iter_mut().for_each(Vec::clear);
        self.resident_facts = 0;
        self.ordered.clear();
    }

    fn numbered(&self) -> impl Iterator<Item = (StreamKey, &talon_domain::stream::Stream, &Resident)> {
        let all = (0..).map(PartitionId).zip(&self.residents).flat_map(|(partition, of)| {
            (0..)
                .map(talon_domain::fold::StreamNumber)
                .zip(of)
                .map(move |(number, resident)| (partition, number, resident))
        });
        let unsaved = all.filter(|(.., resident)| resident.is_unsaved);
        unsaved.filter_map(|(partition, number, resident)| {
            let (key, stream) = self.fold.numbered(partition, number)?;
            Some((key, stream, resident))
        })
    }

    fn stream_rows(&self) -> Sorted {
        let mut rows: Sorted = Vec::new();
        for (partition, of) in (0..).map(PartitionId).zip(&self.residents) {
            for (number, resident) in (0..).map(talon_domain::fold::StreamNumber).zip(of) {
                let Some((key, stream)) = self.fold.numbered(partition, number).filter(|_| resident.is_unsaved) else {
                    continue;
                };
                let conflicts: Vec<_> = stream.conflicts().collect();
                let parts = kept::row(&conflicts, &resident.bytes);
                rows.extend((0..).zip(parts).map(|(number, part)| (stream_key(partition, key, number), part)));
            }
        }
        rows.sort_unstable();
        rows
    }

    fn id_rows(&mut self) -> Sorted {
        let mut newest = self.stand.newest_id_ms;
        let mut rows: Sorted = Vec::new();
        for (key, stream, resident) in self.numbered() {
            for fact in stream.facts().skip(resident.committed) {
                newest = newest.max(ms_of(fact.header.event_id));
                let mut value = Key::new();
                value.stream(key.stream, key.training);
                rows.push((id_key(key, fact.header.event_id), value.as_bytes().to_vec()));
            }
        }
        self.stand.newest_id_ms = newest;
        rows.sort_unstable();
        rows
    }

    fn ordered_rows(&mut self) -> Sorted {
        let stand = &mut self.stand;
        let numbered = self.ordered.drain(..).map(|(partition, bytes)| {
            let mut key = Key::new();
            key.u16(partition.0).u32(stand.next_ordered(partition));
            (key.as_bytes().to_vec(), bytes)
        });
        let mut rows: Sorted = numbered.collect();
        rows.sort_unstable();
        rows
    }

    /// Goes on from what the store holds.
    pub(super) fn resume(&mut self) -> Result<(), ProjectionError> {
        if self.tables.state().is_empty() {
            return Ok(());
        }
        let held: Stand = postcard::from_bytes(self.tables.state())
            .map_err(|_| StoreError::Broken("how far the views have come cannot be read".to_owned()))?;
        if !held.has_views_of(&self.stand) {
            let (held, made) = (held.views_in_words(), self.stand.views_in_words());
            return Err(ProjectionError::OtherViews { held, made });
        }
        self.first_open_day = Day(held.first_open_day);
        self.clocks = held.clocks().collect();
        self.residents.resize_with(self.clocks.len(), Vec::new);
        self.stand = held;
        self.resume_ordered()
    }

    /// What was judged in the order of the ledger is judged again, in that order: it stays in memory.
    fn resume_ordered(&mut self) -> Result<(), ProjectionError> {
        let mut facts = Vec::new();
        let mut broken = false;
        self.tables.scan(ORDERED, &[], None, &mut |key, value| {
            let partition = Fields::of(key).u16();
            let restored = kept::restore_ordered(value);
            broken |= partition.is_none() || restored.is_none();
            facts.extend(partition.map(PartitionId).zip(restored));
            std::ops::ControlFlow::Continue(())
        })?;
        if broken {
            return Err(StoreError::Broken("a fact in the order of the ledger cannot be read".to_owned()).into());
        }
        self.fold.apply_all(&mut facts);
        Ok(())
    }
}

/// The key of a part of a stream; copies of what is broadcast are streams of their own in each partition.
pub(super) fn stream_key(partition: PartitionId, stream: StreamKey, part: u32) -> Vec<u8> {
    let mut key = Key::new();
    key.stream_key(stream).u16(partition.0).u32(part);
    key.as_bytes().to_vec()
}

/// The key of an event id within its merchant.
pub(super) fn id_key(stream: StreamKey, id: EventId) -> Vec<u8> {
    let mut key = Key::new();
    key.merchant(stream.merchant).bytes(&id.0);
    key.as_bytes().to_vec()
}

/// The moment that an event id begins with.
pub(super) fn ms_of(id: EventId) -> u64 {
    let mut ms = [0; 8];
    ms.iter_mut().skip(2).zip(id.0).for_each(|(to, from)| *to = from);
    u64::from_be_bytes(ms)
}
