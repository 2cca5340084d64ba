//! What is never written: promises of later work, tests that do not run, places of one machine, hosts that serve
//! packages. This file names them, so it is the one file that is not searched.

use super::finding::Finding;
use super::rust_text::words;
use crate::checkout::TextFile;

const THIS_FILE: &str = "dev/xtask/src/tidy/word.rs";

/// Phrases, and what to do instead.
const PHRASES: &[(&str, &str)] = &[
    ("todo!", "finish it, or leave it out"),
    ("unimplemented!", "finish it, or leave it out"),
    ("#[ignore", "a test runs or is deleted"),
    ("#[should_panic", "assert on the error"),
];

/// Whole words, and what to do instead.
const WORDS: &[(&str, &str)] =
    &[("FIXME", "mend it, or open an issue"), ("TODO", "finish it, or open an issue"), ("XXX", "say what is meant")];

/// Where one person's machine keeps things.
const PLACES: &[&str] = &["/home/", "/root/", "/Users/", "/work/"];

/// Parts of an address that tell of a package host.
const HOSTS: &[&str] = &["registry", "index", "mirror", "proxy", "crates.io", "pypi", "pythonhosted", "npmjs", "maven"];

/// Lines that hold what is never written.
pub(super) fn check(file: &TextFile) -> Vec<Finding> {
    if file.path == THIS_FILE {
        return Vec::new();
    }
    (1..)
        .zip(file.text.lines())
        .flat_map(|(line, text)| judge(text).map(move |message| Finding::at(&file.path, line, message)))
        .collect()
}

fn judge(line: &str) -> impl Iterator<Item = String> {
    let phrases = PHRASES.iter().filter(|(phrase, _)| line.contains(phrase));
    let whole = WORDS.iter().filter(|(word, _)| words(line, word).next().is_some());
    let said = phrases.chain(whole).map(|(what, instead)| format!("`{what}`: {instead}"));
    let place = PLACES
        .iter()
        .find(|place| is_absolute(line, place))
        .map(|place| format!("`{place}` is a place on one machine"));
    let host = addresses(line).find(|address| HOSTS.iter().any(|host| address.contains(host)));
    said.chain(place).chain(host.map(|host| format!("`{host}` serves packages: name the package, not the host")))
}

/// Whether `place` begins a path here, rather than continue one.
fn is_absolute(line: &str, place: &str) -> bool {
    let begins = |at: usize| line.get(..at).and_then(|text| text.chars().next_back());
    let continued = |c: char| c.is_alphanumeric() || "._-)}*/".contains(c);
    line.match_indices(place).any(|(at, _)| !begins(at).is_some_and(continued))
}

fn addresses(line: &str) -> impl Iterator<Item = &str> {
    ["http://", "https://"]
        .into_iter()
        .flat_map(move |scheme| line.split(scheme).skip(1))
        .map(|rest| rest.split(|c: char| c.is_whitespace() || "\"'`<>)".contains(c)).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> usize {
        judge(line).count()
    }

    #[test]
    fn unfinished_work_is_found() {
        for line in [
            "    todo!()",
            "unimplemented!(\"x\")",
            "// FIXME later",
            "# TODO: name it",
            "// XXX",
            "#[ignore = \"slow\"]",
            "#[should_panic]",
        ] {
            assert_eq!(found(line), 1, "{line}");
        }
        for line in ["todo = \"deny\"", "mastodon!", "a XXXL shirt", "ignored", "let fixme = 1;"] {
            assert_eq!(found(line), 0, "{line}");
        }
    }

    #[test]
    fn places_of_one_machine_are_found() {
        for line in ["cd /home/ada/talon", "\"/root/.cache\"", "(/work/talon)", "see /Users/ada"] {
            assert_eq!(found(line), 1, "{line}");
        }
        for line in ["docs/work/plan.md", "https://example.org/home/", "$HOME/root/x", "./work/"] {
            assert_eq!(found(line), 0, "{line}");
        }
    }

    #[test]
    fn hosts_of_packages_are_found() {
        for line in [
            "index-url = https://packages.example/index/",
            "curl 'http://proxy.example:8080'",
            "<https://registry.example/>",
        ] {
            assert_eq!(found(line), 1, "{line}");
        }
        for line in ["the index of records", "https://example.org/spec", "registry facts"] {
            assert_eq!(found(line), 0, "{line}");
        }
    }
}
