//! Lines of a park's file into cells. No column has a line break, so a line is a row. Invariants:
//! - a quote opens a cell or closes it, and stands doubled within it; anywhere else the row is unreadable
//! - a row whose quote is not closed is unreadable alone; where a later line closes it in its due form, the lines up to
//!   there are what somebody put into one cell, and each of them is unreadable
//! - what is unreadable changes nothing of how the lines behind it are read
//!
//! This module knows no column, and no text: cells are bytes.

const QUOTE: u8 = b'"';

/// A line's number, and its cells; `None` if they cannot be read.
pub(super) type Cut = (u64, Option<Vec<Vec<u8>>>);

/// How a line ends that is read cell by cell.
enum End {
    Whole(Vec<Vec<u8>>),
    /// A quote stands where none may.
    Stray,
    /// The last cell's quote is not closed.
    Open,
}

/// Cuts a file into lines, and lines into cells. Lines end with LF, CR LF or CR.
pub(super) fn cut(bytes: &[u8], separator: u8) -> Vec<Cut> {
    let lines = lines(bytes);
    let mut all = Vec::with_capacity(lines.len());
    let mut swallowed = 0usize;
    for ((number, line), at) in (1..).zip(&lines).zip(0usize..) {
        let cells = match end(line, separator, false) {
            _ if swallowed > 0 => {
                swallowed -= 1;
                None
            }
            End::Whole(cells) => Some(cells),
            End::Stray => None,
            End::Open => {
                swallowed = closes_after(lines.get(at + 1..).unwrap_or_default(), separator);
                None
            }
        };
        all.push((number, cells));
    }
    all
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        let (line, behind) = rest.split_at(at);
        lines.push(line);
        rest = behind.strip_prefix(b"\r\n").or_else(|| behind.get(1..)).unwrap_or_default();
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}

/// How many of these lines stand in a cell that was opened before them; 0 if it is never closed in its due form. The
/// first line with a single quote decides, so nothing is walked twice.
fn closes_after(lines: &[&[u8]], separator: u8) -> usize {
    for (line, count) in lines.iter().zip(1..) {
        match end(line, separator, true) {
            End::Open => {}
            End::Whole(_) => return count,
            End::Stray => return 0,
        }
    }
    0
}

/// Reads a line; `within` if its first bytes stand in a quoted cell.
fn end(line: &[u8], separator: u8, within: bool) -> End {
    let mut cells = Vec::new();
    let mut cell = Vec::new();
    let (mut is_open, mut is_closed) = (within, false);
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            QUOTE if is_open && bytes.next_if_eq(&QUOTE).is_some() => cell.push(QUOTE),
            QUOTE if is_open => (is_open, is_closed) = (false, true),
            QUOTE if cell.is_empty() && !is_closed => is_open = true,
            byte if byte == separator && !is_open => {
                cells.push(std::mem::take(&mut cell));
                is_closed = false;
            }
            _ if byte == QUOTE || is_closed => return End::Stray,
            byte => cell.push(byte),
        }
    }
    if is_open {
        return End::Open;
    }
    cells.push(cell);
    End::Whole(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(file: &str) -> Vec<String> {
        let words = |cells: Vec<Vec<u8>>| {
            let cells: Vec<_> = cells.into_iter().map(|cell| String::from_utf8(cell).expect("text")).collect();
            cells.join("|")
        };
        cut(file.as_bytes(), b',').into_iter().map(|(_, cells)| cells.map_or("?".to_owned(), words)).collect()
    }

    #[test]
    fn cells_are_cut_at_separators_outside_quotes() {
        assert_eq!(told("a,b\nc,\r\n\r\"d,\"\"e\"\"\",\"\""), ["a|b", "c|", "", "d,\"e\"|"]);
        assert_eq!(told("a,b\n"), told("a,b"));
        assert!(told("").is_empty());
    }

    #[test]
    fn a_quote_that_is_not_closed_takes_no_other_row() {
        assert_eq!(told("a,\"b\nc,d\ne,f\n"), ["?", "c|d", "e|f"]);
        assert_eq!(told("a,\"b\nc,\"d\"\ne,f\n"), ["?", "c|d", "e|f"], "the next quote opens a cell");
        assert_eq!(told("\"a\",\"b\n\"c\",\"d\"\n"), ["?", "c|d"]);
        assert_eq!(told("a,\"b\nc,\"d\ne,f\n"), ["?", "?", "e|f"]);
    }

    #[test]
    fn lines_within_one_cell_are_all_told() {
        assert_eq!(told("a,\"b\nc,d\ne\",f\ng,h\n"), ["?", "?", "?", "g|h"]);
    }

    #[test]
    fn a_quote_stands_at_the_edges_of_a_cell_or_twice_within() {
        assert_eq!(told("\"A\"B,c\nd\"e,f\n\"g\" ,h\n\"i\",j\n"), ["?", "?", "?", "i|j"]);
    }

    /// Each line opens a cell that no line closes: were every look ahead to the end, this would take hours.
    #[test]
    fn many_open_quotes_cost_no_more_than_their_lines() {
        let file = "a,\"b\"\"c\n".repeat(400_000);
        assert!(cut(file.as_bytes(), b',').iter().all(|(_, cells)| cells.is_none()));
    }
}
