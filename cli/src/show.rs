//! What people and scripts see. Everything is written through the screen, so that a closed pipe is an answer and not a
//! crash, that nothing is coloured that is not read on a terminal, and that no stored text is obeyed by one.

mod as_of;
mod csv;
mod figures;
mod harmless;
mod payment;
mod plain;
mod progress;
mod report;
mod tone;
mod wrapped;

use std::io::{self, BufWriter, IsTerminal as _, Stderr, Stdout, Write};

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use serde_json::{Value, json};
use talon_domain::anomaly::Language;

use crate::args::Output;
use crate::exit::Exit;
use harmless::harmless;

pub(crate) use as_of::{as_of_foot, as_of_json, as_of_remark};
pub(crate) use csv::line as csv_line;
pub(crate) use figures::{money, totals};
pub(crate) use payment::payment_json;
pub(crate) use plain::{clock_time, cut, days_json, days_words, local_time, plain};
pub(crate) use progress::Bar;
pub(crate) use report::{tell_all, tell_one};
pub(crate) use tone::{Piece, Tone};
pub(crate) use wrapped::{beneath, wrapped};

/// How wide a transaction's id is.
pub(crate) const ID_COLUMNS: usize = 36;

/// One rule below the heads; rows need none.
const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Where the command writes: answers to standard output, complaints to standard error.
pub(crate) struct Screen {
    out: BufWriter<Stdout>,
    err: Stderr,
    pub(crate) output: Output,
    pub(crate) language: Language,
    coloured: bool,
    colour_errors: bool,
}

impl Screen {
    pub(crate) fn new(output: Output, language: Language) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            out: BufWriter::new(io::stdout()),
            err: io::stderr(),
            output,
            language,
            coloured: wanted && io::stdout().is_terminal(),
            colour_errors: wanted && io::stderr().is_terminal(),
        }
    }

    /// Whether a script reads.
    pub(crate) fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    /// Whether a spreadsheet reads: then tables are all there is.
    pub(crate) fn is_csv(&self) -> bool {
        self.output == Output::Csv
    }

    /// Whether a person watches standard error: then long work shows how far it is.
    pub(crate) fn is_watched() -> bool {
        io::stderr().is_terminal()
    }

    /// One line of the answer.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        self.pieces(&[(text, Tone::Plain)])
    }

    /// One line of the answer, of which some words stand out if somebody looks.
    pub(crate) fn pieces(&mut self, pieces: &[Piece<'_>]) -> io::Result<()> {
        if self.is_csv() {
            return Ok(());
        }
        for (text, tone) in pieces {
            match tone.code().filter(|_| self.coloured) {
                Some(code) => write!(self.out, "\x1b[{code}m{}\x1b[0m", harmless(text))?,
                None => write!(self.out, "{}", harmless(text))?,
            }
        }
        writeln!(self.out)
    }

    /// A heading.
    pub(crate) fn heading(&mut self, text: &str) -> io::Result<()> {
        if self.is_csv() {
            return Ok(());
        }
        writeln!(self.out)?;
        self.pieces(&[(text, Tone::Strong)])
    }

    /// One JSON document, on one line.
    pub(crate) fn json(&mut self, value: &Value) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")
    }

    /// A table: heads, then rows; columns that begin with `>` are set to the right.
    pub(crate) fn table(&mut self, heads: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
        if self.is_csv() {
            return csv::write(&mut self.out, heads, &rows);
        }
        let mut table = Table::new();
        table.load_style(RULED).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(heads.iter().map(|head| Cell::new(head.trim_start_matches('>'))));
        table.add_rows(rows.into_iter().map(|row| row.iter().map(|cell| harmless(cell)).collect::<Vec<_>>()));
        for (at, head) in heads.iter().enumerate() {
            if let (true, Some(column)) = (head.starts_with('>'), table.column_mut(at)) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        writeln!(self.out, "{}", table.trim_fmt())
    }

    /// A table whose heads are told in the reader's language, French before English.
    pub(crate) fn table_of(&mut self, heads: &[(&str, &str)], rows: Vec<Vec<String>>) -> io::Result<()> {
        let heads: Vec<_> = heads.iter().map(|(french, english)| self.say(french, english)).collect();
        self.table(&heads, rows)
    }

    /// The answer's bytes as they are: for what is harmless already, or goes into a file.
    pub(crate) fn raw(&mut self, text: &str) -> io::Result<()> {
        self.raw_bytes(text.as_bytes())
    }

    /// The same of what may be no text.
    pub(crate) fn raw_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// A remark beside the answer.
    pub(crate) fn remark(&mut self, text: &str) -> io::Result<()> {
        self.out.flush()?;
        if self.is_json() {
            return writeln!(self.err, "{}", json!({ "type": "remark", "message": text }));
        }
        writeln!(self.err, "{}", harmless(text))
    }

    /// Says why the command failed, cause by cause, and how it ends.
    pub(crate) fn complain(&mut self, error: &anyhow::Error, exit: Exit) {
        let _ = self.out.flush();
        let causes: Vec<_> = error.chain().map(ToString::to_string).collect();
        let words = causes.join(": ");
        let _ = if self.is_json() {
            writeln!(self.err, "{}", error_json(&words, exit))
        } else {
            let (on, off) = if self.colour_errors { ("\x1b[31m", "\x1b[0m") } else { ("", "") };
            writeln!(self.err, "{on}talon: {}{off}", harmless(&words))
        };
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The words of the reader's language.
    pub(crate) fn say<'w>(&self, french: &'w str, english: &'w str) -> &'w str {
        match self.language {
            Language::French => french,
            Language::English => english,
        }
    }

    /// So many things, in the reader's language: one of them, or several. French counts none as one.
    pub(crate) fn count(&self, number: u64, [fr_one, fr_more]: [&str; 2], [en_one, en_more]: [&str; 2]) -> String {
        let words = match self.language {
            Language::French if number < 2 => fr_one,
            Language::French => fr_more,
            Language::English if number == 1 => en_one,
            Language::English => en_more,
        };
        format!("{number} {words}")
    }
}

/// Why a command failed, as a script reads it.
pub(crate) fn error_json(message: &str, exit: Exit) -> Value {
    json!({ "type": "error", "message": message, "exit": exit.code() })
}
