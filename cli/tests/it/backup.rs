//! Backups as an operator makes them: beside a running publisher, stopped half-way, spoilt on the shelf - and what a
//! restore makes of each.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use talon_journal::{EmbeddedJournal, Journal as _, Positions, Record};
use talon_vault::SealedPart;

use crate::talon::{
    Scratch, code, copy, day, demo, done, err, files, json, on, on_with, out, state_digest, talon, timed,
};

/// The two forms of a backup.
const FORMS: [&str; 2] = ["backup", "backup.tar"];

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn back_up(ledger: &Path, to: &Path) -> Value {
    json(&done(on(ledger, &["--output", "json", "backup", &text(to)])))
}

fn restore(backup: &Path, to: &Path, more: &[&str]) -> Output {
    let args = ["--output", "json", "restore", &text(backup), "--to", &text(to), "--as", "op-7"];
    talon().args(args).args(more).output().expect("the command runs")
}

/// Gives a restored ledger the key of the one that was backed up.
fn give_key(of: &Path, to: &Path) {
    fs::copy(of.with_extension("key"), to.with_extension("key")).expect("the key");
}

/// Every event with its person, a line each, in the order of the log.
fn opened(ledger: &Path) -> Vec<String> {
    out(&done(on(ledger, &["dump", "--open"]))).lines().map(Into::into).collect()
}

/// Which key sealed each record that has a person.
fn keys(ledger: &Path) -> Vec<u64> {
    let journal = EmbeddedJournal::open_read_only(ledger).expect("a journal");
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let mut keys = Vec::new();
    while let Some(stored) = reader.next().expect("a record") {
        let sealed = Record::parse(stored.bytes).expect("a record").sealed().map(SealedPart::parse);
        keys.extend(sealed.map(|part| part.expect("a sealed part").key_id().0));
    }
    keys
}

/// A copy of the demo's ledger, with its key.
fn ledger(scratch: &Scratch) -> PathBuf {
    let ledger = scratch.path("ledger");
    copy(&demo().join("ledger"), &ledger);
    give_key(&demo().join("ledger"), &ledger);
    ledger
}

#[test]
fn a_backup_becomes_the_same_ledger_under_a_higher_number() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let (digest, events) = (state_digest(&ledger), opened(&ledger));
    let before: Vec<_> = files(&ledger).iter().map(|file| (file.clone(), fs::read(file).expect("a file"))).collect();
    for form in FORMS {
        let backup = scratch.path(form);
        let made = back_up(&ledger, &backup);
        assert_eq!(
            (made["incarnation"].as_u64(), made["vault"].as_bool(), &made["files"]),
            (Some(1), Some(true), &3.into())
        );
        let restored = scratch.path(&form.replace("backup", "restored").replace('.', "-"));
        let said = json(&done(restore(&backup, &restored, &[])));
        assert_eq!((&said["incarnation"], &said["closedSlabs"]), (&2.into(), &1.into()));
        assert_eq!(said["lsn"].as_u64(), made["records"].as_u64().map(|records| records - 1));
        give_key(&ledger, &restored);
        assert_eq!((state_digest(&restored), opened(&restored)), (digest.clone(), events.clone()), "{form}");
        done(on(&restored, &["verify"]));
        let trail = json(&done(on(&restored, &["--output", "json", "tail", "-n", "1"])));
        assert_eq!((&trail["name"], &trail["source"]), (&"Restored".into(), &"ledger".into()));
        assert_eq!((&trail["payload"]["incarnation"], &trail["payload"]["authorCode"]), (&2.into(), &"op-7".into()));
        assert_eq!(trail["payload"]["takenAt"], made["takenAt"]);
    }
    for (file, bytes) in before {
        assert!(fs::read(&file).expect("a file") == bytes, "{} was touched", file.display());
    }
}

