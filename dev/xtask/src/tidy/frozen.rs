//! What was frozen stays: golden files are named with their SHA-256 in a list that is only ever added to, so that nothing
//! that was written once can become unreadable by a change that nobody noticed.
//!
//! The list has the form of `sha256sum`, and anybody can hold it against a checkout: `sha256sum --check docs/frozen.sha256`.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};

use super::finding::Finding;
use crate::call::Call;
use crate::checkout::Checkout;

const LIST: &str = "docs/frozen.sha256";

/// Folders whose files are golden, each of them.
const GOLDEN: &[&str] = &[
    "domain/tests/golden/",
    "journal/kafka/tests/golden/",
    "journal/tests/golden/",
    "proto/tests/golden/",
    "replay/tests/golden/",
    "replay/tlog/tests/golden/",
    "vault/tests/golden/",
];

/// A golden file that is not in the list, one that is not what the list says, and a line of the list that is gone.
pub(super) fn check(checkout: &Checkout, paths: &[String]) -> Result<Vec<Finding>> {
    let list = std::fs::read_to_string(checkout.root().join(LIST)).with_context(|| format!("no {LIST}"))?;
    let listed: BTreeSet<&str> = list.lines().filter_map(|line| line.split_once("  ")).map(|(_, path)| path).collect();
    let mut found = unlisted(paths, &listed);
    found.extend(malformed(&list));
    found.extend(changed(checkout)?);
    found.extend(removed(checkout)?);
    Ok(found)
}

fn unlisted(paths: &[String], listed: &BTreeSet<&str>) -> Vec<Finding> {
    let is_golden = |path: &&String| GOLDEN.iter().any(|folder| path.starts_with(folder));
    let unlisted = paths.iter().filter(is_golden).filter(|path| !listed.contains(path.as_str()));
    unlisted.map(|path| Finding::in_file(path, format!("is golden: `sha256sum {path} >> {LIST}`"))).collect()
}

/// `sha256sum` passes over a line that it cannot read: what such a line names would be held against nothing.
fn malformed(list: &str) -> Vec<Finding> {
    let is_hash = |hash: &str| hash.len() == 64 && hash.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    let is_fine = |line: &str| {
        line.split_once("  ").is_some_and(|(hash, path)| is_hash(hash) && path == path.trim() && !path.is_empty())
    };
    let malformed = (1..).zip(list.lines()).filter(|(_, line)| !is_fine(line));
    malformed.map(|(number, _)| Finding::at(LIST, number, "is no line of sha256sum".to_owned())).collect()
}

fn changed(checkout: &Checkout) -> Result<Vec<Finding>> {
    let told = Call::new(&format!("sha256sum --check --strict {LIST}")).said(checkout.root())?;
    let changed = told.lines().filter_map(|line| line.split_once(": ")).filter(|(_, verdict)| *verdict != "OK");
    let finding = |(path, _): (&str, &str)| Finding::in_file(path, "is frozen, and was changed or removed".to_owned());
    Ok(changed.map(finding).collect())
}

/// In no commit since the list began, and not in the working tree either. A merge is held against each of its parents.
fn removed(checkout: &Checkout) -> Result<Vec<Finding>> {
    let past = Call::new(&format!("git log --patch -m --format= --no-renames -- {LIST}")).read(checkout.root())?;
    let now = Call::new(&format!("git diff HEAD -- {LIST}")).read(checkout.root())?;
    Ok(gone(&past).chain(gone(&now)).collect())
}

fn gone(patch: &str) -> impl Iterator<Item = Finding> {
    let gone = patch.lines().filter_map(|line| line.strip_prefix('-')).filter(|line| !line.starts_with("--"));
    gone.map(|line| Finding::in_file(LIST, format!("`{line}` was taken out: lines are only added")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "5a39cadd1b007093db50744797c7a04a34f73b35ed444d01a53afa36efb4e9d8";

    #[test]
    fn every_golden_file_is_listed() {
        let paths =
            ["vault/tests/golden/a.txt", "vault/tests/it/main.rs", "proto/tests/golden/b.txt"].map(str::to_owned);
        let listed = BTreeSet::from(["proto/tests/golden/b.txt"]);
        let found: Vec<String> = unlisted(&paths, &listed).iter().map(ToString::to_string).collect();
        assert!(matches!(&found[..], [one] if one.contains("vault/tests/golden/a.txt")), "{found:?}");
    }

    #[test]
    fn a_line_that_would_be_passed_over_is_found() {
        assert!(malformed(&format!("{HASH}  a/b.txt\n")).is_empty());
        for line in ["", "a/b.txt", &HASH.replace('5', "G"), &format!("{HASH} a"), &format!("{}  a", &HASH[1..])] {
            assert_eq!(malformed(&format!("{HASH}  a/b.txt\n{line}\n")).len(), 1, "{line}");
        }
    }

    #[test]
    fn a_line_that_is_gone_is_found_and_one_that_came_is_not() {
        let patch = format!("--- a/{LIST}\n+++ b/{LIST}\n@@ -1,2 +1,2 @@\n-{HASH}  old\n+{HASH}  new\n {HASH}  kept\n");
        let found: Vec<String> = gone(&patch).map(|finding| finding.to_string()).collect();
        assert!(matches!(&found[..], [one] if one.contains("old")), "{found:?}");
    }
}
