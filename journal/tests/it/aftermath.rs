//! What a ledger is after something failed and somebody went on: a sync that failed, a repair that was interrupted or
//! made twice, segments that are gone, a reader that met one error.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use talon_domain::ids::MerchantId;
use talon_journal::{
    Access, AppendError, Appended, Claim, EmbeddedJournal, Journal, OpenError, Positions, SegmentSizes, Storage,
    StorageFile, WriterSettings, repair_cut_after_in, verify_in,
};
use talon_testkit::{Disk, Fault, Survivors, batch_of, genesis, ledger_id, record, seeds};

const MERCHANT: MerchantId = MerchantId(1);

fn settings() -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(3)) }
}

fn create(disk: &Disk) -> Result<EmbeddedJournal, OpenError> {
    EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()))
}

fn open(disk: &Disk) -> Result<EmbeddedJournal, OpenError> {
    EmbeddedJournal::open_in(Arc::new(disk.clone()), settings())
}

fn add(journal: &EmbeddedJournal, n: u64, bytes: usize) -> Result<Appended, AppendError> {
    let record = record(MERCHANT, n, bytes);
    journal.append(batch_of([(MERCHANT, record.as_slice())])).wait()
}

fn count(journal: &EmbeddedJournal) -> usize {
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let mut count = 0;
    while reader.next().expect("a record").is_some() {
        count += 1;
    }
    count
}

/// A ledger of so many records of 20,000 bytes: about a dozen fill a segment.
fn filled(records: u64) -> Disk {
    let disk = Disk::new();
    let journal = create(&disk).expect("a journal");
    (0..records).for_each(|n| drop(add(&journal, n, 20_000).expect("durable")));
    disk
}

fn is_segment(name: &str) -> bool {
    name.strip_suffix(".seg").is_some()
}

fn segments(disk: &Disk) -> Vec<String> {
    disk.list().expect("names").into_iter().filter(|name| is_segment(name)).collect()
}

#[test]
fn what_is_shown_after_a_failed_sync_survives_a_power_cut() {
    let mut reopened = 0;
    for operation in 0..60 {
        let disk = Disk::new();
        disk.arm(operation, Fault::Error(ErrorKind::Other));
        let Ok(journal) = create(&disk) else {
            assert!(
                operation < filled(0).operations(),
                "operation {operation} made no journal, it was one of an append"
            );
            continue;
        };
        let _ = (0..12).try_for_each(|n| add(&journal, n, 20_000).map(drop));
        drop(journal);
        let same_boot = disk.after_kill();
        let shown = count(&open(&same_boot).expect("what is in the cache can be read"));
        let after = same_boot.after_power_cut(Survivors::Nothing);
        let kept = open(&after).unwrap_or_else(|error| panic!("operation {operation}: {error}"));
        assert_eq!(count(&kept), shown, "operation {operation}");
        reopened += 1;
    }
    assert!(reopened > 30, "only {reopened} ledgers were reopened");
}

/// A group was torn; the next process failed while it cut it; the one after found zeros in the cache, which no disk may
/// have, and went on in the next segment; then the power went.
#[test]
fn what_a_failed_cut_left_in_the_cache_does_not_come_back() {
    let torn = |seed| {
        let disk = filled(8);
        let journal = open(&disk).expect("a journal");
        disk.arm(disk.operations() + 1, Fault::PowerCut);
        let _ = add(&journal, 8, 60_000);
        disk.after_power_cut(Survivors::Some(seed))
    };
    let mut failed = 0;
    for (seed, operation) in (0..12).flat_map(|seed| (0..8).map(move |operation| (seed, operation))) {
        let disk = torn(seed);
        disk.arm(operation, Fault::Error(ErrorKind::StorageFull));
        failed += usize::from(open(&disk).is_err());
        let same_boot = disk.after_kill();
        let journal = open(&same_boot).unwrap_or_else(|error| panic!("seed {seed}, operation {operation}: {error}"));
        [25_000, 8_000, 300]
            .into_iter()
            .zip(10..)
            .for_each(|(bytes, n)| drop(add(&journal, n, bytes).expect("durable")));
        assert_eq!(segments(&same_boot).len(), 2, "what the torn group reached over was not all used again");
        let shown = count(&journal);
        drop(journal);
        let after = same_boot.after_power_cut(Survivors::Nothing);
        let kept = open(&after).unwrap_or_else(|error| panic!("seed {seed}, operation {operation}: {error}"));
        assert_eq!(count(&kept), shown, "seed {seed}, operation {operation}");
        drop(kept);
        let verified = verify_in(&after, &mut |_| ()).expect("a journal");
        assert!(verified.damages.is_empty(), "seed {seed}, operation {operation}: {:?}", verified.damages);
    }
    assert!(failed > 20, "only {failed} cuts failed");
}

