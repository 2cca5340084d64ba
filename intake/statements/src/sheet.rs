//! Rows of the first sheet of a workbook of Excel. Numbers and dates are handed on as they are written there; formulas
//! are what they came to when the workbook was saved. Invariant: cells are read as they come, and no more than so many.

use std::io::{Read, Seek};

use calamine::{Data, DataRef, Reader as _, Xlsx};

use crate::COLUMNS_MAX;
use crate::cells::Cells;

/// Bytes of the largest workbook: its texts are held in memory.
pub(crate) const BYTES_MAX: u64 = 256 << 20;

/// Hands each row with anything in it over, with its number; `each` says whether to go on.
///
/// # Errors
/// What the workbook's reader says.
pub(crate) fn rows<R: Read + Seek>(file: R, each: &mut dyn FnMut(u64, &Cells) -> bool) -> Result<(), String> {
    let failed = |error: calamine::XlsxError| error.to_string();
    let mut book = Xlsx::new(std::io::BufReader::new(file)).map_err(failed)?;
    let first = book.sheet_names().first().cloned().ok_or("the workbook has no sheet")?;
    let is_1904 = book.has_1904_epoch();
    let mut reader = book.worksheet_cells_reader(&first).map_err(failed)?;
    let (mut cells, mut row) = (Cells::default(), None);
    while let Some(cell) = reader.next_cell().map_err(failed)? {
        let (at, column) = cell.get_position();
        if row != Some(at) {
            let before = row.filter(|_| !cells.is_blank());
            if before.is_some_and(|row| !each(u64::from(row) + 1, &cells)) {
                return Ok(());
            }
            cells.clear();
            row = Some(at);
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column < COLUMNS_MAX {
            while cells.len() < column {
                cells.push("", false);
            }
            let (text, is_number) = text_of(cell.get_value(), is_1904);
            cells.push(&text, is_number);
        }
    }
    if let Some(row) = row.filter(|_| !cells.is_blank()) {
        each(u64::from(row) + 1, &cells);
    }
    Ok(())
}

/// Days between the two days from which workbooks count.
const DAYS_TO_1904: i64 = 1_462;

/// The serial number of a date, as workbooks that count from 1900 have it.
fn since_1900(serial: &str, is_1904: bool) -> String {
    let (days, part) = serial.split_once('.').unwrap_or((serial, "0"));
    let days = days.parse().ok().filter(|_| is_1904).map(|days: i64| days.saturating_add(DAYS_TO_1904));
    days.map_or_else(|| serial.to_owned(), |days| format!("{days}.{part}"))
}

/// A cell as text, and whether it is a number there.
fn text_of(value: &DataRef<'_>, is_1904: bool) -> (String, bool) {
    match Data::from(value.clone()) {
        Data::Int(number) => (number.to_string(), true),
        // The shortest text that means this number: what was typed.
        Data::Float(number) => (number.to_string(), true),
        Data::DateTime(at) => (since_1900(&at.as_f64().to_string(), is_1904), true),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => (text, false),
        Data::Bool(is) => (is.to_string(), false),
        Data::Error(_) | Data::Empty => (String::new(), false),
    }
}