#[test]
fn each_restore_counts_on_from_the_highest_number_that_was_answered() {
    let scratch = Scratch::new();
    let first = scratch.ledger("ledger");
    back_up(&first, &scratch.path("b1"));
    for (to, more, incarnation) in
        [("r2", &[][..], 2), ("r2b", &["--incarnation", "2"], 3), ("r2c", &["--incarnation", "1"], 2)]
    {
        let said = json(&done(restore(&scratch.path("b1"), &scratch.path(to), more)));
        assert_eq!(said["incarnation"], incarnation, "{to}");
    }
    back_up(&scratch.path("r2b"), &scratch.path("b3"));
    let said = json(&done(restore(&scratch.path("b3"), &scratch.path("r4"), &[])));
    assert_eq!(said["incarnation"], 4);
}

#[test]
fn a_backup_beside_a_publisher_holds_what_was_acknowledged_and_opens_it() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let mut publisher = talon();
    publisher.arg("--ledger").arg(&ledger).args(["publish", "--batch", "3", "-"]);
    let mut child = publisher.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the command runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let lines = day();
    let mut taken = Vec::new();
    for (nth, chunk) in lines.chunks(lines.len() / 6 + 1).enumerate() {
        // More than a pipe holds: the publisher is at work on the rest while the backup is made.
        stdin.write_all((chunk.join("\n") + "\n").as_bytes()).expect("room");
        let backup = scratch.path(&format!("backup-{nth}{}", if nth % 2 == 0 { "" } else { ".tar" }));
        taken.push((backup.clone(), back_up(&ledger, &backup)["records"].as_u64().expect("a count")));
    }
    drop(stdin);
    assert!(child.wait().expect("it ends").success(), "the publisher is not in the way");
    assert!(taken.windows(2).all(|pair| pair[0].1 < pair[1].1), "{taken:?}");
    let all = opened(&ledger);
    let last = taken.len() - 1;
    for (nth, (backup, records)) in taken.into_iter().enumerate() {
        let restored = scratch.path(&format!("restored-{nth}"));
        done(restore(&backup, &restored, &[]));
        give_key(&ledger, &restored);
        let events = opened(&restored);
        assert_eq!(events.len() as u64, records - 64, "the rest is genesis");
        assert!(events == all[..events.len()], "the first events of the ledger, each with its person");
        if nth == last {
            let same = scratch.ledger("same");
            done(on_with(&same, &["publish", "-"], events.join("\n").as_bytes()));
            assert_eq!(state_digest(&restored), state_digest(&same));
            // The same file again: what the backup had not heard is appended, and the books are whole.
            done(on(&restored, &["publish", &text(&demo().join("day.jsonl"))]));
            assert_eq!(state_digest(&restored), state_digest(&ledger));
        }
    }
}

#[test]
fn no_key_seals_in_two_lives() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let lines = day();
    let (before, after) = lines.split_at(lines.len() / 2);
    done(on_with(&ledger, &["publish", "-"], before.join("\n").as_bytes()));
    back_up(&ledger, &scratch.path("backup"));
    let restored = scratch.path("restored");
    done(restore(&scratch.path("backup"), &restored, &[]));
    give_key(&ledger, &restored);
    let known = keys(&ledger).len();
    for life in [&ledger, &restored] {
        done(on_with(life, &["publish", "-"], after.join("\n").as_bytes()));
    }
    let (one, two) = (keys(&ledger).split_off(known), keys(&restored).split_off(known));
    assert!(!one.is_empty() && one.len() == two.len());
    let shared: BTreeSet<_> = one.iter().filter(|key| two.contains(key)).collect();
    assert!(shared.is_empty(), "{} keys sealed twice", shared.len());
    assert_eq!(opened(&ledger), opened(&restored), "every record opens in both");
}