#[test]
fn an_interrupted_repair_is_made_again() {
    for operation in 0..14 {
        for survivors in [Survivors::Nothing, Survivors::Everything, Survivors::Some(operation)] {
            for length in [110, 121, 133] {
                let disk = Disk::new();
                let journal = create(&disk).expect("a journal");
                let records: Vec<_> = (0..6).map(|n| record(MERCHANT, n, length)).collect();
                let batch = batch_of(records.iter().map(|record| (MERCHANT, record.as_slice())));
                journal.append(batch).wait().expect("durable");
                drop(journal);
                disk.arm(disk.operations() + operation, Fault::PowerCut);
                let _ = repair_cut_after_in(&disk, 66, "a test", &mut || Ok(()));
                let after = disk.after_power_cut(survivors);
                repair_cut_after_in(&after, 66, "a test", &mut || Ok(())).expect("it is made again");
                let verified = verify_in(&after, &mut |_| ()).expect("a journal");
                assert!(verified.damages.is_empty(), "{operation} {length}: {:?}", verified.damages);
                assert_eq!(count(&open(&after).expect("a journal")), 67);
            }
        }
    }
}

#[test]
fn a_second_repair_keeps_what_the_first_set_aside() {
    let disk = filled(30);
    let second = segments(&disk).remove(1);
    let first_bytes = disk.bytes(&second).expect("a segment");
    let lsn = second.trim_end_matches(".seg").parse::<u64>().expect("a number") - 2;
    repair_cut_after_in(&disk, lsn, "a test", &mut || Ok(())).expect("cut");
    let journal = open(&disk).expect("a journal");
    (100..130).for_each(|n| drop(add(&journal, n, 20_000).expect("durable")));
    drop(journal);
    repair_cut_after_in(&disk, lsn, "a test", &mut || Ok(())).expect("cut");
    assert!(disk.list().expect("names").iter().any(|name| disk.bytes(name).as_ref() == Some(&first_bytes)));
}

#[test]
fn no_ledger_is_made_over_a_mark_that_vouches_for_lost_records() {
    let disk = filled(3);
    segments(&disk).iter().for_each(|name| disk.remove(name).expect("a segment"));
    for lost in [open(&disk), create(&disk)] {
        assert!(matches!(lost, Err(OpenError::Corrupt(_))), "{:?}", lost.map(drop));
    }
}

#[test]
fn a_cut_behind_the_last_number_there_is_names_no_record() {
    let disk = filled(1);
    let cut = repair_cut_after_in(&disk, u64::MAX, "a test", &mut || Ok(()));
    assert!(matches!(cut, Err(OpenError::NoSuchRecord { .. })), "{cut:?}");
}

#[test]
fn a_segment_of_no_size_that_is_ever_made_stays_closed() {
    let disk = filled(0);
    let name = segments(&disk).remove(0);
    let mut bytes = disk.bytes(&name).expect("a segment");
    bytes.truncate(100 * 1024);
    bytes[72..76].copy_from_slice(&(100u32 * 1024).to_le_bytes());
    let crc = crc32c::crc32c(&bytes[..4092]);
    bytes[4092..4096].copy_from_slice(&crc.to_le_bytes());
    disk.replace(&name, bytes);
    assert!(matches!(open(&disk), Err(OpenError::Corrupt(_))));
}

