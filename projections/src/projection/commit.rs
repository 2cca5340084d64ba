//! Commits: what was taken since the last one goes to the store, with positions, in one step; then all streams are let
//! go. A store that was left in the middle of a commit is as it was before it.

use talon_domain::fold::StreamNumber;
use talon_domain::ids::{EventId, PartitionId, StreamKey};
use talon_domain::stream::Stream;
use talon_domain::time::Day;

use super::{Projection, ProjectionError, Stand};
use crate::kept;
use crate::key::{Fields, Key};
use crate::store::{StoreError, Tables};
use crate::table::{IDS, ORDERED, STREAMS};

impl Projection {
    /// Writes everything that was taken, and lets streams go; durable when it returns. In memory it only settles.
    pub fn commit(&mut self) -> Result<(), ProjectionError> {
        let Some(state) = self.put_all()? else { return Ok(()) };
        self.tables.commit(&state)?;
        self.let_go();
        Ok(())
    }

    /// Begins the same, and lets another thread write while records are taken on: [`Self::go_on`] tells how that ends. A
    /// commit that was begun before is waited for.
    pub fn commit_behind(&mut self) -> Result<(), ProjectionError> {
        let Some(state) = self.put_all()? else { return Ok(()) };
        self.tables.commit_behind(&state)?;
        self.let_go();
        Ok(())
    }

    /// Sees to what is written behind: commits that were begun, and merges that are due. Whether anything is being done.
    pub fn go_on(&mut self) -> Result<bool, ProjectionError> {
        Ok(self.tables.go_on()?)
    }

    /// Waits until every commit that was begun is durable.
    pub fn finish(&mut self) -> Result<(), ProjectionError> {
        Ok(self.tables.finish()?)
    }

    /// Puts everything that was taken into tables; the state beside it, if there is a store to commit to.
    fn put_all(&mut self) -> Result<Option<Vec<u8>>, ProjectionError> {
        self.settle()?;
        if !self.keeps {
            return Ok(None);
        }
        self.put_streams();
        self.stand.keep_clocks(&self.clocks);
        self.stand.first_open_day = self.first_open_day.0;
        // Writing numbers and texts into memory cannot fail.
        Ok(Some(postcard::to_allocvec(&self.stand).unwrap_or_default()))
    }

    fn let_go(&mut self) {
        self.fold.forget();
        self.residents.iter_mut().for_each(Vec::clear);
        self.resident_facts = 0;
    }

    /// Puts the facts of every stream that has more of them, and the ids of those.
    fn put_streams(&mut self) {
        let Self { fold, residents, tables, stand, .. } = self;
        let mut key = Key::new();
        for (partition, of) in (0..).map(PartitionId).zip(residents) {
            for (number, resident) in (0..).map(StreamNumber).zip(of).filter(|(_, resident)| resident.is_unsaved) {
                let Some((stream_key, stream)) = fold.numbered(partition, number) else { continue };
                let conflicts: Vec<_> = stream.conflicts().collect();
                for (part, row) in (0..).zip(kept::row(&conflicts, &resident.bytes)) {
                    write_stream_key(key.clear(), partition, stream_key, part);
                    tables.put(STREAMS, key.as_bytes(), &row);
                }
                put_ids(partition, stream_key, stream, resident.committed, tables, stand);
                resident.committed = stream.facts().count();
                resident.is_unsaved = false;
            }
        }
    }

    /// Puts what is judged in the order of the ledger: whoever asks judges it again.
    pub(super) fn put_ordered(&mut self) {
        for (partition, row) in self.ordered.drain(..) {
            let mut key = Key::new();
            key.u16(partition.0).u32(self.stand.next_ordered(partition));
            self.tables.put(ORDERED, key.as_bytes(), &row);
        }
    }

    /// Goes on from what the store holds.
    pub(super) fn resume(&mut self) -> Result<(), ProjectionError> {
        if self.tables.state().is_empty() {
            return Ok(());
        }
        let held: Stand = postcard::from_bytes(self.tables.state())
            .map_err(|_| StoreError::Broken("how far the views have come cannot be read".to_owned()))?;
        if held.folds_otherwise(&self.stand) {
            let (held, made) = (held.views_in_words(), self.stand.views_in_words());
            return Err(ProjectionError::OtherViews { held, made });
        }
        if !held.has_views_of(&self.stand) {
            self.remake(&held)?;
        }
        self.first_open_day = Day(held.first_open_day);
        self.clocks = held.clocks().collect();
        self.residents.resize_with(self.clocks.len(), Vec::new);
        self.stand = held.with_views_of(&self.stand);
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

/// The ids of a stream's facts from one of them on.
fn put_ids(
    partition: PartitionId,
    key: StreamKey,
    stream: &Stream,
    from: usize,
    tables: &mut Tables,
    stand: &mut Stand,
) {
    let mut value = Key::new();
    value.stream(key.stream, key.training);
    for fact in stream.facts().skip(from) {
        let id = fact.header.event_id;
        stand.newest_id_ms = stand.newest_id_ms.max(ms_of(id));
        tables.put(IDS, id_key(partition, key, id).as_bytes(), value.as_bytes());
    }
}

/// The key of a part of a stream; copies of what is broadcast are streams of their own in each partition.
pub(super) fn stream_key(partition: PartitionId, stream: StreamKey, part: u32) -> Vec<u8> {
    let mut key = Key::new();
    write_stream_key(&mut key, partition, stream, part);
    key.as_bytes().to_vec()
}

fn write_stream_key(key: &mut Key, partition: PartitionId, stream: StreamKey, part: u32) {
    key.stream_key(stream).u16(partition.0).u32(part);
}

/// The key of an event id within its merchant, who has one partition; what names no merchant is in many, and each has ids
/// of its own.
pub(super) fn id_key(partition: PartitionId, stream: StreamKey, id: EventId) -> Key {
    let mut key = Key::new();
    key.merchant(stream.merchant).bytes(&id.0);
    if stream.merchant.0 == 0 {
        key.u16(partition.0);
    }
    key
}

/// The moment that an event id begins with.
pub(super) fn ms_of(id: EventId) -> u64 {
    let mut ms = [0; 8];
    ms.iter_mut().skip(2).zip(id.0).for_each(|(to, from)| *to = from);
    u64::from_be_bytes(ms)
}
