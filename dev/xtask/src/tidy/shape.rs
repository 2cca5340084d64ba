//! How files are called and how they open.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::rust_text::{RustText, words};
use crate::checkout::ends;

/// Names that say nothing about what is inside.
const JUNK: &[&str] = &["common", "helper", "helpers", "manager", "misc", "util", "utils"];

/// A Rust file opens with what it is.
pub(super) fn header(file: &RustText) -> Vec<Finding> {
    let says = file.text.starts_with("//! ");
    let finding = || Finding::in_file(&file.path, "open with `//!`: what this is, its invariants, what it does not do");
    (!says).then(finding).into_iter().collect()
}

/// No junk room is declared.
pub(super) fn modules(file: &RustText) -> Vec<Finding> {
    let named = words(&file.code, "mod").filter_map(|at| file.code.get(at + 3..));
    let names = named.map(|rest| rest.trim_start().split(|c: char| !c.is_alphanumeric() && c != '_').next());
    let junk = names.flatten().filter(|name| JUNK.contains(name));
    junk.map(|name| Finding::in_file(&file.path, format!("`mod {name}` says nothing: find the noun"))).collect()
}

/// What can be told from paths alone.
pub(super) fn names(paths: &[String]) -> Vec<Finding> {
    let rust: Vec<&str> = paths.iter().map(String::as_str).filter(|path| ends(path, ".rs")).collect();
    let mut found: Vec<Finding> = rust.iter().filter_map(|path| bad_name(path)).collect();
    found.extend(many_test_binaries(&rust));
    found
}

fn bad_name(path: &str) -> Option<Finding> {
    let stem = path.rsplit('/').next()?.strip_suffix(".rs")?;
    if stem == "mod" {
        return Some(Finding::in_file(path, "write `foo.rs` beside `foo/`, not `foo/mod.rs`"));
    }
    JUNK.contains(&stem).then(|| Finding::in_file(path, format!("`{stem}` says nothing: find the noun")))
}

/// Every integration-test binary links the whole room again.
fn many_test_binaries(rust: &[&str]) -> Vec<Finding> {
    let mut by_room: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in rust {
        let Some((room, file)) = path.rsplit_once("/tests/") else { continue };
        if !room.contains("/src") && (!file.contains('/') || file.ends_with("/main.rs")) {
            by_room.entry(room).or_default().push(file);
        }
    }
    by_room.retain(|_, files| files.len() > 1);
    let message = |files: &[&str]| {
        format!("{} are each a binary of their own: make them modules of tests/it/main.rs", files.join(" and "))
    };
    by_room.iter().map(|(room, files)| Finding::in_file(&format!("{room}/tests"), message(files))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str]) -> usize {
        names(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>()).len()
    }

    #[test]
    fn a_file_without_a_header_is_found() {
        assert!(header(&RustText::of("a.rs", "//! What this is.\nfn a() {}\n")).is_empty());
        for text in ["", "fn a() {}\n", "// A comment.\n", "\n//! Late.\n", "//!\n"] {
            assert_eq!(header(&RustText::of("a.rs", text)).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn junk_rooms_are_found_by_declaration_and_by_name() {
        assert_eq!(modules(&RustText::of("a.rs", "pub(crate) mod utils;\nmod utility; // mod misc;\n")).len(), 1);
        assert_eq!(of(&["a/src/util.rs", "a/src/fold/mod.rs", "a/src/fold.rs"]), 2);
    }

    #[test]
    fn a_second_test_binary_is_found() {
        assert_eq!(
            of(&["a/tests/it.rs", "a/tests/it/fold.rs", "b/tests/it.rs", "a/src/tests/x.rs", "a/src/tests/y.rs"]),
            0
        );
        assert_eq!(of(&["a/tests/it.rs", "a/tests/that.rs"]), 1);
        assert_eq!(of(&["a/tests/it.rs", "a/tests/that/main.rs"]), 1);
    }
}
