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
    "replay/tlog/tests/golden/",
    "vault/tests/golden/",
];

/// A golden file that is not in the list, one that is not what the list says, and a line of the list that is gone.
pub(super) fn check(checkout: &Checkout, paths: &[String]) -> Result<Vec<Finding>> {
    let list = std::fs::read_to_string(checkout.root().join(LIST)).with_context(|| format!("no {LIST}"))?;
    let listed: BTreeSet<&str> = list.lines().filter_map(|line| line.split_once("  ")).map(|(_, path)| path).collect();
    let mut found = unlisted(paths, &listed);
    found.extend(changed(checkout)?);
    found.extend(removed(checkout)?);
    Ok(found)
}

fn unlisted(paths: &[String], listed: &BTreeSet<&str>) -> Vec<Finding> {
    let is_golden = |path: &&String| GOLDEN.iter().any(|folder| path.starts_with(folder));
    let unlisted = paths.iter().filter(is_golden).filter(|path| !listed.contains(path.as_str()));
    unlisted.map(|path| Finding::in_file(path, format!("is golden: `sha256sum {path} >> {LIST}`"))).collect()
}

fn changed(checkout: &Checkout) -> Result<Vec<Finding>> {
    let told = Call::new(&format!("sha256sum --check --strict {LIST}")).said(checkout.root())?;
    let changed = told.lines().filter_map(|line| line.split_once(": ")).filter(|(_, verdict)| *verdict != "OK");
    let finding = |(path, _): (&str, &str)| Finding::in_file(path, "is frozen, and was changed or removed".to_owned());
    Ok(changed.map(finding).collect())
}

/// In no commit since the list began, and not in the working tree either.
fn removed(checkout: &Checkout) -> Result<Vec<Finding>> {
    let past = Call::new(&format!("git log --patch --format= --no-renames -- {LIST}")).read(checkout.root())?;
    let now = Call::new(&format!("git diff HEAD -- {LIST}")).read(checkout.root())?;
    let gone = past.lines().chain(now.lines()).filter(|line| line.starts_with('-') && !line.starts_with("---"));
    Ok(gone.map(|line| Finding::in_file(LIST, format!("{line} was taken out: lines are only added"))).collect())
}
