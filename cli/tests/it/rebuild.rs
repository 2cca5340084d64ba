//! `talon rebuild`: a view that is not what the journal makes of it is told in words and numbers, and is put right only
//! when somebody says so. Whoever is killed while he switches leaves the old view or the new one, whole.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use talon_consumers::Place;
use talon_projections::digest::digest_of;
use talon_projections::projection::Projection;
use talon_projections::store::{SledStore, Tables};
use talon_projections::table::{DAYS, TRANSACTIONS};
use talon_projections::views::{ALL, merge_of};

use crate::talon::{Scratch, code, copy, day, done, err, json, on, on_with, out, talon, timed};

/// Kills of one switch.
const KILLS: u32 = 12;

/// A ledger with views, all of them of the journal.
fn ledger(scratch: &Scratch) -> PathBuf {
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], (day()[..400].join("\n") + "\n").as_bytes()));
    done(on(&ledger, &["project"]));
    ledger
}

/// Changes what is stored behind the back of whoever keeps it: a payment is gone, and a day's figures are twice there.
fn tamper(ledger: &Path) {
    let store = SledStore::open(&Place::of(ledger).views()).expect("a store");
    let mut tables = Tables::open(Box::new(store), merge_of).expect("a commit");
    let mut first = Vec::new();
    for table in [TRANSACTIONS, DAYS] {
        tables
            .scan(table, &[], None, &mut |key, _| {
                first.push(key.to_vec());
                std::ops::ControlFlow::Break(())
            })
            .expect("a row");
    }
    let figures = tables.cells(DAYS, &first[1]).expect("cells");
    tables.delete(TRANSACTIONS, &first[0]);
    tables.add(DAYS, &first[1], &figures);
    let state = tables.state().to_vec();
    tables.commit(&state).expect("room");
}

/// Each view's digest, as its store has it.
fn digests(ledger: &Path) -> Vec<String> {
    let store = SledStore::open(&Place::of(ledger).views()).expect("a store");
    let projection = Projection::open(Box::new(store), ALL.to_vec()).expect("a commit");
    ALL.iter().map(|view| digest_of(projection.tables(), *view).expect("rows").0.to_string()).collect()
}

#[test]
fn a_view_that_was_changed_is_told_and_stays_until_somebody_switches() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let sound = digests(&ledger);
    done(on(&ledger, &["rebuild"]));
    tamper(&ledger);
    let changed = digests(&ledger);
    assert_ne!(sound, changed);
    for compare in [&["rebuild"][..], &["rebuild", "all", "--compare"]] {
        let told = on(&ledger, compare);
        assert_eq!(code(&told), 4, "{}{}", out(&told), err(&told));
        assert!(out(&told).contains("1 difference") && out(&told).contains("the same"), "{}", out(&told));
    }
    assert_eq!(digests(&ledger), changed, "a comparison changes nothing");
    let told = json(&done(on(&ledger, &["rebuild", "days", "--switch", "--output", "json"])));
    assert_eq!((&told["views"][0]["differing"], &told["views"][0]["switched"]), (&1.into(), &true.into()), "{told}");
    let half = digests(&ledger);
    assert!(half != changed && half != sound, "one view was switched");
    done(on(&ledger, &["rebuild", "--switch"]));
    assert_eq!(digests(&ledger), sound);
    done(on(&ledger, &["rebuild"]));
}

#[test]
fn a_switch_that_is_killed_leaves_each_view_whole() {
    let scratch = Scratch::new();
    let kept = ledger(&scratch);
    let sound = digests(&kept);
    tamper(&kept);
    let changed = digests(&kept);
    let ledger = scratch.path("killed");
    copy(&kept, &ledger);
    let takes = timed(|| drop(on(&ledger, &["rebuild", "--switch"])));
    let mut killed = 0;
    for round in 0..KILLS {
        std::fs::remove_dir_all(Place::of(&ledger).views()).expect("views");
        copy(&Place::of(&kept).views(), &Place::of(&ledger).views());
        let mut command = talon();
        command.arg("--ledger").arg(&ledger).args(["rebuild", "--switch"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the command runs");
        std::thread::sleep(takes * round / KILLS + Duration::from_millis(1));
        child.kill().expect("it can be killed");
        killed += u32::from(!child.wait().expect("it ends").success());
        for ((found, sound), changed) in digests(&ledger).iter().zip(&sound).zip(&changed) {
            assert!(found == sound || found == changed, "round {round}");
        }
    }
    assert!(killed > 1, "{killed} were killed");
    done(on(&ledger, &["rebuild", "--switch"]));
    assert_eq!(digests(&ledger), sound);
}
