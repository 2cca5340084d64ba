//! Thousands of histories, told to the projection and to the auditor's books, which share no code: equal answers to
//! every question. `TALON_HISTORIES` says how many, `TALON_SEED` where to begin; a failure names its seed and shows the
//! smallest history that still differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::ops::ControlFlow;

use talon_domain::fact::Fact;
use talon_domain::ids::{MerchantId, PartitionId, Position, ShopId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::Day;
use talon_projections::days::{Cell, Measure, Place, PlanKey};
use talon_projections::projection::{Projection, Taken, TakenFact};
use talon_projections::reading::{Reading, read_cells};
use talon_projections::store::Table;
use talon_projections::table::{DAYS, DAYS_BOOKED, NAMES};
use talon_projections::transactions::{self, Transaction};
use talon_projections::views;
use talon_testkit::auditor::books::{Books, Line, Name, Row, Rows, Sums};
use talon_testkit::traffic::{Histories, History};

const HISTORIES: u64 = 3_000;
const SEED: u64 = 90_000;
/// The day on which the moments of traffic begin: 2026-11-19.
const FIRST_DAY: u16 = 20_776;
const MINUTE_US: i64 = 60_000_000;

fn stated(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn histories() -> impl Iterator<Item = History> {
    let count = usize::try_from(stated("TALON_HISTORIES", HISTORIES)).expect("a count");
    Histories::of(stated("TALON_SEED", SEED)).take(count)
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
        .or_else(|| in_transactions(projection, books))
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

fn sums(projection: &Projection, table: Table) -> Sums {
    let mut sums = Sums::new();
    let mut keep = |key: &[u8], value: &[u8]| {
        let place = Place::read(key).expect("a place");
        for (code, amount) in read_cells(value).expect("cells").iter() {
            sums.insert(line(&place, Cell::from_code(code).expect("a cell")), amount);
        }
        ControlFlow::Continue(())
    };
    projection.tables().scan(table, &[], None, &mut keep).expect("memory cannot fail");
    sums
}

fn line(place: &Place, cell: Cell) -> Line {
    Line {
        merchant: place.merchant.0,
        day: place.day.0,
        shop: place.shop.0,
        terminal: place.terminal.0,
        provider: place.provider.clone(),
        measure: cell.measure.name(),
        plan: match cell.plan {
            PlanKey::None => String::new(),
            PlanKey::Times(count) => count.to_string(),
            PlanKey::Deferred => "later".to_owned(),
        },
        currency: cell.currency.map_or(String::new(), |currency| currency.code().to_owned()),
    }
}

fn in_transactions(projection: &Projection, books: &Books) -> Option<String> {
    let listed = listed(projection.tables());
    let rows: BTreeMap<_, _> = listed.iter().map(|(key, transaction)| (*key, row(transaction))).collect();
    let audited = books.transactions();
    let without_refunds = |(key, row): (&StreamKey, &Row)| (*key, Row { refund_ids: vec![], ..row.clone() });
    let found = unequal_at("transaction", &rows, &audited.0.iter().map(without_refunds).collect());
    found
        .or_else(|| names(&audited).into_iter().find_map(|name| in_name(projection.tables(), &audited, &name)))
        .or_else(|| unequal("how many names", &names_held(projection.tables()), &names_due(&audited)))
        .or_else(|| listed.iter().find_map(|(key, row)| in_twins(projection.tables(), &audited, *key, row)))
}

fn listed(reading: &dyn Reading) -> BTreeMap<StreamKey, Transaction> {
    let mut listed = BTreeMap::new();
    let mut keep = |key, transaction| {
        listed.insert(key, transaction);
        ControlFlow::Continue(())
    };
    transactions::list(reading, None, &mut keep).expect("memory cannot fail");
    listed
}

fn row(transaction: &Transaction) -> Row {
    Row {
        status: transaction.status().name().to_owned(),
        is_closed: transaction.is_closed,
        is_open: transaction.is_open,
        shop: transaction.shop().0,
        terminal: transaction.terminal().0,
        provider: transaction.provider.clone(),
        began_at: transaction.began_at().map(|at| at.0),
        sold_on: transaction.sold_on().map(|day| day.0),
        currency: transaction.currency().map_or(String::new(), |currency| currency.code().to_owned()),
        asked: transaction.asked,
        collected: transaction.collected,
        suspense: transaction.suspense,
        refunded: transaction.refunded,
        charged_back: transaction.charged_back,
        plan_version: transaction.plan_version,
        installments_count: transaction.installments_count,
        is_deferred: transaction.is_deferred,
        payment_id: transaction.payment_id.clone(),
        till_ticket: transaction.till_ticket.clone(),
        refund_ids: vec![],
        is_printed: transaction.is_printed,
        anomalies: usize::try_from(transaction.anomalies).expect("few"),
        phone_buckets: transaction.phone_buckets.clone(),
    }
}

/// Names that payments of these rows have, and some that they may not have.
fn names(rows: &Rows) -> Vec<Name> {
    let mut names = Vec::new();
    for text in ["0041", "0042", "P1", "P2", "F1", "F2"].map(str::to_owned) {
        names.extend([Name::Ticket(text.clone()), Name::PaymentId(text.clone()), Name::RefundId(text)]);
    }
    for (key, row) in &rows.0 {
        let merchant = key.merchant.0;
        names.extend((0..6).map(|bucket| Name::PhoneBucket(merchant, bucket)));
        names.extend(row.refund_ids.iter().cloned().map(Name::RefundId));
        let Some(day) = row.day() else { continue };
        let (shop, terminal) = (Some(row.shop), Some(row.terminal));
        names.push(Name::Place(merchant, day, None, None, None));
        names.push(Name::Place(merchant, day, shop, None, None));
        names.push(Name::Place(merchant, day, shop, terminal, None));
        if !row.currency.is_empty() {
            names.push(Name::Place(merchant, day, shop, terminal, Some((row.currency.clone(), row.asked))));
        }
    }
    names
}

fn in_name(reading: &dyn Reading, rows: &Rows, name: &Name) -> Option<String> {
    let asked = match name.clone() {
        Name::Ticket(ticket) => transactions::Name::Ticket(ticket),
        Name::PaymentId(id) => transactions::Name::PaymentId(id),
        Name::RefundId(id) => transactions::Name::RefundId(id),
        Name::PhoneBucket(merchant, bucket) => transactions::Name::PhoneBucket(MerchantId(merchant), bucket),
        Name::Place(merchant, day, shop, terminal, amount) => transactions::Name::Place(
            MerchantId(merchant),
            Day(day),
            shop.map(ShopId),
            terminal.map(TerminalId),
            amount.map(|(currency, amount)| (Currency::parse(&currency).expect("a currency"), amount)),
        ),
    };
    let found = transactions::find(reading, &asked).expect("memory cannot fail");
    let mut keys: Vec<_> = found.into_iter().map(|(key, _)| key).collect();
    keys.sort_unstable();
    unequal(&format!("found by {name:?}"), &keys, &rows.find(name))
}

/// First byte of a key of a twin: its payments are counted in pairs, elsewhere.
const TWIN: u8 = 6;

fn names_held(reading: &dyn Reading) -> usize {
    let mut held = 0;
    let mut count = |key: &[u8], _: &[u8]| {
        held += usize::from(key[0] != TWIN);
        ControlFlow::Continue(())
    };
    reading.scan(NAMES, &[], None, &mut count).expect("memory cannot fail");
    held
}

fn names_due(rows: &Rows) -> usize {
    let of_one = |row: &Row| {
        let refunds: BTreeSet<_> = row.refund_ids.iter().collect();
        let texts = [row.till_ticket.is_some(), row.payment_id.is_some(), row.day().is_some()];
        refunds.len() + row.phone_buckets.len() + texts.into_iter().filter(|is_there| *is_there).count()
    };
    rows.0.values().map(of_one).sum()
}

fn in_twins(reading: &dyn Reading, rows: &Rows, key: StreamKey, row: &Transaction) -> Option<String> {
    [0, MINUTE_US, 10 * MINUTE_US, 3 * 1_440 * MINUTE_US].into_iter().find_map(|within_us| {
        let found = transactions::twins(reading, key, row, within_us).expect("memory cannot fail");
        let twins: BTreeSet<_> = found.into_iter().map(|(key, _)| key).collect();
        let audited = rows.twins(key, within_us).into_iter().collect();
        unequal(&format!("twins of {key:?} within {within_us} us"), &twins, &audited)
    })
}

/// What traffic has led to, so that no rule is audited by nobody.
#[test]
fn traffic_reaches_every_measure_and_every_word_of_a_row() {
    let (mut measures, mut words) = (BTreeSet::new(), BTreeSet::new());
    let (mut moved, mut twins) = (0, 0);
    for history in histories() {
        let books = books(&history);
        let (economic, booked) = (books.economic_days(), books.booked_days());
        moved += usize::from(economic.keys().any(|line| !booked.contains_key(line) && line.measure == "collected"));
        measures.extend(economic.into_keys().map(|line| line.measure));
        let rows = books.transactions();
        for (key, row) in &rows.0 {
            words.extend(words_of(row));
            twins += rows.twins(*key, 10 * MINUTE_US).len();
        }
    }
    assert_eq!(measures, Measure::all().map(Measure::name).collect());
    let all = ["closed", "open", "deferred", "printed", "held", "charged_back", "ticket", "payment_id", "refund_id"];
    assert_eq!(words, all.into_iter().collect());
    assert!(moved > 20 && twins > 2, "booked elsewhere {moved}, twins {twins}");
}

fn words_of(row: &Row) -> Vec<&'static str> {
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
    words.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word).collect()
}
