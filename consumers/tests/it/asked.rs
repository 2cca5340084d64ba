//! A running projector that is asked: one state for a session, whatever comes meanwhile; clients that are slow, silent
//! or talk nonsense; and the ways in which a command comes to the views.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use talon_consumers::{Event, Place, Projector, Setting, Source, open_views};
use talon_journal::Journal;
use talon_projections::table::TRANSACTIONS;
use talon_projections::views::ALL;

use crate::ledger::{append, digests, expected, journal, noon, project, setting};

/// Runs a projector beside some work, until that is done.
fn beside(folder: &Path, journal: &dyn Journal, work: impl FnOnce(&Place)) {
    let (stop, is_ready) = (AtomicBool::new(false), AtomicBool::new(false));
    let place = Place::of(folder);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let asked = || stop.load(Ordering::Relaxed);
            let tell = |event| {
                is_ready.fetch_or(matches!(event, Event::CaughtUp { .. }), Ordering::Relaxed);
            };
            let claimed = place.claim("talon project").expect("nobody else");
            let setting = Setting { stop: &asked, ..setting(journal, ALL, 50) };
            let mut projector = Projector::open(place.clone(), claimed, setting, &tell).expect("views");
            projector.run_and_answer(true).expect("it runs");
        });
        let _stopping = Stopping(&stop);
        wait_for(|| is_ready.load(Ordering::Relaxed));
        work(&place);
    });
    assert!(!place.socket().exists(), "the socket goes with its projector");
}

/// Stops a projector, also when what is done beside it fails.
struct Stopping<'s>(&'s AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn wait_for(is_so: impl Fn() -> bool) {
    let came = (0..60_000).any(|_| is_so() || (std::thread::sleep(Duration::from_millis(1)), false).1);
    assert!(came, "it did not come within a minute");
}

#[test]
fn a_session_is_of_one_state_and_the_next_one_of_a_later_one() {
    let (folder, journal) = (tempfile::tempdir().expect("a folder"), journal(30));
    beside(folder.path(), &journal, |place| {
        let before = expected(&journal);
        let session = open_views(place, "a test", &setting(&journal, ALL, 50), &|_| ()).expect("views");
        assert!(matches!(session.source(), Source::Remote(_)), "the projector runs");
        assert_eq!(*session.positions(), journal.ends());
        append(&journal, 30..40);
        assert_eq!(digests(session.reading().expect("open")), before);
        drop(session);
        let later = || open_views(place, "a test", &setting(&journal, ALL, 50), &|_| ()).expect("views");
        wait_for(|| *later().positions() == journal.ends());
        assert_eq!(digests(later().reading().expect("open")), expected(&journal));
        assert_eq!(fs::metadata(place.socket()).expect("a socket").permissions().mode() & 0o777, 0o600);
    });
    // What was not committed when it was asked to stop is committed now.
    let (found, _) = project(folder.path(), setting(&journal, ALL, 50)).expect("views");
    assert_eq!(found, expected(&journal));
}

#[test]
fn rows_are_found_by_key_and_come_in_chunks() {
    let (folder, journal) = (tempfile::tempdir().expect("a folder"), journal(600));
    let mut local = Vec::new();
    let own = open_views(&Place::of(folder.path()), "a test", &setting(&journal, ALL, 50_000), &|_| ()).expect("views");
    assert!(matches!(own.source(), Source::Own(_)), "nobody else keeps them");
    let collect = |rows: &mut Vec<(Vec<u8>, Vec<u8>)>, key: &[u8], value: &[u8]| {
        rows.push((key.to_vec(), value.to_vec()));
        std::ops::ControlFlow::Continue(())
    };
    let reading = own.reading().expect("open");
    reading.scan(TRANSACTIONS, &[], None, &mut |key, value| collect(&mut local, key, value)).expect("rows");
    drop(own);
    beside(folder.path(), &journal, |place| {
        let session = open_views(place, "a test", &setting(&journal, ALL, 50), &|_| ()).expect("views");
        let (reading, mut remote) = (session.reading().expect("open"), Vec::new());
        reading.scan(TRANSACTIONS, &[], None, &mut |key, value| collect(&mut remote, key, value)).expect("rows");
        let bytes: usize = local.iter().map(|(key, value)| key.len() + value.len()).sum();
        assert!(bytes > 128 << 10, "{bytes} bytes are one chunk");
        assert_eq!(remote, local);
        for (key, value) in local.iter().step_by(301) {
            assert_eq!(reading.get(TRANSACTIONS, key).expect("a row").as_ref(), Some(value));
        }
        assert_eq!(reading.get(TRANSACTIONS, b"no key").expect("no row"), None);
        let (from, below) = (&local[7].0, &local[11].0);
        let mut some = Vec::new();
        let scanned = reading.scan(TRANSACTIONS, from, Some(below), &mut |key, value| collect(&mut some, key, value));
        scanned.expect("rows");
        assert_eq!(some, local[7..11]);
    });
}

