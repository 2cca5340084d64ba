//! Summaries: whatever lies where one is expected, every record is found where it is. A summary is a hint.

use std::sync::{Arc, LazyLock};

use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{EmbeddedJournal, Journal, Positions, SegmentSizes, Storage, WriterSettings, fuzz, partition_of};
use talon_testkit::{Disk, Survivors, batch_of, genesis, ledger_id, record, seeds};

use crate::bytes::Bytes;

const SUMMARY: &str = "00000000000000000000.seg.sum";
const MERCHANT: MerchantId = MerchantId(732_829_320);
const RECORDS: u64 = 3_000;

/// A journal of two segments with a summary of the first.
struct Ledger {
    disk: Disk,
    summary: Vec<u8>,
}

static LEDGER: LazyLock<Ledger> = LazyLock::new(|| {
    let disk = Disk::new();
    let sizes = SegmentSizes::new(SegmentSizes::MIN_BYTES, SegmentSizes::MIN_BYTES);
    let settings = WriterSettings { sizes, ..WriterSettings::new("fuzz", seeds(1)) };
    let journal = EmbeddedJournal::create_in(Arc::new(disk.clone()), ledger_id(), settings, &genesis(ledger_id()));
    let journal = journal.expect("a journal");
    let records: Vec<_> = (0..RECORDS).map(|n| record(MERCHANT, n, 0)).collect();
    for records in records.chunks(500) {
        let batch = batch_of(records.iter().map(|record| (MERCHANT, &record[..])));
        journal.append(batch).wait().expect("durable");
    }
    drop(journal);
    fuzz::store_summary(&disk, "00000000000000000000.seg").expect("a summary");
    let summary = disk.bytes(SUMMARY).expect("a summary");
    Ledger { disk, summary }
});

/// Whether the summary is changed or replaced, whether its checksum is made right again, then the changes or the bytes.
pub fn summary(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let flags = bytes.u8();
    let place = u64::from(bytes.u16()) % RECORDS;
    let mut summary = LEDGER.summary.clone();
    if flags & 1 == 0 {
        bytes.edit(&mut summary);
        summary.truncate(summary.len().saturating_sub(bytes.u8().into()));
    } else {
        summary = bytes.0.to_vec();
    }
    if let Some((body, _)) = summary.split_last_chunk::<4>()
        && flags & 2 != 0
    {
        let crc = crc32c::crc32c(body).to_le_bytes();
        summary.splice(summary.len() - 4.., crc);
    }
    let disk = LEDGER.disk.after_power_cut(Survivors::Everything);
    disk.replace(SUMMARY, summary);
    let storage: Arc<dyn Storage> = Arc::new(disk);
    finds_every_record(&storage, place);
}

fn finds_every_record(storage: &Arc<dyn Storage>, place: u64) {
    let journal = EmbeddedJournal::open_read_only_in(storage).expect("evidence is sound");
    let home = partition_of(MERCHANT);
    let mut reader = journal.read(home, Position(1 + place)).expect("a reader");
    let stored = reader.next().expect("evidence is sound").expect("a record");
    assert_eq!((stored.position, stored.bytes), (Position(1 + place), &record(MERCHANT, place, 0)[..]));
    let mut from = Positions::beginning();
    from.set(home, Position(1 + place));
    from.set(PartitionId(9), Position(1));
    let mut scan = journal.scan(&from).expect("a reader");
    let mut count = 0;
    while let Some(stored) = scan.next().expect("evidence is sound") {
        assert!(stored.position >= from.next(stored.partition));
        count += 1;
    }
    assert_eq!(count, journal.ends().total() - from.total());
}
