//! Crashes at every write and every sync: what was acknowledged is there, nothing torn is shown, and appending goes on.

use std::io::ErrorKind;
use std::sync::Arc;

use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{
    AppendError, Appended, Batch, EmbeddedJournal, Journal, OpenError, Positions, Record, SegmentSizes, Storage,
    WriterSettings, partition_of, verify_in,
};
use talon_testkit::{Disk, Fault, Survivors, batch_of, genesis, ledger_id, record, seeds};

/// What a run handed over, and how much of it was acknowledged.
#[derive(Default)]
struct Run {
    is_created: bool,
    given: Vec<(MerchantId, Vec<u8>)>,
    acknowledged: usize,
    /// Records behind the acknowledged ones that the engine says may be in.
    in_doubt: usize,
}

fn settings() -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(3)) }
}

fn merchant(n: u64) -> MerchantId {
    MerchantId([1, 839_100_575, 552_100_554][usize::try_from(n % 3).unwrap()])
}

/// Batches of one small record, of several large ones, and of more than a segment holds.
fn batches() -> Vec<Vec<(MerchantId, Vec<u8>)>> {
    let sizes: [(u64, usize); 12] = [
        (1, 10),
        (3, 2_000),
        (1, 600),
        (5, 20_000),
        (2, 100),
        (9, 16_000),
        (1, 0),
        (1, 50_000),
        (40, 900),
        (1, 5),
        (12, 20_000),
        (2, 300),
    ];
    let records = |first: u64, count: u64, bytes: usize| {
        (first..first + count).map(|n| (merchant(n), record(merchant(n), n, bytes))).collect()
    };
    sizes.iter().zip((0u64..).step_by(100)).map(|((count, bytes), first)| records(first, *count, *bytes)).collect()
}

fn batch(records: &[(MerchantId, Vec<u8>)]) -> Batch {
    batch_of(records.iter().map(|(merchant, bytes)| (*merchant, bytes.as_slice())))
}

/// Appends one batch after the other until something fails.
fn run(disk: &Disk) -> Run {
    let mut run = Run::default();
    let created = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()));
    let Ok(journal) = created else { return run };
    run.is_created = true;
    for records in batches() {
        run.given.extend(records.iter().cloned());
        match journal.append(batch(&records)).wait() {
            Ok(appended) => run.acknowledged += appended.len(),
            Err(AppendError::Unavailable { durable, .. }) => {
                run.acknowledged += durable;
                break;
            }
            Err(AppendError::Indeterminate { durable, in_doubt, .. }) => {
                run.acknowledged += durable;
                run.in_doubt = in_doubt;
                break;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_stays_stopped(&journal, &run);
    run
}

/// After the first error nothing is accepted, and the reason is said.
fn assert_stays_stopped(journal: &EmbeddedJournal, run: &Run) {
    if run.acknowledged == run.given.len() {
        return;
    }
    assert!(journal.stopped().is_some());
    let again = journal.append(batch(&run.given[..1])).wait();
    assert!(matches!(again, Err(AppendError::Unavailable { durable: 0, .. })), "{again:?}");
}

/// The records behind the genesis, in the order of the log.
fn stored(journal: &EmbeddedJournal) -> Vec<(PartitionId, Vec<u8>)> {
    let mut reader = journal.scan(&Positions::beginning()).unwrap();
    let mut found = Vec::new();
    while let Some(stored) = reader.next().unwrap() {
        assert!(Record::parse(stored.bytes).is_ok(), "no torn record is shown");
        if stored.position > Position(0) {
            found.push((stored.partition, stored.bytes.to_vec()));
        }
    }
    found
}

/// Opens what is left, and holds it against what was given and acknowledged.
fn assert_recovers(disk: &Disk, run: &Run, at: &str) {
    let opened = EmbeddedJournal::open_in(Arc::new(disk.clone()), settings());
    let journal = match opened {
        Err(OpenError::NoJournal { .. }) if !run.is_created => {
            let again =
                EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()));
            again.unwrap_or_else(|error| panic!("{at}: {error}"))
        }
        opened => opened.unwrap_or_else(|error| panic!("{at}: {error}")),
    };
    let found = stored(&journal);
    assert!(found.len() >= run.acknowledged, "{at}: {} of {} acknowledged", found.len(), run.acknowledged);
    let most = run.acknowledged + run.in_doubt;
    assert!(found.len() <= most, "{at}: {} are in, at most {most} were said to be", found.len());
    for ((partition, bytes), (merchant, given)) in found.iter().zip(&run.given) {
        assert_eq!((*partition, bytes), (partition_of(*merchant), given), "{at}");
    }
    let more = record(MerchantId(7), 1, 30_000);
    for _ in 0..12 {
        let appended: Appended = journal.append(batch_of([(MerchantId(7), more.as_slice())])).wait().unwrap();
        assert_eq!(appended.len(), 1);
    }
    drop(journal);
    let verified = verify_in(disk, &mut |_| ()).unwrap();
    assert_eq!((verified.damages, verified.torn), (Vec::new(), None), "{at}");
    assert_eq!(verified.records, 64 + found.len() as u64 + 12, "{at}");
}

