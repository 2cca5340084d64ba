//! What people and scripts see. Everything is written through the screen, so that a closed pipe is an answer and not a
//! crash, and so that nothing is coloured that is not read on a terminal.

mod figures;
mod payment;
mod progress;

use std::io::{self, BufWriter, IsTerminal as _, Stderr, Stdout, Write};

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use talon_domain::anomaly::{Language, Severity};

use crate::args::Output;

pub(crate) use figures::{money, totals};
pub(crate) use payment::{payment_json, slot_words};
pub(crate) use progress::Bar;

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

/// How a word stands out on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Strong,
    Quiet,
    Good,
    Warning,
    Bad,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Quiet => "2",
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "31",
        }
    }
}

/// Marks the end of a tone in a text that is not shown yet: a character of no script.
const TONE_END: char = '\u{f8ff}';

impl Tone {
    /// Marks its beginning.
    const fn mark(self) -> char {
        match self {
            Self::Plain => TONE_END,
            Self::Strong => '\u{f8f1}',
            Self::Quiet => '\u{f8f2}',
            Self::Good => '\u{f8f3}',
            Self::Warning => '\u{f8f4}',
            Self::Bad => '\u{f8f5}',
        }
    }
}

impl From<Severity> for Tone {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Notice => Self::Quiet,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Bad,
        }
    }
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

    /// Whether a person watches standard error: then long work shows how far it is.
    pub(crate) fn is_watched() -> bool {
        io::stderr().is_terminal()
    }

    /// One line of the answer.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", shown(text))
    }

    /// A heading.
    pub(crate) fn heading(&mut self, text: &str) -> io::Result<()> {
        let text = self.toned(text, Tone::Strong);
        writeln!(self.out, "\n{}", shown(&text))
    }

    /// One JSON document, on one line.
    pub(crate) fn json(&mut self, value: &serde_json::Value) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")
    }

    /// A word that stands out, if somebody looks.
    pub(crate) fn toned(&self, text: &str, tone: Tone) -> String {
        if self.coloured && tone != Tone::Plain { format!("{}{text}{TONE_END}", tone.mark()) } else { text.into() }
    }

    /// A table: heads, then rows; columns that begin with `>` are set to the right.
    pub(crate) fn table(&mut self, heads: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
        let mut table = Table::new();
        table.load_style(RULED).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(heads.iter().map(|head| Cell::new(head.trim_start_matches('>'))));
        table.add_rows(rows.into_iter().map(|row| row.iter().map(|cell| shown(cell)).collect::<Vec<_>>()));
        for (at, head) in heads.iter().enumerate() {
            if let (true, Some(column)) = (head.starts_with('>'), table.column_mut(at)) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        writeln!(self.out, "{}", table.trim_fmt())
    }

    /// The answer's bytes as they are.
    pub(crate) fn raw(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// A remark beside the answer.
    pub(crate) fn remark(&mut self, text: &str) -> io::Result<()> {
        self.out.flush()?;
        writeln!(self.err, "{}", shown(text))
    }

    /// Says why the command failed, cause by cause.
    pub(crate) fn complain(&mut self, error: &anyhow::Error) {
        let _ = self.out.flush();
        let (on, off) = if self.colour_errors { ("\x1b[31m", "\x1b[0m") } else { ("", "") };
        let causes: Vec<_> = error.chain().map(ToString::to_string).collect();
        let words = shown(&causes.join(": "));
        if self.is_json() {
            let error = serde_json::json!({ "type": "error", "message": words });
            let _ = writeln!(self.err, "{error}");
        } else {
            let _ = writeln!(self.err, "{on}talon: {words}{off}");
        }
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
}

/// What publishers wrote may hold characters that a terminal obeys, or that turn the order of letters round: they are
/// shown as `?`. Only then are the marks of our own tones put into a terminal's words.
fn shown(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
    };
    let mut text = text.replace(obeyed, "?").replace(TONE_END, "\x1b[0m");
    for tone in [Tone::Strong, Tone::Quiet, Tone::Good, Tone::Warning, Tone::Bad] {
        text = text.replace(tone.mark(), &format!("\x1b[{}m", tone.code()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nobody_but_us() {
        assert_eq!(shown("al\x1b[2J\x07ma\rX\u{202e}1\u{85}"), "al?[2J?ma?X?1?");
        assert_eq!(shown("Zoé 1 234,56 EUR\nforged"), "Zoé 1 234,56 EUR?forged");
        let mark = format!("{}!{TONE_END}", Tone::Bad.mark());
        assert_eq!(shown(&mark), "\x1b[31m!\x1b[0m");
    }
}