#[test]
fn a_position_and_a_moment_are_prefixes_of_the_log() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger"); // not the demo's, whose clock is not this machine's
    done(on(&ledger, &["publish", "--batch", "100", &text(&demo().join("day.jsonl"))]));
    let backup = scratch.path("backup.tar");
    let records = back_up(&ledger, &backup)["records"].as_u64().expect("a count");
    let tail = out(&done(on(&ledger, &["--output", "json", "tail", "-n", "100000"])));
    let recorded: Vec<String> = tail
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).expect("a record")["recordedAt"].as_str().expect("a time").into()
        })
        .collect();
    let all = opened(&ledger);
    let events_of = |restored: &Path| {
        give_key(&ledger, restored);
        opened(restored)
    };
    let check = |name: &str, more: &[&str], end: usize| {
        let restored = scratch.path(name);
        let said = json(&done(restore(&backup, &restored, more)));
        assert_eq!(said["lsn"], end - 1, "{more:?}");
        done(on(&restored, &["verify"]));
        let events = events_of(&restored);
        assert_eq!(events, all[..end - 64], "{more:?}");
        assert!(!files(&restored).iter().any(|file| text(file).contains("torn")), "{:?}", files(&restored));
        let prefix = scratch.ledger(&format!("{name}-anew"));
        done(on_with(&prefix, &["publish", "-"], events.join("\n").as_bytes()));
        assert_eq!(state_digest(&restored), state_digest(&prefix), "{more:?}");
    };
    for last in [63, 64, 1_000, records - 1] {
        let end = usize::try_from(last + 1).expect("small");
        check(&format!("position-{last}"), &["--at-position", &last.to_string()], end);
    }
    for nth in [100, 2_000] {
        let at = &recorded[nth];
        let end = recorded.iter().position(|later| later > at).expect("a later one");
        check(&format!("moment-{nth}"), &["--at", at], end);
    }
    for (more, said) in [
        (&["--at-position", "62"][..], "no ledger yet"),
        (&["--at-position", &records.to_string()], "the backup ends with record"),
        (&["--at", "2001-01-01"], "no ledger yet"),
        (&["--at", "2148-01-01"], "what came after is not in it"),
        (&["--at", "noon"], "--at wants a moment"),
    ] {
        let refused = restore(&backup, &scratch.path("none"), more);
        assert_eq!(code(&refused), 2, "{more:?} {}", err(&refused));
        assert!(err(&refused).contains(said), "{more:?} {}", err(&refused));
    }
    assert!(!scratch.path("none").exists() && !scratch.path("none.restoring").exists());
}

#[test]
fn one_flipped_byte_of_a_backup_is_named_and_nothing_is_restored() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], day()[..80].join("\n").as_bytes()));
    let restored = scratch.path("restored");
    let refused = |backup: &Path, file: &str, at: usize| {
        let refused = restore(backup, &restored, &[]);
        assert_eq!(code(&refused), 4, "{file} byte {at}: {}", err(&refused));
        assert!(err(&refused).contains(file), "{file} byte {at}: {}", err(&refused));
        assert!(!restored.exists() && !scratch.path("restored.restoring").exists());
    };
    let folder = scratch.path("backup");
    back_up(&ledger, &folder);
    for path in files(&folder) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let whole = fs::read(&path).expect("a file");
        let used = whole.iter().rposition(|byte| *byte != 0).unwrap_or(0);
        for at in [0, 8, used / 2, used, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x10;
            fs::write(&path, flipped).expect("room");
            refused(&folder, &name, at);
        }
        fs::write(&path, &whole[..whole.len() - 1]).expect("room");
        refused(&folder, &name, whole.len());
        if name != "manifest.json" {
            fs::remove_file(&path).expect("a file");
            refused(&folder, &name, 0);
        }
        fs::write(&path, whole).expect("room");
    }
    let archive = scratch.path("backup.tar");
    back_up(&ledger, &archive);
    let whole = fs::read(&archive).expect("the archive");
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap_or(0);
    for at in [0, 100, 513, whole.len() / 2, used - 700, used, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        fs::write(&archive, flipped).expect("room");
        refused(&archive, "backup.tar", at);
    }
    fs::write(&archive, whole).expect("room");
    done(restore(&archive, &restored, &[]));
}

