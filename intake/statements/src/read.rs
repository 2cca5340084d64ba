//! A file from its first row to its last, whatever its shape.

use std::io::{self, BufReader, Read, Seek};

use talon_domain::fact::{SettlementLine, Text};
use talon_domain::time::Instant;

use crate::cells::Cells;
use crate::fault::{Fault, Rule, Warning, WarningKind};
use crate::header::{Header, Missing, ROWS_ABOVE_MAX};
use crate::map::Map;
use crate::row::Reader;
use crate::survey::{Letters, Shape, Survey};
use crate::table::Table;
use crate::{balance, sheet};

/// A line of an account, as a file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// When it happened: 00:00 UTC of its day, where no time was stated.
    pub occurred_at: Instant,
    /// What it says. Which of equal lines it is, [`crate::Numbering`] tells.
    pub line: SettlementLine,
}

/// A row, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number of its first line, of the sheet's row, or of the object, from 1.
    pub line: u64,
    /// The lines that it makes: the header none, most rows one, a report of several parts more.
    pub said: Result<Vec<Said>, Fault>,
    /// What is worth a look.
    pub warnings: Vec<Warning>,
}

/// Why a file is not read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// It cannot be read.
    #[error("the file cannot be read to its end")]
    Io(#[from] io::Error),
    /// No row is a header of this map.
    #[error("no header: this file has no column {}; columns are found by their labels", quoted(.0))]
    Header(Missing),
    /// Two bytes a letter.
    #[error("the file is in UTF-16: save it as CSV UTF-8")]
    Utf16,
    /// A workbook that is none, or has too much in it.
    #[error("the workbook cannot be read: {0}")]
    Sheet(String),
    /// JSON is read of Alma alone.
    #[error("this is JSON, and the map describes a table")]
    Json,
}

fn quoted(labels: &[String]) -> String {
    let quoted: Vec<_> = labels.iter().map(|label| format!("\"{label}\"")).collect();
    quoted.join(", ")
}

/// What a file is read as.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// How its tables are read.
    pub map: &'a Map,
    /// Whose account, by its code.
    pub account: Text,
    /// Whether JSON is Alma's balance transactions.
    pub takes_balance: bool,
}

impl Source<'_> {
    /// What the ledger calls the format of a file of this shape.
    pub fn format(&self, survey: &Survey) -> &str {
        if survey.shape == Shape::Json { balance::FORMAT } else { &self.map.format }
    }
}

/// Hands each row over, in order; `each` says whether to go on.
///
/// # Errors
/// The file is not what the source says, or cannot be read; rows that cannot be read are no error.
pub fn read<R: Read + Seek>(
    file: R,
    survey: &Survey,
    source: &Source<'_>,
    each: &mut dyn FnMut(Row) -> bool,
) -> Result<(), StatementError> {
    let provider = source.map.provider.as_deref().map(Text::from);
    match survey.shape {
        Shape::Json if source.takes_balance => {
            balance::rows(file, &source.account, provider.as_ref(), each);
            Ok(())
        }
        Shape::Json => Err(StatementError::Json),
        Shape::Table if survey.letters == Letters::Utf16 => Err(StatementError::Utf16),
        Shape::Sheet if survey.bytes > sheet::BYTES_MAX => {
            Err(StatementError::Sheet("it has more than 256 MiB".to_owned()))
        }
        Shape::Table => table(file, survey, &mut Rows::new(source, provider, each)),
        Shape::Sheet => {
            let mut rows = Rows { is_sheet: true, ..Rows::new(source, provider, each) };
            sheet::rows(file, &mut |number, cells| rows.take(number, Ok(cells))).map_err(StatementError::Sheet)?;
            rows.end()
        }
    }
}

fn table(file: impl Read, survey: &Survey, rows: &mut Rows<'_, '_>) -> Result<(), StatementError> {
    let mut table = Table::new(BufReader::with_capacity(1 << 16, file), survey);
    rows.is_guessed = survey.letters == Letters::Windows1252;
    let mut cells = Cells::default();
    while let Some((number, read)) = table.next(rows.width(), &mut cells)? {
        if !rows.take(number, read.map(|()| &cells)) {
            break;
        }
    }
    rows.end()
}

/// Rows of a table or a sheet: what stands above the header, the header, and what stands below it.
struct Rows<'s, 'e> {
    source: &'s Source<'s>,
    provider: Option<Text>,
    each: &'e mut dyn FnMut(Row) -> bool,
    header: Option<Header>,
    /// What the row that came nearest lacks.
    missing: Option<Missing>,
    above: usize,
    is_guessed: bool,
    is_sheet: bool,
}

impl<'s, 'e> Rows<'s, 'e> {
    fn new(source: &'s Source<'s>, provider: Option<Text>, each: &'e mut dyn FnMut(Row) -> bool) -> Self {
        Self { source, provider, each, header: None, missing: None, above: 0, is_guessed: false, is_sheet: false }
    }

    fn width(&self) -> Option<usize> {
        self.header.as_ref().map(|header| header.width)
    }

    /// Takes a row; whether to go on.
    fn take(&mut self, line: u64, cells: Result<&Cells, Rule>) -> bool {
        let Some(header) = &self.header else { return self.look_for_header(line, cells.ok()) };
        let mut warnings = Vec::new();
        let said = cells.map_err(Fault::of).and_then(|cells| {
            // A sheet ends a row with its last cell that holds anything.
            let fits = cells.len() == header.width || self.is_sheet && cells.len() < header.width;
            if !fits {
                return Err(Fault::of(Rule::CellsOfHeader));
            }
            let (account, provider) = (&self.source.account, self.provider.as_ref());
            Reader { map: self.source.map, header, cells, account, provider }.lines(&mut warnings)
        });
        (self.each)(Row { line, said, warnings })
    }

    fn look_for_header(&mut self, line: u64, cells: Option<&Cells>) -> bool {
        let map = self.source.map;
        match cells.map_or(Err(Missing::new()), |cells| Header::read(cells, map)) {
            Ok(header) => {
                let mut warnings: Vec<_> = header
                    .strangers(map)
                    .into_iter()
                    .map(|label| Warning::at(WarningKind::ColumnUnknown, label))
                    .collect();
                warnings.extend(self.is_guessed.then(|| Warning::of(WarningKind::EncodingGuessed)));
                self.header = Some(header);
                (self.each)(Row { line, said: Ok(Vec::new()), warnings })
            }
            Err(missing) => {
                let is_nearer = self.missing.as_ref().is_none_or(|known| missing.len() < known.len());
                if is_nearer && !missing.is_empty() {
                    self.missing = Some(missing);
                }
                self.above += 1;
                self.above < ROWS_ABOVE_MAX
            }
        }
    }

    fn end(&mut self) -> Result<(), StatementError> {
        match (&self.header, self.missing.take()) {
            (Some(_), _) => Ok(()),
            (None, missing) => Err(StatementError::Header(missing.unwrap_or_default())),
        }
    }
}
