//! Rows of a table, one after the other. A row is a line, or several if a quoted cell holds line breaks. Invariants:
//! - a quote that is never closed costs its own line and no other
//! - a line longer than the limit is skipped, and counted
//! - memory is bounded by the longest row

use std::collections::VecDeque;
use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::WINDOWS_1252;

use crate::cells::Cells;
use crate::fault::Rule;
use crate::survey::{Letters, Survey};
use crate::{COLUMNS_MAX, ROW_BYTES_MAX};

/// Lines of one row.
const LINES_MAX: usize = 64;

/// A line with its number; none where it is too long.
type Line = (u64, Option<Vec<u8>>);

/// A table that is being read.
pub(crate) struct Table<R> {
    input: R,
    letters: Letters,
    separator: u8,
    newline: u8,
    number: u64,
    /// Lines that were looked at and are not used yet.
    ahead: VecDeque<Line>,
    parser: Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: BufRead> Table<R> {
    pub(crate) fn new(input: R, survey: &Survey) -> Self {
        Self {
            input,
            letters: survey.letters,
            separator: survey.separator,
            newline: survey.newline,
            number: 0,
            ahead: VecDeque::new(),
            parser: ReaderBuilder::new().delimiter(survey.separator).build(),
            output: vec![0; ROW_BYTES_MAX * 3],
            ends: vec![0; COLUMNS_MAX + 1],
        }
    }

    /// The next row that is not blank: its first line's number, and its cells; or why they cannot be read. `width` is how
    /// many cells it should have.
    pub(crate) fn next(
        &mut self,
        width: Option<usize>,
        cells: &mut Cells,
    ) -> io::Result<Option<(u64, Result<(), Rule>)>> {
        loop {
            let Some((number, line)) = self.line(0)? else { return Ok(None) };
            self.ahead.pop_front();
            let Some(line) = line else { return Ok(Some((number, Err(Rule::RowReadable)))) };
            if line.trim_ascii().is_empty() {
                continue;
            }
            let is_read = self.row(&line, width, cells)?;
            if is_read && cells.is_blank() {
                continue;
            }
            return Ok(Some((number, if is_read { Ok(()) } else { Err(Rule::RowReadable) })));
        }
    }

    /// Reads the row that begins with a line.
    fn row(&mut self, line: &[u8], width: Option<usize>, cells: &mut Cells) -> io::Result<bool> {
        if !is_open(line) {
            return Ok(self.cut(line, cells));
        }
        let mut joined = line.to_vec();
        for more in 0..LINES_MAX {
            let Some((_, Some(next))) = self.line(more)? else { break };
            joined.push(b'\n');
            joined.extend_from_slice(&next);
            if joined.len() > ROW_BYTES_MAX {
                break;
            }
            if !is_open(&joined) && self.cut(&joined, cells) && width.is_none_or(|width| width == cells.len()) {
                self.ahead.drain(..=more);
                return Ok(true);
            }
        }
        // A quote may stand for itself, in a cell that it does not open.
        let closed = [line, &[self.separator], b"x"].concat();
        let is_closed = self.cut(&closed, cells) && width.is_some_and(|width| width + 1 == cells.len());
        Ok(is_closed && self.cut(line, cells))
    }

    /// Cuts a row into cells.
    fn cut(&mut self, row: &[u8], cells: &mut Cells) -> bool {
        cells.clear();
        let text = match self.letters {
            Letters::Windows1252 => WINDOWS_1252.decode_without_bom_handling(row).0,
            Letters::Utf8 | Letters::Utf16 => String::from_utf8_lossy(row),
        };
        self.parser.reset();
        let (mut input, mut written, mut count) = (text.as_bytes(), 0, 0);
        loop {
            let output = self.output.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(count..).unwrap_or_default();
            let (result, read, out, ended) = self.parser.read_record(input, output, ends);
            (input, written, count) = (input.get(read..).unwrap_or_default(), written + out, count + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record | ReadRecordResult::End => break,
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => return false,
            }
        }
        let mut from = 0;
        for end in self.ends.get(..count.min(COLUMNS_MAX)).unwrap_or_default() {
            let cell = self.output.get(from..*end).unwrap_or_default();
            cells.push(std::str::from_utf8(cell).unwrap_or_default(), false);
            from = *end;
        }
        // What is left begins another row: the lines do not belong together.
        input.is_empty() && count <= COLUMNS_MAX
    }

    /// A line that lies ahead, read if it is not there yet.
    fn line(&mut self, at: usize) -> io::Result<Option<Line>> {
        while self.ahead.len() <= at {
            match self.read_line()? {
                Some(line) => self.ahead.push_back(line),
                None => return Ok(None),
            }
        }
        Ok(self.ahead.get(at).cloned())
    }

    fn read_line(&mut self) -> io::Result<Option<Line>> {
        let (mut line, mut any, mut is_whole) = (Vec::new(), false, true);
        loop {
            let available = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                available => available?,
            };
            if available.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(self.newline, available);
            let taken = end.unwrap_or(available.len());
            is_whole &= line.len() + taken <= ROW_BYTES_MAX;
            if is_whole {
                line.extend_from_slice(available.get(..taken).unwrap_or_default());
            }
            self.input.consume(taken + usize::from(end.is_some()));
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        if self.number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        Ok(Some((self.number, is_whole.then_some(line))))
    }
}

/// A cell of the row is still quoted at its end.
fn is_open(row: &[u8]) -> bool {
    memchr::memchr_iter(b'"', row).count() % 2 == 1
}
