//! A row of anomalies: which rule, where, since when, and what cleared it.

use serde::{Deserialize, Serialize};
use talon_domain::anomaly::Code;
use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{EventId, MerchantId, StreamKey};
use talon_domain::time::Day;

use crate::key::{Fields, Key};

/// A row's key. The slot is held by its label; of several slots of one stream that read alike, each has a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Where {
    pub(super) code: Code,
    pub(super) slot: String,
    pub(super) alike: u16,
    pub(super) key: StreamKey,
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) since: u16,
    pub(super) cleared: Option<KeptClearing>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptClearing {
    event_id: [u8; 16],
    kind: u16,
    source: u8,
    day: u16,
}

/// What cleared an anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// The fact after which it was gone.
    pub event_id: EventId,
    /// What it tells.
    pub kind: Kind,
    /// Whose mouth.
    pub source: Source,
    /// The day on which it was recorded.
    pub day: Day,
}

impl Where {
    pub(super) fn write(&self, key: &mut Key) {
        prefix(key, self.key.merchant, self.code);
        key.text(&self.slot).u16(self.alike).stream(self.key.stream, self.key.training);
    }

    pub(super) fn read(key: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(key);
        let (merchant, number) = (fields.merchant()?, fields.u16()?);
        let code = Code::ALL.iter().copied().find(|code| code.number() == number)?;
        let (slot, alike, key) = (fields.text()?, fields.u16()?, fields.stream(merchant)?);
        Some(Self { code, slot, alike, key })
    }
}

/// Writes what the keys of a merchant's rows of one code begin with.
pub(super) fn prefix(key: &mut Key, merchant: MerchantId, code: Code) {
    key.merchant(merchant).u16(code.number());
}

impl KeptClearing {
    pub(super) fn by(fact: &FactHeader, day: Day) -> Self {
        Self { event_id: fact.event_id.0, kind: fact.kind.0, source: fact.source as u8, day: day.0 }
    }

    pub(super) fn read(self) -> Option<Cleared> {
        let source = Source::from_number(self.source.into())?;
        Some(Cleared { event_id: EventId(self.event_id), kind: Kind(self.kind), source, day: Day(self.day) })
    }
}
