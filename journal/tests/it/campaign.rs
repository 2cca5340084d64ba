//! Campaigns of faults: a given ledger, a fault in its files, and what may be true afterwards.
//!
//! The laws, whatever the fault:
//! - what is read is what was given, in the order in which it was given, from the first record on
//! - every record that was acknowledged is there, or the damage is named; nothing is cut that was not reported and kept
//! - whoever refuses changes nothing; whoever opens takes more records, and what stands then verifies
//! - verifying, reading and writing agree about what is damaged
//!
//! A test knows what it gave and what was acknowledged, and nothing of how it is kept. Seeds are fixed, unless
//! `TALON_TORTURE_SEED` gives another one: then everything is tried that a usual run only samples.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{
    Damage, EmbeddedJournal, Folder, Journal, OpenError, Positions, ReadError, Record, SegmentSizes, Storage, TornTail,
    Verified, WriterSettings, partition_of, verify_in,
};
use talon_testkit::{Disk, batch_of, genesis, ledger_id, record, seeds};

mod copies;
mod flips;
mod sectors;
mod swaps;
mod torn;
mod workload;

/// The files of a journal, by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;
/// A record as it was given: its partition and its bytes.
pub(crate) type Given = (PartitionId, Vec<u8>);

pub(crate) const MARK: &str = "durable";

/// The seed of this run.
pub(crate) fn seed() -> u64 {
    torture_seed().unwrap_or(0x7a10)
}

/// Whether everything is tried, and not a sample of it.
pub(crate) fn is_torture() -> bool {
    torture_seed().is_some()
}

fn torture_seed() -> Option<u64> {
    std::env::var("TALON_TORTURE_SEED").ok().map(|seed| seed.parse().expect("TALON_TORTURE_SEED is a number"))
}

/// Chances from a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(salt: u64) -> Self {
        Self(seed() ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[index(self.below(from.len() as u64))]
    }
}

pub(crate) fn index(number: u64) -> usize {
    usize::try_from(number).expect("a small number")
}

pub(crate) fn settings(seed: u64) -> WriterSettings {
    WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(seed)) }
}

/// The `n`th record that a test gives, with a text of so many bytes.
pub(crate) fn nth(n: u64, text_bytes: usize) -> (MerchantId, Vec<u8>) {
    let merchant = MerchantId([1, 839_100_575, 552_100_554, 7][index(n % 4)]);
    (merchant, record(merchant, n, text_bytes))
}

/// A ledger that is being given records, one group for each batch.
pub(crate) struct Ledger {
    pub(crate) disk: Disk,
    journal: EmbeddedJournal,
    pub(crate) given: Vec<Given>,
}

impl Ledger {
    pub(crate) fn new(salt: u64) -> Self {
        let disk = Disk::new();
        let storage = Arc::new(disk.clone());
        let journal = EmbeddedJournal::create_in(storage, ledger_id(), settings(salt), &genesis(ledger_id()));
        Self { disk, journal: journal.expect("a journal"), given: Vec::new() }
    }

    /// Gives records with texts of these sizes, and waits until they are acknowledged.
    pub(crate) fn give(&mut self, sizes: &[usize]) {
        let first = self.given.len() as u64;
        let records: Vec<_> = (first..).zip(sizes).map(|(n, bytes)| nth(n, *bytes)).collect();
        let batch = batch_of(records.iter().map(|(merchant, bytes)| (*merchant, bytes.as_slice())));
        self.journal.append(batch).wait().expect("durable");
        self.given.extend(records.into_iter().map(|(merchant, bytes)| (partition_of(merchant), bytes)));
    }

    /// Gives records of 9,000 bytes until so many segments are closed.
    pub(crate) fn fill_segments(&mut self, closed: usize) {
        while segments(&self.disk.files()).len() <= closed {
            self.give(&[9_000]);
        }
    }

    pub(crate) fn files(&self) -> Files {
        self.disk.files()
    }

    /// Closes it; every closed segment is summed up.
    pub(crate) fn close(self) -> (Files, Vec<Given>) {
        let is_summed_up = |files: &Files| {
            let summaries = files.keys().filter(|name| name.ends_with(".seg.sum")).count();
            summaries + 1 == segments(files).len()
        };
        while !is_summed_up(&self.disk.files()) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        drop(self.journal);
        (self.disk.files(), self.given)
    }
}

/// The names of the segments, in order.
pub(crate) fn segments(files: &Files) -> Vec<String> {
    files.keys().filter(|name| name.len() == 24 && name.strip_suffix(".seg").is_some()).cloned().collect()
}

/// Where the groups of a segment begin and end, as their headers say.
pub(crate) fn groups(segment: &[u8]) -> Vec<std::ops::Range<usize>> {
    let starts = (4_096..segment.len()).step_by(32).filter(|at| segment[*at..].starts_with(b"TGRP"));
    let bytes = |at: usize| u32::from_le_bytes(segment[at + 4..at + 8].try_into().expect("four bytes"));
    starts.map(|at| at..at + index(bytes(at).into())).collect()
}

