//! Ages in working days, and the steps in which they are shown. Invariants:
//! - what began today, or on closed days after which no day was open, is 0 days old
//! - a year whose calendar nobody stated counts from Monday to Friday, and says so

use std::collections::BTreeMap;

use talon_domain::anomaly::Language;
use talon_domain::time::Day;

use crate::working_days::{WorkingDays, weekday};

/// Saturday, where Monday is 0.
const SATURDAY: u16 = 5;

/// How old something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    /// Working days after the day on which it began.
    pub business_days: u32,
    /// Some of them lie in a year whose calendar nobody stated.
    pub is_estimate: bool,
}

/// The steps of ages, in working days: at least the first number, less than the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// Less than one.
    UnderOne,
    /// One or two.
    UnderThree,
    /// Three to six.
    UnderSeven,
    /// Seven to twenty-nine.
    UnderThirty,
    /// Thirty or more.
    ThirtyOrMore,
}

impl Age {
    /// Its step.
    pub const fn bucket(self) -> Bucket {
        match self.business_days {
            0 => Bucket::UnderOne,
            1..3 => Bucket::UnderThree,
            3..7 => Bucket::UnderSeven,
            7..30 => Bucket::UnderThirty,
            _ => Bucket::ThirtyOrMore,
        }
    }

    /// For people: `3 working days`.
    pub fn words(self, language: Language) -> String {
        let count = self.business_days;
        let (about, noun) = match (language, count) {
            (Language::French, 0 | 1) => ("environ ", "jour ouvré"),
            (Language::French, _) => ("environ ", "jours ouvrés"),
            (Language::English, 1) => ("about ", "working day"),
            (Language::English, _) => ("about ", "working days"),
        };
        format!("{}{count} {noun}", if self.is_estimate { about } else { "" })
    }
}

impl Bucket {
    /// All of them, the youngest first.
    pub const ALL: [Self; 5] =
        [Self::UnderOne, Self::UnderThree, Self::UnderSeven, Self::UnderThirty, Self::ThirtyOrMore];

    /// Its stable name, for people too: working days from and to.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnderOne => "0-1",
            Self::UnderThree => "1-3",
            Self::UnderSeven => "3-7",
            Self::UnderThirty => "7-30",
            Self::ThirtyOrMore => "30+",
        }
    }
}

/// Ages on one day; each day is counted once, however many payments began on it.
pub(crate) struct Ages<'a> {
    calendar: &'a WorkingDays,
    today: Day,
    known: BTreeMap<Day, Age>,
}

impl<'a> Ages<'a> {
    pub(crate) const fn on(today: Day, calendar: &'a WorkingDays) -> Self {
        Self { calendar, today, known: BTreeMap::new() }
    }

    /// How old is what began on a day; nothing is older than that day, and what lies ahead is not old at all.
    pub(crate) fn of(&mut self, began: Day) -> Age {
        if let Some(age) = self.known.get(&began) {
            return *age;
        }
        let mut age = Age::default();
        for day in (began.0..self.today.0).map(|day| Day(day.saturating_add(1))) {
            let open = self.calendar.is_open(day);
            age.is_estimate |= open.is_none();
            let counts = open.unwrap_or_else(|| weekday(day) < SATURDAY);
            age.business_days = age.business_days.saturating_add(counts.into());
        }
        self.known.insert(began, age);
        age
    }
}
