//! The written form of a master key, in its file and on a recovery sheet alike:
//!
//! ```text
//! # what a line that begins with # says is for people
//! talon-master-key 1 4a0b3c22
//! 1  0011 2233 4455 6677  89ab cdef
//! 2  ...                                  to 4: eight bytes of the key, and their check
//! ```
//!
//! Invariants:
//! - the check is the CRC-32C of the line's number and its eight bytes: it finds every wrong character, every swap of
//!   two neighbours, and lines in the wrong order
//! - the eight digits of the first line are the key's fingerprint: lines of two different keys do not make a third
//! - spaces and capitals do not matter; nothing else may be left out
//!
//! This module does not touch files.

use std::fmt::{self, Write as _};

use zeroize::Zeroizing;

use crate::master::MasterKey;

const TITLE: &str = "talon-master-key";
const FORMAT: &str = "1";
const LINES: u8 = 4;
const LINE_BYTES: usize = 8;
const CHECK_BYTES: usize = 4;

/// A text that is no master key, and where it is wrong. The text itself is never repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SheetError {
    /// The first line is not that of a master key.
    #[error("no master key: the first line must be `talon-master-key 1` and eight hexadecimal digits")]
    Title,
    /// A later release wrote it.
    #[error("a master key of a format that this release does not know: use a later release")]
    UnknownFormat,
    /// A line contradicts its check.
    #[error("line {line} of the key is mistyped, missing or out of place")]
    Line {
        /// 1 to 4.
        line: u8,
    },
    /// Something follows the last line.
    #[error("more than four lines of key")]
    TooLong,
    /// Each line is right, but they are not one key.
    #[error(
        "the lines are not those of key {fingerprint}: they were taken from two sheets, or the first line is mistyped"
    )]
    Mixed {
        /// The fingerprint in the first line.
        fingerprint: String,
    },
}

/// A master key to be printed and locked away. It shows itself by `Display` alone.
pub struct RecoverySheet(Zeroizing<String>);

impl RecoverySheet {
    pub(crate) fn new(key: &MasterKey) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(1024));
        text.push_str(PREAMBLE);
        text.push_str(&write(key));
        Self(text)
    }
}

const PREAMBLE: &str = "\
# Recovery copy of a Talon master key. Keep it in a safe, far from the ledger and from its backups.
# Without this key nobody can read the phone numbers, e-mail addresses and names of the ledger;
# with this key and the ledger's folder, anybody can. The books do not need it.
# To use it: type the five lines below into a file, and run `talon --ledger DIR key restore < FILE`.
";

impl fmt::Display for RecoverySheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RecoverySheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoverySheet")
    }
}

/// Writes the five lines of a key.
pub(crate) fn write(key: &MasterKey) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(512));
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{TITLE} {FORMAT} {}", key.fingerprint());
    let (chunks, _) = key.bytes().as_chunks::<LINE_BYTES>();
    for (line, bytes) in (1..).zip(chunks) {
        text.push_str(&line.to_string());
        push_groups(&mut text, bytes);
        push_groups(&mut text, &check(line, bytes));
        text.push('\n');
    }
    text
}

/// Two spaces, then groups of four hexadecimal digits.
fn push_groups(text: &mut String, bytes: &[u8]) {
    text.push(' ');
    for pair in bytes.chunks(2) {
        text.push(' ');
        for byte in pair {
            let _ = write!(text, "{byte:02x}");
        }
    }
}

fn check(line: u8, bytes: &[u8; LINE_BYTES]) -> [u8; CHECK_BYTES] {
    crc32c::crc32c_append(crc32c::crc32c(&[line]), bytes).to_be_bytes()
}

