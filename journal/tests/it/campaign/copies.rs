//! A folder that is copied, file by file and piece by piece, in any order, while an appender writes: the copy opens and
//! holds all that was acknowledged when copying began, or it is refused with a name.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use talon_journal::{Access, EmbeddedJournal, Folder, Journal, Storage, partition_of};
use talon_testkit::{Disk, batch_of, genesis, ledger_id};

use super::{Dice, Expect, Files, Given, Place, Scenario, index, is_torture, nth, settings};

/// Appends one record after the other until it is told to stop; answers everything that it gave.
fn append(journal: &EmbeddedJournal, acknowledged: &AtomicUsize, is_over: &AtomicBool) -> Vec<Given> {
    let mut given = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let n = given.len() as u64;
        let (merchant, bytes) = nth(n, index(n * 7_919 % 12_000));
        journal.append(batch_of([(merchant, bytes.as_slice())])).wait().expect("durable");
        given.push((partition_of(merchant), bytes));
        acknowledged.store(given.len(), Ordering::SeqCst);
        std::thread::sleep(Duration::from_micros(100));
    }
    given
}

/// Copies all files, in any order.
fn copy(storage: &dyn Storage, dice: &mut Dice) -> Files {
    let mut names = storage.list().expect("names");
    let mut files = Files::new();
    while !names.is_empty() {
        let name = names.swap_remove(index(dice.below(names.len() as u64)));
        match copy_file(storage, &name, dice) {
            Err(error) if error.kind() == ErrorKind::NotFound => {} // it has another name by now
            copied => drop(files.insert(name, copied.expect("a file"))),
        }
    }
    files
}

fn copy_file(storage: &dyn Storage, name: &str, dice: &mut Dice) -> std::io::Result<Vec<u8>> {
    let file = storage.open(name, Access::Read)?;
    let mut bytes = vec![0; index(file.size()?)];
    let mut at = 0;
    while at < bytes.len() {
        let end = bytes.len().min(at + 512 * index(1 + dice.below(200)));
        file.read_at(&mut bytes[at..end], at as u64)?;
        at = end;
        if dice.below(3) == 0 {
            std::thread::sleep(Duration::from_micros(dice.below(600)));
        }
    }
    Ok(bytes)
}

/// Copies while an appender writes, several times; then plays every copy.
fn copy_while_written(storage: &Arc<dyn Storage>, dice: &mut Dice, copies: usize) {
    let created = EmbeddedJournal::create_in(Arc::clone(storage), ledger_id(), settings(41), &genesis(ledger_id()));
    let journal = created.expect("a journal");
    let (acknowledged, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (given, copied) = std::thread::scope(|scope| {
        let appender = scope.spawn(|| append(&journal, &acknowledged, &is_over));
        while acknowledged.load(Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let take = |dice: &mut Dice| {
            std::thread::sleep(Duration::from_micros(dice.below(20_000)));
            let least = acknowledged.load(Ordering::SeqCst);
            (least, copy(storage.as_ref(), dice))
        };
        let copied: Vec<_> = (0..copies).map(|_| take(dice)).collect();
        is_over.store(true, Ordering::Relaxed);
        (appender.join().expect("an appender"), copied)
    });
    for (nth, (acknowledged, files)) in copied.into_iter().enumerate() {
        let what = format!("copy {nth} of a ledger that was written, {acknowledged} acknowledged when it began");
        Scenario { what, given: &given, acknowledged, files, expect: Expect::Lawful }.play(Place::Memory);
    }
}

fn rounds() -> u64 {
    if is_torture() { 20 } else { 2 }
}

#[test]
fn a_copy_of_a_disk_that_is_written_opens_or_is_refused() {
    let mut dice = Dice::new(6);
    for _ in 0..rounds() {
        let storage: Arc<dyn Storage> = Arc::new(Disk::new());
        copy_while_written(&storage, &mut dice, 8);
    }
}

#[test]
fn a_copy_of_a_folder_that_is_written_opens_or_is_refused() {
    let mut dice = Dice::new(7);
    for _ in 0..rounds() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage: Arc<dyn Storage> = Arc::new(Folder::new(folder.path()));
        copy_while_written(&storage, &mut dice, 8);
    }
}
