//! Tables as a workbook of Excel: a sheet each, with its heads frozen and filters on them.
//!
//! Invariants:
//! - a text is a text cell, whatever it begins with; so are ids, though they are digits alone
//! - a number of more than 15 digits, which Excel would round, is a text cell
//! - a table of more rows than a sheet holds goes on in the next sheet
//! - the file bears no time of its making
//!
//! It holds the whole file in memory, and cuts a text that is longer than a cell of Excel may be.

mod number;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use talon_domain::anomaly::Language;
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

use crate::decimal::decimal;
use crate::error::ExportError;
use crate::moment::Clock;
use crate::table::{Cell, Column, Table, in_language, yes_or_no};
use number::number;

/// Rows of a sheet below its heads.
const ROWS_MAX: usize = 1_048_575;
/// Characters of a sheet's name.
const NAME_MAX: usize = 31;
/// Units of UTF-16 in a cell.
const CELL_MAX: usize = 32_767;
/// Characters to which a column is opened.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=44;

/// The bytes of a workbook.
///
/// # Errors
/// [`ExportError::Workbook`] where the writer refuses a table: two of one name, or too many columns.
pub fn workbook(tables: &[Table], language: Language) -> Result<Vec<u8>, ExportError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1).map_err(ExportError::workbook("workbook"))?;
    book.set_properties(&DocProperties::new().set_author("Talon").set_creation_datetime(&made));
    for table in tables {
        for (number, rows) in pieces(&table.rows).enumerate() {
            let sheet = book.add_worksheet();
            fill(sheet, table, (number, rows), language).map_err(ExportError::workbook(table.name))?;
        }
    }
    book.save_to_buffer().map_err(ExportError::workbook("workbook"))
}

/// The rows of each sheet of a table: there is one, though there may be none.
fn pieces(rows: &[Vec<Cell>]) -> impl Iterator<Item = &[Vec<Cell>]> {
    let none = rows.is_empty().then_some(rows);
    none.into_iter().chain(rows.chunks(ROWS_MAX))
}

