//! Days on which something is closed, computed: the closing days of TARGET and the public holidays of France.
//!
//! Sources: Easter by the Gregorian computus. TARGET is closed on Saturdays, Sundays, New Year's Day, Good Friday, Easter
//! Monday, 1 May, 25 and 26 December, as the European Central Bank has it since 2002; France's eleven public holidays are
//! those of article L3133-1 of its labour code. Neither moves a day that falls on a weekend. Held against published dates
//! for 2025 to 2030, so no other year is computed: it is stated day by day.
//!
//! Not here: the two further holidays of Alsace and Moselle, bridges that shops decide for themselves, and weekends, which
//! belong to every calendar ([`crate::working_days`]).

use std::ops::RangeInclusive;

use talon_domain::time::Day;

/// The years whose days were held against published ones.
pub const COMPUTED_YEARS: RangeInclusive<i32> = 2025..=2030;

/// A calendar that can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Computed {
    /// When transfers in euro do not move.
    Target,
    /// When France does not work.
    France,
}

/// What a day's rule depends on.
enum Rule {
    /// Month and day.
    Fixed(u32, u32),
    /// So many days after Easter Sunday.
    Easter(i32),
}

const TARGET: &[(Rule, &str)] = &[
    (Rule::Fixed(1, 1), "New Year's Day"),
    (Rule::Easter(-2), "Good Friday"),
    (Rule::Easter(1), "Easter Monday"),
    (Rule::Fixed(5, 1), "Labour Day"),
    (Rule::Fixed(12, 25), "Christmas Day"),
    (Rule::Fixed(12, 26), "26 December"),
];

const FRANCE: &[(Rule, &str)] = &[
    (Rule::Fixed(1, 1), "Jour de l'an"),
    (Rule::Easter(1), "Lundi de Pâques"),
    (Rule::Fixed(5, 1), "Fête du Travail"),
    (Rule::Fixed(5, 8), "Victoire de 1945"),
    (Rule::Easter(39), "Ascension"),
    (Rule::Easter(50), "Lundi de Pentecôte"),
    (Rule::Fixed(7, 14), "Fête nationale"),
    (Rule::Fixed(8, 15), "Assomption"),
    (Rule::Fixed(11, 1), "Toussaint"),
    (Rule::Fixed(11, 11), "Victoire de 1918"),
    (Rule::Fixed(12, 25), "Noël"),
];

impl Computed {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Target, Self::France];

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|computed| computed.name() == name)
    }

    /// What its years are called after: "TARGET-2026", "FR-2026".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Target => "TARGET",
            Self::France => "FR",
        }
    }

    /// Its closed days of a year in their order, each with its name; `None` outside [`COMPUTED_YEARS`].
    pub fn closed_days(self, year: i32) -> Option<Vec<(Day, &'static str)>> {
        if !COMPUTED_YEARS.contains(&year) {
            return None;
        }
        let sunday = easter(year)?;
        let rules = match self {
            Self::Target => TARGET,
            Self::France => FRANCE,
        };
        let dated = rules.iter().map(|(rule, name)| Some((rule.day(year, sunday)?, *name)));
        let mut days = dated.collect::<Option<Vec<_>>>()?;
        days.sort_unstable();
        Some(days)
    }
}

impl Rule {
    fn day(&self, year: i32, easter: Day) -> Option<Day> {
        match *self {
            Self::Fixed(month, day) => Day::of(year, month, day),
            Self::Easter(after) => {
                let days = i32::from(easter.0).checked_add(after)?;
                u16::try_from(days).ok().map(Day)
            }
        }
    }
}

/// Easter Sunday by the Gregorian computus; `None` outside the years that a day can name.
#[expect(clippy::arithmetic_side_effects, reason = "a year of four digits cannot overflow")]
pub fn easter(year: i32) -> Option<Day> {
    if !(2000..=2148).contains(&year) {
        return None;
    }
    let (golden, century) = (year % 19, year / 100);
    let corrected = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
    let full_moon = corrected - (corrected / 28) * (1 - (29 / (corrected + 1)) * ((21 - golden) / 11));
    let weekday = (year + year / 4 + full_moon + 2 - century + century / 4) % 7;
    let from_march = full_moon - weekday + 28;
    let (month, day) = if from_march > 31 { (4, from_march - 31) } else { (3, from_march) };
    Day::of(year, month, u32::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(computed: Computed, year: i32) -> Vec<String> {
        let days = computed.closed_days(year).expect("a computed year");
        days.into_iter().map(|(day, _)| day.to_string().split_off(5)).collect()
    }

    /// Good Friday, Easter Monday, Ascension, Whit Monday: published for these years.
    const MOVABLE: [(i32, [&str; 4]); 6] = [
        (2025, ["04-18", "04-21", "05-29", "06-09"]),
        (2026, ["04-03", "04-06", "05-14", "05-25"]),
        (2027, ["03-26", "03-29", "05-06", "05-17"]),
        (2028, ["04-14", "04-17", "05-25", "06-05"]),
        (2029, ["03-30", "04-02", "05-10", "05-21"]),
        (2030, ["04-19", "04-22", "05-30", "06-10"]),
    ];

    #[test]
    fn every_year_has_its_published_days() {
        assert_eq!(MOVABLE.map(|(year, _)| year).to_vec(), COMPUTED_YEARS.collect::<Vec<_>>());
        for (year, [friday, monday, ascension, whit]) in MOVABLE {
            let mut target = vec!["01-01", friday, monday, "05-01", "12-25", "12-26"];
            target.sort_unstable();
            assert_eq!(days(Computed::Target, year), target, "{year}");
            let mut france =
                vec!["01-01", monday, "05-01", "05-08", ascension, whit, "07-14", "08-15", "11-01", "11-11", "12-25"];
            france.sort_unstable();
            assert_eq!(days(Computed::France, year), france, "{year}");
        }
    }

    #[test]
    fn each_day_has_its_own_name() {
        let named = |computed: Computed, day: &str| {
            let days = computed.closed_days(2026).expect("a computed year");
            days.into_iter().find(|(at, _)| at.to_string() == day).map(|(_, name)| name)
        };
        assert_eq!(named(Computed::Target, "2026-04-03"), Some("Good Friday"));
        assert_eq!(named(Computed::France, "2026-04-03"), None, "a working day but in Alsace and Moselle");
        assert_eq!(named(Computed::France, "2026-05-14"), Some("Ascension"));
        assert_eq!(named(Computed::France, "2026-05-25"), Some("Lundi de Pentecôte"));
    }

    #[test]
    fn a_year_that_was_not_held_against_published_days_is_not_computed() {
        for year in [2024, 2031, 0, -1, i32::MAX, i32::MIN] {
            assert_eq!(Computed::Target.closed_days(year), None, "{year}");
        }
        assert_eq!(Computed::named("target"), None);
        assert_eq!(Computed::named("FR"), Some(Computed::France));
    }

    #[test]
    fn easter_is_a_sunday_between_22_march_and_25_april() {
        for year in 2000..=2148 {
            let day = easter(year).expect("a day");
            let date = day.to_string();
            assert_eq!((day.0 + 4) % 7, 0, "1970-01-01 was a Thursday: {date}");
            assert!(("03-22"..="04-25").contains(&&date[5..]), "{date}");
        }
        // The earliest and the latest of these years.
        assert_eq!(easter(2008).map(|day| day.to_string()), Some("2008-03-23".to_owned()));
        assert_eq!(easter(2038).map(|day| day.to_string()), Some("2038-04-25".to_owned()));
    }
}