#[test]
fn space_that_was_missing_once_and_is_there_again_stops_nobody() {
    for operation in 10..50 {
        let disk = Disk::new();
        disk.arm(operation, Fault::Error(ErrorKind::StorageFull));
        let Ok(journal) = create(&disk) else { continue };
        for n in 0..20 {
            let before = disk.operations();
            if let Err(error) = add(&journal, n, 20_000) {
                // What fails under an append stops the journal there and then. What failed beside it, while the next
                // segment was prepared, stops nobody later.
                assert!(before <= operation, "operation {operation}, append {n}: {error}");
                break;
            }
        }
    }
}

#[test]
fn closing_waits_for_no_summary() {
    let disk = filled(150);
    let summaries = |disk: &Disk| disk.list().expect("names").iter().filter(|name| name.contains(".sum")).count();
    disk.list()
        .expect("names")
        .iter()
        .filter(|name| name.contains(".sum"))
        .for_each(|name| disk.remove(name).expect("it"));
    let closed = segments(&disk).len() - 1;
    disk.slow_down(Duration::from_millis(50));
    drop(open(&disk).expect("a journal"));
    assert!(summaries(&disk) < closed, "all {closed} summaries were made before the journal was closed");
    disk.slow_down(Duration::ZERO);
    let journal = open(&disk).expect("a journal");
    let all_made = || (summaries(&disk) == closed).then_some(());
    let made = (0..5_000).find_map(|_| {
        all_made().or_else(|| {
            std::thread::sleep(Duration::from_millis(2));
            None
        })
    });
    made.expect("a writer that stays makes them");
    drop(journal);
    assert_eq!(verify_in(&disk, &mut |_| ()).expect("a journal").damages, []);
}

/// A disk that fails one read of a segment's records, once.
#[derive(Debug, Clone)]
struct Flaky {
    disk: Disk,
    fails: Arc<Mutex<Option<String>>>,
}

#[derive(Debug)]
struct FlakyFile {
    file: Arc<dyn StorageFile>,
    name: String,
    fails: Arc<Mutex<Option<String>>>,
}

impl StorageFile for FlakyFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut fails = self.fails.lock().expect("one reader");
        if offset >= 4096 && fails.as_deref() == Some(&self.name) {
            *fails = None;
            return Err(io::Error::other("once"));
        }
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(bytes, offset)
    }
    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }
}

impl Storage for Flaky {
    fn path(&self) -> PathBuf {
        self.disk.path()
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.disk.list()
    }
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn StorageFile>> {
        let file = self.disk.open(name, access)?;
        Ok(Arc::new(FlakyFile { file, name: name.to_owned(), fails: Arc::clone(&self.fails) }))
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove(name)
    }
    fn sync(&self) -> io::Result<()> {
        Storage::sync(&self.disk)
    }
    fn claim(&self, holder: &str) -> io::Result<Claim> {
        self.disk.claim(holder)
    }
    fn holder(&self) -> io::Result<Option<String>> {
        self.disk.holder()
    }
}

#[test]
fn a_reader_that_met_one_error_goes_on() {
    let disk = Disk::new();
    let writer = create(&disk).expect("a journal");
    add(&writer, 0, 100).expect("durable");
    let flaky = Flaky { disk: disk.clone(), fails: Arc::default() };
    let storage: Arc<dyn Storage> = Arc::new(flaky.clone());
    let reader = EmbeddedJournal::open_read_only_in(&storage).expect("a reader");
    assert_eq!(count(&reader), 65);
    (1..40).for_each(|n| drop(add(&writer, n, 20_000).expect("durable")));
    for name in segments(&disk).into_iter().skip(1) {
        *flaky.fails.lock().expect("one reader") = Some(name);
        let _ = reader.scan(&Positions::beginning()).map(drop);
    }
    *flaky.fails.lock().expect("one reader") = None;
    assert_eq!(count(&reader), 64 + 40);
}
