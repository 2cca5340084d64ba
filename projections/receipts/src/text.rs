//! A layout as plain text, in rows of 24 columns (a terminal's standard type) or 42 (its condensed type). Invariants:
//! - no row is wider than the paper, whatever the layout says
//! - rows end without spaces, and each ends in one line feed
//!
//! Plain text knows no bold: it is left out. A double-wide text is laid out in half the columns and written in normal
//! letters, so that it can be searched and copied. A cut is not drawn.

use crate::layout::{Align, Layout, Line, Style};
use crate::printable::Printable;

/// How wide the paper is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Width {
    /// A terminal's standard type; 12 columns in double width.
    Columns24,
    /// Condensed type; 21 columns in double width.
    Columns42,
}

impl Width {
    /// Cells in a row at normal width.
    pub const fn columns(self) -> usize {
        match self {
            Self::Columns24 => 24,
            Self::Columns42 => 42,
        }
    }

    /// Cells in a row for a text of this style.
    const fn room(self, style: Style) -> usize {
        if style.double_width { self.columns() / 2 } else { self.columns() }
    }
}

impl Layout {
    /// The ticket as rows of text.
    pub fn text(&self, width: Width) -> String {
        let mut page = Page { columns: width.columns(), rows: String::new() };
        for line in self.lines() {
            match line {
                Line::Text { align, style, text } => {
                    wrap(text, width.room(*style)).iter().for_each(|row| page.row(*align, row));
                }
                Line::KeyValue { key, value, .. } => page.pair(key, value),
                Line::Row { left, right } => page.pair(left, right),
                Line::Noted { left, note, right } => page.noted(left, note, right),
                Line::Rule => page.row(Align::Left, &"-".repeat(page.columns)),
                Line::Blank => page.row(Align::Left, ""),
                Line::Cut => {}
            }
        }
        page.rows
    }
}

/// Rows of text, so far.
struct Page {
    columns: usize,
    rows: String,
}

impl Page {
    fn row(&mut self, align: Align, text: &str) {
        let cells = cells(text);
        assert!(cells <= self.columns, "a row is not wider than its paper");
        let indent = match align {
            Align::Left => 0,
            Align::Centre => (self.columns - cells) / 2,
            Align::Right => self.columns - cells,
        };
        self.rows.extend(std::iter::repeat_n(' ', indent));
        self.rows.push_str(text);
        self.rows.push('\n');
    }

    /// A pair with a remark between its texts, or at the right below it.
    fn noted(&mut self, left: &Printable, note: &Printable, right: &Printable) {
        if left.cells() + note.cells() + right.cells() + 1 < self.columns {
            return self.pair(&Printable::of(&format!("{left} {note}")), right);
        }
        self.pair(left, right);
        wrap(note, self.columns).iter().for_each(|row| self.row(Align::Right, row));
    }

    /// Two texts on one row, or the second below the first: at the right, or from the left where it takes several rows.
    fn pair(&mut self, left: &Printable, right: &Printable) {
        let taken = left.cells() + right.cells();
        if taken < self.columns {
            let gap = " ".repeat(self.columns - taken);
            return self.row(Align::Left, &format!("{left}{gap}{right}"));
        }
        wrap(left, self.columns).iter().for_each(|row| self.row(Align::Left, row));
        let below = wrap(right, self.columns);
        let align = if below.len() == 1 { Align::Right } else { Align::Left };
        below.iter().for_each(|row| self.row(align, row));
    }
}

fn cells(text: &str) -> usize {
    text.chars().count()
}

/// Rows of at most so many cells: broken between words, and inside a word that is longer than a row.
fn wrap(text: &Printable, columns: usize) -> Vec<String> {
    let mut rows = Vec::new();
    let mut row = String::new();
    for word in text.as_str().split(' ') {
        if !row.is_empty() && cells(&row) + 1 + cells(word) > columns {
            rows.push(std::mem::take(&mut row));
        }
        let mut rest = word;
        while cells(rest) > columns {
            let (head, tail) = break_word(rest, columns);
            rows.push(head.to_owned());
            rest = tail;
        }
        if !row.is_empty() {
            row.push(' ');
        }
        row.push_str(rest);
    }
    rows.extend(Some(row).filter(|row| !row.is_empty()));
    rows
}

/// Breaks a word after the last hyphen that a row has room for, so that an identity is copied as it reads; else where
/// the row ends.
fn break_word(word: &str, columns: usize) -> (&str, &str) {
    let end = word.char_indices().nth(columns).map_or(word.len(), |(at, _)| at);
    let (head, _) = word.split_at(end);
    let at = head.rfind('-').map_or(end, |hyphen| hyphen + 1);
    word.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: usize) -> Vec<String> {
        wrap(&Printable::of(text), columns)
    }

    #[test]
    fn texts_break_between_words() {
        assert_eq!(rows("CE TICKET NE VAUT PAS PAIEMENT", 24), ["CE TICKET NE VAUT PAS", "PAIEMENT"]);
        assert_eq!(rows("", 24), [""; 0]);
    }

    #[test]
    fn an_identity_breaks_after_a_hyphen_and_an_endless_word_where_the_row_ends() {
        assert_eq!(rows("019ab9f4-d580-7aaa-8bbb-0102030405aa", 24), ["019ab9f4-d580-7aaa-8bbb-", "0102030405aa"]);
        assert_eq!(rows("id éééééé", 4), ["id", "éééé", "éé"]);
    }

    #[test]
    fn a_value_moves_down_where_it_does_not_fit() {
        let mut layout = Layout::default();
        layout.key_value("KEY", "a value of twenty cells");
        layout.key_value("KEY", "twenty cells, at most");
        layout.key_value("KEY", "a value that no single row of this paper can hold");
        let text = layout.text(Width::Columns24);
        let expected = "KEY\n a value of twenty cells\nKEY\n   twenty cells, at most\n\
                        KEY\na value that no single\nrow of this paper can\nhold\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_remark_moves_below_at_the_right_where_the_row_has_no_room() {
        let mut layout = Layout::default();
        layout.noted("24/12/2025", "A VENIR", "1 EUR");
        layout.noted("24/12/2025", "A VENIR", "10 EUR");
        layout.noted("24/12/2025", "EN RECOUVREMENT", "1 000 000 000 000,00 EUR");
        let expected = "24/12/2025 A VENIR 1 EUR\n24/12/2025        10 EUR\n                 A VENIR\n\
                        24/12/2025\n1 000 000 000 000,00 EUR\n         EN RECOUVREMENT\n";
        assert_eq!(layout.text(Width::Columns24), expected);
    }

    #[test]
    fn only_what_the_narrowest_paper_holds_is_double_wide() {
        let mut layout = Layout::default();
        layout.banner("1 234,56 EUR");
        layout.banner("12 345,67 EUR");
        let doubled = layout.lines().iter().map(|line| matches!(line, Line::Text { style, .. } if style.double_width));
        assert_eq!(doubled.collect::<Vec<_>>(), [true, false]);
        assert_eq!(layout.text(Width::Columns24), "      1 234,56 EUR\n     12 345,67 EUR\n");
    }
}