fn fill(
    sheet: &mut Worksheet,
    table: &Table,
    (number, rows): (usize, &[Vec<Cell>]),
    language: Language,
) -> Result<(), XlsxError> {
    sheet.set_name(sheet_name(in_language(table.title, language), number))?;
    let look = Look::new(language);
    for (at, column) in (0_u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, at, in_language(column.head, language), &look.head)?;
        sheet.set_column_width(at, width(column, at, rows, language))?;
    }
    for (line, row) in (1_u32..).zip(rows) {
        for (at, cell) in (0_u16..).zip(row).take(table.columns.len()) {
            look.write(sheet, (line, at), cell)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    let (last_row, last_column) = (u32::try_from(rows.len()), u16::try_from(table.columns.len().saturating_sub(1)));
    sheet.autofilter(0, 0, last_row.unwrap_or(u32::MAX), last_column.unwrap_or(u16::MAX))?;
    Ok(())
}

/// What a sheet may be called: 31 characters, and some are reserved.
fn sheet_name(title: &str, number: usize) -> String {
    let allowed = title.chars().map(|sign| if "[]:*?/\\'".contains(sign) { ' ' } else { sign });
    let behind = if number == 0 { String::new() } else { format!(" {}", number.saturating_add(1)) };
    let kept = allowed.take(NAME_MAX.saturating_sub(behind.len())).collect::<String>();
    format!("{}{behind}", kept.trim())
}

/// How wide a column is opened: as its longest cell, within bounds.
fn width(column: &Column, at: u16, rows: &[Vec<Cell>], language: Language) -> u32 {
    let head = in_language(column.head, language).chars().count();
    let cell = |row: &Vec<Cell>| row.get(usize::from(at)).map_or(0, |cell| shown_length(cell, language));
    let longest = rows.iter().map(cell).max().unwrap_or(0);
    // Beside a head stands the arrow of its filter.
    let wanted = longest.max(head.saturating_add(2)).saturating_add(1);
    u32::try_from(wanted.clamp(*WIDTHS.start(), *WIDTHS.end())).unwrap_or(0)
}

fn shown_length(cell: &Cell, language: Language) -> usize {
    match cell {
        Cell::Nothing => 0,
        Cell::Words(words) => Cell::told(words, language).chars().count(),
        Cell::Flag(flag) => yes_or_no(*flag, language).len(),
        Cell::Text(words) => words.chars().count(),
        Cell::Count(number) => number.to_string().len(),
        // Groups of three digits are told apart.
        Cell::Money { currency, minor } => decimal(*currency, *minor, '.').len().saturating_mul(4).div_ceil(3),
        Cell::Day(_) => 10,
        Cell::Moment(_) => 26,
    }
}

/// How cells look.
struct Look {
    head: Format,
    language: Language,
}

impl Look {
    fn new(language: Language) -> Self {
        Self { head: Format::new().set_bold().set_align(FormatAlign::Top), language }
    }

    fn write(&self, sheet: &mut Worksheet, place: (u32, u16), cell: &Cell) -> Result<(), XlsxError> {
        let (row, column) = place;
        match cell {
            Cell::Nothing => {}
            Cell::Text(words) => _ = sheet.write_string(row, column, fitting(words))?,
            Cell::Words(words) => _ = sheet.write_string(row, column, fitting(&Cell::told(words, self.language)))?,
            Cell::Flag(flag) => _ = sheet.write_string(row, column, yes_or_no(*flag, self.language))?,
            Cell::Count(count) => write_number(sheet, place, &count.to_string(), "0")?,
            Cell::Money { currency, minor } => {
                write_number(sheet, place, &decimal(*currency, *minor, '.'), &money_format(*currency))?;
            }
            Cell::Day(day) => {
                let format = Format::new().set_num_format(self.day_format());
                sheet.write_datetime_with_format(row, column, date(*day)?, &format)?;
            }
            Cell::Moment(moment) => self.write_moment(sheet, place, *moment)?,
        }
        Ok(())
    }

    /// The clock of Paris, and how far it is ahead of UTC as a word of the format: it stays a time that can be sorted.
    fn write_moment(&self, sheet: &mut Worksheet, (row, column): (u32, u16), moment: Instant) -> Result<(), XlsxError> {
        let Some(clock) = Clock::at(moment) else {
            sheet.write_string(row, column, moment.rfc3339())?;
            return Ok(());
        };
        let small = |number: u32| u8::try_from(number).unwrap_or(0);
        let time = date(clock.day)?.and_hms(clock.hour.try_into().unwrap_or(0), small(clock.minute), clock.second)?;
        let format = format!("{} hh:mm:ss \"+{:02}:00\"", self.day_format(), clock.ahead_hours);
        sheet.write_datetime_with_format(row, column, &time, &Format::new().set_num_format(format))?;
        Ok(())
    }

    const fn day_format(&self) -> &'static str {
        match self.language {
            Language::French => "dd/mm/yyyy",
            Language::English => "yyyy-mm-dd",
        }
    }
}

fn write_number(sheet: &mut Worksheet, (row, column): (u32, u16), text: &str, format: &str) -> Result<(), XlsxError> {
    match number(text) {
        Some(number) => sheet.write_number_with_format(row, column, number, &Format::new().set_num_format(format))?,
        None => sheet.write_string_with_format(row, column, text, &Format::new().set_align(FormatAlign::Right))?,
    };
    Ok(())
}

/// `#,##0.00`, with as many decimals as the currency has.
fn money_format(currency: Currency) -> String {
    let decimals = usize::try_from(currency.decimals()).unwrap_or(0);
    if decimals == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(decimals)) }
}

fn date(day: Day) -> Result<ExcelDateTime, XlsxError> {
    let text = day.to_string();
    ExcelDateTime::parse_from_str(&text)
}

/// A text, as far as a cell holds it.
fn fitting(words: &str) -> &str {
    let mut units = 0_usize;
    let fits = |sign: &char| {
        units = units.saturating_add(sign.len_utf16());
        units <= CELL_MAX
    };
    let bytes: usize = words.chars().take_while(fits).map(char::len_utf8).sum();
    words.get(..bytes).unwrap_or_default()
}
