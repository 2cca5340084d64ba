//! What a projector stores: resumed, damaged, made by other views, of another journal.

use std::fs;
use std::path::{Path, PathBuf};

use talon_consumers::{Event, Place, ProjectorError};
use talon_domain::ids::MerchantId;
use talon_journal::{Journal, partition_of};
use talon_projections::views::ALL;

use crate::ledger::{append, digests, expected, journal, news, project, setting, tell};

#[test]
fn however_often_it_commits_and_is_begun_again_the_views_are_those_of_one_fold() {
    for facts in [1, 7, 60, 100_000] {
        let (folder, journal) = (tempfile::tempdir().expect("a folder"), journal(20));
        let (first, _) = project(folder.path(), setting(&journal, ALL, facts)).expect("views");
        assert_eq!(first, expected(&journal), "committed every {facts} facts");
        append(&journal, 15..40);
        let (second, events) = project(folder.path(), setting(&journal, ALL, facts)).expect("views");
        assert_eq!(second, expected(&journal), "committed every {facts} facts, and begun again");
        assert_eq!(news(events), []);
    }
}

#[test]
fn a_second_projector_is_told_who_keeps_the_views() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::of(folder.path());
    let _held = place.claim("talon project").expect("nobody else");
    let refused = place.claim("talon project").expect_err("somebody else").to_string();
    assert!(refused.contains("are kept by talon project (process "), "{refused}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

#[test]
fn a_store_that_is_damaged_is_moved_aside_and_made_anew_or_shows_what_was_committed() {
    let (folder, journal) = (tempfile::tempdir().expect("a folder"), journal(40));
    project(folder.path(), setting(&journal, ALL, 50)).expect("views");
    let views = Place::of(folder.path()).views();
    let mut made_anew = 0;
    for round in 0..12u8 {
        for file in files(&views) {
            let mut bytes = fs::read(&file).expect("a file");
            let length = bytes.len();
            bytes.iter_mut().skip(usize::from(round) * length / 12).take(64).for_each(|byte| *byte ^= 0x55);
            fs::write(&file, bytes).expect("room");
        }
        let (found, events) = project(folder.path(), setting(&journal, ALL, 50)).expect("views");
        assert_eq!(found, expected(&journal), "round {round}");
        let news = news(events);
        made_anew += news.len();
        for event in news {
            let Event::MovedAside { to, .. } = event else { panic!("{event:?}") };
            assert!(to.starts_with(folder.path()) && to.is_dir(), "{to:?}");
        }
    }
    assert!(made_anew > 0, "no damage was noticed");
}

#[test]
fn views_that_a_store_does_not_have_are_made_anew_beside_the_others() {
    let (folder, journal) = (tempfile::tempdir().expect("a folder"), journal(10));
    project(folder.path(), setting(&journal, &ALL[..3], 50)).expect("views");
    append(&journal, 5..20);
    let (found, events) = project(folder.path(), setting(&journal, ALL, 50)).expect("views");
    assert_eq!(found, expected(&journal));
    let made = ALL[3..].iter().map(|view| view.name()).collect();
    assert_eq!(news(events), [Event::Remade { views: made }], "nothing was moved aside");
    let (again, events) = project(folder.path(), setting(&journal, ALL, 50)).expect("views");
    assert_eq!((again, news(events)), (found, vec![]));
}

#[test]
fn a_journal_that_is_shorter_than_what_was_read_is_refused_and_nothing_is_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let (longer, older) = (journal(20), journal(10));
    let (found, _) = project(folder.path(), setting(&longer, ALL, 50)).expect("views");
    let refused = project(folder.path(), setting(&older, ALL, 50)).expect_err("it is older");
    assert!(matches!(refused, ProjectorError::Further { .. }), "{refused}");
    assert!(refused.to_string().contains("have the views made anew"), "{refused}");
    let (again, events) = project(folder.path(), setting(&longer, ALL, 50)).expect("views");
    assert_eq!((again, news(events)), (found, vec![]));
}

#[test]
fn a_journal_that_was_restored_and_has_grown_since_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, restored) = (journal(20), journal(10));
    project(folder.path(), setting(&first, ALL, 50)).expect("views");
    append(&restored, 100..120);
    assert!(!first.ends().is_beyond(&restored.ends()), "it is longer everywhere");
    let refused = project(folder.path(), setting(&restored, ALL, 50)).expect_err("it is another one");
    assert!(matches!(refused, ProjectorError::OtherJournal { .. }), "{refused}");
}

#[test]
fn a_record_that_comes_while_it_works_is_taken_too() {
    let (folder, journal) = (tempfile::tempdir().expect("a folder"), journal(200));
    std::thread::scope(|scope| {
        scope.spawn(|| append(&journal, 200..300));
        project(folder.path(), setting(&journal, ALL, 50)).expect("views");
    });
    let (found, _) = project(folder.path(), setting(&journal, ALL, 50)).expect("views");
    assert_eq!(found, expected(&journal));
}

#[test]
fn positions_are_those_of_every_partition() {
    let (folder, journal) = (tempfile::tempdir().expect("a folder"), journal(3));
    tell(&journal, MerchantId(77), 1);
    let place = Place::of(folder.path());
    let opened = talon_consumers::open_views(&place, "a test", &setting(&journal, ALL, 50), &|_| ()).expect("views");
    assert_eq!(*opened.positions(), journal.ends());
    assert!(opened.positions().next(partition_of(MerchantId(77))).0 > 0);
    assert_eq!(digests(opened.reading().expect("open")), expected(&journal));
}
