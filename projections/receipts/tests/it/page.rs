//! `docs/tickets.md` shows golden papers side by side: each block names its papers, and is remade from them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use talon_receipts::CreditWarning;

use crate::golden::{hold, papers};

const OPEN: &str = "<!-- papers: ";
const WARNINGS: &str = "<!-- warnings -->\n";
const GAP: &str = "      ";

/// Papers side by side, each in a frame as wide as its paper.
fn side_by_side(all: &BTreeMap<String, String>, names: &[&str]) -> String {
    let framed = |name: &&str| framed(name, all.get(*name).unwrap_or_else(|| panic!("no golden paper {name}")));
    let papers: Vec<Vec<String>> = names.iter().map(framed).collect();
    let height = papers.iter().map(Vec::len).max().unwrap_or(0);
    let blank = |paper: &[String]| " ".repeat(paper[0].chars().count());
    let row = |at: usize| {
        let cells = papers.iter().map(|paper| paper.get(at).cloned().unwrap_or_else(|| blank(paper)));
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned() + "\n"
    };
    (0..height).map(row).collect()
}

fn framed(name: &str, text: &str) -> Vec<String> {
    let columns: usize = name.rsplit('.').next().and_then(|columns| columns.parse().ok()).expect("name.kind.columns");
    let edge = format!("+{}+", "-".repeat(columns + 2));
    let row = |row: &str| format!("| {row}{} |", " ".repeat(columns - row.chars().count()));
    [edge.clone()].into_iter().chain(text.lines().map(row)).chain([edge]).collect()
}

/// The page with every block remade.
fn remade(page: &str) -> String {
    let all: BTreeMap<_, _> = papers().into_iter().collect();
    let mut parts = page.split(OPEN);
    let mut remade = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (names, rest) = part.split_once(" -->\n").expect("a block's names");
        let after = rest.splitn(3, "```").nth(2).expect("a block behind its names");
        let names: Vec<_> = names.split(' ').collect();
        let block = side_by_side(&all, &names);
        remade.extend([OPEN, &names.join(" "), " -->\n```text\n", &block, "```", after]);
    }
    remade
}

/// The page with the table of the law's warnings remade.
fn with_warnings(page: &str) -> String {
    let row = |warning: &CreditWarning| {
        let since = warning.since.map_or_else(|| "-".to_owned(), |day| day.to_string());
        format!("| {} | {since} | {} |\n", warning.version, warning.words)
    };
    let rows: String = CreditWarning::ALL.iter().map(row).collect();
    let (before, rest) = page.split_once(WARNINGS).expect("a place for the warnings");
    let (_, after) = rest.split_once("\n\n").expect("an end of the table");
    format!("{before}{WARNINGS}| version | contracts since | words |\n| --- | --- | --- |\n{rows}\n{after}")
}

#[test]
fn the_page_shows_the_golden_papers() {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/tickets.md"));
    let page = std::fs::read_to_string(&path).expect("the page");
    assert!(page.matches(OPEN).count() >= 10, "the page shows papers");
    hold(&path, &with_warnings(&remade(&page)));
}