fn operations_of_a_whole_run() -> u64 {
    let disk = Disk::new();
    let run = run(&disk);
    assert_eq!(run.acknowledged, run.given.len());
    disk.operations()
}

#[test]
fn power_is_cut_at_every_write_and_every_sync() {
    for operation in 0..operations_of_a_whole_run() {
        let disk = Disk::new();
        disk.arm(operation, Fault::PowerCut);
        let run = run(&disk);
        let survivors =
            [Survivors::Nothing, Survivors::Everything, Survivors::Some(operation), Survivors::Some(!operation)];
        for survivors in survivors {
            assert_recovers(&disk.after_power_cut(survivors), &run, &format!("operation {operation}, {survivors:?}"));
        }
    }
}

#[test]
fn an_error_at_every_write_and_every_sync_stops_the_writer_for_good() {
    for kind in [ErrorKind::Other, ErrorKind::StorageFull] {
        for operation in (0..operations_of_a_whole_run()).step_by(if kind == ErrorKind::Other { 1 } else { 3 }) {
            let disk = Disk::new();
            disk.arm(operation, Fault::Error(kind));
            let run = run(&disk);
            let at = |survivors| format!("{kind} at operation {operation}, {survivors:?}");
            for survivors in [Survivors::Nothing, Survivors::Everything, Survivors::Some(operation)] {
                assert_recovers(&disk.after_power_cut(survivors), &run, &at(survivors));
            }
        }
    }
}

/// Pages are lost, by a sync that says so or in the background; the next process goes on in the same boot, where all of
/// them can still be read, and then the power goes.
#[test]
fn pages_that_were_lost_once_are_not_built_upon() {
    for operation in 0..operations_of_a_whole_run() {
        for fault in [Fault::Error(ErrorKind::Other), Fault::Writeback] {
            let disk = Disk::new();
            disk.arm(operation, fault);
            let run = run(&disk);
            let at = format!("{fault:?} at operation {operation}");
            let same_boot = disk.after_kill();
            let more = match EmbeddedJournal::open_in(Arc::new(same_boot.clone()), settings()) {
                Err(OpenError::NoJournal { .. }) if !run.is_created => continue,
                opened => append_more(&opened.unwrap_or_else(|error| panic!("{at}: {error}")), 40),
            };
            for survivors in [Survivors::Nothing, Survivors::Reordered(operation)] {
                let after = EmbeddedJournal::open_in(Arc::new(same_boot.after_power_cut(survivors)), settings());
                let found = stored(&after.unwrap_or_else(|error| panic!("{at}, {survivors:?}: {error}")));
                assert!(found.len() >= run.acknowledged + more, "{at}, {survivors:?}: {} records", found.len());
            }
        }
    }
}

/// Appends so many records of 15,000 bytes, which takes a new segment now and then.
fn append_more(journal: &EmbeddedJournal, records: usize) -> usize {
    let more = record(MerchantId(7), 1, 15_000);
    (0..records).for_each(|_| drop(journal.append(batch_of([(MerchantId(7), more.as_slice())])).wait().unwrap()));
    records
}

