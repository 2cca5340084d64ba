//! A history that is the same each time: what commit number n puts, deletes and adds, and what there is after it.
//!
//! So a process that finds the state n in a store knows every row that must be there, whoever wrote it and was killed.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use talon_projections::cells::{Cells, Code};
use talon_projections::store::{Merge, StoreError, Table, Tables};

use super::model::noise;

pub(super) const LATEST: Table = Table(1);
pub(super) const SUMS: Table = Table(7);
const ROWS: u32 = 40;

pub(super) fn merge(table: Table) -> Merge {
    if table == SUMS { Merge::Cells } else { Merge::Latest }
}

/// The rows of both tables after a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rows {
    latest: BTreeMap<Vec<u8>, Vec<u8>>,
    sums: BTreeMap<Vec<u8>, Cells>,
}

enum Change {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    Add(Vec<u8>, Cells),
}

/// What a commit changes: rows of all lengths, some of them longer than a block of the store.
fn changes(commit: u32) -> impl Iterator<Item = Change> {
    (0..ROWS).map(move |row| {
        let mixed = (commit * ROWS + row).wrapping_mul(0x9e37_79b9);
        let key = [&b"row"[..], &(mixed % 200).to_be_bytes()].concat();
        match mixed >> 8 & 15 {
            0..3 => Change::Delete(key),
            3..9 => Change::Add(key, Cells::of(Code::sum(row % 5), i128::from(mixed % 9) - 4)),
            9 => Change::Put(key, noise(mixed >> 12 & 0x7fff, mixed)),
            _ => Change::Put(key, noise(mixed >> 12 & 0x1ff, mixed)),
        }
    })
}

impl Rows {
    /// The rows after each number of commits, from none on.
    pub(super) fn history(commits: u32) -> Vec<Self> {
        (0..=commits).map(Self::after).collect()
    }

    /// The rows after so many commits.
    pub(super) fn after(commits: u32) -> Self {
        let mut rows = Self::default();
        (1..=commits).for_each(|commit| rows.take(commit));
        rows
    }

    /// Takes a commit.
    pub(super) fn take(&mut self, commit: u32) {
        for change in changes(commit) {
            match change {
                Change::Put(key, value) => drop(self.latest.insert(key, value)),
                Change::Delete(key) => drop(self.latest.remove(&key)),
                Change::Add(key, cells) => {
                    self.sums.entry(key.clone()).or_default().merge(&cells);
                    self.sums.retain(|_, cells| !cells.is_empty());
                }
            }
        }
    }

    /// The rows of a table as bytes, in order.
    fn of(&self, table: Table) -> Vec<(Vec<u8>, Vec<u8>)> {
        let sums = || self.sums.iter().map(|(key, cells)| (key.clone(), cells.encode()));
        let latest = || self.latest.iter().map(|(key, value)| (key.clone(), value.clone()));
        if table == SUMS { sums().collect() } else { latest().collect() }
    }

    /// Reads both tables, by walking them and by asking for keys; every row that is shown must be one of these, at its
    /// place, and the tables end where these end, or by an error.
    pub(super) fn check(&self, tables: &Tables) -> Result<(), StoreError> {
        for table in [LATEST, SUMS] {
            let expected = self.of(table);
            let mut seen = 0;
            tables.scan(table, &[], None, &mut |key, row| {
                let place: Option<&(Vec<u8>, Vec<u8>)> = expected.get(seen);
                assert!(place.is_some_and(|place| place.0 == key && place.1 == row), "{table:?} {key:?} is wrong");
                seen += 1;
                ControlFlow::Continue(())
            })?;
            assert_eq!(seen, expected.len(), "{table:?} ends too early");
            for (key, row) in expected.iter().step_by(7) {
                assert_eq!(tables.get(table, key)?.as_ref(), Some(row));
                assert_eq!(tables.get(table, &[key.as_slice(), b"-"].concat())?, None);
            }
        }
        Ok(())
    }
}

/// The number of the last commit of these tables.
pub(super) fn commits_of(tables: &Tables) -> u32 {
    tables.state().try_into().map_or(0, u32::from_le_bytes)
}

/// Says to the tables what a commit changes.
pub(super) fn say(tables: &mut Tables, commit: u32) {
    for change in changes(commit) {
        match change {
            Change::Put(key, value) => tables.put(LATEST, &key, &value),
            Change::Delete(key) => tables.delete(LATEST, &key),
            Change::Add(key, cells) => tables.add(SUMS, &key, &cells),
        }
    }
}

/// Makes the next commit, and merges what is due.
pub(super) fn commit(tables: &mut Tables, commit: u32) -> Result<(), StoreError> {
    say(tables, commit);
    tables.commit(&commit.to_le_bytes())
}
