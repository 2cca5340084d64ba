//! Thousands of histories, told to the projection and to the auditor's books, which share no code: equal answers to
//! every question. `TALON_HISTORIES` says how many, `TALON_SEED` where to begin; a failure names its seed and shows the
//! smallest history that still differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use talon_domain::fact::Fact;
use talon_domain::ids::{PartitionId, Position};
use talon_domain::open::OpenReason;
use talon_domain::time::{Day, Instant};
use talon_projections::days::Measure;
use talon_projections::instalments::Course;
use talon_projections::projection::{Projection, Taken, TakenFact};
use talon_projections::settlement::Surprise;
use talon_projections::table::{DAYS, DAYS_BOOKED};
use talon_projections::views;
use talon_testkit::auditor::books::{Books, Row};
use talon_testkit::traffic::{Histories, History};

mod anomalies;
mod days;
mod devices;
mod instalments;
mod open;
mod payments;
mod settlement;

use days::sums;

const HISTORIES: u64 = 1_000;
const SEED: u64 = 90_000;
/// The day on which the moments of traffic begin: 2026-11-19.
const FIRST_DAY: u16 = 20_776;
/// 2026-11-19T23:30 in Paris: the first moment of traffic.
const EVE: i64 = 1_795_127_400_000_000;
const MINUTE_US: i64 = 60_000_000;
/// Whose facts traffic tells.
const MERCHANTS: [u64; 3] = [0, 732_829_320, 839_100_575];

