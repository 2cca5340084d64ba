//! Identities: is every record what it says it is, and does it stand where it belongs? Checksums, order and zeros are
//! the engine's to check; this looks at what the bytes claim.
//!
//! What is found here is no damage of the file: the bytes are as they were appended. It is said so that nobody takes
//! them for facts.

use std::fmt;

use talon_domain::fact::{Kind, Payload};
use talon_domain::ids::{LedgerId, PartitionId, Position, is_v7_or_v8};
use talon_journal::{FORMAT, Journal, PARTITIONS, ReadError, Record, Stored};
use talon_proto::{Genesis, decode_genesis};

use crate::as_of::walk_everything;
use crate::classify::{Entry, Foreign, classify};
use crate::history::Progress;
use crate::pin::Pin;
use crate::roots::{PinState, Roots};

/// A record that is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The partition.
    pub partition: PartitionId,
    /// The place in it.
    pub position: Position,
    /// What is odd.
    pub oddity: Oddity,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}/{}: {}", self.partition, self.position, self.oddity)
    }
}

/// What is odd about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Oddity {
    /// It is foreign.
    Foreign(Foreign),
    /// A partition does not begin with the genesis of this ledger.
    Genesis,
    /// Its event id is no UUID of version 7 or 8.
    EventId,
    /// Its day is not the day in Paris of its instant.
    Day,
    /// Its format is not the ledger's.
    Format,
    /// Its payload cannot be read by this release: parked.
    Parked,
}

impl Oddity {
    /// Whether the ledger contradicts itself, rather than holding what only a later release can read.
    pub const fn is_damage(self) -> bool {
        !matches!(self, Self::Parked)
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(foreign) => foreign.fmt(f),
            Self::Genesis => f.write_str("the partition does not begin with this ledger's genesis"),
            Self::EventId => f.write_str("the event id is no UUID of version 7 or 8"),
            Self::Day => f.write_str("the day is not the day in Paris of its instant"),
            Self::Format => f.write_str("the record's format is not the ledger's"),
            Self::Parked => f.write_str("this release cannot read the payload: parked"),
        }
    }
}

/// What the records of a ledger claim, held against each other.
#[derive(Debug)]
pub struct Identities {
    /// Records looked at.
    pub records: u64,
    /// What is odd, in the order of the walk.
    pub findings: Vec<Finding>,
}

impl Identities {
    /// Looks at every record of a journal.
    pub fn check(journal: &dyn Journal, progress: &mut dyn FnMut(Progress)) -> Result<Self, ReadError> {
        let ledger = journal.identity().ledger_id;
        let mut checked = Self { records: 0, findings: Vec::new() };
        walk_everything(journal, progress, &mut |stored| checked.look(ledger, stored))?;
        Ok(checked)
    }

    /// The same, and in the same pass every root that was pinned is computed anew: what becomes of each pin, in their
    /// order. Whoever calls has seen that they are pins of this ledger.
    pub fn check_pinned(
        journal: &dyn Journal,
        pins: &[Pin],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Self, Vec<PinState>), ReadError> {
        if pins.is_empty() {
            return Ok((Self::check(journal, progress)?, Vec::new()));
        }
        let ledger = journal.identity().ledger_id;
        let (mut checked, mut roots) = (Self { records: 0, findings: Vec::new() }, Roots::asked_by(pins));
        walk_everything(journal, progress, &mut |stored| {
            checked.look(ledger, stored);
            roots.take(stored);
        })?;
        Ok((checked, pins.iter().map(|pin| roots.state_of(pin)).collect()))
    }

    fn look(&mut self, ledger: LedgerId, stored: &Stored<'_>) {
        self.records = self.records.saturating_add(1);
        if let Some(oddity) = oddity(ledger, stored) {
            self.findings.push(Finding { partition: stored.partition, position: stored.position, oddity });
        }
    }
}

fn oddity(ledger: LedgerId, stored: &Stored<'_>) -> Option<Oddity> {
    let entry = classify(stored);
    if let Entry::Foreign(foreign) = entry {
        return Some(Oddity::Foreign(foreign));
    }
    let record = Record::parse(stored.bytes).ok()?;
    if stored.position == Position(0) && !begins_partition(ledger, stored.partition, &record) {
        Some(Oddity::Genesis)
    } else if !is_v7_or_v8(&record.event_id().0) {
        Some(Oddity::EventId)
    } else if record.format() != FORMAT {
        Some(Oddity::Format)
    } else if record.occurred_at().paris_day() != Some(record.day()) {
        Some(Oddity::Day)
    } else if matches!(&entry, Entry::Fact(fact) if matches!(fact.payload, Payload::Parked(_))) {
        Some(Oddity::Parked)
    } else {
        None
    }
}

fn begins_partition(ledger: LedgerId, partition: PartitionId, record: &Record<'_>) -> bool {
    let says = |genesis: Genesis| {
        (genesis.ledger_id, genesis.partitions, genesis.partition, genesis.format)
            == (ledger, PARTITIONS, partition, FORMAT)
    };
    record.kind() == Kind::GENESIS && decode_genesis(record.payload()).is_ok_and(says)
}
