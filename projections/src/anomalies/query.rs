//! What anomalies are asked: which stand or stood, and how many of each code.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, RangeInclusive};

use talon_domain::anomaly::{Code, Severity};
use talon_domain::ids::{MerchantId, StreamKey};
use talon_domain::time::Day;

use super::row::{Cleared, Kept, KeptClearing, Where, prefix};
use crate::key::Key;
use crate::reading::{Reading, read_row, strange_key};
use crate::store::StoreError;
use crate::table::ANOMALIES;

/// Which anomalies are asked for; what is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this merchant.
    pub merchant: Option<MerchantId>,
    /// Of this rule.
    pub code: Option<Code>,
    /// Of this severity.
    pub severity: Option<Severity>,
    /// Those that stood on any of these days of recording.
    pub days: Option<RangeInclusive<Day>>,
    /// Only cleared ones, or only those that stand.
    pub is_cleared: Option<bool>,
    /// Those of practice, too.
    pub with_training: bool,
}

/// A rule that is not kept, or was not for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnomalyLine {
    /// Which rule; it says how much it matters.
    pub code: Code,
    /// In which stream.
    pub key: StreamKey,
    /// Where in it: the slot's label.
    pub slot: String,
    /// The day of recording at whose end it stood, and has stood since; of a cleared one, stood until it was cleared.
    pub since: Day,
    /// What cleared it; `None` of one that stands.
    pub cleared: Option<Cleared>,
}

/// How many there are of a code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// That stand.
    pub standing: u64,
    /// That were cleared.
    pub cleared: u64,
}

impl Filter {
    fn lets_through(&self, line: &AnomalyLine) -> bool {
        self.code.is_none_or(|code| line.code == code)
            && self.severity.is_none_or(|severity| line.code.severity() == severity)
            && self.is_cleared.is_none_or(|is_cleared| line.cleared.is_some() == is_cleared)
            && self.days.as_ref().is_none_or(|days| line.stood_on(days))
            && (self.with_training || !line.key.training)
    }
}

impl AnomalyLine {
    /// The day on which it was cleared counts: it stood when that day began.
    fn stood_on(&self, days: &RangeInclusive<Day>) -> bool {
        self.since <= *days.end() && self.cleared.is_none_or(|cleared| cleared.day >= *days.start())
    }
}

/// The anomalies that are asked for: the gravest first, then by code, the oldest first.
pub fn list(reading: &dyn Reading, filter: &Filter) -> Result<Vec<AnomalyLine>, StoreError> {
    let mut lines = Vec::new();
    walk(reading, filter, &mut |line| lines.push(line))?;
    lines.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(lines)
}

fn order(line: &AnomalyLine) -> impl Ord + '_ {
    (Reverse(line.code.severity()), line.code, line.since, line.key, &line.slot)
}

/// How many there are of each code that is asked for.
pub fn counts(reading: &dyn Reading, filter: &Filter) -> Result<BTreeMap<Code, Count>, StoreError> {
    let mut counts = BTreeMap::<Code, Count>::new();
    walk(reading, filter, &mut |line| {
        let count = counts.entry(line.code).or_default();
        let of_it = if line.cleared.is_some() { &mut count.cleared } else { &mut count.standing };
        *of_it = of_it.saturating_add(1);
    })?;
    Ok(counts)
}

fn walk(reading: &dyn Reading, filter: &Filter, each: &mut dyn FnMut(AnomalyLine)) -> Result<(), StoreError> {
    let mut broken = None;
    let mut take = |key: &[u8], value: &[u8]| match line(key, value) {
        Ok(line) => {
            if filter.lets_through(&line) {
                each(line);
            }
            ControlFlow::Continue(())
        }
        Err(error) => {
            broken = Some(error);
            ControlFlow::Break(())
        }
    };
    let mut from = Key::new();
    match (filter.merchant, filter.code) {
        (None, _) => reading.scan(ANOMALIES, &[], None, &mut take)?,
        (Some(merchant), None) => reading.scan_prefix(ANOMALIES, from.merchant(merchant), &mut take)?,
        (Some(merchant), Some(code)) => {
            prefix(&mut from, merchant, code);
            reading.scan_prefix(ANOMALIES, &from, &mut take)?;
        }
    }
    broken.map_or(Ok(()), Err)
}

fn line(key: &[u8], value: &[u8]) -> Result<AnomalyLine, StoreError> {
    let place = Where::read(key).ok_or_else(strange_key)?;
    let kept: Kept = read_row(value)?;
    let cleared = match kept.cleared.map(KeptClearing::read) {
        None => None,
        Some(Some(cleared)) => Some(cleared),
        Some(None) => return Err(StoreError::Broken("a row cannot be read".to_owned())),
    };
    Ok(AnomalyLine { code: place.code, key: place.key, slot: place.slot, since: Day(kept.since), cleared })
}