#[test]
fn clients_that_are_silent_or_talk_nonsense_hold_nobody_up() {
    let (folder, journal) = (tempfile::tempdir().expect("a folder"), journal(10));
    beside(folder.path(), &journal, |place| {
        let mut strangers: Vec<_> = (0..20).map(|_| UnixStream::connect(place.socket()).expect("a desk")).collect();
        for (number, stranger) in strangers.iter_mut().enumerate() {
            let nonsense: &[u8] = match number % 4 {
                0 => &[],
                1 => b"GET / HTTP/1.1\r\n\r\n",
                2 => &[1, 255, 255, 255, 127, 0],
                _ => &[1, 3, 0, 0, 0, 250, 250, 250],
            };
            let _ = stranger.write_all(nonsense); // it may have been sent away already
        }
        append(&journal, 10..20);
        let session = open_views(place, "a test", &setting(&journal, ALL, 50), &|_| ()).expect("views");
        assert!(matches!(session.source(), Source::Remote(_)), "they hold it up");
        drop(session);
        wait_for(|| {
            let session = open_views(place, "a test", &setting(&journal, ALL, 50), &|_| ()).expect("views");
            *session.positions() == journal.ends()
        });
        for mut stranger in strangers {
            let mut said = Vec::new();
            let _ = stranger.read_to_end(&mut said); // it hangs up: else this would wait for ever
        }
    });
}

#[test]
fn a_socket_that_a_dead_projector_left_is_nobodys() {
    let (folder, journal) = (tempfile::tempdir().expect("a folder"), journal(10));
    let place = Place::of(folder.path());
    drop(std::os::unix::net::UnixListener::bind(place.socket()).expect("a socket"));
    let own = open_views(&place, "a test", &setting(&journal, ALL, 50), &|_| ()).expect("views");
    assert!(matches!(own.source(), Source::Own(_)), "a dead one does not answer");
    drop(own);
    beside(folder.path(), &journal, |place| {
        let session = open_views(place, "a test", &setting(&journal, ALL, 50), &|_| ()).expect("views");
        assert!(matches!(session.source(), Source::Remote(_)), "the projector runs");
    });
}

#[test]
fn a_ledger_in_a_deep_folder_is_asked_too() {
    let (folder, journal) = (tempfile::tempdir().expect("a folder"), journal(4));
    let deep = folder.path().join("d".repeat(90)).join("e".repeat(90));
    fs::create_dir_all(&deep).expect("a folder");
    beside(&deep, &journal, |place| {
        let session = open_views(place, "a test", &setting(&journal, ALL, 50), &|_| ()).expect("views");
        assert!(matches!(session.source(), Source::Remote(_)), "the projector runs");
    });
}

#[test]
fn views_that_cannot_be_kept_are_folded_in_memory_and_why_is_said() {
    let (folder, longer, older) = (tempfile::tempdir().expect("a folder"), journal(20), journal(10));
    let place = Place::of(folder.path());
    let held = place.claim("somebody who does not answer").expect("nobody else");
    let reason_of = |journal: &dyn Journal| {
        let views = open_views(&place, "a test", &setting(journal, ALL, 50), &|_| ()).expect("views");
        let Source::Memory { reason, .. } = views.source() else { panic!("they are not in memory") };
        assert_eq!(digests(views.reading().expect("open")), expected(journal));
        assert_eq!((views.lag().records, views.lag().seconds(noon())), (0, 0));
        reason.clone()
    };
    assert!(reason_of(&longer).contains("kept by somebody who does not answer"));
    drop(held);
    project(folder.path(), setting(&longer, ALL, 50)).expect("views");
    assert!(reason_of(&older).contains("restored"));
}
