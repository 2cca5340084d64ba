//! The life of an index: generations, runs, merges, closing and opening.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use talon_journal::{Access, Claim, IndexHealth, PARTITIONS, Storage, StorageFile};

use super::*;

fn publish_in_tens(bench: &mut Bench, keys: &[IdKey]) {
    for keys in keys.chunks(10) {
        assert_eq!(bench.publish(keys, NOW).unwrap(), keys.len());
    }
}

#[test]
fn ids_are_known_in_memory_in_runs_and_after_opening() {
    let mut bench = Bench::new();
    bench.open().unwrap();
    publish_in_tens(&mut bench, &timely(0..1_000));
    bench.assert_knows_all();
    bench.index().rest().unwrap();
    let health = bench.index().health();
    assert!(health.sealed_ids >= 1_000 - 64 && health.waiting == 0, "{health:?}");
    bench.assert_knows_all();
    bench.open().unwrap();
    assert_eq!(bench.index().len(), 1_000 + u64::from(PARTITIONS), "each id is in one place");
    bench.assert_knows_all();
    assert_eq!(bench.publish(&timely(0..1_000), NOW).unwrap(), 0);
}

/// A merge leaves fewer runs, and every id where it was.
#[test]
fn runs_are_merged_so_that_few_are_asked() {
    let mut bench = Bench::new();
    bench.open().unwrap();
    let late: Vec<_> = (0..2_000).map(|n| key(n, Instant(NOW.0 - 30 * HOUR + i64::try_from(n).unwrap()))).collect();
    publish_in_tens(&mut bench, &late);
    bench.index().rest().unwrap();
    let health = bench.index().health();
    assert!(health.runs <= 9, "{} runs", health.runs);
    assert_eq!(health.sealed_ids, 64 * 32, "of {}", 2_064);
    bench.assert_knows_all();
    bench.open().unwrap();
    bench.assert_knows_all();
}

/// A command that is run for a few ids, again and again.
#[test]
fn an_index_that_is_opened_often_and_briefly_is_merged_too() {
    let mut bench = Bench::new();
    for keys in timely(0..800).chunks(10) {
        bench.open().unwrap();
        assert_eq!(bench.index().health().was_made_anew, bench.known.is_empty());
        assert_eq!(bench.publish(keys, NOW).unwrap(), 10);
    }
    bench.open().unwrap();
    let health = bench.index().health();
    assert!(health.runs < 20, "{} runs", health.runs);
    assert_eq!(health.sealed_ids, 864);
    bench.assert_knows_all();
}

/// What is read is not known to be all before the end is reached.
#[test]
fn a_rebuild_that_fails_half_way_is_behind() {
    let filling = Filling::default();
    let mut bench = Bench { storage: Arc::new(filling.clone()), ..Bench::on(filling.disk.clone(), settings()) };
    bench.open().unwrap();
    publish_in_tens(&mut bench, &timely(0..700));
    filling.is_full.store(true, Ordering::SeqCst);
    let failed = bench.index.as_mut().unwrap().rebuild(&bench.journal, &mut |_| ());
    assert!(matches!(failed, Err(IndexError::NoRoom { .. })), "{failed:?}");
    assert!(bench.index().is_behind());
    filling.is_full.store(false, Ordering::SeqCst);
    bench.index.as_mut().unwrap().read_on(&bench.journal).unwrap();
    assert!(!bench.index().is_behind());
    bench.assert_knows_all();
}

/// An id may be late once and timely another time, early or never: what counts is that it was told.
#[test]
fn an_id_is_known_whatever_the_hour_at_which_it_is_told_again() {
    let mut bench = Bench::new();
    bench.open().unwrap();
    let hours = [-30 * 24, -2, -1, 0, 1, 2, 24];
    let keys: Vec<_> =
        (0..700).map(|n| key(n, Instant(NOW.0 + hours[usize::try_from(n % 7).unwrap()] * HOUR))).collect();
    publish_in_tens(&mut bench, &keys);
    for hour in hours {
        assert_eq!(bench.publish(&keys, Instant(NOW.0 + hour * HOUR)).unwrap(), 0, "{hour} hours later");
    }
    bench.open().unwrap();
    bench.assert_knows_all();
}

