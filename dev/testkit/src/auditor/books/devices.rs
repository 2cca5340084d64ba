//! Devices: which numbers their facts carried, which are missing, and who answers for what is missing.
//!
//! "Holes of a terminal lie between `first_seq` of its assignment (default 1) and the largest of what was seen and what
//! `TerminalTotals.last_seq` states, per epoch; `SequenceVoided` closes burnt numbers. Every hole has an owner: refused,
//! voided, late or unexplained."

use std::collections::BTreeMap;

use talon_domain::fact::{Assignment, Fact, Payload, Source};
use talon_domain::ids::{MerchantId, StreamKey, TerminalId};
use talon_domain::time::{Day, Instant};

use super::super::payment::judge;
use super::Prefix;

/// Merchant, terminal number, and which device behind it, from 1.
pub type Device = (u64, u32, u16);

/// What is known of a device at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceRow {
    /// The first number that it uses.
    pub first_seq: u32,
    /// The last number in use, seen or stated; 0 is none.
    pub last_seq: u32,
    /// Numbers that are missing, each with who answers for it.
    pub missing: BTreeMap<u32, String>,
    /// Numbers that several events used, with how many.
    pub repeats: BTreeMap<u32, u32>,
    /// The last day on which it was named, or on which totals of it were stated.
    pub last_day: Option<u16>,
    /// The last day on which it told anything itself, and by how many microseconds the record was behind at the least.
    pub skew: Option<(u16, i64)>,
}

/// For so long a number may still come: 24 hours.
const LATE_FOR_US: i64 = 24 * 3_600 * 1_000_000;
const SECOND_US: i64 = 1_000_000;

/// What was told of one device.
#[derive(Default)]
struct Told<'a> {
    /// Facts that name it: a fact of practice, one that was taken back, and one that cannot be read yet, too.
    facts: Vec<&'a Fact>,
    /// The last number as totals state it, and when they did.
    stated: Vec<(u32, Instant)>,
    totals_of: Vec<u16>,
    voided: Vec<(u32, u32)>,
    refused: Vec<u32>,
    assignment: Option<&'a Assignment>,
}

/// Every device that is registered or that facts name.
pub(super) fn rows(prefix: &Prefix, at: Instant) -> BTreeMap<Device, DeviceRow> {
    let mut rows = BTreeMap::new();
    for (device, told) in told(prefix) {
        rows.insert(device, row(&told, at));
    }
    rows
}

fn row(told: &Told<'_>, at: Instant) -> DeviceRow {
    let mut seen = BTreeMap::<u32, Instant>::new();
    for fact in told.facts.iter().filter(|fact| fact.header.terminal_seq.0 != 0) {
        let number = fact.header.terminal_seq.0;
        // What is held beside a number is a second.
        let at = Instant(happened(fact).0.div_euclid(SECOND_US) * SECOND_US);
        let first = seen.entry(number).or_insert(at);
        *first = at.min(*first);
    }
    let mut last_seq = seen.keys().max().copied().unwrap_or(0);
    for (number, _) in &told.stated {
        last_seq = last_seq.max(*number);
    }
    let first_seq = told.assignment.map_or(1, |assignment| assignment.first_seq.0.max(1));
    let days = told.facts.iter().map(|fact| fact.header.day.0).chain(told.totals_of.iter().copied());
    DeviceRow {
        first_seq,
        last_seq,
        missing: missing(told, &seen, (first_seq, last_seq), at),
        repeats: repeats(&told.facts),
        last_day: days.max(),
        skew: skew(&told.facts),
    }
}

fn missing(
    told: &Told<'_>,
    seen: &BTreeMap<u32, Instant>,
    (first, last): (u32, u32),
    at: Instant,
) -> BTreeMap<u32, String> {
    let mut missing = BTreeMap::new();
    for number in first..=last {
        if seen.contains_key(&number) {
            continue;
        }
        let is_voided = told.voided.iter().any(|(from, to)| *from <= number && number <= *to);
        let owner = if told.refused.contains(&number) {
            "refused"
        } else if is_voided {
            "voided"
        } else if shows_from(told, seen, first, number).is_some_and(|from| at.0 - from.0 < LATE_FOR_US) {
            "late"
        } else {
            "unexplained"
        };
        missing.insert(number, owner.to_owned());
    }
    missing
}

/// A hole shows from the earliest moment at which a number behind it was used, or one of its own or behind it was stated
/// as the last in use. A hole is all numbers around this one that are missing.
fn shows_from(told: &Told<'_>, seen: &BTreeMap<u32, Instant>, first: u32, number: u32) -> Option<Instant> {
    let mut begin = number;
    while begin > first && !seen.contains_key(&(begin - 1)) {
        begin -= 1;
    }
    let mut earliest: Option<Instant> = None;
    let later = seen.iter().filter(|(other, _)| **other > number).map(|(_, at)| *at);
    let stated = told.stated.iter().filter(|(last, _)| *last >= begin).map(|(_, at)| *at);
    for at in later.chain(stated) {
        earliest = Some(earliest.map_or(at, |earliest| earliest.min(at)));
    }
    earliest
}

