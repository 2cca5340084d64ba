//! Golden papers: every ticket of every situation, in both widths, letter by letter. `TALON_BLESS=1` writes them anew;
//! read the difference before you commit it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use talon_domain::fact::Ordinal;
use talon_receipts::{Particulars, Width, layout};

use crate::days::days;
use crate::situations::{Situation, situations};

pub(crate) const SHOP: &str = "Boulangerie Lefèvre";
pub(crate) const PHONE: &str = "06 ** ** ** 12";
pub(crate) const WIDTHS: [Width; 2] = [Width::Columns24, Width::Columns42];

/// A golden paper's name and text.
pub(crate) fn papers() -> Vec<(String, String)> {
    let mut papers = Vec::new();
    for Situation { name, story, shop, kinds, refund, holder, copy, reprinted_at } in situations() {
        let state = story.state();
        let (shop_name, masked_phone, copy) = (Some(shop.as_str()), Some(PHONE), Ordinal::new(copy));
        let of = Particulars { state: &state, shop_name, masked_phone, refund, holder, copy, reprinted_at };
        for kind in kinds {
            let layout = layout(*kind, &of).unwrap_or_else(|why| panic!("{name}: {why}"));
            papers.extend(
                WIDTHS.map(|width| (format!("{name}.{}.{}", kind.name(), width.columns()), layout.text(width))),
            );
        }
    }
    for day in days() {
        let layout = day.layout();
        papers.extend(WIDTHS.map(|width| (format!("{}.day.{}", day.name, width.columns()), layout.text(width))));
    }
    papers
}

fn path_of(paper: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).join(format!("{paper}.txt"))
}

fn is_blessed() -> bool {
    std::env::var_os("TALON_BLESS").is_some_and(|value| value == "1")
}

/// Compares a file with what it should hold, or writes it where a person asked for that.
pub(crate) fn hold(path: &PathBuf, expected: &str) {
    if is_blessed() {
        std::fs::write(path, expected).expect("a file that can be written");
    }
    let held = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(held, expected, "{} differs; TALON_BLESS=1 writes it anew", path.display());
}

#[test]
fn papers_are_what_they_were() {
    for (name, text) in papers() {
        hold(&path_of(&name), &text);
    }
}

#[test]
fn every_golden_file_is_a_paper_of_some_situation() {
    let names: BTreeSet<_> = papers().into_iter().map(|(name, _)| path_of(&name)).collect();
    let folder = std::fs::read_dir(path_of("x").parent().expect("a folder")).expect("golden files");
    let files: BTreeSet<_> = folder.map(|entry| entry.expect("a file").path()).collect();
    assert_eq!(files.difference(&names).collect::<Vec<_>>(), Vec::<&PathBuf>::new());
}
