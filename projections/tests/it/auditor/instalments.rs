//! Instalments by the day on which they fall due.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use talon_domain::ids::MerchantId;
use talon_domain::time::{Day, Instant};
use talon_projections::instalments::{self, Course, DueBy, DueFilter, DueSum, Tally, due_lines, due_sums};
use talon_projections::projection::Projection;
use talon_testkit::auditor::books::{Books, DueLine, DueSums};

use super::{EVE, MERCHANTS, MINUTE_US, unequal, unequal_at};

const ALL_DAYS: std::ops::RangeInclusive<Day> = Day(0)..=Day(u16::MAX);

/// When some of what traffic agrees on is late: two months after it began.
const AT: Instant = Instant(EVE + 60 * 1_440 * MINUTE_US);

/// What a place's instalments come to in one currency: each course, and what is late or rescheduled of them.
type Sums = BTreeMap<(DueLine, String), (i128, i128)>;

pub(super) fn in_instalments(projection: &Projection, books: &Books) -> Option<String> {
    let (mut sums, mut due) = (Sums::new(), Vec::new());
    for merchant in MERCHANTS.map(MerchantId) {
        let (filter, by) = (DueFilter::default(), DueBy { day: true, shop: true, provider: true });
        let found = due_sums(projection.tables(), merchant, ALL_DAYS, &filter, by, AT).expect("memory cannot fail");
        for (place, by_currency) in found {
            for (currency, sum) in by_currency {
                add(&mut sums, &line(&place, currency.code()), &sum);
            }
        }
        let mut keep = |found: instalments::DueLine| {
            let instalment = &found.instalment;
            let currency = instalment.currency().expect("a currency");
            let line = DueLine {
                number: instalment.number,
                course: instalment.course().name().to_owned(),
                rescheduled_from: instalment.rescheduled_from().map(|day| day.0),
                amount: instalment.amount,
                ..line(&found.place, currency.code())
            };
            due.push((found.stream, line));
            ControlFlow::Continue(())
        };
        due_lines(projection.tables(), merchant, ALL_DAYS, &filter, AT, &mut keep).expect("memory cannot fail");
    }
    due.sort();
    unequal_at("calendar", &sums, &audited(books.calendar())).or_else(|| unequal("due", &due, &books.due()))
}

fn line(place: &instalments::DuePlace, currency: &str) -> DueLine {
    DueLine {
        merchant: place.merchant.0,
        day: place.day.0,
        shop: place.shop.0,
        provider: place.provider.clone(),
        number: 0,
        course: String::new(),
        rescheduled_from: None,
        currency: currency.to_owned(),
        amount: 0,
    }
}

fn add(sums: &mut Sums, line: &DueLine, sum: &DueSum) {
    let mut put = |name: &str, tally: Tally| {
        if tally != Tally::default() {
            sums.insert((line.clone(), name.to_owned()), (tally.count, tally.amount));
        }
    };
    for course in Course::ALL {
        put(course.name(), sum.of(course));
    }
    put("late", sum.late);
    put("rescheduled", sum.rescheduled);
}

/// What is late, or rescheduled, is counted a second time.
fn audited(sums: DueSums) -> Sums {
    let mut audited = Sums::new();
    let today = AT.paris_day().expect("in range").0;
    for (line, (count, amount)) in sums {
        let place = DueLine { course: String::new(), rescheduled_from: None, ..line.clone() };
        let is_owed = ["due", "failed", "claimed"].contains(&line.course.as_str());
        let names = [
            (true, line.course.as_str()),
            (is_owed && line.day < today, "late"),
            (line.rescheduled_from.is_some() && line.course != "released", "rescheduled"),
        ];
        for (_, name) in names.into_iter().filter(|(is_so, _)| *is_so) {
            let sum = audited.entry((place.clone(), name.to_owned())).or_default();
            *sum = (sum.0 + count, sum.1 + amount);
        }
    }
    audited
}
