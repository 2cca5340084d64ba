//! What names no merchant is told to every partition, so that each one's fold reads that partition alone. Invariants:
//! - each partition gets one copy, under an id that follows from the original's and the partition's number
//! - what was cut off is taken up under the same ids, because a copy that is there says when the original was told; only
//!   what is missing is appended
//! - a copy is exactly what its original says: payload, moment, kind and stream, to the byte
//!
//! This module does not decide what may be stated, nor whether a statement changes anything: the caller has read history.

use std::collections::BTreeSet;

use talon_domain::claim::natural_stream;
use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{
    EventId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::time::Instant;
use talon_journal::{
    AppendError, Batch, BatchError, IdKey, IndexError, Journal, PARTITIONS, Positions, ReadError, Record, encode_header,
};
use talon_proto::{Fault, Rule, broadcast_id_of, check_payload, decode, event_id_of, same_payload};

use crate::admit::Door;
use crate::card::holds_card_number;
use crate::outcome::Place;
use crate::read::is_doubtful;
use crate::recall::{Asked, Recall};
use crate::refusal::{Difference, First, Refusal};

/// The schema of the payloads that this release states.
const SCHEMA: u16 = 1;

/// Something that names no merchant, to be told to every partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broadcast<'b> {
    /// What it is: a kind that is broadcast.
    pub kind: Kind,
    /// What names it: "calendar:TARGET-2026:1". The original's id is made of it.
    pub source_key: &'b str,
    /// What it says, encoded.
    pub payload: &'b [u8],
    /// Who publishes it.
    pub principal: PrincipalId,
}

/// What became of a broadcast: every partition has its copy now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The original's id, which is in no record.
    pub original: EventId,
    /// When it was told first.
    pub occurred_at: Instant,
    /// Partitions that have it since now.
    pub appended: usize,
    /// Partitions that had it before.
    pub known: usize,
}