#[test]
fn an_id_in_flight_is_known_until_it_is_forgotten() {
    let mut bench = Bench::new();
    bench.open().unwrap();
    let keys = timely(0..300);
    bench.index().begin(NOW);
    keys.iter().for_each(|key| bench.index().claim(*key));
    let mut hits = Vec::new();
    bench.index().look_up(&keys, &mut hits).unwrap();
    assert_eq!(hits.len(), 300);
    assert!(hits.iter().all(|hit| matches!(hit.known, Known::InFlight { record, .. } if record == hit.key)));
    assert_eq!(bench.index().again(keys[299]), Some(299), "of any generation");
    bench.index().forget();
    bench.look_up(&keys).unwrap();
    assert!(bench.index().is_behind());
    bench.index.as_mut().unwrap().read_on(&bench.journal).unwrap();
    assert_eq!(bench.publish(&keys, NOW).unwrap(), 300);
    bench.index().rest().unwrap();
    bench.open().unwrap();
    assert_eq!(bench.index().len(), 300 + u64::from(PARTITIONS));
    bench.assert_knows_all();
}

/// Two flights are under way, and the records of the second lie across the border of two generations.
#[test]
fn flights_that_overlap_leave_nothing_uncovered() {
    let mut bench = Bench::new();
    bench.open().unwrap();
    let keys = timely(0..900);
    let mut under_way = std::collections::VecDeque::new();
    for keys in keys.chunks(50) {
        bench.look_up(keys).unwrap();
        bench.index().begin(NOW);
        keys.iter().for_each(|key| bench.index().claim(*key));
        let mut batch = Batch::new();
        keys.iter().for_each(|key| batch.push(partition_of(key.merchant), &[&record_of(*key, NOW)]).unwrap());
        under_way.push_back((keys, bench.journal.append(batch).wait().unwrap()));
        if under_way.len() == 3 {
            let (keys, appended) = under_way.pop_front().unwrap();
            bench.settle(keys, &appended);
        }
    }
    // Killed with flights under way: they are in the journal, and the index has not heard so.
    for (keys, appended) in under_way {
        for (key, place) in keys.iter().zip(appended.places()) {
            bench.known.insert((key.merchant, key.id), place);
        }
    }
    bench.open().unwrap();
    assert_eq!(bench.index().len(), 900 + u64::from(PARTITIONS));
    bench.assert_knows_all();
}

/// A disk that can be full for a while.
#[derive(Clone, Debug, Default)]
struct Filling {
    disk: Disk,
    is_full: Arc<AtomicBool>,
}

#[derive(Debug)]
struct FillingFile {
    file: Arc<dyn StorageFile>,
    is_full: Arc<AtomicBool>,
}

fn check(is_full: &AtomicBool) -> io::Result<()> {
    if is_full.load(Ordering::SeqCst) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
}

impl StorageFile for FillingFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        check(&self.is_full).and_then(|()| self.file.write_at(bytes, offset))
    }
    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }
}

impl Storage for Filling {
    fn path(&self) -> PathBuf {
        self.disk.path()
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.disk.list()
    }
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn StorageFile>> {
        Ok(Arc::new(FillingFile { file: self.disk.open(name, access)?, is_full: Arc::clone(&self.is_full) }))
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove(name)
    }
    fn sync(&self) -> io::Result<()> {
        self.disk.sync()
    }
    fn claim(&self, holder: &str) -> io::Result<Claim> {
        self.disk.claim(holder)
    }
    fn holder(&self) -> io::Result<Option<String>> {
        self.disk.holder()
    }
}

#[test]
fn a_full_disk_forgets_nothing_and_refuses_once_memory_is_full_too() {
    let filling = Filling::default();
    let mut bench = Bench { storage: Arc::new(filling.clone()), ..Bench::on(filling.disk.clone(), settings()) };
    bench.open().unwrap();
    publish_in_tens(&mut bench, &timely(0..100));
    bench.index().rest().unwrap();
    filling.is_full.store(true, Ordering::SeqCst);
    let refused = timely(100..600).chunks(10).find_map(|keys| bench.publish(keys, NOW).err());
    assert!(matches!(refused, Some(IndexError::NoRoom { .. })), "{refused:?}");
    let health = bench.index().health();
    assert!(health.failure.is_some() && health.waiting > 0 && health.ids <= 100 + 3 * 64 + 64, "{health:?}");
    let names = filling.disk.list().unwrap();
    assert!(names.len() < 12, "what was begun is removed again: {names:?}");
    filling.is_full.store(false, Ordering::SeqCst);
    bench.assert_knows_all();
    let told = timely(0..600).chunks(10).map(|keys| bench.publish(keys, NOW).unwrap()).sum::<usize>();
    assert!(told > 300, "{told} of 600 were still to be told");
    bench.index().rest().unwrap();
    assert!(bench.index().health().failure.is_none());
    bench.open().unwrap();
    bench.assert_knows_all();
}

