//! What records are, counted by their headers. Records, not distinct facts: a fact that was told twice counts twice.
//!
//! This module does not read payloads.

use std::collections::BTreeMap;

use talon_domain::fact::Kind;
use talon_domain::ids::MerchantId;
use talon_domain::time::{Day, Instant};

use super::bytes::{Sink, Source};
use crate::record::Record;

/// What records are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Bytes that are no record of a form that this release reads.
    pub foreign: u64,
    /// The earliest and the latest time of recording.
    pub recorded: Option<(Instant, Instant)>,
    /// Records of each kind.
    pub kinds: BTreeMap<Kind, u64>,
    /// Records of each day.
    pub days: BTreeMap<Day, u64>,
    /// Records of each merchant; 0 is the ledger itself.
    pub merchants: BTreeMap<MerchantId, u64>,
}

impl Contents {
    /// Counts one more.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let Ok(record) = Record::parse(bytes) else {
            self.foreign += 1;
            return;
        };
        self.note_time(record.recorded_at(), record.recorded_at());
        *self.kinds.entry(record.kind()).or_default() += 1;
        *self.days.entry(record.day()).or_default() += 1;
        *self.merchants.entry(record.merchant()).or_default() += 1;
    }

    /// Counts all that somebody else counted.
    pub(crate) fn add_all(&mut self, others: &Self) {
        self.foreign += others.foreign;
        if let Some((first, last)) = others.recorded {
            self.note_time(first, last);
        }
        merge(&mut self.kinds, &others.kinds);
        merge(&mut self.days, &others.days);
        merge(&mut self.merchants, &others.merchants);
    }

    fn note_time(&mut self, first: Instant, last: Instant) {
        let so_far = self.recorded.unwrap_or((first, last));
        self.recorded = Some((so_far.0.min(first), so_far.1.max(last)));
    }

    pub(super) fn encode(&self, to: &mut Sink) {
        to.u64(self.foreign);
        to.list(self.recorded.iter(), |to, (first, last)| {
            to.bytes(&first.0.to_le_bytes());
            to.bytes(&last.0.to_le_bytes());
        });
        to.list(self.kinds.iter(), |to, (kind, count)| {
            to.bytes(&kind.0.to_le_bytes());
            to.u64(*count);
        });
        to.list(self.days.iter(), |to, (day, count)| {
            to.bytes(&day.0.to_le_bytes());
            to.u64(*count);
        });
        to.list(self.merchants.iter(), |to, (merchant, count)| {
            to.u64(merchant.0);
            to.u64(*count);
        });
    }

    pub(super) fn decode(from: &mut Source<'_>) -> Option<Self> {
        let mut contents = Self { foreign: from.u64()?, ..Self::default() };
        for _ in 0..from.u64()? {
            let at = |bytes| Instant(i64::from_le_bytes(bytes));
            contents.recorded = Some((at(from.bytes()?), at(from.bytes()?)));
        }
        for _ in 0..from.u64()? {
            contents.kinds.insert(Kind(u16::from_le_bytes(from.bytes()?)), from.u64()?);
        }
        for _ in 0..from.u64()? {
            contents.days.insert(Day(u16::from_le_bytes(from.bytes()?)), from.u64()?);
        }
        for _ in 0..from.u64()? {
            contents.merchants.insert(MerchantId(from.u64()?), from.u64()?);
        }
        Some(contents)
    }
}

fn merge<K: Ord + Copy>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(*key).or_default() += count;
    }
}
