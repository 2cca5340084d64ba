//! `talon export facts`: a population that somebody else adds up to the ledger's own roots, and samples of it.

use std::fs;
use std::process::Command;

use crate::talon::{Scratch, demo, done, err, on, out};

/// Reads the export with Python's own CSV and hashes, and makes the roots of the pin from its leaf hashes.
const ROOTS: &str = r#"
import csv, hashlib, json, sys
csv.field_size_limit(1 << 24)
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8", newline="")))
leaves = {}
for row in rows:
    held = leaves.setdefault(int(row["partition"]), [])
    assert len(held) == int(row["position"]), "positions are dense"
    held.append(bytes.fromhex(row["leaf_hash"]))
    if row["payload"]:
        json.loads(row["payload"])
def root(hashes):
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + root(hashes[:split]) + root(hashes[split:])).digest()
pin = json.load(open(sys.argv[2]))["partitions"]
assert {p["partition"]: p["root"] for p in pin} == {p: root(h).hex() for p, h in leaves.items()}, "roots"
print(len(rows))
"#;

#[test]
fn a_population_adds_up_to_the_roots_of_the_ledger() {
    let (scratch, ledger) = (Scratch::new(), demo().join("ledger"));
    let (csv, pin) = (scratch.path("population.csv"), scratch.path("pin.json"));
    fs::write(&csv, done(on(&ledger, &["export", "facts"])).stdout).expect("room");
    done(on(&ledger, &["root", "--out", pin.to_str().expect("a path")]));
    let counted = Command::new("python3").args(["-c", ROOTS]).args([&csv, &pin]).output().expect("python runs");
    let records = out(&done(counted));
    let verified = out(&done(on(&ledger, &["verify"])));
    assert!(verified.contains(&format!("{} records", records.trim())), "{records} {verified}");
    assert_eq!(done(on(&ledger, &["export", "facts"])).stdout, fs::read(&csv).expect("the file"), "the same bytes");
}

#[test]
fn a_sample_is_what_was_asked_for() {
    let (scratch, ledger) = (Scratch::new(), demo().join("ledger"));
    let population = out(&done(on(&ledger, &["export", "facts"])));
    let ids = |line: &str| -> [String; 2] {
        let cells: Vec<_> = line.splitn(18, ',').map(str::to_owned).collect();
        [cells[15].clone(), cells[16].clone()]
    };
    let chosen: Vec<_> = population.lines().skip(200).step_by(97).map(|line| ids(line)[0].clone()).collect();
    let sample = scratch.path("sample.txt");
    fs::write(&sample, format!("\u{feff}{}\r\n\r\n", chosen.join("\r\n"))).expect("room");
    let words = ["export", "facts", "--ids", sample.to_str().expect("a path")];
    let told = out(&done(on(&ledger, &words)));
    let expected: Vec<_> = population.lines().filter(|line| chosen.contains(&ids(line)[0])).collect();
    assert_eq!(told.lines().skip(1).collect::<Vec<_>>(), expected);
    // A payment's id brings all its records; one that is nowhere is named.
    let payment = ids(population.lines().last().expect("a record"))[1].clone();
    fs::write(&sample, format!("{payment}\n019ab9f4-0000-7aaa-8bbb-000000000000\n")).expect("room");
    let told = on(&ledger, &words);
    assert_eq!(told.status.code(), Some(3));
    assert!(err(&told).contains("019ab9f4-0000-7aaa-8bbb-000000000000 is in no record"), "{}", err(&told));
    let of_it = population.lines().filter(|line| ids(line)[1] == payment).count();
    assert_eq!(out(&told).lines().count(), of_it + 1);
}
