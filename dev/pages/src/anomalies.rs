//! The made parts of `docs/anomalies.md`: every code, by hundreds, with a table that shows it.
//!
//! A code that no table reaches is a rule that nobody has seen broken: the page cannot be made then.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use talon_domain::anomaly::{Code, Language, Persistence, Severity};

/// Where tables lie that a test runs cell by cell.
const FOLDERS: [&str; 2] = ["domain/tests/tables", "projections/tests/tables"];
/// The column in which numbers stand for rules.
const BY_NUMBER: &str = "findings";

/// The first table that shows a code.
struct Seen {
    path: String,
    title: String,
}

/// Every made part, by the name of its mark: 100, 200...
pub(crate) fn parts(root: &Path) -> Result<BTreeMap<&'static str, String>> {
    let seen = seen(root)?;
    let mut parts: BTreeMap<&'static str, String> = BTreeMap::new();
    for code in Code::ALL {
        let seen = seen.get(code).with_context(|| format!("no table reaches {} {code}", code.number()))?;
        let part = parts.entry(hundred(*code)?).or_default();
        if !part.is_empty() {
            part.push('\n');
        }
        part.push_str(&section(*code, seen));
    }
    Ok(parts)
}

fn hundred(code: Code) -> Result<&'static str> {
    Ok(match code.number() / 100 {
        1 => "100",
        2 => "200",
        3 => "300",
        4 => "400",
        5 => "500",
        6 => "600",
        7 => "700",
        8 => "800",
        9 => "900",
        _ => bail!("{} is of no hundred that the page knows", code.number()),
    })
}

fn section(code: Code, Seen { path, title }: &Seen) -> String {
    let (french, english) = (code.sentence(Language::French), code.sentence(Language::English));
    let severity = match code.severity() {
        Severity::Notice => "Notice",
        Severity::Warning => "Warning",
        Severity::Error => "Error",
    };
    let persistence = match code.persistence() {
        Persistence::Transient => "transient",
        Persistence::Permanent => "permanent",
    };
    format!(
        "### {}. `{code}`\n\n\
         {english}\n\n*{french}*\n\n\
         {severity}, {persistence}.\n\n\
         - **What clears it**: {}.\n\
         - **What to do**: {}.\n\
         - **Shown in**: [{title}](../{path})\n",
        code.number(),
        code.clears(),
        code.advice(),
    )
}

/// The first table of each code, in the order of files.
fn seen(root: &Path) -> Result<BTreeMap<Code, Seen>> {
    let mut seen = BTreeMap::new();
    for folder in FOLDERS {
        let mut names = Vec::new();
        for entry in fs::read_dir(root.join(folder)).with_context(|| format!("{folder} cannot be listed"))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        for name in names {
            let path = format!("{folder}/{name}");
            let text = fs::read_to_string(root.join(&path)).with_context(|| path.clone())?;
            for table in text.split("\n== ").skip(1) {
                let title = table.lines().next().unwrap_or_default();
                for code in codes(table) {
                    seen.entry(code).or_insert_with(|| Seen { path: path.clone(), title: title.to_owned() });
                }
            }
        }
    }
    Ok(seen)
}

/// The codes that a table's cells expect. Facts, titles and remarks expect nothing.
fn codes(table: &str) -> Vec<Code> {
    let mut rows = table.lines().skip(1).filter(|line| !line.trim_start().starts_with('#'));
    let columns: Vec<&str> = rows.next().unwrap_or_default().split('|').map(str::trim).collect();
    let mut found = Vec::new();
    for row in rows {
        for (column, cell) in columns.iter().zip(row.split('|')).skip(1) {
            let words: Vec<&str> = cell.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
            let is_named = |code: &Code| words.contains(&code.name());
            let is_numbered = |code: &Code| *column == BY_NUMBER && words.contains(&&*code.number().to_string());
            found.extend(Code::ALL.iter().copied().filter(|code| is_named(code) || is_numbered(code)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
    }

    #[test]
    fn every_code_is_reached_by_a_table() {
        let seen = seen(root()).expect("the tables");
        let unseen: Vec<_> = Code::ALL.iter().filter(|code| !seen.contains_key(code)).collect();
        assert!(unseen.is_empty(), "{unseen:?}");
    }

    #[test]
    fn only_what_a_cell_expects_is_reached() {
        let table = "clock_should_be_right\narrives | anomaly | findings | last\n# currency_must_agree | x\n\
                     due_dates_must_increase | witnesses_must_agree (transient) | 905, 906 | 301\n";
        let expected = [Code::WitnessesMustAgree, Code::TerminalSequenceMustBeGapless, Code::TerminalTotalsMustAgree];
        assert_eq!(codes(table), expected);
    }

    #[test]
    fn every_code_is_on_the_page_with_all_that_it_says() {
        let page = parts(root()).expect("the parts").into_values().collect::<String>();
        for code in Code::ALL {
            for said in [
                code.name(),
                code.sentence(Language::French),
                code.sentence(Language::English),
                code.clears(),
                code.advice(),
            ] {
                assert!(page.contains(said), "{code}: {said}");
            }
        }
    }
}
