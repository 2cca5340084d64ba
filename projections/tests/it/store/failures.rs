//! A store that fails at any of its writes: what is opened afterwards is a commit, whole, and nothing else lies there.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use talon_projections::store::{Batch, MemoryStore, Store, StoreError, Tables};

use super::history::{LATEST, Rows, SUMS, commit, commits_of, merge, say};
use super::shared::Shared;

/// Commits of a history; some merges are due within them.
const COMMITS: u32 = 8;

/// A store whose writes and flushes are counted, and some of them fail.
#[derive(Clone)]
struct Failing {
    store: Shared,
    /// Writes and flushes so far.
    asked: Arc<AtomicU64>,
    fails: fn(u64, u64) -> bool,
    /// The number that `fails` is given beside the count.
    at: u64,
    /// Whether a write that fails was made nevertheless.
    nevertheless: bool,
}

impl Failing {
    fn new(store: &Shared, at: u64, fails: fn(u64, u64) -> bool, nevertheless: bool) -> Self {
        Self { store: store.clone(), asked: Arc::default(), fails, at, nevertheless }
    }

    fn fails(&self) -> bool {
        (self.fails)(self.asked.fetch_add(1, Ordering::Relaxed), self.at)
    }
}

impl Store for Failing {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.read(key)
    }

    fn keys(
        &self,
        from: &[u8],
        below: &[u8],
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.store.keys(from, below, each)
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let fails = self.fails();
        if !fails || self.nevertheless {
            self.store.write(batch)?;
        }
        if fails { Err(StoreError::Full) } else { Ok(()) }
    }

    fn bytes(&self) -> Result<u64, StoreError> {
        self.store.bytes()
    }

    fn flush(&self) -> Result<(), StoreError> {
        if self.fails() { Err(StoreError::Full) } else { Ok(()) }
    }
}

/// Plays the history until it fails or ends: the last commit that was said to be in, and the one that was tried.
fn play(store: Failing) -> (u32, u32) {
    let Ok(mut tables) = Tables::open(Box::new(store), merge) else { return (0, 0) };
    for number in 1..=COMMITS {
        if commit(&mut tables, number).is_err() {
            return (number - 1, number);
        }
        while let Ok(true) = tables.merge_step() {}
    }
    (COMMITS, COMMITS)
}

fn rows_of(history: &[Rows], commits: u32) -> &Rows {
    &history[usize::try_from(commits).expect("a few")]
}

/// The runs of which something lies in a store.
fn runs_in(store: &Shared) -> Vec<u64> {
    let mut runs = Vec::new();
    let each = &mut |key: &[u8]| {
        runs.push(u64::from_be_bytes(key[1..9].try_into().expect("a run's number")));
        ControlFlow::Continue(())
    };
    store.keys(&[], &[255], each).expect("memory");
    runs.dedup();
    runs
}

/// Opens what is left: it is a commit, not before the one that was acknowledged, and all of it can be deleted.
fn check(store: &Shared, acknowledged: u32, tried: u32, history: &[Rows]) {
    let mut tables = Tables::open(Box::new(store.clone()), merge).expect("what was left opens");
    let commits = commits_of(&tables);
    assert!((acknowledged..=tried).contains(&commits), "{commits} is neither {acknowledged} nor {tried}");
    rows_of(history, commits).check(&tables).expect("whole tables");
    let runs: usize = tables.tables().map(|(_, size)| size.runs).sum();
    assert_eq!(runs_in(store).iter().filter(|run| **run > 0).count(), runs, "something is left that no table names");
    commit(&mut tables, commits + 1).expect("a further commit");
    while tables.merge_step().expect("a step") {}
    rows_of(history, commits + 1).check(&tables).expect("whole tables");
    tables.drop_table(LATEST).expect("a table");
    tables.drop_table(SUMS).expect("a table");
    tables.commit(b"").expect("a last commit");
    while tables.merge_step().expect("a step") {}
    assert_eq!(runs_in(store), [0], "what was dropped is deleted");
}

/// Opens a copy, as another process would after this one had been killed.
fn check_as_it_is(store: &Shared, acknowledged: u32, tried: u32, history: &[Rows]) {
    let left = Tables::open(Box::new(store.as_it_is()), merge).expect("what is left opens");
    assert!((acknowledged..=tried).contains(&commits_of(&left)));
    rows_of(history, commits_of(&left)).check(&left).expect("whole tables");
}

#[test]
fn stopped_at_any_write_it_opens_at_a_commit() {
    let whole = Failing::new(&Shared::new(MemoryStore::new()), 0, |_, _| false, false);
    assert_eq!(play(whole.clone()), (COMMITS, COMMITS));
    let writes = whole.asked.load(Ordering::Relaxed);
    assert!(writes > 40, "{writes} writes are too few");
    let history = Rows::history(COMMITS + 2);
    for nevertheless in [false, true] {
        for at in 0..=writes {
            let store = Shared::new(MemoryStore::new());
            // From one write on all fail, as they do for a process that is gone.
            let (acknowledged, tried) = play(Failing::new(&store, at, |asked, at| asked >= at, nevertheless));
            check(&store, acknowledged, tried, &history);
        }
    }
}

