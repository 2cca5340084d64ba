//! Tables for spreadsheets: heads, then rows, comma-separated, in UTF-8. A cell that a spreadsheet would compute is told
//! apart by an apostrophe: nothing that a publisher wrote is ever a formula.

use std::io::{self, Write};

/// What a formula begins with.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// One row of a table that has no end.
pub(crate) fn line(cells: &[String]) -> io::Result<String> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(cells.iter().map(|cell| text(cell)))?;
    let bytes = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// Writes a table.
pub(super) fn write(out: &mut impl Write, heads: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record(heads.iter().map(|head| head.trim_start_matches('>')))?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| text(cell)))?;
    }
    writer.flush()
}

/// A cell; an amount below zero is one.
fn text(cell: &str) -> String {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || b".,  ".contains(&byte));
    let is_formula = cell.starts_with(FORMULA) && !cell.strip_prefix('-').is_some_and(is_number);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let row = ["=1+1", "-5.00", "-", "+33", "@x", "a,b", "-1 234,56"].map(str::to_owned).to_vec();
        let mut out = Vec::new();
        write(&mut out, &[">A", "B", "C", "D", "E", "F", "G"], &[row]).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text, "A,B,C,D,E,F,G\n'=1+1,-5.00,-,'+33,'@x,\"a,b\",\"-1 234,56\"\n");
    }
}
