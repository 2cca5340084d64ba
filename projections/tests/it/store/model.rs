//! Tables beside a model of them: any puts, deletes, additions, commits, merges and reopenings, and then the same rows.

use std::collections::{BTreeMap, VecDeque};
use std::ops::{Bound, ControlFlow};
use std::path::Path;

use proptest::prelude::*;
use talon_projections::cells::{Cells, Code};
use talon_projections::reading::Reading;
use talon_projections::store::{MemoryStore, Merge, SledStore, Snapshot, Store, StoreError, Table, Tables};

use super::shared::Shared;

/// Tables below this one keep the latest row, the others sums.
const SUMS: u16 = 3;
const TABLES: u16 = 5;

/// The rows that there should be; a row of sums is its cells' bytes.
type Rows = BTreeMap<(u16, Vec<u8>), Vec<u8>>;

fn merge(table: Table) -> Merge {
    if table.0 < SUMS { Merge::Latest } else { Merge::Cells }
}

#[derive(Clone, Debug)]
enum Step {
    Put(u16, Vec<u8>, Vec<u8>),
    Delete(u16, Vec<u8>),
    Add(u16, Vec<u8>, Cells),
    /// Rows of a table that were never in memory.
    Load(u16, BTreeMap<Vec<u8>, Cells>),
    Commit,
    /// A commit that another thread makes.
    Behind,
    GoOn,
    Merge(u8),
    Reopen,
    Drop(u16),
    Replace(u16, u16),
    Scan(u16, Vec<u8>, Vec<u8>),
    /// Somebody begins to read rows as they are.
    Snapshot,
    /// Whoever began first has read them, and goes.
    Look,
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => proptest::collection::vec(prop_oneof![Just(0u8), Just(7), Just(255)], 0..4),
        1 => (0u16..40).prop_map(|n| [&b"row"[..], &n.to_be_bytes()].concat()),
    ]
}

fn cells() -> impl Strategy<Value = Cells> {
    let code = (0u32..2, 0u8..3).prop_map(|(name, meeting)| match meeting {
        0 => Code::sum(name),
        1 => Code::maximum(name),
        _ => Code::minimum(name),
    });
    proptest::collection::vec((code, -2i128..3), 0..3).prop_map(|cells| cells.into_iter().collect())
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => proptest::collection::vec(any::<u8>(), 0..6),
        1 => (0usize..40_000, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]),
        // What does not compress takes several blocks.
        1 => (20_000u32..90_000, any::<u32>()).prop_map(|(length, seed)| noise(length, seed)),
    ]
}

pub(super) fn noise(length: u32, seed: u32) -> Vec<u8> {
    (0..length).map(|n| (n ^ seed).wrapping_mul(0x9e37_79b9).rotate_left(n % 31).to_le_bytes()[3]).collect()
}

fn step() -> impl Strategy<Value = Step> {
    let (all, sums) = (0..TABLES, SUMS..TABLES);
    let rows = || proptest::collection::btree_map(key(), cells(), 0..12);
    prop_oneof![
        8 => (0..SUMS, key(), value()).prop_map(|(table, key, value)| Step::Put(table, key, value)),
        1 => (sums.clone(), key(), cells()).prop_map(|(table, key, cells)| Step::Put(table, key, cells.encode())),
        4 => (all.clone(), key()).prop_map(|(table, key)| Step::Delete(table, key)),
        8 => (sums, key(), cells()).prop_map(|(table, key, cells)| Step::Add(table, key, cells)),
        2 => (all.clone(), rows()).prop_map(|(table, rows)| Step::Load(table, rows)),
        7 => Just(Step::Commit),
        7 => Just(Step::Behind),
        6 => Just(Step::GoOn),
        6 => (1u8..6).prop_map(Step::Merge),
        2 => Just(Step::Reopen),
        1 => all.clone().prop_map(Step::Drop),
        // Only tables of one kind stand in for each other.
        1 => (0..SUMS, 0..SUMS).prop_map(|(live, by)| Step::Replace(live, by)),
        1 => (SUMS..TABLES, SUMS..TABLES).prop_map(|(live, by)| Step::Replace(live, by)),
        3 => Just(Step::Snapshot),
        2 => Just(Step::Look),
        3 => (all, key(), key()).prop_map(|(table, from, below)| Step::Scan(table, from, below)),
    ]
}

