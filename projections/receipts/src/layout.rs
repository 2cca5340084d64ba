//! A ticket as a value: lines from head to foot. Invariants:
//! - every text in it is [`Printable`]: one cell a character, no control character
//! - a double-wide text fits on one row of the narrowest paper, so that no renderer cuts an amount in two
//!
//! A layout knows neither a paper's width nor a printer's commands; whoever renders it does.

use talon_domain::money::Totals;

use crate::figure;
use crate::printable::Printable;

/// Cells of a double-wide row on the narrowest paper: 24 / 2.
const DOUBLE_CELLS_MAX: usize = 12;

/// A ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    lines: Vec<Line>,
}

/// One line of a ticket; a renderer may need several rows for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Line {
    /// One text over the whole width, wrapped where it is longer.
    Text {
        /// Where on the row.
        align: Align,
        /// How it is printed.
        style: Style,
        /// What it says.
        text: Printable,
    },
    /// A name at the left and its value at the right; the value moves to rows of its own where both do not fit.
    KeyValue {
        /// What is told.
        key: Printable,
        /// Its value.
        value: Printable,
        /// How both are printed.
        style: Style,
    },
    /// A row of a table: a cell at the left, and one at the right that moves down where both do not fit.
    Row {
        /// The left cell.
        left: Printable,
        /// The right cell.
        right: Printable,
    },
    /// A row of a table with a remark between its cells; the remark moves down, to the right, where the three do not fit.
    Noted {
        /// The left cell.
        left: Printable,
        /// The remark.
        note: Printable,
        /// The right cell.
        right: Printable,
    },
    /// A rule over the whole width.
    Rule,
    /// An empty row.
    Blank,
    /// The end of a paper, where a printer with a knife cuts.
    Cut,
}

/// Where a text stands on its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right.
    Right,
}

/// How a text is printed, where the printer can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Heavier.
    pub bold: bool,
    /// Each character takes two cells.
    pub double_width: bool,
}

impl Style {
    const PLAIN: Self = Self { bold: false, double_width: false };
    const BOLD: Self = Self { bold: true, double_width: false };
}

impl Layout {
    /// From head to foot.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub(crate) fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    pub(crate) fn left(&mut self, text: &str) {
        self.push_text(Align::Left, Style::PLAIN, Printable::of(text));
    }

    pub(crate) fn centred(&mut self, text: &str) {
        self.push_text(Align::Centre, Style::PLAIN, Printable::of(text));
    }

    /// What is read first.
    pub(crate) fn title(&mut self, text: &str) {
        self.push_text(Align::Centre, Style::BOLD, Printable::of(text));
    }

    /// What is read from afar: double-wide where the narrowest paper has room for it, else only bold.
    pub(crate) fn banner(&mut self, text: &str) {
        let text = Printable::of(text);
        let double_width = text.cells() <= DOUBLE_CELLS_MAX;
        self.push_text(Align::Centre, Style { bold: true, double_width }, text);
    }

    fn push_text(&mut self, align: Align, style: Style, text: Printable) {
        assert!(!style.double_width || text.cells() <= DOUBLE_CELLS_MAX, "a double-wide text fits on one row");
        self.push(Line::Text { align, style, text });
    }

    pub(crate) fn key_value(&mut self, key: &str, value: &str) {
        self.push(Line::KeyValue { key: Printable::of(key), value: Printable::of(value), style: Style::PLAIN });
    }

    pub(crate) fn bold_key_value(&mut self, key: &str, value: &str) {
        self.push(Line::KeyValue { key: Printable::of(key), value: Printable::of(value), style: Style::BOLD });
    }

    /// A value that may be unknown, or hold nothing that prints: then it has no line.
    pub(crate) fn key_value_if(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| Printable::of(value).cells() > 0) {
            self.key_value(key, value);
        }
    }

    /// Sums of one name, a line for each currency.
    pub(crate) fn sums(&mut self, key: &str, totals: &Totals) {
        for (currency, minor_units) in totals.iter() {
            self.key_value(key, &figure::sum(currency, minor_units));
        }
    }

    pub(crate) fn row(&mut self, left: &str, right: &str) {
        self.push(Line::Row { left: Printable::of(left), right: Printable::of(right) });
    }

    pub(crate) fn noted(&mut self, left: &str, note: &str, right: &str) {
        let [left, note, right] = [left, note, right].map(Printable::of);
        self.push(Line::Noted { left, note, right });
    }
}
