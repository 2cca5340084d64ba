//! Records that cannot be folded: they are found, set aside with their reason, and hold up no other.

use std::cell::RefCell;

use talon_consumers::{Aside, Budget, Event, Place, Projector, Setting, asides};
use talon_domain::ids::{MerchantId, PartitionId, Position};
use talon_journal::{Journal, partition_of};
use talon_projections::key::Key;
use talon_projections::rows::Rows;
use talon_projections::store::{Merge, Table};
use talon_projections::view::{Known, View};
use talon_projections::views::ALL;

use crate::ledger::{Digests, append, digests, expected, journal, news, setting, tell};

/// The merchant whose payments make a view panic, and the one whose rows are too long.
const POISON: MerchantId = MerchantId(666);
const LONG: MerchantId = MerchantId(667);

struct Fragile;

impl View for Fragile {
    fn name(&self) -> &'static str {
        "fragile"
    }

    fn version(&self) -> u16 {
        1
    }

    fn tables(&self) -> &'static [(Table, Merge)] {
        &[(Table(9_999), Merge::Latest)]
    }

    fn rows(&self, known: &Known<'_>, rows: &mut Rows) {
        assert!(known.key.merchant != POISON, "a payment that nobody can fold");
        if known.key.merchant == LONG {
            let key = |key: &mut Key| {
                key.stream_key(known.key);
            };
            rows.put(Table(9_999), key, &"x".repeat(65 << 20));
        }
    }
}

fn fragile() -> Vec<&'static dyn View> {
    ALL.iter().copied().chain([&Fragile as &'static dyn View]).collect()
}

fn project(folder: &std::path::Path, journal: &dyn Journal, facts: usize) -> (Digests, Vec<Aside>, Vec<Event>) {
    project_as(folder, setting(journal, &fragile(), facts))
}

fn project_as(folder: &std::path::Path, setting: Setting<'_>) -> (Digests, Vec<Aside>, Vec<Event>) {
    let events = RefCell::new(Vec::new());
    let tell = |event| events.borrow_mut().push(event);
    let place = Place::of(folder);
    let claimed = place.claim("a test").expect("nobody else");
    let mut projector = Projector::open(place, claimed, setting, &tell).expect("views");
    projector.run(false).expect("the end");
    let tables = projector.tables().expect("open");
    let found = (digests(tables), asides(tables).expect("a table"));
    drop(projector);
    (found.0, found.1, news(events.into_inner()))
}

fn last(journal: &dyn Journal, merchant: MerchantId) -> (PartitionId, Position) {
    let partition = partition_of(merchant);
    (partition, Position(journal.ends().next(partition).0 - 1))
}

#[test]
fn records_that_cannot_be_folded_are_set_aside_with_their_reasons_and_the_others_are_there() {
    let (whole, poisoned) = (journal(0), journal(0));
    let mut bad = Vec::new();
    for round in 0..4 {
        for journal in [&whole, &poisoned] {
            append(journal, round * 30..(round + 1) * 30);
        }
        tell(&poisoned, POISON, round);
        bad.push(last(&poisoned, POISON));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (found, aside, events) = project(folder.path(), &poisoned, 60);
    assert_eq!(found, expected(&whole));
    assert_eq!(aside.iter().map(|aside| (aside.partition, aside.position)).collect::<Vec<_>>(), bad);
    assert!(aside.iter().all(|aside| aside.reason.contains("nobody can fold")), "{aside:?}");
    let told = events.iter().filter(|event| matches!(event, Event::SetAside { .. })).count();
    assert_eq!(told, bad.len());
    // Begun again, it goes on behind them.
    append(&whole, 120..140);
    append(&poisoned, 120..140);
    let (found, aside, events) = project(folder.path(), &poisoned, 60);
    assert_eq!((found, aside.len(), events), (expected(&whole), bad.len(), vec![]));
}

/// A fact may be as long as a record: a number of them alone would bound nothing.
#[test]
fn a_commit_is_due_when_the_facts_since_the_last_one_are_long() {
    let poisoned = journal(30);
    tell(&poisoned, POISON, 1);
    let searches = |fact_bytes| {
        let folder = tempfile::tempdir().expect("a folder");
        let budget = Budget { resident_facts: usize::MAX, fact_bytes, ..Budget::default() };
        let setting = Setting { budget, ..setting(&poisoned, &fragile(), usize::MAX) };
        let (_, aside, events) = project_as(folder.path(), setting);
        assert_eq!(aside.len(), 1, "{events:?}");
        events.iter().filter(|event| matches!(event, Event::Searching { .. })).count()
    };
    assert!(searches(usize::MAX) > 0, "one among all is searched");
    assert_eq!(searches(1), 0, "one that stands alone between two commits is known");
}

#[test]
fn views_that_are_made_anew_try_again_what_was_set_aside() {
    let poisoned = journal(3);
    tell(&poisoned, POISON, 1);
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(project(folder.path(), &poisoned, 60).1.len(), 1);
    let place = Place::of(folder.path());
    place.clear(&place.claim("a test").expect("nobody else")).expect("cleared");
    let (found, _) = crate::ledger::project(folder.path(), setting(&poisoned, ALL, 60)).expect("views");
    assert_eq!(found, expected(&poisoned));
}

#[test]
fn a_record_whose_row_is_too_long_for_the_store_is_set_aside() {
    let (whole, poisoned) = (journal(2), journal(2));
    tell(&poisoned, LONG, 1);
    let bad = last(&poisoned, LONG);
    append(&whole, 2..4);
    append(&poisoned, 2..4);
    let folder = tempfile::tempdir().expect("a folder");
    let (found, aside, _) = project(folder.path(), &poisoned, 4);
    assert_eq!(found, expected(&whole));
    let [aside] = &aside[..] else { panic!("{aside:?}") };
    assert_eq!((aside.partition, aside.position), bad);
    assert!(aside.reason.contains("is longer than"), "{aside:?}");
}