/// Tables, what they should hold now, and what they held at each commit.
struct Beside {
    tables: Option<Tables>,
    reopen: Box<dyn Fn() -> Result<Tables, StoreError>>,
    now: Rows,
    history: Vec<Rows>,
    /// Which commit is durable, if not a later one.
    durable: usize,
    /// Rows that somebody reads, and what they should be.
    snapshots: VecDeque<(Snapshot, Rows)>,
}

impl Beside {
    fn new(reopen: Box<dyn Fn() -> Result<Tables, StoreError>>) -> Self {
        let tables = Some(reopen().expect("empty tables"));
        Self { tables, reopen, now: Rows::new(), history: vec![Rows::new()], durable: 0, snapshots: VecDeque::new() }
    }

    fn tables(&mut self) -> &mut Tables {
        self.tables.as_mut().expect("open tables")
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Put(table, key, value) => {
                self.tables().put(Table(table), &key, &value);
                self.set(table, key, value);
            }
            Step::Delete(table, key) => {
                self.tables().delete(Table(table), &key);
                self.now.remove(&(table, key));
            }
            Step::Add(table, key, cells) => {
                self.tables().add(Table(table), &key, &cells);
                self.add(table, key, &cells);
            }
            Step::Load(table, rows) => self.load(table, rows),
            Step::Commit => self.commit(),
            Step::Behind => self.commit_behind(),
            Step::GoOn => drop(self.tables().go_on().expect("memory")),
            Step::Merge(steps) => (0..steps).for_each(|_| {
                self.tables().merge_step().expect("a step");
            }),
            Step::Reopen => self.reopen(),
            Step::Drop(table) => {
                self.tables().drop_table(Table(table)).expect("memory");
                self.now.retain(|(of, _), _| *of != table);
            }
            Step::Replace(live, by) => self.replace(live, by),
            Step::Scan(table, from, below) => self.scan(table, &from, &below),
            Step::Snapshot => {
                let rows = self.now.clone();
                let snapshot = self.tables().snapshot();
                self.snapshots.push_back((snapshot, rows));
            }
            Step::Look => self.look(),
        }
    }

    fn set(&mut self, table: u16, key: Vec<u8>, value: Vec<u8>) {
        if table >= SUMS && value.is_empty() {
            self.now.remove(&(table, key));
        } else {
            self.now.insert((table, key), value);
        }
    }

    fn add(&mut self, table: u16, key: Vec<u8>, cells: &Cells) {
        let held = self.now.get(&(table, key.clone())).map(|row| Cells::decode(row).expect("cells"));
        let mut all = held.unwrap_or_default();
        all.merge(cells);
        self.set(table, key, all.encode());
    }

    /// What is loaded lies below memory, so memory is committed first to make the order plain.
    fn load(&mut self, table: u16, rows: BTreeMap<Vec<u8>, Cells>) {
        self.commit();
        let mut load = self.tables().load(Table(table)).expect("memory");
        rows.iter().for_each(|(key, cells)| load.push(key, &cells.encode()).expect("a row"));
        load.finish().expect("a run");
        for (key, cells) in rows {
            if table < SUMS {
                self.set(table, key, cells.encode());
            } else {
                self.add(table, key, &cells);
            }
        }
        self.commit();
    }

    fn next_state(&mut self) -> [u8; 8] {
        self.history.push(self.now.clone());
        (self.history.len() - 1).to_le_bytes()
    }

    fn commit(&mut self) {
        let state = self.next_state();
        self.tables().commit(&state).expect("a commit");
        assert_eq!(self.tables().memory_bytes(), 0);
        self.durable = self.history.len() - 1;
    }

    /// The one before is durable when the next one is begun.
    fn commit_behind(&mut self) {
        let before = self.history.len() - 1;
        let state = self.next_state();
        self.tables().commit_behind(&state).expect("a commit that is begun");
        assert_eq!((self.tables().memory_bytes(), self.tables().state()), (0, &state[..]));
        self.durable = before;
    }

    fn look(&mut self) {
        if let Some((snapshot, rows)) = self.snapshots.pop_front() {
            check(&snapshot, &rows);
        }
    }

    fn look_at_all(&mut self) {
        while !self.snapshots.is_empty() {
            self.look();
        }
    }

    fn reopen(&mut self) {
        self.look_at_all();
        self.tables = None;
        self.tables = Some((self.reopen)().expect("what was closed opens"));
        let state = self.tables().state().try_into().map_or(0, usize::from_le_bytes);
        assert!(state >= self.durable, "commit {state} is older than {}", self.durable);
        self.history.truncate(state + 1);
        self.now = self.history[state].clone();
        self.durable = state;
    }

    fn replace(&mut self, live: u16, by: u16) {
        self.tables().replace(Table(live), Table(by)).expect("memory");
        if live != by {
            self.now.retain(|(table, _), _| *table != live);
            let rows: Vec<_> = self.now.extract_if(.., |(table, _), _| *table == by).collect();
            self.now.extend(rows.into_iter().map(|((_, key), row)| ((live, key), row)));
        }
    }

    fn scan(&mut self, table: u16, from: &[u8], below: &[u8]) {
        let expected: Vec<_> = rows_of(&self.now, table).filter(|(key, _)| *key >= from && *key < below).collect();
        let mut seen = Vec::new();
        let tables = self.tables.as_ref().expect("open tables");
        let each = &mut |key: &[u8], row: &[u8]| {
            seen.push((key.to_vec(), row.to_vec()));
            ControlFlow::Continue(())
        };
        tables.scan(Table(table), from, Some(below), each).expect("a scan");
        assert_eq!(borrowed(&seen), expected);
        let expected: Vec<_> = rows_of(&self.now, table).filter(|(key, _)| key.starts_with(from)).take(3).collect();
        let mut seen = Vec::new();
        let each = &mut |key: &[u8], row: &[u8]| {
            seen.push((key.to_vec(), row.to_vec()));
            if seen.len() < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        tables.prefix(Table(table), from, each).expect("a scan");
        assert_eq!(borrowed(&seen), expected);
    }

    fn check(&self) {
        check(self.tables.as_ref().expect("open tables"), &self.now);
    }
}

