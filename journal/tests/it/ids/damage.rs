//! Damage to the index's files, and files of another index: they are made again, and never believed.

use super::*;

/// A ledger with runs of every kind, closed; and its disk.
fn sealed() -> (Bench, Disk) {
    let disk = Disk::new();
    let mut bench = Bench::on(disk.clone(), settings());
    bench.open().unwrap();
    let hours = [-4, 0, 0, 0, 3];
    let keys: Vec<_> =
        (0..400).map(|n| key(n, Instant(NOW.0 + hours[usize::try_from(n % 5).unwrap()] * HOUR))).collect();
    keys.chunks(20).for_each(|keys| assert_eq!(bench.publish(keys, NOW).unwrap(), 20));
    bench.index().rest().unwrap();
    bench.index = None;
    (bench, disk)
}

/// The same ledger with these files.
fn beside(bench: &Bench, disk: &Disk, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> Bench {
    let other = Disk::new();
    for name in disk.list().unwrap() {
        other.replace(&name, change(&name, disk.bytes(&name).unwrap()));
    }
    let (journal, known) = (bench.journal.clone(), bench.known.clone());
    Bench { journal, known, ..Bench::on(other, settings()) }
}

/// Opens it and asks for everything; damage that is met on the way is an error first, and gone after a rebuild.
fn assert_knows_all_in_the_end(bench: &mut Bench, at: &str) {
    bench.open().unwrap_or_else(|error| panic!("{at}: {error}"));
    let keys: Vec<_> = bench.known.keys().map(|(merchant, id)| IdKey { merchant: *merchant, id: *id }).collect();
    match bench.look_up(&keys) {
        Ok(_) => {}
        Err(IndexError::Damaged { .. }) => {
            bench.index.as_mut().unwrap().rebuild(&bench.journal, &mut |_| ()).unwrap();
            bench.look_up(&keys).unwrap();
        }
        Err(other) => panic!("{at}: {other}"),
    }
}

#[test]
fn a_flipped_byte_anywhere_makes_no_id_new() {
    let (bench, disk) = sealed();
    for name in disk.list().unwrap() {
        let len = disk.bytes(&name).unwrap().len();
        let step = if name == "manifest" { 1 } else { 251 };
        for at in (0..len).step_by(step) {
            let mut other = beside(&bench, &disk, |file, mut bytes| {
                if file == name {
                    bytes[at] ^= 1 << (at % 8);
                }
                bytes
            });
            assert_knows_all_in_the_end(&mut other, &format!("{name} byte {at}"));
        }
    }
}

#[test]
fn a_file_that_is_missing_or_short_makes_no_id_new() {
    let (bench, disk) = sealed();
    for name in disk.list().unwrap() {
        for part in [0, 1, 2, 3] {
            let keep = |file: &str, bytes: Vec<u8>| {
                let len = if file == name { bytes.len() * part / 4 } else { bytes.len() };
                bytes[..len].to_vec()
            };
            let mut other = beside(&bench, &disk, keep);
            if part == 0 {
                other.storage.remove(&name).unwrap();
            }
            assert_knows_all_in_the_end(&mut other, &format!("{part} quarters of {name}"));
        }
    }
}

#[test]
fn a_later_version_is_made_again() {
    let (bench, disk) = sealed();
    let mut other = beside(&bench, &disk, |file, mut bytes| {
        if file == "manifest" {
            bytes[8] = 2;
            let len = bytes.len() - 4;
            let crc = crc32c::crc32c(&bytes[..len]);
            bytes[len..].copy_from_slice(&crc.to_le_bytes());
        }
        bytes
    });
    other.open().unwrap();
    assert_eq!(other.index().len(), 464);
    other.assert_knows_all();
}

/// An index that is older or newer than its journal, or of another ledger, says nothing wrong.
#[test]
fn files_of_another_journal_are_not_believed() {
    let (bench, disk) = sealed();
    // A journal that was cut: it holds less than is covered.
    let mut shorter = Bench { known: BTreeMap::new(), ..beside(&bench, &disk, |_, bytes| bytes) };
    shorter.journal = MemoryJournal::create(ledger_id(), genesis(ledger_id())).unwrap();
    shorter.open().unwrap();
    assert_eq!(shorter.index().len(), 64);
    assert_eq!(shorter.publish(&[key(0, NOW)], NOW).unwrap(), 1);
    // And one that has grown again, with other ids.
    let mut regrown = Bench { known: BTreeMap::new(), ..beside(&bench, &disk, |_, bytes| bytes) };
    regrown.journal = MemoryJournal::create(ledger_id(), genesis(ledger_id())).unwrap();
    let keys: Vec<_> = (7_000..8_000).map(|n| key(n, NOW)).collect();
    let mut batch = Batch::new();
    keys.iter().for_each(|key| batch.push(partition_of(key.merchant), &[&record_of(*key, NOW)]).unwrap());
    let appended = regrown.journal.append(batch).wait().unwrap();
    regrown.known.extend(keys.iter().map(|key| (key.merchant, key.id)).zip(appended.places()));
    regrown.open().unwrap();
    regrown.assert_knows_all();
    // While a generation becomes a run its ids may be counted twice.
    regrown.index().rest().unwrap();
    assert_eq!(regrown.index().len(), 1_064);
    // And one that is shorter in some partitions, but not where the last id is.
    let newest = *bench.known.iter().find(|((_, id), _)| id.0[14..] == [1, 143]).expect("the 399th").0;
    let of_newest: Vec<_> = bench.known.iter().filter(|((merchant, _), _)| *merchant == newest.0).collect();
    let mut uneven = Bench { known: BTreeMap::new(), ..beside(&bench, &disk, |_, bytes| bytes) };
    uneven.journal = MemoryJournal::create(ledger_id(), genesis(ledger_id())).unwrap();
    let mut in_order: Vec<_> =
        of_newest.iter().map(|((merchant, id), place)| (**place, IdKey { merchant: *merchant, id: *id })).collect();
    in_order.sort_by_key(|(place, _)| *place);
    let mut batch = Batch::new();
    in_order.iter().for_each(|(_, key)| batch.push(partition_of(key.merchant), &[&record_of(*key, NOW)]).unwrap());
    uneven.journal.append(batch).wait().unwrap();
    uneven.known.extend(in_order.iter().map(|(place, key)| ((key.merchant, key.id), *place)));
    uneven.open().unwrap();
    assert!(uneven.index().health().was_made_anew);
    uneven.assert_knows_all();
    // And one of another ledger.
    let other_id = talon_domain::ids::LedgerId([3; 16]);
    let mut other = Bench { known: BTreeMap::new(), ..beside(&bench, &disk, |_, bytes| bytes) };
    other.journal = MemoryJournal::create(other_id, genesis(other_id)).unwrap();
    other.open().unwrap();
    assert_eq!(other.index().len(), 64);
}

#[test]
fn what_no_manifest_names_is_removed() {
    let (bench, disk) = sealed();
    let mut other = beside(&bench, &disk, |_, bytes| bytes);
    for name in ["manifest.new", "run-00000000000000009999"] {
        other.storage.open(name, Access::Create).unwrap().write_at(b"left over", 0).unwrap();
    }
    other.open().unwrap();
    let names = other.storage.list().unwrap();
    assert_eq!(names.iter().filter(|name| name.contains("9999") || name.contains("new")).count(), 0, "{names:?}");
    other.assert_knows_all();
    assert_eq!(other.index().health().sealed_ids, 464);
}

/// A file system keeps a folder of its own in its root, and people leave notes.
#[test]
fn what_has_none_of_our_names_is_left_alone() {
    let ledger = tempfile::tempdir().unwrap();
    let folder = ledger.path().join("index");
    let strangers = ["lost+found", "run-9999.old", "run-9999", "run-0000000000000000999x", "manifest.newer"];
    strangers.iter().for_each(|name| std::fs::create_dir_all(folder.join(name)).unwrap());
    std::fs::write(folder.join("notes"), "whose disk this is").unwrap();
    let mut bench = Bench { storage: Arc::new(Folder::index(ledger.path())), ..Bench::new() };
    for numbers in [0..200, 200..400] {
        bench.open().unwrap();
        timely(numbers).chunks(20).for_each(|keys| assert_eq!(bench.publish(keys, NOW).unwrap(), 20));
        bench.index().rest().unwrap();
    }
    bench.index.as_mut().unwrap().rebuild(&bench.journal, &mut |_| ()).unwrap();
    bench.assert_knows_all();
    let names = bench.storage.list().unwrap();
    assert!(strangers.iter().chain(&["notes"]).all(|name| names.iter().any(|there| there == name)), "{names:?}");
}