/// Where a scenario is played.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// On a disk in memory.
    Memory,
    /// In a folder of the file system.
    Folder,
}

/// A ledger in its place.
pub(crate) struct Ground {
    pub(crate) storage: Arc<dyn Storage>,
    disk: Option<Disk>,
    folder: Option<tempfile::TempDir>,
}

impl Ground {
    pub(crate) fn of(place: Place, files: &Files) -> Self {
        match place {
            Place::Memory => {
                let disk = Disk::of(files);
                Self { storage: Arc::new(disk.clone()), disk: Some(disk), folder: None }
            }
            Place::Folder => {
                let folder = tempfile::tempdir().expect("a folder");
                fs::create_dir(folder.path().join("journal")).expect("a folder");
                for (name, bytes) in files {
                    fs::write(folder.path().join("journal").join(name), bytes).expect("a file");
                }
                Self { storage: Arc::new(Folder::new(folder.path())), disk: None, folder: Some(folder) }
            }
        }
    }

    pub(crate) fn files(&self) -> Files {
        let of_folder = |folder: &tempfile::TempDir| {
            let entries =
                fs::read_dir(folder.path().join("journal")).expect("a folder").map(|entry| entry.expect("it"));
            let name = |entry: &fs::DirEntry| entry.file_name().into_string().expect("a name");
            entries.map(|entry| (name(&entry), fs::read(entry.path()).expect("a file"))).collect()
        };
        self.disk.as_ref().map_or_else(|| self.folder.as_ref().map(of_folder).unwrap_or_default(), Disk::files)
    }

    fn open(&self) -> Result<EmbeddedJournal, OpenError> {
        EmbeddedJournal::open_in(Arc::clone(&self.storage), settings(97))
    }

    fn verify(&self) -> Verified {
        verify_in(self.storage.as_ref(), &mut |_| ()).expect("something can be read")
    }
}

/// What must be true after a fault, beyond the laws.
#[derive(Clone, Debug)]
pub(crate) enum Expect {
    /// Nothing is lost and nothing is damaged, but perhaps what is derived.
    Whole,
    /// The last group is cut; what is left is what was acknowledged.
    Cut,
    /// The byte at this place of this file is named as damaged.
    Named(String, u64),
    /// Some damage is named that reaches into this part of this file.
    NamedIn(String, std::ops::Range<u64>),
    /// The journal stays closed.
    Refused,
    /// The laws are enough.
    Lawful,
    /// A state that the ledger once had, with so many records. Nothing tells that it is old.
    Older(usize),
}

/// A given ledger, a fault, and what is expected.
pub(crate) struct Scenario<'g> {
    pub(crate) what: String,
    pub(crate) given: &'g [Given],
    pub(crate) acknowledged: usize,
    /// The files, with the fault in them.
    pub(crate) files: Files,
    pub(crate) expect: Expect,
}

