//! What a monitoring system is told, in one line and in a code.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::talon::{Scratch, code, copy, day, demo, done, err, json, on, on_with, out};

/// The code, and the line.
fn doctor(ledger: &Path, more: &[&str]) -> (i32, String) {
    let output = on(ledger, &[&["doctor"], more].concat());
    let said = out(&output);
    assert_eq!((said.lines().count(), err(&output).as_str()), (1, ""), "one line: {said}");
    (code(&output), said.trim_end().to_owned())
}

/// The performance data: what stands behind each name.
fn gauge<'l>(line: &'l str, name: &str) -> &'l str {
    let data = line.split_once(" | ").expect("performance data").1;
    let mut gauges = data.split(' ').map(|gauge| gauge.split_once('=').expect("a number"));
    gauges.find(|(named, _)| *named == name).unwrap_or_else(|| panic!("no {name}: {line}")).1
}

fn ledger(scratch: &Scratch) -> PathBuf {
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "--batch", "8", "-"], day()[..40].join("\n").as_bytes()));
    ledger
}

/// Something is done to a copy of a ledger, and this is what the doctor says.
fn after(what: &dyn Fn(&Path), more: &[&str]) -> (i32, String) {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    what(&ledger);
    doctor(&ledger, more)
}

#[test]
fn a_ledger_that_is_well_is_told_in_one_line() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let (code, line) = doctor(&ledger, &[]);
    assert_eq!(code, 0, "{line}");
    assert!(line.starts_with("TALON OK - ") && line.contains("103 records") && line.contains("by nobody"), "{line}");
    assert_eq!((gauge(&line, "records"), gauge(&line, "incarnation")), ("103;;;0", "1;;;0"));
    assert_eq!((gauge(&line, "slabs_free"), gauge(&line, "slabs_closed")), ("1;;;0", "0;;;0"));
    let free: Vec<_> = gauge(&line, "free").split(';').collect();
    let [value, warn, crit, least] = free[..] else { panic!("{line}") };
    assert!(value.ends_with('B') && least == "0", "{line}");
    // 16 MiB are in use: next come 32 and 64, and a sixteenth of each stays free.
    assert_eq!((warn, crit), ("104857600:", "35651584:"));
    let french = doctor(&ledger, &["--lang", "fr"]);
    assert!(french.0 == 0 && french.1.contains("103 enregistrements, écrit par personne"), "{}", french.1);
}

#[test]
fn what_somebody_should_look_at_is_a_warning() {
    let segment = "journal/00000000000000000000.seg";
    let torn = |ledger: &Path| {
        let mut bytes = fs::read(ledger.join(segment)).expect("the segment");
        let end = bytes.iter().rposition(|byte| *byte != 0).expect("records") + 1;
        bytes[(end - 1) / 512 * 512..end].fill(0);
        fs::write(ledger.join(segment), bytes).expect("the segment");
        fs::remove_file(ledger.join("journal/durable")).expect("the mark");
    };
    let left = |ledger: &Path| fs::write(ledger.join(segment).with_extension("seg.torn-90"), "cut").expect("room");
    let open = |ledger: &Path| fs::set_permissions(ledger, fs::Permissions::from_mode(0o755)).expect("ours");
    let inside = |ledger: &Path| fs::rename(ledger.with_extension("key"), ledger.join("key")).expect("the key");
    for (what, more, said) in [
        (&torn as &dyn Fn(&Path), &[][..], "torn: "),
        (&left, &[], "leftovers: 1 cut off"),
        (&open, &[], "is open to everybody: chmod o-rwx (755)"),
    ] {
        let (code, line) = after(what, more);
        assert!(code == 1 && line.starts_with("TALON WARNING - ") && line.contains(said), "{said}: {line}");
    }
    let scratch = Scratch::new();
    let large = scratch.path("large");
    copy(&demo().join("ledger"), &large);
    fs::copy(demo().join("ledger.key"), large.with_extension("key")).expect("the key");
    let runs = crate::talon::files(&large.join("index")).into_iter().filter(|file| !file.ends_with("manifest"));
    for run in runs {
        let mut bytes = fs::read(&run).expect("a run");
        bytes.iter_mut().take(200).for_each(|byte| *byte ^= 1);
        fs::write(run, bytes).expect("room");
    }
    let (code, line) = doctor(&large, &[]);
    assert!(code == 1 && line.contains("index: ") && line.contains("the next writer makes it again"), "{line}");
    let old = ledger(&scratch);
    std::thread::sleep(std::time::Duration::from_millis(1_100)); // a span is whole seconds
    let (code, line) = doctor(&old, &["--max-age", "0s"]);
    assert!(code == 1 && line.contains("since the last record") && gauge(&line, "age").ends_with("s;0;;0"), "{line}");
    assert_eq!(doctor(&old, &["--max-age", "1h"]).0, 0);
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    inside(&ledger);
    let key = ledger.join("key");
    let (code, line) = doctor(&ledger, &["--key", &key.to_string_lossy()]);
    assert!(code == 1 && line.contains("lies inside the ledger's folder"), "{line}");
}

