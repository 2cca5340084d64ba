//! A publication that the ledger cannot take whole: the vault is damaged, the disk is full. The answer says what to do,
//! and the same file again goes on.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::talon::{Scratch, code, day, done, err, on, on_with, out};

/// Lines with and without a person.
fn lines() -> (Vec<String>, Vec<String>) {
    day().into_iter().partition(|line| line.contains("personal"))
}

#[test]
fn a_damaged_vault_ends_a_publication_with_the_code_of_damage() {
    let scratch = Scratch::new();
    let (with, without) = lines();
    let file = [&without[..5], &with[..1]].concat().join("\n");
    // No database; a slab whose keys no longer unwrap, in a file that is whole.
    for (name, spoil) in [
        ("no-database", &(|_: &[u8]| b"no database at all".to_vec()) as &dyn Fn(&[u8]) -> Vec<u8>),
        ("slab", &|vault| {
            let mut vault = vault.to_vec();
            let keys = vault.len() - 6_000;
            vault[keys] ^= 1;
            vault
        }),
    ] {
        let ledger = scratch.ledger(name);
        done(on_with(&ledger, &["publish", "-"], with[1].as_bytes()));
        let keys = ledger.join("vault/keys.sqlite");
        let whole = fs::read(&keys).expect("the vault");
        fs::write(&keys, spoil(&whole)).expect("room");
        let refused = on_with(&ledger, &["publish", "--batch", "1", "-"], file.as_bytes());
        assert_eq!(code(&refused), 4, "{name}: {}{}", out(&refused), err(&refused));
        assert!(out(&refused).contains("5 appended"), "{}", out(&refused));
        let said = err(&refused);
        assert!(said.contains("keys.sqlite is damaged") && said.contains("restore a backup first"), "{said}");
        fs::write(&keys, whole).expect("room");
        let again = done(on_with(&ledger, &["publish", "-"], file.as_bytes()));
        assert!(out(&again).contains("1 appended, 5 known already"), "{}", out(&again));
    }
}

/// End-of-day totals of 15 KB each: a thousand of them fill a segment.
pub(crate) fn large(count: u32) -> String {
    let mut file = String::new();
    for number in 1..=count {
        let lines: Vec<_> = (0..60)
            .map(|line| {
                let application = format!("{number}-{line}-{}", "x".repeat(220));
                format!(r#"{{"application":"{application}","count":1,"amount":{{"currency":"EUR","minorUnits":"1"}}}}"#)
            })
            .collect();
        writeln!(
            file,
            r#"{{"sourceKey":"totals:{number}","merchant":"732829320","occurredAt":"2026-11-24T20:00:00Z","source":"terminal","terminalTotals":{{"terminal":{number},"epoch":1,"day":"2026-11-24","lastSeq":1,"lines":[{}]}}}}"#,
            lines.join(",")
        )
        .expect("a string takes all");
    }
    file
}

/// The kernel refuses the second segment: no file may grow beyond 20 MB. It does so on every machine.
#[test]
fn a_segment_that_finds_no_room_is_told_and_the_same_file_goes_on() {
    let scratch = Scratch::new();
    let (day, ledger) = (scratch.path("day.jsonl"), scratch.ledger("ledger"));
    fs::write(&day, large(1_300)).expect("room");
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 40000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_talon"), "--ledger"]);
    shell.arg(&ledger).args(["publish", "--batch", "50"]).arg(&day);
    let refused = shell.env("TALON_LANG", "en").output().expect("a shell");
    assert_eq!(code(&refused), 1, "{}{}", out(&refused), err(&refused));
    assert!(err(&refused).contains("publish the same file again, unchanged"), "{}", err(&refused));
    assert_eq!(code(&on(&ledger, &["verify"])), 0);
    let whole = scratch.ledger("whole");
    for ledger in [&ledger, &whole] {
        done(on(ledger, &["publish", &day.to_string_lossy()]));
    }
    assert_eq!(crate::talon::state_digest(&ledger), crate::talon::state_digest(&whole));
}

/// On a file system of 19 MiB, which a namespace of its own mounts. Where none may be mounted it says so: the refusal is
/// tested above all the same, and the words in `room`.
#[test]
fn a_full_disk_is_told_and_the_same_file_goes_on_when_there_is_room() {
    let scratch = Scratch::new();
    let try_it = ["-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/tmp"];
    if !Command::new("unshare").args(try_it).output().is_ok_and(|tried| tried.status.success()) {
        eprintln!("no file system can be mounted here: a disk that runs full was not tried");
        return;
    }
    let day = scratch.path("day.jsonl");
    fs::write(&day, large(1_300)).expect("room");
    let disk = scratch.path("disk");
    fs::create_dir(&disk).expect("a folder");
    let script = r#"
        set -e; cd "$1"; mount -t tmpfs -o size=19m tmpfs disk
        "$2" init disk/ledger >/dev/null
        "$2" --ledger disk/ledger doctor | cut -d' ' -f1-3
        set +e; "$2" --ledger disk/ledger publish --batch 50 day.jsonl 2>&1; echo "ended with $?"
        "$2" --ledger disk/ledger verify
        mount -o remount,size=120m disk
        "$2" --ledger disk/ledger publish day.jsonl; echo "ended with $?"
        "$2" --ledger disk/ledger digest"#;
    let talon = env!("CARGO_BIN_EXE_talon");
    let folder = day.parent().expect("a folder");
    let run = Command::new("unshare").args(["-rm", "sh", "-c", script, "sh"]).arg(folder).arg(talon).output();
    let run = run.expect("it runs");
    let (said, mut lines) = (out(&run), out(&run).lines().map(str::to_owned).collect::<Vec<_>>().into_iter());
    assert_eq!(lines.next().as_deref(), Some("TALON CRITICAL -"), "{said}{}", err(&run));
    for words in [
        "The disk is full: make room first (",
        "publish the same file again, unchanged",
        "ended with 1",
        "all is well",
        "ended with 0",
    ] {
        assert!(lines.any(|line| line.contains(words)), "{words}: {said}{}", err(&run));
    }
    let digest: serde_json::Value = serde_json::from_str(&lines.next().expect("a digest")).expect("an object");
    let whole = scratch.ledger("whole");
    done(on(&whole, &["publish", &day.to_string_lossy()]));
    assert_eq!(digest["state"], crate::talon::state_digest(&whole));
}