impl Scenario<'_> {
    /// Plays it, and holds what comes out against the laws and against what is expected.
    pub(crate) fn play(&self, place: Place) {
        self.play_until(place, true);
    }

    /// Plays it up to the opening: one of many that differ in a byte.
    pub(crate) fn play_opening(&self) {
        self.play_until(Place::Memory, false);
    }

    fn play_until(&self, place: Place, goes_on: bool) {
        let ground = Ground::of(place, &self.files);
        let verified = ground.verify();
        let alone = self.read(EmbeddedJournal::open_read_only_in(&ground.storage));
        self.say(ground.files() == self.files, "verifying and reading changed something");
        let opened = ground.open();
        let torn = opened.as_ref().ok().and_then(|journal| journal.torn_tail().cloned());
        let read = self.read(opened);
        self.say(
            matches!((&alone, &read), (Ok(a), Ok(b)) if a.0 == b.0) || (alone.is_err() && read.is_err()),
            "readers and writers disagree",
        );
        match &read {
            Ok((records, None)) => {
                self.assert_cut_is_kept(&ground, torn.as_ref());
                if goes_on {
                    self.assert_goes_on(&ground, *records);
                }
            }
            Ok((_, Some(damage))) | Err(damage) => {
                self.say(verified.damages.iter().any(|known| known.flaw.is_evidence()), "verify finds nothing");
                self.say(self.files.contains_key(&damage.file) || damage.bytes > 0, &format!("no such file: {damage}"));
                self.say(without_derived(&ground.files()) == without_derived(&self.files), "something was changed");
            }
        }
        self.assert_expected(&verified, &read, torn.as_ref());
    }

    /// A failed assertion says what can be repeated.
    pub(crate) fn say(&self, holds: bool, what: &str) {
        assert!(holds, "{} (seed {}): {what}", self.what, seed());
    }

    /// How many records are there, and what ended the reading; or why the journal stays closed.
    fn read(&self, opened: Result<EmbeddedJournal, OpenError>) -> Result<(usize, Option<Damage>), Damage> {
        match opened {
            Err(OpenError::Corrupt(damage)) => Err(*damage),
            Err(error) => panic!("{} (seed {}): {error}", self.what, seed()),
            Ok(journal) => Ok(self.scan(&journal)),
        }
    }

    fn scan(&self, journal: &EmbeddedJournal) -> (usize, Option<Damage>) {
        let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
        let mut count = 0;
        loop {
            let stored = match reader.next() {
                Ok(Some(stored)) => stored,
                Ok(None) => return (count, None),
                Err(ReadError::Corrupt(damage)) => return (count, Some(*damage)),
                Err(error) => panic!("{} (seed {}): {error}", self.what, seed()),
            };
            self.say(Record::parse(stored.bytes).is_ok(), "a torn record is shown");
            if stored.position == Position(0) {
                continue;
            }
            let given = self
                .given
                .get(count)
                .is_some_and(|given| (given.0, given.1.as_slice()) == (stored.partition, stored.bytes));
            self.say(given, &format!("record {count} is not what was given"));
            count += 1;
        }
    }

    /// What is no longer in a segment was reported, and lies beside it.
    fn assert_cut_is_kept(&self, ground: &Ground, torn: Option<&TornTail>) {
        let after = ground.files();
        let mut expected = self.files.clone();
        if let Some(torn) = torn {
            let range = index(torn.offset)..index(torn.offset + torn.bytes);
            let bytes = expected.get_mut(&torn.file).expect("a segment");
            let cut = bytes[range.clone()].to_vec();
            bytes[range].fill(0);
            let kept = after.iter().any(|(name, kept)| name.contains(".torn-") && *kept == cut);
            self.say(kept, "what was cut was not kept");
        }
        for name in segments(&self.files) {
            self.say(after.get(&name) == expected.get(&name), &format!("{name} was changed in silence"));
        }
    }

    /// More records are taken, and everything stands and verifies.
    fn assert_goes_on(&self, ground: &Ground, records: usize) {
        let mut given = self.given[..records].to_vec();
        let journal = ground.open().expect("it opens again");
        for n in 0..3 {
            let (merchant, bytes) = nth(given.len() as u64, 900 * n);
            journal.append(batch_of([(merchant, bytes.as_slice())])).wait().expect("durable");
            given.push((partition_of(merchant), bytes));
        }
        drop(journal);
        let journal = ground.open().expect("it opens again");
        let (what, expect) = (self.what.clone(), Expect::Lawful);
        let after = Scenario { what, given: &given, acknowledged: records, files: Files::new(), expect };
        self.say(after.scan(&journal) == (records + 3, None), "what was appended afterwards is not there");
    }

    fn assert_expected(
        &self,
        verified: &Verified,
        read: &Result<(usize, Option<Damage>), Damage>,
        torn: Option<&TornTail>,
    ) {
        let records = match read {
            Ok((records, None)) => Some(*records),
            _ => None,
        };
        let is_sound = verified.damages.iter().all(|damage| !damage.flaw.is_evidence());
        let least = if let Expect::Older(records) = self.expect { records } else { self.acknowledged };
        self.say(
            records.is_none_or(|records| records >= least),
            &format!("{records:?} of {least} acknowledged records"),
        );
        let holds = match &self.expect {
            Expect::Whole => records == Some(self.given.len()) && is_sound && torn.is_none(),
            Expect::Cut => {
                records == Some(self.acknowledged) && is_sound && torn == verified.torn.as_ref() && torn.is_some()
            }
            Expect::Named(file, at) => verified.damages.iter().any(|damage| is_at(damage, file, *at)) && torn.is_none(),
            Expect::NamedIn(file, part) => {
                let reaches =
                    |damage: &Damage| damage.offset < part.end && damage.offset + damage.bytes.max(1) > part.start;
                verified.damages.iter().any(|damage| damage.file == *file && reaches(damage)) && torn.is_none()
            }
            Expect::Refused => read.is_err(),
            Expect::Lawful => true,
            Expect::Older(older) => records == Some(*older) && is_sound,
        };
        self.say(holds, &format!("expected {:?}, found {read:?}, {torn:?}, {:?}", self.expect, verified.damages));
    }
}

pub(crate) fn is_at(damage: &Damage, file: &str, at: u64) -> bool {
    damage.file == file && (damage.offset..damage.offset + damage.bytes.max(1)).contains(&at)
}

/// The files without what an opening writer may write at any time.
fn without_derived(files: &Files) -> Vec<(&String, &Vec<u8>)> {
    let is_derived = |name: &str| name == MARK || name.contains(".sum") || name.starts_with("ahead-");
    files.iter().filter(|(name, _)| !is_derived(name)).collect()
}
