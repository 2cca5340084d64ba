//! The id index with files: what it recognises, whatever happens to it. The journal beside it is in memory and never
//! fails; the index has a disk of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use talon_domain::fact::FactHeader;
use talon_domain::ids::{EventId, MerchantId, PartitionId, Position};
use talon_domain::time::Instant;
use talon_journal::{
    Access, Appended, Batch, Folder, Hit, IdIndex, IdKey, IndexError, IndexProgress, IndexSettings, Journal, Known,
    MemoryJournal, Record, Storage, encode_header, partition_of,
};
use talon_testkit::{Disk, genesis, ledger_id, record};

mod beside;
mod crashes;
mod damage;
mod layout;
mod life;
mod model;

/// 2026-11-25T09:00:00Z.
const NOW: Instant = Instant(1_795_597_200_000_000);
const HOUR: i64 = 3_600_000_000;

/// Small enough that a few hundred ids make runs, merges, and runs of several sections.
fn settings() -> IndexSettings {
    IndexSettings { generation_ids: 64, section_blocks: 1, filter_bytes: 4_096, ..IndexSettings::new("a test", 5) }
}

/// The `n`th id of a merchant, of the time `at`.
fn key(n: u64, at: Instant) -> IdKey {
    let ms = u64::try_from(at.0 / 1_000).unwrap();
    let mut id = [0; 16];
    id[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
    id[8..].copy_from_slice(&n.to_be_bytes());
    (id[6], id[8]) = (0x70, 0x80);
    IdKey { merchant: MerchantId(1 + n % 3), id: EventId(id) }
}

/// A record that has nothing to say but its id.
fn record_of(key: IdKey, recorded_at: Instant) -> Vec<u8> {
    let any = record(key.merchant, 0, 0);
    let header = Record::parse(&any).unwrap().fact_header();
    encode_header(&FactHeader { event_id: key.id, recorded_at, ..header }, 0, &[9; 16]).to_vec()
}

/// A ledger: its journal, its index, and what should be known.
#[derive(Debug)]
struct Bench {
    journal: MemoryJournal,
    storage: Arc<dyn Storage>,
    settings: IndexSettings,
    index: Option<IdIndex>,
    known: BTreeMap<(MerchantId, EventId), (PartitionId, Position)>,
}

impl Bench {
    fn new() -> Self {
        Self::on(Disk::new(), settings())
    }

    fn on(disk: Disk, settings: IndexSettings) -> Self {
        let journal = MemoryJournal::create(ledger_id(), genesis(ledger_id())).unwrap();
        Self { journal, storage: Arc::new(disk), settings, index: None, known: BTreeMap::new() }
    }

    /// Closes the index, if it is open, and opens it.
    fn open(&mut self) -> Result<(), IndexError> {
        self.index = None;
        self.index = Some(IdIndex::open(Arc::clone(&self.storage), &self.journal, &self.settings, &mut |_| ())?);
        Ok(())
    }

    fn index(&mut self) -> &mut IdIndex {
        self.index.as_mut().unwrap()
    }

    /// Appends what is new of these ids, all recorded at `now`; answers how many were.
    fn publish(&mut self, keys: &[IdKey], now: Instant) -> Result<usize, IndexError> {
        let known = self.look_up(keys)?;
        let index = self.index.as_mut().unwrap();
        index.begin(now);
        let mut batch = Batch::new();
        let mut new = Vec::new();
        for (key, _) in keys.iter().zip(known).filter(|(_, place)| place.is_none()) {
            if index.again(*key).is_none() {
                batch.push(partition_of(key.merchant), &[&record_of(*key, now)]).unwrap();
                index.claim(*key);
                new.push(*key);
            }
        }
        let appended = self.journal.append(batch).wait().unwrap();
        self.settle(&new, &appended);
        Ok(new.len())
    }

    fn settle(&mut self, new: &[IdKey], appended: &Appended) {
        self.index.as_mut().unwrap().settle(appended.places());
        for (key, place) in new.iter().zip(appended.places()) {
            let before = self.known.insert((key.merchant, key.id), place);
            assert_eq!(before, None, "an id that was known was appended again");
        }
    }

    /// The place of each id that is known, held against what should be.
    fn look_up(&mut self, keys: &[IdKey]) -> Result<Vec<Option<(PartitionId, Position)>>, IndexError> {
        let mut hits = Vec::new();
        self.index().look_up(keys, &mut hits)?;
        let found: Vec<_> = (0..keys.len()).map(|index| self.place(keys[index], index, &hits)).collect();
        for (key, found) in keys.iter().zip(&found) {
            assert_eq!(*found, self.known.get(&(key.merchant, key.id)).copied(), "{key:?}");
        }
        Ok(found)
    }

    /// What the stored ids say of the hits on one key.
    fn place(&self, key: IdKey, index: usize, hits: &[Hit]) -> Option<(PartitionId, Position)> {
        let hits = hits.iter().filter(|hit| hit.key == index);
        let places = hits.filter_map(|hit| match hit.known {
            Known::Kept { partition, position } => Some((partition, position)),
            Known::InFlight { .. } => None,
        });
        places.filter(|place| self.id_at(*place) == key).min()
    }

    fn id_at(&self, (partition, position): (PartitionId, Position)) -> IdKey {
        let mut reader = self.journal.read(partition, position).unwrap();
        let stored = reader.next().unwrap().expect("a hit points at a record");
        let record = Record::parse(stored.bytes).unwrap();
        IdKey { merchant: record.merchant(), id: record.event_id() }
    }

    /// Bytes of the files whose names begin so.
    fn bytes_of(&self, name: &str) -> u64 {
        let names = self.storage.list().unwrap();
        let sizes = names.iter().filter(|file| file.starts_with(name));
        sizes.map(|file| self.storage.open(file, Access::Read).unwrap().size().unwrap()).sum()
    }

    /// Every id that was ever appended is known, and some others are not.
    fn assert_knows_all(&mut self) {
        let keys: Vec<_> = self.known.keys().map(|(merchant, id)| IdKey { merchant: *merchant, id: *id }).collect();
        self.look_up(&keys).unwrap();
        let others: Vec<_> =
            keys.iter().map(|key| IdKey { merchant: MerchantId(key.merchant.0 + 9), ..*key }).collect();
        self.look_up(&others).unwrap();
    }
}

/// Ids of this second, in the order of their numbers.
fn timely(numbers: std::ops::Range<u64>) -> Vec<IdKey> {
    numbers.map(|n| key(n, Instant(NOW.0 + i64::try_from(n).unwrap() * 1_000))).collect()
}