/// Reads a key back. Blank lines and lines that begin with `#` are passed over.
pub(crate) fn read(text: &str) -> Result<MasterKey, SheetError> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let fingerprint = read_title(lines.next().unwrap_or_default())?;
    let mut key = Zeroizing::new([0; 32]);
    let (chunks, _) = key.as_chunks_mut::<LINE_BYTES>();
    for (line, chunk) in (1..=LINES).zip(chunks) {
        *chunk = *lines.next().and_then(|text| read_line(line, text)).ok_or(SheetError::Line { line })?;
    }
    if lines.next().is_some() {
        return Err(SheetError::TooLong);
    }
    let key = MasterKey::from_bytes(key);
    if key.fingerprint() == fingerprint { Ok(key) } else { Err(SheetError::Mixed { fingerprint }) }
}

fn read_title(line: &str) -> Result<String, SheetError> {
    let mut words = line.split_whitespace();
    if !words.next().is_some_and(|word| word.eq_ignore_ascii_case(TITLE)) {
        return Err(SheetError::Title);
    }
    match (words.next(), words.next(), words.next()) {
        (Some(FORMAT), Some(fingerprint), None) if fingerprint.len() == 8 => Ok(fingerprint.to_ascii_lowercase()),
        (Some(format), Some(_), None) if format != FORMAT => Err(SheetError::UnknownFormat),
        _ => Err(SheetError::Title),
    }
}

fn read_line(line: u8, text: &str) -> Option<Zeroizing<[u8; LINE_BYTES]>> {
    let mut digits = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16));
    if digits.next()?? != u32::from(line) {
        return None;
    }
    let mut bytes = Zeroizing::new([0; LINE_BYTES]);
    let mut stated = [0; CHECK_BYTES];
    for byte in bytes.iter_mut().chain(&mut stated) {
        *byte = u8::try_from(digits.next()?? << 4 | digits.next()??).ok()?;
    }
    (digits.next().is_none() && stated == check(line, &bytes)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Entropy;

    fn key(first: u8) -> MasterKey {
        MasterKey::generate(&mut Entropy::from_seed([first; 32]))
    }

    #[test]
    fn a_sheet_reads_back_also_in_capitals_without_spaces_or_comments() {
        let sheet = RecoverySheet::new(&key(1)).to_string();
        assert_eq!(read(&sheet).unwrap().bytes(), key(1).bytes());
        let typed: Vec<String> = write(&key(1)).to_uppercase().lines().map(str::to_owned).collect();
        let (title, rest) = typed.split_first().unwrap();
        let typed = format!("{title}\r\n\r\n  {}\r\n", rest.join("\r\n").replace(' ', ""));
        assert_eq!(read(&typed).unwrap().bytes(), key(1).bytes());
    }

    #[test]
    fn every_single_wrong_missing_or_doubled_character_is_found() {
        let text = write(&key(3)).to_string();
        for (at, right) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            let (before, after) = (&text[..at], &text[at + 1..]);
            let wrong = "0123456789abcdefgo-#".chars().filter(|c| *c != right);
            let spoilt = wrong.map(|c| format!("{before}{c}{after}"));
            let spoilt = spoilt.chain([format!("{before}{after}"), format!("{before}{right}{right}{after}")]);
            for spoilt in spoilt {
                assert!(read(&spoilt).is_err(), "{spoilt}");
            }
        }
    }

    #[test]
    fn swapped_lines_mixed_sheets_and_later_formats_are_named() {
        let text = write(&key(3)).to_string();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(2, 3);
        assert_eq!(read(&lines.join("\n")).unwrap_err(), SheetError::Line { line: 2 });
        let other = write(&key(4)).to_string();
        let mut mixed: Vec<&str> = text.lines().collect();
        mixed[4] = other.lines().nth(4).unwrap();
        assert_eq!(read(&mixed.join("\n")).unwrap_err(), SheetError::Mixed { fingerprint: key(3).fingerprint() });
        assert_eq!(read(&text.replace("key 1", "key 2")).unwrap_err(), SheetError::UnknownFormat);
        assert_eq!(read(&format!("{text}{}", text.lines().nth(4).unwrap())).unwrap_err(), SheetError::TooLong);
        assert_eq!(read("").unwrap_err(), SheetError::Title);
    }
}