fn check(reading: &dyn Reading, rows: &Rows) {
    assert_eq!(all_rows(reading).expect("a scan"), *rows);
    for table in 0..TABLES {
        for key in rows.keys().map(|(_, key)| key.as_slice()).chain([&[7, 7][..], b"none"]) {
            let expected = rows.get(&(table, key.to_vec()));
            assert_eq!(reading.get(Table(table), key).expect("a read").as_ref(), expected, "{table} {key:?}");
        }
    }
}

fn rows_of(rows: &Rows, table: u16) -> impl Iterator<Item = (&[u8], &[u8])> {
    let range = (Bound::Included((table, Vec::new())), Bound::Excluded((table + 1, Vec::new())));
    rows.range(range).map(|((_, key), row)| (key.as_slice(), row.as_slice()))
}

fn borrowed(rows: &[(Vec<u8>, Vec<u8>)]) -> Vec<(&[u8], &[u8])> {
    rows.iter().map(|(key, row)| (key.as_slice(), row.as_slice())).collect()
}

fn all_rows(reading: &dyn Reading) -> Result<Rows, StoreError> {
    let mut rows = Rows::new();
    for table in 0..TABLES {
        reading.scan(Table(table), &[], None, &mut |key, row| {
            rows.insert((table, key.to_vec()), row.to_vec());
            ControlFlow::Continue(())
        })?;
    }
    Ok(rows)
}

fn play(steps: Vec<Step>, reopen: Box<dyn Fn() -> Result<Tables, StoreError>>) {
    let mut beside = Beside::new(reopen);
    for step in steps {
        beside.take(step);
    }
    beside.check();
    beside.take(Step::Commit);
    beside.look_at_all();
    let mut steps = 0;
    while beside.tables().merge_due() {
        assert!(beside.tables().merge_step().expect("a step"), "what is due is done");
        steps += 1;
        assert!(steps < 1_000, "merging ends");
    }
    assert!(!beside.tables().merge_step().expect("a step"));
    beside.check();
    beside.take(Step::Reopen);
    beside.check();
}

fn in_memory() -> Box<dyn Fn() -> Result<Tables, StoreError>> {
    let store = Shared::new(MemoryStore::new());
    Box::new(move || Tables::open(Box::new(store.clone()), merge))
}

fn on_disk(folder: &Path) -> Box<dyn Fn() -> Result<Tables, StoreError>> {
    let folder = folder.to_path_buf();
    Box::new(move || {
        let store: Box<dyn Store> = Box::new(SledStore::open(&folder)?);
        Tables::open(store, merge)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn tables_hold_what_a_map_would_hold(steps in proptest::collection::vec(step(), 0..150)) {
        play(steps, in_memory());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn tables_on_disk_hold_what_a_map_would_hold(steps in proptest::collection::vec(step(), 0..60)) {
        let folder = tempfile::tempdir().expect("a folder");
        play(steps, on_disk(folder.path()));
    }
}