/// "Facts of one kind in one stream under one number are one event told by several mouths; what one mouth tells twice is
/// two" (docs/views.md).
fn repeats(facts: &[&Fact]) -> BTreeMap<u32, u32> {
    let mut events = BTreeMap::<u32, BTreeMap<(StreamKey, u16), BTreeMap<Source, u32>>>::new();
    for fact in facts.iter().filter(|fact| fact.header.terminal_seq.0 != 0) {
        let header = &fact.header;
        let of_number = events.entry(header.terminal_seq.0).or_default();
        *of_number.entry((header.stream_key(), header.kind.0)).or_default().entry(header.source).or_default() += 1;
    }
    let mut repeats = BTreeMap::new();
    for (number, events) in events {
        let mut count = 0;
        for mouths in events.values() {
            count += mouths.values().max().copied().unwrap_or(0);
        }
        if count > 1 {
            repeats.insert(number, count);
        }
    }
    repeats
}

/// What a terminal told itself, and no import, on the last of such days (E23).
fn skew(facts: &[&Fact]) -> Option<(u16, i64)> {
    let mut skew: Option<(u16, i64)> = None;
    for fact in facts.iter().filter(|fact| fact.header.source == Source::Terminal && !fact.header.imported) {
        let (day, delay) = (fact.header.day.0, fact.header.recorded_at.0 - fact.header.occurred_at.0);
        skew = match skew {
            Some((last, _)) if day < last => skew,
            Some((last, least)) if day == last => Some((last, least.min(delay))),
            _ => Some((day, delay)),
        };
    }
    skew
}

/// Nothing happens after it was recorded.
fn happened(fact: &Fact) -> Instant {
    fact.header.occurred_at.min(fact.header.recorded_at)
}

fn told(prefix: &Prefix) -> BTreeMap<Device, Told<'_>> {
    let mut devices = BTreeMap::<Device, Told<'_>>::new();
    for (admitted, _) in prefix.facts() {
        let header = &admitted.fact.header;
        // What registers something names no device at work, whatever its header holds: kinds 4000 to 4999.
        let is_registry = (4_000..5_000).contains(&header.kind.0);
        if header.merchant.0 != 0 && header.terminal.0 != 0 && !is_registry {
            let device = device(header.merchant.0, header.terminal.0, header.terminal_epoch.0);
            devices.entry(device).or_default().facts.push(&admitted.fact);
        }
    }
    for stream in prefix.streams() {
        let merchant = stream.key.merchant.0;
        let Some(stated) = stated(&stream) else { continue };
        match &stated.payload {
            // Merchant 0 has no terminals at work; what registers one for it is shown all the same.
            Payload::Assignment(p) if !stream.key.training => {
                devices.entry(device(merchant, p.terminal.0, p.epoch.0)).or_default().assignment = Some(p);
            }
            _ if merchant == 0 => {}
            Payload::TerminalTotals(p) => {
                let told = devices.entry(device(merchant, p.terminal.0, p.epoch.0)).or_default();
                told.totals_of.push(p.day.0);
                if p.last_seq.0 != 0 {
                    told.stated.push((p.last_seq.0, happened(stated)));
                }
            }
            Payload::SequenceVoided(p) => {
                let told = devices.entry(device(merchant, p.terminal.0, p.epoch.0)).or_default();
                told.voided.push((p.from.0, p.to.0));
            }
            Payload::EventRefused(p) if p.terminal.0 != 0 => {
                devices.entry(device(merchant, p.terminal.0, p.epoch.0)).or_default().refused.push(p.seq.0);
            }
            _ => {}
        }
    }
    devices
}

/// "Absent = 1."
const fn device(merchant: u64, terminal: u32, epoch: u16) -> Device {
    (merchant, terminal, if epoch == 0 { 1 } else { epoch })
}

/// Whose word is shown of what is beside payments; a terminal's totals are its own word, as long as it said any.
pub(super) fn stated<'a>(stream: &super::Stream<'a>) -> Option<&'a Fact> {
    if stream.judged.payment.is_some() {
        return None;
    }
    let shown = stream.judged.told.first()?.winner().fact;
    if let Payload::TerminalTotals(_) = shown.payload
        && shown.header.source != Source::Terminal
    {
        let mut own = stream.facts.clone();
        own.retain(|fact| fact.header.source == Source::Terminal);
        let own = judge(&own).told.first().map(|told| told.winner().fact);
        return own.or(Some(shown));
    }
    Some(shown)
}

/// Whether a merchant keeps a registry of devices at all: without one nobody can say which terminal is unknown.
pub(super) fn has_devices(prefix: &Prefix, merchant: MerchantId) -> bool {
    for (device, told) in told(prefix) {
        if told.assignment.is_some() && device.0 == merchant.0 {
            return true;
        }
    }
    false
}

/// Whether a device stands behind a terminal's number on a day. "Terminal assignment is versioned in time" (E29); an end
/// that is not stated is open.
pub(super) fn is_assigned(prefix: &Prefix, merchant: MerchantId, terminal: TerminalId, on: Day) -> bool {
    for (device, told) in told(prefix) {
        if let Some(assignment) = told.assignment
            && (device.0, device.1) == (merchant.0, terminal.0)
            && assignment.from_day.is_none_or(|from| from <= on)
            && assignment.until_day.is_none_or(|until| on <= until)
        {
            return true;
        }
    }
    false
}
