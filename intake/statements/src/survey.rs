//! A first look at a file: its hash, how long it is, how it is written. Invariant: the whole file is looked at before a
//! row is read, so that one way of reading holds from its first byte to its last.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Rows of cells with something between them.
    Table,
    /// A workbook of Excel.
    Sheet,
    /// JSON: an array, an object with `data`, or an object a line.
    Json,
}

/// In which letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letters {
    Utf8,
    Windows1252,
    /// Of two bytes each: not read.
    Utf16,
}

/// What a file is, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// How many there are.
    pub bytes: u64,
    /// What it is.
    pub shape: Shape,
    pub(crate) letters: Letters,
    pub(crate) separator: u8,
    /// What ends a line.
    pub(crate) newline: u8,
}

const BUFFER_BYTES: usize = 1 << 16;
/// Lines by which the separator is known.
const LINES: usize = 20;
const SEPARATORS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// Looks at a file.
///
/// # Errors
/// It cannot be read.
pub fn survey(mut file: impl Read) -> io::Result<Survey> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let (mut hash, mut bytes, mut beginning) = (Sha256::new(), 0u64, Vec::new());
    let (mut utf8, mut has_newline) = (Utf8::default(), false);
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(read);
        bytes += read.len() as u64;
        utf8.take(read);
        has_newline |= memchr::memchr(b'\n', read).is_some();
        if beginning.len() < BUFFER_BYTES {
            beginning.extend_from_slice(read);
        }
    }
    let newline = if has_newline || memchr::memchr(b'\r', &beginning).is_none() { b'\n' } else { b'\r' };
    let letters = match beginning.get(..2) {
        Some([0xff, 0xfe] | [0xfe, 0xff]) => Letters::Utf16,
        _ if utf8.is_whole() => Letters::Utf8,
        _ => Letters::Windows1252,
    };
    let separator = separator(&beginning, newline);
    Ok(Survey { hash: hash.finalize().into(), bytes, shape: shape(&beginning), letters, separator, newline })
}

fn shape(beginning: &[u8]) -> Shape {
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning).trim_ascii_start();
    match text.first() {
        _ if beginning.starts_with(b"PK\x03\x04") => Shape::Sheet,
        Some(b'{' | b'[') => Shape::Json,
        _ => Shape::Table,
    }
}

/// What stands most often in one of the first lines, outside quotes.
fn separator(beginning: &[u8], newline: u8) -> u8 {
    let lines = beginning.split(|byte| *byte == newline).take(LINES);
    let most = |separator: u8| lines.clone().map(|line| count(line, separator)).max().unwrap_or(0);
    // Of two that are as frequent the first one is taken: semicolons before commas.
    SEPARATORS.into_iter().rev().max_by_key(|separator| most(*separator)).unwrap_or(b';')
}

fn count(line: &[u8], separator: u8) -> usize {
    let (mut is_quoted, mut count) = (false, 0);
    for byte in line {
        is_quoted ^= *byte == b'"';
        count += usize::from(!is_quoted && *byte == separator);
    }
    count
}

/// Whether bytes that come in pieces are UTF-8.
#[derive(Debug, Default)]
struct Utf8 {
    /// A character that the last piece broke off.
    rest: Vec<u8>,
    is_broken: bool,
}

impl Utf8 {
    fn take(&mut self, piece: &[u8]) {
        if self.is_broken {
            return;
        }
        let mut piece = piece;
        // A character has four bytes at most: it is whole with three more.
        while !self.rest.is_empty() && !piece.is_empty() {
            let Some((byte, behind)) = piece.split_first() else { break };
            self.rest.push(*byte);
            piece = behind;
            match std::str::from_utf8(&self.rest) {
                Ok(_) => self.rest.clear(),
                Err(error) => self.is_broken |= error.error_len().is_some() || self.rest.len() > 4,
            }
            if self.is_broken {
                return;
            }
        }
        if let Err(error) = std::str::from_utf8(piece) {
            self.is_broken |= error.error_len().is_some();
            self.rest.extend_from_slice(piece.get(error.valid_up_to()..).unwrap_or_default());
        }
    }

    fn is_whole(&self) -> bool {
        !self.is_broken && self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_at(bytes: &[u8]) -> Survey {
        survey(bytes).expect("memory")
    }

    #[test]
    fn letters_are_those_of_the_whole_file_wherever_it_is_cut() {
        let text = "Créée;€;𝄞\n".repeat(20_000);
        assert_eq!(looked_at(text.as_bytes()).letters, Letters::Utf8);
        let mut broken = text.into_bytes();
        broken.extend_from_slice(b"Cr\xe9\xe9e;1");
        assert_eq!(looked_at(&broken).letters, Letters::Windows1252);
        assert_eq!(looked_at(b"a;\xc3").letters, Letters::Windows1252);
        assert_eq!(looked_at(b"\xff\xfea\0;\0").letters, Letters::Utf16);
        for at in 1.."€𝄞é".len() {
            let mut utf8 = Utf8::default();
            let (before, behind) = "€𝄞é".as_bytes().split_at(at);
            utf8.take(before);
            utf8.take(behind);
            assert!(utf8.is_whole(), "{at}");
        }
    }

    #[test]
    fn the_separator_is_what_parts_most() {
        for (text, separator) in [
            ("a;b;c\n1,5;2;3\n", b';'),
            ("a,b,c\n", b','),
            ("\"a;b;c;d\",b,c\n", b','),
            ("Title of a report\na\tb\tc\n", b'\t'),
            ("a|b\n", b'|'),
            ("a", b';'),
        ] {
            assert_eq!(looked_at(text.as_bytes()).separator, separator, "{text}");
        }
    }

    #[test]
    fn shapes_are_known_by_their_beginning() {
        assert_eq!(looked_at(b"PK\x03\x04...").shape, Shape::Sheet);
        assert_eq!(looked_at(b"\xef\xbb\xbf  [{}]").shape, Shape::Json);
        assert_eq!(looked_at(b"a;b").shape, Shape::Table);
        assert_eq!((looked_at(b"a;b\r1;2\r").newline, looked_at(b"a;b\r\n1;2").newline), (b'\r', b'\n'));
    }
}
