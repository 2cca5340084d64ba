//! One flipped bit anywhere in what the journal uses: verify ends with 4 and names the place.

use std::fs;
use std::path::{Path, PathBuf};

use crate::talon::{Scratch, code, copy, demo, done, err, on, out};

/// A small ledger, closed in good order, and its one segment.
fn small(scratch: &Scratch) -> (PathBuf, PathBuf) {
    let ledger = scratch.ledger("ledger");
    let day = fs::read_to_string(demo().join("day.jsonl")).expect("the day");
    let lines: Vec<_> = day.lines().take(40).collect();
    done(crate::talon::on_with(&ledger, &["publish", "--batch", "8", "-"], lines.join("\n").as_bytes()));
    let segment = ledger.join("journal/00000000000000000000.seg");
    assert!(segment.exists());
    (ledger, segment)
}

/// Where the journal's used part ends: behind the last byte that is not zero.
fn used(segment: &Path) -> usize {
    let bytes = fs::read(segment).expect("the segment");
    bytes.iter().rposition(|byte| *byte != 0).expect("a header") + 1
}

#[test]
fn one_flipped_bit_is_found_and_named() {
    let scratch = Scratch::new();
    let (ledger, segment) = small(&scratch);
    done(on(&ledger, &["verify"]));
    let bytes = fs::read(&segment).expect("the segment");
    let used = used(&segment);
    // Bits spread over the used part, header first, and a few in what must be zero behind it: where the next group would
    // begin, and at the end.
    let (step, next) = (used / 60, used.next_multiple_of(32));
    let bits = (0..used).step_by(step).chain([8, 76, 4_095, 4_096, 4_100, 4_120, used - 1, next, bytes.len() - 1]);
    for (nth, at) in bits.enumerate() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (nth % 8);
        fs::write(&segment, &damaged).expect("the segment");
        let verify = on(&ledger, &["verify"]);
        let said = out(&verify) + &err(&verify);
        assert_eq!(code(&verify), 4, "byte {at}: {said}");
        assert!(said.contains("00000000000000000000.seg") && said.contains("offset"), "byte {at}: {said}");
    }
    fs::write(&segment, &bytes).expect("the segment");
    done(on(&ledger, &["verify"]));
}

#[test]
fn damage_is_named_as_json_too() {
    let scratch = Scratch::new();
    let (ledger, segment) = small(&scratch);
    let mut bytes = fs::read(&segment).expect("the segment");
    bytes[4_096 + 32 + 16 + 60] ^= 4;
    fs::write(&segment, &bytes).expect("the segment");
    let verify = on(&ledger, &["verify", "--output", "json"]);
    assert_eq!(code(&verify), 4);
    let found = crate::talon::json(&verify);
    assert_eq!(found["ok"], false);
    assert_eq!(found["damage"][0]["file"], "00000000000000000000.seg");
    assert!(found["damage"][0]["offset"].is_u64());
}

#[test]
fn a_damaged_journal_is_neither_read_nor_written() {
    let scratch = Scratch::new();
    let (ledger, segment) = small(&scratch);
    let mut bytes = fs::read(&segment).expect("the segment");
    bytes[4_096 + 200] ^= 1;
    fs::write(&segment, &bytes).expect("the segment");
    for args in [&["digest"][..], &["transactions"], &["publish", "/dev/null"]] {
        let refused = on(&ledger, args);
        assert_eq!(code(&refused), 4, "{args:?}: {}", err(&refused));
        assert!(err(&refused).contains("00000000000000000000.seg"), "{}", err(&refused));
    }
    assert_eq!(fs::read(&segment).expect("the segment"), bytes, "nothing was cut");
}

#[test]
fn a_copy_without_key_and_vault_can_be_read_and_shows_masks() {
    let scratch = Scratch::new();
    let copied = scratch.path("copy");
    copy(&demo().join("ledger/journal"), &copied.join("journal"));
    let listed = done(on(&copied, &["transactions", "--output", "json"]));
    let all = crate::talon::json(&listed);
    let collected = all["transactions"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|payment| payment["status"] == "collected" && payment["plan"]["installmentsCount"] == 3)
        .expect("a payment in three");
    let id = collected["transactionId"].as_str().expect("an id");
    for args in [&["verify"][..], &["digest"], &["dump"], &["tail"], &["transaction", id]] {
        done(on(&copied, args));
    }
    let ticket = done(on(&copied, &["receipt", id, "--kind", "t2"]));
    assert!(out(&ticket).contains("** ** ** ** **"), "{}", out(&ticket));
    let refused = on(&copied, &["dump", "--open"]);
    assert_eq!(code(&refused), 1);
    assert!(err(&refused).contains("key"), "{}", err(&refused));
}

#[test]
fn a_person_may_cut_a_damaged_end_off_and_publish_again() {
    let scratch = Scratch::new();
    let (ledger, segment) = small(&scratch);
    let digest = crate::talon::state_digest(&ledger);
    let mut bytes = fs::read(&segment).expect("the segment");
    let end = used(&segment);
    bytes[end - 40] ^= 1;
    fs::write(&segment, &bytes).expect("the segment");
    assert_eq!(code(&on(&ledger, &["digest"])), 4);
    let cut = done(on(&ledger, &["repair", "--cut-after", "80", "--as", "op-7"]));
    assert!(out(&cut).contains("copied beside"), "{}", out(&cut));
    done(on(&ledger, &["verify"]));
    assert!(crate::talon::files(&ledger.join("journal")).iter().any(|f| f.to_string_lossy().contains(".torn-")));
    let day = fs::read_to_string(demo().join("day.jsonl")).expect("the day");
    let lines: Vec<_> = day.lines().take(40).collect();
    done(crate::talon::on_with(&ledger, &["publish", "-"], lines.join("\n").as_bytes()));
    assert_eq!(crate::talon::state_digest(&ledger), digest);
}

#[test]
fn a_damaged_vault_is_found_without_the_key() {
    let scratch = Scratch::new();
    let (ledger, _) = small(&scratch);
    let keys = ledger.join("vault/keys.sqlite");
    let whole = fs::read(&keys).expect("the vault");
    fs::remove_file(scratch.path("ledger.key")).expect("the key");
    for spoilt in [b"no database at all".to_vec(), whole[..whole.len() / 2].to_vec()] {
        fs::write(&keys, spoilt).expect("the vault");
        let verify = on(&ledger, &["verify"]);
        assert_eq!(code(&verify), 4, "{}{}", out(&verify), err(&verify));
        assert!(out(&verify).contains("keys.sqlite"), "{}", out(&verify));
    }
    fs::write(&keys, whole).expect("the vault");
    done(on(&ledger, &["verify"]));
    fs::remove_dir_all(ledger.join("vault")).expect("the vault");
    let verify = done(on(&ledger, &["verify"]));
    assert!(out(&verify).contains("no vault here"), "{}", out(&verify));
}

/// Reading goes on with masks; only what needs the persons fails, and says that it is damage.
#[test]
fn a_damaged_vault_ends_with_the_code_of_damage() {
    let scratch = Scratch::new();
    let (ledger, _) = small(&scratch);
    fs::write(ledger.join("vault/keys.sqlite"), "no database at all").expect("the vault");
    let dump = on(&ledger, &["dump", "--open"]);
    assert_eq!(code(&dump), 4, "{}", err(&dump));
    for args in [&["dump"][..], &["digest"], &["transactions"]] {
        done(on(&ledger, args));
    }
}