/// Two segments, of which one is closed: its summary is made by a writer that has the time, and looked at by whoever reads.
#[test]
fn a_summary_that_is_missing_or_wrong_is_a_warning_until_it_is_made_again() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], crate::full::large(1_250).as_bytes()));
    let summary = ledger.join("journal/00000000000000000000.seg.sum");
    let states = || {
        let stat = json(&done(on(&ledger, &["--output", "json", "stat"])));
        stat["segments"].as_array().expect("segments").iter().map(|one| one["summary"].clone()).collect::<Vec<_>>()
    };
    let made_again = || {
        assert!((0..50).any(|_| {
            let mut writer = crate::talon::talon();
            let writer = writer.arg("--ledger").arg(&ledger).args(["publish", "-"]).stdin(std::process::Stdio::piped());
            let mut writer = writer.stdout(std::process::Stdio::null()).spawn().expect("the command runs");
            std::thread::sleep(std::time::Duration::from_millis(200)); // no close waits for a summary
            drop(writer.stdin.take());
            writer.wait().expect("it ends");
            doctor(&ledger, &[]).0 == 0
        }));
        assert_eq!(states(), ["present", "in_use"]);
    };
    made_again();
    for (state, spoil) in [("missing", None), ("wrong", Some("no summary"))] {
        fs::remove_file(&summary).expect("a summary");
        spoil.iter().for_each(|text| fs::write(&summary, text).expect("room"));
        assert_eq!(states(), [state, "in_use"]);
        let (code, line) = doctor(&ledger, &[]);
        assert!(code == 1 && line.contains("summaries: 1 are missing or wrong"), "{line}");
        made_again();
    }
}

#[test]
fn what_somebody_has_to_act_on_is_critical() {
    let flip = |name: &'static str, at: usize| {
        move |ledger: &Path| {
            let mut bytes = fs::read(ledger.join(name)).expect("the file");
            bytes[at] ^= 1;
            fs::write(ledger.join(name), bytes).expect("the file");
        }
    };
    let loose = |ledger: &Path| {
        fs::set_permissions(ledger.with_extension("key"), fs::Permissions::from_mode(0o644)).expect("ours");
    };
    let lost = |ledger: &Path| fs::remove_file(ledger.with_extension("key")).expect("the key");
    let other = |ledger: &Path| {
        let other = ledger.with_file_name("other");
        done(crate::talon::talon().arg("init").arg(&other).output().expect("the command runs"));
        fs::copy(other.with_extension("key"), ledger.with_extension("key")).expect("a key");
    };
    for (what, said) in [
        (&flip("journal/00000000000000000000.seg", 4_200) as &dyn Fn(&Path), "00000000000000000000.seg offset 4128"),
        (&flip("journal/00000000000000000000.seg", 8), "00000000000000000000.seg offset 0"),
        (&flip("vault/keys.sqlite", 3), "vault: "),
        (&|ledger| fs::remove_dir_all(ledger.join("vault")).expect("the vault"), "vault: no vault at"),
        (&|ledger| fs::write(ledger.join("incarnation"), "many").expect("room"), "incarnation holds no number"),
        (&loose, "key: "),
        (&lost, "key: no master key at"),
        (&other, "does not open this vault"),
        (&|ledger| fs::remove_dir_all(ledger.join("journal")).expect("the journal"), "holds no ledger"),
    ] {
        let (code, line) = after(what, &[]);
        assert!(code == 2 && line.starts_with("TALON CRITICAL - ") && line.contains(said), "{said}: {line}");
    }
}

#[test]
fn the_last_backup_is_looked_for_and_may_be_too_old() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let backups = scratch.path("backups");
    fs::create_dir(&backups).expect("a folder");
    let place = backups.to_string_lossy().into_owned();
    let within = |span: &str| doctor(&ledger, &["--backup", &place, "--max-backup-age", span]);
    let (code, line) = within("26h");
    assert!(code == 2 && line.contains("holds no backup of this ledger"), "{line}");
    let other = scratch.ledger("other");
    done(on(&other, &["backup", &format!("{place}/other.tar")]));
    fs::create_dir_all(backups.join("unfinished/journal")).expect("a folder");
    assert_eq!(within("26h").0, 2, "another ledger's, and one without a manifest, are none");
    done(on(&ledger, &["backup", &format!("{place}/monday")]));
    let (code, line) = within("26h");
    assert_eq!((code, gauge(&line, "backup_age").ends_with("s;93600;;0")), (0, true), "{line}");
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let (code, line) = within("0s");
    assert!(code == 1 && line.contains("backup_age: ") && line.contains("since the last backup"), "{line}");
    assert_eq!(doctor(&ledger, &["--backup", &format!("{place}/monday")]).0, 0, "one backup will do");
}

#[test]
fn a_writer_is_named_and_is_in_nobodys_way() {
    let scratch = Scratch::new();
    let ledger = scratch.path("ledger");
    copy(&demo().join("ledger"), &ledger);
    fs::copy(demo().join("ledger.key"), ledger.with_extension("key")).expect("the key");
    fs::set_permissions(&ledger, fs::Permissions::from_mode(0o700)).expect("ours");
    let mut writer = crate::talon::talon()
        .arg("--ledger")
        .arg(&ledger)
        .args(["publish", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the command runs");
    let named = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        let (code, line) = doctor(&ledger, &[]);
        assert_eq!(code, 0, "{line}");
        line.contains(&format!("written by talon (process {})", writer.id()))
    });
    assert!(named);
    drop(writer.stdin.take());
    assert!(writer.wait().expect("it ends").success());
    let said = json(&on(&ledger, &["--output", "json", "doctor"]));
    assert_eq!((&said["state"], &said["incarnation"]), (&"ok".into(), &1.into()));
}
