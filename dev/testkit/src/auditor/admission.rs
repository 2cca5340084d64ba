//! Admission: which records are facts (record.md 2 A). Every record of a partition is held against all before it.

use talon_domain::fact::{Fact, FactHeader, Payload};
use talon_domain::ids::PartitionId;

/// What admission says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// "First record of (merchant, `event_id`) = fact."
    Fact,
    /// "Equal publisher-controlled fields and equal decoded payload = duplicate."
    Duplicate,
    /// "Different = conflict: permanent anomaly, the first stays."
    Conflict,
    /// "Unknown kind or schema = parked: it claims its id."
    Parked,
}

/// A record that was admitted, and whether another content came under its id.
#[derive(Clone, Debug)]
pub(super) struct Admitted {
    pub(super) partition: PartitionId,
    pub(super) fact: Fact,
    pub(super) is_contradicted: bool,
}

/// Holds the next record against all that were admitted, and keeps it if it is the first of its id.
pub(super) fn admit(admitted: &mut Vec<Admitted>, partition: PartitionId, fact: &Fact) -> Admission {
    for first in admitted.iter_mut() {
        let (a, b) = (&first.fact.header, &fact.header);
        if first.partition != partition || a.merchant != b.merchant || a.event_id != b.event_id {
            continue;
        }
        if publisher_controlled_fields_agree(a, b) && first.fact.payload == fact.payload {
            return Admission::Duplicate;
        }
        first.is_contradicted = true;
        return Admission::Conflict;
    }
    admitted.push(Admitted { partition, fact: fact.clone(), is_contradicted: false });
    if matches!(fact.payload, Payload::Parked(_)) { Admission::Parked } else { Admission::Fact }
}

/// "Publisher-controlled: kind, schema, `occurred_at`, merchant, shop, terminal, seq, epoch, source, `event_id`,
/// `stream_id`, training flag, payload"; "the fold compares without the sealed part (only b0)".
fn publisher_controlled_fields_agree(a: &FactHeader, b: &FactHeader) -> bool {
    a.kind == b.kind
        && a.schema == b.schema
        && a.occurred_at == b.occurred_at
        && a.merchant == b.merchant
        && a.shop == b.shop
        && a.terminal == b.terminal
        && a.terminal_seq == b.terminal_seq
        && a.terminal_epoch == b.terminal_epoch
        && a.source == b.source
        && a.event_id == b.event_id
        && a.stream == b.stream
        && a.training == b.training
        && a.sealed == b.sealed
}
