//! Which life of a ledger this is: 1 since it was made, and more with each restore and each repair, because either may
//! have taken back what was acknowledged. Whoever publishes sees it in the answers, and sends again.
//!
//! It lies in `DIR/incarnation`, as a number in a line of its own; where there is none it is 1. It is written before a
//! restored ledger gets its name, so nobody ever publishes into one whose number is too low.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;
use talon_domain::fact::Kind;
use talon_domain::ids::{MerchantId, Position};
use talon_journal::{Journal, Record, partition_of};
use talon_proto::payload_to_json;

use crate::files::{make_file, sync};

const NAME: &str = "incarnation";
/// The life that begins with `talon init`.
pub(crate) const FIRST: u32 = 1;

/// The number of a ledger.
pub(crate) fn of(dir: &Path) -> anyhow::Result<u32> {
    let path = dir.join(NAME);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FIRST),
        text => text.with_context(|| format!("{} cannot be read", path.display()))?,
    };
    let number = text.trim_end().parse().ok().filter(|number| *number >= FIRST);
    number.with_context(|| {
        format!(
            "{} holds no number: write the one that the last answers of this ledger carried into it",
            path.display()
        )
    })
}

/// Gives a ledger its number; it is durable on return.
pub(crate) fn set(dir: &Path, number: u32) -> io::Result<()> {
    let new = dir.join("incarnation.new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {} // what an interrupted command left
    }
    let mut file = make_file(&new)?;
    writeln!(file, "{number}")?;
    file.sync_all()?;
    fs::rename(&new, dir.join(NAME))?;
    sync(dir)
}

/// Begins the next life of a ledger, durably, and says its number.
pub(crate) fn raise(dir: &Path) -> anyhow::Result<u32> {
    let life = after(of(dir)?)?;
    set(dir, life).with_context(|| format!("{} cannot be written", dir.join(NAME).display()))?;
    Ok(life)
}

/// The highest number that facts of the ledger tell: each restore and each repair left one.
pub(crate) fn told(journal: &dyn Journal) -> anyhow::Result<Option<u32>> {
    let mut reader = journal.read(partition_of(MerchantId(0)), Position(0))?;
    let mut told = None;
    while let Some(stored) = reader.next()? {
        let record = Record::parse(stored.bytes).ok();
        told = told.max(record.and_then(|record| told_by(&record)));
    }
    Ok(told)
}

fn told_by(record: &Record<'_>) -> Option<u32> {
    let header = record.fact_header();
    if ![Kind::RESTORED, Kind::REPAIRED].contains(&header.kind) {
        return None;
    }
    let payload = payload_to_json(header.kind, header.schema, record.payload()).ok()?;
    let payload: Value = serde_json::from_str(&payload).ok()?;
    payload.get("incarnation")?.as_u64()?.try_into().ok()
}

/// The number of the life that follows.
pub(crate) fn after(number: u32) -> anyhow::Result<u32> {
    number.checked_add(1).context("no incarnation is left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_and_none_is_the_first() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(of(dir.path()).expect("a number"), 1);
        for number in [7, 8] {
            set(dir.path(), number).expect("room");
            assert_eq!(of(dir.path()).expect("a number"), number);
        }
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);
        for text in ["", "0\n", "-1\n", "7 8\n", "4294967296\n"] {
            fs::write(dir.path().join(NAME), text).expect("room");
            assert!(of(dir.path()).is_err(), "{text:?}");
        }
    }
}
