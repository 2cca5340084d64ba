//! A park's file: CSV with a line of labels, in UTF-8, with commas or semicolons. Invariants:
//! - columns are found by label, in any order and either language; a label that nobody knows refuses the file
//! - a line that cannot be read, or has fewer cells than there are columns, is refused by its number, and the next is read
//! - no cell that is written is a formula to who opens the file in a spreadsheet; what was put before it is taken off again

use std::io::Read;

use csv::{Terminator, WriterBuilder};
use talon_domain::anomaly::Language;

use super::cells::cut;
use super::column::{Column, What};
use super::entry::{Entry, Row};
use super::fault::{Fault, Rule};
use crate::exit::UsageError;

/// What some editors put in front of a file of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// A column whose label begins so is a remark.
const REMARK: char = '#';
/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// Put before such a cell; a spreadsheet shows what follows as text.
const GUARD: char = '\'';
const QUOTED_LABELS: &str = "a quote in its first line is not closed, or stands within a label";

/// A line of a file: its number, and its row.
pub(crate) type Line = (u64, Result<Row, Fault>);

/// Reads a park's file.
pub(crate) fn read_park(mut input: impl Read) -> anyhow::Result<Vec<Line>> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let cut = cut(bytes, separator(bytes)).into_iter();
    let is_empty = |cells: &[Vec<u8>]| cells.iter().all(|cell| cell.trim_ascii().is_empty());
    let mut filled = cut.filter(|(_, cells)| cells.as_deref().is_none_or(|cells| !is_empty(cells)));
    let heads = filled.next().map_or(Ok(Vec::new()), |(_, heads)| heads.ok_or_else(|| usage(QUOTED_LABELS)))?;
    let columns = columns(&heads)?;
    let unreadable = Fault::of(Rule::RowReadable);
    Ok(filled
        .map(|(number, cells)| (number, cells.ok_or(unreadable).and_then(|cells| row(&cells, &columns))))
        .collect())
}

/// Semicolons where the first line has one, as spreadsheets write them in France; else commas.
fn separator(bytes: &[u8]) -> u8 {
    let is_end = |byte: &&u8| matches!(byte, b'\n' | b'\r');
    let mut heads = bytes.iter().skip_while(is_end).take_while(|byte| !is_end(byte));
    if heads.any(|byte| *byte == b';') { b';' } else { b',' }
}

/// The column of each place; `None` of a remark.
fn columns(heads: &[Vec<u8>]) -> anyhow::Result<Vec<Option<Column>>> {
    let mut columns = Vec::new();
    for head in heads {
        let label = std::str::from_utf8(head).map_err(|_| usage("its labels are not UTF-8: save it as CSV UTF-8"))?;
        let label = label.trim();
        let column = match Column::labelled(label) {
            _ if label.is_empty() || label.starts_with(REMARK) => None,
            Some(column) if columns.contains(&Some(column)) => {
                return Err(usage(&format!("two columns are called {}: keep one of them", column.name())));
            }
            Some(column) => Some(column),
            None => return Err(usage(&unknown(label))),
        };
        columns.push(column);
    }
    if !columns.contains(&Some(Column::Type)) {
        return Err(usage("no column is called type: each row says what it is about (docs/registry.md)"));
    }
    Ok(columns)
}

fn unknown(label: &str) -> String {
    let label: String = label.chars().take(40).collect();
    format!("no column is called {label:?}: correct the label, or begin it with # to leave the column out")
}

fn usage(what: &str) -> anyhow::Error {
    UsageError(format!("the file cannot be read: {what}")).into()
}

