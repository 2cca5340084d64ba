//! Generated code is committed, so that nobody needs a generator to build, and remade in the gate, so that it cannot
//! drift from the schema; so are the pages that say what the code does. What the gate finds stale it has remade: look at
//! the difference and commit it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::checkout::Checkout;
use crate::generate::{generate, make_pages};

/// Remakes the code in `proto/src/gen` and fails when a file of it was not as it is made.
pub(crate) fn check_code(checkout: &Checkout) -> Result<()> {
    remade(checkout, "proto/src/gen", generate)
}

/// Remakes the pages in `docs` and fails when one of them was not as it is made.
pub(crate) fn check_pages(checkout: &Checkout) -> Result<()> {
    remade(checkout, "docs", make_pages)
}

fn remade(checkout: &Checkout, name: &str, make: fn(&Path) -> Result<()>) -> Result<()> {
    let folder = checkout.root().join(name);
    let before = contents(&folder)?;
    make(checkout.root())?;
    let after = contents(&folder)?;
    let stale = differences(&before, &after);
    if !stale.is_empty() {
        bail!("{name} was stale and has been remade: commit {}", stale.join(", "));
    }
    Ok(())
}

/// The files of a folder, without those of folders in it.
fn contents(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            continue;
        }
        let bytes = fs::read(entry.path()).with_context(|| format!("{} cannot be read", entry.path().display()))?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), bytes);
    }
    Ok(files)
}

/// Names that are on one side only, or have other bytes.
fn differences<'a>(before: &'a BTreeMap<String, Vec<u8>>, after: &'a BTreeMap<String, Vec<u8>>) -> Vec<&'a str> {
    let gone_or_other = before.iter().filter(|(name, bytes)| after.get(*name) != Some(bytes));
    let new = after.iter().filter(|(name, _)| !before.contains_key(*name));
    gone_or_other.chain(new).map(|(name, _)| name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_changed_a_missing_and_a_new_file_are_differences() {
        let before = folder(&[("same", "1"), ("other", "1"), ("gone", "1")]);
        let after = folder(&[("same", "1"), ("other", "2"), ("new", "1")]);
        assert_eq!(differences(&before, &after), ["gone", "other", "new"]);
        assert!(differences(&before, &before).is_empty());
    }
}