fn stated(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn histories() -> impl Iterator<Item = History> {
    let count = usize::try_from(stated("TALON_HISTORIES", HISTORIES)).expect("a count");
    let histories = Histories::of(stated("TALON_SEED", SEED)).take(count);
    histories.map(|history| if history.seed % 4 == 0 { told_of_two(history) } else { history })
}

/// A history whose payments are each told of a second one, too, fact by fact: doubles meet in names and in statements.
fn told_of_two(mut history: History) -> History {
    let mut records = Vec::new();
    for (partition, fact) in history.records {
        let mut other = fact.clone();
        other.header.stream.0[15] ^= 0x55;
        other.header.event_id.0[11] ^= 0x55;
        let is_of_payment = fact.header.kind.0 < 1_000;
        records.push((partition, fact));
        records.extend(is_of_payment.then_some((partition, other)));
    }
    history.records = records;
    history
}

#[test]
fn the_books_and_the_views_give_equal_answers() {
    for history in histories() {
        if difference(&history).is_some() {
            let history = smallest(&history);
            let found = difference(&history).expect("what was taken out made no difference");
            panic!("seed {}: {found}\n\n{}", history.seed, history.in_words());
        }
    }
}

/// Takes records out of a history, one by one, while a difference stays.
fn smallest(history: &History) -> History {
    let mut history = history.clone();
    let mut place = 0;
    while place < history.records.len() {
        let shorter = history.without(place);
        if difference(&shorter).is_some() {
            history = shorter;
            place = 0;
        } else {
            place += 1;
        }
    }
    history
}

/// The first thing that the two say differently: of the whole history, and of its facts up to a day.
fn difference(history: &History) -> Option<String> {
    let books = books(history);
    let whole = answers(&projected(history, Projection::in_memory(views::ALL.to_vec())), &books);
    whole.or_else(|| {
        let day = Day(FIRST_DAY + u16::try_from(history.seed % 4).expect("small"));
        let projection = projected(history, Projection::effective_at(views::ALL.to_vec(), day));
        answers(&projection, &books.effective_at(day)).map(|found| format!("of facts up to {day}, {found}"))
    })
}

/// The group of the phone number that a record seals, whatever its flags say: many payments need to have one. What it is
/// made of stays when other records are taken out, and is not the same in a record that is told again.
fn phone_bucket(fact: &Fact) -> u32 {
    let minutes = u32::try_from(fact.header.recorded_at.0.div_euclid(MINUTE_US) % 2).expect("small");
    let [seals, group] = [fact.header.event_id.0[12], fact.header.event_id.0[15]];
    if seals % 2 == 0 { 0 } else { u32::from(group) % 3 + minutes }
}

/// The first open day from this record on, where one is closed before it.
fn closed_before(fact: &Fact) -> Option<Day> {
    let [close, day] = [fact.header.event_id.0[13], fact.header.event_id.0[14]];
    (close % 10 == 0).then(|| Day(FIRST_DAY + u16::from(day % 5)))
}

fn books(history: &History) -> Books {
    let mut books = Books::new();
    for (partition, fact) in &history.records {
        if let Some(day) = closed_before(fact) {
            books.open_from(day);
        }
        books.record(*partition, fact, phone_bucket(fact));
    }
    books
}

fn projected(history: &History, mut projection: Projection) -> Projection {
    let mut next = BTreeMap::<PartitionId, u64>::new();
    for (partition, fact) in &history.records {
        if let Some(day) = closed_before(fact) {
            projection.open_from(day).expect("memory cannot fail");
        }
        let position = next.entry(*partition).or_default();
        let taken = TakenFact { fact: fact.clone(), payload: &[], phone_bucket: phone_bucket(fact) };
        let record = Taken {
            partition: *partition,
            position: Position(*position),
            recorded_at: fact.header.recorded_at,
            fact: Some(taken),
        };
        projection.take(record).expect("the next record");
        *position += 1;
    }
    projection.settle().expect("memory cannot fail");
    projection
}

fn answers(projection: &Projection, books: &Books) -> Option<String> {
    unequal("days", &sums(projection, DAYS), &books.economic_days())
        .or_else(|| unequal("days as booked", &sums(projection, DAYS_BOOKED), &books.booked_days()))
        .or_else(|| payments::in_transactions(projection, books))
        .or_else(|| devices::in_devices(projection, books))
        .or_else(|| instalments::in_instalments(projection, books))
        .or_else(|| open::in_open_items(projection, books))
        .or_else(|| settlement::in_settlement(projection, books))
        .or_else(|| anomalies::in_anomalies(projection, books))
}

fn unequal<T: PartialEq + Debug>(what: &str, view: &T, books: &T) -> Option<String> {
    (view != books).then(|| format!("{what}:\n  the view says  {view:?}\n  the books say  {books:?}"))
}

/// The first key under which two maps differ, which is shorter to read than the maps.
fn unequal_at<K: Ord + Clone + Debug, V: PartialEq + Debug>(
    what: &str,
    view: &BTreeMap<K, V>,
    books: &BTreeMap<K, V>,
) -> Option<String> {
    let keys: BTreeSet<_> = view.keys().chain(books.keys()).collect();
    keys.into_iter().find_map(|key| unequal(&format!("{what} {key:?}"), &view.get(key), &books.get(key)))
}

/// What traffic has led to, so that no rule is audited by nobody.
#[derive(Default)]
struct Reached {
    measures: BTreeSet<String>,
    words: BTreeSet<String>,
    booked_elsewhere: usize,
    twins: usize,
    cleared: usize,
}

impl Reached {
    fn by(&mut self, books: &Books) {
        let (economic, booked) = (books.economic_days(), books.booked_days());
        let is_moved = economic.keys().any(|line| !booked.contains_key(line) && line.measure == "collected");
        self.booked_elsewhere += usize::from(is_moved);
        self.measures.extend(economic.into_keys().map(|line| line.measure));
        let rows = books.transactions();
        for (key, row) in &rows.0 {
            self.words.extend(words_of(row));
            self.twins += rows.twins(*key, 10 * MINUTE_US).len();
        }
        self.cleared += books.anomalies().iter().filter(|broken| broken.cleared.is_some()).count();
        for (line, _) in books.calendar() {
            self.words.insert(line.course);
            self.words.extend(line.rescheduled_from.map(|_| "rescheduled".to_owned()));
        }
        for owed in books.owed() {
            let is_met = owed.key.is_some() && owed.gross.is_some();
            self.words.extend([(is_met, "met"), (owed.waived != 0, "waived")].into_iter().filter_map(named));
            self.words.extend(Some(owed.surprise).filter(|surprise| !surprise.is_empty()));
        }
        let at = Instant(EVE + 1_500 * MINUTE_US);
        for item in books.open_items(at).into_values() {
            self.words.extend(item.reasons.into_iter().map(|(reason, _)| reason));
        }
        for device in books.devices(at).into_values() {
            self.words.extend(device.missing.into_values());
            self.words.extend(device.repeats.values().map(|_| "repeated".to_owned()));
        }
    }
}

#[test]
fn traffic_reaches_every_measure_reason_course_and_owner() {
    let mut reached = Reached::default();
    histories().for_each(|history| reached.by(&books(&history)));
    assert_eq!(reached.measures, Measure::all().map(Measure::name).collect());
    let of_rows =
        ["closed", "open", "deferred", "printed", "held", "charged_back", "ticket", "payment_id", "refund_id"];
    let of_others = ["rescheduled", "repeated", "refused", "voided", "late", "unexplained", "met", "waived"];
    let mut words: BTreeSet<_> = of_rows.into_iter().chain(of_others).map(str::to_owned).collect();
    words.extend(OpenReason::ALL.map(|reason| reason.name().to_owned()));
    words.extend(Surprise::ALL.map(|surprise| surprise.name().to_owned()));
    words.extend(Course::ALL.map(|course| course.name().to_owned()));
    assert_eq!(reached.words, words);
    let counts = [reached.booked_elsewhere, reached.twins, reached.cleared];
    assert!(counts.iter().all(|count| *count > 5), "booked elsewhere, twins, cleared: {counts:?}");
}

fn named((is_so, word): (bool, &str)) -> Option<String> {
    is_so.then(|| word.to_owned())
}

fn words_of(row: &Row) -> Vec<String> {
    let words = [
        (row.is_closed, "closed"),
        (row.is_open, "open"),
        (row.is_deferred, "deferred"),
        (row.is_printed, "printed"),
        (row.suspense > 0, "held"),
        (row.charged_back > 0, "charged_back"),
        (row.till_ticket.is_some(), "ticket"),
        (row.payment_id.is_some(), "payment_id"),
        (!row.refund_ids.is_empty(), "refund_id"),
    ];
    words.into_iter().filter_map(named).collect()
}
