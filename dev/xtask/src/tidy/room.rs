//! What a line of code says about the room it stands in: files are opened where bytes are kept, and nothing that adds
//! up money knows a float.

use super::finding::Finding;
use super::rust_text::{RustText, words};

/// Rooms that may open files: they keep bytes, keys or views, or stand at the edge.
const FILES: &[&str] = &["journal/", "vault/", "consumers/", "cli/", "benches/", "dev/"];

/// Rooms whose numbers are exact.
const EXACT: &[&str] = &[
    "domain/src/",
    "proto/src/",
    "journal/src/",
    "intake/src/",
    "vault/src/",
    "projections/exports/src/",
    "projections/receipts/src/",
    "projections/src/",
    "replay/src/",
    "replay/tlog/src/",
    "consumers/src/",
];

/// Files that must name a float, and why.
const NAMING: &[(&str, &str)] = &[
    ("projections/exports/src/sheet/number.rs", "Excel has no other number: decimal texts that it keeps become one"),
    ("proto/src/json/tree.rs", "the JSON reader is offered floats, and takes none"),
];

/// Code that stands in the wrong room, tests left out.
pub(super) fn check(file: &RustText) -> Vec<Finding> {
    let mut found = Vec::new();
    if !FILES.iter().any(|room| file.path.starts_with(room)) {
        let message = "opens a file: only the journal, the vault, consumers, the command line and dev/ do";
        found.extend(mentions(file, &["fs"], message));
    }
    let may_name = NAMING.iter().any(|(path, _)| *path == file.path);
    if EXACT.iter().any(|room| file.path.starts_with(room)) && !may_name {
        found.extend(mentions(file, &["f32", "f64"], "a float: amounts, times and counts are integers here"));
    }
    found
}

fn mentions(file: &RustText, names: &[&str], message: &str) -> Vec<Finding> {
    let lines = file.shipped_code().filter(|(_, code)| names.iter().any(|name| words(code, name).next().is_some()));
    lines.map(|(line, _)| Finding::at(&file.path, line, message)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&RustText::of(path, text)).iter().map(|finding| finding.shown().0).collect()
    }

    #[test]
    fn a_file_opened_in_a_pure_room_is_found() {
        let text = "use std::fs::File;\nuse std::fmt;\n// std::fs\nlet a = fs::read(p);\n";
        assert_eq!(lines("intake/src/door.rs", text), [1, 4]);
        assert!(lines("journal/src/storage.rs", text).is_empty());
    }

    #[test]
    fn a_float_near_money_is_found() {
        assert_eq!(lines("domain/src/money.rs", "fn a(x: f64) {}\nlet f640 = 1;\nlet b = 1_f32;\n"), [1]);
        assert!(lines("cli/src/progress.rs", "fn a(x: f64) {}\n").is_empty());
    }

    #[test]
    fn tests_may_do_both() {
        let text = "#[cfg(test)]\nmod tests {\n    use std::fs;\n    const A: f64 = 1.0;\n}\n";
        assert!(lines("domain/src/money.rs", text).is_empty());
    }
}