#[test]
fn what_is_damaged_is_not_backed_up() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], day()[..80].join("\n").as_bytes()));
    for (name, at) in [("journal/00000000000000000000.seg", 5_000), ("vault/keys.sqlite", 4_100)] {
        let whole = fs::read(ledger.join(name)).expect("a file");
        let mut flipped = whole.clone();
        flipped[at] ^= 0xff;
        fs::write(ledger.join(name), flipped).expect("room");
        for form in FORMS {
            let refused = on(&ledger, &["backup", &text(&scratch.path(form))]);
            assert_eq!(code(&refused), 4, "{name}: {}{}", out(&refused), err(&refused));
            let said = err(&refused);
            assert!(said.contains(name.rsplit('/').next().expect("a name")), "{said}");
            assert!(!scratch.path(form).exists() && !scratch.path("backup.tar.partial").exists(), "{form}");
        }
        fs::write(ledger.join(name), whole).expect("room");
    }
    back_up(&ledger, &scratch.path("backup"));
}

#[test]
fn a_key_that_does_not_fit_is_told() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let other = scratch.ledger("other");
    back_up(&ledger, &scratch.path("backup"));
    for (to, key, said) in [
        ("none", None, "the master key is missing; put it into"),
        ("wrong", Some(&other), "does not open this vault; it wants key"),
        ("right", Some(&ledger), ""),
    ] {
        let to = scratch.path(to);
        key.iter().for_each(|of| give_key(of, &to));
        let restored = done(restore(&scratch.path("backup"), &to, &[]));
        assert!(err(&restored).contains(said) && (said.is_empty() == err(&restored).is_empty()), "{}", err(&restored));
    }
}

#[test]
fn the_master_key_is_in_no_backup() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    // Its owner was careless: the key lies where it is copied along by whoever copies the folder.
    fs::copy(ledger.with_extension("key"), ledger.join("master.key")).expect("the key");
    let key = fs::read_to_string(ledger.with_extension("key")).expect("the key");
    let lines = key.lines().filter(|line| line.starts_with(['1', '2', '3', '4']));
    let digits: Vec<String> = lines.map(|line| line[1..].split_whitespace().take(4).collect()).collect();
    assert_eq!(digits.concat().len(), 64, "32 bytes");
    for form in FORMS {
        back_up(&ledger, &scratch.path(form));
    }
    for file in files(&scratch.path("backup")).into_iter().chain([scratch.path("backup.tar")]) {
        let bytes = fs::read(&file).expect("a file");
        let hold = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        for line in &digits {
            let raw: Vec<u8> =
                (0..8).map(|at| u8::from_str_radix(&line[2 * at..2 * at + 2], 16).expect("hex")).collect();
            assert!(!hold(line.as_bytes()) && !hold(&raw), "{}", file.display());
        }
    }
}

#[test]
fn a_backup_that_was_killed_is_none() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let takes = timed(|| drop(back_up(&ledger, &scratch.path("whole"))));
    let mut unfinished = 0;
    for nth in 0..16u32 {
        let form = format!("backup-{nth}{}", if nth % 2 == 0 { "" } else { ".tar" });
        let backup = scratch.path(&form);
        kill_after(takes * (nth * 7 % 16) / 16, talon().arg("--ledger").arg(&ledger).arg("backup").arg(&backup));
        let restored = scratch.path(&format!("restored-{nth}"));
        let outcome = restore(&backup, &restored, &[]);
        if code(&outcome) == 0 {
            assert_eq!(state_digest(&restored), state_digest(&ledger), "it had its manifest");
            continue;
        }
        unfinished += 1;
        assert_eq!(code(&outcome), 2, "{}", err(&outcome));
        assert!(err(&outcome).contains("no finished backup") || err(&outcome).contains("is not there"));
        assert!(!restored.exists());
    }
    assert!(unfinished > 2, "only {unfinished} were killed in time");
    done(on(&ledger, &["verify"]));
}

