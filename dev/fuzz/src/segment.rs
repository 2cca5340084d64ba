//! A whole segment through survey, recovery, readers and verification, beside a second reader of it.
//!
//! An input is a small segment with some bytes changed, then groups of the fuzzer's own behind the genesis. Checksums
//! are made right again where the input says so: else nothing would ever get past them.

use std::sync::{Arc, LazyLock};

use talon_domain::ids::{PartitionId, Position};
use talon_journal::{
    Damage, EmbeddedJournal, Flaw, Journal, OpenError, Positions, Reader, SegmentSizes, Storage, Verified,
    WriterSettings, verify_in,
};
use talon_testkit::{Disk, batch_of, genesis, ledger_id, record, seeds};

use crate::bytes::Bytes;
use crate::naive::{self, Mended};

const SEGMENT: &str = "00000000000000000000.seg";
const MARK: &str = "durable";
const MERCHANT: talon_domain::ids::MerchantId = talon_domain::ids::MerchantId(732_829_320);

/// Records with their places.
type Kept = Vec<(u16, u64, Vec<u8>)>;

/// A segment: flags, changes, and what lies behind the genesis.
pub fn segment(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let flags = bytes.u8();
    let is_set = |bit: u32| flags >> bit & 1 == 1;
    let mut file = BEGINNING.clone();
    let head = naive::segment(&file).end;
    bytes.edit(&mut file[..head]);
    let tail = bytes.0.get(..file.len() - head).unwrap_or(bytes.0);
    file[head..head + tail.len()].copy_from_slice(tail);
    naive::mend(&mut file, Mended { header: is_set(0), frames: is_set(1), groups: is_set(2), chain: is_set(3) });
    let disk = Disk::new();
    if is_set(4) {
        disk.replace(MARK, mark_of(&file));
    }
    disk.replace(SEGMENT, file.clone());
    let read = is_read(&disk, &file);
    if is_set(5) {
        goes_on(&disk, read);
    }
}

/// A first segment that holds the genesis and nothing else.
static BEGINNING: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let disk = Disk::new();
    let journal = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings(), &genesis(ledger_id()));
    drop(journal.expect("a journal"));
    disk.bytes(SEGMENT).expect("its segment")
});

fn settings() -> WriterSettings {
    let sizes = SegmentSizes::new(SegmentSizes::MIN_BYTES, SegmentSizes::MIN_BYTES);
    WriterSettings { sizes, ..WriterSettings::new("fuzz", seeds(1)) }
}

/// The mark that a writer would have left behind the last sound group.
fn mark_of(file: &[u8]) -> Vec<u8> {
    let read = naive::segment(file);
    let fields = [read.records.len() as u64, 0, read.end as u64].map(u64::to_le_bytes).concat();
    let mark = [&fields[..], &read.last_crc.to_le_bytes()].concat();
    let crc = crc32c::crc32c(&mark);
    [mark, crc.to_le_bytes().to_vec()].concat()
}

/// Opens it to read, and holds what is read against the second reader and against verification. The records, and
/// whether a torn group lies behind them; `None` if it stays closed.
fn is_read(disk: &Disk, file: &[u8]) -> Option<(Kept, bool)> {
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    let verified = verify_in(storage.as_ref(), &mut |_| ());
    let journal = match EmbeddedJournal::open_read_only_in(&storage) {
        Ok(journal) => journal,
        Err(error) => {
            is_named(&error, verified.as_ref().ok(), file);
            return None;
        }
    };
    let kept = all_of(journal.scan(&Positions::beginning()).expect("a reader").as_mut());
    let naive = naive::segment(file);
    let expected: Kept = naive.records.iter().map(|(p, at, bytes)| (*p, *at, bytes.to_vec())).collect();
    assert_eq!(kept, expected, "what is shown is what checksums vouch for");
    let is_torn = journal.torn_tail().is_some();
    assert_eq!(is_torn, file[naive.end..].iter().any(|byte| *byte != 0), "what lies behind is zero or told of");
    for partition in [0, 4, 63].map(PartitionId) {
        let alone = all_of(journal.read(partition, Position(0)).expect("a reader").as_mut());
        assert!(alone.iter().eq(kept.iter().filter(|(p, ..)| *p == partition.0)));
    }
    let verified = verified.expect("what opens can be verified");
    // Gaps between groups are looked at by verification alone.
    let is_gap = |damage: &&Damage| damage.flaw == Flaw::NotZero && damage.offset < naive.end as u64;
    let broken: Vec<_> =
        verified.damages.iter().filter(|damage| damage.flaw.is_evidence() && !is_gap(damage)).collect();
    assert!(broken.is_empty(), "what opens is sound: {broken:?}");
    assert_eq!((verified.records, &verified.ends), (kept.len() as u64, &journal.ends()));
    assert_eq!(verified.torn.as_ref(), journal.torn_tail());
    Some((kept, is_torn))
}

/// Damage is named, inside the file, and verification finds some too.
fn is_named(error: &OpenError, verified: Option<&Verified>, file: &[u8]) {
    match error {
        OpenError::Corrupt(damage) => {
            assert!(damage.file == SEGMENT || damage.file == MARK, "{damage}");
            assert!(damage.offset <= file.len() as u64, "{damage}");
            let found = verified.is_none_or(|verified| verified.damages.iter().any(|d| d.flaw.is_evidence()));
            assert!(found || damage.flaw == Flaw::MarkDisagrees, "verification sees nothing of {damage}");
        }
        OpenError::Unsupported { .. } => {}
        other => panic!("a disk that works fails nobody: {other}"),
    }
}

fn all_of(reader: &mut dyn Reader) -> Kept {
    let mut kept = Vec::new();
    while let Some(stored) = reader.next().expect("what opens is read to its end") {
        kept.push((stored.partition.0, stored.position.0, stored.bytes.to_vec()));
    }
    kept
}

/// A writer opens what a reader opens, cuts what is torn and keeps a copy of it, and goes on behind it.
fn goes_on(disk: &Disk, read: Option<(Kept, bool)>) {
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    let opened = EmbeddedJournal::open_in(Arc::clone(&storage), settings());
    let Some((mut kept, is_torn)) = read else {
        return assert!(opened.is_err(), "a writer opens no more than a reader");
    };
    let journal = opened.expect("a writer opens what a reader opens");
    let copies = storage.list().expect("names").iter().filter(|name| name.contains(".torn-")).count();
    assert_eq!(copies, usize::from(is_torn));
    let record = record(MERCHANT, 1, 10);
    let appended = journal.append(batch_of([(MERCHANT, &record[..])])).wait().expect("durable");
    kept.extend(appended.places().map(|(partition, position)| (partition.0, position.0, record.clone())));
    drop(journal);
    let journal = EmbeddedJournal::open_read_only_in(&storage).expect("what was closed opens");
    assert!(journal.torn_tail().is_none());
    assert_eq!(all_of(journal.scan(&Positions::beginning()).expect("a reader").as_mut()), kept);
}
