//! What a stored record is to the fold: part of the ledger's own working, foreign, or a fact.
//!
//! Foreign bytes are kept and counted, and claim nothing: no record at all, a stub, a genesis that is not the first
//! record, a record outside its merchant's partition, or a kind that only the ledger may state from another mouth.

use std::fmt;

use talon_domain::fact::{Fact, Kind, Source};
use talon_domain::ids::Position;
use talon_journal::{FORMAT, MAGIC, Record, Stored, partition_of};
use talon_proto::decode;

/// A stored record, as the fold takes it.
#[derive(Debug)]
pub enum Entry {
    /// The ledger's own working: genesis, the technical log.
    Control,
    /// Not a fact of this ledger.
    Foreign(Foreign),
    /// A fact, read or parked.
    Fact(Box<Fact>),
}

/// Why bytes are foreign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Foreign {
    /// They are no record.
    NoRecord,
    /// They stand for bytes that were no record.
    Stub,
    /// A genesis behind the first record.
    LateGenesis,
    /// Another merchant's partition.
    OtherPartition,
    /// A kind that only the ledger states, or a fact of no merchant, from another mouth.
    NotTheLedger,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRecord => "these bytes are no record",
            Self::Stub => "this stands for bytes that were no record",
            Self::LateGenesis => "a genesis is the first record of its partition, and this is not",
            Self::OtherPartition => "this merchant's records belong to another partition",
            Self::NotTheLedger => "only the ledger states this kind, or facts of no merchant",
        })
    }
}

/// Says what a stored record is, and decodes it if it is a fact.
pub fn classify(stored: &Stored<'_>) -> Entry {
    let Ok(record) = Record::parse(stored.bytes) else { return Entry::Foreign(unread(stored.bytes)) };
    match foreign(stored, &record) {
        Some(foreign) => Entry::Foreign(foreign),
        None if is_working(record.kind()) => Entry::Control,
        None => {
            let header = record.fact_header();
            let payload = decode(header.kind, header.schema, record.payload());
            Entry::Fact(Box::new(Fact { header, payload }))
        }
    }
}

/// A stub has the form of a record and no source: it is told by its kind.
fn unread(bytes: &[u8]) -> Foreign {
    match bytes {
        [MAGIC, FORMAT, low, high, ..] if Kind(u16::from_le_bytes([*low, *high])) == Kind::FOREIGN_STUB => {
            Foreign::Stub
        }
        _ => Foreign::NoRecord,
    }
}

/// Chunks and commits are what the ledger says in several parts: the fold puts them together.
const fn is_working(kind: Kind) -> bool {
    kind.0 >= Kind::TECHNICAL_FIRST && !matches!(kind, Kind::CHUNK | Kind::COMMIT)
}

fn foreign(stored: &Stored<'_>, record: &Record<'_>) -> Option<Foreign> {
    let (kind, merchant) = (record.kind(), record.merchant());
    if kind == Kind::FOREIGN_STUB {
        Some(Foreign::Stub)
    } else if kind == Kind::GENESIS && stored.position != Position(0) {
        Some(Foreign::LateGenesis)
    } else if merchant.0 != 0 && partition_of(merchant) != stored.partition {
        Some(Foreign::OtherPartition)
    } else if (merchant.0 == 0 || kind.0 >= Kind::TECHNICAL_FIRST) && record.source() != Source::Ledger {
        Some(Foreign::NotTheLedger)
    } else {
        None
    }
}