/// What the journal needs for its next segment is left to it: look-ups can wait for merges, and appends for nothing.
#[test]
fn a_merge_leaves_room_for_the_next_segment_and_waits_until_there_is_more() {
    const SEGMENT: u64 = (256 + 16) << 20;
    let disk = Disk::new();
    let mut bench = Bench::on(disk.clone(), settings());
    bench.open().unwrap();
    disk.limit(SEGMENT, true);
    publish_in_tens(&mut bench, &timely(0..2_000));
    let failed = bench.index().rest();
    let Err(IndexError::NoRoom { source }) = failed else { panic!("{failed:?}") };
    let IndexError::Unavailable { source, .. } = &*source else { panic!("{source:?}") };
    assert!(source.kind() == io::ErrorKind::StorageFull && source.to_string().contains("for the journal"), "{source}");
    let health = bench.index().health();
    assert!(health.runs > 16 && health.failure.is_some(), "generations become runs meanwhile: {health:?}");
    bench.assert_knows_all();
    disk.limit(disk.used() + SEGMENT, true);
    assert!(bench.index().rest().is_err(), "what is written beside the old runs must fit too");
    disk.limit(2 * disk.used() + SEGMENT, true);
    bench.index().rest().unwrap();
    let health = bench.index().health();
    assert!(health.runs < 20 && health.failure.is_none(), "{health:?}");
    assert_eq!(bench.publish(&timely(0..2_000), NOW).unwrap(), 0);
    bench.assert_knows_all();
}

#[test]
fn one_process_has_the_index_at_a_time() {
    let mut bench = Bench::new();
    bench.open().unwrap();
    let again = IdIndex::open(Arc::clone(&bench.storage), &bench.journal, &settings(), &mut |_| ());
    assert!(matches!(again, Err(IndexError::Held { holder }) if holder == "a test"));
}

/// Somebody else looks at the files, before there are any, while they change and after.
#[test]
fn files_are_looked_at_beside_the_process_that_has_them() {
    let mut bench = Bench::new();
    let look = |bench: &Bench| IndexHealth::of_files(&*bench.storage, ledger_id()).unwrap();
    assert!(look(&bench).is_none());
    bench.open().unwrap();
    for keys in timely(0..2_000).chunks(40) {
        bench.publish(keys, NOW).unwrap();
        assert!(look(&bench).is_none_or(|health| health.ids.is_multiple_of(64)));
    }
    bench.index().rest().unwrap();
    let (open, files) = (bench.index().health(), look(&bench).unwrap());
    assert_eq!((files.ids, files.runs, files.disk_bytes), (open.sealed_ids, open.runs, open.disk_bytes));
    assert_eq!((files.covered, files.section_bytes), (open.covered, open.section_bytes));
    assert_eq!(files.disk_bytes, bench.bytes_of("run-"));
}

#[test]
fn a_long_reading_says_how_far_it_is() {
    let bench = Bench::on(Disk::new(), IndexSettings { generation_ids: 1 << 14, ..settings() });
    let keys = timely(0..70_000);
    for keys in keys.chunks(10_000) {
        let mut batch = Batch::new();
        keys.iter().for_each(|key| batch.push(partition_of(key.merchant), &[&record_of(*key, NOW)]).unwrap());
        bench.journal.append(batch).wait().unwrap();
    }
    let mut said = Vec::new();
    IdIndex::open(Arc::clone(&bench.storage), &bench.journal, &bench.settings, &mut |far| said.push(far)).unwrap();
    assert_eq!(said, [IndexProgress { records: 65_536, of: 70_064 }]);
    said.clear();
    let again = IdIndex::open(Arc::clone(&bench.storage), &bench.journal, &bench.settings, &mut |far| said.push(far));
    assert_eq!((again.unwrap().len(), said.len()), (70_064, 0), "what is in runs is not read again");
}
