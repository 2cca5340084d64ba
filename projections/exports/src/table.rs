//! A table: its columns, each with a name for programs, a head for people and a sentence for who asks, and rows of cells.
//!
//! Invariant: a cell is what its column's kind says, or nothing. Money carries its currency, and is whole minor units.
//!
//! This module does not know which figures there are, nor how a cell is written.

use std::collections::BTreeMap;

use talon_domain::anomaly::Language;
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What programs call it: `snake_case`, in English.
    pub name: &'static str,
    /// What people call it: French, English.
    pub title: [&'static str; 2],
    /// One sentence of what a row is.
    pub about: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
    /// By which columns a row is told from all others, in front of the table; 0 is by none.
    pub key: usize,
    /// Its rows, each as long as the columns.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// What programs call it: `snake_case`, in English, once in a table.
    pub name: &'static str,
    /// What people call it: French, English.
    pub head: [&'static str; 2],
    /// One English sentence for the data dictionary.
    pub about: &'static str,
    /// What its cells are.
    pub kind: Kind,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words, names and ids: never a number, though they may look like one.
    Text,
    /// Yes or no.
    Flag,
    /// How many.
    Count,
    /// An amount.
    Money,
    /// A day in Paris.
    Day,
    /// A moment.
    Moment,
}

/// A cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// What is not known, or does not apply.
    #[default]
    Nothing,
    /// Names and ids, as somebody chose them.
    Text(String),
    /// Codes of the ledger, which have words for people.
    Words(Vec<Word>),
    /// Yes or no.
    Flag(bool),
    /// How many.
    Count(i64),
    /// An amount in minor units; below nothing where it is taken back.
    Money {
        /// Of which currency.
        currency: Currency,
        /// How much.
        minor: i128,
    },
    /// A day in Paris.
    Day(Day),
    /// A moment.
    Moment(Instant),
}

/// A code of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// What programs call it.
    pub name: &'static str,
    /// What people call it: French, English.
    pub words: [&'static str; 2],
}

impl Table {
    /// Each column with how its cells add up, by currency: of money alone.
    pub fn sums(&self) -> BTreeMap<&'static str, BTreeMap<Currency, i128>> {
        let mut sums = BTreeMap::<_, BTreeMap<_, i128>>::new();
        for (column, cell) in self.rows.iter().flat_map(|row| self.columns.iter().zip(row)) {
            if let Cell::Money { currency, minor } = cell {
                let sum = sums.entry(column.name).or_default().entry(*currency).or_default();
                *sum = sum.saturating_add(*minor);
            }
        }
        sums
    }
}

impl Column {
    /// A column of names and ids, or of codes.
    pub const fn text(name: &'static str, head: [&'static str; 2], about: &'static str) -> Self {
        Self { name, head, about, kind: Kind::Text }
    }

    /// A column of yes and no.
    pub const fn flag(name: &'static str, head: [&'static str; 2], about: &'static str) -> Self {
        Self { name, head, about, kind: Kind::Flag }
    }

    /// A column of numbers of things.
    pub const fn count(name: &'static str, head: [&'static str; 2], about: &'static str) -> Self {
        Self { name, head, about, kind: Kind::Count }
    }

    /// A column of amounts.
    pub const fn money(name: &'static str, head: [&'static str; 2], about: &'static str) -> Self {
        Self { name, head, about, kind: Kind::Money }
    }

    /// A column of days.
    pub const fn day(name: &'static str, head: [&'static str; 2], about: &'static str) -> Self {
        Self { name, head, about, kind: Kind::Day }
    }

    /// A column of moments.
    pub const fn moment(name: &'static str, head: [&'static str; 2], about: &'static str) -> Self {
        Self { name, head, about, kind: Kind::Moment }
    }
}

impl Kind {
    /// Its name in papers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Flag => "flag",
            Self::Count => "count",
            Self::Money => "money",
            Self::Day => "day",
            Self::Moment => "moment",
        }
    }
}

impl Word {
    /// The code with this name, and with its words in a language.
    pub fn of(name: &'static str, words: impl Fn(Language) -> &'static str) -> Self {
        Self { name, words: [words(Language::French), words(Language::English)] }
    }
}

impl Cell {
    /// Names and ids; nothing where there are none.
    pub fn text(words: impl Into<String>) -> Self {
        let words = words.into();
        if words.is_empty() { Self::Nothing } else { Self::Text(words) }
    }

    /// The codes of these words, for programs.
    pub(crate) fn names(words: &[Word]) -> String {
        words.iter().map(|word| word.name).collect::<Vec<_>>().join(", ")
    }

    /// These words, for people.
    pub(crate) fn told(words: &[Word], language: Language) -> String {
        words.iter().map(|word| in_language(word.words, language)).collect::<Vec<_>>().join(", ")
    }

    /// An amount in minor units.
    pub const fn money(currency: Currency, minor: i128) -> Self {
        Self::Money { currency, minor }
    }

    /// A number of things: as many as a cell can hold at the most.
    pub fn count(number: impl TryInto<i64>) -> Self {
        Self::Count(number.try_into().unwrap_or(i64::MAX))
    }
}

impl From<Word> for Cell {
    fn from(word: Word) -> Self {
        Self::Words(vec![word])
    }
}

impl From<Vec<Word>> for Cell {
    fn from(words: Vec<Word>) -> Self {
        if words.is_empty() { Self::Nothing } else { Self::Words(words) }
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Day> for Cell {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

impl From<Instant> for Cell {
    fn from(moment: Instant) -> Self {
        Self::Moment(moment)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Nothing, Into::into)
    }
}

/// Yes or no, for people.
pub(crate) const fn yes_or_no(flag: bool, language: Language) -> &'static str {
    in_language(if flag { ["oui", "yes"] } else { ["non", "no"] }, language)
}

/// The words of a pair in the reader's language.
pub(crate) const fn in_language(pair: [&'static str; 2], language: Language) -> &'static str {
    let [french, english] = pair;
    match language {
        Language::French => french,
        Language::English => english,
    }
}
