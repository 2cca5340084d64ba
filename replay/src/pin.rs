//! Pins: what a ledger's roots were once, in a small file that is kept where nobody who writes the ledger can write.
//!
//! ```text
//! {"talon_pin":1,"ledger":"019a...","time":"2026-11-24T18:30:00Z","partitions":[
//! {"partition":0,"size":1,"root":"6e34..."},
//! ...
//! ]}
//! ```
//!
//! Invariants:
//! - a pin that is read is of this form and of no other: what it does not know, it refuses
//! - it names each partition at most once, in their order, and only with records
//!
//! This module opens no file, and says nothing of who made a pin: it is as good as the place where it was kept.

use serde::Deserialize;
use serde_json::error::Category;
use talon_domain::ids::{LedgerId, PartitionId};
use talon_domain::time::Instant;
use talon_journal::{ErrorKind, PARTITIONS};
use talon_tlog::{Hash, TreeHead};

/// The form of pins that this release writes and reads.
const FORM: u64 = 1;

/// The roots of a ledger at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    ledger: LedgerId,
    time: String,
    partitions: Vec<(PartitionId, TreeHead)>,
}

/// Why some bytes are no pin. None of these repeats what the bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// It is larger than any pin.
    #[error("pin_must_be_small: a pin has at most {} bytes", Pin::BYTES_MAX)]
    TooLarge,
    /// It is no JSON, or breaks off.
    #[error("pin_must_be_json: line {line}, column {column}")]
    NotJson {
        /// In which line, from 1.
        line: usize,
        /// In which column of it.
        column: usize,
    },
    /// A later release made it, or it is something else.
    #[error("pin_form_must_be_known: this release reads \"talon_pin\": 1")]
    Form,
    /// A field is missing, is unknown, stands twice, or is of another type.
    #[error("pin_must_have_its_fields: line {line}, column {column}")]
    Fields {
        /// In which line, from 1.
        line: usize,
        /// In which column of it.
        column: usize,
    },
    /// The ledger is no id of one.
    #[error("pin_must_name_a_ledger: an id of a ledger is a UUID, in lower case")]
    Ledger,
    /// The time is not written as pins write it.
    #[error("pin_must_have_a_time: RFC 3339 in UTC, as 2026-11-24T18:30:00Z")]
    Time,
    /// Partitions are out of order, stand twice, do not exist, hold nothing, or there are none.
    #[error("pin_must_name_partitions_in_order: entry {entry} of its partitions")]
    Partitions {
        /// Which entry, from 1.
        entry: usize,
    },
    /// A root is no hash.
    #[error("pin_must_have_roots: entry {entry} of its partitions; a root is 64 lower-case hexadecimal digits")]
    Root {
        /// Which entry, from 1.
        entry: usize,
    },
}

impl PinError {
    /// Which of the five kinds: the same bytes would fail again.
    pub const fn kind(self) -> ErrorKind {
        ErrorKind::Rejected
    }
}

/// The one field that every form has.
#[derive(Deserialize)]
struct Form {
    talon_pin: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "talon_pin")]
    _form: u64,
    ledger: String,
    time: String,
    partitions: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    partition: u16,
    size: u64,
    root: String,
}

impl Pin {
    /// No pin is larger, however its JSON is laid out: 64 partitions take an eighth of it.
    pub const BYTES_MAX: usize = 64 << 10;

    /// The pin of these heads; `None` if there is no record to pin.
    pub fn of(ledger: LedgerId, at: Instant, heads: impl IntoIterator<Item = (PartitionId, TreeHead)>) -> Option<Self> {
        let partitions: Vec<_> = heads.into_iter().filter(|(_, head)| head.size > 0).collect();
        (!partitions.is_empty()).then(|| Self { ledger, time: at.rfc3339(), partitions })
    }

    /// Reads a pin.
    ///
    /// # Errors
    /// Rejected: the bytes are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, PinError> {
        if bytes.len() > Self::BYTES_MAX {
            return Err(PinError::TooLarge);
        }
        let Form { talon_pin } = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
            Category::Data => PinError::Form,
            _ => PinError::NotJson { line: error.line(), column: error.column() },
        })?;
        if talon_pin != FORM {
            return Err(PinError::Form);
        }
        if let Some((line, column)) = second_list(bytes) {
            return Err(PinError::Fields { line, column });
        }
        let file: File = serde_json::from_slice(bytes)
            .map_err(|error| PinError::Fields { line: error.line(), column: error.column() })?;
        let ledger = LedgerId::parse(&file.ledger).ok_or(PinError::Ledger)?;
        if !is_time(&file.time) {
            return Err(PinError::Time);
        }
        Ok(Self { ledger, time: file.time, partitions: heads(&file.partitions)? })
    }

    /// Its bytes: JSON, one partition a line.
    pub fn encode(&self) -> String {
        let rows = self.partitions.iter().map(|(partition, head)| {
            format!("{{\"partition\":{partition},\"size\":{},\"root\":\"{}\"}}", head.size, head.root)
        });
        let rows = rows.collect::<Vec<_>>().join(",\n");
        let (ledger, time) = (self.ledger, &self.time);
        format!("{{\"talon_pin\":{FORM},\"ledger\":\"{ledger}\",\"time\":\"{time}\",\"partitions\":[\n{rows}\n]}}\n")
    }

    /// Whose roots these are.
    pub const fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// When they were computed, as the pin says it.
    pub fn time(&self) -> &str {
        &self.time
    }

    /// Size and root of each partition that held a record, in their order.
    pub fn partitions(&self) -> &[(PartitionId, TreeHead)] {
        &self.partitions
    }
}

/// Where a second list begins. A pin has one, and no text with a bracket in it; a list that stands for an object, as
/// some readers of JSON take it, would be a second way to write the same pin.
fn second_list(bytes: &[u8]) -> Option<(usize, usize)> {
    let lines = bytes.split(|byte| *byte == b'\n').zip(1..);
    let mut lists = lines.flat_map(|(line, number)| {
        let columns = line.iter().zip(1..).filter(|(byte, _)| **byte == b'[');
        columns.map(move |(_, column)| (number, column))
    });
    lists.nth(1)
}

fn heads(entries: &[Entry]) -> Result<Vec<(PartitionId, TreeHead)>, PinError> {
    if entries.is_empty() {
        return Err(PinError::Partitions { entry: 1 });
    }
    let (mut heads, mut least) = (Vec::with_capacity(entries.len()), 0);
    for (entry, at) in entries.iter().zip(1..) {
        if !(least..PARTITIONS).contains(&entry.partition) || entry.size == 0 {
            return Err(PinError::Partitions { entry: at });
        }
        least = entry.partition.saturating_add(1);
        let root = Hash::parse(&entry.root).ok_or(PinError::Root { entry: at })?;
        heads.push((PartitionId(entry.partition), TreeHead { size: entry.size, root }));
    }
    Ok(heads)
}

/// Whether a text has the form of a time: `2026-11-24T18:30:00Z`, with decimals or without. It is shown as it stands.
fn is_time(text: &str) -> bool {
    let has_form = |text: &str, form: &str| {
        let fits = |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte == form };
        text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
    };
    let Some(clock) = text.strip_suffix('Z') else { return false };
    let (whole, decimals) = clock.split_once('.').unwrap_or((clock, "000"));
    has_form(whole, "0000-00-00T00:00:00") && (has_form(decimals, "000") || has_form(decimals, "000000"))
}

#[cfg(test)]
mod tests;
