//! Genesis: the record at position 0 of every partition, which names the ledger.
//!
//! This module reads a genesis record's header. What its payload says is read where payloads are.

use talon_domain::fact::Kind;
use talon_domain::ids::LedgerId;

use crate::batch::Batch;
use crate::error::OpenError;
use crate::partition::Positions;
use crate::record::Record;

/// Whether a batch begins a ledger: one genesis record for each partition, all naming the ledger.
pub(crate) fn check(ledger_id: LedgerId, genesis: &Batch) -> Result<(), OpenError> {
    let mut seen = Positions::beginning();
    for (partition, bytes) in genesis.iter() {
        seen.take(partition);
        if !is_genesis(ledger_id, bytes) {
            return Err(OpenError::Genesis { reason: "one of them is not a genesis record of this ledger" });
        }
    }
    if seen.as_array().iter().all(|count| *count == 1) {
        return Ok(());
    }
    Err(OpenError::Genesis { reason: "each partition begins with exactly one" })
}

/// Whether bytes are a genesis record of a ledger.
pub(crate) fn is_genesis(ledger_id: LedgerId, bytes: &[u8]) -> bool {
    Record::parse(bytes).is_ok_and(|record| record.kind() == Kind::GENESIS && record.stream_id().0 == ledger_id.0)
}
