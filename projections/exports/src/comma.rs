//! Tables as text with a row a line, in two conventions: as programs read it, and as a French spreadsheet opens it.
//!
//! | | plain | French |
//! |---|---|---|
//! | heads | names of columns | heads for people |
//! | between cells | comma | semicolon |
//! | amounts | 1234.56 | 1234,56 |
//! | days | 2025-11-24 | 24/11/2025 |
//! | moments | 2025-11-24T14:00:03.000000+01:00 | 24/11/2025 14:00:03 +01:00 |
//! | codes | their names | French words |
//! | lines end with | LF | CR LF |
//! | begins with | - | the mark of UTF-8, by which Excel knows it |
//!
//! Invariants:
//! - a text that a spreadsheet would compute has an apostrophe before it: those beginning with `= + - @`, a tab or a CR
//! - a number never has one, whatever its sign
//! - amounts are in major units; their currency stands in a column of its own

use talon_domain::anomaly::Language;

use crate::decimal::decimal;
use crate::moment::{french, french_day, iso};
use crate::table::{Cell, Table, yes_or_no};

/// With what a formula begins.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// As programs read it.
    Plain,
    /// As a French spreadsheet opens it.
    French,
}

impl Convention {
    const fn separator(self) -> char {
        match self {
            Self::Plain => ',',
            Self::French => ';',
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::Plain => "\n",
            Self::French => "\r\n",
        }
    }

    const fn point(self) -> char {
        match self {
            Self::Plain => '.',
            Self::French => ',',
        }
    }

    fn cell(self, cell: &Cell) -> String {
        match (cell, self) {
            (Cell::Nothing, _) => String::new(),
            (Cell::Text(words), _) => harmless(words.clone()),
            (Cell::Words(words), Self::Plain) => harmless(Cell::names(words)),
            (Cell::Words(words), Self::French) => harmless(Cell::told(words, Language::French)),
            (Cell::Flag(flag), Self::Plain) => flag.to_string(),
            (Cell::Flag(flag), Self::French) => yes_or_no(*flag, Language::French).to_owned(),
            (Cell::Count(number), _) => number.to_string(),
            (Cell::Money { currency, minor }, _) => decimal(*currency, *minor, self.point()),
            (Cell::Day(day), Self::Plain) => day.to_string(),
            (Cell::Day(day), Self::French) => french_day(*day),
            (Cell::Moment(moment), Self::Plain) => iso(*moment),
            (Cell::Moment(moment), Self::French) => french(*moment),
        }
    }

    fn line(self, out: &mut String, cells: impl Iterator<Item = String>) {
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                out.push(self.separator());
            }
            if cell.contains([self.separator(), '"', '\n', '\r']) {
                out.push('"');
                out.push_str(&cell.replace('"', "\"\""));
                out.push('"');
            } else {
                out.push_str(&cell);
            }
        }
        out.push_str(self.end());
    }
}

/// The text of a table.
pub fn comma(table: &Table, convention: Convention) -> String {
    let mut out = String::new();
    let heads = table.columns.iter().map(|column| match convention {
        Convention::Plain => column.name.to_owned(),
        Convention::French => harmless(column.head[0].to_owned()),
    });
    if convention == Convention::French {
        out.push('\u{feff}');
    }
    convention.line(&mut out, heads);
    for row in &table.rows {
        convention.line(&mut out, row.iter().map(|cell| convention.cell(cell)));
    }
    out
}

/// A text that no spreadsheet computes.
fn harmless(words: String) -> String {
    if words.starts_with(FORMULA) { format!("'{words}") } else { words }
}
