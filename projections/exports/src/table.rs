//! A table: its columns, each with a name for programs, a head for people and a sentence for who asks, and rows of cells.
//!
//! Invariant: a cell is what its column's kind says, or nothing. Money carries its currency, and is whole minor units.
//!
//! This module does not know which figures there are, nor how a cell is written.

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
    /// Words, names and ids.
    Text(String),
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

impl Cell {
    /// Words; nothing where there are none.
    pub fn text(words: impl Into<String>) -> Self {
        let words = words.into();
        if words.is_empty() { Self::Nothing } else { Self::Text(words) }
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

/// The words of a pair in the reader's language.
pub(crate) const fn in_language(pair: [&'static str; 2], language: Language) -> &'static str {
    let [french, english] = pair;
    match language {
        Language::French => french,
        Language::English => english,
    }
}
