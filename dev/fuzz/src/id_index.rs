//! The files of the id index: whatever lies where they are expected, no id that the journal holds is ever new, and a
//! rebuild makes all good.
//!
//! An input names a file and changes it. Where it says so, every checksum from there up to the manifest is made right
//! again: then a file may lie, which no reader can see, and must still be read to its end.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use talon_domain::fact::FactHeader;
use talon_domain::ids::{EventId, MerchantId, PartitionId, Position};
use talon_domain::time::Instant;
use talon_journal::{
    Batch, Hit, IdIndex, IdKey, IndexError, IndexSettings, Journal, Known, MemoryJournal, Record, Storage,
    encode_header, partition_of,
};
use talon_testkit::{Disk, genesis, ledger_id, record};

use crate::admitted::NOW;
use crate::bytes::Bytes;
use crate::naive::number;

const MANIFEST: &str = "manifest";
const BLOCK: usize = 4096;
const SECTION: usize = 40;
/// Where the manifest's list of runs begins: a number and a checksum each.
const RUNS_AT: usize = 8 + 2 + 16 + 8 + 8 + 64 * 8 + 16 + 8;

/// A journal, the files of its index, and what must be known.
struct Ledger {
    journal: MemoryJournal,
    files: BTreeMap<String, Vec<u8>>,
    known: Vec<(IdKey, (PartitionId, Position))>,
}

static LEDGER: LazyLock<Ledger> = LazyLock::new(Ledger::new);

fn settings() -> IndexSettings {
    IndexSettings { generation_ids: 64, section_blocks: 1, filter_bytes: 4_096, ..IndexSettings::new("fuzz", 5) }
}