/// Why a broadcast did not reach every partition.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BroadcastError {
    /// It is not fit to be kept. Nothing was appended.
    #[error("{0}")]
    Refused(Refusal),
    /// A stored record could not be read. Nothing was appended.
    #[error("what the journal holds already could not be read")]
    Read(#[from] ReadError),
    /// What the journal holds could not be looked up. Nothing was appended.
    #[error("which events the journal holds already could not be looked up")]
    Index(#[from] IndexError),
    /// The clock of this machine is outside the years that a record can carry.
    #[error("this machine's clock is outside the years 2000 to 2148: set it")]
    Clock,
    /// Some partitions may have it and others not; said again, it goes on where it stopped.
    #[error("not every partition was told: say it again, and what is missing is added")]
    Append(#[from] AppendError),
}

/// A copy that a partition holds.
struct Copy {
    partition: PartitionId,
    event_id: EventId,
    occurred_at: Instant,
    payload: Vec<u8>,
}

impl Door {
    /// Tells every partition what it has not heard yet, and waits until that is durable.
    ///
    /// # Panics
    /// If the kind is not one that is broadcast.
    pub fn broadcast(
        &mut self,
        what: &Broadcast<'_>,
        now: Instant,
        journal: &dyn Journal,
    ) -> Result<Told, BroadcastError> {
        assert!(what.kind.is_broadcast(), "{} names a merchant", what.kind.name());
        fit(what).map_err(BroadcastError::Refused)?;
        if !now.is_in_range() {
            return Err(BroadcastError::Clock);
        }
        let stream = natural_stream(&decode(what.kind, SCHEMA, what.payload)).unwrap_or_default();
        let copies = copies(journal, what, stream)?;
        let first = copies.iter().min_by_key(|copy| copy.occurred_at);
        let occurred_at = first.map_or(now, |copy| copy.occurred_at);
        let payload = first.map_or(what.payload, |copy| &*copy.payload);
        let original = event_id_of(MerchantId(0), occurred_at, what.source_key);
        let heard: BTreeSet<_> = copies.iter().map(|copy| (copy.partition, copy.event_id)).collect();
        let copy_of = |partition| (partition, broadcast_id_of(original, partition));
        let missing: Vec<_> = (0..PARTITIONS).map(PartitionId).map(copy_of).filter(|id| !heard.contains(id)).collect();
        let told =
            Told { original, occurred_at, appended: missing.len(), known: usize::from(PARTITIONS) - missing.len() };
        if missing.is_empty() {
            return Ok(told);
        }
        self.catch_up(journal)?;
        self.refuse_conflicts(&missing, journal)?;
        let header = header(what, stream, occurred_at, now)?;
        let batch = self
            .copies_for(&missing, &header, payload)
            .map_err(|_| BroadcastError::Refused(Refusal::RecordTooLarge))?;
        self.index.begin(now);
        missing.iter().for_each(|(_, id)| self.index.claim(key(*id)));
        match journal.append(batch).wait() {
            Ok(appended) => self.index.settle(appended.places()),
            Err(error) => {
                self.index.forget();
                return Err(error.into());
            }
        }
        Ok(told)
    }

    /// An id that a partition holds with another content is another statement of the same name and millisecond.
    fn refuse_conflicts(
        &mut self,
        missing: &[(PartitionId, EventId)],
        journal: &dyn Journal,
    ) -> Result<(), BroadcastError> {
        self.look_up(missing.iter().map(|(_, id)| key(*id)), journal)?;
        let mut asked = Asked::from(&self.hits);
        let mut recall = Recall::new(journal);
        while let Some((index, (partition, position))) = asked.next() {
            let Some((_, event_id)) = missing.get(index) else { continue };
            let Some(record) = recall.record((partition, position))? else { continue };
            if record.merchant() == MerchantId(0) && record.event_id() == *event_id {
                let first = First::Kept(Place { partition, position, recorded_at: record.recorded_at() });
                let (event_id, difference) = (*event_id, Difference::Payload);
                return Err(BroadcastError::Refused(Refusal::Conflict { event_id, first, difference }));
            }
        }
        Ok(())
    }

    fn copies_for(
        &mut self,
        missing: &[(PartitionId, EventId)],
        header: &FactHeader,
        payload: &[u8],
    ) -> Result<Batch, BatchError> {
        let length = u16::try_from(payload.len()).map_err(|_| BatchError::Length(payload.len()))?;
        let mut batch = Batch::new();
        for (partition, event_id) in missing {
            let header = FactHeader { event_id: *event_id, ..header.clone() };
            batch.push(*partition, &[&encode_header(&header, length, &self.entropy.salt()), payload])?;
        }
        Ok(batch)
    }
}

const fn key(id: EventId) -> IdKey {
    IdKey { merchant: MerchantId(0), id }
}

/// The rules that hold for every payload, and for what the ledger itself says.
fn fit(what: &Broadcast<'_>) -> Result<(), Refusal> {
    if holds_card_number(what.source_key) {
        return Err(Fault::at(Rule::CardNumber, "sourceKey").into());
    }
    Ok(check_payload(what.kind, SCHEMA, what.payload, &mut |text| !holds_card_number(text))?)
}

/// The copies of a statement that partitions hold, under ids that are made of its own name.
fn copies(journal: &dyn Journal, what: &Broadcast<'_>, stream: StreamId) -> Result<Vec<Copy>, ReadError> {
    let mut copies = Vec::new();
    let mut reader = journal.scan(&Positions::beginning())?;
    while let Some(stored) = reader.next()? {
        let Ok(record) = Record::parse(stored.bytes) else { continue };
        if record.merchant() != MerchantId(0) || record.kind() != what.kind || record.source() != Source::Ledger {
            continue;
        }
        let header = record.fact_header();
        let original = event_id_of(MerchantId(0), header.occurred_at, what.source_key);
        let is_copy = header.stream == stream
            && header.schema == SCHEMA
            && header.event_id == broadcast_id_of(original, stored.partition)
            && same_payload(what.kind, SCHEMA, record.payload(), what.payload);
        if is_copy {
            let (event_id, occurred_at) = (header.event_id, header.occurred_at);
            copies.push(Copy {
                partition: stored.partition,
                event_id,
                occurred_at,
                payload: record.payload().to_vec(),
            });
        }
    }
    Ok(copies)
}

fn header(
    what: &Broadcast<'_>,
    stream: StreamId,
    occurred_at: Instant,
    now: Instant,
) -> Result<FactHeader, BroadcastError> {
    Ok(FactHeader {
        kind: what.kind,
        schema: SCHEMA,
        recorded_at: now,
        occurred_at,
        merchant: MerchantId(0),
        shop: ShopId(0),
        terminal: TerminalId(0),
        terminal_seq: TerminalSeq(0),
        terminal_epoch: TerminalEpoch(0),
        day: occurred_at.paris_day().ok_or(BroadcastError::Clock)?,
        principal: what.principal,
        source: Source::Ledger,
        event_id: EventId::default(),
        stream,
        sealed: false,
        training: false,
        imported: false,
        clock_doubtful: is_doubtful(occurred_at, now),
    })
}