fn row(cells: &[Vec<u8>], columns: &[Option<Column>]) -> Result<Row, Fault> {
    let unreadable = Fault::of(Rule::RowReadable);
    if cells.len() < columns.len() {
        return Err(unreadable);
    }
    let mut what = None;
    let mut filled = Vec::new();
    for (cell, column) in cells.iter().zip(columns.iter().map(Some).chain(std::iter::repeat(None))) {
        let text = std::str::from_utf8(cell).map_err(|_| unreadable)?.trim();
        match column {
            None if !text.is_empty() => return Err(unreadable),
            None | Some(None) => {}
            Some(Some(column)) if text.contains(breaks) => return Err(Fault::at(Rule::RowReadable, *column)),
            Some(Some(Column::Type)) => {
                what = Some(What::named(text).ok_or(Fault::at(Rule::TypeKnown, Column::Type))?);
            }
            Some(Some(column)) => filled.push((*column, unguarded(text))),
        }
    }
    let mut row = Row::new(what.ok_or(Fault::at(Rule::TypeKnown, Column::Type))?);
    filled.into_iter().for_each(|(column, text)| row.put(column, text));
    Ok(row)
}

/// What no cell may hold: it steers a screen or a printer, or begins a line.
fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Writes entries as a file, with the labels and the separator of a language.
pub(crate) fn write_park<'e>(entries: impl Iterator<Item = &'e Entry>, language: Language) -> anyhow::Result<String> {
    let delimiter = if language == Language::French { b';' } else { b',' };
    let mut writer =
        WriterBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).from_writer(Vec::new());
    writer.write_record(Column::ALL.iter().map(|column| column.label(language)))?;
    for row in entries.map(Entry::row) {
        let cell = |column: &Column| match column {
            Column::Type if language == Language::French => row.what.words(language).to_owned(),
            Column::Type => row.what.name().to_owned(),
            column => guarded(row.get(*column).unwrap_or_default()),
        };
        writer.write_record(Column::ALL.iter().map(cell))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// A cell's text, held by apostrophes where a spreadsheet would take it for a formula, or blanks at its edges for nothing.
fn guarded(text: &str) -> String {
    let begins = text.starts_with(FORMULA) || text.starts_with(GUARD) || text.starts_with(char::is_whitespace);
    match (begins, ends_blank(text)) {
        (false, false) => text.to_owned(),
        (true, false) => format!("{GUARD}{text}"),
        (_, true) => format!("{GUARD}{text}{GUARD}"),
    }
}

fn unguarded(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(GUARD) else { return text };
    let held = rest.strip_suffix(GUARD).filter(|held| ends_blank(held));
    let begins = rest.starts_with(FORMULA) || rest.starts_with(GUARD) || rest.starts_with(char::is_whitespace);
    held.unwrap_or(if begins { rest } else { text })
}

/// Whether a blank stands at the end, or before the apostrophes there.
fn ends_blank(text: &str) -> bool {
    text.trim_end_matches(GUARD).ends_with(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(file: &[u8]) -> Vec<Line> {
        read_park(file).expect("a file")
    }

    fn label(file: &[u8]) -> String {
        let rows = rows(file);
        let [(_, Ok(row))] = &rows[..] else { panic!("one row: {rows:?}") };
        row.get(Column::Label).unwrap_or("-").to_owned()
    }

    #[test]
    fn separators_marks_order_and_language_do_not_matter() {
        for file in [
            "type,merchant,label\nmerchant,732829320,Halles du Lin\n",
            "type;merchant;label\r\nmerchant;732829320;Halles du Lin\r\n",
            "\u{feff}label;TYPE;Merchant\nHalles du Lin;merchant;732829320",
            "Libellé;Type;Commerçant;# à voir\n Halles du Lin ;Commerçant;732 829 320;oui\n",
            "label,type,merchant\n\"Halles du Lin\",merchant,732829320\n\n,,\n",
            "type,merchant,label\nmerchant,732829320,Halles du Lin,,\n",
        ] {
            assert_eq!(label(file.as_bytes()), "Halles du Lin", "{file}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_its_line() {
        let file = b"type,merchant,label\nmerchant,1,\xff\nmerchant,1,a,b\nvessel,1,a\n,1,a\nmerchant,1,\"two\nlines\"\nmerchant,2,b\n";
        let rows = rows(file);
        let told: Vec<_> = rows.iter().map(|(line, row)| (*line, row.as_ref().err().map(|fault| fault.rule))).collect();
        let expected = [
            (2, Some(Rule::RowReadable)),
            (3, Some(Rule::RowReadable)),
            (4, Some(Rule::TypeKnown)),
            (5, Some(Rule::TypeKnown)),
            (6, Some(Rule::RowReadable)),
            (7, Some(Rule::RowReadable)),
            (8, None),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_row_that_was_cut_off_or_breaks_within_a_cell_is_refused() {
        let file = "type,merchant,label,country\nmerchant,1,a\nmerchant,1,a\u{0}b,BE\nmerchant,1,a\tb,BE\nmerchant,1,a,\nmerchant,1,a,BE,\nmerchant,1";
        let rows = rows(file.as_bytes());
        let places: Vec<_> = rows.iter().map(|(_, row)| row.as_ref().err().map(|fault| fault.column)).collect();
        let label = Some(Some(Column::Label));
        assert_eq!(places, [Some(None), label, label, None, None, Some(None)]);
        assert!(rows.iter().all(|(_, row)| row.as_ref().err().is_none_or(|fault| fault.rule == Rule::RowReadable)));
    }

    #[test]
    fn a_label_that_nobody_knows_refuses_the_file() {
        for (file, said) in [
            ("type,merchnt\n", "no column is called \"merchnt\""),
            ("type,merchant,commercant\n", "two columns are called merchant"),
            ("merchant,label\n", "no column is called type"),
            ("", "no column is called type"),
            ("type,\"merchant\nmerchant,1\n", "is not closed"),
        ] {
            let error = read_park(file.as_bytes()).expect_err("refused");
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn no_cell_is_a_formula_and_none_is_changed() {
        for text in
            ["=1+1", "@a", "'=b", "'", "''", "-c", "+d", "plain", "'e", "a;b,\"c\"", " lead", "trail ", " =c ", "=d '"]
        {
            let written = guarded(text);
            assert!(!written.starts_with(FORMULA) && written == written.trim(), "{text}");
            assert_eq!(unguarded(&written), text);
        }
        assert_eq!(unguarded("'typed"), "'typed", "nobody put it there for a formula");
    }

    /// All texts of up to five of these letters.
    #[test]
    fn whatever_stands_at_its_edges_a_text_is_read_as_it_was_written() {
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer =
                texts.iter().flat_map(|text| ["'", "=", " ", "\u{a0}", "a"].map(|letter| format!("{text}{letter}")));
            texts = [String::new()].into_iter().chain(longer).collect();
        }
        for text in texts {
            assert_eq!(unguarded(guarded(&text).trim()), text, "{text:?}");
        }
    }

    /// Any bytes are read to the end, and what comes out of them is an entry or a fault.
    #[test]
    fn nonsense_is_refused_and_never_more() {
        let page = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/registry.md")).expect("the page");
        let start = page.windows(14).position(|window| window == b"type,merchant,").expect("the park");
        let park: Vec<u8> = page[start..start + 1_200].to_vec();
        let mut random = 7u64;
        let mut next = |most: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).expect("31 bits") % most
        };
        let (mut read, mut refused) = (0, 0);
        for _ in 0..2_000 {
            let mut file = park.clone();
            for _ in 0..=next(6) {
                let at = next(file.len());
                match next(3) {
                    0 => file[at] = u8::try_from(next(256)).expect("a byte"),
                    1 => drop(file.drain(at..(at + next(9)).min(file.len()))),
                    _ => file.insert(at, b",;\"\n@'%+"[next(8)]),
                }
            }
            for (_, row) in read_park(&file[..]).unwrap_or_default() {
                match row.and_then(|row| Entry::read(&row)) {
                    Ok(entry) => {
                        read += 1;
                        assert_eq!(Entry::read(&entry.row()), Ok(entry.clone()), "{entry:?}");
                    }
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(read > 1_000 && refused > 1_000, "{read} {refused}");
    }
}
