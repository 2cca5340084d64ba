//! The first records of a ledger: one in each partition, which name it.

use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{
    EventId, LedgerId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::time::Instant;
use talon_journal::{Batch, BatchError, FORMAT, PARTITIONS, encode_header};
use talon_proto::{Genesis, encode_genesis};
use talon_vault::Entropy;

/// A fresh UUID of version 7: milliseconds of `now`, then chance.
pub fn new_event_id(now: Instant, entropy: &mut Entropy) -> EventId {
    let mut id = [0; 16];
    entropy.fill(&mut id);
    let milliseconds = now.0.div_euclid(1_000).max(0).to_be_bytes();
    for (byte, ms) in id.iter_mut().zip(milliseconds.iter().skip(2)) {
        *byte = *ms;
    }
    id[6] = id[6] & 0x0f | 0x70;
    id[8] = id[8] & 0x3f | 0x80;
    EventId(id)
}

/// A fresh id for a ledger.
pub fn new_ledger_id(now: Instant, entropy: &mut Entropy) -> LedgerId {
    LedgerId(new_event_id(now, entropy).0)
}

/// The genesis records of a new ledger.
///
/// # Errors
/// If `origin` is so long that a record cannot hold it.
///
/// # Panics
/// If `now` lies outside the years that a record can carry: the caller's clock is then of no use.
pub fn genesis(ledger_id: LedgerId, origin: &str, now: Instant, entropy: &mut Entropy) -> Result<Batch, BatchError> {
    let mut batch = Batch::new();
    for partition in (0..PARTITIONS).map(PartitionId) {
        let about = Genesis { ledger_id, partitions: PARTITIONS, partition, format: FORMAT, origin: origin.into() };
        let payload = encode_genesis(&about);
        let header = header(ledger_id, now, new_event_id(now, entropy));
        let length = u16::try_from(payload.len()).map_err(|_| BatchError::Length(payload.len()))?;
        batch.push(partition, &[&encode_header(&header, length, &entropy.salt()), &payload])?;
    }
    Ok(batch)
}

fn header(ledger_id: LedgerId, now: Instant, event_id: EventId) -> FactHeader {
    let Some(day) = now.paris_day() else { unreachable!("a ledger is made between 2000 and 2148") };
    FactHeader {
        kind: Kind::GENESIS,
        schema: 1,
        recorded_at: now,
        occurred_at: now,
        merchant: MerchantId(0),
        shop: ShopId(0),
        terminal: TerminalId(0),
        terminal_seq: TerminalSeq(0),
        terminal_epoch: TerminalEpoch(0),
        day,
        principal: PrincipalId(0),
        source: Source::Ledger,
        event_id,
        stream: StreamId(ledger_id.0),
        sealed: false,
        training: false,
        imported: false,
        clock_doubtful: false,
    }
}
