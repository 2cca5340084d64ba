//! Digests of views from the bytes alone: the same at any number of threads, and of the records that they name.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{MerchantId, PartitionId, Position, StreamId};
use talon_journal::{Batch, Completion, Identity, Journal, MemoryJournal, Positions, ReadError, Reader};
use talon_projections::digest::digest_of;
use talon_projections::views::ALL;
use talon_replay::{AsOf, Scope, ViewDigests, digests, project};

use crate::ledgers::{header, id, ledger, tell};

/// A payment of one of many merchants, which lie in different partitions.
fn told(journal: &MemoryJournal, number: u8) {
    let merchant = MerchantId(732_829_320 + u64::from(number));
    let of = FactHeader {
        merchant,
        stream: StreamId(id(number)),
        source: Source::Provider,
        ..header(Kind::PAYMENT_ACCEPTED, number)
    };
    let mut batch = Batch::new();
    tell(&mut batch, &of, r#"{"paymentId": "p", "amount": {"currency": "EUR", "minorUnits": 10000}}"#);
    journal.append(batch).wait().expect("durable");
}

fn digested(journal: &dyn Journal, as_of: &AsOf, threads: usize) -> (ViewDigests, Positions) {
    digests(journal, as_of, ALL, threads, &mut |_| {}).expect("digests")
}

#[test]
fn digests_are_those_of_one_fold_of_everything_at_any_number_of_threads() {
    let journal = ledger(None);
    (1..90).for_each(|number| told(&journal, number));
    let as_of = AsOf::EVERYTHING;
    let whole = project(&journal, &as_of, Scope::All, ALL.to_vec(), &mut |_| {}).expect("views");
    let expected: ViewDigests =
        ALL.iter().map(|view| (view.name(), digest_of(whole.projection.tables(), *view).expect("rows"))).collect();
    assert!(expected["transactions"].1 > 89, "{expected:?}");
    for threads in [0, 1, 2, 8, 100] {
        let (found, positions) = digested(&journal, &as_of, threads);
        assert_eq!((found, positions), (expected.clone(), journal.ends()), "{threads} threads");
    }
    let none: BTreeMap<_, _> = ALL.iter().map(|view| (view.name(), 0)).collect();
    let (found, _) = digested(&journal, &AsOf::before(Positions::beginning()), 2);
    assert_eq!(found.into_iter().map(|(name, (_, rows))| (name, rows)).collect::<BTreeMap<_, _>>(), none);
}

/// What a projector has set aside is in no view of it, and so in none that it is held against.
#[test]
fn records_that_do_not_count_leave_the_views_that_never_had_them() {
    let (fewer, more) = (ledger(None), ledger(None));
    (1..30).for_each(|number| told(&fewer, number));
    (1..30).for_each(|number| told(&more, number));
    let before = more.ends();
    (30..40).for_each(|number| told(&more, number));
    let after = more.ends();
    let later = after.iter().flat_map(|(partition, next)| {
        (before.next(partition).0..next.0).map(move |position| (partition, Position(position)))
    });
    let without = AsOf::EVERYTHING.without(later.collect());
    assert_eq!(without.without.len(), 10);
    let (expected, _) = digested(&fewer, &AsOf::EVERYTHING, 1);
    assert_eq!(digested(&more, &without, 2), (expected, after));
    assert_ne!(digested(&more, &AsOf::EVERYTHING, 2), digested(&more, &without, 2));
}

/// A journal that has grown by a few payments whenever somebody begins to read it.
struct Growing {
    journal: MemoryJournal,
    told: AtomicU8,
}

impl Journal for Growing {
    fn identity(&self) -> Identity {
        self.journal.identity()
    }

    fn append(&self, batch: Batch) -> Completion {
        self.journal.append(batch)
    }

    fn ends(&self) -> Positions {
        self.journal.ends()
    }

    fn read(&self, partition: PartitionId, from: Position) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.journal.read(partition, from)
    }

    fn scan(&self, from: &Positions) -> Result<Box<dyn Reader + '_>, ReadError> {
        (0..9).for_each(|_| told(&self.journal, self.told.fetch_add(1, Ordering::Relaxed)));
        self.journal.scan(from)
    }

    fn wait(&self, beyond: &Positions, timeout: Duration) -> Result<bool, ReadError> {
        self.journal.wait(beyond, timeout)
    }
}

#[test]
fn digests_of_a_ledger_that_grows_meanwhile_are_of_the_positions_that_they_name() {
    let growing = Growing { journal: ledger(None), told: AtomicU8::new(100) };
    (1..60).for_each(|number| told(&growing.journal, number));
    for threads in [2, 4] {
        let (found, positions) = digested(&growing, &AsOf::EVERYTHING, threads);
        let again = digested(&growing.journal, &AsOf::before(positions.clone()), 1);
        assert_eq!((found, positions), again, "{threads} threads");
    }
}
