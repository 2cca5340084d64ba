//! Days: what is booked where. A closed day stays closed (X3, E31), a clock that runs ahead books nothing ahead, and what
//! comes late restates the day on which it happened. The first open day is an argument here, until closings say it.

use talon_domain::contribution::Account;
use talon_domain::ids::ShopId;
use talon_domain::money::Currency;
use talon_domain::state::Status;
use talon_domain::time::Day;
use talon_projections::days::{By, Filter, Measure, day_lines};
use talon_projections::projection::{Projection, Taken, TakenFact};
use talon_projections::views::ALL;

use crate::facts::{MERCHANT, day, fact};

/// Lines of facts; `closed=2026-11-05` closes the days up to and with that one.
fn told(lines: &str) -> Projection {
    let mut projection = Projection::in_memory(ALL.to_vec());
    let (mut number, mut position) = (0, 0);
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        number += 1;
        if let Some(closed) = line.strip_prefix("closed=") {
            projection.open_from(Day(day(closed).0 + 1)).expect("in memory");
            continue;
        }
        let (partition, fact) = fact(line, number);
        let recorded_at = fact.header.recorded_at;
        let of = TakenFact { fact, payload: &[], phone_bucket: 0 };
        let position_now = talon_domain::ids::Position(position);
        projection
            .take(Taken { partition, position: position_now, recorded_at, fact: Some(of) })
            .expect("the next one");
        position += 1;
    }
    projection.settle().expect("in memory");
    projection
}

/// `2026-11-05 economic 300.00 booked 300.00`, for each day on which anything was sold.
fn sold(lines: &str) -> Vec<String> {
    let projection = told(lines);
    let by = By { day: true, ..By::default() };
    let (first, last) = (day("2026-11-01"), day("2026-12-31"));
    let lines = day_lines(projection.tables(), MERCHANT, first..=last, &Filter::default(), by).expect("in memory");
    let sale = Measure::Money(Account::Sale);
    let euros = |cents: i128| format!("{}.{:02}", cents / 100, cents % 100);
    let shown = lines.iter().map(|(place, line)| {
        let (economic, booked) = (line.of(sale, Some(Currency::EUR)), line.booked_of(sale, Some(Currency::EUR)));
        (economic, booked, format!("{} economic {} booked {}", place.day, euros(economic), euros(booked)))
    });
    shown.filter(|(economic, booked, _)| (*economic, *booked) != (0, 0)).map(|(.., line)| line).collect()
}

#[test]
fn x3_a_closed_day_then_the_plan_restates_it() {
    let first = "PaymentInitiated t417 300.00 at=05T10:00\n PaymentAccepted 300.00 at=05T10:02\n";
    let closed = "closed=2026-11-05\n";
    let plan = "ScheduleChosen 310.00 due=05T10:00 at=05T10:03 recorded=05T20:30 provider\n";
    assert_eq!(sold(first), ["2026-11-05 economic 300.00 booked 300.00"]);
    assert_eq!(sold(&[first, closed].concat()), ["2026-11-05 economic 300.00 booked 300.00"]);
    assert_eq!(
        sold(&[first, closed, plan].concat()),
        ["2026-11-05 economic 310.00 booked 300.00", "2026-11-06 economic 0.00 booked 10.00"]
    );
    let again = "PaymentAccepted 320.00 at=05T10:02 recorded=05T21:00 p2\n";
    assert_eq!(
        sold(&[first, closed, plan, again].concat()),
        ["2026-11-05 economic 630.00 booked 300.00", "2026-11-06 economic 0.00 booked 330.00"]
    );
}

#[test]
fn e31_a_success_for_a_shop_whose_day_is_closed_is_booked_on_the_next_one() {
    let lines = "PaymentInitiated t417 80.00 at=05T18:00\n closed=2026-11-05\n PaymentAccepted 80.00 at=05T18:05 recorded=06T07:00";
    assert_eq!(sold(lines), ["2026-11-05 economic 80.00 booked 0.00", "2026-11-06 economic 0.00 booked 80.00"]);
}

#[test]
fn a_clock_that_runs_ahead_books_nothing_ahead() {
    let ahead = "PaymentAccepted 80.00 at=20T10:00 recorded=05T10:00";
    assert_eq!(sold(ahead), ["2026-11-05 economic 0.00 booked 80.00", "2026-11-20 economic 80.00 booked 0.00"]);
}

#[test]
fn what_is_told_months_later_restates_its_own_day() {
    let late = "PaymentInitiated t417 80.00 at=05T10:00\n PaymentAccepted 80.00 at=05T10:01 recorded=28T10:00";
    assert_eq!(sold(late), ["2026-11-05 economic 80.00 booked 80.00"]);
}

/// What is held, and given back but held, is money of a payment: a figure of money beside none would be nobody's.
#[test]
fn a_payment_of_which_only_money_is_known_is_counted_in_its_currency() {
    for lines in ["InstalmentDebited 119.00 debit=D1 at=05T10:00", "RefundCompleted 20.00 id=R1 provider at=05T10:00"] {
        let projection = told(lines);
        let days = day("2026-11-01")..=day("2026-11-30");
        let lines = day_lines(projection.tables(), MERCHANT, days, &Filter::default(), By::default());
        let [line] = &lines.expect("in memory").into_values().collect::<Vec<_>>()[..] else { panic!("one line") };
        let payments = |currency| Status::ALL.map(|status| line.of(Measure::Payments(status), currency));
        assert_eq!(payments(Some(Currency::EUR)).iter().sum::<i128>(), 1, "{:?}", payments(None));
    }
}

/// A shop's rows are looked for day by day where the days are few, and taken out of its merchant's where they are many.
#[test]
fn a_shop_s_days_are_those_of_its_merchant_that_name_it_however_many_are_asked() {
    let projection = told(
        "PaymentAccepted shop=74 p1 10.00 at=05T10:00
        PaymentAccepted shop=75 p2 20.00 at=05T10:00
        PaymentAccepted shop=74 p3 30.00 at=06T10:00
        PaymentAccepted shop=76 p4 40.00 at=06T10:00
        PaymentAccepted shop=74 p5 50.00 m=552100554 at=06T10:00",
    );
    let by = By { day: true, shop: true, ..By::default() };
    let asked = |first: Day, last: Day, shop: Option<u32>| {
        let filter = Filter { shop: shop.map(ShopId), ..Filter::default() };
        day_lines(projection.tables(), MERCHANT, first..=last, &filter, by).expect("in memory")
    };
    let (first, last) = (day("2026-11-05"), day("2026-11-06"));
    for (first, last, days) in [(first, first, 1), (first, last, 2), (Day(0), Day(u16::MAX), 2)] {
        let mut all = asked(first, last, None);
        all.retain(|place, _| place.shop == ShopId(74));
        assert_eq!((asked(first, last, Some(74)), all.len()), (all, days), "{first} to {last}");
    }
    assert!(asked(first, last, Some(77)).is_empty());
}
