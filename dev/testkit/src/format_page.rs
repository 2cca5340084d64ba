//! The tables of docs/format.md, so that tests can execute them.

/// The rows of one table of docs/format.md, cell by cell, without its head.
pub fn format_table(name: &str) -> Vec<Vec<String>> {
    let page = include_str!("../../../docs/format.md");
    let (_, rest) = page.split_once(&format!("<!-- table: {name} -->\n")).expect("the table is on the page");
    let (table, _) = rest.split_once("<!-- end -->").expect("the table ends");
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    table.lines().skip(2).map(cells).collect()
}

/// The bytes of hexadecimal digits.
pub fn unhex(digits: &str) -> Vec<u8> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty(), "an odd number of digits");
    let digit = |c: u8| char::from(c).to_digit(16).expect("a hexadecimal digit");
    pairs.iter().map(|[high, low]| u8::try_from(digit(*high) << 4 | digit(*low)).expect("two digits")).collect()
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        digits.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).expect("below 16")));
    }
    digits
}
