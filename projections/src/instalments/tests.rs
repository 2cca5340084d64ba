//! Cells of the calendar are read as they were written.

use std::collections::BTreeSet;

use talon_domain::anomaly::Language;
use talon_domain::money::Currency;

use super::row::{Course, DueCell};
use crate::cells::Code;

#[test]
fn every_cell_has_a_code_of_its_own() {
    let currencies = ["EUR", "AAA", "ZZZ"].map(|code| Currency::parse(code).expect("a currency"));
    let mut codes = BTreeSet::new();
    for (course, currency) in Course::ALL.into_iter().flat_map(|course| currencies.map(|of| (course, of))) {
        for (is_rescheduled, is_amount) in [(false, false), (false, true), (true, false), (true, true)] {
            let cell = DueCell { course, is_rescheduled, is_amount, currency };
            assert_eq!(DueCell::from_code(cell.code()), Some(cell));
            codes.insert(cell.code());
        }
    }
    assert_eq!(codes.len(), 7 * 3 * 4);
    assert_eq!(DueCell::from_code(Code::sum(0)), None);
    assert_eq!(DueCell::from_code(Code::sum((1 << 30) - 1)), None);
}

#[test]
fn courses_have_names_and_words_of_their_own() {
    let distinct = |all: Vec<&str>| all.into_iter().collect::<BTreeSet<_>>().len();
    assert_eq!(distinct(Course::ALL.iter().map(|course| course.name()).collect()), 7);
    for language in [Language::French, Language::English] {
        assert_eq!(distinct(Course::ALL.iter().map(|course| course.words(language)).collect()), 7);
    }
}
