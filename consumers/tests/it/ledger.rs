//! A ledger to follow: payments of a few merchants, in a journal in memory; and what its views must come to.

use std::cell::RefCell;
use std::path::Path;

use talon_consumers::{Budget, Ended, Event, Place, Projector, ProjectorError, Setting};
use talon_domain::digest::Digest;
use talon_domain::ids::MerchantId;
use talon_domain::time::Instant;
use talon_journal::{Journal, MemoryJournal, Positions, Record};
use talon_projections::digest::digest_of;
use talon_projections::projection::{Projection, Taken, TakenFact};
use talon_projections::reading::Reading;
use talon_projections::view::View;
use talon_projections::views::ALL;
use talon_replay::{Entry, classify};
use talon_testkit::{batch_of, genesis, ledger_id, record};

/// A journal with so many payments of each of five merchants, every tenth of them told twice.
pub(crate) fn journal(payments: u64) -> MemoryJournal {
    let journal = MemoryJournal::create(ledger_id(), genesis(ledger_id())).expect("a journal");
    append(&journal, 0..payments);
    journal
}

pub(crate) fn append(journal: &dyn Journal, payments: std::ops::Range<u64>) {
    for n in payments {
        for merchant in (1..=5).map(MerchantId) {
            tell(journal, merchant, n);
            if n.is_multiple_of(10) {
                tell(journal, merchant, n);
            }
        }
    }
}

/// Appends one payment.
pub(crate) fn tell(journal: &dyn Journal, merchant: MerchantId, n: u64) {
    let bytes = record(merchant, n, 8);
    journal.append(batch_of([(merchant, bytes.as_slice())])).wait().expect("it takes it");
}

/// What views come to: their digests and numbers of rows.
pub(crate) type Digests = Vec<(&'static str, Digest, u64)>;

pub(crate) fn digests(reading: &dyn Reading) -> Digests {
    let of = |view: &&'static dyn View| {
        let (digest, rows) = digest_of(reading, *view).expect("rows");
        (view.name(), digest, rows)
    };
    ALL.iter().map(of).collect()
}

/// What the views of a journal must come to: folded in memory, without a break.
pub(crate) fn expected(journal: &dyn Journal) -> Digests {
    let mut projection = Projection::in_memory(ALL.to_vec());
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    while let Some(stored) = reader.next().expect("a record") {
        let record = Record::parse(stored.bytes).expect("a record");
        let fact = match classify(&stored) {
            Entry::Fact(fact) => Some(TakenFact { fact: *fact, payload: record.payload(), phone_bucket: 0 }),
            _ => None,
        };
        let (partition, position, recorded_at) = (stored.partition, stored.position, record.recorded_at());
        projection.take(Taken { partition, position, recorded_at, fact }).expect("the next one");
    }
    projection.settle().expect("in memory");
    let digests = digests(projection.tables());
    assert!(digests.iter().any(|(_, _, rows)| *rows > 0), "{digests:?}");
    digests
}

/// A clock that stands still.
pub(crate) fn noon() -> Instant {
    Instant(1_764_072_000_000_000)
}

pub(crate) fn never() -> bool {
    false
}

/// Views on a journal, committed every so many facts.
pub(crate) fn setting<'p>(journal: &'p dyn Journal, views: &[&'static dyn View], facts: usize) -> Setting<'p> {
    let budget = Budget { resident_facts: facts, ..Budget::default() };
    Setting { journal, views: views.to_vec(), budget, clock: &noon, stop: &never }
}

/// Runs a projector to the end of the journal; what its views come to then, and what it told.
pub(crate) fn project(folder: &Path, setting: Setting<'_>) -> Result<(Digests, Vec<Event>), ProjectorError> {
    let events = RefCell::new(Vec::new());
    let tell = |event| events.borrow_mut().push(event);
    let place = Place::of(folder);
    let claimed = place.claim("a test").expect("nobody else");
    let mut projector = Projector::open(place, claimed, setting, &tell)?;
    assert_eq!(projector.run(false)?, Ended::CaughtUp);
    let digests = digests(projector.tables()?);
    drop(projector);
    Ok((digests, events.into_inner()))
}

/// What was told besides how far it is.
pub(crate) fn news(events: Vec<Event>) -> Vec<Event> {
    events.into_iter().filter(|event| !matches!(event, Event::Progress { .. } | Event::CaughtUp { .. })).collect()
}
