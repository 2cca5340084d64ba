//! Papers that agree with themselves: links lead somewhere, the glossary defines a term once, decision records are
//! numbered without holes and say context, decision and consequences.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Finding;
use crate::checkout::{TextFile, ends};

const GLOSSARY: &str = "docs/glossary.md";
const DECISIONS: &str = "docs/decisions/";
const PARTS: &[&str] = &["\n## Context\n", "\n## Decision\n", "\n## Consequences\n"];

/// Everything about papers.
pub(super) fn check(paths: &[String], texts: &[TextFile]) -> Vec<Finding> {
    let places = places(paths);
    let papers: Vec<&TextFile> = texts.iter().filter(|file| ends(&file.path, ".md")).collect();
    let mut found: Vec<Finding> = papers.iter().flat_map(|paper| dead_links(paper, &places)).collect();
    found.extend(papers.iter().filter(|paper| paper.path == GLOSSARY).flat_map(|paper| glossary(paper)));
    found.extend(decisions(papers.iter().copied().filter(|paper| paper.path.starts_with(DECISIONS))));
    found
}

/// All files, and all folders that hold one.
fn places(paths: &[String]) -> BTreeSet<&str> {
    let folders = paths.iter().flat_map(|path| path.match_indices('/').filter_map(|(at, _)| path.get(..at)));
    folders.chain(paths.iter().map(String::as_str)).collect()
}

fn dead_links(paper: &TextFile, places: &BTreeSet<&str>) -> Vec<Finding> {
    let folder = paper.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let links = (1..).zip(paper.text.lines()).flat_map(|(line, text)| links(text).map(move |link| (line, link)));
    let dead = links.filter(|(_, link)| !places.contains(resolve(folder, link).as_str()));
    dead.map(|(line, link)| Finding::at(&paper.path, line, format!("the link to `{link}` leads nowhere"))).collect()
}

/// Targets of a line's links to files of this repository, without what follows `#`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let local = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    local.filter_map(|target| target.split('#').next()).filter(|path| !path.is_empty())
}

fn resolve(folder: &str, link: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Rows of its tables have four cells, and no term is defined twice.
fn glossary(paper: &TextFile) -> Vec<Finding> {
    let mut first_seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (line, cells) in rows(&paper.text) {
        if cells.len() != 4 || cells.iter().any(|cell| cell.is_empty()) {
            found.push(Finding::at(&paper.path, line, "a row has four cells, with `-` for none"));
        }
        for term in cells.first().into_iter().flat_map(|cell| cell.split(", ")) {
            if let Some(first) = first_seen.insert(term.to_lowercase(), line) {
                found.push(Finding::at(&paper.path, line, format!("`{term}` is defined on line {first} already")));
            }
        }
    }
    found
}

/// Cells of each table's rows, heads and rules left out.
fn rows(text: &str) -> Vec<(usize, Vec<&str>)> {
    let is_rule = |line: &str| line.starts_with("|-") || line.starts_with("| -");
    let lines: Vec<&str> = text.lines().collect();
    let heads: BTreeSet<usize> =
        (1..).zip(lines.iter().skip(1)).filter(|(_, line)| is_rule(line)).map(|(at, _)| at).collect();
    let numbered = (1..).zip(lines).filter(|(at, line)| line.starts_with('|') && !is_rule(line) && !heads.contains(at));
    numbered.map(|(at, line)| (at, line.trim_matches('|').split('|').map(str::trim).collect())).collect()
}

/// Numbers run from 0000, the template, without a hole, and every record has its parts.
fn decisions<'a>(papers: impl Iterator<Item = &'a TextFile>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (expected, paper) in (0..).zip(papers) {
        let number = format!("{expected:04}");
        let name = paper.path.strip_prefix(DECISIONS).unwrap_or_default();
        if !name.starts_with(&format!("{number}-")) {
            found.push(Finding::in_file(&paper.path, format!("this should be record {number}: numbers have no hole")));
        }
        if !paper.text.starts_with(&format!("# {number}: ")) {
            found.push(Finding::in_file(&paper.path, format!("the title should begin with `# {number}: `")));
        }
        let missing = PARTS.iter().filter(|part| !paper.text.contains(*part));
        found.extend(missing.map(|part| Finding::in_file(&paper.path, format!("`{}` is missing", part.trim()))));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(path: &str, text: &str) -> TextFile {
        TextFile { path: path.to_owned(), text: text.to_owned() }
    }

    fn found(path: &str, text: &str) -> Vec<String> {
        let paths = ["README.md", "docs/format.md", "docs/decisions/0001-a.md"].map(str::to_owned);
        check(&paths, &[paper(path, text)]).iter().map(|finding| finding.shown().1.to_owned()).collect()
    }

    #[test]
    fn a_link_leads_somewhere() {
        let good = "[a](format.md) [b](../README.md#start) [c](decisions/) [d](#here) [e](https://example.org/x)\n";
        assert!(found("docs/a.md", good).is_empty());
        assert_eq!(found("docs/a.md", "[a](README.md)\n"), ["the link to `README.md` leads nowhere"]);
    }

    #[test]
    fn a_term_is_defined_once() {
        let head = "| term | meaning | French | not |\n|---|---|---|---|\n";
        assert!(found(GLOSSARY, &format!("{head}| fact | a | fait | - |\n| plan | b | - | - |\n")).is_empty());
        let twice = format!("{head}| fact, event | a | fait | - |\n\n{head}| Event | b | - | - |\n");
        assert_eq!(found(GLOSSARY, &twice), ["`Event` is defined on line 3 already"]);
        assert_eq!(found(GLOSSARY, &format!("{head}| fact | a | |\n")), ["a row has four cells, with `-` for none"]);
    }

    #[test]
    fn records_are_numbered_and_complete() {
        let text = "# 0000: a\n\n## Context\n\nx\n\n## Decision\n\nx\n\n## Consequences\n\nx\n";
        assert!(found("docs/decisions/0000-a.md", text).is_empty());
        assert_eq!(found("docs/decisions/0002-a.md", text).len(), 1);
        assert_eq!(found("docs/decisions/0000-a.md", "# 0000: a\n\n## Context\n\n## Decision\n").len(), 1);
    }
}
