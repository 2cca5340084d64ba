//! What only the order of the ledger can say: facts that it found void, and bulks of which parts are missing.

use serde_json::{Value, json};
use talon_domain::anomaly::Code;
use talon_domain::fact::Kind;
use talon_domain::fold::Fold;
use talon_domain::ids::{EventId, PartitionId};
use talon_domain::ordered::{Ruling, VoidReason};

use crate::show::Screen;

/// What only the order of the ledger can say.
pub(super) fn tell(fold: &Fold, screen: &mut Screen) -> std::io::Result<()> {
    for Void { partition, event, kind, reason } in voids(fold) {
        screen.line(&format!("p{partition} {event} {}: {}", kind.name(), reason.name()))?;
    }
    for (partition, bulk, code) in incomplete(fold) {
        screen.line(&format!("p{partition} {bulk}: {}", code.sentence(screen.language)))?;
    }
    Ok(())
}

pub(super) fn voids_json(fold: &Fold) -> Vec<Value> {
    voids(fold).map(|void| void.json()).collect()
}

pub(super) fn incomplete_json(fold: &Fold) -> Vec<Value> {
    let bulk = |(partition, bulk, code): (PartitionId, EventId, Code)| json!({ "partition": partition.0, "bulkId": bulk.to_string(), "name": code.name() });
    incomplete(fold).map(bulk).collect()
}

/// A fact that the order of the ledger found void.
struct Void {
    partition: PartitionId,
    event: EventId,
    kind: Kind,
    reason: VoidReason,
}

impl Void {
    fn json(&self) -> Value {
        json!({
            "partition": self.partition.0, "eventId": self.event.to_string(), "kind": self.kind.name(),
            "reason": self.reason.name(),
        })
    }
}

fn voids(fold: &Fold) -> impl Iterator<Item = Void> {
    fold.partitions().flat_map(|(partition, fold)| {
        fold.rulings().all().iter().filter_map(move |(event, kind, ruling)| match ruling {
            Ruling::Void(reason) => Some(Void { partition, event: *event, kind: *kind, reason: *reason }),
            Ruling::Valid => None,
        })
    })
}

fn incomplete(fold: &Fold) -> impl Iterator<Item = (PartitionId, EventId, Code)> {
    fold.partitions().flat_map(|(partition, fold)| {
        fold.bulks().incomplete().map(move |(bulk, code)| (partition, EventId(bulk.0), code))
    })
}
