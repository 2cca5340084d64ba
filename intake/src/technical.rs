//! The technical log: what Talon's own processes did. Invariants:
//! - its facts name no merchant, no stream and no publisher: merchant 0, stream zero, principal 0, source ledger
//! - all of them lie in the partition of merchant 0; none is broadcast, because no fold reads them
//! - an answer means durable
//!
//! This module does not decide what deserves a fact; whoever restores or repairs does.

use talon_domain::fact::{FactHeader, Family, Kind, Source};
use talon_domain::ids::{MerchantId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::time::Instant;
use talon_journal::{AppendError, Batch, BatchError, Journal, encode_header, partition_of};
use talon_proto::{Fault, check_payload};
use talon_vault::Entropy;

use crate::card::holds_card_number;
use crate::genesis::new_event_id;
use crate::outcome::Place;

/// The schema of the payloads that this release states.
const SCHEMA: u16 = 1;

/// Why something is not in the technical log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TechnicalError {
    /// It is not fit to be kept.
    #[error("{0}")]
    Refused(#[from] Fault),
    /// It does not fit into a record.
    #[error("it does not fit into a record")]
    Record(#[from] BatchError),
    /// The clock of this machine is outside the years that a record can carry.
    #[error("this machine's clock is outside the years 2000 to 2148: set it")]
    Clock,
    /// It was not appended, or nobody knows.
    #[error("it could not be appended")]
    Append(#[from] AppendError),
}

/// Writes one fact into the technical log, and waits until it is durable.
///
/// # Panics
/// If the kind is none of the technical log.
pub fn tell_technical(
    journal: &dyn Journal,
    kind: Kind,
    payload: &[u8],
    now: Instant,
    entropy: &mut Entropy,
) -> Result<Place, TechnicalError> {
    assert!(kind.family() == Family::Technical, "{} is no fact of the technical log", kind.name());
    check_payload(kind, SCHEMA, payload, &mut |text| !holds_card_number(text))?;
    let header = header(kind, now, entropy)?;
    let length = u16::try_from(payload.len()).map_err(|_| BatchError::Length(payload.len()))?;
    let partition = partition_of(header.merchant);
    let mut batch = Batch::new();
    batch.push(partition, &[&encode_header(&header, length, &entropy.salt()), payload])?;
    let appended = journal.append(batch).wait()?;
    let Some((partition, position)) = appended.place(0) else { unreachable!("one record was appended") };
    Ok(Place { partition, position, recorded_at: now })
}

fn header(kind: Kind, now: Instant, entropy: &mut Entropy) -> Result<FactHeader, TechnicalError> {
    Ok(FactHeader {
        kind,
        schema: SCHEMA,
        recorded_at: now,
        occurred_at: now,
        merchant: MerchantId(0),
        shop: ShopId(0),
        terminal: TerminalId(0),
        terminal_seq: TerminalSeq(0),
        terminal_epoch: TerminalEpoch(0),
        day: now.paris_day().ok_or(TechnicalError::Clock)?,
        principal: PrincipalId(0),
        source: Source::Ledger,
        event_id: new_event_id(now, entropy),
        stream: StreamId::default(),
        sealed: false,
        training: false,
        imported: false,
        clock_doubtful: false,
    })
}
