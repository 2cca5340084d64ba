//! The files of the index, read at the offsets of docs/format.md, with a checksum written apart from ours.

use super::*;
use crate::layout::{Fields, crc};

/// An index with runs, closed; its files by name.
fn files() -> (Bench, BTreeMap<String, Vec<u8>>) {
    let disk = Disk::new();
    let small = IndexSettings { generation_ids: 2_048, section_blocks: 3, ..settings() };
    let mut bench = Bench::on(disk.clone(), small);
    bench.open().unwrap();
    let hours = [-4, 0, 0, 0, 3];
    let keys: Vec<_> =
        (0..2_500).map(|n| key(n, Instant(NOW.0 + hours[usize::try_from(n % 5).unwrap()] * HOUR))).collect();
    keys.chunks(500).for_each(|keys| assert_eq!(bench.publish(keys, NOW).unwrap(), 500));
    bench.index().rest().unwrap();
    bench.index = None;
    let files = disk.list().unwrap().into_iter().map(|name| (name.clone(), disk.bytes(&name).unwrap())).collect();
    (bench, files)
}

fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().unwrap())
}

fn at(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

#[test]
fn the_manifest_lies_as_the_format_page_draws_it() {
    let (bench, files) = files();
    let bytes = &files["manifest"];
    let manifest = Fields::of("index-manifest", &bytes[..578], 578);
    assert_eq!((manifest.bytes("magic"), manifest.number("version")), (&b"TALONIDS"[..], 1));
    assert_eq!((manifest.bytes("ledger_id"), manifest.number("seed")), (&ledger_id().0[..], 5));
    let covered: Vec<_> = manifest.bytes("covered").chunks(8).map(word).collect();
    let ends: Vec<_> = bench.journal.ends().iter().map(|(_, next)| next.0).collect();
    assert_eq!(covered, ends, "a clean close covers all");
    let place = manifest.number("witness_place");
    let place = (PartitionId(u16::try_from(place >> 53).unwrap()), Position(place & ((1 << 53) - 1)));
    let newest = bench.known.iter().find(|(_, at)| **at == place).expect("the witness is an id");
    assert_eq!(u64::from_be_bytes(newest.0.1.0[8..].try_into().unwrap()) & 0xffff, 2_499);
    let (runs, end) = bytes[578..].split_at(bytes.len() - 578 - 4);
    assert_eq!(u64::from(u32::from_le_bytes(end.try_into().unwrap())), crc(&[&bytes[..bytes.len() - 4]]));
    assert_eq!(runs.len() as u64, 12 * manifest.number("runs"));
    for run in runs.chunks(12) {
        assert!(word(&run[..8]) < manifest.number("next_run"));
        assert_eq!(files[&format!("run-{:020}", word(&run[..8]))][4092..4096], run[8..]);
    }
    assert_eq!(files.len() as u64, 1 + manifest.number("runs"));
}

#[test]
fn runs_lie_as_the_format_page_draws_them() {
    let (bench, files) = files();
    let mut entries = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with("run-")) {
        let header = Fields::of("index-run-header", &bytes[..4096], 4096);
        assert_eq!((header.bytes("magic"), header.number("version")), (&b"TALONRUN"[..], 1));
        assert_eq!(
            (header.bytes("ledger_id"), name),
            (&ledger_id().0[..], &format!("run-{:020}", header.number("number")))
        );
        assert_eq!(header.number("crc"), crc(&[&bytes[..4092]]));
        let table = &bytes[at(header.number("table_at"))..];
        assert_eq!(header.number("table_crc"), crc(&[header.bytes("salt"), header.bytes("table_at"), table]));
        assert_eq!(table.len() as u64, 40 * header.number("sections"));
        let before = entries.len();
        let end = table.chunks(40).fold(4096, |end, section| {
            let section = Fields::of("index-section", section, 40);
            assert_eq!(section.number("at"), end);
            self::section(bytes, header.bytes("salt"), &section, &mut entries)
        });
        assert_eq!(end, header.number("table_at"));
        assert_eq!((entries.len() - before) as u64, header.number("count"));
    }
    let known = bench.known.values().map(|(partition, position)| u64::from(partition.0) << 53 | position.0);
    let genesis = (0..64).map(|partition| partition << 53);
    let mut expected: Vec<_> = known.chain(genesis).collect();
    let mut found: Vec<_> = entries.iter().map(|(_, place)| *place).collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected, "every record is in one run");
}

/// Reads a section's entries; answers where it ends.
fn section(bytes: &[u8], salt: &[u8], section: &Fields<'_>, entries: &mut Vec<(u64, u64)>) -> u64 {
    let first = entries.len();
    let (mut end, blocks) = (section.number("at"), section.number("entries").div_ceil(255));
    let number = |end: u64| (end / 4096).to_le_bytes();
    for _ in 0..blocks {
        let bytes = &bytes[at(end)..at(end) + 4096];
        let block = Fields::of("index-block", bytes, 4096);
        assert_eq!(block.number("crc"), crc(&[salt, &number(end), &bytes[..4092]]));
        let (taken, zeros) = block.bytes("entries").split_at(16 * at(block.number("count")));
        assert!(zeros.iter().chain(block.bytes("zeros")).all(|byte| *byte == 0));
        entries.extend(taken.chunks(16).map(|entry| (word(&entry[..8]), word(&entry[8..]))));
        end += 4096;
    }
    assert_eq!((entries.len() - first) as u64, section.number("entries"));
    assert!(entries[first..].is_sorted());
    assert_eq!((entries[first].0, entries.last().unwrap().0), (section.number("first"), section.number("last")));
    let len = at(section.number("filter_bytes")).next_multiple_of(4096);
    let filter = &bytes[at(end)..at(end) + len];
    assert_eq!(section.number("filter_crc"), crc(&[salt, &number(end), filter]));
    end + len as u64
}