#[test]
fn a_restore_that_was_killed_has_made_no_ledger() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let backup = scratch.path("backup");
    back_up(&ledger, &backup);
    let takes = timed(|| drop(done(restore(&backup, &scratch.path("whole"), &[]))));
    let mut unfinished = 0;
    for nth in 0..16u32 {
        let restored = scratch.path(&format!("restored-{nth}"));
        let args = ["restore", &text(&backup), "--to", &text(&restored), "--as", "op-7", "--at-position", "900"];
        kill_after(takes * (nth * 7 % 16) / 16, talon().args(args));
        if !restored.exists() {
            unfinished += 1;
            let again = restore(&backup, &restored, &[]);
            if code(&again) == 2 {
                let rest = scratch.path(&format!("restored-{nth}.restoring"));
                assert!(err(&again).contains("remove it") && rest.exists(), "{}", err(&again));
                fs::remove_dir_all(rest).expect("a folder");
                done(restore(&backup, &restored, &[]));
            }
        }
        let digest = json(&done(on(&restored, &["digest"])));
        assert_eq!((&digest["positions"][4], digest["incarnation"].as_u64()), (&2.into(), Some(2)), "told in its log");
        done(on(&restored, &["verify"]));
    }
    assert!(unfinished > 2, "only {unfinished} were killed in time");
}

fn kill_after(after: Duration, command: &mut std::process::Command) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command runs");
    std::thread::sleep(after);
    child.kill().expect("SIGKILL");
    child.wait().expect("it ends");
}

#[test]
fn nothing_that_is_there_is_written_over_and_no_backup_is_written_to() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let full = scratch.path("full");
    fs::create_dir(&full).expect("a folder");
    fs::write(full.join("mine"), "what was there").expect("room");
    fs::write(scratch.path("full.tar"), "what was there").expect("room");
    let refused = |output: &Output, said: &str| {
        assert_eq!(code(output), 2, "{}", err(output));
        assert!(err(output).contains(said), "{}", err(output));
    };
    refused(&on(&ledger, &["backup", &text(&full)]), "is not empty");
    refused(&on(&ledger, &["backup", &text(&scratch.path("full.tar"))]), "is there already");
    refused(&on(&ledger, &["backup", &text(&ledger.join("backup"))]), "the ledger's own folder");
    assert_eq!(files(&full).len(), 1);
    let empty = scratch.path("empty");
    fs::create_dir(&empty).expect("a folder");
    back_up(&ledger, &empty);
    refused(&restore(&empty, &full, &[]), "is there already");
    refused(&restore(&scratch.path("nowhere"), &scratch.path("new"), &[]), "is not there");
    refused(&restore(&scratch.path("full.tar").with_extension("key"), &scratch.path("new"), &[]), "is not there");
    for args in [&["publish", "/dev/null"][..], &["repair", "--cut-after", "63", "--as", "op-7", "--yes"]] {
        refused(&on(&empty, args), "is a backup");
    }
    done(on(&empty, &["verify"])); // to be read it is a ledger like any other
    assert_eq!(
        code(&talon().args(["restore", "b", "--to", "l", "--as", "4970100000000055"]).output().expect("runs")),
        2
    );
}

#[test]
fn a_slash_at_the_end_of_a_place_is_no_name() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let (backup, to) = (scratch.path("backup"), scratch.path("restored"));
    done(on(&ledger, &["backup", &backup.to_string_lossy()]));
    let place = format!("{}/", to.display());
    let restore = || talon().arg("restore").arg(&backup).args(["--to", &place, "--as", "op-7"]).output();
    done(restore().expect("the command runs"));
    assert_eq!(code(&on(&to, &["verify"])), 0);
    assert_eq!(code(&restore().expect("the command runs")), 2, "it is there already");
}

#[test]
fn no_backup_lies_in_the_ledger_by_whatever_path() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    fs::create_dir(scratch.path("other")).expect("a folder");
    std::os::unix::fs::symlink(&ledger, scratch.path("link")).expect("a link");
    for place in
        ["ledger/b", "other/../ledger/b", "link/b", "link/new/b.tar", "other/new/../../ledger/b", "link/vault/../b"]
    {
        let refused = on(&ledger, &["backup", &scratch.path("").join(place).to_string_lossy()]);
        assert_eq!(code(&refused), 2, "{place}: {}", err(&refused));
        assert!(err(&refused).contains("lies in the ledger's own folder"), "{place}");
    }
    done(on(&ledger, &["backup", &scratch.path("link/../beside").to_string_lossy()]));
}