/// The process is killed, the next one recovers and shows what it found, then the power goes: what was shown is there.
#[test]
fn what_recovery_has_shown_survives_the_next_power_cut() {
    for operation in 0..operations_of_a_whole_run() {
        let disk = Disk::new();
        disk.arm(operation, Fault::PowerCut);
        let run = run(&disk);
        for reads_only in [true, false] {
            let found = disk.after_kill();
            let opened = if reads_only {
                EmbeddedJournal::open_read_only_in(&(Arc::new(found.clone()) as Arc<dyn Storage>))
            } else {
                EmbeddedJournal::open_in(Arc::new(found.clone()), settings())
            };
            let journal = match opened {
                // Nothing was acknowledged yet, not even that there is a journal: nothing may be shown either.
                Err(OpenError::NoJournal { .. }) if !run.is_created => continue,
                opened => opened.unwrap_or_else(|error| panic!("operation {operation}, {reads_only}: {error}")),
            };
            let shown = stored(&journal);
            assert!(shown.len() >= run.acknowledged, "operation {operation}, reads only: {reads_only}");
            drop(journal);
            let journal = EmbeddedJournal::open_in(Arc::new(found.after_power_cut(Survivors::Nothing)), settings());
            let journal = journal.unwrap_or_else(|error| panic!("operation {operation}: {error}"));
            assert_eq!(stored(&journal), shown, "operation {operation}, reads only: {reads_only}");
        }
    }
}

/// A second power cut strikes at every step of the recovery from the first.
#[test]
fn power_is_cut_during_recovery() {
    let whole = operations_of_a_whole_run();
    for first in (20..whole).step_by(7) {
        let disk = Disk::new();
        disk.arm(first, Fault::PowerCut);
        let run = run(&disk);
        for second in 0..10 {
            let found = disk.after_power_cut(Survivors::Some(first));
            found.arm(second, Fault::PowerCut);
            drop(EmbeddedJournal::open_in(Arc::new(found.clone()), settings()));
            let again = found.after_power_cut(Survivors::Some(second));
            assert_recovers(&again, &run, &format!("operation {first}, then {second} of the recovery"));
        }
    }
}

/// Many appenders at once, so that groups are filled while others are on their way: each learns the truth of its own.
#[test]
fn each_appender_learns_which_of_its_records_are_in() {
    for operation in (0..60).step_by(3) {
        let disk = Disk::new();
        disk.arm(operation, Fault::PowerCut);
        let created =
            EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()));
        let journal = match created {
            // The power was cut before the journal was there: nobody was answered anything but that.
            Err(OpenError::Unavailable { .. }) => {
                assert_nothing_was_made(&disk);
                continue;
            }
            created => created.unwrap(),
        };
        let said: Vec<(u64, usize, usize)> = std::thread::scope(|scope| {
            let journal = &journal;
            let appenders: Vec<_> =
                (0..4).map(|appender| scope.spawn(move || append_until_it_fails(journal, appender))).collect();
            appenders.into_iter().map(|appender| appender.join().unwrap()).collect()
        });
        drop(journal);
        for survivors in [Survivors::Nothing, Survivors::Everything] {
            let found = disk.after_power_cut(survivors);
            let journal = EmbeddedJournal::open_in(Arc::new(found), settings()).unwrap();
            let stored = stored(&journal);
            for (appender, durable, in_doubt) in &said {
                let mine = stored.iter().filter(|(partition, _)| *partition == partition_of(MerchantId(appender + 1)));
                let mine = mine.count();
                assert!((*durable..=durable + in_doubt).contains(&mine), "{operation} {survivors:?}: {mine} {said:?}");
            }
        }
    }
}

/// A journal that could not be made is none, or holds its genesis and nothing else.
fn assert_nothing_was_made(disk: &Disk) {
    match EmbeddedJournal::open_in(Arc::new(disk.after_power_cut(Survivors::Everything)), settings()) {
        Err(OpenError::NoJournal { .. }) => {}
        opened => assert_eq!(stored(&opened.unwrap()), []),
    }
}

/// Appends batches of three; answers how many records are in, and how many more may be.
fn append_until_it_fails(journal: &EmbeddedJournal, appender: u64) -> (u64, usize, usize) {
    let merchant = MerchantId(appender + 1);
    let mut durable = 0;
    for n in 0..200 {
        let records: Vec<_> = (0..3).map(|i| (merchant, record(merchant, n * 3 + i, 3_000))).collect();
        match journal.append(batch(&records)).wait() {
            Ok(appended) => durable += appended.len(),
            Err(AppendError::Indeterminate { durable: some, in_doubt, .. }) => {
                return (appender, durable + some, in_doubt);
            }
            Err(AppendError::Unavailable { durable: some, .. }) => return (appender, durable + some, 0),
            Err(other) => panic!("{other}"),
        }
    }
    (appender, durable, 0)
}
