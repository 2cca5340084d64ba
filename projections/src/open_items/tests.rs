//! Ages and their steps, at the edges.

use talon_domain::open::OpenReason;
use talon_domain::time::Day;

use super::age::{Age, Ages, Bucket};
use crate::calendar::Computed;
use crate::working_days::WorkingDays;

fn target(years: &[i32]) -> WorkingDays {
    let mut days = WorkingDays::default();
    for year in years {
        let closed = Computed::Target.closed_days(*year).expect("a computed year");
        days.state(*year, closed.into_iter().map(|(day, _)| day));
    }
    days
}

fn day(year: i32, month: u32, day: u32) -> Day {
    Day::of(year, month, day).expect("a day")
}

#[test]
fn the_steps_of_ages_begin_where_the_one_before_ends() {
    let bucket = |business_days| Age { business_days, is_estimate: false }.bucket().name();
    assert_eq!(
        [0, 1, 2, 3, 6, 7, 29, 30, u32::MAX].map(bucket),
        ["0-1", "1-3", "1-3", "3-7", "3-7", "7-30", "7-30", "30+", "30+"]
    );
    assert!(Bucket::ALL.is_sorted());
}

#[test]
fn an_age_leaves_out_holidays_and_says_what_it_does_not_know() {
    let calendar = target(&[2026]);
    let mut ages = Ages::on(day(2026, 12, 31), &calendar);
    let known = |business_days| Age { business_days, is_estimate: false };
    assert_eq!(ages.of(day(2026, 12, 31)), known(0));
    assert_eq!(ages.of(day(2026, 12, 24)), known(4), "Christmas is closed, the 26th and 27th are a weekend");
    assert_eq!(ages.of(day(2027, 1, 4)), known(0), "what lies ahead is not old");
    let mut later = Ages::on(day(2027, 1, 4), &calendar);
    assert_eq!(later.of(day(2026, 12, 31)), Age { business_days: 2, is_estimate: true });
}

#[test]
fn an_age_is_that_of_the_domain_counted_the_other_way() {
    let calendar = target(&[2026, 2027]);
    let began = day(2026, 3, 30);
    for later in 0..400u16 {
        let today = Day(began.0 + later);
        let business_days = Ages::on(today, &calendar).of(began).business_days;
        let latest = calendar.after(began, business_days.max(1)).expect("stated");
        assert_eq!(latest <= today, business_days > 0, "{today}");
        assert!(calendar.after(began, business_days + 1).expect("stated") > today, "{today}");
    }
}

#[test]
fn a_reason_that_is_kept_is_found_by_its_number() {
    for reason in OpenReason::ALL {
        assert_eq!(OpenReason::from_number(reason.number()), Some(reason));
    }
    assert_eq!(OpenReason::from_number(0), None);
}
