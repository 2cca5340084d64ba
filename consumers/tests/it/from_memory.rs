//! Views that cannot be brought up to date where they are kept: they are folded in memory, why is said, and what is kept
//! is as it was.

use std::path::PathBuf;
use std::process::Command;

use talon_consumers::{Place, Source, open_views};
use talon_journal::Journal;
use talon_projections::views::ALL;

use crate::ledger::{append, digests, expected, journal, news, project, setting};

/// What a reading command gets of a journal's views, which must be the journal's, and why it had to fold them in memory.
fn asked(ledger: &std::path::Path, journal: &dyn Journal) -> String {
    let views = open_views(&Place::of(ledger), "talon list", &setting(journal, ALL, 50), &|_| ()).expect("an answer");
    assert_eq!(digests(views.reading().expect("open")), expected(journal));
    assert_eq!(*views.positions(), journal.ends());
    let Source::Memory { reason, .. } = views.source() else { return String::new() };
    reason.clone()
}

#[test]
fn a_restored_backup_beside_the_old_views_is_answered_from_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let (live, restored) = (journal(20), journal(10));
    project(folder.path(), setting(&live, ALL, 50)).expect("views");
    let reason = asked(folder.path(), &restored);
    assert!(reason.contains("the journal ends at") && reason.contains("have the views made anew"), "{reason}");
    // It grows beyond what the views have read, with other records.
    append(&restored, 100..130);
    let reason = asked(folder.path(), &restored);
    assert!(reason.contains("is not the one that the views have read"), "{reason}");
    // The views are still those of the ledger that they were made of.
    let (found, events) = project(folder.path(), setting(&live, ALL, 50)).expect("views");
    assert_eq!((found, news(events)), (expected(&live), vec![]));
}

const ROLE: &str = "TALON_TEST_FULL_DISK";
const FROM_MEMORY: i32 = 50;
const KEPT: i32 = 51;

/// Not a test by itself: asks, where files may not grow.
#[test]
fn child_that_asks_where_there_is_no_room() {
    let Some(folder) = std::env::var_os(ROLE).map(PathBuf::from) else { return };
    let journal = journal(10);
    append(&journal, 10..60);
    let reason = asked(&folder, &journal);
    std::process::exit(if reason.is_empty() { KEPT } else { FROM_MEMORY });
}

/// The kernel lets no file grow beyond so many blocks of 512 bytes.
#[test]
fn where_there_is_no_room_to_catch_up_the_answer_comes_from_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    project(folder.path(), setting(&journal(10), ALL, 50)).expect("views");
    let binary = std::env::current_exe().expect("this binary");
    let mut ends = Vec::new();
    for blocks in [0, 8, 64, 512, 4_096, 1 << 20] {
        let copy = tempfile::tempdir().expect("a folder");
        let copied = Command::new("cp").args(["-r", "-T"]).arg(folder.path()).arg(copy.path()).status();
        assert!(copied.expect("cp").success());
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")]).arg(&binary);
        shell.args(["--exact", "from_memory::child_that_asks_where_there_is_no_room", "--test-threads=1"]);
        let ended = shell.env(ROLE, copy.path()).output().expect("a child");
        let said = String::from_utf8_lossy(&ended.stdout);
        let code = ended.status.code().unwrap_or_else(|| panic!("{blocks} blocks: {ended:?}"));
        assert!([FROM_MEMORY, KEPT].contains(&code), "{blocks} blocks: {code} {said}");
        // With room again the views are kept, and are those of the journal.
        let all = journal(10);
        append(&all, 10..60);
        let (found, _) = project(copy.path(), setting(&all, ALL, 50)).expect("views");
        assert_eq!(found, expected(&all), "{blocks} blocks");
        ends.push(code);
    }
    assert!(ends.contains(&FROM_MEMORY) && ends.last() == Some(&KEPT), "{ends:?}");
}