/// The `n`th id: some older than their records, some of a time that has not come.
fn key(n: u64) -> IdKey {
    let hours = [-4, 0, 0, 0, 3][usize::try_from(n % 5).expect("five")];
    let ms = u64::try_from(NOW.0 / 1_000 + hours * 3_600_000).expect("after 1970");
    let mut id = [0; 16];
    id[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
    id[8..].copy_from_slice(&n.to_be_bytes());
    (id[6], id[8]) = (0x70, 0x80);
    IdKey { merchant: MerchantId(1 + n % 3), id: EventId(id) }
}

fn record_of(key: IdKey, recorded_at: Instant) -> Vec<u8> {
    let any = record(key.merchant, 0, 0);
    let header = Record::parse(&any).expect("a record").fact_header();
    encode_header(&FactHeader { event_id: key.id, recorded_at, ..header }, 0, &[9; 16]).to_vec()
}

impl Ledger {
    fn new() -> Self {
        let (disk, mut known) = (Disk::new(), Vec::new());
        let journal = MemoryJournal::create(ledger_id(), genesis(ledger_id())).expect("a journal");
        let mut index = IdIndex::open(Arc::new(disk.clone()), &journal, &settings(), &mut |_| ()).expect("an index");
        for first in (0..400).step_by(20) {
            index.look_up(&[], &mut Vec::new()).expect("room");
            index.begin(NOW);
            let (mut batch, keys) = (Batch::new(), (first..first + 20).map(key));
            for key in keys.clone() {
                batch.push(partition_of(key.merchant), &[&record_of(key, NOW)]).expect("room");
                index.claim(key);
            }
            let appended = journal.append(batch).wait().expect("durable");
            index.settle(appended.places());
            known.extend(keys.zip(appended.places()));
        }
        index.rest().expect("sealed");
        drop(index);
        let names = disk.list().expect("names").into_iter();
        let files = names.map(|name| (name.clone(), disk.bytes(&name).expect("a file"))).collect();
        Self { journal, files, known }
    }
}

/// Which file, whether checksums are made right again, whether it is cut, and the changes.
pub fn id_index(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let (which, flags) = (usize::from(bytes.u8()), bytes.u8());
    let (mends, cuts) = (flags & 1 == 1, flags & 2 == 2);
    let mut files = LEDGER.files.clone();
    let name = files.keys().nth(which % files.len()).expect("one of them").clone();
    let file = files.get_mut(&name).expect("its name");
    if cuts {
        file.truncate(file.len().saturating_sub(bytes.u16().into()));
    }
    bytes.edit(file);
    file.extend_from_slice(bytes.0);
    if mends {
        mend(&mut files, &name);
    }
    let disk = Disk::new();
    files.into_iter().for_each(|(name, file)| disk.replace(&name, file));
    knows_all_in_the_end(Arc::new(disk), mends);
}

fn knows_all_in_the_end(storage: Arc<dyn Storage>, may_lie: bool) {
    let Ledger { journal, known, .. } = &*LEDGER;
    let mut index =
        IdIndex::open(storage, journal, &settings(), &mut |_| ()).expect("what cannot be read is made again");
    match misses(&mut index, known) {
        Ok(misses) => assert!(may_lie || misses.is_empty(), "ids that are kept would be new: {misses:?}"),
        Err(IndexError::Damaged { .. }) => {}
        Err(error) => assert!(may_lie, "{error}"),
    }
    index.rebuild(journal, &mut |_| ()).expect("a disk that works");
    assert_eq!(misses(&mut index, known).expect("made anew"), Vec::new());
}

/// The ids of which the index does not name the right place.
fn misses(index: &mut IdIndex, known: &[(IdKey, (PartitionId, Position))]) -> Result<Vec<IdKey>, IndexError> {
    let keys: Vec<IdKey> = known.iter().map(|(key, _)| *key).collect();
    let mut hits = Vec::new();
    index.look_up(&keys, &mut hits)?;
    let place = |hit: &Hit| match hit.known {
        Known::Kept { partition, position } => Some((hit.key, (partition, position))),
        Known::InFlight { .. } => None,
    };
    let places: Vec<_> = hits.iter().filter_map(place).collect();
    let missed = known.iter().enumerate().filter(|(at, (_, place))| !places.contains(&(*at, *place)));
    Ok(missed.map(|(_, (key, _))| *key).collect())
}

/// Makes the checksums of a file right again, and of what vouches for it.
fn mend(files: &mut BTreeMap<String, Vec<u8>>, name: &str) {
    let run = name.strip_prefix("run-").and_then(|digits| digits.parse::<u64>().ok());
    if let (Some(no), Some(file)) = (run, files.get_mut(name)) {
        let header_crc = mend_run(file);
        if let (Some(crc), Some(manifest)) = (header_crc, files.get_mut(MANIFEST)) {
            name_in(manifest, no, crc);
        }
    }
    if let Some(manifest) = files.get_mut(MANIFEST)
        && let Some(at) = manifest.len().checked_sub(4)
    {
        let crc = crc32c::crc32c(&manifest[..at]);
        manifest[at..].copy_from_slice(&crc.to_le_bytes());
    }
}

/// Blocks and filters, then the table that vouches for filters, then the header that vouches for the table.
fn mend_run(run: &mut [u8]) -> Option<u32> {
    let (salt, sections, table_at) = (number(run, 36, 8)?, size(run, 72, 4)?, size(run, 76, 8)?);
    for section in 0..sections.min(64) {
        let at = table_at.checked_add(section * SECTION)?;
        let (mut block, entries) = (size(run, at + 16, 8)?, size(run, at + 24, 4)?);
        for _ in 0..entries.div_ceil(255).min(64) {
            let crc = bound(salt, block / BLOCK, run.get(block..block.checked_add(BLOCK - 4)?)?);
            put(run, block + BLOCK - 4, crc)?;
            block += BLOCK;
        }
        let length = size(run, at + 28, 4)?.next_multiple_of(BLOCK);
        let filter = bound(salt, block / BLOCK, run.get(block..block.checked_add(length)?)?);
        put(run, at + 32, filter)?;
    }
    let table = bound(salt, table_at, run.get(table_at..)?);
    put(run, 84, table)?;
    let header = crc32c::crc32c(run.get(..BLOCK - 4)?);
    put(run, BLOCK - 4, header)?;
    Some(header)
}

fn size(bytes: &[u8], at: usize, len: usize) -> Option<usize> {
    usize::try_from(number(bytes, at, len)?).ok()
}

/// The CRC-32C of bytes that are bound to a run and to their place in it.
fn bound(salt: u64, place: usize, bytes: &[u8]) -> u32 {
    crc32c::crc32c(&[&salt.to_le_bytes(), &(place as u64).to_le_bytes(), bytes].concat())
}

fn put(bytes: &mut [u8], at: usize, crc: u32) -> Option<()> {
    bytes.get_mut(at..at + 4)?.copy_from_slice(&crc.to_le_bytes());
    Some(())
}

fn name_in(manifest: &mut [u8], no: u64, crc: u32) {
    let runs = manifest.get_mut(RUNS_AT..).unwrap_or_default();
    for run in runs.chunks_exact_mut(12).filter(|run| run[..8] == no.to_le_bytes()) {
        run[8..].copy_from_slice(&crc.to_le_bytes());
    }
}
