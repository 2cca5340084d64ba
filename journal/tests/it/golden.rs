//! A ledger that another writer made, from docs/format.md alone: records of every family, flag and verdict, and the files
//! of the embedded engine that hold them. Whatever this release and later ones do, they read these.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use talon_domain::fact::{Family, Kind};
use talon_journal::{EmbeddedJournal, Journal as _, Positions, Record, RecordError, WriterSettings, encode_header};
use talon_testkit::{Disk, hex, seeds, unhex};

const RECORDS: &str = include_str!("../golden/families.txt");
const FILES: &str = include_str!("../golden/ledger.txt");

struct Golden {
    name: &'static str,
    partition: u16,
    verdict: &'static str,
    bytes: Vec<u8>,
    leaf: &'static str,
}

fn goldens() -> Vec<Golden> {
    let lines = RECORDS.lines().filter(|line| !line.starts_with('#'));
    let golden = |line: &'static str| {
        let [name, partition, verdict, bytes, leaf] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        Golden { name, partition: partition.parse().unwrap(), verdict, bytes: unhex(bytes), leaf }
    };
    lines.map(golden).collect()
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let lines = FILES.lines().filter(|line| !line.starts_with('#'));
    let file = |line: &'static str| {
        let [name, size, bytes] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let mut bytes = unhex(bytes);
        bytes.resize(size.parse().unwrap(), 0);
        (name.to_owned(), bytes)
    };
    lines.map(file).collect()
}

#[test]
fn golden_records_parse_and_encode_to_the_same_bytes() {
    for Golden { name, verdict, bytes, leaf, .. } in goldens() {
        let leaf_hash: [u8; 32] = Sha256::new().chain_update([0]).chain_update(&bytes).finalize().into();
        assert_eq!(hex(&leaf_hash), leaf, "{name}");
        match (name, Record::parse(&bytes)) {
            ("stub", parsed) => assert_eq!(parsed, Err(RecordError::DayRule(0))),
            ("draft", parsed) => assert_eq!(parsed, Err(RecordError::Format(0))),
            (_, parsed) => {
                let record = parsed.unwrap_or_else(|error| panic!("{name}, {verdict}: {error}"));
                let length = u16::try_from(record.payload().len()).unwrap();
                let header = encode_header(&record.fact_header(), length, &record.salt());
                let again = [&header[..], record.payload(), record.sealed().unwrap_or_default()].concat();
                assert_eq!(again, bytes, "{name}");
            }
        }
    }
}

/// What is not here can be changed without anybody noticing: a family of kinds, a flag, a verdict.
#[test]
fn there_is_a_golden_record_of_every_family_flag_and_verdict() {
    let goldens = goldens();
    let records: Vec<_> = goldens.iter().filter_map(|golden| Record::parse(&golden.bytes).ok()).collect();
    let known = Kind::KNOWN.iter().map(|kind| kind.family());
    for family in known.chain([Family::Decision]) {
        assert!(records.iter().any(|record| record.kind().family() == family), "{family:?}");
    }
    for flag in [0, 2, 3, 4] {
        assert!(records.iter().any(|record| record.header_bytes()[6] & 1 << flag != 0), "b{flag}");
    }
    for source in 1..=6 {
        assert!(source == 4 || records.iter().any(|record| record.source() as u8 == source), "source {source}");
    }
    for verdict in ["control", "fact", "duplicate", "conflict", "parked", "foreign"] {
        assert!(goldens.iter().any(|golden| golden.verdict == verdict), "{verdict}");
    }
}

/// What a journal on these files holds, in the order of the log.
fn held(files: &BTreeMap<String, Vec<u8>>) -> Vec<(u16, Vec<u8>)> {
    let settings = WriterSettings::new("a test", seeds(5));
    let journal = EmbeddedJournal::open_in(Arc::new(Disk::of(files)), settings).unwrap();
    let mut reader = journal.scan(&Positions::beginning()).unwrap();
    let mut held = Vec::new();
    while let Some(stored) = reader.next().unwrap() {
        held.push((stored.partition.0, stored.bytes.to_vec()));
    }
    held
}

#[test]
fn golden_files_hold_the_golden_records() {
    let written: Vec<_> = goldens().into_iter().map(|golden| (golden.partition, golden.bytes)).collect();
    let mut files = files();
    assert_eq!(held(&files), written);
    files.remove("durable").unwrap();
    assert_eq!(held(&files), written, "whatever the mark says");
}

#[test]
fn a_bit_of_a_golden_file_is_missed() {
    let files = files();
    for (name, at) in [("00000000000000000000.seg", 4096 + 40), ("00000000000000000075.seg", 50)] {
        let mut bent = files.clone();
        bent.get_mut(name).unwrap()[at] ^= 1;
        let settings = WriterSettings::new("a test", seeds(5));
        assert!(EmbeddedJournal::open_in(Arc::new(Disk::of(&bent)), settings).is_err(), "{name} {at}");
    }
}

#[test]
fn the_reader_in_python_tells_of_the_same_records() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("journal")).unwrap();
    for (name, bytes) in files() {
        std::fs::write(folder.path().join("journal").join(name), bytes).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dev/reader/talon_reader.py");
    let output = Command::new("python3").arg(script).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    let goldens = goldens();
    assert_eq!(told.lines().count(), goldens.len());
    for (line, Golden { name, partition, verdict, leaf, .. }) in told.lines().zip(&goldens) {
        assert!(line.contains(&format!("\"partition\": {partition}, ")), "{name}: {line}");
        assert!(line.contains(&format!("\"leaf_hash\": \"{leaf}\"")), "{name}: {line}");
        assert_eq!(line.contains("\"foreign\": "), *verdict == "foreign", "{name}: {line}");
    }
}