#[test]
fn a_write_that_fails_once_is_tried_again() {
    let history = Rows::history(COMMITS + 2);
    for nevertheless in [false, true] {
        for every in 2..14 {
            let store = Shared::new(MemoryStore::new());
            let failing = Failing::new(&store, every, |asked, every| asked % every == every - 1, nevertheless);
            let mut tables = Tables::open(Box::new(failing), merge).expect("an empty store");
            let mut failed = 0;
            for number in 1..=COMMITS {
                say(&mut tables, number);
                let bytes = tables.memory_bytes();
                // A commit makes several writes; with fewer between two failures it never gets through.
                let mut tries = 0;
                while tables.commit(&number.to_le_bytes()).is_err() {
                    assert_eq!((tables.memory_bytes(), commits_of(&tables)), (bytes, number - 1));
                    rows_of(&history, number).check(&tables).expect("memory over what was there");
                    failed += 1;
                    tries += 1;
                    let _ = tables.merge_step();
                    check_as_it_is(&store, number - 1, number, &history);
                    if tries > 20 {
                        break;
                    }
                }
                if tries > 20 {
                    break;
                }
                (0..40).for_each(|_| failed += u32::from(tables.merge_step().is_err()));
                rows_of(&history, number).check(&tables).expect("all rows");
                check_as_it_is(&store, number, number, &history);
            }
            assert!(failed > 0, "nothing failed");
            let commits = commits_of(&tables);
            drop(tables);
            check(&store, commits, commits + 1, &history);
        }
    }
}

/// The thread that writes fails at any of its writes: all rows are read on, and what was begun is begun again before
/// anything that came later.
#[test]
fn a_commit_behind_that_fails_is_read_on_and_tried_again() {
    let history = Rows::history(COMMITS + 2);
    for at in 0..60 {
        let store = Shared::new(MemoryStore::new());
        let failing = Failing::new(&store, at, |asked, at| asked == at, at % 2 == 0);
        let mut tables = Tables::open(Box::new(failing), merge).expect("an empty store");
        for number in 1..=COMMITS {
            say(&mut tables, number);
            if tables.commit_behind(&number.to_le_bytes()).is_err() {
                rows_of(&history, number).check(&tables).expect("what failed over what was there");
                tables.commit_behind(&number.to_le_bytes()).expect("one write fails, and no other");
            }
            rows_of(&history, number).check(&tables).expect("all rows, whatever is being written");
            let _ = tables.go_on();
        }
        tables.finish().or_else(|_| tables.finish()).expect("one write fails, and no other");
        check_as_it_is(&store, COMMITS, COMMITS, &history);
        drop(tables);
        check(&store, COMMITS, COMMITS, &history);
    }
}

#[test]
fn blocks_that_are_lost_changed_or_exchanged_are_noticed() {
    let store = Shared::new(MemoryStore::new());
    play(Failing::new(&store, 0, |_, _| false, false));
    let mut blocks = Vec::new();
    store
        .keys(&[], &[255], &mut |key| {
            blocks.push(key.to_vec());
            ControlFlow::Continue(())
        })
        .expect("memory");
    let values: Vec<_> = blocks.iter().map(|key| store.read(key).expect("memory").expect("a block")).collect();
    assert!(blocks.len() > 20, "{} blocks are too few", blocks.len());
    let history = Rows::history(COMMITS);
    let mut noticed = 0;
    for (number, key) in blocks.iter().enumerate() {
        let value = &values[number];
        let mut flipped = value.clone();
        flipped[number % value.len()] ^= 1 << (number % 8);
        let other = values[(number + 1) % values.len()].clone();
        let cut = value[..value.len() - 1].to_vec();
        for damaged in [None, Some(flipped), Some(other), Some(cut), Some(Vec::new())] {
            change(&store, key, damaged);
            noticed += u32::from(is_noticed(&store, &history));
            change(&store, key, Some(value.clone()));
        }
    }
    assert!(!is_noticed(&store, &history));
    // Without its list a store is empty, which is a commit, too.
    assert_eq!(noticed, u32::try_from(blocks.len() * 5).expect("some") - 1);
}

fn change(store: &Shared, key: &[u8], value: Option<Vec<u8>>) {
    let mut batch = Batch::new();
    match value {
        Some(value) => batch.put(key.to_vec(), value),
        None => batch.delete(key.to_vec()),
    }
    store.write(batch).expect("memory");
}

/// Whether damage is told; if it is not, the store must hold a commit.
fn is_noticed(store: &Shared, history: &[Rows]) -> bool {
    let read = Tables::open(Box::new(store.clone()), merge)
        .and_then(|tables| rows_of(history, commits_of(&tables)).check(&tables));
    assert!(matches!(read, Ok(()) | Err(StoreError::Broken(_))), "{read:?}");
    read.is_err()
}
